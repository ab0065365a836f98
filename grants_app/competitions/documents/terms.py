"""The terms of a call in words: its dates, and the limits of days with how those days are counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext, ngettext

from grants_app.competitions.documents.wordings import until_words
from grants_app.competitions.models import Competition
from grants_app.competitions.rules.asking import ANSWER_DAYS
from grants_app.competitions.rules.terms import (
    ACCEPT_DAYS,
    COMPLAINT_DAYS,
    CONTRACT_DAYS,
    DEFECT_NOTICE_DAYS,
    REPORT_DAYS,
    RETURN_DAYS,
    is_working,
)
from grants_app.core import clock
from grants_app.web.formatting import day_long


@dataclass(frozen=True)
class CalendarDate:
    """A date of the call: what happens and when, `day` for ordering and marking what is over."""

    what: str
    when: str
    day: date | None
    name: str


@dataclass(frozen=True)
class Term:
    """A limit of days: what it is for, from what it is counted, how long."""

    what: str
    since: str
    days: str


def calendar_dates(competition: Competition) -> list[CalendarDate]:
    """Every date of the call in the order of the procedure; dates not set yet are left out."""
    first = competition.intake_from and clock.kyiv(competition.intake_from).date()
    last = competition.intake_until and clock.last_day(competition.intake_until)
    scored = competition.scoring_until and clock.last_day(competition.scoring_until)
    until = until_words(competition.intake_until) if competition.intake_until else ""
    dates = (
        ("announced", gettext("Announced"), competition.announced_at and clock.kyiv(competition.announced_at).date()),
        ("intake", gettext("Intake of applications begins"), first),
        ("questions", gettext("Last day to ask questions"), last),
        ("deadline", gettext("Intake of applications ends"), last),
        ("scoring", gettext("Last day of scoring"), scored),
        ("results", gettext("Results are published by this day"), competition.results_by),
        ("projects-begin", gettext("Projects begin no earlier than"), competition.project_from),
        ("projects", gettext("Projects end"), competition.project_until),
    )
    return [
        CalendarDate(what, until if name in {"deadline", "questions"} and until else day_long(day), day, name)
        for name, what, day in dates
        if day
    ]


def terms(competition: Competition) -> list[Term]:
    """Limits of days of the procedure, each with how its days are counted."""
    return [
        Term(gettext("Answer to a question about the competition"), gettext("the question"), days(ANSWER_DAYS)),
        Term(
            gettext("Letter about defects of an application"),
            gettext("the beginning of the formal check"),
            days(DEFECT_NOTICE_DAYS),
        ),
        Term(
            gettext("Correction of defects, once, of the named answers alone"),
            gettext("the letter about the defects"),
            days(competition.correction_days, working=True),
        ),
        Term(
            gettext("Accepting or declining the grant"),
            gettext("the publication of the results"),
            days(ACCEPT_DAYS, working=True),
        ),
        Term(
            gettext("Complaint against a decision"),
            gettext("the publication of the results"),
            days(COMPLAINT_DAYS),
        ),
        Term(gettext("Answer to a complaint"), gettext("its registration"), days(COMPLAINT_DAYS)),
        Term(gettext("Signing the contract"), gettext("accepting the grant"), days(CONTRACT_DAYS)),
        Term(gettext("Final report"), gettext("the end of the project"), days(REPORT_DAYS)),
        Term(gettext("Return of unused money"), gettext("the report"), days(RETURN_DAYS)),
    ]


def days(count: int, *, working: bool | None = None) -> str:
    """«5 робочих днів» or «30 календарних днів»: up to ten days run in working days, longer in calendar days."""
    if is_working(count) if working is None else working:
        return ngettext("%(num)d working day", "%(num)d working days", count)
    return ngettext("%(num)d calendar day", "%(num)d calendar days", count)


def counting_sentences() -> list[str]:
    """How days are counted, for people who count them."""
    return [
        gettext("A term begins on the day after the event."),
        gettext("Terms of up to ten days run in working days, longer ones in calendar days."),
        gettext("A term that ends on Saturday, on Sunday or on a day off of the city ends on the next working day."),
        gettext("Everything done until midnight of the last day, Kyiv time, is in time."),
    ]


def correction_sentence(competition: Competition) -> str:
    """The correction term as text for calendars: its day depends on the day of the letter."""
    return gettext(
        "If the check finds defects, you get a letter and %(days)s to correct the named answers",
        days=days(competition.correction_days, working=True),
    )
