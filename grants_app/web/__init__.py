"""What every page shares and what knows no stage."""
