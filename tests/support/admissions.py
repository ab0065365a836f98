"""A call in which the commission decides on admission, with applications checked by the secretary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications import rules
from grants_app.applications import services as applying
from grants_app.applications.models import Application
from grants_app.awards import services
from grants_app.awards.models import AgendaItem, Meeting
from grants_app.awards.queries.voting import voters
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.database import db, unit_of_work
from tests.support.applications import checked_application, close, submitted_application
from tests.support.calls import Call


def left_to_the_commission(call: Call) -> None:
    """The call says that the commission decides; a test may say so after the announcement."""
    with unit_of_work():
        db.session.execute(
            sa.update(Competition).where(Competition.id == call.competition.id).values(admission_by="commission")
        )
    db.session.expire_all()


def checking(call: Call, count: int, heads: Sequence[User] = ()) -> list[Application]:
    """Submitted applications of a competition whose formal check runs, in the order of the register."""
    made = [submitted_application(call.competition, heads[n] if n < len(heads) else None) for n in range(count)]
    close(call.competition)
    with unit_of_work():
        applying.start_formal_check(call.competition, call.secretary)
    return sorted(made, key=lambda one: one.register_number or 0)


def met(call: Call, application: Application) -> None:
    """Every requirement is met."""
    checked_application(call.competition, application, call.secretary)


def proposed(call: Call, application: Application, *, refusal: tuple[str, str] | None = None) -> None:
    """Admission is proposed, or refusal with reason and clause."""
    met(call, application)
    with unit_of_work():
        if refusal is None:
            applying.propose_admission(application, by=call.secretary)
        else:
            applying.propose_refusal(application, *refusal, by=call.secretary)


def sitting(call: Call) -> Meeting:
    """An open meeting of everybody with the proposals on its agenda."""
    with unit_of_work():
        meeting = services.plan_meeting(
            call.competition,
            kind="room",
            scheduled_at=clock.now() + timedelta(days=5),
            place="Зала 1",
            by=call.secretary,
        )
        here = [call.chair, *call.members, call.secretary]
        services.mark_attendance(meeting, {person.id: "room" for person in here}, by=call.secretary)
        services.put_admission_on_agenda(meeting, by=call.secretary)
    with unit_of_work():
        services.open_meeting(meeting, by=call.chair)
    return meeting


def voted(call: Call, item: AgendaItem, choices: Mapping[int, str] | str = "for") -> None:
    """Open the vote, let everybody who may vote, close it."""
    with unit_of_work():
        services.open_vote(item, by=call.chair)
    people = {person.id: person for person in (call.chair, *call.members)}
    for user_id in [seat.user_id for seat in voters(item)]:
        with unit_of_work():
            services.cast_vote(item, choices if isinstance(choices, str) else choices[user_id], by=people[user_id])
    with unit_of_work():
        services.close_vote(item, by=call.chair)


def signed(call: Call, meeting: Meeting) -> None:
    """Close the meeting; the chair signs."""
    with unit_of_work():
        services.close_meeting(meeting, by=call.chair)
    with unit_of_work():
        services.sign_minutes(meeting, by=call.chair)


REFUSAL = ("Організація молодша, ніж вимагають правила", "п. 10 Порядку")
REQUIREMENTS = [one.code for one in rules.STANDARD.requirements]
