"""What of this stage is open to whom: everything before publication belongs to the commission and its staff."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids
from grants_app.awards.models import AgendaItem, Award, Complaint, Meeting, Ranking, Recusal
from grants_app.competitions.models import CommissionSeat, Competition
from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.lifecycle import CompetitionState as C
from grants_app.permissions import Permission, Role
from grants_app.reviews.queries.conflicts import barring

PUBLIC_STATES = (C.PUBLISHED, C.COMPLETED)
_STAFF = frozenset({Role.SECRETARY, Role.ORGANIZER, Role.AUDITOR})
_LEADING = frozenset({"chair", "deputy", "secretary"})


def office_of(user: User, competition_id: int) -> str | None:
    """The person's seat in the commission of a competition."""
    return db.session.scalar(sa.select(CommissionSeat.office).filter_by(competition_id=competition_id, user_id=user.id))


def leads(user: User, competition_id: int) -> bool:
    """Whether the person's seat in this very commission is one that leads it, not that of a voting member."""
    return office_of(user, competition_id) in _LEADING


def is_staff(user: User) -> bool:
    """Whether the person works with every competition (secretary, organizer, auditor)."""
    return user.can(Permission.RANKING_READ) and bool(user.roles & _STAFF)


def desk_competition(user: User, code: str) -> Competition:
    """The competition for a page of the commission's desk.

    Raises NotFound where it does not exist, is not yet with the commission, or the person has no seat in it.
    """
    seat = sa.exists().where(CommissionSeat.competition_id == Competition.id, CommissionSeat.user_id == user.id)
    found = db.session.execute(sa.select(Competition, seat).filter(Competition.code == code)).first()
    if found is None or not user.can(Permission.RANKING_READ) or not (is_staff(user) or found[1]):
        raise NotFound
    return found[0]


def public_competition(code: str) -> Competition:
    """An announced competition for the page of its results. Raises NotFound."""
    competition = db.session.scalar(sa.select(Competition).filter_by(code=code))
    if competition is None or competition.announced_at is None:
        raise NotFound
    return competition


def is_public(competition: Competition) -> bool:
    """Whether the results have been published."""
    return competition.state in PUBLIC_STATES


def current_ranking(competition: Competition) -> Ranking | None:
    """The ranked list in force."""
    return db.session.scalar(sa.select(Ranking).filter_by(competition_id=competition.id, is_current=True))


def recused_applications(user: User, competition_id: int | None) -> frozenset[int]:
    """Applications that are considered without this person, of one competition or (None) of all.

    Recused from them at a meeting, of an organisation of theirs, or kept out by the register of conflicts.
    """
    return _considered_without(user, competition_id, *barring(user, competition_id))


def recused_at_meetings(user: User, competition_id: int | None) -> frozenset[int]:
    """What this stage itself knows of them: granted recusals, and applications of the person's organisations."""
    return _considered_without(user, competition_id)


def _considered_without(user: User, competition_id: int | None, *more: sa.Select[int]) -> frozenset[int]:
    query = (
        sa.select(Recusal.application_id)
        .join(AgendaItem, AgendaItem.id == Recusal.item_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .filter(
            Recusal.user_id == user.id,
            Recusal.is_upheld.is_(True),
            Recusal.application_id.is_not(None),
        )
    )
    own = sa.select(Application.id).filter(Application.organisation_id.in_(user.organisation_ids))
    if competition_id is not None:
        query = query.filter(Meeting.competition_id == competition_id)
        own = own.filter(Application.competition_id == competition_id)
    asked = [query, *more, own] if user.organisation_ids else [query, *more]
    return frozenset(found for found in db.session.scalars(sa.union(*asked)) if found is not None)


def withheld_codes(user: User) -> frozenset[str]:
    """Agenda items and complaints about what is considered without this person: their lines of the journal too."""
    hidden = hidden_ids(user)
    if not hidden:
        return frozenset()
    items = (
        sa.select(Meeting.code, AgendaItem.number)
        .join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
        .join(Award, Award.id == AgendaItem.award_id)
        .filter(Award.application_id.in_(hidden))
    )
    codes = set(db.session.scalars(sa.select(Application.code).where(Application.id.in_(hidden))))
    decided = sa.select(AgendaItem).options(joinedload(AgendaItem.meeting)).where(AgendaItem.decides != "")
    on_admission = {
        item.journal_code
        for item in db.session.scalars(decided)
        if item.application_id in hidden or codes & {*item.subject}
    }
    complaints = sa.select(Complaint.code).filter(Complaint.application_id.in_(hidden))
    return frozenset(
        {f"{code}/{number}" for code, number in db.session.execute(items)}
        | on_admission
        | set(db.session.scalars(complaints))
    )


def desk_award(user: User, competition: Competition, application_code: str) -> Award:
    """The award of an application for the commission's desk; what is considered without this person is not found."""
    award = db.session.scalar(
        sa.select(Award)
        .join(Application, Application.id == Award.application_id)
        .filter(Award.competition_id == competition.id, Application.code == application_code)
    )
    if award is None or award.application_id in recused_applications(user, competition.id):
        raise NotFound
    return award
