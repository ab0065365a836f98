"""Stage 2, apply: drafts, the project budget, attachments, submission, register, formal check and corrections."""
