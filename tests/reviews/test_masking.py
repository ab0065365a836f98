"""Masked copies: proposals, approval, what voids them, and the door into scoring of a blind call."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.applications.models import Answer, Application
from grants_app.core.errors import EditConflict, ManyErrors
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import CompetitionState
from grants_app.permissions import Role
from grants_app.reviews import queries, services
from grants_app.reviews.models import Conflict, MaskedAnswer
from grants_app.reviews.queries import masking
from grants_app.reviews.rules.masking import Identity, is_hidden, masker_of
from grants_app.reviews.services import masking as copies
from tests.support.blind import approve_everything, blind_panel
from tests.support.panel import assignment_of, new_panel
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

S = CompetitionState
WHO = Identity(
    organisations=("Громадська організація «Дзвінкий двір»", "ГО «Дзвінкий двір»"),
    people=("Кравець Марія Петрівна", "Шевченко Олег", "Олійник Федір"),
    partners=("ОСББ «Вигадане»",),
    codes=("40000016",),
    addresses=("м. Харків, вул. Академіка Павлова, 12",),
)
TEXTS = {
    "Наша ГО «Дзвінкий двір» працює": "Наша [█ назву приховано] працює",
    "вдячні Громадській організації «Дзвінкий двір»": "вдячні [█ назву приховано]",
    "Заходи у Дзвінкому дворі": "Заходи у [█ назву приховано]",
    "Dzvinkyi Dvir unites neighbours": "[█ назву приховано] unites neighbours",
    "разом із Кравцем і Шевченком": "разом із [█ особу приховано] і [█ особу приховано]",
    "Олійник навчає, дякуємо Федорові": "[█ особу приховано] навчає, дякуємо [█ особу приховано]",
    "мешканці ОСББ «Вигадане»": "мешканці [█ партнера приховано]",
    "тел. +38 (050) 111-00-00": "тел. [█ контакт приховано]",
    "050 111 00 00 щодня": "[█ контакт приховано] щодня",
    "ngo1@example.org": "[█ контакт приховано]",
    "https://dvir.example/pro-nas або www.dvir.org.ua": "[█ контакт приховано] або [█ контакт приховано]",
    "код 40000016": "код [█ код приховано]",
    "ЄДРПОУ: 12345678, сума 12345678": "ЄДРПОУ: [█ код приховано], сума 12345678",
    "рахунок UA213223130000026007233566001": "рахунок [█ код приховано]",
    "офіс на вул. Академіка Павлова, 12": "офіс на [█ адресу приховано]",
    # What names nobody stays.
    "Двадцять дворів розв’язали 1 240 спорів за 40 000 000 грн": (
        "Двадцять дворів розв’язали 1 240 спорів за 40 000 000 грн"
    ),
    "дзвінкий голос у дворі": "дзвінкий голос у дворі",
}


@pytest.mark.parametrize("text", TEXTS)
def test_proposal_masks_what_names_the_applicant(text: str) -> None:
    assert masker_of(WHO).text(text) == TEXTS[text]


def test_proposal_masks_rows_cell_by_cell() -> None:
    rows = [{"name": "Хтось Інший", "role": "керує Дзвінким двором", "experience": ""}]
    assert masker_of(WHO).value("team", ("name", "role", "experience"), rows) == [
        {"name": "[█ особу приховано]", "role": "керує [█ назву приховано]", "experience": ""}
    ]


@pytest.mark.parametrize(
    ("phases", "kind", "states"),
    [
        ([], "expert", ""),
        (["scoring"], "expert", "formal_check scoring"),
        (["scoring"], "commission", ""),
        (["scoring"], "public", "formal_check scoring"),
        (["deliberation"], "expert", ""),
        (["deliberation"], "commission", "formal_check scoring deliberation"),
        (["deliberation"], "public", "formal_check scoring deliberation"),
        (["scoring", "deliberation"], "expert", "formal_check scoring deliberation"),
    ],
)
def test_hiding_follows_the_phases(phases: list[str], kind: str, states: str) -> None:
    asked = (S.FORMAL_CHECK, S.SCORING, S.DELIBERATION, S.DECIDED, S.PUBLISHED)
    assert " ".join(one.value for one in asked if is_hidden(phases, one, kind, members_score=False)) == states


def test_members_who_score_are_hidden_from_too() -> None:
    assert is_hidden(["scoring"], S.SCORING, "commission", members_score=True)


def test_scoring_opens_only_with_approved_copies(app: Flask, clock: FrozenClock) -> None:
    panel = blind_panel(clock, opened=False)
    first, second = panel.applications
    with pytest.raises(ManyErrors) as refusal, unit_of_work():
        services.open_review(panel.competition, panel.secretary)
    assert [str(one) for one in refusal.value.errors] == [
        f"Approve the masked copies of these applications: {first.code}, {second.code}"
    ]
    approve_everything(first, panel.secretary)
    assert masking.codes_without_copies(panel.competition) == [second.code]
    approve_everything(second, panel.secretary)
    with unit_of_work():
        services.open_review(panel.competition, panel.secretary)
    assert panel.competition.state == S.SCORING


def test_corrected_answer_voids_its_copy_and_is_not_shown(app: Flask, clock: FrozenClock) -> None:
    panel = blind_panel(clock)
    bid = panel.applications[0]
    with unit_of_work():
        answer = db.session.scalars(sa.select(Answer).filter_by(application_id=bid.id, question="goal")).one()
        answer.value = "Мета організації «Дзвінкий двір 1» інша."
    reading = queries.reading_of(db.session.get_one(Application, bid.id))
    texts = {answer.code: answer.text for section in reading.sections for answer in section.answers}
    assert (texts["goal"], "1 240" in texts["rationale"]) == ("[█ копію ще не затверджено]", True)
    states = {row.question: row.state for row in masking.copy_rows(bid) if not (row.is_approved or row.is_file)}
    assert states == {"goal": "void"}


def test_copy_is_edited_and_approved_by_hand(app: Flask, clock: FrozenClock) -> None:
    panel = blind_panel(clock, opened=False)
    bid = panel.applications[0]
    client = visit_as(app, panel.secretary)
    address = f"/reviews/{bid.code}/masking/team"
    form = BeautifulSoup(client.get(address).text, "html.parser").select_one("main form")
    assert form is not None
    seen = str(form.select_one("input[name=seen]")["value"])  # type: ignore[index]
    data = {"seen": seen, "0-name": "Тренерка", "0-role": "тренерка", "0-experience": "вісім років"}
    assert client.post(address, data={**data, "0-name": " "}).status_code == 422
    assert client.post(address, data={**data, "then": "keep"}).status_code == 302
    assert client.post(address, data={**data, "then": "approve"}).status_code == 409
    row = next(one for one in masking.copy_rows(bid) if one.question == "team")
    assert (row.state, row.cells[0].copy) == ("edited", "Тренерка")
    with unit_of_work():
        copies.save_copy(bid, "team", None, seen=copies.fingerprint(row), is_approved=True, by=panel.secretary)
    stored = db.session.scalars(sa.select(MaskedAnswer).filter_by(application_id=bid.id, question="team")).one()
    assert (stored.is_approved, stored.value[0]["name"]) == (True, "Тренерка")


def test_approving_all_needs_what_was_seen(app: Flask, clock: FrozenClock) -> None:
    panel = blind_panel(clock, opened=False)
    bid = panel.applications[0]
    seen = copies.fingerprint_of_all([row for row in masking.copy_rows(bid) if not row.is_file])
    with unit_of_work():
        db.session.scalars(sa.select(Answer).filter_by(application_id=bid.id, question="goal")).one().value = "Інша"
    with pytest.raises(EditConflict), unit_of_work():
        copies.approve_all(bid, seen=seen, by=panel.secretary)
    client = visit_as(app, panel.secretary)
    form = BeautifulSoup(client.get(f"/reviews/{bid.code}/masking").text, "html.parser").select_one("main form")
    assert form is not None
    data = {str(one["name"]): str(one["value"]) for one in form.select("input[name]")}
    assert client.post(str(form["action"]), data=data).status_code == 302
    assert masking.codes_without_copies(panel.competition) == [panel.applications[1].code]


def test_page_marks_what_was_changed(app: Flask, clock: FrozenClock) -> None:
    panel = blind_panel(clock, opened=False)
    soup = BeautifulSoup(
        visit_as(app, panel.secretary).get(f"/reviews/{panel.applications[0].code}/masking").text, "html.parser"
    )
    goal = soup.find(id="c-goal")
    assert goal is not None
    assert [one.get_text(strip=True) for one in goal.find_all(["del", "ins"])] == [
        "[вилучено:]«Дзвінкий двір 1»",
        "[додано:][█ назву приховано]",
    ]


def test_masking_is_for_the_secretary_of_a_blind_call(app: Flask, clock: FrozenClock) -> None:
    panel = blind_panel(clock, opened=False)
    bid, code = panel.applications[0].code, panel.competition.code
    pages = (f"/reviews/masking/{code}", f"/reviews/{bid}/masking", f"/reviews/{bid}/masking/goal")
    statuses = {
        name: [visit_as(app, person).get(page).status_code for page in pages]
        for name, person in (("secretary", panel.secretary), ("expert", panel.experts[0]), ("head", panel.heads[0]))
    }
    assert statuses == {"secretary": [200] * 3, "expert": [403] * 3, "head": [403] * 3}
    assert visit_as(app, panel.secretary).get(f"/reviews/{bid}/masking/nothing").status_code == 404


def test_masking_of_an_open_call_is_nowhere(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock)
    client = visit_as(app, panel.secretary)
    pages = (f"/reviews/masking/{panel.competition.code}", f"/reviews/{panel.applications[0].code}/masking")
    assert [client.get(page).status_code for page in pages] == [404, 404]


# -- ties ------------------------------------------------------------------------------------------------------


def test_ties_are_named_before_anything_opens(app: Flask, clock: FrozenClock) -> None:
    panel = blind_panel(clock)
    first, second = panel.applications
    expert = panel.experts[0]
    client = visit_as(app, expert)
    address = f"/reviews/ties/{panel.competition.code}"
    assert client.get(f"/reviews/{first.code}/declaration").location == address
    assert client.post(f"/reviews/{first.code}/declaration", data={"answer": "none"}).status_code == 403
    boxes = BeautifulSoup(client.get(address).text, "html.parser").select("input[name=organisations]")
    assert [str(box["value"]) for box in boxes] == ["40000016", "40000021"]
    assert client.post(address, data={"organisations": "40000021"}).status_code == 302
    assert [row.code for row in queries.my_assignments(expert)] == [first.code]
    line = db.session.scalars(sa.select(Conflict).filter_by(application_id=second.id, person_id=expert.id)).one()
    assert (line.source, line.level, line.state.value) == ("declared", "block", "confirmed")
    page = client.get(f"/reviews/{first.code}/declaration")
    assert (page.status_code, "Послуги ГО" in page.text) == (200, False)
    assert client.post(f"/reviews/{first.code}/declaration", data={"answer": "none"}).status_code == 302


def test_ties_with_who_does_not_compete_are_refused(app: Flask, clock: FrozenClock) -> None:
    panel = blind_panel(clock)
    client = visit_as(app, panel.experts[0])
    answer = client.post(f"/reviews/ties/{panel.competition.code}", data={"organisations": "99999999"})
    assert answer.status_code == 422
    assert assignment_of(panel.applications[0], panel.experts[0]).declared_at is None
    foreign = visit_as(app, new_person(Role.EXPERT))
    assert foreign.get(f"/reviews/ties/{panel.competition.code}").status_code == 404
