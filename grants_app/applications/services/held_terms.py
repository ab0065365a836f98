"""A letter of return that was held leaves on a later day: its term begins with that day, not with the step."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa

from grants_app.applications.models import Application, Correction
from grants_app.applications.queries import correction_of, days_off
from grants_app.applications.queries.letters import return_facts
from grants_app.applications.rules.letters import LETTERS
from grants_app.applications.services.formal_check import CALENDAR_FROM
from grants_app.applications.services.loading import lock_application
from grants_app.core import clock
from grants_app.database import db
from grants_app.journal.batches import before_leaving
from grants_app.journal.letters import compose, shown_facts
from grants_app.journal.models import Notice
from grants_app.journal.services import Actor, record
from grants_app.lifecycle import ApplicationState

LETTER = "application_returned"
LONGEST_TERM = 30


def renew(notice: Notice, by: Actor) -> None:
    """Count the term of the return from today and name it in the letter; nothing on the day of the step itself.

    What was answered, undone or proposed to the commission meanwhile stays as it is.
    """
    application = db.session.scalar(sa.select(Application).filter_by(code=notice.thing_code))
    if application is None:
        return
    application = lock_application(application)
    correction = correction_of(application)
    if correction is None or correction.answered_at is not None or application.admission_proposal is not None:
        return
    if application.state is not ApplicationState.RETURNED:
        return
    _count_anew(application, correction, by)
    facts = {"code": application.code or "", "title": application.title}
    shown = shown_facts({**facts, **return_facts(correction.letter, correction.due_day)}, notice.lang)
    if (notice.facts or {}).get("due") != shown["due"]:
        notice.subject, notice.body = compose(LETTERS, LETTER, notice.lang, shown)
        notice.facts = shown


def _count_anew(application: Application, correction: Correction, by: Actor) -> None:
    off, today = days_off(), clock.today()
    begun = clock.kyiv(correction.sent_at).date()
    days = _days(begun, correction.due_day, off)
    if begun >= today or days is None:
        return
    correction.sent_at, correction.due_day = clock.now(), _end(today, days, off)
    correction.due_at = clock.end_of_day(correction.due_day)
    record(
        thing="application",
        code=application.journal_code,
        scope=application.competition.code,
        step="renew_term",
        by=by,
        facts={"due_day": correction.due_day.isoformat()},
    )


def _days(begun: date, end: date, off: Collection[date]) -> int | None:
    """How long a term was given; none where days off have moved its end to what no term gives."""
    return next((days for days in range(1, LONGEST_TERM + 1) if _end(begun, days, off) == end), None)


def _end(begun: date, days: int, off: Collection[date]) -> date:
    return clock.add_term(begun, days, working=days < CALENDAR_FROM, days_off=off)


def init_held_terms() -> None:
    """Let the lists of letters know."""
    before_leaving(LETTER, renew)
