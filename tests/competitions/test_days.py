"""The city's calendar: a new day off shows what it moves, moves it, and never shortens what was promised."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import services as applying
from grants_app.applications.models import Correction
from grants_app.competitions import services
from grants_app.competitions.models import DayOff
from grants_app.competitions.rules.day_limits import day_warnings
from grants_app.competitions.services import asking, days
from grants_app.core import clock as product_clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from tests.support.applications import close, new_head, submitted_application
from tests.support.calls import CODE, Call, announced_call
from tests.support.queries import somebody_waits
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

OFF = date(2027, 4, 5)  # a Monday


def returned(clock: FrozenClock) -> tuple[Call, Correction]:
    """An application returned on Thursday 1 April: five working days end on Thursday 8 April."""
    call = announced_call()
    clock.at("2027-03-10 10:00")
    application = submitted_application(call.competition)
    close(call.competition)
    clock.at("2027-04-01 12:00")
    with unit_of_work():
        applying.start_formal_check(call.competition, by=call.secretary)
        applying.return_for_correction(application, ["capacity"], "Доповніть", by=call.secretary)
    correction = db.session.query(Correction).one()
    assert correction.due_day == date(2027, 4, 8)
    return call, correction


def test_new_day_off_moves_running_terms_alone(app: Flask, clock: FrozenClock) -> None:
    call, correction = returned(clock)
    effect = days.effect_of(OFF, call.organizer)
    assert [(one.competition, one.old, one.new) for one in effect] == [(CODE, date(2027, 4, 8), date(2027, 4, 9))]
    with unit_of_work():
        assert services.add_day_off(OFF, "Вихідний міста", by=call.organizer) == 1
    db.session.refresh(correction)
    assert (correction.due_day, correction.due_at) == (date(2027, 4, 9), product_clock.end_of_day(date(2027, 4, 9)))
    clock.at("2027-04-10 00:00")
    with unit_of_work():
        assert services.add_day_off(date(2027, 4, 6), "Запізно", by=call.organizer) == 0


def test_removed_day_off_shortens_nothing(app: Flask, clock: FrozenClock) -> None:
    call, correction = returned(clock)
    with unit_of_work():
        services.add_day_off(OFF, "", by=call.organizer)
    with unit_of_work():
        services.remove_day_off(OFF, by=call.organizer)
    db.session.refresh(correction)
    assert correction.due_day == date(2027, 4, 9)


def test_answers_to_questions_follow_the_calendar(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    clock.at("2027-03-04 12:00")
    head = new_head()
    with unit_of_work():
        asking.ask(call.competition, "Чи можна оплатити оренду?", by=head)
    effect = days.effect_of(date(2027, 3, 8), call.organizer)
    assert [(one.old, one.new) for one in effect] == [(date(2027, 3, 9), date(2027, 3, 10))]


def test_weekend_and_known_day_move_nothing(app: Flask, clock: FrozenClock) -> None:
    call, _correction = returned(clock)
    assert days.effect_of(date(2027, 4, 4), call.organizer) == []
    with unit_of_work():
        services.add_day_off(OFF, "", by=call.organizer)
    assert days.effect_of(OFF, call.organizer) == []
    with pytest.raises(InvalidInput), unit_of_work():
        services.add_day_off(OFF, "", by=call.organizer)


@pytest.mark.sqlite_only
def test_page_shows_the_effect_before_it_is_saved(app: Flask, clock: FrozenClock) -> None:
    call, correction = returned(clock)
    desk = visit_as(app, call.organizer)
    shown = desk.get("/competitions/working-days/effect?day=2027-04-05&title=Свято")
    page = BeautifulSoup(shown.data, "html.parser")
    assert page.select_one("#effect").get_text(strip=True) == "Змінить 1 строк"  # type: ignore[union-attr]
    db.session.refresh(correction)
    assert correction.due_day == date(2027, 4, 8)
    sent = {element["name"]: element["value"] for element in page.select("main form input[name]")}
    assert desk.post("/competitions/working-days", data=sent).status_code == 302
    for odd in ("day=", "day=2027-02-30", "day=2027-04-05", "title=x"):
        assert desk.get(f"/competitions/working-days/effect?{odd}").status_code == 422, odd


@pytest.mark.sqlite_only
@pytest.mark.parametrize("role", [Role.SECRETARY, Role.NGO_HEAD, None])
def test_strangers_change_no_calendar(app: Flask, clock: FrozenClock, role: Role | None) -> None:
    person: User | None = new_person(role) if role else None
    address = "/competitions/working-days/effect?day=2027-04-05"
    assert visit_as(app, person).get(address).status_code == (403 if role else 302)
    if person is not None:
        with pytest.raises(NotAllowed), unit_of_work():
            services.add_day_off(OFF, "", by=person)


def warned(scoring_last: date, results_by: date, *off: date) -> list[dict[str, object]]:
    """Facts of the warnings of an intake that ends on Wednesday 31 March 2027, five working days to correct."""
    found = day_warnings(
        intake_last=date(2027, 3, 31),
        scoring_last=scoring_last,
        results_by=results_by,
        project_from=None,
        project_until=None,
        correction_days=5,
        days_off=off,
    )
    return [one.facts for one in found]


def test_calendar_counts_short_terms_in_working_days_of_the_city() -> None:
    # 3 working days for the notice (5 April) and 5 to correct (12 April), then 14 days of scoring
    assert warned(date(2027, 4, 26), date(2027, 5, 3)) == []
    assert warned(date(2027, 4, 25), date(2027, 5, 3)) == [{"days": 25, "least": 26}]
    assert warned(date(2027, 4, 26), date(2027, 5, 3), OFF) == [{"days": 26, "least": 27}]
    # the commission is called five working days ahead: from Monday 26 April till Monday 3 May
    assert warned(date(2027, 4, 26), date(2027, 5, 2)) == [{"least": 5}]
    assert warned(date(2027, 4, 26), date(2027, 5, 3), date(2027, 4, 28)) == [{"least": 5}]


@pytest.mark.postgres_only
@pytest.mark.parametrize(("accept", "status"), [("text/html", 409), ("application/json", 503)])
def test_same_day_added_by_two_at_once_is_told_to_the_second(app: Flask, accept: str, status: int) -> None:
    """Neither sees the other's; the constraint lets one through. A script is told to try again."""
    first, second, is_written = new_person(Role.ORGANIZER), new_person(Role.ORGANIZER), Event()
    first_id, visitor = first.id, visit_as(app, second)

    def add() -> None:
        with app.app_context(), unit_of_work():
            days.add_day_off(OFF, "Перша", by=db.session.get_one(User, first_id))
            db.session.flush()
            is_written.set()
            assert somebody_waits()

    with ThreadPoolExecutor(1) as threads:
        done = threads.submit(add)
        assert is_written.wait(timeout=30)
        data = {"day": OFF.isoformat(), "title": "Друга"}
        answer = visitor.post("/competitions/working-days?lang=en", data=data, headers={"Accept": accept})
        done.result(timeout=60)
    assert (answer.status_code, "another person changed this" in answer.text) == (status, True)
    db.session.rollback()
    assert db.session.get_one(DayOff, OFF).title == "Перша"
