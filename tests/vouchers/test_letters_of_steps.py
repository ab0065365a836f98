"""Every step of vouchers, claims, programmes and consultants writes, in its own unit, a letter that the table names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from grants_app.core import clock as product_clock
from grants_app.database import unit_of_work
from grants_app.journal.telling import STEPS, Silent
from grants_app.vouchers.services import claim as claims
from grants_app.vouchers.services import programme as programmes
from grants_app.vouchers.services import request as requests
from tests.support.time import FrozenClock
from tests.support.told import watched
from tests.vouchers.conftest import Desk, voucher

WHY = "Так вирішив оператор"
THINGS = ("voucher_programme", "voucher", "claim", "consultant")


def step(service: Callable[..., object], thing: object, desk: Desk, role: str = "operator") -> None:
    """One step with a reason, in a unit of its own."""
    with unit_of_work():
        service(thing, by=desk.user(role), reason=WHY)


def refused(desk: Desk, _clock: FrozenClock) -> None:
    step(requests.refuse_voucher, voucher(desk.requested()), desk)


def cancelled(desk: Desk, _clock: FrozenClock) -> None:
    step(requests.cancel_voucher, voucher(desk.issued()), desk)


def expired(desk: Desk, clock: FrozenClock) -> None:
    until = voucher(desk.issued()).book_until
    assert until is not None
    clock.at(until)
    with unit_of_work():
        requests.expire_vouchers(product_clock.now())


def blocked_and_back(desk: Desk, _clock: FrozenClock) -> None:
    number = desk.issued()
    step(requests.block_voucher, voucher(number), desk, "checker")
    step(requests.unblock_voucher, voucher(number), desk, "checker")


def blocked_for_good(desk: Desk, _clock: FrozenClock) -> None:
    number = desk.issued()
    step(requests.block_voucher, voucher(number), desk, "checker")
    step(requests.cancel_voucher, voucher(number), desk, "checker")


def returned_claim(desk: Desk, _clock: FrozenClock) -> None:
    step(claims.return_claim, voucher(desk.claimed()).claim, desk, "checker")


def rejected_claim(desk: Desk, _clock: FrozenClock) -> None:
    step(claims.reject_claim, voucher(desk.claimed()).claim, desk, "checker")


def paid_claim(desk: Desk, _clock: FrozenClock) -> None:
    number = desk.claimed()
    with unit_of_work():
        claims.approve_claim(voucher(number).claim, by=desk.user("checker"))
    with unit_of_work():
        claims.pay_claim(voucher(number).claim, reference="PAY-1", by=desk.user("finance"))


def programme_resumed_and_closed(desk: Desk, _clock: FrozenClock) -> None:
    desk.issued()
    step(programmes.suspend_programme, desk.programme, desk)
    with unit_of_work():
        programmes.activate_programme(desk.programme, by=desk.user("operator"))
    with unit_of_work():
        programmes.close_programme(desk.programme, by=desk.user("operator"))


def consultant_off_the_list_and_back(desk: Desk, _clock: FrozenClock) -> None:
    step(programmes.suspend_consultant, desk.consultant, desk)
    with unit_of_work():
        programmes.accredit(desk.consultant, by=desk.user("operator"))


# What each story takes of the steps that must tell somebody.
STORIES: dict[Callable[[Desk, FrozenClock], None], str] = {
    refused: "voucher.refuse",
    cancelled: "voucher.issue voucher.cancel",
    expired: "voucher.issue voucher.expire",
    blocked_and_back: "voucher.issue voucher.block voucher.unblock",
    blocked_for_good: "voucher.issue voucher.block voucher.cancel_blocked",
    returned_claim: "voucher.issue voucher.book claim.return",
    rejected_claim: "voucher.issue voucher.book claim.reject voucher.reject_claim",
    paid_claim: "voucher.issue voucher.book claim.approve claim.pay voucher.redeem",
    programme_resumed_and_closed: (
        "voucher.issue voucher_programme.suspend voucher_programme.activate voucher_programme.close"
    ),
    consultant_off_the_list_and_back: "consultant.suspend consultant.accredit",
}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_steps_of_vouchers_write_their_letters(
    desk: Desk, clock: FrozenClock, story: Callable[[Desk, FrozenClock], None]
) -> None:
    with watched() as told:
        story(desk, clock)
    assert {f"{thing}.{name}" for thing, name in told.taken} == set(STORIES[story].split())
    assert told.silent == set()


def test_stories_take_every_step_that_tells_somebody() -> None:
    """A step added to a table is not proved until a story takes it."""
    named = {
        f"{thing}.{name}" for thing in THINGS for name, told in STEPS[thing].items() if not isinstance(told, Silent)
    }
    assert {one for steps in STORIES.values() for one in steps.split()} == named
