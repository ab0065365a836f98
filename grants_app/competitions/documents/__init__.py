"""What competitions say on paper and in calendars."""

from __future__ import annotations

from grants_app.competitions.documents.announcement import announcement, list_document, note_sentence
from grants_app.competitions.documents.ics import calendar_text
from grants_app.competitions.documents.wordings import panel_sentences, ranking_sentences, tie_sentences, until_words

__all__ = [
    "announcement",
    "calendar_text",
    "list_document",
    "note_sentence",
    "panel_sentences",
    "ranking_sentences",
    "tie_sentences",
    "until_words",
]
