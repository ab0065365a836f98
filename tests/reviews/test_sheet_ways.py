"""Ways through the review sheet: preview, finish, recall, the others' reviews, put off, abstain."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.applications.models import Application
from grants_app.competitions import policy as rules_of_the_call
from grants_app.competitions.services.settings import CriterionSetting, update_criteria
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.lifecycle import AssignmentState
from grants_app.reviews import policy, queries, services
from grants_app.reviews.models import Score
from tests.support.desk import sheet_data, sheet_of
from tests.support.panel import assignment_of, declared, full_sheet, new_panel, opened_panel, submitted
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

OPENED = "You have opened the other experts’ reviews. Now only the secretary can open yours for changes"


def steps(name: str) -> int:
    query = sa.select(sa.func.count()).select_from(JournalEntry).filter_by(thing="assignment", step=name)
    return db.session.scalar(query) or 0


def totals(bid: Application) -> tuple[int, str | None]:
    found = db.session.get_one(Application, bid.id, populate_existing=True)
    return found.review_count, found.score_text


def test_recall_keeps_the_text_and_leaves_the_count(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    submitted(bid, panel.experts[1], "8")
    row = submitted(bid, expert, "7")
    assert totals(bid) == (2, "75.00")
    client, address = sheet_of(app, expert, bid)
    assert client.post(f"/reviews/{bid.code}/recall").location == address
    assert (assignment_of(bid, expert).state, totals(bid)) == (AssignmentState.IN_PROGRESS, (1, None))
    assert row.review is not None
    assert (row.review.submitted_at, row.review.content_digest, row.review.total_text) == (None, None, None)
    assert json.loads(row.review.editions[0].content)["marks"]["need"]["points"] == "7"
    assert client.post(f"/reviews/{bid.code}/recall").status_code == 403
    version = str(row.review.version)
    assert client.post(address, data=sheet_data(panel, "9", version=version)).location == address
    assert (totals(bid), len(row.review.editions)) == ((2, "85.00"), 1)


def test_recall_refused_once_the_others_are_open(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    submitted(bid, expert)
    client, address = sheet_of(app, expert, bid)
    first, twin = (client.post(f"/reviews/{bid.code}/others") for _ in range(2))
    assert (first.location, twin.location) == (f"{address}#others", f"{address}#others")
    row = assignment_of(bid, expert)
    assert (policy.why_not_recall(expert, row), steps("open_others")) == (OPENED, 1)
    page = client.get(f"{address}?lang=en")
    assert (OPENED in page.text, "Recall the review" in page.text) == (True, False)
    assert client.post(f"/reviews/{bid.code}/recall").status_code == 403
    assert assignment_of(bid, expert).state is AssignmentState.DONE
    with unit_of_work():
        services.reopen_review(row, "Прохання експерта", panel.secretary)
    assert assignment_of(bid, expert).state is AssignmentState.IN_PROGRESS


def test_recall_ends_with_scoring(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    expert = panel.experts[0]
    row = submitted(panel.applications[0], expert)
    clock.at("2027-04-20 23:59:59")
    assert policy.why_not_recall(expert, row) is None
    clock.at("2027-04-21 00:00")
    assert policy.why_not_recall(expert, row) == policy.TERM_OVER
    with pytest.raises(NotAllowed), unit_of_work():
        services.recall_review(row, expert)
    assert policy.why_not_recall(panel.experts[1], row) == policy.NOT_YOURS


def test_others_closed_until_asked_for(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    row = declared(bid, expert)
    assert visit_as(app, expert).post(f"/reviews/{bid.code}/others").status_code == 403
    assert policy.why_not_read_others(expert, row) == "The other experts’ reviews open after yours"
    submitted(bid, expert)
    assert policy.why_not_read_others(expert, row) == "You have not opened the other experts’ reviews yet"
    submitted(bid, panel.experts[1], "3")
    assert queries.other_reviews(assignment_of(bid, expert), expert) == []
    with unit_of_work():
        services.open_others(row, expert)
    assert policy.why_not_read_others(expert, row) is None
    assert [one.total_text for one in queries.other_reviews(assignment_of(bid, expert), expert)] == ["30"]


def test_preview_labels_who_reads_what(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    client, address = sheet_of(app, expert, bid)
    data = sheet_data(panel, then="preview", comment_applicant="Для заявника", comment_secretary="Лише секретареві")
    assert client.post(address, data=data).location == f"/reviews/{bid.code}/preview"
    soup = BeautifulSoup(client.get(f"/reviews/{bid.code}/preview?lang=en").text, "html.parser")

    def reads(label: str) -> tuple[bool, bool, bool]:
        text = soup.select_one(f'section[aria-label="{label}"]').get_text()  # type: ignore[union-attr]
        return "7 of 10" in text, "Для заявника" in text, "Лише секретареві" in text

    assert reads("The commission reads") == (True, True, False)
    assert reads("The applicant reads") == (False, True, False)
    assert reads("Only the secretary reads") == (False, False, True)
    assert soup.select("div.app-note--warn") == []
    version = soup.select_one("input[name=version]")["value"]  # type: ignore[index]
    assert client.post(f"/reviews/{bid.code}/finish", data={"version": version}).location == address
    assert assignment_of(bid, expert).state is AssignmentState.DONE
    assert client.get(f"/reviews/{bid.code}/preview").location == address


def test_preview_names_what_is_missing_and_does_not_finish_it(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    client, address = sheet_of(app, expert, bid)
    client.post(address, data=sheet_data(panel, then="preview", points_need="", recommendation=""))
    page = client.get(f"/reviews/{bid.code}/preview?lang=en").text
    note = BeautifulSoup(page, "html.parser").select_one("div.app-note--warn")
    assert note is not None
    assert [one.get_text() for one in note.select("li")] == ["Score criterion 2", "Choose a recommendation"]
    answer = client.post(f"/reviews/{bid.code}/finish?lang=en", data={"version": "1"})
    links = BeautifulSoup(answer.text, "html.parser").select(".govuk-error-summary a")
    assert (answer.status_code, [one["href"] for one in links]) == (422, ["#points_need", "#recommendation"])
    typed = sheet_data(panel)["reason_need"]
    assert [_reason(answer.text, name) for name in ("need", "budget")] == [typed, typed]
    client.post(f"/reviews/{bid.code}/sheet/draft", data=sheet_data(panel, version="1"))
    clash = client.post(f"/reviews/{bid.code}/finish", data={"version": "1"})
    assert (clash.status_code, _reason(clash.text, "need")) == (409, typed)
    assert client.post(f"/reviews/{bid.code}/finish", data={"version": "x"}).status_code == 409
    assert assignment_of(bid, expert).state is AssignmentState.IN_PROGRESS


def test_put_off_saves_and_goes_to_the_end(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2)
    first, second = panel.applications
    declared(first, panel.experts[0])
    client, address = sheet_of(app, panel.experts[0], first)
    answer = client.post(address, data=sheet_data(panel, then="skip", points_need=""))
    assert answer.location == f"/reviews/{second.code}/declaration"
    assert [row.code for row in queries.my_assignments(panel.experts[0])] == [second.code, first.code]
    review = assignment_of(first, panel.experts[0]).review
    assert review is not None
    assert sum(score.points == "7" for score in review.scores) == 6
    submitted(second, panel.experts[0])
    with pytest.raises(NotAllowed), unit_of_work():
        services.skip(assignment_of(second, panel.experts[0]), panel.experts[0])


def test_abstain_gives_the_application_back(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    client, address = sheet_of(app, expert, bid)
    assert client.post(address, data=sheet_data(panel, then="abstain")).location == f"/reviews/{bid.code}/abstain"
    refused = client.post(f"/reviews/{bid.code}/abstain?lang=en", data={"reason": " \u200b "})
    assert refused.status_code == 422
    assert "Give the reason: the secretary will look for another expert" in refused.text
    assert client.post(f"/reviews/{bid.code}/abstain", data={"reason": "Не моя галузь"}).location == "/reviews"
    row = assignment_of(bid, expert)
    assert (row.state, row.ended_reason) == (AssignmentState.DECLINED_BUSY, "Не моя галузь")
    marks = {(score.points, score.mark_state) for score in db.session.scalars(sa.select(Score))}
    assert (marks, totals(bid)) == ({(None, "absent")}, (0, None))
    letter = db.session.scalars(sa.select(Notice).filter_by(template="review_abstained")).one()
    assert letter.recipient_id == panel.secretary.id
    assert ("Не моя галузь" in letter.body, expert.full_name in letter.body) == (True, False)
    assert client.get(address).status_code == 404
    assert client.get("/reviews").text.count(bid.title) == 0


def test_abstain_refused_after_submission_and_without_reason(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    row = declared(bid, expert)
    with pytest.raises(InvalidInput), unit_of_work():
        services.abstain(row, "  ", expert)
    submitted(bid, expert)
    assert policy.why_not_abstain(expert, row) == "The review is submitted. Recall it first"
    page = visit_as(app, expert).get(f"/reviews/{bid.code}/abstain?lang=en").text
    assert "Recall it first" in page
    assert visit_as(app, expert).post(f"/reviews/{bid.code}/abstain", data={"reason": "Так"}).status_code == 403


def test_recalled_review_does_not_reach_the_ranking(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    row = submitted(bid, expert, "7")
    with unit_of_work():
        services.recall_review(row, expert)
    _bids, marks = queries.score_records(panel.competition)
    own = {mark.state for mark in marks if mark.expert == row.expert_code}
    assert own == {"pending"}


def test_criteria_are_locked_long_before_the_first_review(app: Flask, clock: FrozenClock) -> None:
    """They are frozen with the announcement, so no review can be scored by criteria that change under it."""
    panel = new_panel(clock, applications=1)
    organizer = panel.call.organizer
    frozen = rules_of_the_call.why_not_edit(organizer, panel.competition)
    assert frozen == rules_of_the_call.FROZEN
    titles = [one.title for one in panel.competition.criteria]
    with pytest.raises(NotAllowed), unit_of_work():
        update_criteria(panel.competition, [CriterionSetting(title="Краса", weight="100")], by=organizer)
    assert [one.title for one in panel.competition.criteria] == titles


def test_sheet_page_asks_as_often_with_marks_as_without(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    row = declared(bid, expert)
    client, address = sheet_of(app, expert, bid)
    with unit_of_work():
        services.save_review(row, full_sheet(bid), version=0, by=expert)
        services.mark_evidence(row, services.Quote("двадцять дворів".capitalize()), criterion="need", by=expert)
    client.get(address)
    counts = []
    for quote in (None, "спори за ухваленими", "За рік"):
        if quote:
            with unit_of_work():
                services.mark_evidence(row, services.Quote(quote), criterion="results", by=expert)
        with count_queries() as statements:
            client.get(address)
        counts.append(len(statements))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 26, str(statements)


def test_advance_of_another_persons_assignment_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    row = submitted(panel.applications[0], panel.experts[0])
    for act in (services.recall_review, services.open_others, services.skip):
        with pytest.raises(NotAllowed), unit_of_work():
            act(row, panel.experts[1])


def _reason(page: str, criterion: str) -> str:
    """What the page's field of a justification holds: the browser saves it as the sheet."""
    field = BeautifulSoup(page, "html.parser").select_one(f"textarea[name=reason_{criterion}]")
    assert field is not None
    return field.get_text().removeprefix("\r\n").removeprefix("\n")


def test_every_box_of_the_sheet_says_who_reads_it(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    client, address = sheet_of(app, expert, bid)
    soup = BeautifulSoup(client.get(f"{address}?lang=en").text, "html.parser")
    boxes = soup.select("form[data-review-sheet] textarea")
    around = [box.find_parent(class_="govuk-form-group") for box in boxes]
    told = [" ".join(group.get_text(" ").split()) for group in around if group is not None]
    assert len(told) == len(boxes) == len(panel.competition.criteria) + 2
    assert [text for text in told if "read" not in text] == []
    evidence = [" ".join(one.get_text(" ").split()) for one in soup.select(".app-evidence")]
    assert {text.startswith("Evidence for the commission:") for text in evidence} == {True}
    choice = client.get(f"/reviews/{bid.code}/evidence/1?lang=en").text
    assert "The commission reads them beside your justification, the applicant does not" in choice
