"""Letters of the voucher stage, in the language of each reader."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from grants_app.accounts.models import Membership, User
from grants_app.core import figures
from grants_app.core.figures import Figure
from grants_app.core.identifiers import grouped
from grants_app.database import db
from grants_app.journal.services import notify_user
from grants_app.lifecycle import VoucherState
from grants_app.permissions import Role
from grants_app.vouchers.models import Consultant, Voucher, VoucherProgramme
from grants_app.vouchers.rules.letters import COMPLAINT, LETTERS

ALIVE = (VoucherState.REQUESTED, VoucherState.ISSUED, VoucherState.BOOKED, VoucherState.DELIVERED, VoucherState.BLOCKED)


def tell_organisation(voucher: Voucher, name: str, **facts: object) -> None:
    """A letter to each head of the organisation that holds the voucher."""
    heads = db.session.scalars(
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == voucher.organisation_id,
            Membership.role == Role.NGO_HEAD,
            Membership.ended_at.is_(None),
            User.active,
        )
    )
    for head in heads:
        tell(head, voucher, name, **facts)


def tell(reader: User, voucher: Voucher, name: str, **facts: object) -> None:
    """A letter about the voucher to one person."""
    known = {
        "service": {"uk": voucher.service.title_uk, "en": voucher.service.title_en},
        "face": Figure(figures.money, voucher.face_kop),
        "code": grouped(voucher.code) if voucher.code else "",
        # The stored ends are exclusive: the last day is the day before.
        "book_until": _last_day(voucher.book_until),
        "valid_until": _last_day(voucher.valid_until),
        "complaint": COMPLAINT,
        **facts,
    }
    notify_user(
        reader,
        LETTERS,
        name,
        facts=known,
        thing="voucher",
        code=voucher.journal_code,
        scope=voucher.programme.code,
    )


def tell_consultant(consultant: Consultant, name: str, **facts: object) -> None:
    """A letter about accreditation."""
    known = {"name": consultant.name, "complaint": COMPLAINT, **facts}
    notify_user(consultant.user, LETTERS, name, facts=known, thing="consultant", code=consultant.code)


def tell_holders(programme: VoucherProgramme, name: str, **facts: object) -> None:
    """A letter to the heads of every organisation whose voucher of the programme is still alive."""
    vouchers = db.session.scalars(
        sa.select(Voucher).where(Voucher.programme_id == programme.id, Voucher.state.in_(ALIVE)).order_by(Voucher.id)
    )
    for voucher in vouchers:
        tell_organisation(voucher, name, programme=programme.title, **facts)


def _last_day(moment: datetime | None) -> Figure | str:
    return "" if moment is None else Figure(figures.day, moment - timedelta(seconds=1))
