"""The service itself: scope of work signed by both, then the act of services signed by both."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed, WrongState
from grants_app.core.money import line_total
from grants_app.database import db
from grants_app.journal.services import advance, digest_of, record
from grants_app.lifecycle import ConsultantState, VoucherState
from grants_app.vouchers import policy
from grants_app.vouchers.models import Consultant, ProgrammeService, ServiceAct, ServiceScope, Voucher
from grants_app.vouchers.services.letters import tell, tell_organisation
from grants_app.vouchers.services.request import locked_voucher


def propose_scope(
    voucher: Voucher,
    consultant: Consultant,
    *,
    description: str,
    hours_milli: int,
    rate_kop: int,
    starts_on: date,
    ends_on: date,
    by: User,
) -> ServiceScope:
    """The head names the consultant and the work; both sign the same content (its digest is kept).

    The head's signature is given with the proposal; a changed proposal needs both anew. Raises InvalidInput by field.
    """
    voucher = locked_voucher(voucher.id)
    if reason := policy.why_not_act_for_organisation(by, voucher):
        raise NotAllowed(reason)
    if voucher.state is not VoucherState.ISSUED:
        raise WrongState("The scope is agreed while the voucher is valid and no scope has been signed")
    _check_time(voucher)
    _check_consultant(consultant, voucher)
    _check_ceilings(voucher, hours_milli, rate_kop)
    _check_days(voucher, starts_on, ends_on)
    if len(description) < 20:
        raise InvalidInput("Describe the work in at least 20 characters", field="description")
    scope = voucher.scope or ServiceScope(voucher_id=voucher.id)
    scope.consultant_id, scope.description = consultant.id, description
    scope.hours_milli, scope.rate_kop = hours_milli, rate_kop
    scope.price_kop = line_total(hours_milli, rate_kop)
    scope.starts_on, scope.ends_on = starts_on, ends_on
    scope.proposed_at = clock.now()
    scope.content_digest = _scope_digest(scope, consultant)
    scope.ngo_signed_at, scope.ngo_signed_by_id = clock.now(), by.id
    scope.consultant_signed_at = None
    db.session.add(scope)
    db.session.flush()
    _note(voucher, "propose_scope", by, {"digest": scope.content_digest, "price_kop": scope.price_kop})
    tell(consultant.user, voucher, "scope_to_sign")
    return scope


def sign_scope(voucher: Voucher, *, by: User, digest: str) -> None:
    """The consultant signs the scope that was shown (`digest`); the voucher is booked.

    Raises InvalidInput when the content has changed since, NotAllowed for another person.
    """
    voucher = locked_voucher(voucher.id)
    scope = _scope(voucher)
    if reason := policy.why_not_serve(by, scope.consultant):
        raise NotAllowed(reason)
    _check_time(voucher)
    _check_consultant(scope.consultant, voucher)
    if digest != scope.content_digest:
        raise InvalidInput("The scope has been changed since you opened it. Read it again", field="digest")
    scope.consultant_signed_at = clock.now()
    advance(voucher, "book", by=by, facts={"digest": scope.content_digest})
    tell_organisation(voucher, "voucher_booked")


def file_act(voucher: Voucher, *, number: str, day: date, content: str, hours_milli: int, by: User) -> ServiceAct:
    """The consultant draws up and signs the act: what was done, hours, total = hours × agreed rate.

    Raises InvalidInput by field: hours over the scope, a day outside validity, a number used before.
    """
    voucher = locked_voucher(voucher.id)
    scope = _scope(voucher)
    if reason := policy.why_not_serve(by, scope.consultant):
        raise NotAllowed(reason)
    if voucher.state is not VoucherState.BOOKED:
        raise WrongState("The act follows the scope of work signed by both")
    _check_time(voucher)
    if not 0 < hours_milli <= scope.hours_milli:
        raise InvalidInput("The hours must be more than zero and at most those of the scope", field="hours")
    if not scope.starts_on <= day <= clock.today():
        raise InvalidInput("The day of the act must be between the start of the work and today", field="day")
    if len(content) < 20:
        raise InvalidInput("Describe the services in at least 20 characters", field="content")
    twin = db.session.scalar(sa.select(ServiceAct).filter_by(consultant_id=scope.consultant_id, number=number))
    if twin is not None and twin.voucher_id != voucher.id:
        raise InvalidInput("You have used this act number for another voucher", field="number")
    act = voucher.act or ServiceAct(voucher_id=voucher.id, consultant_id=scope.consultant_id)
    act.number, act.day, act.content, act.hours_milli = number, day, content, hours_milli
    act.total_kop = line_total(hours_milli, scope.rate_kop)
    act.consultant_signed_at, act.ngo_signed_at, act.ngo_signed_by_id = clock.now(), None, None
    act.content_digest = digest_of(
        {
            "voucher": voucher.journal_code,
            "number": number,
            "day": day.isoformat(),
            "content": content,
            "hours_milli": hours_milli,
            "total_kop": act.total_kop,
        }
    )
    db.session.add(act)
    db.session.flush()
    _note(voucher, "file_act", by, {"digest": act.content_digest, "total_kop": act.total_kop})
    tell_organisation(voucher, "act_to_sign")
    return act


def sign_act(voucher: Voucher, *, by: User, digest: str) -> None:
    """The head confirms the services; the voucher counts as delivered."""
    voucher = locked_voucher(voucher.id)
    if reason := policy.why_not_act_for_organisation(by, voucher):
        raise NotAllowed(reason)
    if voucher.act is None:
        raise WrongState("The consultant has not drawn up the act yet")
    if digest != voucher.act.content_digest:
        raise InvalidInput("The act has been changed since you opened it. Read it again", field="digest")
    voucher.act.ngo_signed_at, voucher.act.ngo_signed_by_id = clock.now(), by.id
    advance(voucher, "deliver", by=by, facts={"digest": voucher.act.content_digest})


def _scope(voucher: Voucher) -> ServiceScope:
    if voucher.scope is None:
        raise WrongState("No scope of work has been proposed yet")
    return voucher.scope


def _check_time(voucher: Voucher) -> None:
    now = clock.now()
    if voucher.valid_until is None or now >= voucher.valid_until:
        raise WrongState("The voucher’s validity has ended")
    if voucher.state is VoucherState.ISSUED and voucher.book_until is not None and now >= voucher.book_until:
        raise WrongState("The deadline for signing the scope of work has passed")


def _check_consultant(consultant: Consultant, voucher: Voucher) -> None:
    if consultant.state is not ConsultantState.ACCREDITED:
        raise InvalidInput("The consultant is not accredited", field="consultant")
    if voucher.service.code not in consultant.services:
        raise InvalidInput("The consultant does not offer this service", field="consultant")
    if reason := policy.why_related(consultant, voucher):
        raise InvalidInput(reason, field="consultant")


def _check_ceilings(voucher: Voucher, hours_milli: int, rate_kop: int) -> None:
    offer = db.session.scalars(
        sa.select(ProgrammeService).filter_by(programme_id=voucher.programme_id, service_id=voucher.service_id)
    ).one()
    if not 0 < hours_milli <= offer.max_hours_milli:
        raise InvalidInput(
            "At most %(hours)s hours are paid for this service",
            field="hours",
            facts={"hours": f"{offer.max_hours_milli / 1000:g}"},
        )
    if not 0 < rate_kop <= offer.max_rate_kop:
        raise InvalidInput("The hourly rate is at most %(limit)s", field="rate", facts={"limit": offer.max_rate_kop})


def _check_days(voucher: Voucher, starts_on: date, ends_on: date) -> None:
    assert voucher.valid_until is not None  # checked by _check_time
    last_day = clock.kyiv(voucher.valid_until - timedelta(seconds=1)).date()
    if starts_on < clock.today():
        raise InvalidInput("Work begun before the scope is signed is not compensated", field="starts_on")
    if not starts_on <= ends_on <= last_day:
        raise InvalidInput("The work must end within the voucher’s validity", field="ends_on")


def _scope_digest(scope: ServiceScope, consultant: Consultant) -> str:
    return digest_of(
        {
            "consultant": consultant.code,
            "description": scope.description,
            "hours_milli": scope.hours_milli,
            "rate_kop": scope.rate_kop,
            "starts_on": scope.starts_on.isoformat(),
            "ends_on": scope.ends_on.isoformat(),
        }
    )


def _note(voucher: Voucher, step: str, by: User, facts: dict[str, object]) -> None:
    record(
        thing="voucher",
        code=voucher.journal_code,
        scope=voucher.programme.code,
        step=step,
        by=by,
        facts=facts,
    )
