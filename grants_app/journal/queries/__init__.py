"""The journal, the outbox and the job list as rows, and the chain recomputed."""

from __future__ import annotations

from grants_app.journal.queries.batches import BatchLetter, BatchRow, batch, batch_letters, batch_row, batch_rows
from grants_app.journal.queries.chain import CHECKED_ON_PAGE, ChainCheck, ChainFault, verify_chain
from grants_app.journal.queries.entries import JournalFilter, JournalRow, journal_choices, journal_rows
from grants_app.journal.queries.jobs import JobRow, job_row, job_rows
from grants_app.journal.queries.letters import (
    LETTER_STATES,
    LetterRow,
    letter,
    letter_counts,
    letter_row,
    letter_rows,
)
from grants_app.journal.queries.returned import undelivered, undelivered_count, undelivered_rows
from grants_app.journal.queries.seal import seal_by, withhold_by
from grants_app.journal.queries.sending import TRIES
from grants_app.journal.queries.words import describe, offer_people, people_names, step_label, thing_label

__all__ = [
    "CHECKED_ON_PAGE",
    "LETTER_STATES",
    "TRIES",
    "BatchLetter",
    "BatchRow",
    "ChainCheck",
    "ChainFault",
    "JobRow",
    "JournalFilter",
    "JournalRow",
    "LetterRow",
    "batch",
    "batch_letters",
    "batch_row",
    "batch_rows",
    "describe",
    "job_row",
    "job_rows",
    "journal_choices",
    "journal_rows",
    "letter",
    "letter_counts",
    "letter_row",
    "letter_rows",
    "offer_people",
    "people_names",
    "seal_by",
    "step_label",
    "thing_label",
    "undelivered",
    "undelivered_count",
    "undelivered_rows",
    "verify_chain",
    "withhold_by",
]
