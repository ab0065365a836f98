"""Pages of the assignment: the proposal asked for, watched, applied; the board; a place filled again; exchanges."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from grants_app.core import clock as product_clock
from grants_app.core.errors import EditConflict, InvalidInput, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal import jobs
from grants_app.journal.models import Job
from grants_app.journal.worker import work_off
from grants_app.lifecycle import AssignmentState, ConflictState
from grants_app.permissions import Role
from grants_app.reviews import services
from grants_app.reviews.models import Assignment, Conflict, Review
from grants_app.reviews.routes import proposal as proposal_pages
from grants_app.reviews.rules import SheetInput
from grants_app.reviews.services.assigning import exchange
from grants_app.reviews.services.proposal import Addition, Shortage
from grants_app.reviews.services.replacement import replace_expert, replacement_for
from tests.support.assignments import active_pairs, broken_rules, describe, set_rules, tie
from tests.support.decisions import Bid, open_decision, rules_of, scored_competition
from tests.support.panel import Panel, assignment_of, declared, new_panel
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

CODE = "2027-SKP"
BOARD = f"/reviews/{CODE}/assignment"


def soup_of(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def words_of(text: str, selector: str = "main") -> str:
    found = soup_of(text).select_one(selector)
    return " ".join(found.get_text(" ").split()) if found is not None else ""


def asked(client: FlaskClient, **sent: str) -> str:
    """Address of the page of a proposal."""
    answer = client.post(f"{BOARD}/propose", data={"mode": "sum", **sent})
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def shown_form(page: str) -> dict[str, str]:
    form = soup_of(page).select_one("form[action$='/assignment/apply']")
    assert form is not None
    return {str(one["name"]): str(one["value"]) for one in form.select("input[name=digest], input[name=job]")}


def test_proposal_shown_with_its_certificate_and_applied(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=4)
    client = visit_as(app, panel.secretary)
    address = asked(client)
    page = client.get(f"{address}?lang=en").text
    words = words_of(page, "section[aria-labelledby=certificate]")
    assert words.startswith(
        "What this assignment reaches All 6 places are filled. Loads are from 1 to 2. "
        "The fit is 6 of 6 possible under these loads and rules (proved). "
    )
    assert active_pairs(panel.competition) == set()
    sent = shown_form(page)
    assert client.post(f"{BOARD}/apply", data={**sent, "digest": "0" * 64}).status_code == 409
    assert client.post(f"{BOARD}/apply", data={**sent, "job": "nothing"}).status_code == 404
    assert active_pairs(panel.competition) == set()
    assert client.post(f"{BOARD}/apply", data=sent).location == BOARD
    assert broken_rules(panel.competition) == []
    assert "Every application has its experts" in client.get(f"{BOARD}?lang=en").text


def test_proposal_changed_meanwhile_shows_the_new_one(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=4)
    client = visit_as(app, panel.secretary)
    sent = shown_form(client.get(asked(client)).text)
    tie(panel.experts[0], panel.applications[0])
    answer = client.post(f"{BOARD}/apply?lang=en", data=sent)
    assert (answer.status_code, active_pairs(panel.competition)) == (409, set())
    assert "The assignments have changed since this proposal. Look at a new one" in words_of(answer.text)
    fresh = shown_form(answer.text)
    assert fresh["digest"] != sent["digest"]
    assert client.post(f"{BOARD}/apply", data=fresh).status_code == 302
    assert broken_rules(panel.competition) == []


def test_draw_asks_for_a_limit_and_keeps_its_seed(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=8)
    client = visit_as(app, panel.secretary)
    page = client.get(f"{asked(client, mode='random', limit_bp='60', seed='4711')}?lang=en").text
    assert "No new pair had a probability above 60.0%. The seed 4711 goes into the journal" in words_of(page)
    assert "A better assignment may exist" not in words_of(page)
    refused = client.post(f"{BOARD}/propose?lang=en", data={"mode": "random", "limit_bp": "5", "seed": "x"})
    links = [link["href"] for link in soup_of(refused.text).select(".govuk-error-summary a")]
    assert (refused.status_code, links) == (422, ["#limit_bp", "#seed"])
    assert client.post(f"{BOARD}/propose", data={"mode": "luck"}).status_code == 422


def test_large_proposal_is_left_to_a_worker(app: Flask, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page comes at once and asks again; a worker that dies leaves nothing behind, another takes over."""
    panel = new_panel(clock, applications=2, experts=4)
    monkeypatch.setattr(proposal_pages, "AT_ONCE", 0)
    client = visit_as(app, panel.secretary)
    address = asked(client)
    waiting = client.get(f"{address}?lang=en").text
    assert "The proposal is being computed." in words_of(waiting)
    assert soup_of(waiting).select_one("#proposal-answer")["hx-get"] == address  # type: ignore[index]
    job = db.session.scalars(sa.select(Job)).one()
    assert jobs._claim(job.code) is not None  # a worker has taken it, and dies
    assert client.post(f"{BOARD}/apply", data={"job": job.code, "digest": ""}).status_code == 409
    assert active_pairs(panel.competition) == set()
    product_clock.freeze(product_clock.now() + jobs.LEASE + timedelta(seconds=1))
    assert job.code in jobs.due_jobs()
    assert jobs.do_job(job.code)
    assert "All 6 places are filled." in words_of(client.get(f"{address}?lang=en").text)
    assert active_pairs(panel.competition) == set()
    assert work_off(app) >= 1  # the one that the refused form had asked for


def test_proposal_belongs_to_who_asked(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=1, experts=3)
    address = asked(visit_as(app, panel.secretary))
    assert visit_as(app, new_person(Role.SECRETARY)).get(address).status_code == 404
    assert visit_as(app, panel.experts[0]).get(address).status_code == 403
    assert visit_as(app, panel.secretary).get(address.replace(CODE, "2026-SKP")).status_code == 404


def test_secretary_in_conflict_assigns_without_that_application(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=6)
    hidden = panel.applications[0]
    with unit_of_work():
        db.session.add(
            Conflict(
                competition_id=panel.competition.id,
                application_id=hidden.id,
                person_id=panel.secretary.id,
                level="block",
                source="raised",
                kind="other",
                state=ConflictState.OPEN,
                raised_at=hidden.created_at,
            )
        )
    client = visit_as(app, panel.secretary)
    address = asked(client)
    pages = [client.get(url).text for url in (BOARD, address, f"{BOARD}.json", f"{BOARD}.csv")]
    assert [hidden.code in page for page in pages] == [False] * 4
    assert [panel.applications[1].code in page for page in pages] == [True] * 4
    client.post(f"{BOARD}/apply", data=shown_form(pages[1]))
    assert {application for _, application in active_pairs(panel.competition)} == {panel.applications[1].id}


def test_shortage_names_what_would_help(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=2)
    client = visit_as(app, panel.secretary)
    words = words_of(client.get(f"{asked(client)}?lang=en").text, "section[aria-labelledby=shortage]")
    assert words.startswith(
        "There are not enough experts 2 places stay empty. 2 experts are available for this competition. "
        "3 are needed for each application. Nothing was assigned."
    )
    assert "What would help 1 more expert without conflicts." in words
    assert active_pairs(panel.competition) == set()


# -- the board ------------------------------------------------------------------------------------------------


def test_board_is_chosen_sorted_and_paged(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=30, experts=3)
    with unit_of_work():
        for expert in panel.experts:
            services.assign(panel.applications[5], expert, panel.secretary)
    client = visit_as(app, panel.secretary)

    def codes(**given: str) -> list[str]:
        query = "&".join(f"{name}={value}" for name, value in given.items())
        rows = soup_of(client.get(f"{BOARD}?{query}").text).select("main table:first-of-type tbody tr th .sub")
        return [row.get_text().split(" · ")[0][-4:] for row in rows if row.get_text().startswith(CODE)]

    assert (len(codes()), len(codes(page="2")), len(codes(page="99"))) == (25, 5, 5)
    assert codes(sort="code") == [f"{number:04d}" for number in range(1, 26)]
    assert codes(sort="code", down="1")[:2] == ["0030", "0029"]
    assert codes(need="full") == ["0006"]
    assert (codes(need="conflict"), codes(q="медіаторів 17"), codes(q="0017")) == ([], ["0017"], ["0017"])
    assert codes(field="green")[:2] == ["0002", "0004"]
    assert codes(sort="nonsense", need="nonsense", page="-1") == codes()


@pytest.mark.sqlite_only
def test_board_asks_as_often_for_many_as_for_few(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=12, experts=6)
    client = visit_as(app, panel.secretary)
    counts = []
    for assigned in (1, 12):
        with unit_of_work():
            for bid in panel.applications[: assigned - 1] if assigned > 1 else panel.applications[11:]:
                for expert in panel.experts[:3]:
                    services.assign(bid, expert, panel.secretary)
        with count_queries() as statements:
            assert client.get(BOARD).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1], counts


def test_loads_stand_beside_their_limits(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=2)
    describe(panel.experts[0], most=3)
    with unit_of_work():
        for bid in panel.applications:
            services.assign(bid, panel.experts[0], panel.secretary)
    page = soup_of(visit_as(app, panel.secretary).get(f"{BOARD}?lang=en").text)
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.select("td")] for row in page.select("#loads ~ div tbody tr")
    ]
    assert [(row[0], row[2], row[3]) for row in rows] == [("2", "0", "3"), ("0", "0", "no limit")]


# -- one place by hand ----------------------------------------------------------------------------------------


def test_manual_assignment_asks_every_rule(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=5)
    set_rules(panel.competition, most_per_expert=1)
    bid, (first, colleague, loaded, *_rest) = panel.applications[0], panel.experts
    describe(first, workplace="Міська бібліотека")
    describe(colleague, workplace="міська  бібліотека")
    with unit_of_work():
        services.assign(bid, first, panel.secretary)
        services.assign(panel.applications[1], loaded, panel.secretary)
    for expert, message in (
        (colleague, "Another expert from “%(workplace)s” scores this application already"),
        (loaded, "This expert has %(load)s applications and may have %(most)s at most"),
    ):
        with pytest.raises(NotAllowed) as refused, unit_of_work():
            services.assign(bid, expert, panel.secretary)
        assert refused.value.message == message
    page = soup_of(visit_as(app, panel.secretary).get(f"/reviews/{bid.code}/experts?lang=en").text)
    radios = {radio["value"]: radio.has_attr("disabled") for radio in page.select("input[name=expert][type=radio]")}
    assert {email for email, is_off in radios.items() if is_off} == {colleague.email, loaded.email}
    assert "Another expert from “міська бібліотека” scores this application already" in words_of(str(page))


def test_missing_field_and_load_are_told_but_not_forbidden(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=1, experts=4)
    set_rules(panel.competition, required_fields=["green"])
    bid = panel.applications[0]
    client = visit_as(app, panel.secretary)
    for expert in panel.experts[:3]:
        answer = client.post(f"/reviews/{bid.code}/experts", data={"expert": expert.email}, follow_redirects=True)
    assert "Ніхто з експертів заявки не знає напряму" in words_of(answer.text)
    assert len(active_pairs(panel.competition)) == 3


def test_replacement_is_the_least_loaded_whom_the_rules_let_in(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=3, experts=6)
    bid = panel.applications[0]
    gone, second, third, busy, tied, free = panel.experts
    with unit_of_work():
        for expert in (gone, second, third):
            services.assign(bid, expert, panel.secretary)
        services.assign(panel.applications[1], busy, panel.secretary)
        services.take_back(assignment_of(bid, gone), "Родич у команді", panel.secretary)
    tie(tied, bid)
    found = replacement_for(bid)
    assert isinstance(found, Addition)
    assert found.expert_id == free.id
    client = visit_as(app, panel.secretary)
    page = client.get(f"/reviews/{bid.code}/experts?lang=en").text
    assert "1 place is free Loads stay even with" in words_of(page)
    for expert, status in ((busy, 409), (free, 302), (free, 403)):
        answer = client.post(f"/reviews/{bid.code}/experts/replace", data={"replacement": expert.email})
        assert (expert.id, answer.status_code) == (expert.id, status)
    assert assignment_of(bid, free).state is AssignmentState.PROPOSED
    assert len([pair for pair in active_pairs(panel.competition) if pair[1] == bid.id]) == 3


def test_replacement_brings_the_field_that_left(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=5)
    set_rules(panel.competition, required_fields=["green"])
    bid = panel.applications[0]
    describe(panel.experts[0], "green")
    describe(panel.experts[4], "green")
    with unit_of_work():
        for expert in panel.experts[:3]:
            services.assign(bid, expert, panel.secretary)
        services.assign(panel.applications[1], panel.experts[4], panel.secretary)
        services.take_back(assignment_of(bid, panel.experts[0]), "Хвороба", panel.secretary)
    found = replacement_for(bid)
    assert isinstance(found, Addition)
    assert found.expert_id == panel.experts[4].id  # loaded more, yet the only one who knows the field
    tie(panel.experts[4], bid)
    shortage = replacement_for(bid)
    assert isinstance(shortage, Shortage)
    assert shortage.fields == ((bid.code, "green"),)
    with pytest.raises(EditConflict), unit_of_work():
        replace_expert(bid, panel.experts[3], panel.secretary)


def test_experts_exchanged_both_or_none(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=4)
    one, other = panel.applications
    left, right = panel.experts[:2]
    with unit_of_work():
        services.assign(one, left, panel.secretary)
        services.assign(other, right, panel.secretary)
    client = visit_as(app, panel.secretary)
    codes = {expert.id: assignment_of(bid, expert).expert_code for bid, expert in ((one, left), (other, right))}
    address = f"/reviews/{one.code}/experts/{codes[left.id]}/exchange"
    value = f"{other.code}/{codes[right.id]}"
    assert client.post(address, data={"other": value, "reason": ""}).status_code == 422
    assert client.post(address, data={"other": "nobody", "reason": "Фах"}).status_code == 422
    tie(right, one)
    refused = client.post(f"{address}?lang=en", data={"other": value, "reason": "Фах"})
    assert refused.status_code == 422
    assert active_pairs(panel.competition) == {(left.id, one.id), (right.id, other.id)}
    with unit_of_work():
        right.phone = None
    assert client.post(address, data={"other": value, "reason": "Фах"}).status_code == 302
    assert active_pairs(panel.competition) == {(left.id, other.id), (right.id, one.id)}


def test_begun_work_is_not_exchanged(app: Flask, clock: FrozenClock) -> None:
    panel = _begun(clock)
    with pytest.raises(NotAllowed), unit_of_work():
        exchange(
            assignment_of(panel.applications[0], panel.experts[0]),
            assignment_of(panel.applications[1], panel.experts[1]),
            "Фах",
            panel.secretary,
        )
    with pytest.raises(InvalidInput), unit_of_work():
        exchange(
            assignment_of(panel.applications[1], panel.experts[0]),
            assignment_of(panel.applications[1], panel.experts[1]),
            "Фах",
            panel.secretary,
        )


def _begun(clock: FrozenClock) -> Panel:
    """Scoring is open and the first expert has begun the first application."""
    panel = new_panel(clock, applications=2, experts=3)
    with unit_of_work():
        for bid in panel.applications:
            for expert in panel.experts:
                services.assign(bid, expert, panel.secretary)
        services.open_review(panel.competition, panel.secretary)
    assignment = declared(panel.applications[0], panel.experts[0])
    with unit_of_work():
        services.save_review(assignment, SheetInput(points={"need": "5"}), version=0, by=panel.experts[0])
    assert db.session.get_one(Assignment, assignment.id).state is AssignmentState.IN_PROGRESS
    return panel


def test_pages_of_scoring_offer_nothing_once_the_marks_are_handed_over(app: Flask, clock: FrozenClock) -> None:
    case = scored_competition([Bid("А", 3_000_000, {"E-AAAA": "10", "E-BBBB": "3"})], rules_of({"lot": 9_000_000}))
    code, bid = case.competition.code, case.codes["А"]
    with unit_of_work():
        case.competition.scoring_until = product_clock.now() + timedelta(days=3)
        for review in db.session.scalars(sa.select(Review)):
            review.total_text = {"E-AAAA": "100.00", "E-BBBB": "30.00"}[review.assignment.expert_code]
    secretary = visit_as(app, case.secretary)
    addresses = {name: f"/reviews/{code}/{name}?lang=en" for name in ("assignment", "progress", "panel")}
    offers = {"assignment": "Choose experts", "progress": "Add an expert", "panel": "Will the panel manage"}

    def offered() -> list[bool]:
        return [words in words_of(secretary.get(addresses[name]).text) for name, words in offers.items()]

    assert offered() == [True, True, True]
    open_decision(case)
    assert offered() == [False, False, False]
    assert soup_of(secretary.get(addresses["assignment"]).text).select(f"form[action='/reviews/{code}/open']") == []
    cards = soup_of(secretary.get(f"/reviews/{bid}/experts?lang=en").text).select(".app-row-card")
    told = [one.select("p")[-1].get_text(strip=True) for one in cards]
    assert told == ["Experts are assigned from the formal check until scoring is handed over"] * 2
