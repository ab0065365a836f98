"""Requests and the issue of vouchers; what expires returns to the fund."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from grants_app.accounts.models import Organisation, User
from grants_app.budget import services as budget
from grants_app.budget.models import BudgetLine
from grants_app.core import clock, identifiers
from grants_app.core.errors import InvalidInput, NotAllowed, WrongState
from grants_app.database import db, lock
from grants_app.journal.services import SYSTEM, Actor, advance, record
from grants_app.lifecycle import ProgrammeState, VoucherState
from grants_app.vouchers import policy
from grants_app.vouchers.models import CatalogueService, ProgrammeService, Voucher, VoucherProgramme
from grants_app.vouchers.rules import AREAS, CODE_BODY, DECISION_WORKING_DAYS
from grants_app.vouchers.services.letters import tell_organisation

LIVE = (VoucherState.ISSUED, VoucherState.BOOKED, VoucherState.DELIVERED, VoucherState.BLOCKED)
WAITING_OR_LIVE = (VoucherState.REQUESTED, *LIVE)


def request_voucher(
    programme: VoucherProgramme,
    organisation: Organisation,
    service: CatalogueService,
    *,
    need: str,
    self_assessment: Mapping[str, int],
    by: User,
) -> Voucher:
    """The head asks for a voucher: self-assessment of eight areas, the need, one service of the programme.

    Raises InvalidInput by field; NotAllowed when the person is not the head or a cap is reached.
    """
    programme = _locked_programme(programme.id)
    if reason := policy.why_not_request(by, organisation.id):
        raise NotAllowed(reason)
    if programme.state is not ProgrammeState.ACTIVE or clock.today() > programme.ends_on:
        raise WrongState("The programme does not take requests now")
    offer = db.session.scalar(
        sa.select(ProgrammeService.id).filter_by(programme_id=programme.id, service_id=service.id)
    )
    if offer is None:
        raise InvalidInput("The programme does not pay for this service", field="service")
    if set(self_assessment) != {code for code, _ in AREAS} or not all(
        1 <= mark <= 5 for mark in self_assessment.values()
    ):
        raise InvalidInput("Mark each of the eight areas from 1 to 5", field="self_assessment")
    if len(need) < 40:
        raise InvalidInput("Describe the need in at least 40 characters", field="need")
    _check_caps(programme, organisation, WAITING_OR_LIVE)
    voucher = Voucher(
        key=secrets.token_urlsafe(16),
        programme_id=programme.id,
        organisation_id=organisation.id,
        service_id=service.id,
        need=need,
        self_assessment=dict(self_assessment),
        face_kop=programme.face_kop,
        compensated_bp=programme.compensated_bp,
        requested_at=clock.now(),
        requested_by_id=by.id,
        answer_due=clock.add_term(clock.today(), DECISION_WORKING_DAYS, working=True),
    )
    db.session.add(voucher)
    db.session.flush()
    record(
        thing="voucher",
        code=voucher.key,
        scope=programme.code,
        step="request",
        by=by,
        to_state=VoucherState.REQUESTED,
        facts={"service": service.code, "organisation": organisation.edrpou},
    )
    return voucher


def issue_voucher(voucher: Voucher, *, by: User) -> Voucher:
    """Issue: unguessable code, gapless number in the programme, face value reserved on the grant line.

    Raises OverBudget when the fund is used up, NotAllowed when a cap of the organisation is reached meanwhile.
    """
    programme = _locked_programme(voucher.programme_id)
    voucher = locked_voucher(voucher.id)
    if programme.state is not ProgrammeState.ACTIVE:
        raise WrongState("The programme does not issue vouchers now")
    if by.role_in(voucher.organisation_id) is not None:
        raise NotAllowed("You belong to this organisation: another person decides")
    _check_caps(programme, voucher.organisation, LIVE)
    now = clock.now()
    voucher.number = 1 + (
        db.session.scalar(sa.select(sa.func.max(Voucher.number)).filter_by(programme_id=programme.id)) or 0
    )
    voucher.code = identifiers.new_code(CODE_BODY)
    voucher.issued_at, voucher.issued_by_id = now, by.id
    last_day = min(clock.today() + timedelta(days=programme.validity_days), programme.ends_on)
    voucher.valid_until = clock.end_of_day(last_day)
    voucher.book_until = min(
        clock.end_of_day(clock.today() + timedelta(days=programme.booking_days)), voucher.valid_until
    )
    advance(voucher, "issue", by=by, facts={"face_kop": voucher.face_kop})
    budget.reserve(_line(programme), voucher.face_kop, thing="voucher", code=voucher.journal_code, by=by)
    tell_organisation(voucher, "voucher_issued")
    return voucher


def refuse_voucher(voucher: Voucher, *, by: Actor, reason: str) -> None:
    """Refuse with the reason that the organisation reads."""
    voucher = locked_voucher(voucher.id)
    _refuse_party(voucher, by)
    advance(voucher, "refuse", by=by, reason=reason)
    voucher.reason, voucher.ended_at = reason, clock.now()
    tell_organisation(voucher, "voucher_refused", reason=reason)


def cancel_voucher(voucher: Voucher, *, by: Actor, reason: str) -> None:
    """Cancel before the service was delivered; an issued voucher's money returns to the fund."""
    voucher = locked_voucher(voucher.id)
    _refuse_party(voucher, by)
    was_live = voucher.state in LIVE
    advance(voucher, "cancel_blocked" if voucher.state is VoucherState.BLOCKED else "cancel", by=by, reason=reason)
    voucher.reason, voucher.ended_at = reason, clock.now()
    if was_live:
        _release(voucher, by)
    tell_organisation(voucher, "voucher_cancelled", reason=reason)


def block_voucher(voucher: Voucher, *, by: Actor, reason: str) -> None:
    """Stop a voucher while a suspicion is looked into."""
    voucher = locked_voucher(voucher.id)
    _refuse_party(voucher, by)
    advance(voucher, "block", by=by, reason=reason)
    tell_organisation(voucher, "voucher_blocked", reason=reason)
    voucher.reason = reason


def unblock_voucher(voucher: Voucher, *, by: Actor, reason: str) -> None:
    """The suspicion was unfounded; a scope signed before is signed anew."""
    voucher = locked_voucher(voucher.id)
    _refuse_party(voucher, by)
    advance(voucher, "unblock", by=by, reason=reason)
    tell_organisation(voucher, "voucher_unblocked", reason=reason)


def expire_vouchers(now: datetime) -> int:
    """Expire what was not booked or not delivered in time; the money returns to the fund. The number expired."""
    late = sa.or_(
        sa.and_(Voucher.state == VoucherState.ISSUED, Voucher.book_until <= now),
        sa.and_(Voucher.state.in_((VoucherState.ISSUED, VoucherState.BOOKED)), Voucher.valid_until <= now),
    )
    found = db.session.scalars(lock(sa.select(Voucher).where(late).order_by(Voucher.id))).all()
    for voucher in found:
        advance(voucher, "expire", by=SYSTEM)
        voucher.ended_at = now
        _release(voucher, SYSTEM)
        tell_organisation(voucher, "voucher_expired")
    return len(found)


def locked_voucher(voucher_id: int) -> Voucher:
    """The voucher as it is now, locked till the end of the unit."""
    voucher: Voucher = db.session.scalars(lock(sa.select(Voucher).filter_by(id=voucher_id))).one()
    return voucher


def _refuse_party(voucher: Voucher, by: Actor) -> None:
    if reason := policy.why_not_supervise(by, voucher):
        raise NotAllowed(reason)


def _locked_programme(programme_id: int) -> VoucherProgramme:
    found: VoucherProgramme = db.session.scalars(lock(sa.select(VoucherProgramme).filter_by(id=programme_id))).one()
    return found


def _line(programme: VoucherProgramme) -> BudgetLine:
    return programme.budget_line


def _release(voucher: Voucher, by: Actor) -> None:
    budget.release(
        _line(voucher.programme), voucher.face_kop, thing="voucher", code=voucher.journal_code, by=by, note="not used"
    )


def _check_caps(programme: VoucherProgramme, organisation: Organisation, counted: tuple[VoucherState, ...]) -> None:
    mine = (
        sa.select(sa.func.count())
        .select_from(Voucher)
        .where(Voucher.programme_id == programme.id, Voucher.organisation_id == organisation.id)
    )
    if (db.session.scalar(mine.where(Voucher.state.in_(counted))) or 0) >= programme.live_per_organisation:
        raise NotAllowed("The organisation already has a live voucher or a request under way")
    year_start = clock.start_of_day(clock.today().replace(month=1, day=1))
    if (db.session.scalar(mine.where(Voucher.issued_at >= year_start)) or 0) >= programme.yearly_per_organisation:
        raise NotAllowed("The organisation has used its vouchers of this year")
