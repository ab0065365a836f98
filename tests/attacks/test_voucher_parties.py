"""A party to a voucher that also works in the city's office: it neither checks, pays, blocks nor releases it."""

from __future__ import annotations

import pytest
from flask import Flask

from grants_app.accounts.models import Membership, User
from grants_app.core import clock as product_clock
from grants_app.database import unit_of_work
from grants_app.permissions import Role
from grants_app.vouchers import policy
from grants_app.vouchers.models import Claim, Consultant, Voucher
from tests.support.visitors import new_organisation, new_person

pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize("role", [Role.FINANCE, Role.VOUCHER_OPERATOR])
def test_colleague_of_the_holder_decides_nothing_about_its_voucher(app: Flask, role: Role) -> None:
    official, stranger = new_person(role), new_person(role)
    organisation = new_organisation()
    with unit_of_work():
        official.memberships.append(
            Membership(organisation=organisation, role=Role.NGO_ACCOUNTANT, since=product_clock.now())
        )
    claim = _claim(organisation.id)
    decide = policy.why_not_pay if role is Role.FINANCE else policy.why_not_check
    assert (decide(official, claim), decide(stranger, claim)) == (policy.PARTY, None)
    assert policy.why_not_supervise(official, claim.voucher) == policy.PARTY
    assert policy.why_not_supervise(stranger, claim.voucher) is None


def _claim(organisation_id: int) -> Claim:
    """A claim as the policy reads it; nothing is stored."""
    consultant = Consultant(user_id=10_001, user=User(id=10_001))
    voucher = Voucher(organisation_id=organisation_id, issued_by_id=10_002)
    return Claim(voucher=voucher, consultant=consultant, submitted_by_id=10_003, checked_by_id=10_004)
