"""Awards and complaints in the ledger of their organisation; published facts for the directory."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import Organisation, User
from grants_app.accounts.queries.ledger import LedgerLine
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids, is_veiled
from grants_app.awards.models import Award, Complaint
from grants_app.awards.queries.access import PUBLIC_STATES, is_staff
from grants_app.competitions.models import Competition
from grants_app.database import db
from grants_app.lifecycle import AwardState


def ledger_lines(viewer: User, organisation: Organisation) -> Iterator[LedgerLine]:
    """Published awards, for everybody who opens the ledger; complaints for their authors and the staff.

    Nothing that is considered without a viewer of the staff.
    """
    is_own = viewer.role_in(organisation.id) is not None
    hidden = frozenset() if is_own else hidden_ids(viewer)
    for award in _published(organisation):
        if is_own:
            yield _award(award, endpoint="awards.decision", values={"application": award.application.code or ""})
        elif award.application_id not in hidden and not is_veiled(viewer, award.competition):
            yield _award(award, endpoint="awards.winners", values={"competition": award.competition.code})
    if is_own or is_staff(viewer):
        yield from (_complaint(one) for one in _complaints(organisation) if one.application_id not in hidden)


def public_lines(organisation: Organisation) -> Iterator[LedgerLine]:
    """What the published decisions gave the organisation."""
    for award in _published(organisation):
        if award.state is not AwardState.DECLINED and not is_veiled(None, award.competition):
            yield _award(award, endpoint="awards.winners", values={"competition": award.competition.code}, is_own=False)


def wants_account(organisation_id: int) -> bool:
    """Whether the organisation has accepted an award, so that a contract with it needs the account."""
    query = _awards().where(Application.organisation_id == organisation_id, Award.state == AwardState.ACCEPTED)
    return db.session.scalar(query.limit(1)) is not None


def _awards() -> sa.Select[Award]:
    return (
        sa.select(Award)
        .join(Application, Application.id == Award.application_id)
        .join(Competition, Competition.id == Award.competition_id)
        .where(Competition.state.in_(PUBLIC_STATES), Award.approved_kop.is_not(None))
    )


def _published(organisation: Organisation) -> list[Award]:
    query = (
        _awards()
        .where(Application.organisation_id == organisation.id)
        .options(joinedload(Award.application), joinedload(Award.competition))
        .order_by(Award.id)
    )
    return list(db.session.scalars(query))


def _complaints(organisation: Organisation) -> list[Complaint]:
    query = (
        sa.select(Complaint)
        .join(Application, Application.id == Complaint.application_id)
        .where(Application.organisation_id == organisation.id)
        .options(joinedload(Complaint.application))
        .order_by(Complaint.id)
    )
    return list(db.session.scalars(query))


def _award(award: Award, *, endpoint: str, values: dict[str, str], is_own: bool = True) -> LedgerLine:
    application = award.application
    is_waiting = is_own and award.state is AwardState.APPROVED
    declined = award.state is AwardState.DECLINED
    moment = award.notified_at or award.approved_at
    assert moment is not None  # a published award was approved, a CHECK says so
    return LedgerLine(
        at=moment,
        kind="Award",
        title=application.title,
        code=application.code or "",
        state=award.state,
        given_kop=0 if declined else award.approved_kop,
        own_kop=0 if declined else application.own_cash_kop + application.own_inkind_kop,
        due_at=award.answer_until if is_waiting else None,
        owed="Accept or decline the award" if is_waiting else "",
        endpoint=endpoint,
        values=values,
    )


def _complaint(complaint: Complaint) -> LedgerLine:
    return LedgerLine(
        at=complaint.filed_at,
        kind="Complaint",
        title=complaint.application.title,
        code=complaint.code,
        state=complaint.state,
        endpoint="awards.complaint",
        values={"code": complaint.code},
    )
