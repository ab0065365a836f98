"""The journal, the outbox, jobs."""
