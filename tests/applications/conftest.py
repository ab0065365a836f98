"""A call whose intake runs; the clock stands at its first noon."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.calls import Call, announced_call
from tests.support.time import FrozenClock


@pytest.fixture
def call(app: Flask, clock: FrozenClock) -> Call:
    """An announced competition of tests.support.calls."""
    return announced_call()
