"""Vouchers in the ledger of their organisation."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.queries.ledger import ledger_rows
from grants_app.budget.models import BudgetEntry
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from grants_app.vouchers.services import claim as claims
from grants_app.vouchers.services import request as requests
from tests.support.time import FrozenClock
from tests.support.visitors import new_person
from tests.vouchers.conftest import Desk, voucher


def test_voucher_in_the_ledger_of_its_organisation_and_of_its_desks(desk: Desk) -> None:
    number = desk.issued()
    organisation = desk.organisation()
    head = desk.user("head0")
    line = next(line for line in ledger_rows(head, organisation) if line.kind == "Voucher")
    found = voucher(number)
    assert (line.given_kop, line.paid_kop, line.due_at, line.owed) == (
        found.face_kop, None, found.valid_until, "Use the voucher in time",
    )  # fmt: skip
    seen = {role: len(ledger_rows(new_person(role), organisation)) for role in (Role.SECRETARY, Role.AUDITOR)}
    assert seen == {Role.SECRETARY: 0, Role.AUDITOR: 1}
    assert ledger_rows(desk.user("head1"), desk.organisation(1)) == []


def test_request_gives_nothing_yet(desk: Desk) -> None:
    desk.requested()
    line = ledger_rows(desk.user("head0"), desk.organisation())[0]
    assert (line.kind, line.given_kop, line.due_at) == ("Voucher", None, None)


def booked(desk: Desk) -> tuple[int, int]:
    """What the entries of the budget say of all vouchers: held or paid, and paid."""
    of_vouchers = sa.select(BudgetEntry.kind, BudgetEntry.amount_kop).where(BudgetEntry.thing == "voucher")
    rows = db.session.execute(of_vouchers).all()
    signs = {"reserve": 1, "release": -1, "refund": -1, "spend": 0}
    held = sum(signs[row.kind] * row.amount_kop for row in rows)
    return held, sum(row.amount_kop for row in rows if row.kind == "spend")


def in_ledger(desk: Desk) -> tuple[int, int]:
    """The same as the organisation reads it."""
    lines = ledger_rows(desk.user("head0"), desk.organisation())
    return sum(line.given_kop or 0 for line in lines), sum(line.paid_kop or 0 for line in lines)


def test_ledger_follows_the_money_of_a_voucher_to_its_payment(desk: Desk) -> None:
    number = desk.claimed()
    face = voucher(number).face_kop
    assert in_ledger(desk) == booked(desk) == (face, 0)
    with unit_of_work():
        claims.approve_claim(voucher(number).claim, by=desk.user("checker"))
    with unit_of_work():
        claims.pay_claim(voucher(number).claim, reference="PAY-1", by=desk.user("finance"))
    paid = voucher(number).claim.amount_kop
    assert paid < face  # the rest went back to the fund
    assert in_ledger(desk) == booked(desk) == (paid, paid)


def test_expired_and_cancelled_vouchers_gave_nothing(desk: Desk, clock: FrozenClock) -> None:
    number = desk.issued()
    with unit_of_work():
        requests.cancel_voucher(voucher(number), by=desk.user("operator"), reason="Послуга не потрібна")
    assert in_ledger(desk) == booked(desk) == (0, 0)
    until = voucher(desk.issued()).book_until
    assert until is not None
    clock.at(until)
    with unit_of_work():
        assert requests.expire_vouchers(product_clock.now()) == 1
    assert in_ledger(desk) == booked(desk) == (0, 0)
