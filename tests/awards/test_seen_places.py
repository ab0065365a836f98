"""Who is out of an application learns no place of it: neither a gap, nor a count, nor a sum that runs past it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.accounts.models import User
from tests.support.conflicts import block
from tests.support.decisions import Bid, Case, adopt, open_decision, rules_of, scored_competition
from tests.support.papers import words_of
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

TIES = [{"by": "column", "column": "requested_kop", "direction": "lower"}]
PLACES = ("Місце серед показаних", "Місце")


def world(number: int, marks: tuple[str, str], requested_kop: int) -> tuple[Case, User]:
    """Four applications, everybody gets money; the fifth has these marks, and a member who is out of it."""
    bids = [
        Bid("А", 4_000_000, {"E1": "10", "E2": "9"}),
        Bid("Б", 3_000_000, {"E1": "9", "E2": "8"}),
        Bid("В", 2_000_000, {"E1": "8", "E2": "7"}),
        Bid("Г", 1_000_000, {"E1": "8", "E2": "7"}),
        Bid("таємна", requested_kop, dict(zip(("E1", "E2"), marks, strict=True))),
    ]
    case = scored_competition(bids, rules_of({"lot": 90_000_000}, tie_breaks=TIES), code=f"2027-T0{number}")
    member = case.members[0]
    block(case.application("таємна"), member)
    open_decision(case)
    return case, member


def words(case: Case, page: str) -> str:
    """What a page says, without what differs between two competitions by their nature."""
    text = " ".join(BeautifulSoup(page, "html.parser").select_one("main").get_text(" ").split())  # type: ignore[union-attr]
    for name, code in case.codes.items():
        text = text.replace(code, name)
    return re.sub(r"Тестова \d+|sha256:\w+", "", text.replace(case.competition.code, "CALL"))


def rows_of(app: Flask, case: Case, person: User, address: str) -> list[dict[str, Any]]:
    answer = visit_as(app, person).get(f"/awards/{case.competition.code}/{address}.json")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.get_json()["rows"]
    own = {"code", "organisation", "edrpou"}  # every competition of these tests has applicants of its own
    return [{name: value for name, value in row.items() if name not in own} for row in found]


STANDS = {
    "first": (("10", "10"), 100),
    "equal with the first": (("9", "10"), 4_000_000),
    "before an equal score": (("9", "8"), 100),
    "first of three equal scores": (("8", "7"), 100),
    "second of three equal scores": (("8", "7"), 1_500_000),
    "last of three equal scores": (("8", "7"), 9_000_000),
    "last": (("7", "7"), 100),
    "below the pass mark": (("1", "1"), 100),
}


@pytest.mark.sqlite_only
def test_list_of_who_is_out_looks_the_same_wherever_the_hidden_application_stands(
    app: Flask, clock: FrozenClock
) -> None:
    clock.at("2027-05-01 12:00")
    seen: dict[str, list[Any]] = {}
    for number, (where, (marks, requested)) in enumerate(STANDS.items()):
        case, member = world(number, marks, requested)
        visitor, code = visit_as(app, member), case.competition.code
        stories = [
            words(case, visitor.get(f"/awards/{code}/{address}").text)
            for name in "АГ"
            for address in (f"ranking/{case.codes[name]}", f"applications/{case.codes[name]}/explanation")
        ]
        pages = [rows_of(app, case, member, "ranking"), words(case, visitor.get(f"/awards/{code}/ranking").text)]
        adopt(case)
        decided = [rows_of(app, case, member, name) for name in ("winners", "reserve", "ranking")]
        seen[where] = [*pages, *stories, *decided]
    assert [where for where, told in seen.items() if told[0] != seen["last"][0]] == []
    assert [where for where, told in seen.items() if told != seen["last"]] == []
    rows = seen["last"][0]
    assert [(row["place"], row["running_kop"]) for row in rows] == [(1, None), (2, None), (3, None), (4, None)]
    assert [bool(row["note"]) for row in rows] == [False, False, True, True]


def test_reserve_places_count_only_what_is_shown(app: Flask, clock: FrozenClock) -> None:
    """The second and the third wait; who is out of the second sees the third as the first that waits."""
    clock.at("2027-05-01 12:00")
    bids = [Bid(name, 4_000_000, {"E1": marks, "E2": marks}) for name, marks in (("А", "9"), ("Б", "8"), ("В", "7"))]
    case = scored_competition(bids, rules_of({"lot": 4_000_000}, allocation={"rule": "stop"}))
    member = case.members[0]
    block(case.application("Б"), member)
    open_decision(case)
    adopt(case)

    def reserve(person: User) -> list[tuple[int, int]]:
        return [(row["reserve_place"], row["place"]) for row in rows_of(app, case, person, "reserve")]

    assert reserve(case.members[1]) == [(1, 2), (2, 3)]
    assert reserve(member) == [(1, 2)]


def test_files_say_that_some_are_considered_without_the_reader(app: Flask, case: Case) -> None:
    member = case.members[0]
    block(case.application("друга"), member)
    open_decision(case)
    address = f"/awards/{case.competition.code}/ranking"
    sentence = "місця пораховано лише між показаними заявками"
    for person, is_out in ((member, True), (case.members[1], False)):
        visitor = visit_as(app, person)
        head = visitor.get(f"{address}.csv?lang=uk").get_data(as_text=True).splitlines()[0]
        assert head.split(";")[0].lstrip("\ufeff") == PLACES[not is_out]
        assert (sentence in visitor.get(f"{address}?lang=uk").text) is is_out
        paper = words_of(visitor.get(f"{address}.pdf?lang=uk").data)
        assert (sentence in paper, "Голова комісії" in paper) == (is_out, not is_out)
        assert (PLACES[0] in words_of(visitor.get(f"{address}.xlsx?lang=uk").data)) is is_out
