"""The public directory: only organisations whose heads agreed, only what they agreed to show."""

from __future__ import annotations

import csv
import io

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts import services
from grants_app.accounts.models import Organisation, User
from grants_app.accounts.rules.profile import FIELDS
from grants_app.core import clock as product_clock
from grants_app.core.errors import InvalidInput, NotAllowed, WrongState
from grants_app.core.identifiers import is_edrpou
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from tests.accounts.people import EDRPOU, OTHER_EDRPOU, enter, facts, head, key, person, steps_of
from tests.accounts.test_members import member_of
from tests.accounts.test_profile_parts import IBAN, governing
from tests.support.queries import count_queries
from tests.support.time import FrozenClock

PAGE = f"/accounts/organisation/{EDRPOU}"
SHOWN = {
    "about": "Садимо дерева разом із сусідами",
    "fields": ("ecology", "neighbourhood"),
    "district": "Замостя",
    "website": "https://vyhadana.example.org",
    "contact_email": "office@example.org",
}
HIDDEN = {
    "contact_phone": "+380501112299",
    "actual_address": "м. Тестове, вул. Прихована, 9",
    "head_position": "Таємниця",
}


def listed(email: str = "head@example.org", edrpou: str = EDRPOU) -> tuple[User, Organisation]:
    """An organisation in the directory, with much that does not belong there."""
    user, organisation = head(email, edrpou)
    told = facts(edrpou, head_name="Прихована Голова", **SHOWN, **HIDDEN)
    with unit_of_work():
        services.edit_organisation(organisation, told, version=organisation.version, by=user)
    with unit_of_work():
        db.session.get(Organisation, organisation.id).iban = IBAN
        services.agree_to_directory(organisation, by=user)
    governing(organisation, "Прихована Засновниця")
    return user, organisation


def test_head_agrees_and_leaves_with_the_day_kept(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    user, organisation = head()
    enter(client, user)
    assert client.get("/organisations").status_code == 200
    assert client.post(f"{PAGE}/directory/agree", data=key()).status_code == 422
    told = facts(EDRPOU, **SHOWN)
    with unit_of_work():
        services.edit_organisation(organisation, told, version=organisation.version, by=user)
    assert client.post(f"{PAGE}/directory/agree", data=key()).status_code == 302
    db.session.expire_all()
    assert (organisation.is_listed, organisation.listed_at) == (True, product_clock.now())
    assert client.get(f"/organisations/{EDRPOU}").status_code == 200
    with pytest.raises(WrongState), unit_of_work():
        services.agree_to_directory(organisation, by=user)
    assert client.post(f"{PAGE}/directory/leave", data=key()).status_code == 302
    assert client.get(f"/organisations/{EDRPOU}").status_code == 404
    assert steps_of("organisation", EDRPOU) == ["register", "edit", "list", "delist"]


def test_only_the_head_agrees(app: Flask, client: FlaskClient) -> None:
    _user, organisation = head()
    member = member_of(organisation)
    admin = person("admin@example.org", Role.ADMIN)
    for someone in (member, admin):
        enter(client, someone)
        assert client.post(f"{PAGE}/directory/agree", data=key()).status_code == 403
        with pytest.raises(NotAllowed), unit_of_work():
            services.agree_to_directory(organisation, by=someone)
    stranger, _other = head("other@example.org", OTHER_EDRPOU)
    enter(client, stranger)
    assert client.post(f"{PAGE}/directory/agree", data=key()).status_code == 404
    assert client.get(f"{PAGE}/directory").status_code == 404


def test_city_takes_an_entry_out_with_a_reason(app: Flask, client: FlaskClient) -> None:
    _user, organisation = listed()
    secretary, organizer = person("s@example.org", Role.SECRETARY), person("o@example.org", Role.ORGANIZER)
    enter(client, secretary)
    assert client.post(f"{PAGE}/directory/leave", data={"reason": "так", **key()}).status_code == 403
    enter(client, organizer)
    assert client.post(f"{PAGE}/directory/leave", data={"reason": " ", **key()}).status_code == 422
    with pytest.raises(InvalidInput), unit_of_work():
        services.leave_directory(organisation, by=organizer)
    assert client.post(f"{PAGE}/directory/leave", data={"reason": "Опис образливий", **key()}).status_code == 302
    db.session.expire_all()
    assert organisation.is_listed is False


def test_directory_shows_what_was_agreed_and_nothing_else(app: Flask, client: FlaskClient) -> None:
    listed()
    pages = ["/organisations", f"/organisations/{EDRPOU}", "/organisations.csv", "/organisations.json"]
    secrets = [*HIDDEN.values(), IBAN, "Прихована Голова", "Прихована Засновниця", "head@example.org", "вул. Перша"]
    for path in pages:
        answer = client.get(path)
        assert answer.status_code == 200
        text = answer.data.decode()
        if path.endswith("json"):
            text = str(answer.get_json())
        assert SHOWN["about"] in text
        assert [secret for secret in secrets if str(secret) in text] == []


def test_unlisted_organisations_appear_nowhere(app: Flask, client: FlaskClient) -> None:
    listed()
    _user, other = head("other@example.org", OTHER_EDRPOU)
    with unit_of_work():
        found = db.session.get(Organisation, other.id)
        found.name, found.fields, found.district, found.about = "Невидима", ["sport"], "Прихований район", "Слово"
    asked = ("", "?text=Невидима", "?text=" + OTHER_EDRPOU, "?field=sport", "?district=Прихований район", "?size=100")
    for query in asked:
        for path in ("/organisations", "/organisations.csv", "/organisations.json"):
            page = client.get(path + query).data.decode()
            rows = page.replace(f'value="{query.partition("=")[2]}"', "")
            assert ("Невидима" in rows, f"/organisations/{OTHER_EDRPOU}" in rows) == (False, False), path + query
            assert ">Прихований район<" not in rows
    assert client.get(f"/organisations/{OTHER_EDRPOU}").status_code == 404
    assert client.get("/organisations/00000000").status_code == 404


def test_open_data_carry_the_licence(app: Flask, client: FlaskClient) -> None:
    listed()
    row = client.get("/organisations.json").get_json()["rows"][0]
    assert (row["id"], row["licence"], row["activities"]) == (
        f"UA-EDR-{EDRPOU}", "CC BY 4.0", ["ecology", "neighbourhood"],
    )  # fmt: skip
    table = list(csv.reader(io.StringIO(client.get("/organisations.csv").data.decode("utf-8-sig")), delimiter=";"))
    assert table[1][-1] == "CC BY 4.0"


def hundred() -> list[str]:
    """A hundred and twenty entries, of every field and three districts."""
    codes = [f"{number:08d}" for number in range(41_000_000, 41_002_000) if is_edrpou(f"{number:08d}")][:120]
    fields = list(FIELDS)
    with unit_of_work():
        db.session.execute(
            sa.insert(Organisation),
            [
                {
                    "edrpou": code, "name": f"Організація {place:03d}", "short_name": f"О {place}", "version": 1,
                    "registered_on": product_clock.today(), "created_at": product_clock.now(), "is_listed": True,
                    "listed_at": product_clock.now(), "fields": [fields[place % len(fields)]], "about": "Опис",
                    "district": f"Район {place % 3}",
                }
                for place, code in enumerate(codes)
            ],
        )  # fmt: skip
    return codes


def test_hundred_entries_found_by_field_district_and_page(app: Flask, client: FlaskClient) -> None:
    hundred()
    assert client.get("/organisations").text.count('<th role="rowheader"') == 25
    assert client.get("/organisations?size=100").text.count('<th role="rowheader"') == 100
    assert client.get("/organisations?size=100&page=2").text.count('<th role="rowheader"') == 20
    assert client.get("/organisations?size=7").text.count('<th role="rowheader"') == 25
    rows = client.get("/organisations.json?field=sport&district=Район 1").get_json()["rows"]
    assert {(tuple(row["activities"]), row["district"]) for row in rows} == {(("sport",), "Район 1")}
    assert len(client.get("/organisations.json?text=організація 007").get_json()["rows"]) == 1
    assert len(client.get("/organisations.json?page=2").get_json()["rows"]) == 120
    assert client.get("/organisations?page=999999999999&size=x&field=x").status_code == 200


def test_queries_of_the_directory_do_not_grow(app: Flask, client: FlaskClient) -> None:
    listed()
    client.get("/organisations")
    with count_queries() as one:
        client.get("/organisations")
    hundred()
    with count_queries() as many:
        client.get("/organisations?size=100")
    assert len(many) == len(one)
