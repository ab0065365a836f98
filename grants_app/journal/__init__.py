"""What happened and whom to tell: hash-chained entries, notices (outbox) and jobs."""
