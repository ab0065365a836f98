"""Help with the weights: three ways, what follows from the answers, taking it over; nothing changes by looking."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.competitions import services
from grants_app.competitions.models import Competition
from grants_app.competitions.services import weighing
from grants_app.core.errors import InvalidInput
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from tests.support.calls import CODE, announced_call, new_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

ADDRESS = f"/competitions/{CODE}/weights"
BEFORE = ["20", "15", "20", "20", "10", "10", "5"]
ORDER = {f"place_{number}": place for number, place in enumerate((2, 1, 3, 4, 5, 6, 7), 1)}
CENTROID = ["22.8", "37", "15.6", "10.9", "7.3", "4.4", "2"]  # of seven, the first two exchanged


def stored() -> Competition:
    return db.session.scalars(sa.select(Competition).filter_by(code=CODE)).one()


def weights() -> list[str]:
    return [one.weight for one in stored().criteria]


def proposed(page: str) -> list[str]:
    return [row.select("td")[-1].get_text(strip=True) for row in BeautifulSoup(page, "html.parser").select("tbody tr")]


def errors(page: str) -> list[tuple[str, str]]:
    links = BeautifulSoup(page, "html.parser").select(".govuk-error-summary a")
    return [(str(link["href"]), link.get_text(strip=True)) for link in links]


def test_weights_of_an_order_are_the_centroid() -> None:
    exact = [
        sum((Fraction(1, rank) for rank in range(place, 8)), Fraction(0)) * 100 / 7 for place in (2, 1, 3, 4, 5, 6, 7)
    ]
    found = weighing.weights_of_order([2, 1, 3, 4, 5, 6, 7])
    assert (list(found), sum(map(Fraction, found))) == (CENTROID, 100)
    assert all(abs(Fraction(text) - share) < Fraction(1, 10) for text, share in zip(found, exact, strict=True))


def test_weights_add_up_to_a_hundred_whatever_is_left_by_rounding() -> None:
    assert weighing.weights_of_swings([100, 100, 100]) == ("33.4", "33.3", "33.3")
    assert weighing.weights_of_swings([100, 60, 40]) == ("50", "30", "20")


def test_consistent_comparisons_give_their_weights() -> None:
    halves = {(0, 1): Fraction(3), (0, 2): Fraction(9), (1, 2): Fraction(3)}
    assert weighing.weights_of_pairs(3, halves) == ("69.2", "23.1", "7.7")


def test_contradicting_comparisons_name_the_one_to_ask_again() -> None:
    answers = {pair: Fraction(1) for pair in combinations(range(4), 2)} | {(1, 3): Fraction(9)}
    with pytest.raises(InvalidInput) as refused:
        weighing.weights_of_pairs(4, answers)
    assert (refused.value.field, str(refused.value.facts["most"])) == ("pair_2_4", "0,10")


def test_order_shown_then_taken(app: Flask, clock: FrozenClock) -> None:
    organizer = visit_as(app, new_call().organizer)
    page = organizer.get(f"/competitions/{CODE}/settings/criteria")
    link = BeautifulSoup(page.text, "html.parser").find("a", string="Допомога з вагами")
    assert link is not None
    assert link["href"] == f"{ADDRESS}/order"
    sent = {**ORDER, "version": str(stored().version)}
    shown = organizer.post(f"{ADDRESS}/order", data={**sent, "then": "show"})
    assert (shown.status_code, proposed(shown.text)) == (200, [text.replace(".", ",") for text in CENTROID])
    assert weights() == BEFORE
    taken = organizer.post(f"{ADDRESS}/order", data={**sent, "then": "take"})
    assert (taken.status_code, weights()) == (302, CENTROID)
    assert [guard for guard in stored().criteria if guard.question == ""] == []  # everything else of them stays


@pytest.mark.parametrize(
    ("method", "sent", "place"),
    [
        ("order", {**ORDER, "place_3": "2"}, "#place_3"),
        ("order", {**ORDER, "place_3": "8"}, "#place_3"),
        ("order", {**ORDER, "place_3": ""}, "#place_3"),
        ("swing", {f"swing_{number}": "0" for number in range(1, 8)}, "#swing_1"),
        ("swing", {**{f"swing_{number}": "5" for number in range(1, 8)}, "swing_4": "101"}, "#swing_4"),
        ("pairs", {"pair_1_2": "2/0"}, "#pair_1_2"),
        ("pairs", {"pair_1_2": "9", "pair_2_3": "9", "pair_1_3": "1/9"}, "#pair_1_3"),
    ],
)
def test_bad_answers_refused_at_their_field(
    app: Flask, clock: FrozenClock, method: str, sent: dict[str, str], place: str
) -> None:
    organizer = visit_as(app, new_call().organizer)
    answer = organizer.post(f"{ADDRESS}/{method}", data={**sent, "version": str(stored().version), "then": "take"})
    assert (answer.status_code, [href for href, _ in errors(answer.text)], weights()) == (422, [place], BEFORE)


def test_weights_taken_over_a_newer_version_refused(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    organizer, seen = visit_as(app, call.organizer), stored().version
    with unit_of_work():
        services.update_priorities(
            call.competition, [services.PrioritySetting("Інше")], by=call.organizer, version=stored().version
        )
    answer = organizer.post(f"{ADDRESS}/order", data={**ORDER, "version": str(seen), "then": "take"})
    assert (answer.status_code, weights()) == (409, BEFORE)


def test_weights_of_an_announced_call_stay(app: Flask, clock: FrozenClock) -> None:
    organizer = visit_as(app, announced_call().organizer)
    answer = organizer.post(f"{ADDRESS}/order", data={**ORDER, "version": str(stored().version), "then": "take"})
    assert (answer.status_code, weights()) == (422, BEFORE)


def test_weights_are_the_organizers(app: Flask, clock: FrozenClock) -> None:
    new_call()
    for role in (Role.SECRETARY, Role.CHAIR, Role.EXPERT):
        assert visit_as(app, new_person(role)).get(f"{ADDRESS}/order").status_code == 403


def test_points_that_are_added_share_no_hundred(app: Flask, clock: FrozenClock) -> None:
    organizer = visit_as(app, new_call(preset="cmu1049").organizer)
    page = organizer.get(f"{ADDRESS}/order")
    told = BeautifulSoup(page.text, "html.parser").select_one("main .app-note")
    assert told is not None
    assert told.get_text() == "У цьому конкурсі бали сумують: ваги – це множники балів, а не частки від 100"
    taken = organizer.post(f"{ADDRESS}/order", data={**ORDER, "version": str(stored().version), "then": "take"})
    assert (taken.status_code, weights()) == (422, ["1", "1", "1", "1"])


def test_criterion_that_only_informs_stays_so(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    with unit_of_work():
        last = stored().criteria[-1]
        last.counted, last.weight = False, "0"
        stored().criteria[0].weight = "25"
    organizer = visit_as(app, call.organizer)
    address = f"/competitions/{CODE}/settings/criteria"
    form = BeautifulSoup(organizer.get(address).text, "html.parser").select_one("main form[method=post]")
    assert form is not None
    sent = {str(one["name"]): one.get("value", "") for one in form.select("input[name]")}
    sent |= {str(one["name"]): one.get_text().lstrip("\r\n") for one in form.select("textarea[name]")}
    assert organizer.post(address, data=sent).status_code == 302
    assert [one.counted for one in stored().criteria] == [True] * 6 + [False]
    places = {f"place_{number}": str(number) for number in range(1, 7)}
    taken = organizer.post(f"{ADDRESS}/order", data={**places, "version": str(stored().version), "then": "take"})
    assert (taken.status_code, weights()[-1], sum(map(Fraction, weights()))) == (302, "0", 100)
