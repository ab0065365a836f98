"""The decision replayed by every test of this stage starts from one competition."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.decisions import Bid, Case, rules_of, scored_competition
from tests.support.time import FrozenClock

FUND_KOP = 10_000_000


@pytest.fixture
def case(app: Flask, clock: FrozenClock) -> Case:
    """Two funded in full, one with the remainder, one in reserve, one below the pass mark; a fund of 100 000."""
    bids = [
        Bid("перша", 4_000_000, {"E1": "10", "E2": "9"}),
        Bid("друга", 4_000_000, {"E1": "9", "E2": "8"}),
        Bid("третя", 4_000_000, {"E1": "8", "E2": "7"}),
        Bid("четверта", 3_000_000, {"E1": "7", "E2": "7"}),
        Bid("п’ята", 1_000_000, {"E1": "4", "E2": "5"}),
    ]
    return scored_competition(bids, rules_of({"lot": FUND_KOP}))
