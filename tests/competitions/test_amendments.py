"""Amending an announced call: nobody outside sees it before it is published, money and criteria do not move."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import User
from grants_app.applications import queries as application_queries
from grants_app.applications import services as application_services
from grants_app.competitions import queries
from grants_app.competitions import services as calls
from grants_app.competitions.models import CallAmendment, CallVersion, FrozenRulesError
from grants_app.competitions.queries.amendments import amendment_of, call_texts, working_form
from grants_app.competitions.rules.form import STANDARD, FileKind, Question, form_text
from grants_app.competitions.services import form as form_services
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, NotAllowed, NotFound, WrongState
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.journal.services import digest_of
from grants_app.permissions import Role
from tests.support.applications import draft_application, new_head, organisation_of, submitted_application
from tests.support.calls import CODE, Call, announced_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

REASON = "Заявники просили пояснити, як рахувати волонтерів"
VOLUNTEERS = Question("", "Скільки волонтерів?", "number", required=True)


def begun(call: Call) -> None:
    with unit_of_work():
        calls.begin_amendment(call.competition, by=call.organizer)


def amended(call: Call, question: Question = VOLUNTEERS, section: str = "team") -> str:
    begun(call)
    with unit_of_work():
        return form_services.save_question(call.competition, question, section=section, by=call.organizer)


def published(call: Call, reason: str = REASON) -> CallVersion:
    with unit_of_work():
        return calls.publish_amendment(call.competition, by=call.organizer, reason=reason)


def refusal(step: Any) -> tuple[type[DomainError], str | None]:
    with pytest.raises(DomainError) as caught, unit_of_work():
        step()
    return type(caught.value), caught.value.field


def public_words(guest: FlaskClient, page: str) -> str:
    answer = guest.get(page)
    assert answer.status_code == 200
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser").get_text(" ", strip=True)


def letters() -> list[tuple[int | None, str]]:
    query = sa.select(Notice.recipient_id, Notice.thing_code).filter_by(template="call_amended", thing="application")
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(Notice.id))]


def test_announcing_writes_version_one_with_the_digest_of_its_form(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    version = db.session.scalars(sa.select(CallVersion)).one()
    entry = db.session.scalars(sa.select(JournalEntry).filter_by(thing="competition", step="announce")).one()
    assert (version.number, version.changes, version.reason) == (1, [], "")
    assert (version.form_text, version.texts) == (form_text(STANDARD), call_texts(call.competition))
    assert (version.at, version.by_id) == (call.competition.announced_at, call.organizer.id)
    assert json.loads(entry.body)["facts"]["form_digest"] == digest_of(version.form_text)


def test_half_written_amendment_is_seen_by_nobody_outside(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    head = new_head()
    clock.at("2027-03-02 10:00")
    application = draft_application(call.competition, head)
    guest, writer = visit_as(app, None), visit_as(app, head)
    pages = [f"/competitions/{CODE}", f"/competitions/{CODE}/questions", f"/competitions/{CODE}/questions.json"]
    before = [public_words(guest, page) for page in pages]
    code = amended(call)
    with unit_of_work():
        texts = {**call_texts(call.competition), "summary": "Зовсім інше"}
        calls.save_amended_texts(call.competition, texts, by=call.organizer)
    assert [public_words(guest, page) for page in pages] == before
    section = writer.get(f"/applications/{application.journal_code}/sections/team").get_data(as_text=True)
    assert VOLUNTEERS.label not in section
    assert code in working_form(call.competition).questions
    assert code not in application_queries.form_for(application).questions
    for address in ("", "/texts"):
        assert writer.get(f"/competitions/{CODE}/amendment{address}").status_code == 403
        assert guest.get(f"/competitions/{CODE}/amendment{address}").status_code in {302, 401}
    assert writer.get(f"/competitions/{CODE}/settings/form").status_code == 403
    assert writer.get(f"/applications/preview/{CODE}").status_code == 403
    assert letters() == []


def test_published_amendment_is_a_version_with_changes_reason_and_note(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    code = amended(call)
    with unit_of_work():
        texts = {**call_texts(call.competition), "contact": "нова пошта"}
        calls.save_amended_texts(call.competition, texts, by=call.organizer)
    version = published(call)
    competition = call.competition
    assert (version.number, competition.form_version, version.reason) == (2, 2, REASON)
    assert version.changes == [
        {"place": "Contact", "what": "Text", "old": ["konkurs@example.org"], "new": ["нова пошта"]},
        {
            "place": VOLUNTEERS.label,
            "what": "Added to the form",
            "old": [],
            "new": [VOLUNTEERS.label, "A whole number", "required"],
        },
    ]
    assert (competition.contact, code in queries.form_of(competition).questions) == ("нова пошта", True)
    assert [(note["step"], note["reason"], note["to"]) for note in competition.notes] == [("amend", REASON, 2)]
    assert amendment_of(competition) is None
    entry = db.session.scalars(sa.select(JournalEntry).filter_by(step="amend")).one()
    facts = json.loads(entry.body)["facts"]
    assert (facts["number"], facts["changes"], facts["form_digest"]) == (2, 2, digest_of(version.form_text))
    text = visit_as(app, None).get(f"/competitions/{CODE}").get_data(as_text=True)
    assert text.count(REASON) >= 1


def test_letter_goes_once_to_everybody_who_writes_or_has_sent(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    clock.at("2027-03-02 10:00")
    writing, sending, gone, stranger = new_head(), new_head(), new_head(), new_head()
    draft = draft_application(call.competition, writing)
    sent = submitted_application(call.competition, sending)
    withdrawn = submitted_application(call.competition, gone)
    with unit_of_work():
        application_services.withdraw(withdrawn, "передумали", gone)
    amended(call)
    published(call)
    assert letters() == [(writing.id, draft.journal_code), (sending.id, sent.journal_code)]
    assert stranger.id not in [recipient for recipient, _code in letters()]
    copies = list(db.session.scalars(sa.select(Notice.recipient_id).filter_by(thing="competition")))
    assert copies == [call.organizer.id]
    body = db.session.scalars(sa.select(Notice.body).filter_by(template="call_amended")).first()
    assert body is not None
    assert REASON in body
    assert f"/competitions/{CODE}" in body


def test_letters_betray_no_applicant_while_bids_are_sealed(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    clock.at("2027-03-02 10:00")
    writer = new_head()
    draft_application(call.competition, writer)
    amended(call)
    published(call)
    assert len(letters()) == 1
    page = visit_as(app, call.secretary).get("/journal/outbox")
    assert page.status_code == 200
    assert writer.email not in page.get_data(as_text=True)
    assert call.organizer.email in page.get_data(as_text=True)


def test_sent_application_keeps_its_form_and_a_draft_follows_the_new_one(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    clock.at("2027-03-02 10:00")
    writing, sending = new_head(), new_head()
    draft = draft_application(call.competition, writing)
    sent = submitted_application(call.competition, sending)
    code = amended(call)
    published(call)
    assert sent.form_version == 1
    assert code not in application_queries.form_for(sent).questions
    assert code in application_queries.form_for(draft).questions
    with pytest.raises(DomainError) as refused, unit_of_work():
        application_services.submit_application(draft, writing)
    assert [one.field for one in getattr(refused.value, "errors", [refused.value])] == [code]
    with unit_of_work():
        application_services.save_answers(draft, {code: 12}, None, writing)
    with unit_of_work():
        application_services.submit_application(draft, writing)
    assert draft.form_version == 2


def test_answers_of_a_removed_question_stay_stored_and_unread(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    clock.at("2027-03-02 10:00")
    draft = draft_application(call.competition, new_head())
    begun(call)
    with unit_of_work():
        form_services.remove_question(call.competition, "capacity", by=call.organizer)
    published(call)
    assert application_queries.answers_of(draft)["capacity"] == "Є приміщення й команда."
    assert "Є приміщення й команда." not in json.dumps(application_queries.frozen_content(draft), ensure_ascii=False)


def test_code_of_a_removed_question_is_never_given_again(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    assert amended(call) == "q1"
    published(call)
    begun(call)
    with unit_of_work():
        form_services.remove_question(call.competition, "q1", by=call.organizer)
    published(call)
    assert amended(call) == "q2"


def test_money_criteria_and_kinds_stay_as_announced(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    by = call.organizer
    begun(call)
    goal = STANDARD.questions["goal"]
    steps = {
        "categories": lambda: form_services.save_item(call.competition, "categories", ("", "Інше ще"), by=by),
        "kind": lambda: form_services.save_question(
            call.competition, replace(goal, kind="number"), section="rationale", by=by
        ),
        "lots": lambda: calls.update_lots(call.competition, [], by=by),
        "criteria": lambda: calls.update_criteria(call.competition, [], by=by),
        "intake": lambda: calls.update_intake(call.competition, calls.IntakeSetting(("scan",)), by=by),
    }
    assert {name: refusal(step) for name, step in steps.items()} == {
        "categories": (InvalidInput, "money"),
        "kind": (InvalidInput, "kind"),
        "lots": (NotAllowed, None),
        "criteria": (NotAllowed, None),
        "intake": (NotAllowed, None),
    }


@pytest.mark.parametrize("moment", ["2027-03-31 23:59:59.999999", "2027-04-01 00:00"])
def test_amendment_is_published_till_the_last_instant_of_the_intake(
    app: Flask, clock: FrozenClock, moment: str
) -> None:
    call = announced_call()
    begun(call)
    texts = {**call_texts(call.competition), "contact": "new@example.org"}
    with unit_of_work():
        calls.save_amended_texts(call.competition, texts, by=call.organizer)
    clock.at(moment)
    if moment.startswith("2027-03"):
        assert published(call).number == 2
    else:
        assert refusal(lambda: calls.publish_amendment(call.competition, by=call.organizer, reason=REASON)) == (
            NotAllowed,
            None,
        )
        assert call.competition.form_version == 1


def test_amendment_without_reason_or_without_change_refused(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    by = call.organizer
    begun(call)
    assert refusal(lambda: calls.publish_amendment(call.competition, by=by, reason=REASON)) == (InvalidInput, None)
    with unit_of_work():
        form_services.save_item(call.competition, "files", FileKind("", "Ще папір"), by=by)
    assert refusal(lambda: calls.publish_amendment(call.competition, by=by, reason=" ")) == (InvalidInput, "reason")
    assert refusal(lambda: calls.begin_amendment(call.competition, by=by)) == (WrongState, None)


def test_form_changed_below_the_services_without_a_version_refused(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    with pytest.raises(FrozenRulesError), unit_of_work():
        call.competition.form_text = form_text(replace(STANDARD, eligibility=()))


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.CHAIR, Role.ADMIN, Role.NGO_HEAD])
def test_amendment_is_the_organizers_alone(app: Flask, clock: FrozenClock, role: Role) -> None:
    call = announced_call()
    person: User = new_person(role)
    assert refusal(lambda: calls.begin_amendment(call.competition, by=person)) == (NotAllowed, None)
    amended(call)
    assert refusal(lambda: calls.publish_amendment(call.competition, by=person, reason=REASON)) == (NotAllowed, None)


def test_amendment_changed_since_it_was_read_is_not_published(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    amended(call)
    seen = db.session.scalars(sa.select(CallAmendment.version)).one()
    with unit_of_work():
        form_services.remove_question(call.competition, "capacity", by=call.organizer)
    step: dict[str, Any] = {"by": call.organizer, "version": seen}
    assert refusal(lambda: calls.publish_amendment(call.competition, reason=REASON, **step)) == (EditConflict, None)
    assert refusal(lambda: calls.discard_amendment(call.competition, **step)) == (EditConflict, None)


def test_amendment_thrown_away_leaves_the_call_as_it_is(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    amended(call)
    with unit_of_work():
        calls.discard_amendment(call.competition, by=call.organizer)
    assert working_form(call.competition) == STANDARD
    assert refusal(lambda: calls.discard_amendment(call.competition, by=call.organizer)) == (NotFound, None)


def test_every_person_of_the_organisation_gets_one_letter(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    clock.at("2027-03-02 10:00")
    head = new_head()
    member = new_person(Role.NGO_MEMBER, organisation=organisation_of(head))
    draft = draft_application(call.competition, head)
    amended(call)
    published(call)
    assert letters() == [(head.id, draft.journal_code), (member.id, draft.journal_code)]


def test_changes_are_said_so_that_one_reads_what_changed(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    goal, activities = STANDARD.questions["goal"], STANDARD.questions["activities"]
    first, *middle, _last = activities.cells
    cells = (replace(first, limit=150, required=False), *middle)
    wanted = ((replace(goal, limit=60, limit_unit="words"), "rationale"), (replace(activities, cells=cells), "plan"))
    begun(call)
    for question, section in wanted:
        with unit_of_work():
            form_services.save_question(call.competition, question, section=section, by=call.organizer)
    page = visit_as(app, call.organizer).get(f"/competitions/{CODE}/amendment").get_data(as_text=True)
    rows = BeautifulSoup(page, "html.parser").select("table.app-words tbody tr")
    columns = "Захід; Від; До; Місце; Відповідальна особа"
    assert [tuple(cell.get_text(strip=True) for cell in row.select("th, td")) for row in rows] == [
        ("Мета · Найдовша відповідь", "500 знаків", "60 слів"),
        ("Заходи · Стовпці", f"{columns}; Що це підтвердить", columns),
        ("Заходи · Захід", "Рядок тексту; обов’язково; ≤ 300", "Рядок тексту; за бажанням; ≤ 150"),
    ]
