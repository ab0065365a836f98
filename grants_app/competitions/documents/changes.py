"""What changed about a call after its announcement, in words: prolonged, cancelled, amended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext

from grants_app.competitions.documents.example import plain_sheet
from grants_app.competitions.documents.form_words import condition_words, listed
from grants_app.competitions.documents.wordings import until_words
from grants_app.competitions.models import Competition
from grants_app.competitions.queries.published import AmendmentRow
from grants_app.competitions.rules.form import Form
from grants_app.core import clock
from grants_app.web.columns import Sheet
from grants_app.web.formatting import count, day_long


def note_sentence(note: dict[str, str]) -> str:
    """A published change of the competition in one sentence, with its reason."""
    if note["step"] == "prolong":
        return gettext(
            "The intake is prolonged %(new)s (it was %(old)s). Reason: %(reason)s",
            new=until_words(datetime.fromisoformat(note["to"])),
            old=until_words(datetime.fromisoformat(note["from"])),
            reason=note["reason"],
        )
    if note["step"] == "cancel":
        return gettext("The competition is cancelled. Reason: %(reason)s", reason=note["reason"])
    if note["step"] == "amend":
        return gettext(
            "The call was amended on %(day)s. Reason: %(reason)s",
            day=day_long(clock.kyiv(datetime.fromisoformat(note["at"]))),
            reason=note["reason"],
        )
    return gettext("The intake is shorter than 30 days. Reason: %(reason)s", reason=note["reason"])


def amendment_heading(row: AmendmentRow) -> str:
    """«Зміна 1 від 5 березня 2027 року»."""
    return gettext("Amendment %(number)s of %(day)s", number=row.number - 1, day=day_long(clock.kyiv(row.at)))


def change_rows(row: AmendmentRow, competition: Competition) -> list[tuple[str, str, str]]:
    """Place, old and new words of each change of an amendment."""
    before, after = listed(row.before, competition), listed(row.form, competition)
    return [
        (
            " · ".join(gettext(str(part)) for part in (change["place"], change.get("what")) if part),
            _said(change["old"], before, _BETWEEN.get(change.get("what", ""), "; ")),
            _said(change["new"], after, _BETWEEN.get(change.get("what", ""), "; ")),
        )
        for change in row.changes
    ]


# What stands between the parts of a change that are one thing: “500 characters”, “1–30” rows.
_BETWEEN = {"Longest answer": " ", "Rows": "–"}


def _said(value: Any, form: Form, between: str) -> str:
    """Words of one side of a change: a text, a list of them, or a condition."""
    if isinstance(value, dict):
        return gettext("Asked only if %(condition)s", condition=condition_words(value["if"], form))
    parts = value if isinstance(value, list) else [value]
    return between.join(_part(str(part)) if part else "" for part in parts) or "–"


def _part(text: str) -> str:
    """A label, or a length as it is kept: “4000”, “≤ 4000”."""
    mark, _space, digits = text.rpartition(" ")
    is_length = digits.isascii() and digits.isdigit() and mark in {"", "≤"}
    return f"{mark} {count(int(digits))}".strip() if is_length else gettext(text)


def changes_sheet(row: AmendmentRow, competition: Competition) -> Sheet:
    """The changes of an amendment as a table."""
    headings = [gettext("Place"), gettext("Was"), gettext("Became")]
    return plain_sheet(headings, [list(each) for each in change_rows(row, competition)], widths=[2.0, 4.0, 4.0])
