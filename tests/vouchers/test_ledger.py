"""Vouchers in the ledger of their organisation."""

from __future__ import annotations

from grants_app.accounts.queries.ledger import ledger_rows
from grants_app.permissions import Role
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
