"""What the stage reads: the ranked list, meetings, decisions, what is public."""
