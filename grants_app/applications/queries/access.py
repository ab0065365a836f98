"""Which application opens to whom: its authors always, the desks only after the intake has ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import Membership, User
from grants_app.applications.models import Application, Correction, LateEntry
from grants_app.applications.queries.content import is_closed_to_desks, is_over, sealed_codes
from grants_app.competitions.models import CommissionSeat, Competition
from grants_app.core import clock
from grants_app.core.errors import NotFound
from grants_app.core.state_machine import State
from grants_app.database import db
from grants_app.lifecycle import ApplicationState, CompetitionState
from grants_app.permissions import Permission, Role

# Holders read whole applications of every competition once they are unsealed; who reads rankings, those of the
# competitions in whose commission they sit; experts get theirs through their assignments.
STAFF = (Permission.APPLICATION_REGISTER_READ, Permission.FORMAL_CHECK)
READERS = (*STAFF, Permission.RANKING_READ)
ADMITTED_STATES = (
    ApplicationState.ADMITTED,
    ApplicationState.AWARDED,
    ApplicationState.RESERVE,
    ApplicationState.NOT_AWARDED,
    ApplicationState.BELOW_PASS_MARK,
)

# Later stages add who else reads one application in full («is this person its accepted expert?»); never a draft.
also_reads: list[Callable[[User, Application], bool]] = []
# … and which applications of a competition (of all: None) are considered without a person, by id.
considered_without: list[Callable[[User, int | None], frozenset[int]]] = []


def may_read_all(viewer: User | None) -> bool:
    """Whether the person's role reads whole applications at all."""
    return viewer is not None and any(viewer.can(permission) for permission in READERS)


def may_read_in(viewer: User | None, competition: Competition) -> bool:
    """Whether the person reads whole applications of this competition: its staff, or a seat in its commission."""
    if viewer is None or not may_read_all(viewer):
        return False
    if any(viewer.can(permission) for permission in STAFF):
        return True
    seat = sa.select(CommissionSeat.id).filter_by(competition_id=competition.id, user_id=viewer.id)
    return db.session.scalar(seat) is not None


def hidden_ids(viewer: User, competition: Competition | None = None) -> frozenset[int]:
    """Applications of a competition, or of all, that are considered without this person (a conflict of interest).

    Every list, count and export of every desk leaves them away, whatever the role; the authors' own pages do not ask.
    """
    competition_id = None if competition is None else competition.id
    return frozenset().union(*(hides(viewer, competition_id) for hides in considered_without))


def hidden_codes(viewer: User) -> frozenset[str]:
    """Codes and draft keys of everything considered without this person: what the journal must not tell them."""
    ids = hidden_ids(viewer)
    if not ids:
        return frozenset()
    rows = db.session.execute(sa.select(Application.code, Application.key).where(Application.id.in_(ids)))
    return frozenset(text for row in rows for text in row if text is not None)


def is_author(viewer: User | None, application: Application) -> bool:
    """Whether the person works for the organisation that applies."""
    return viewer is not None and viewer.role_in(application.organisation_id) is not None


def application_for(viewer: User | None, code_or_key: str) -> Application:
    """The application of that code or draft key, if it is open to this person in full.

    Raises NotFound for everything else: a foreign draft and a code that never existed look the same.
    """
    application = _find(code_or_key)
    if application is None:
        raise NotFound()
    if is_author(viewer, application):
        return application
    if viewer is not None and is_unsealed(application) and _reads(viewer, application):
        return application
    raise NotFound()


def _reads(viewer: User, application: Application) -> bool:
    if application.id in hidden_ids(viewer, application.competition):
        return False
    return may_read_in(viewer, application.competition) or any(reads(viewer, application) for reads in also_reads)


def card_for(code: str) -> Application:
    """The application behind a public card: registered, and intake is over. Raises NotFound otherwise."""
    application = _find(code)
    if application is None or not is_over(application.competition) or application.code is None:
        raise NotFound()
    if application.state == ApplicationState.DRAFT:
        raise NotFound()  # recalled before the deadline and never sent again: it keeps its code
    return application


def is_unsealed(application: Application) -> bool:
    """Whether those who read whole applications may read this one: it was sent, and the seal is broken.

    While somebody may still apply late the seal of everybody holds.
    """
    return application.state != ApplicationState.DRAFT and not is_closed_to_desks(application.competition)


def admitted_applications(competition: Competition) -> list[Application]:
    """Applications admitted to scoring, in the order of the register."""
    query = (
        sa.select(Application)
        .where(Application.competition_id == competition.id, Application.state.in_(ADMITTED_STATES))
        .options(joinedload(Application.organisation), joinedload(Application.lot))
        .order_by(Application.register_number, Application.code)
    )
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class OwnRow:
    """An application in the list of its organisation."""

    address: str
    title: str
    competition: str
    competition_code: str
    organisation: str
    requested_kop: int
    state: State
    register_number: int | None
    intake_until: datetime | None
    due_at: datetime | None


def own_rows(viewer: User) -> list[OwnRow]:
    """Applications of the person's organisations, newest first; a late entry that runs is their term."""
    terms = _late_terms(viewer)
    query = (
        sa.select(Application, Correction.due_at)
        .outerjoin(Correction, Correction.application_id == Application.id)
        .where(Application.organisation_id.in_(viewer.organisation_ids))
        .options(joinedload(Application.competition), joinedload(Application.organisation))
        .order_by(Application.created_at.desc(), Application.id.desc())
    )
    return [
        OwnRow(
            address=application.journal_code,
            title=application.title,
            competition=application.competition.title,
            competition_code=application.competition.code,
            organisation=application.organisation.short_name if application.organisation else "",
            requested_kop=application.requested_kop,
            state=application.state,
            register_number=application.register_number,
            intake_until=terms.get(
                (application.competition_id, application.organisation_id), application.competition.intake_until
            ),
            due_at=due_at if application.state == ApplicationState.RETURNED else None,
        )
        for application, due_at in db.session.execute(query)
    ]


def _late_terms(viewer: User) -> dict[tuple[int, int | None], datetime]:
    """Ends of the late entries that run for the person's organisations, by competition and organisation."""
    now = clock.now()
    query = (
        sa.select(LateEntry.competition_id, LateEntry.organisation_id, LateEntry.until)
        .join(Competition, Competition.id == LateEntry.competition_id)
        .where(
            LateEntry.organisation_id.in_(viewer.organisation_ids),
            LateEntry.opened_at.is_not(None),
            LateEntry.used_at.is_(None),
            LateEntry.ended_at.is_(None),
            LateEntry.until > now,
            Competition.intake_until <= now,
        )
    )
    return {(row.competition_id, row.organisation_id): row.until for row in db.session.execute(query)}


def organisations_of(viewer: User) -> list[tuple[int, str]]:
    """Organisations the person may apply for: id and name."""
    return [
        (membership.organisation_id, membership.organisation.name)
        for membership in viewer.memberships
        if membership.ended_at is None
    ]


def people_of(application: Application) -> list[tuple[str, Role]]:
    """Who works with the application: name and role, the head first."""
    organisation = application.organisation
    if organisation is None:
        return []
    people = [(one.user.full_name, one.role) for one in organisation.memberships if one.ended_at is None]
    return sorted(people, key=lambda person: (person[1] != Role.NGO_HEAD, person[0]))


def running_count(competition: Competition, organisation_id: int) -> int:
    """Applications of an organisation in a competition that are not withdrawn, drafts included."""
    query = sa.select(sa.func.count(Application.id)).where(
        Application.competition_id == competition.id,
        Application.organisation_id == organisation_id,
        Application.state != ApplicationState.WITHDRAWN,
    )
    return int(db.session.scalar(query) or 0)


def sent_count(competition: Competition, organisation_id: int | None, *, but: int | None = None) -> int:
    """Applications that an organisation has sent to a competition and not withdrawn."""
    query = sa.select(sa.func.count(Application.id)).where(
        Application.competition_id == competition.id,
        Application.organisation_id == organisation_id,
        Application.state.not_in((ApplicationState.WITHDRAWN, ApplicationState.DRAFT)),
        Application.id != (but or 0),
    )
    return int(db.session.scalar(query) or 0)


_COMPETING = Application.state.not_in((ApplicationState.WITHDRAWN, ApplicationState.DRAFT))


def competes(competition: Competition, person: User) -> bool:
    """Whether an organisation of the person has sent an application and not withdrawn it."""
    query = sa.select(Application.id).where(
        Application.competition_id == competition.id,
        Application.organisation_id.in_(person.organisation_ids),
        _COMPETING,
    )
    return db.session.scalar(query.limit(1)) is not None


def tied_seats(*, application: Application | None = None) -> list[sa.Row[str, str, int, str]]:
    """People of commissions whose organisation competes before them: competition's code and title, person, name.

    Of one application, or of every competition whose commission has not decided yet; nothing of sealed ones, unless
    asked for one application.
    """
    query = (
        sa.select(Competition.code, Competition.title, User.id, User.full_name)
        .join(CommissionSeat, CommissionSeat.competition_id == Competition.id)
        .join(User, User.id == CommissionSeat.user_id)
        .join(Membership, sa.and_(Membership.user_id == User.id, Membership.ended_at.is_(None)))
        .join(
            Application,
            sa.and_(
                Application.competition_id == Competition.id, Application.organisation_id == Membership.organisation_id
            ),
        )
        .order_by(Competition.code, User.full_name, User.id)
        .distinct()
    )
    if application is not None:
        return list(db.session.execute(query.where(Application.id == application.id)))
    undecided = (
        CompetitionState.ANNOUNCED,
        CompetitionState.OPEN,
        CompetitionState.CLOSED,
        CompetitionState.FORMAL_CHECK,
        CompetitionState.SCORING,
        CompetitionState.DELIBERATION,
    )
    query = query.where(Competition.state.in_(undecided), Competition.code.not_in(sealed_codes()), _COMPETING)
    return list(db.session.execute(query))


def _find(code_or_key: str) -> Application | None:
    text = code_or_key.strip()
    query = (
        sa.select(Application)
        .where(sa.or_(Application.key == text, Application.code == text.upper()))
        .options(
            joinedload(Application.competition),
            joinedload(Application.organisation),
            joinedload(Application.lot),
            joinedload(Application.priority),
        )
    )
    return db.session.scalar(query)
