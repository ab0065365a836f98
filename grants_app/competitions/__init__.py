"""Stage 1, announce: competitions, lots, priorities, criteria, calendar, commission and the frozen rules."""
