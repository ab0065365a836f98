"""The queue of the formal check: terms in working days, who checks what, pages, exports, the line of the work list."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from flask import Flask

from grants_app.applications import queries, services
from grants_app.applications.models import Application
from grants_app.applications.queries import considered_without
from grants_app.applications.queries import queue as queues
from grants_app.applications.queries.queue import QueueChoice, QueueRow, check_queue
from grants_app.applications.routes import desk
from grants_app.core import clock as product_clock
from grants_app.core.errors import NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import ApplicationState
from grants_app.permissions import Role
from grants_app.web import panels
from tests.support.admissions import REQUIREMENTS, checking, left_to_the_commission, met, proposed
from tests.support.applications import new_head, submitted_application
from tests.support.calls import Call
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as


def _row(call: Call, application: Application) -> QueueRow:
    return next(row for row in check_queue(call.competition, call.secretary).rows if row.code == application.code)


def test_terms_run_in_working_days_from_the_end_of_intake(call: Call, clock: FrozenClock) -> None:
    (application,) = checking(call, 1)  # the intake ended with Wednesday, 31 March 2027
    row = _row(call, application)
    assert (row.due_on, row.due_word, row.is_overdue, row.progress) == (
        date(2027, 4, 7),
        "Finish the check",
        False,
        f"0/{len(REQUIREMENTS)}",
    )
    with unit_of_work():
        services.check_requirement(application, "complete", "defect", by=call.secretary, note="Немає статуту")
    row = _row(call, application)
    assert (row.due_on, row.due_word, row.defects) == (date(2027, 4, 5), "Tell the applicant of the defects", 1)
    assert row.days_left == 2  # today is Thursday: Friday and Monday
    clock.at("2027-04-05 23:59")
    assert (_row(call, application).is_overdue, _row(call, application).days_left) == (False, 0)
    clock.at("2027-04-06 00:00")
    assert (_row(call, application).is_overdue, _row(call, application).days_left) == (True, None)


def test_returned_one_waits_for_the_applicant_then_for_the_secretary(call: Call, clock: FrozenClock) -> None:
    head = new_head()
    (application,) = checking(call, 1, [head])
    clock.at("2027-04-02 10:00")
    with unit_of_work():
        services.return_for_correction(application, ["goal"], "Мета", by=call.secretary)
    row = _row(call, application)
    assert (row.due_word, row.due_on, row.is_overdue) == ("The applicant corrects", date(2027, 4, 9), False)
    clock.at("2027-04-08 15:00")
    with unit_of_work():
        services.send_correction(application, by=head)
    row = _row(call, application)
    assert (row.due_word, row.due_on) == ("Finish the check", date(2027, 4, 15))


def test_late_correction_is_the_secretarys_turn(call: Call, clock: FrozenClock) -> None:
    (application,) = checking(call, 1)
    with unit_of_work():
        correction = services.return_for_correction(application, ["goal"], "Мета", by=call.secretary)
    clock.at(correction.due_at)
    row = _row(call, application)
    assert (row.due_word, row.is_overdue) == ("Not corrected in time: decide", True)


def test_overdue_stand_first_and_decided_last(call: Call, clock: FrozenClock) -> None:
    first, second, third = checking(call, 3)
    met(call, first)
    with unit_of_work():
        services.admit(first, by=call.secretary)
        services.check_requirement(third, "complete", "defect", by=call.secretary, note="Немає статуту")
    clock.at("2027-04-06 09:00")
    found = check_queue(call.competition, call.secretary)
    assert [row.code for row in found.rows] == [third.code, second.code, first.code]
    assert {name: count for name, count in found.counts.items() if count} == {"waiting": 2, "overdue": 1, "done": 1}
    late = check_queue(call.competition, call.secretary, QueueChoice(state="overdue"))
    assert [row.code for row in late.rows] == [third.code]


def test_taking_is_seen_by_others_and_keeps_nobody_out(call: Call) -> None:
    first, second = checking(call, 2)
    other = new_person(Role.SECRETARY)
    with unit_of_work():
        services.take_check(first, by=call.secretary)
    mine = check_queue(call.competition, call.secretary, QueueChoice(who="mine"))
    free = check_queue(call.competition, other, QueueChoice(who="free"))
    assert ([row.code for row in mine.rows], [row.code for row in free.rows]) == ([first.code], [second.code])
    assert queries.next_to_check(second, other) is None
    assert queries.next_to_check(second, call.secretary) == first.code
    with unit_of_work():
        services.check_requirement(first, "complete", "meets", by=other)
        services.take_check(first, by=other, is_taken=False)
    assert first.checker_id is None
    with pytest.raises(NotAllowed), unit_of_work():
        services.take_check(first, by=call.organizer)


def test_hidden_application_is_neither_listed_nor_counted_nor_next(call: Call) -> None:
    first, second = checking(call, 2)
    number = second.id

    def hides(viewer: object, competition_id: int | None) -> frozenset[int]:
        return frozenset({number})

    considered_without.append(hides)
    try:
        found = check_queue(call.competition, call.secretary)
        assert ([row.code for row in found.rows], found.total) == ([first.code], 1)
        assert queries.next_to_check(first, call.secretary) is None
    finally:
        considered_without.remove(hides)


def test_sealed_queue_is_empty(call: Call) -> None:
    submitted_application(call.competition)
    found = check_queue(call.competition, call.secretary)
    assert (found.rows, found.total, found.is_sealed) == ([], 0, True)


def test_queue_asks_the_same_however_many_rows(call: Call) -> None:
    submitted_application(call.competition)
    checking(call, 0)
    with count_queries() as one:
        check_queue(call.competition, call.secretary)
    first = check_queue(call.competition, call.secretary).rows[0]
    with unit_of_work():
        for number in range(2):
            copy = Application(
                key=f"copy-{number}",
                code=f"{first.code}{number}",
                competition_id=call.competition.id,
                state=ApplicationState.SUBMITTED,
                created_at=product_clock.now(),
                submitted_at=product_clock.now(),
                form_version=1,
            )
            db.session.add(copy)
    with count_queries() as three:
        assert len(check_queue(call.competition, call.secretary).rows) == 3
    assert len(three) == len(one)


def test_page_shows_a_part_and_exports_give_all(app: Flask, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    applications = checking(call, 3)
    monkeypatch.setattr(queues, "PAGE", 2)
    client, address = visit_as(app, call.secretary), f"/applications/register/{call.competition.code}/queue"
    pages = [client.get(f"{address}?sort=number&page={page}").text for page in (1, 2, 9)]
    assert [[f"{one.code}" in page for one in applications] for page in pages] == [
        [True, True, False],
        [False, False, True],
        [False, False, True],
    ]
    rows = client.get(f"{address}.json?sort=number").get_json()
    assert [row["code"] for row in rows["rows"] if isinstance(rows, dict)] == [one.code for one in applications]
    for suffix in ("csv", "xlsx", "pdf"):
        assert client.get(f"{address}.{suffix}").status_code == 200
    assert visit_as(app, call.organizer).get(address).status_code == 403


def test_register_shows_a_page_and_exports_give_all(app: Flask, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    applications = checking(call, 3)
    monkeypatch.setattr(desk, "PAGE", 2)
    client, address = visit_as(app, call.secretary), f"/applications/register/{call.competition.code}"
    page = client.get(f"{address}?page=2").text
    shown = [f">{one.code}</a>" in page for one in applications]
    assert shown == [False, False, True]
    assert "page=1" in page
    assert len(client.get(f"{address}.json").get_json()["rows"]) == 3


def test_work_list_of_the_secretary_names_the_nearest_term(app: Flask, call: Call, clock: FrozenClock) -> None:
    checking(call, 2)
    clock.at("2027-04-08 09:00")
    with app.test_request_context():
        items = [item for item in panels.due_items(call.secretary) if item.url.endswith("/queue")]
    assert [item.when for item in items] == [check_queue(call.competition, call.secretary).rows[0].due_at]
    assert "2" in items[0].why


def test_proposal_is_shown_until_it_is_decided(call: Call) -> None:
    left_to_the_commission(call)
    (application,) = checking(call, 1)
    proposed(call, application)
    assert _row(call, application).proposal == "admit"
    with unit_of_work():
        services.decide_by_minutes(application, services.MinutesRef(1, "M", date(2027, 4, 5)), by=call.secretary)
    assert _row(call, application).proposal == ""


def test_all_of_a_page_are_chosen_at_once(app: Flask, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty applications are not ticked one by one: the link ticks what waits on this page, and nothing elsewhere."""
    decided, *waiting = checking(call, 4)
    met(call, decided)
    with unit_of_work():
        services.admit(decided, by=call.secretary)
    monkeypatch.setattr(queues, "PAGE", 3)
    client = visit_as(app, call.secretary)
    address = f"/applications/register/{call.competition.code}/queue"

    def ticked(page: str) -> list[str]:
        return re.findall(r'name="codes" value="([^"]+)"[^>]* checked', page)

    plain = client.get(f"{address}?lang=en&sort=-number").text
    link = re.search(r'href="([^"]+)">Choose all 3 applications of this page', plain)
    assert link is not None
    assert ticked(plain) == []
    chosen = client.get(unescape(link[1])).text
    assert ticked(chosen) == [one.code for one in reversed(waiting)]
    unpick = re.search(r'href="([^"]+)">Choose none', chosen)
    assert unpick is not None
    assert ticked(client.get(unescape(unpick[1])).text) == []
    assert "Choose all" not in client.get(f"{address}?lang=en&sort=-number&page=2").text
