"""Stage 7, account for: what was applied, decided, paid and reached, and the partnership plan beside it."""
