"""What the fourth stage decides by, without the database: quorum and majority, words, letters, text of the minutes."""
