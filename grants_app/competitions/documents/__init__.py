"""What competitions say on paper and in calendars."""

from __future__ import annotations

from grants_app.competitions.documents.annex import questions_document
from grants_app.competitions.documents.announcement import announcement, list_document
from grants_app.competitions.documents.changes import amendment_heading, change_rows, note_sentence
from grants_app.competitions.documents.example import example_legend, example_sentences, example_sheet
from grants_app.competitions.documents.ics import calendar_text
from grants_app.competitions.documents.wordings import panel_sentences, ranking_sentences, tie_sentences, until_words

__all__ = [
    "amendment_heading",
    "announcement",
    "calendar_text",
    "change_rows",
    "example_legend",
    "example_sentences",
    "example_sheet",
    "list_document",
    "note_sentence",
    "panel_sentences",
    "questions_document",
    "ranking_sentences",
    "tie_sentences",
    "until_words",
]
