"""A form with thousands of rows more than its page can show is refused fast, and nothing is stored."""

from __future__ import annotations

import re
import time

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.applications.models import BudgetRow
from grants_app.database import db
from tests.support.applications import draft_application, new_head
from tests.support.calls import announced_call
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

ROWS = 10_000
SECONDS = 10


@pytest.mark.sqlite_only
def test_budget_of_ten_thousand_rows_is_refused(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    head = new_head()
    application = draft_application(call.competition, head)
    visitor, address = visit_as(app, head), f"/applications/{application.key}/budget"
    page = visitor.get(address).text
    first = set(re.findall(r'name="([\w-]+-0-\w+)"', page))
    assert first != set()
    before = db.session.scalar(sa.select(sa.func.count(BudgetRow.id)))
    sent = {name.replace("-0-", f"-{number}-"): "1" for name in first for number in range(ROWS)}
    for suffix in ("", "/autosave"):
        begun = time.process_time()
        answer = visitor.post(f"{address}{suffix}", data=sent)
        assert (400 <= answer.status_code < 500, time.process_time() - begun < SECONDS) == (True, True)
    assert db.session.scalar(sa.select(sa.func.count(BudgetRow.id))) == before
