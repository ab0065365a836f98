"""Stage 3, review: experts, declarations, assignment, review sheets and progress."""
