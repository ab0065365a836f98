"""Reading across all stages: competitions, money and the partnership plan."""
