"""What the sheet refuses, and that nothing typed is lost by it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.datastructures import MultiDict

from grants_app.database import db, unit_of_work
from grants_app.lifecycle import AssignmentState
from grants_app.reviews import services
from grants_app.reviews.models import Review, Score
from tests.support.desk import sheet_data, sheet_of, with_budget
from tests.support.panel import REASON, assignment_of, declared, opened_panel
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as


def kept_text(page: str) -> str:
    box = BeautifulSoup(page, "html.parser").select_one("textarea[readonly]")
    return box.get_text() if box else ""


def reviews_count() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Review)) or 0


@pytest.mark.parametrize("then", ["finish", "save", "next", "skip", "preview", "evidence-1", "abstain"])
def test_assignment_taken_back_while_the_sheet_is_open(app: Flask, clock: FrozenClock, then: str) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    row = declared(bid, expert)
    client, address = sheet_of(app, expert, bid)
    assert client.get(address).status_code == 200
    with unit_of_work():
        services.take_back(row, "Заміна", panel.secretary)
    data = sheet_data(panel, then=then, reason_need="Довго писане пояснення", comment_applicant="Порада заявникові")
    answer = client.post(f"{address}?lang=en", data=data)
    assert answer.status_code == 403
    assert "The secretary has taken this assignment back" in answer.text
    text = kept_text(answer.text)
    assert ("Довго писане пояснення" in text, "Порада заявникові" in text, "Потреба громади: 7" in text) == (True,) * 3
    assert (bid.title in answer.text, reviews_count()) == (False, 0)
    draft = client.post(f"{address}/draft?lang=en", data=data)
    assert (draft.status_code, draft.json) == (
        403,
        {"message": "This assignment has ended. Copy your text: it is not saved any more"},
    )
    assert visit_as(app, panel.experts[2]).post(address, data=data).status_code == 404


def test_one_second_after_the_deadline_the_text_is_given_back(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    client, address = sheet_of(app, expert, bid)
    clock.at("2027-04-20 23:59:59")
    assert client.post(address, data=sheet_data(panel, then="save")).status_code == 302
    clock.at("2027-04-21 00:00:00")
    answer = client.post(f"{address}?lang=en", data=sheet_data(panel, version="1", reason_need="Запізніле слово"))
    assert answer.status_code == 403
    assert "The time for scoring has ended. Ask the secretary to prolong it" in answer.text
    assert "Запізніле слово" in kept_text(answer.text)
    assert "Запізніле слово" not in [one.justification for one in db.session.scalars(sa.select(Score))]
    assert client.post(f"/reviews/{bid.code}/finish", data={"version": "1"}).status_code == 403
    assert assignment_of(bid, expert).state is AssignmentState.IN_PROGRESS


def test_sheet_after_a_conflict_gives_back_only_ones_own_words(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    row = declared(bid, expert)
    with unit_of_work():
        services.declare_conflict(row, "Родичі", expert)
    client, address = sheet_of(app, expert, bid)
    answer = client.post(address, data=sheet_data(panel, reason_need="Моє пояснення"))
    assert (answer.status_code, "Моє пояснення" in kept_text(answer.text)) == (403, True)
    assert [word for word in (bid.title, "Дзвінкий двір", "1 240", "Тренерка") if word in answer.text] == []


def test_field_sent_twice_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    client, address = sheet_of(app, expert, bid)
    data = MultiDict([*sheet_data(panel).items(), ("points_need", "10")])
    answer = client.post(f"{address}?lang=en", data=data)
    links = BeautifulSoup(answer.text, "html.parser").select(".govuk-error-summary a")
    assert (answer.status_code, [(one["href"], one.get_text()) for one in links]) == (
        422,
        [("#points_need", "One of the fields was sent twice. Open the page again and repeat")],
    )
    draft = client.post(f"{address}/draft?lang=en", data=data)
    assert (draft.status_code, draft.json) == (
        422,
        {"message": "One of the fields was sent twice. Open the page again and repeat"},
    )
    assert reviews_count() == 0


@pytest.mark.parametrize("points", ["10.5", "-1", "1e1", "7,25", "٧", "0x7", "½", "NaN", "7 7", "7\u00a0000"])
def test_points_off_the_scale_or_step_refused(app: Flask, clock: FrozenClock, points: str) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    client, address = sheet_of(app, expert, bid)
    answer = client.post(f"{address}?lang=en", data=sheet_data(panel, points_need=points))
    links = BeautifulSoup(answer.text, "html.parser").select(".govuk-error-summary a")
    assert (answer.status_code, [one["href"] for one in links]) == (422, ["#points_need"])
    assert reviews_count() == 0


def test_invisible_and_direction_signs_leave_the_text(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    declared(bid, expert)
    client, address = sheet_of(app, expert, bid)
    dirty = "\u202eПояснення\u200b з вадами\u2066"
    assert client.post(address, data=sheet_data(panel, reason_need="\x00")).status_code == 400
    assert client.post(address, data=sheet_data(panel, then="save", reason_need=dirty)).status_code == 302
    hidden = client.post(address, data=sheet_data(panel, version="1", reason_need="\u200b" * 60))
    assert hidden.status_code == 422
    stored = {one.criterion.code: one.justification for one in db.session.scalars(sa.select(Score))}
    assert stored["need"] == "Пояснення з вадами"


def test_forged_names_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    with_budget(bid)
    declared(bid, expert)
    client, address = sheet_of(app, expert, bid)
    for name, sentence in (
        ("points_beauty", "The sheet names a criterion that this competition does not have"),
        ("line_9", "The sheet names a line that this budget does not have"),
    ):
        draft = client.post(f"{address}/draft?lang=en", data=sheet_data(panel, **{name: "5"}))
        assert (draft.status_code, draft.json) == (422, {"message": sentence})
    for name in ("line_0", "line_-1", "line_1e1", "line_1000", "line_", "whatever", "expert_code", "state"):
        assert client.post(f"{address}/draft", data=sheet_data(panel, version="9", **{name: "5"})).status_code == 409
    assert reviews_count() == 0
    assert client.post(address, data=sheet_data(panel, then="remove-../../x")).location == address


def test_draft_with_lines_saved_within_few_queries(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    with_budget(bid)
    declared(bid, expert)
    client, address = sheet_of(app, expert, bid)
    data = sheet_data(panel, line_1="1", why_1=REASON, line_3="2", why_3=REASON, line_4="3", why_4=REASON)
    assert client.post(f"{address}/draft", data=data).json == {"saved_at": "10:00", "version": 1}
    with count_queries() as statements:
        answer = client.post(f"{address}/draft", data={**data, "version": "1", "line_4": "4"})
    assert answer.json == {"saved_at": "10:00", "version": 2}
    assert len(statements) <= 16, str(statements)
