"""Vouchers in the ledger of their organisation."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import Organisation, User
from grants_app.accounts.queries.ledger import LedgerLine
from grants_app.database import db
from grants_app.lifecycle import ClaimState, VoucherState
from grants_app.permissions import Permission
from grants_app.vouchers.models import Voucher

_OVER = frozenset({VoucherState.EXPIRED, VoucherState.CANCELLED})
_TO_USE = frozenset({VoucherState.ISSUED, VoucherState.BOOKED})


def ledger_lines(viewer: User, organisation: Organisation) -> Iterator[LedgerLine]:
    """Requests and vouchers, for the organisation's own people and those who keep the register of vouchers."""
    is_own = viewer.role_in(organisation.id) is not None
    if not is_own and not viewer.can(Permission.VOUCHER_REGISTER_READ):
        return
    query = (
        sa.select(Voucher)
        .where(Voucher.organisation_id == organisation.id)
        .options(joinedload(Voucher.programme), joinedload(Voucher.claim))
        .order_by(Voucher.id)
    )
    for voucher in db.session.scalars(query).unique():
        yield _line(voucher)


def _line(voucher: Voucher) -> LedgerLine:
    claim = voucher.claim
    is_waiting = voucher.state in _TO_USE and voucher.valid_until is not None
    return LedgerLine(
        at=voucher.issued_at or voucher.requested_at,
        kind="Voucher",
        title=voucher.programme.title,
        code=f"{voucher.programme.code}-{voucher.number:03d}" if voucher.number is not None else voucher.programme.code,
        state=voucher.state,
        given_kop=_given(voucher),
        paid_kop=claim.amount_kop if claim is not None and claim.state is ClaimState.PAID else None,
        due_at=voucher.valid_until if is_waiting else None,
        owed="Use the voucher in time" if is_waiting else "",
        endpoint="vouchers.case",
        values={"key": voucher.key},
    )


def _given(voucher: Voucher) -> int | None:
    """What the fund holds or has paid for it, as its entries say: money of an expired voucher went back."""
    if voucher.issued_at is None:
        return None
    if voucher.state in _OVER:
        return 0
    claim = voucher.claim
    return claim.amount_kop if claim is not None and claim.state is ClaimState.PAID else voucher.face_kop
