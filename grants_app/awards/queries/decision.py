"""Whether the votes cover what would be signed, and what is missing before signature and publication."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from grants_app.applications.models import Application
from grants_app.awards.models import AgendaItem, Award, Meeting, Minutes
from grants_app.competitions.models import Competition
from grants_app.database import db
from grants_app.lifecycle import ItemState, MeetingState


@dataclass(frozen=True)
class Guard:
    """A condition with its sentence (English msgid), the codes it is about, and whether it holds."""

    message: str
    is_met: bool
    codes: tuple[str, ...] = ()


def decision_guards(competition: Competition, out: frozenset[int] = frozenset()) -> list[Guard]:
    """What the chair's signature under the decision needs, in the order of work.

    Applications of `out` are considered without the reader: their codes are left away.
    """
    hidden = set(db.session.scalars(sa.select(Application.code).filter(Application.id.in_(out)))) if out else set()
    uncovered = uncovered_codes(competition)
    unsigned = unsigned_meetings(competition)
    ties = undecided_ties(competition)
    return [
        Guard("Equal places at the money line are decided by a vote or a draw", not ties, _shown(ties, hidden)),
        Guard("Every sum was adopted by a vote as it now stands", not uncovered, _shown(uncovered, hidden)),
        Guard("Minutes of all meetings are signed by the chair and the secretary", not unsigned, tuple(unsigned)),
    ]


def uncovered_codes(competition: Competition) -> list[str]:
    """Applications whose present sum no vote has adopted.

    The last closed vote about an application counts: an adopted one must name the sum as it stands, one that was not
    adopted leaves no money. What was never voted must stay without money and without a departure.
    """
    voted = last_votes(competition)
    query = (
        sa.select(Application.code, Award.proposed_kop, Award.departure)
        .join(Application, Application.id == Award.application_id)
        .filter(Award.competition_id == competition.id, sa.or_(Award.proposed_kop > 0, Award.departure.is_not(None)))
        .order_by(Award.position)
    )
    return [row.code for row in db.session.execute(query) if voted.get(row.code) != row.proposed_kop]


def last_votes(competition: Competition) -> dict[str, int]:
    """The sum that the last closed vote on each application leaves it with (0 where it was not adopted)."""
    query = (
        sa.select(AgendaItem.subject, AgendaItem.state)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .filter(Meeting.competition_id == competition.id, AgendaItem.closed_at.is_not(None))
        .order_by(AgendaItem.closed_at, AgendaItem.id)
    )
    found: dict[str, int] = {}
    for subject, state in db.session.execute(query):
        for code, kop in subject.items():
            found[code] = kop if state is ItemState.ADOPTED else 0
    return found


def unsigned_meetings(competition: Competition) -> list[str]:
    """Meetings that were opened and whose minutes lack a signature."""
    query = (
        sa.select(Meeting.code)
        .outerjoin(Minutes, Minutes.meeting_id == Meeting.id)
        .filter(
            Meeting.competition_id == competition.id,
            Meeting.state != MeetingState.PLANNED,
            Minutes.secretary_signed_at.is_(None),
        )
        .order_by(Meeting.number)
    )
    return list(db.session.scalars(query))


def undecided_ties(competition: Competition) -> list[str]:
    """Applications whose equal places straddle the money of a lot about which nothing was decided."""
    query = (
        sa.select(Application.code, Award.lot_id, Award.departure)
        .join(Award, Award.application_id == Application.id)
        .filter(Award.competition_id == competition.id, Award.outcome == "tie_at_cut")
        .order_by(Award.position)
    )
    rows = db.session.execute(query).all()
    settled = {row.lot_id for row in rows if row.departure is not None}
    return [row.code for row in rows if row.lot_id not in settled]


def _shown(codes: list[str], hidden: set[str | None]) -> tuple[str, ...]:
    return tuple(code for code in codes if code not in hidden)
