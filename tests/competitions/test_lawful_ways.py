"""What is fixed since the announcement says so, and shows the ways that are left: amend, prolong, cancel, copy."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from grants_app.competitions import services as calls
from grants_app.competitions.models import Competition
from grants_app.competitions.services import amendments
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import CompetitionState
from tests.competitions.test_pages import page_of, typed
from tests.support.calls import CODE, announced_call, new_call
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

pytestmark = pytest.mark.sqlite_only
CALL = f"/competitions/{CODE}"
AMEND, PROLONG, CANCEL = (f"{CALL}/{name}" for name in ("amendment", "prolong", "cancel"))
COPY = f"/competitions/new?copy={CODE}"
AFTER_THE_END = "2027-04-01 00:00"


def ways(answer: TestResponse) -> list[str]:
    return [str(link["href"]) for link in page_of(answer).select("section[aria-labelledby=ways] a")]


@pytest.mark.parametrize("theme", ["lots", "priorities", "criteria", "intake", "calendar", "rules", "panel", "basics"])
def test_fixed_settings_offer_what_is_lawful(app: Flask, clock: FrozenClock, theme: str) -> None:
    call = announced_call()
    organizer = visit_as(app, call.organizer)
    page = organizer.get(f"{CALL}/settings/{theme}")
    assert (ways(page), page_of(page).select("main form")) == ([AMEND, PROLONG, CANCEL, COPY], [])
    assert ways(organizer.get(AMEND)) == [PROLONG, CANCEL, COPY]


def test_ways_close_with_the_intake_and_with_the_call(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    organizer = visit_as(app, call.organizer)
    clock.at(AFTER_THE_END)
    assert ways(organizer.get(f"{CALL}/settings/criteria")) == [CANCEL, COPY]
    with unit_of_work():
        calls.cancel(call.competition, by=call.organizer, reason="Помилка в критеріях")
    assert ways(organizer.get(f"{CALL}/settings/criteria")) == [COPY]


def test_draft_and_other_staff_get_no_ways(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    assert ways(visit_as(app, call.organizer).get(f"{CALL}/settings/criteria")) == []
    with unit_of_work():
        calls.announce(call.competition, by=call.organizer)
    assert ways(visit_as(app, call.secretary).get(f"{CALL}/settings/criteria")) == []


def test_copy_begins_from_the_call_named_in_the_address(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    organizer = visit_as(app, call.organizer)
    sent = typed(organizer.get(COPY))
    assert (sent["basis"], sent["title"], sent["year"]) == (f"copy:{CODE}", call.competition.title, "2027")
    made = organizer.post("/competitions/new", data=sent | {"code": "2028-SKP", "year": "2028"})
    assert made.location == "/competitions/2028-SKP/settings/basics"
    assert organizer.get("/competitions/new?copy=2099-NO").status_code == 404


def test_settings_typed_while_the_call_was_announced_stand_on_the_page(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    organizer = visit_as(app, call.organizer)
    sent = typed(organizer.get(f"{CALL}/settings/basics")) | {"summary": "Дописане пізно"}
    with unit_of_work():
        calls.announce(call.competition, by=call.organizer)
    answer = organizer.post(f"{CALL}/settings/basics", data=sent)
    text = page_of(answer).select_one("main").get_text(" ")  # type: ignore[union-attr]  # it is there
    assert (answer.status_code, "Дописане пізно" in text, "не збережено" in text) == (422, True, True)


@pytest.mark.parametrize("is_over", [False, True])
def test_texts_typed_for_an_amendment_that_is_over_stand_on_the_page(
    app: Flask, clock: FrozenClock, is_over: bool
) -> None:
    call = announced_call()
    organizer = visit_as(app, call.organizer)
    with unit_of_work():
        amendments.begin_amendment(call.competition, by=call.organizer)
    sent = typed(organizer.get(f"{AMEND}/texts")) | {"summary": "Дописане пізно"}
    if is_over:
        clock.at(AFTER_THE_END)
    else:
        with unit_of_work():
            amendments.discard_amendment(call.competition, by=call.organizer)
    answer = organizer.post(f"{AMEND}/texts", data=sent)
    page = page_of(answer)
    assert (answer.status_code, page.select("main form")) == (403, [])
    assert "Дописане пізно" in page.select_one("main").get_text(" ")  # type: ignore[union-attr]  # it is there


def test_copy_of_a_call_that_is_over_begins_with_the_next_year(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    with unit_of_work():
        # the whole way to a decision is long, and only its end matters here
        over = {"state": CompetitionState.DECIDED, "title": "Конкурс 2027 року"}
        db.session.execute(sa.update(Competition).values(over))
    sent = typed(visit_as(app, call.organizer).get(COPY))
    assert (sent["title"], sent["year"]) == ("Конкурс 2028 року", "2028")
