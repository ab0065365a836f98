"""Sums as only an attacker types them: no sign, no exponent, no foreign digit and no kopiyka beyond a limit passes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.awards.models import Award
from grants_app.core.money import MAX_KOP, parse_bp, parse_kop
from grants_app.database import db
from tests.support.decisions import Bid, Case, open_decision, rules_of, scored_competition
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

HOSTILE = (
    *("-1", "+5", "1_000", "1e5", "１２", "١٢", "0x10", "1.000.000", "1,234,567", "NaN", "Infinity", "1/2", "٫5", "²"),
    *("12,345", "--", "=1+1", str(MAX_KOP), "9" * 400),
)


@pytest.fixture
def case(app: Flask, clock: FrozenClock) -> Case:
    """Two applications and money for one and a half."""
    bids = [Bid("перша", 4_000_000, {"E-1": "9", "E-2": "9"}), Bid("друга", 4_000_000, {"E-1": "8", "E-2": "8"})]
    made = scored_competition(bids, rules_of({"lot": 6_000_000}))
    open_decision(made)
    return made


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_sum_is_no_sum(text: str) -> None:
    with pytest.raises(ValueError, match=r"money|large"):
        parse_kop(text)
    with pytest.raises(ValueError, match=r"share|more"):
        parse_bp(text)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("typed", [*HOSTILE[:8], "40 000,01", "20 000,01", "0,005"])
def test_sum_over_request_or_fund_by_a_kopiyka_changes_nothing(app: Flask, case: Case, typed: str) -> None:
    """The first keeps its 40 000: 20 000 are left for the second, and not a kopiyka more."""
    before = db.session.execute(sa.select(Award.application_id, Award.proposed_kop)).all()
    address = f"/awards/{case.competition.code}/ranking/{case.codes['друга']}/amount"
    visitor = visit_as(app, case.secretary)
    names = {"amount": typed, "amount_kop": typed, "sum": typed, "action": "fund", "reason": "так вирішила комісія"}
    assert visitor.post(address, data=names).status_code == 422
    assert db.session.execute(sa.select(Award.application_id, Award.proposed_kop)).all() == before
    names = dict.fromkeys(names, "20 000,00") | {"action": "fund", "reason": "так вирішила комісія"}
    assert visitor.post(address, data=names).status_code == 302
    assert case.award("друга").proposed_kop == 2_000_000
