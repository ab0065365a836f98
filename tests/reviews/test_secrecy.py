"""What an expert may not learn: others' marks before the own submission, anything of an application with a conflict.

Two worlds differ only in the marks of the other experts. Every answer to the expert must be the same in both.
"""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants_app.database import unit_of_work
from grants_app.lifecycle import AssignmentState
from grants_app.reviews import queries, services
from tests.support.panel import Panel, assignment_of, declared, full_sheet, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

# What is random in every answer: nonces, form keys, tokens and the numbers of events.
RANDOM = re.compile(
    rb'(nonce-?=?"?|name="(?:form_key|csrf_token)" value="|v=)[\w\-.+/=]+|E-[2-9A-Z]{4}|[Ee]vent code \w+|review-\d+'
)


def test_answers_do_not_depend_on_the_marks_of_others(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    expert = panel.experts[0]
    declared(panel.applications[0], expert)
    quiet = _world(app, panel)
    for bid in panel.applications:
        submitted(bid, panel.experts[1], "2")
    early = _world(app, panel)
    with unit_of_work():
        services.reopen_review(assignment_of(panel.applications[0], panel.experts[1]), "Помилка", panel.secretary)
    reopened = assignment_of(panel.applications[0], panel.experts[1])
    assert reopened.review is not None
    with unit_of_work():
        services.submit_review(
            reopened,
            full_sheet(panel.applications[0], "10", comment_applicant="Найкраща заявка"),
            version=reopened.review.version,
            by=panel.experts[1],
        )
    late = _world(app, panel)
    assert list(early) == list(quiet)
    assert [address for address in quiet if quiet[address] != early[address]] == []
    assert [address for address in quiet if quiet[address] != late[address]] == []


def test_others_open_after_the_own_submission_without_names(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert, other = panel.applications[0], panel.experts[0], panel.experts[1]
    with unit_of_work():
        other.full_name = "Інша Особа"
    declared(bid, other)
    with unit_of_work():
        sheet = full_sheet(bid, "3", comment_applicant="Додайте показники", comment_secretary="Лише для секретаря")
        services.submit_review(assignment_of(bid, other), sheet, version=0, by=other)
    client = visit_as(app, expert)
    mine = declared(bid, expert)
    assert "Додайте показники" not in client.get(f"/reviews/{bid.code}/sheet").text
    assert queries.other_reviews(mine, expert) == []
    with unit_of_work():
        services.submit_review(mine, full_sheet(bid, "7"), version=0, by=expert)
    assert "Додайте показники" not in client.get(f"/reviews/{bid.code}/sheet").text
    assert queries.other_reviews(assignment_of(bid, expert), expert) == []
    assert client.post(f"/reviews/{bid.code}/others").location == f"/reviews/{bid.code}/sheet#others"
    page = client.get(f"/reviews/{bid.code}/sheet").text
    found = ["Додайте показники" in page, other.full_name in page, "Лише для секретаря" in page]
    assert found == [True, False, False]


@pytest.mark.parametrize("page", ["declaration", "sheet", "sheet.pdf"])
def test_conflict_hides_the_application(app: Flask, clock: FrozenClock, page: str) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    client = visit_as(app, expert)
    declared(bid, expert)
    assert client.get(f"/reviews/{bid.code}/{page}").status_code == 200
    with unit_of_work():
        services.declare_conflict(assignment_of(bid, expert), "work", expert)
    answer = client.get(f"/reviews/{bid.code}/{page}")
    nowhere = client.get(f"/reviews/2027-SKP-0009/{page}")
    assert (answer.status_code, nowhere.status_code) == (404, 404)
    assert bid.title not in answer.text + client.get("/reviews").text + client.get("/home").text
    # What remains open is the public card, as to anybody.
    assert "1 240 звернень" not in client.get(f"/applications/{bid.code}").text


def test_text_closed_before_the_declaration(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    client = visit_as(app, expert)
    page = client.get(f"/reviews/{bid.code}/declaration").text
    assert [text in page for text in (bid.title, "Вигадана Тренерка", "ОСББ «Вигадане»", "1 240 звернень")] == [
        True,
        True,
        True,
        False,
    ]
    assert client.get(f"/reviews/{bid.code}/sheet").location == f"/reviews/{bid.code}/declaration"
    assert client.get(f"/reviews/{bid.code}/sheet.pdf").status_code == 404


def test_secretary_pages_closed_to_experts(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    submitted(panel.applications[0], panel.experts[1], "3")
    client = visit_as(app, panel.experts[0])
    code, bid = panel.competition.code, panel.applications[0].code
    other = assignment_of(panel.applications[0], panel.experts[1]).expert_code
    addresses = [
        "/reviews/desk",
        "/reviews/experts",
        f"/reviews/{code}/assignment",
        f"/reviews/{code}/progress",
        f"/reviews/{code}/progress.json",
        f"/reviews/{code}/divergence.csv",
        f"/reviews/{code}/summary.json",
        f"/reviews/{bid}/experts",
        f"/reviews/{bid}/reviews",
        f"/reviews/{bid}/experts/{other}/sheet.pdf",
    ]
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 403)


def _world(app: Flask, panel: Panel) -> dict[str, bytes]:
    """Every answer that the expert can get, in one order, without what is random."""
    expert = panel.experts[0]
    client = visit_as(app, expert)
    first, second = (bid.code for bid in panel.applications)
    pages = ["/reviews", "/home", f"/reviews/{first}/sheet", f"/reviews/{second}/declaration"]
    pages += [f"/reviews/{second}/sheet", f"/reviews/{second}/sheet.pdf", f"/reviews/{first}/reviews"]
    pages += [f"/reviews/{panel.competition.code}/{page}" for page in ("progress", "divergence.json", "summary.csv")]
    pages += [f"/competitions/{panel.competition.code}", f"/applications/{first}"]
    found = {page: _plain(client, page) for page in pages}
    refused = client.post(f"/reviews/{first}/sheet", data={"version": "0", "then": "finish"})
    found["refused"] = RANDOM.sub(b"", refused.data)
    assert [row.state for row in queries.my_assignments(expert)] == [
        AssignmentState.ACCEPTED,
        AssignmentState.PROPOSED,
    ]
    return found


def _plain(client: FlaskClient, page: str) -> bytes:
    answer = client.get(page)
    return RANDOM.sub(b"", str(answer.status_code).encode() + answer.data)
