"""Days that a calendar should leave between its dates: warnings with their source, not bars.

The law bars little of this; what a city has not left time for is what later makes its procedure late.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from grants_app.competitions.rules.terms import CONTRACT_DAYS, DEFECT_NOTICE_DAYS, REPORT_DAYS
from grants_app.core import clock

SCORING_DAYS = 14
MEETING_NOTICE_DAYS = 5
CORRECTION_DAYS_MIN = 2
# The budget year of the treasury: what is reported later is reported too late.
LAST_REPORT = (12, 20)


@dataclass(frozen=True)
class DayWarning:
    """What the calendar leaves too little time for: msgid, msgid of the source, facts."""

    message: str
    source: str
    facts: dict[str, object] = field(default_factory=dict)


def day_warnings(
    *,
    intake_last: date | None,
    scoring_last: date | None,
    results_by: date | None,
    project_from: date | None,
    project_until: date | None,
    correction_days: int,
    days_off: Collection[date] = (),
) -> Iterator[DayWarning]:
    """Warnings of a calendar, in the order of its dates; what is not set yet warns of nothing.

    Short terms run in working days, and the city's own days off (`days_off`) are none.
    """

    def later(start: date, days: int) -> date:
        return clock.add_term(start, days, working=True, days_off=days_off)

    if correction_days < CORRECTION_DAYS_MIN:
        yield DayWarning(
            "Fewer than %(least)s working days to correct defects",
            "Law 2073-IX, Art. 33; practice of funds",
            {"least": CORRECTION_DAYS_MIN},
        )
    if intake_last and scoring_last:
        corrected = later(later(intake_last, DEFECT_NOTICE_DAYS), correction_days)
        least = (corrected + timedelta(SCORING_DAYS) - intake_last).days
        days = (scoring_last - intake_last).days
        if days < least:
            yield DayWarning(
                "%(days)s days from the intake to the end of scoring: check, corrections and scoring take %(least)s",
                "Law 2073-IX, Art. 33; practice of funds",
                {"days": days, "least": least},
            )
    if scoring_last and results_by and results_by < later(scoring_last, MEETING_NOTICE_DAYS):
        yield DayWarning(
            "The commission is called %(least)s working days ahead: the results come sooner after scoring than that",
            "Regulation of the commission",
            {"least": MEETING_NOTICE_DAYS},
        )
    if results_by and project_from and (project_from - results_by).days < CONTRACT_DAYS:
        yield DayWarning(
            "Contracts take up to %(least)s days: projects may not begin in time",
            "Practice of city competitions",
            {"least": CONTRACT_DAYS},
        )
    if project_until and (date(project_until.year, *LAST_REPORT) - project_until).days < REPORT_DAYS:
        yield DayWarning(
            "The final report is due %(days)s days after the project, and never after 20 December",
            "Budget Code, Art. 57; practice of city competitions",
            {"days": REPORT_DAYS},
        )
