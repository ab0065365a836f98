"""Reading vouchers: every list is filtered by who looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import Organisation, User
from grants_app.budget.models import BudgetEntry, BudgetLine
from grants_app.core import clock, identifiers
from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.lifecycle import ClaimState, ConsultantState, ProgrammeState, VoucherState
from grants_app.permissions import Permission
from grants_app.vouchers.models import (
    CatalogueService,
    Claim,
    Consultant,
    ProgrammeService,
    ServiceScope,
    Voucher,
    VoucherProgramme,
)

_CASE = (
    joinedload(Voucher.programme).joinedload(VoucherProgramme.budget_line),
    joinedload(Voucher.organisation),
    joinedload(Voucher.service),
    joinedload(Voucher.scope).joinedload(ServiceScope.consultant),
    joinedload(Voucher.act),
    joinedload(Voucher.claim),
)


@dataclass(frozen=True)
class VoucherRow:
    """A line of the register; money in kopiykas. The code itself is not in the register: it is its holder's."""

    number: int | None
    key: str
    programme: str
    organisation: str
    edrpou: str
    service: str
    state: VoucherState
    face_kop: int
    paid_kop: int | None
    consultant: str | None
    requested_at: datetime
    issued_on: date | None
    valid_until: date | None
    answer_due: date
    claim_state: ClaimState | None


@dataclass(frozen=True)
class ProgrammeRow:
    """A programme with its money."""

    code: str
    title: str
    year: int
    state: ProgrammeState
    donor: str
    limit_kop: int
    reserved_kop: int
    spent_kop: int
    free_kop: int
    face_kop: int
    issued_count: int


@dataclass(frozen=True)
class PublicCheck:
    """What anybody sees for a voucher code: no person, no need, no money beyond the face value."""

    verdict: str  # valid | booked | delivered | used | expired | cancelled | blocked
    number: str
    programme: str
    organisation: str
    edrpou: str
    service: str
    face_kop: int
    compensated_bp: int
    issued_on: date
    valid_until: date
    booked_on: date | None
    delivered_on: date | None
    used_on: date | None


VERDICTS = {
    VoucherState.ISSUED: "valid",
    VoucherState.BOOKED: "booked",
    VoucherState.DELIVERED: "delivered",
    VoucherState.REDEEMED: "used",
    VoucherState.EXPIRED: "expired",
    VoucherState.CANCELLED: "cancelled",
    VoucherState.BLOCKED: "blocked",
}


def public_check(code: str) -> PublicCheck | None:
    """The state of an issued voucher by its code as typed; None when there is no such voucher."""
    query = sa.select(Voucher).filter_by(code=identifiers.clean_code(code)).options(*_CASE)
    voucher = db.session.scalar(query)
    if voucher is None or voucher.issued_at is None or voucher.valid_until is None:
        return None
    now = clock.now()
    verdict = VERDICTS[voucher.state]
    over = voucher.valid_until <= now or (
        verdict == "valid" and voucher.book_until is not None and voucher.book_until <= now
    )
    if verdict in {"valid", "booked"} and over:
        verdict = "expired"  # the instant decides; the nightly job only records it
    scope, act = voucher.scope, voucher.act
    return PublicCheck(
        verdict=verdict,
        number=f"{voucher.programme.code}-{voucher.number:03d}",
        programme=voucher.programme.title,
        organisation=voucher.organisation.short_name,
        edrpou=voucher.organisation.edrpou,
        service=voucher.service.code,
        face_kop=voucher.face_kop,
        compensated_bp=voucher.compensated_bp,
        issued_on=clock.kyiv(voucher.issued_at).date(),
        valid_until=last_day(voucher.valid_until),
        booked_on=_day(scope.consultant_signed_at) if scope is not None else None,
        delivered_on=_day(act.ngo_signed_at) if act is not None else None,
        used_on=_day(voucher.ended_at) if voucher.state is VoucherState.REDEEMED else None,
    )


def case_for(viewer: User, key: str) -> Voucher:
    """The voucher by its request key, for its organisation, its consultant or the desks. Raises NotFound."""
    voucher = db.session.scalar(sa.select(Voucher).filter_by(key=key).options(*_CASE))
    if voucher is None:
        raise NotFound
    is_consultant = voucher.scope is not None and voucher.scope.consultant.user_id == viewer.id
    is_mine = voucher.organisation_id in viewer.organisation_ids
    if not (is_mine or is_consultant or viewer.can(Permission.VOUCHER_REGISTER_READ)):
        raise NotFound
    return voucher


def register_rows(
    viewer: User, lang: str, *, programme: str | None = None, states: tuple[VoucherState, ...] = ()
) -> list[VoucherRow]:
    """The register for the desks; an organisation sees its own vouchers, a consultant the ones to serve."""
    query = (
        sa.select(Voucher, Organisation, CatalogueService, VoucherProgramme.code, Claim, Consultant)
        .join(Organisation, Voucher.organisation_id == Organisation.id)
        .join(CatalogueService, Voucher.service_id == CatalogueService.id)
        .join(VoucherProgramme, Voucher.programme_id == VoucherProgramme.id)
        .outerjoin(Claim, Claim.voucher_id == Voucher.id)
        .outerjoin(ServiceScope, ServiceScope.voucher_id == Voucher.id)
        .outerjoin(Consultant, ServiceScope.consultant_id == Consultant.id)
        .order_by(VoucherProgramme.code, Voucher.number.is_(None), Voucher.number, Voucher.requested_at)
        .options(sa.orm.lazyload("*"))
    )
    if not viewer.can(Permission.VOUCHER_REGISTER_READ):
        query = query.where(
            sa.or_(Voucher.organisation_id.in_(viewer.organisation_ids or {-1}), Consultant.user_id == viewer.id)
        )
    if programme:
        query = query.where(VoucherProgramme.code == programme)
    if states:
        query = query.where(Voucher.state.in_(states))
    return [_row(found, lang) for found in db.session.execute(query)]


def programme_rows(*, with_drafts: bool) -> list[ProgrammeRow]:
    """Programmes with their money, newest first."""
    issued = (
        sa.select(Voucher.programme_id, sa.func.count().label("issued"))
        .where(Voucher.number.is_not(None))
        .group_by(Voucher.programme_id)
        .subquery()
    )
    query = (
        sa.select(VoucherProgramme, BudgetLine, issued.c.issued)
        .join(BudgetLine, VoucherProgramme.budget_line_id == BudgetLine.id)
        .outerjoin(issued, issued.c.programme_id == VoucherProgramme.id)
        .order_by(VoucherProgramme.year.desc(), VoucherProgramme.code)
    )
    if not with_drafts:
        query = query.where(VoucherProgramme.state != ProgrammeState.DRAFT)
    return [
        ProgrammeRow(
            code=programme.code,
            title=programme.title,
            year=programme.year,
            state=programme.state,
            donor=programme.donor,
            limit_kop=line.limit_kop,
            reserved_kop=line.reserved_kop,
            spent_kop=line.spent_kop,
            free_kop=line.free_kop,
            face_kop=programme.face_kop,
            issued_count=count or 0,
        )
        for programme, line, count in db.session.execute(query)
    ]


def programme_by_code(code: str) -> VoucherProgramme:
    """The programme, with its line. Raises NotFound."""
    found = db.session.scalar(
        sa.select(VoucherProgramme).filter_by(code=code).options(joinedload(VoucherProgramme.budget_line))
    )
    if found is None:
        raise NotFound
    return found


def offers_of(programme: VoucherProgramme) -> list[ProgrammeService]:
    """Services of the programme in the order of the catalogue."""
    query = (
        sa.select(ProgrammeService)
        .filter_by(programme_id=programme.id)
        .options(joinedload(ProgrammeService.service))
        .order_by(ProgrammeService.service_id)
    )
    return list(db.session.scalars(query))


def catalogue() -> list[CatalogueService]:
    """The services of the catalogue."""
    return list(db.session.scalars(sa.select(CatalogueService).order_by(CatalogueService.id)))


def consultants(*, states: tuple[ConsultantState, ...] = (ConsultantState.ACCREDITED,)) -> list[Consultant]:
    """Consultants in these states, by name."""
    query = sa.select(Consultant).where(Consultant.state.in_(states)).options(joinedload(Consultant.user))
    return sorted(db.session.scalars(query), key=lambda consultant: consultant.name)


def consultant_of(user: User) -> Consultant | None:
    """The person's consultant profile."""
    found: Consultant | None = db.session.scalar(sa.select(Consultant).filter_by(user_id=user.id))
    return found


def consultant_by_code(code: str) -> Consultant:
    """Raises NotFound."""
    found: Consultant | None = db.session.scalar(sa.select(Consultant).filter_by(code=code))
    if found is None:
        raise NotFound
    return found


def vouchers_granted(year: int | None = None) -> int:
    """Vouchers issued (KPI «vouchers granted»), of one year or of all."""
    query = sa.select(sa.func.count()).select_from(Voucher).where(Voucher.issued_at.is_not(None))
    if year is not None:
        first = clock.start_of_day(date(year, 1, 1))
        query = query.where(Voucher.issued_at >= first, Voucher.issued_at < clock.start_of_day(date(year + 1, 1, 1)))
    return db.session.scalar(query) or 0


def is_any_overdue(now: datetime) -> bool:
    """Whether a voucher waits to be recorded as expired (a read, so that the minute's tick writes only when needed)."""
    live = (VoucherState.ISSUED, VoucherState.BOOKED)
    late = sa.or_(
        sa.and_(Voucher.state == VoucherState.ISSUED, Voucher.book_until <= now),
        sa.and_(Voucher.state.in_(live), Voucher.valid_until <= now),
    )
    return db.session.scalar(sa.select(Voucher.id).where(late).limit(1)) is not None


def broken_vouchers() -> list[str]:
    """Sentences about live vouchers whose reservation does not match their face value; empty = sound."""
    signed = sa.case((BudgetEntry.kind == "reserve", BudgetEntry.amount_kop), else_=-BudgetEntry.amount_kop)
    held: dict[str, int] = dict(
        db.session.execute(
            sa.select(BudgetEntry.thing_code, sa.func.sum(signed))
            .where(BudgetEntry.thing == "voucher", BudgetEntry.kind.in_(("reserve", "release", "spend")))
            .group_by(BudgetEntry.thing_code)
        ).all()
    )
    live = {VoucherState.ISSUED, VoucherState.BOOKED, VoucherState.DELIVERED, VoucherState.BLOCKED}
    problems = []
    query = sa.select(Voucher).where(Voucher.number.is_not(None)).options(joinedload(Voucher.programme))
    for voucher in db.session.scalars(query):
        expected = voucher.face_kop if voucher.state in live else 0
        if int(held.get(voucher.journal_code, 0)) != expected:
            problems.append(f"voucher {voucher.journal_code}: {expected} kop should be reserved")
    return problems


def last_day(until: datetime) -> date:
    """The last day of a term that is stored as an exclusive end."""
    return clock.kyiv(until - timedelta(seconds=1)).date()


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else clock.kyiv(moment).date()


def _row(
    found: sa.Row[Voucher, Organisation, CatalogueService, str, Claim | None, Consultant | None], lang: str
) -> VoucherRow:
    voucher, organisation, service, programme, claim, consultant = found
    return VoucherRow(
        number=voucher.number,
        key=voucher.key,
        programme=programme,
        organisation=organisation.short_name,
        edrpou=organisation.edrpou,
        service=service.title_en if lang == "en" else service.title_uk,
        state=voucher.state,
        face_kop=voucher.face_kop,
        paid_kop=claim.amount_kop if claim is not None and claim.state is ClaimState.PAID else None,
        consultant=consultant.name if consultant is not None else None,
        requested_at=voucher.requested_at,
        issued_on=_day(voucher.issued_at),
        valid_until=last_day(voucher.valid_until) if voucher.valid_until else None,
        answer_due=voucher.answer_due,
        claim_state=claim.state if claim is not None else None,
    )
