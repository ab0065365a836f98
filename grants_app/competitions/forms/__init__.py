"""Forms of the competition pages: shape, units and bounds; the rules are asked in the services."""

from __future__ import annotations

from grants_app.competitions.forms.plain import (
    AmendedTextsForm,
    AmendmentForm,
    AnnounceForm,
    CancelForm,
    DayOffForm,
    NewForm,
    ProlongForm,
)
from grants_app.competitions.forms.themes import answers, put_on_row, save, settings_form

__all__ = [
    "AmendedTextsForm",
    "AmendmentForm",
    "AnnounceForm",
    "CancelForm",
    "DayOffForm",
    "NewForm",
    "ProlongForm",
    "answers",
    "put_on_row",
    "save",
    "settings_form",
]
