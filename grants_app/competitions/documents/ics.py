"""The calendar of a competition for people's own calendars (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from flask_babel import gettext

from grants_app.competitions.models import Competition
from grants_app.core import clock

LONGEST_LINE = 75


def calendar_text(competition: Competition, *, url: str) -> str:
    """Whole days for dates, an instant for the end of the intake."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//grants-app//competitions//EN", "CALSCALE:GREGORIAN"]
    for name, summary, day in _days(competition):
        if day is not None:
            lines += [
                *_event(competition, name, summary, url),
                f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
                f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
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


def _days(competition: Competition) -> list[tuple[str, str, date | None]]:
    return [
        ("intake", gettext("Intake of applications begins"), _first(competition.intake_from)),
        ("scoring", gettext("Last day of scoring"), _last(competition.scoring_until)),
        ("results", gettext("Results are published by this day"), competition.results_by),
        ("projects", gettext("Projects end"), competition.project_until),
    ]


def _event(competition: Competition, name: str, summary: str, url: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{competition.code}-{name}@grants-app",
        f"DTSTAMP:{competition.created_at:%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{_escaped(f'{summary}: {competition.title}')}",
        f"URL:{url}",
    ]


def _first(moment: datetime | None) -> date | None:
    return None if moment is None else clock.kyiv(moment).date()


def _last(moment: datetime | None) -> date | None:
    return None if moment is None else clock.last_day(moment)


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
