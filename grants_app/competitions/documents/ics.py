"""The calendar of a competition for people's own calendars (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, timedelta

from flask_babel import gettext

from grants_app.competitions.documents.terms import calendar_dates, correction_sentence
from grants_app.competitions.models import Competition

LONGEST_LINE = 75
# Dates in whose note the term of corrections stands: its own day depends on the day of a letter.
_BEFORE_CHECK = frozenset({"deadline", "scoring"})


def calendar_text(competition: Competition, *, url: str) -> str:
    """Whole days for dates, an instant for the end of the intake."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//grants-app//competitions//EN", "CALSCALE:GREGORIAN"]
    for one in calendar_dates(competition):
        if one.day is not None and one.name != "deadline":
            lines += [
                *_event(competition, one.name, one.what, url),
                f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}",
                f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}",
                "END:VEVENT",
            ]
    if competition.intake_until is not None:
        end = competition.intake_until.astimezone(UTC)
        lines += [
            *_event(competition, "deadline", gettext("Intake of applications ends"), url),
            f"DTSTART:{end - timedelta(hours=1):%Y%m%dT%H%M%SZ}",
            f"DTEND:{end:%Y%m%dT%H%M%SZ}",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(competition: Competition, name: str, summary: str, url: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{competition.code}-{name}@grants-app",
        f"DTSTAMP:{competition.created_at:%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{_escaped(f'{summary}: {competition.title}')}",
        *([f"DESCRIPTION:{_escaped(correction_sentence(competition))}"] if name in _BEFORE_CHECK else []),
        f"URL:{url}",
    ]


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """Lines of at most 75 octets; no letter is cut in two."""
    parts, current = [], ""
    for sign in line:
        if len((current + sign).encode()) > LONGEST_LINE:
            parts.append(current)
            current = " "
        current += sign
    return [*parts, current]
