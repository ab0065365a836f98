"""The way of a voucher through its services, on both databases."""

from __future__ import annotations

import threading
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.budget import queries as budget_queries
from grants_app.budget import services as budget
from grants_app.core import clock as product_clock
from grants_app.core import identifiers
from grants_app.core.errors import InvalidInput, NotAllowed, OverBudget, WrongState
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.lifecycle import ClaimState, VoucherState
from grants_app.vouchers import queries
from grants_app.vouchers.models import Voucher
from grants_app.vouchers.services import claim as claims
from grants_app.vouchers.services import delivery
from grants_app.vouchers.services import programme as programmes
from grants_app.vouchers.services import request as requests
from tests.support.time import FrozenClock
from tests.vouchers.conftest import IBAN, NEED, Desk, voucher


def money(desk: Desk) -> tuple[int, int, int]:
    """Reserved, spent and free kopiykas of the fund; the entries must explain them."""
    db.session.rollback()
    assert budget_queries.broken_lines() == []
    assert queries.broken_vouchers() == []
    line = desk.line
    return line.reserved_kop, line.spent_kop, line.free_kop


def test_programme_on_city_money_refused(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refused, unit_of_work():
        operator = desk.user("operator")
        line = budget.create_line(code="CITY", title="Місто", year=2027, source="city", limit_kop=100, by=operator)
        programmes.create_programme(
            code="X", title="X", year=2027, donor="X", line=line, face_kop=100, compensated_bp=8000,
            ends_on=date(2027, 12, 1), by=operator,
        )  # fmt: skip
    assert refused.value.field == "line"


def test_catalogue_seeded_twice_adds_nothing(desk: Desk) -> None:
    with unit_of_work():
        assert programmes.seed_catalogue() == 0
    assert len(queries.catalogue()) == 12


def test_voucher_issued_gets_number_code_and_reservation(desk: Desk) -> None:
    found = voucher(desk.issued())
    assert (found.number, found.state) == (1, VoucherState.ISSUED)
    assert found.code is not None
    assert len(found.code) == 28
    assert identifiers.has_valid_check(found.code)
    assert money(desk) == (2_000_000, 0, 2_000_000)
    letters = db.session.scalars(sa.select(Notice).filter_by(template="voucher_issued")).all()
    assert [letter.email for letter in letters] == ["head0@example.org"]
    assert identifiers.grouped(found.code) in letters[0].body


def test_voucher_code_kept_out_of_journal(desk: Desk) -> None:
    code = voucher(desk.issued()).code
    assert [entry.seq for entry in db.session.scalars(sa.select(JournalEntry)) if str(code) in entry.body] == []


def test_third_voucher_over_the_fund_refused(desk: Desk) -> None:
    desk.issued(0)
    desk.issued(1)
    third = desk.requested(2)
    with pytest.raises(OverBudget), unit_of_work():
        requests.issue_voucher(voucher(third), by=desk.user("operator"))
    assert voucher(third).state is VoucherState.REQUESTED
    assert money(desk) == (4_000_000, 0, 0)


def test_second_request_of_an_organisation_refused(desk: Desk) -> None:
    desk.requested()
    with pytest.raises(NotAllowed):
        desk.requested()


def test_request_by_stranger_refused(desk: Desk) -> None:
    with pytest.raises(NotAllowed), unit_of_work():
        requests.request_voucher(
            desk.programme, desk.organisation(0), desk.service, need=NEED, self_assessment={}, by=desk.user("head1")
        )


def test_request_without_every_area_refused(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refused, unit_of_work():
        requests.request_voucher(
            desk.programme, desk.organisation(0), desk.service, need=NEED, self_assessment={"mission": 3},
            by=desk.user("head0"),
        )  # fmt: skip
    assert refused.value.field == "self_assessment"


def test_whole_way_pays_the_share_and_frees_the_rest(desk: Desk) -> None:
    voucher_id = desk.claimed()
    with unit_of_work():
        claims.approve_claim(voucher(voucher_id).claim, by=desk.user("checker"))
    with unit_of_work():
        claims.pay_claim(voucher(voucher_id).claim, reference="PAY-1", by=desk.user("finance"))
    found = voucher(voucher_id)
    assert found.claim is not None
    assert (found.state, found.claim.state) == (VoucherState.REDEEMED, ClaimState.PAID)
    assert (found.claim.amount_kop, found.claim.eligible_kop, found.claim.deciding_limit) == (
        1_600_000,
        2_000_000,
        "share",
    )
    assert money(desk) == (0, 1_600_000, 2_400_000)


def test_face_value_caps_the_claim(desk: Desk) -> None:
    voucher_id = desk.claimed(hours_milli=40_000, rate_kop=120_000)  # 48,000 UAH, 80 % = 38,400 > 20,000
    found = voucher(voucher_id)
    assert found.claim is not None
    assert (found.claim.amount_kop, found.claim.deciding_limit) == (2_000_000, "face")


def test_voucher_redeemed_once(desk: Desk) -> None:
    voucher_id = desk.claimed()
    with unit_of_work():
        claims.approve_claim(voucher(voucher_id).claim, by=desk.user("checker"))
    with unit_of_work():
        claims.pay_claim(voucher(voucher_id).claim, reference="PAY-1", by=desk.user("finance"))
    with pytest.raises(WrongState), unit_of_work():
        claims.pay_claim(voucher(voucher_id).claim, reference="PAY-2", by=desk.user("finance"))
    with pytest.raises(WrongState):
        resubmit(desk, voucher_id)
    assert money(desk)[1] == 1_600_000


def resubmit(desk: Desk, voucher_id: int) -> None:
    with unit_of_work():
        claims.submit_claim(
            voucher(voucher_id), invoice_number="R-2", invoice_day=product_clock.today(), payee_iban=IBAN,
            copayment_proof="1", rating=5, feedback="", by=desk.user("head0"),
        )  # fmt: skip


def test_redemption_by_eight_at_once_pays_once(app: Flask, desk: Desk) -> None:
    voucher_id = desk.claimed()
    with unit_of_work():
        claims.approve_claim(voucher(voucher_id).claim, by=desk.user("checker"))
    finance_id = desk.ids["finance"]
    outcomes: list[str] = []

    def pay() -> None:
        with app.app_context():
            try:
                with unit_of_work():
                    payer = db.session.get_one(User, finance_id)
                    claims.pay_claim(voucher(voucher_id).claim, reference="PAY", by=payer)
                outcomes.append("paid")
            except WrongState:
                outcomes.append("refused")

    threads = [threading.Thread(target=pay) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["paid"] + ["refused"] * 7
    assert money(desk) == (0, 1_600_000, 2_400_000)


def test_issuer_may_not_check_nor_pay(desk: Desk) -> None:
    voucher_id = desk.claimed()
    with pytest.raises(NotAllowed), unit_of_work():
        claims.approve_claim(voucher(voucher_id).claim, by=desk.user("operator"))
    with unit_of_work():
        claims.approve_claim(voucher(voucher_id).claim, by=desk.user("checker"))
    with pytest.raises(NotAllowed), unit_of_work():
        claims.pay_claim(voucher(voucher_id).claim, reference="X", by=desk.user("checker"))


def test_rejected_claim_returns_the_money(desk: Desk) -> None:
    voucher_id = desk.claimed()
    with unit_of_work():
        claims.reject_claim(voucher(voucher_id).claim, by=desk.user("checker"), reason="Акт не відповідає роботі")
    assert voucher(voucher_id).state is VoucherState.CANCELLED
    assert money(desk) == (0, 0, 4_000_000)


def test_returned_claim_is_sent_again(desk: Desk) -> None:
    voucher_id = desk.claimed()
    with unit_of_work():
        claims.return_claim(voucher(voucher_id).claim, by=desk.user("checker"), reason="Додайте рахунок")
    resubmit(desk, voucher_id)
    found = voucher(voucher_id)
    assert found.claim is not None
    assert (found.claim.state, found.claim.invoice_number) == (ClaimState.SUBMITTED, "R-2")


def test_unbooked_voucher_expires_at_the_instant(desk: Desk, clock: FrozenClock) -> None:
    found = voucher(desk.issued())
    until = found.book_until
    assert until is not None
    clock.at(until)
    clock.forward(seconds=-1)
    with unit_of_work():
        assert requests.expire_vouchers(product_clock.now()) == 0
    clock.at(until)
    with unit_of_work():
        assert requests.expire_vouchers(product_clock.now()) == 1
        assert requests.expire_vouchers(product_clock.now()) == 0
    assert money(desk) == (0, 0, 4_000_000)


def test_scope_refused_when_the_term_is_over_though_not_yet_recorded(desk: Desk, clock: FrozenClock) -> None:
    voucher_id = desk.issued()
    until = voucher(voucher_id).book_until
    assert until is not None
    clock.at(until)
    with pytest.raises(WrongState):
        desk.proposed(voucher_id)


@pytest.mark.parametrize(("hours_milli", "rate_kop", "field"), [(40_001, 100_000, "hours"), (40_000, 120_001, "rate")])
def test_scope_over_a_ceiling_refused(desk: Desk, hours_milli: int, rate_kop: int, field: str) -> None:
    voucher_id = desk.issued()
    with pytest.raises(InvalidInput) as refused:
        desk.proposed(voucher_id, hours_milli=hours_milli, rate_kop=rate_kop)
    assert refused.value.field == field


def test_changed_scope_is_not_signed_blindly(desk: Desk) -> None:
    voucher_id = desk.issued()
    desk.proposed(voucher_id)
    scope = voucher(voucher_id).scope
    assert scope is not None
    seen = scope.content_digest
    desk.proposed(voucher_id, hours_milli=30_000)
    with pytest.raises(InvalidInput) as refused, unit_of_work():
        delivery.sign_scope(voucher(voucher_id), by=desk.user("consultant"), digest=seen)
    assert refused.value.field == "digest"
    assert voucher(voucher_id).state is VoucherState.ISSUED


def test_act_before_scope_refused(desk: Desk) -> None:
    voucher_id = desk.issued()
    with pytest.raises(WrongState), unit_of_work():
        delivery.file_act(
            voucher(voucher_id), number="1", day=product_clock.today(), content="x" * 30, hours_milli=1000,
            by=desk.user("consultant"),
        )  # fmt: skip


def test_wrong_iban_refused(desk: Desk) -> None:
    voucher_id = desk.delivered()
    with pytest.raises(InvalidInput) as refused, unit_of_work():
        claims.submit_claim(
            voucher(voucher_id), invoice_number="R-1", invoice_day=product_clock.today(),
            payee_iban=IBAN[:-1] + "2", copayment_proof="1", rating=5, feedback="", by=desk.user("head0"),
        )  # fmt: skip
    assert refused.value.field == "payee_iban"


def test_cancelled_voucher_returns_the_money(desk: Desk) -> None:
    voucher_id = desk.issued()
    with unit_of_work():
        requests.cancel_voucher(voucher(voucher_id), by=desk.user("operator"), reason="Організація відмовилась")
    assert money(desk) == (0, 0, 4_000_000)


def test_numbers_of_a_programme_have_no_gap_when_issued_at_once(app: Flask, desk: Desk) -> None:
    ids = [desk.requested(0), desk.requested(1)]
    operator_id = desk.ids["operator"]
    errors: list[BaseException] = []

    def issue(voucher_id: int) -> None:
        with app.app_context():
            try:
                with unit_of_work():
                    requests.issue_voucher(voucher(voucher_id), by=db.session.get_one(User, operator_id))
            except BaseException as error:
                errors.append(error)

    threads = [threading.Thread(target=issue, args=(voucher_id,)) for voucher_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert errors == []
    assert sorted(number for number in db.session.scalars(sa.select(Voucher.number)) if number) == [1, 2]
