"""What vouchers pay for organisations, told to the double-funding radar of the formal check."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import sqlalchemy as sa

from grants_app.accounts.models import Organisation, User
from grants_app.applications.queries.radar import PaymentSource
from grants_app.applications.rules.radar import Payment
from grants_app.database import db
from grants_app.lifecycle import VoucherState
from grants_app.permissions import Permission
from grants_app.vouchers.models import CatalogueService, Voucher, VoucherProgramme

_PAYING = (
    VoucherState.ISSUED,
    VoucherState.BOOKED,
    VoucherState.DELIVERED,
    VoucherState.REDEEMED,
)


def paid_services(edrpou_codes: Collection[str]) -> Iterator[Payment]:
    """Vouchers of these organisations that were issued and neither expired nor were cancelled, by their numbers."""
    query = (
        sa.select(
            VoucherProgramme.code, Voucher.number, Organisation.edrpou, CatalogueService.title_uk, Voucher.face_kop
        )
        .join(VoucherProgramme, VoucherProgramme.id == Voucher.programme_id)
        .join(Organisation, Organisation.id == Voucher.organisation_id)
        .join(CatalogueService, CatalogueService.id == Voucher.service_id)
        .where(Organisation.edrpou.in_(edrpou_codes), Voucher.state.in_(_PAYING), Voucher.number.is_not(None))
        .order_by(VoucherProgramme.code, Voucher.number)
    )
    for row in db.session.execute(query):
        yield Payment("voucher", f"{row.code}-{row.number:03d}", row.edrpou, row.title_uk, row.face_kop)


def may_read(viewer: User, code: str) -> bool:
    """The desks of vouchers, and whoever checks applications: the number, the service and its sum, nothing else."""
    return viewer.can(Permission.VOUCHER_REGISTER_READ) or viewer.can(Permission.FORMAL_CHECK)


SOURCE = PaymentSource("voucher", "Voucher", paid_services, may_read)
