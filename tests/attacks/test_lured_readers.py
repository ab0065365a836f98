"""What lures or betrays by the city's own pages and letters: addresses in names, scripts in links, codes in words."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import Organisation
from grants_app.core.errors import ManyErrors
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Notice
from grants_app.journal.own_words import Typed, save_words
from grants_app.journal.registry import letter_kind
from grants_app.permissions import Role
from tests.accounts.people import enter, head, key, person
from tests.accounts.test_organisations import REGISTRATION
from tests.support.visitors import new_person

LURE = "Виграш: https://evil.example/x"


@pytest.mark.parametrize("field", ["full_name", "name", "short_name"])
@pytest.mark.parametrize("lure", [LURE, "Дивіться WWW.evil.example"], ids=["https", "www"])
def test_city_sends_nobody_an_address_that_a_stranger_typed(
    app: Flask, client: FlaskClient, field: str, lure: str
) -> None:
    """Whoever registers with the victim's e-mail would let the city send a letter with that name."""
    sent = client.post("/accounts/register", data={**REGISTRATION, "email": "victim@example.org", field: lure, **key()})
    assert (sent.status_code, f"{field}-error" in sent.text) == (422, True)
    assert db.session.scalar(sa.select(sa.func.count(Notice.id))) == 0


def test_name_of_a_person_cannot_become_a_lure_later(app: Flask, client: FlaskClient) -> None:
    user = person("calm@example.org")
    enter(client, user)
    sent = client.post("/accounts/profile", data={"full_name": LURE, "lang": "uk", **key()})
    db.session.expire_all()
    assert (sent.status_code, user.full_name) == (422, "Тестова Людина")


@pytest.mark.parametrize(
    "website",
    ["javascript://evil.example/%0aalert(1)", "data://evil.example/x", "vbscript://evil.example", "//evil.example"],
    ids=["javascript", "data", "vbscript", "none"],
)
def test_website_is_a_page_of_the_web(app: Flask, client: FlaskClient, website: str) -> None:
    user, organisation = head()
    enter(client, user)
    form = {name: value for name, value in REGISTRATION.items() if name not in {"email", "password", "again"}}
    version = str(organisation.version)
    address = f"/accounts/organisation/{organisation.edrpou}/edit"
    answers = []
    for typed in (website, "https://example.org/про-нас"):
        answers.append(client.post(address, data={**form, "version": version, "website": typed, **key()}).status_code)
    db.session.expire_all()
    assert (answers, db.session.scalar(sa.select(Organisation.website))) == ([422, 302], "https://example.org/про-нас")


@pytest.mark.parametrize("hidden", ["К{secret}", "{secret}-х", "{title}{secret}"], ids=["before", "after", "place"])
def test_code_grown_into_a_word_is_not_put_in_force(app: Flask, hidden: str) -> None:
    """The outbox hides codes that it knows as codes; the city's own words could keep it from knowing them."""
    kind, organizer = letter_kind("late_entry_given"), new_person(Role.ORGANIZER)
    assert kind is not None
    subject, body = kind.shipped("uk")
    english = Typed(*kind.shipped("en"), 0)
    with pytest.raises(ManyErrors) as caught, unit_of_work():
        save_words(kind.name, {"uk": Typed(subject, body.replace("{secret}", hidden), 0), "en": english}, by=organizer)
    assert [one.field for one in caught.value.errors] == ["body_uk"]
    with unit_of_work():
        free = {"uk": Typed(subject, body.replace("{secret}", "« {secret} »."), 0), "en": english}
        assert save_words(kind.name, free, by=organizer) == ["uk"]
