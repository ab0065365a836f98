"""The city's own words of letters: put in force, checked, tried, returned to the shipped ones."""

from __future__ import annotations

import re
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import User
from grants_app.core.errors import EditConflict, ManyErrors, NotAllowed, NotFound
from grants_app.database import db, unit_of_work
from grants_app.journal import own_words
from grants_app.journal.letters import compose
from grants_app.journal.models import LetterTemplate, Notice
from grants_app.journal.own_words import Typed, return_to_shipped, save_words
from grants_app.journal.registry import letter_kind
from grants_app.journal.services import notify_user
from grants_app.journal.wording import faults_of, fill
from grants_app.permissions import Role
from tests.accounts.people import enter, key, person
from tests.support.queries import count_queries

NAME = "application_rejected"
NEEDED = "{reason} {clause} {complaint}"


def editor() -> User:
    return person("o@example.org", Role.ORGANIZER)


def typed(subject: str = "Не допущено: {code}", body: str = NEEDED, number: int = 0) -> dict[str, Typed]:
    """Words in Ukrainian; the English ones as shipped."""
    kind = letter_kind(NAME)
    assert kind is not None
    return {"uk": Typed(subject, body, number), "en": Typed(*kind.shipped("en"), 0)}


def composed(lang: str = "uk") -> tuple[str, str]:
    """The letter as the next applicant would get it."""
    kind = letter_kind(NAME)
    assert kind is not None
    facts = {"code": "2027-X", "title": "Двір", "reason": "r", "clause": "c", "complaint": "k"}
    return compose({NAME: dict(kind.texts)}, NAME, lang, facts)


def fields(page: str) -> dict[str, str]:
    """What the form of the page holds."""
    found = {name: unescape(value) for name, value in re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page)}
    found |= {name: unescape(value) for value, name in re.findall(r' value="([^"]*)"[^>]*? name="(\w+)"', page)}
    areas = re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\s?(.*?)</textarea>', page, re.DOTALL)
    found |= {name: unescape(value).strip("\r\n") for name, value in areas}
    return {name: value for name, value in found.items() if name != "do"}


def test_own_words_in_force_from_the_next_letter_and_back(app: Flask) -> None:
    shipped = composed()
    by = editor()
    with unit_of_work():
        assert save_words(NAME, typed(body=f"25 % і %s. {NEEDED}"), by=by) == ["uk"]
    assert composed() == ("Не допущено: 2027-X", "25 % і %s. r c k")
    with unit_of_work():
        return_to_shipped(NAME, "uk", by=by)
    assert composed() == shipped
    kept = db.session.scalars(sa.select(LetterTemplate).order_by(LetterTemplate.number)).all()
    assert [(row.number, row.is_shipped) for row in kept] == [(1, False), (2, True)]


def test_one_unit_reads_own_words_once(app: Flask) -> None:
    reader = person("r@example.org")
    kind = letter_kind(NAME)
    assert kind is not None
    with unit_of_work():
        fresh = db.session.merge(reader)
        email = fresh.email
        assert email
        with count_queries() as statements:
            for _number in range(5):
                notify_user(
                    fresh, {NAME: dict(kind.texts)}, NAME, facts=kind.examples("uk"), thing="application", code="2027-X"
                )
    assert sum("letter_template" in one for one in statements) == 1


def test_second_editor_is_noticed(app: Flask) -> None:
    by = editor()
    with unit_of_work():
        save_words(NAME, typed("Перша {code}"), by=by)
    with pytest.raises(EditConflict), unit_of_work():
        save_words(NAME, typed("Друга {code}"), by=by)
    with unit_of_work():
        save_words(NAME, typed("Друга {code}", number=1), by=by)
    assert composed()[0] == "Друга 2027-X"


@pytest.mark.parametrize(
    ("subject", "body", "field"),
    [
        ("{unknown}", NEEDED, "subject_uk"),
        ("{0.__class__}", NEEDED, "subject_uk"),
        ("{code.__class__}", NEEDED, "subject_uk"),
        ("{code!r}", NEEDED, "subject_uk"),
        ("{code", NEEDED, "subject_uk"),
        ("%(code)s", NEEDED, "subject_uk"),
        ("Тема\r\nBcc: x@example.org", NEEDED, "subject_uk"),
        ("", NEEDED, "subject_uk"),
        ("я" * 201, NEEDED, "subject_uk"),
        ("Тема", "{reason} {clause}", "body_uk"),
        ("Тема", "}" + NEEDED, "body_uk"),
        ("Тема", "", "body_uk"),
    ],
)
def test_wrong_words_refused_by_field(app: Flask, subject: str, body: str, field: str) -> None:
    by = editor()
    with pytest.raises(ManyErrors) as caught, unit_of_work():
        save_words(NAME, typed(subject, body), by=by)
    assert {error.field for error in caught.value.errors} == {field}


def test_places_are_filled_and_never_evaluated() -> None:
    shown = {"code": "{title} %(x)s {0.__class__}", "title": "секрет"}
    assert fill("{code}", shown) == "{title} %(x)s {0.__class__}"
    assert fill("25 % {", shown) == "25 % {"
    assert faults_of("{code} 25 %", {"code"}) == []


def test_own_words_that_no_longer_fit_give_way_to_the_shipped_ones(app: Flask) -> None:
    """A release may take a place away: the letter goes out all the same."""
    shipped = composed()
    by = editor()
    with unit_of_work():
        save_words(NAME, typed(), by=by)
        db.session.flush()
        db.session.execute(sa.update(LetterTemplate).values(body="{gone}"))
    assert composed() == shipped


def test_words_edited_by_the_organizer_alone(app: Flask, client: FlaskClient) -> None:
    for role in (Role.SECRETARY, Role.ADMIN, Role.AUDITOR):
        other = person(f"{role}@example.org", role)
        with pytest.raises(NotAllowed), unit_of_work():
            save_words(NAME, typed(), by=other)
        enter(client, other)
        assert client.get(f"/journal/wordings/{NAME}").status_code == 403
    by = editor()
    with pytest.raises(NotFound), unit_of_work():
        return_to_shipped("no_such_letter", "uk", by=by)


def test_page_lists_edits_previews_and_tests_a_letter(app: Flask, client: FlaskClient) -> None:
    by = editor()
    enter(client, by)
    listed = client.get("/journal/wordings?lang=en")
    assert "Application {code} is not admitted" in listed.text
    form = fields(client.get(f"/journal/wordings/{NAME}?lang=en").text) | {"subject_uk": "Свої слова: {code}"}
    preview = client.post(f"/journal/wordings/{NAME}?lang=en", data=form | key() | {"do": "preview"})
    assert (preview.status_code, "Свої слова: 2027-SKP-7KQ4" in preview.text) == (200, True)
    client.post(f"/journal/wordings/{NAME}", data=form | key() | {"do": "test_uk"})
    test = db.session.scalars(sa.select(Notice)).one()
    assert (test.email, test.subject) == ("o@example.org", "[Перевірка] Свої слова: 2027-SKP-7KQ4")
    assert composed()[0] == "Заявку 2027-X не допущено до розгляду"
    assert client.post(f"/journal/wordings/{NAME}", data=form | key() | {"do": "save"}).status_code == 302
    assert composed()[0] == "Свої слова: 2027-X"
    wrong = client.post(f"/journal/wordings/{NAME}?lang=en", data=form | key() | {"body_uk": "{whatever}"})
    assert wrong.status_code == 422
    assert "This letter has no place {whatever}: choose one from the list" in unescape(wrong.text)
    assert "{whatever}" in fields(wrong.text)["body_uk"]
    late = client.post(f"/journal/wordings/{NAME}?lang=en", data=form | key() | {"subject_uk": "Інші {code}"})
    assert (late.status_code, "Somebody has changed these words meanwhile" in late.text) == (409, True)
    assert fields(late.text)["number_uk"] == "1"
    back = client.post(f"/journal/wordings/{NAME}/shipped/uk", data=key())
    assert back.location == f"/journal/wordings/{NAME}"
    assert composed()[0] == "Заявку 2027-X не допущено до розгляду"


def test_preview_takes_facts_of_the_last_letter_without_links_that_open_accounts(app: Flask) -> None:
    kind = letter_kind("new_password")
    assert kind is not None
    reader = person("r@example.org")
    with unit_of_work():
        fresh = db.session.merge(reader)
        facts = {"until": "завтра", "link": "https://x.example.org/accounts/new-password/abcDEF-_123"}
        notice = notify_user(
            fresh, {"new_password": dict(kind.texts)}, "new_password", facts=facts, thing="user", code="1"
        )
    assert "abcDEF" in notice.body
    assert notice.facts == {"until": "завтра", "link": "https://x.example.org/accounts/new-password/…"}
    subject, body = own_words.try_words(kind, "uk", ("{until}", "{link}"), notice)
    assert (subject, "abcDEF" in body) == ("завтра", False)


def test_markup_in_words_and_facts_reaches_a_page_as_text(app: Flask, client: FlaskClient) -> None:
    by = editor()
    with unit_of_work():
        save_words(NAME, typed("<script>alert(1)</script> {code}"), by=by)
    enter(client, by)
    assert "<script>alert(1)" not in client.get("/journal/wordings").text
    assert "<script>alert(1)" not in client.get(f"/journal/wordings/{NAME}").text
