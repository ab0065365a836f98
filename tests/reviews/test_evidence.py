"""Words of the application attached to a criterion: they must stand in the text as this expert reads it."""

from __future__ import annotations

import json
import unicodedata

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications.models import Answer, Application
from grants_app.competitions.models import Competition
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import AssignmentState
from grants_app.reviews import documents, queries, services
from grants_app.reviews.models import Assignment, Evidence
from grants_app.reviews.rules import MOST_QUOTES
from tests.support.desk import sheet_of
from tests.support.panel import Panel, assignment_of, declared, full_sheet, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

WORDS = "звернень про сусідські суперечки"


def ready(clock: FrozenClock) -> tuple[Panel, Application, User, Assignment]:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    return panel, bid, expert, declared(bid, expert)


def mark(row: Assignment, expert: User, words: str, criterion: str = "need", **place: object) -> Evidence:
    with unit_of_work():
        return services.mark_evidence(row, services.Quote(words, **place), criterion=criterion, by=expert)  # type: ignore[arg-type]


def count() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Evidence)) or 0


def test_words_kept_as_they_stand_with_their_place(app: Flask, clock: FrozenClock) -> None:
    _panel, _bid, expert, row = ready(clock)
    found = mark(row, expert, "звернень  про\nсусідські суперечки ")
    assert (found.question, found.quote, found.start) == ("rationale", WORDS, 29)
    assert assignment_of(row.application, expert).state is AssignmentState.IN_PROGRESS


def test_same_place_marked_twice_is_one_mark(app: Flask, clock: FrozenClock) -> None:
    _panel, _bid, expert, row = ready(clock)
    first, again = mark(row, expert, WORDS), mark(row, expert, WORDS)
    wider = mark(row, expert, WORDS + ".")
    assert (first.code, again.code, wider.code) == (first.code,) * 3
    assert (count(), wider.quote) == (1, WORDS + ".")
    mark(row, expert, WORDS, "results")
    assert count() == 2


def test_nearest_of_equal_words_is_marked(app: Flask, clock: FrozenClock) -> None:
    _panel, bid, expert, row = ready(clock)
    with unit_of_work():
        bid.answers.append(Answer(question="summary", value="двір, а в дворі двір", updated_at=clock.now))
    assert mark(row, expert, "двір", question="summary", near=14).start == 16
    assert mark(row, expert, "двір", question="summary").start == 0


@pytest.mark.parametrize("form", ["NFD", "NFC"])
def test_decomposed_and_invisible_signs_are_no_other_words(app: Flask, clock: FrozenClock, form: str) -> None:
    _panel, _bid, expert, row = ready(clock)
    typed = unicodedata.normalize(form, "спори за ухваленими правилами")  # type: ignore[arg-type]  # a known form
    dirty = "\u202e" + typed.replace("за", "з\u200bа") + "\x00"
    assert mark(row, expert, dirty).quote == "спори за ухваленими правилами"


def test_rows_of_a_group_are_quoted_too(app: Flask, clock: FrozenClock) -> None:
    _panel, _bid, expert, row = ready(clock)
    assert mark(row, expert, "тренерка · вісім років").question == "team"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "Select the words in the text of the application"),
        (" \u200b\x00 ", "Select the words in the text of the application"),
        ("чого в заявці немає", "These words are not in the application"),
        ("<script>alert(1)</script>", "These words are not in the application"),
        (".*", "These words are not in the application"),
        ("а" * 501, "Select at most 500 characters, now 501"),
    ],
)
def test_other_words_refused(app: Flask, clock: FrozenClock, words: str, sentence: str) -> None:
    _panel, _bid, expert, row = ready(clock)
    with pytest.raises(InvalidInput, match=sentence.replace("*", ".")):
        mark(row, expert, words)
    assert count() == 0


def test_answers_closed_to_experts_cannot_be_quoted(app: Flask, clock: FrozenClock) -> None:
    """Contacts and the bank are answers for the secretary alone: not by their words, nor by their question."""
    _panel, bid, expert, row = ready(clock)
    with unit_of_work():
        bid.answers.append(Answer(question="manager_phone", value="+380501110000", updated_at=clock.now))
    with pytest.raises(InvalidInput, match="are not in the application"):
        mark(row, expert, "+380501110000")
    with pytest.raises(NotFound):
        mark(row, expert, "+380501110000", question="manager_phone")


def test_criterion_of_another_competition_refused(app: Flask, clock: FrozenClock) -> None:
    _panel, _bid, expert, row = ready(clock)
    with pytest.raises(InvalidInput, match="does not have"):
        mark(row, expert, WORDS, "beauty")
    assert count() == 0


def test_criterion_that_the_lot_does_not_ask_refused(app: Flask, clock: FrozenClock) -> None:
    panel, _bid, expert, row = ready(clock)
    rules = json.loads(panel.competition.rules_text or "")
    weights = {one["code"]: one["weight"] for one in rules["criteria"] if one["code"] != "need"}
    rules["lots"][0]["criteria_weights"] = {**weights, "priority": "35"}
    with unit_of_work():  # past the model, which refuses to change frozen rules
        db.session.execute(sa.update(Competition).values(rules_text=json.dumps(rules)))
    assert "need" not in [one.code for one in queries.sheet_for(row, expert).criteria]
    with pytest.raises(InvalidInput, match="does not have"):
        mark(row, expert, WORDS, "need")
    assert mark(row, expert, WORDS, "results").quote == WORDS


def test_ten_thousand_marks_end_at_the_limit(app: Flask, clock: FrozenClock) -> None:
    _panel, bid, expert, row = ready(clock)
    text = " ".join(f"слово{number}" for number in range(60))
    with unit_of_work():
        bid.answers.append(Answer(question="summary", value=text, updated_at=clock.now))
    for number in range(MOST_QUOTES):
        mark(row, expert, f"слово{number + 20}")
    for number in range(45, 55):
        with pytest.raises(InvalidInput, match="at most 20"):
            mark(row, expert, f"слово{number}")
    assert count() == MOST_QUOTES
    mark(row, expert, "слово50", "results")
    assert count() == MOST_QUOTES + 1


def test_foreign_and_closed_sheets_refused(app: Flask, clock: FrozenClock) -> None:
    panel, bid, expert, row = ready(clock)
    kept = mark(row, expert, WORDS)
    address = f"/reviews/{bid.code}/evidence"
    other = visit_as(app, panel.experts[1])
    assert other.post(address, data={"criterion": "need", "quote": WORDS}).status_code == 403  # not declared yet
    assert visit_as(app, panel.secretary).post(address, data={}).status_code == 403
    declared(bid, panel.experts[1])
    assert other.post(f"{address}/{kept.code}/remove").status_code == 302
    assert count() == 1  # removing reaches one's own marks only
    submitted_by = full_sheet(bid)
    with unit_of_work():
        services.submit_review(row, submitted_by, version=0, by=expert)
    with pytest.raises(NotAllowed):
        mark(row, expert, "двадцять дворів")
    with pytest.raises(NotAllowed), unit_of_work():
        services.remove_evidence(row, kept.code, expert)
    clock.at("2027-04-21 00:00")
    answer = other.post(address, data={"criterion": "need", "quote": WORDS}, headers={"Accept": "application/json"})
    assert (answer.status_code, count()) == (403, 1)


def test_marks_stand_in_the_text_and_under_the_criterion(app: Flask, clock: FrozenClock) -> None:
    _panel, bid, expert, row = ready(clock)
    kept = mark(row, expert, WORDS)
    mark(row, expert, "суперечки.", "results")
    client, address = sheet_of(app, expert, bid)
    soup = BeautifulSoup(client.get(address).text, "html.parser")
    text = soup.select_one("[data-answer=rationale]")
    assert text is not None
    assert [one.get_text() for one in text.select("mark")] == ["звернень про сусідські ", "суперечки", "."]
    assert [one.get_text() for one in text.select("sup")] == ["2", "3"]
    item = soup.select_one(f"#evidence-{kept.code}")
    assert item is not None
    assert item.q.get_text() == WORDS  # type: ignore[union-attr]
    assert soup.select_one(str(item.a["href"])) is not None  # type: ignore[index]
    for sign in text.select("sup"):
        sign.extract()
    assert text.get_text() == "За рік мешканці подали 1 240 звернень про сусідські суперечки."


def test_marks_answer_json_to_a_script_and_a_page_to_a_form(app: Flask, clock: FrozenClock) -> None:
    _panel, bid, expert, _row = ready(clock)
    client, sheet = sheet_of(app, expert, bid)
    address = f"/reviews/{bid.code}/evidence"
    data = {"criterion": "need", "quote": WORDS, "question": "rationale", "start": "30"}
    script = client.post(address, data=data, headers={"Accept": "application/json"})
    assert script.json is not None
    code = script.json["code"]
    assert script.json == {"code": code, "quote": WORDS, "question": "rationale", "start": 29}
    refused = client.post(f"{address}?lang=en", data={**data, "quote": "ні"}, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json) == (422, {"message": "These words are not in the application"})
    form = client.post(address, data={"criterion": "results", "sentence": "Двадцять дворів", "quote": ""})
    assert (form.status_code, (form.location or "").split("#")[0]) == (302, sheet)
    assert client.post(address, data={"criterion": "beauty", "quote": WORDS}).status_code == 422
    page = client.post(f"{address}?lang=en", data={"criterion": "need", "quote": "ні"})
    assert page.status_code == 422
    assert "These words are not in the application" in page.text
    gone = client.post(f"{address}/{code}/remove", headers={"Accept": "application/json"})
    assert (gone.json, count()) == ({"code": code}, 1)


def test_sentences_offered_for_choosing(app: Flask, clock: FrozenClock) -> None:
    _panel, bid, expert, _row = ready(clock)
    client, _sheet = sheet_of(app, expert, bid)
    soup = BeautifulSoup(client.get(f"/reviews/{bid.code}/evidence/2").text, "html.parser")
    offered = [str(one["value"]) for one in soup.select("input[type=radio]")]
    assert "За рік мешканці подали 1 240 звернень про сусідські суперечки." in offered
    criterion = soup.select_one("input[name=criterion]")
    assert criterion is not None
    for sentence in offered:
        answer = client.post(
            f"/reviews/{bid.code}/evidence", data={"criterion": criterion["value"], "sentence": sentence}
        )
        assert answer.status_code == 302
    assert count() == len(offered)
    assert [client.get(f"/reviews/{bid.code}/evidence/{number}").status_code for number in (0, 8, 9999)] == [404] * 3


def test_sheet_button_saves_and_opens_the_choice(app: Flask, clock: FrozenClock) -> None:
    _panel, bid, expert, row = ready(clock)
    kept = mark(row, expert, WORDS)
    client, address = sheet_of(app, expert, bid)
    answer = client.post(address, data={"version": "0", "points_need": "6", "then": "evidence-2"})
    assert answer.location == f"/reviews/{bid.code}/evidence/2"
    answer = client.post(address, data={"version": "1", "points_need": "6", "then": f"remove-{kept.code}"})
    assert (answer.location, count()) == (address, 0)
    assert row.review is not None
    assert [score.points for score in row.review.scores if score.points] == ["6"]


def test_marks_read_by_the_commission_hashed_and_kept(app: Flask, clock: FrozenClock) -> None:
    panel, bid, expert, row = ready(clock)
    mark(row, expert, WORDS)
    with unit_of_work():
        services.submit_review(row, full_sheet(bid), version=0, by=expert)
    assert WORDS in visit_as(app, panel.secretary).get(f"/reviews/{bid.code}/reviews").text
    view = queries.sheet_for(assignment_of(bid, expert), panel.secretary)
    with app.test_request_context("/?lang=en"):
        paper = documents.review_sheet(bid, view, lang="en", with_note=True)
    assert [block.items for block in paper.blocks if block.items] == [
        [f"«{WORDS}» (Problem and its importance for the community)"]
    ]
    with unit_of_work():
        services.recall_review(row, expert)
    assert row.review is not None
    edition = json.loads(row.review.editions[0].content)
    assert edition["evidence"] == [{"criterion": "need", "question": "rationale", "quote": WORDS, "start": 29}]


def test_mark_whose_words_have_gone_is_listed_without_a_place(app: Flask, clock: FrozenClock) -> None:
    _panel, bid, expert, row = ready(clock)
    mark(row, expert, WORDS)
    with unit_of_work():
        answer = next(one for one in bid.answers if one.question == "rationale")
        answer.value = "За рік мешканці подали 1 240 ███."
    client, address = sheet_of(app, expert, bid)
    soup = BeautifulSoup(client.get(f"{address}?lang=en").text, "html.parser")
    assert soup.select("[data-reading] mark") == []
    item = soup.select_one(".app-evidence li")
    assert item is not None
    assert (item.a, "no longer in the text" in item.get_text()) == (None, True)


def test_submitted_without_marks_hashes_as_before(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    row = submitted(panel.applications[0], panel.experts[0])
    with unit_of_work():
        services.recall_review(row, panel.experts[0])
    assert row.review is not None
    assert sorted(json.loads(row.review.editions[0].content)) == [
        "application", "comment_applicant", "comment_secretary", "expert", "marks", "recommendation",
        "recommended_kop",
    ]  # fmt: skip
