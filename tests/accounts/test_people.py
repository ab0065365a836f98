from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts import queries, services
from grants_app.core.errors import InvalidInput, NotAllowed, WrongState
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.permissions import Role
from tests.accounts.people import PASSWORD, enter, head, key, letters_to, link_in_last_letter, person, steps_of
from tests.support.queries import count_queries


def test_administrator_gives_and_ends_a_role(app: Flask, client: FlaskClient) -> None:
    enter(client, person("admin@example.org", Role.ADMIN))
    expert = person("e@example.org")
    path = f"/accounts/users/{expert.id}"
    assert client.get(path).status_code == 200
    assert client.post(f"{path}/roles", data={"role": "expert", **key()}).status_code == 302
    assert services.find_user("e@example.org").roles == {Role.EXPERT}  # type: ignore[union-attr]  # it is there
    again = client.post(f"{path}/roles", data={"role": "expert", **key()})
    assert again.status_code == 422
    assert client.post(f"{path}/roles/expert/end", data=key()).status_code == 302
    db.session.expire_all()
    assert expert.roles == frozenset()
    assert client.post(f"{path}/roles/expert/end", data=key()).status_code == 409
    assert client.post(f"{path}/roles/emperor/end", data=key()).status_code == 404
    assert steps_of("user", str(expert.id)) == ["create", "grant_role", "end_role"]


def test_role_refused_with_both_duties_named(app: Flask, client: FlaskClient) -> None:
    enter(client, person("admin@example.org", Role.ADMIN))
    expert = person("e@example.org", Role.EXPERT)
    answer = client.post(f"/accounts/users/{expert.id}/roles?lang=en", data={"role": "commission_member", **key()})
    assert answer.status_code == 422
    assert "One person may not have both duties: Commission member and Expert" in answer.text


def test_nobody_gives_a_role_to_oneself(app: Flask) -> None:
    admin = person("admin@example.org", Role.ADMIN)
    with pytest.raises(NotAllowed), unit_of_work():
        services.grant_role(admin, Role.ORGANIZER, by=admin)
    with pytest.raises(NotAllowed), unit_of_work():
        services.end_role(admin, Role.ADMIN, by=admin)
    assert admin.roles == {Role.ADMIN}


@pytest.mark.parametrize("role", [Role.EXPERT, Role.COMMISSION_MEMBER, Role.CHAIR])
def test_administrator_never_scores(app: Flask, role: Role) -> None:
    admin, second = person("admin@example.org", Role.ADMIN), person("second@example.org", Role.ADMIN)
    with pytest.raises(NotAllowed), unit_of_work():
        services.grant_role(admin, role, by=second)


def test_role_of_an_organisation_not_given_here(app: Flask) -> None:
    admin = person("admin@example.org", Role.ADMIN)
    user = person("u@example.org")
    with pytest.raises(NotAllowed), unit_of_work():
        services.grant_role(user, Role.NGO_HEAD, by=admin)
    with pytest.raises(NotAllowed), unit_of_work():
        services.grant_role(user, Role.EXPERT, by=user)


def test_staff_invited_by_mail(app: Flask, client: FlaskClient) -> None:
    enter(client, person("admin@example.org", Role.ADMIN))
    data = {"email": "expert@example.org", "role": "expert"}
    assert client.post("/accounts/users/invite", data={**data, **key()}).status_code == 302
    assert client.get("/accounts/users").status_code == 200
    link = link_in_last_letter("expert@example.org")
    guest = app.test_client()
    new = {"full_name": "Нова Експертка", "password": PASSWORD, "again": PASSWORD, **key()}
    assert guest.post(link, data=new).location == "/home"
    assert services.find_user("expert@example.org").roles == {Role.EXPERT}  # type: ignore[union-attr]  # it is there
    known = client.post("/accounts/users/invite", data={**data, **key()})
    assert known.status_code == 422
    assert 'id="email-error"' in known.text
    assert letters_to("expert@example.org") == ["invited_to_role"]


def test_account_closed_with_a_reason_and_opened(app: Flask, client: FlaskClient) -> None:
    enter(client, person("admin@example.org", Role.ADMIN))
    user = person("u@example.org")
    page = f"/accounts/users/{user.id}"
    inside = app.test_client()
    enter(inside, user)
    assert inside.get("/home").status_code == 200
    data = {"reason": "Особа пішла з роботи", **key()}
    assert client.post(f"{page}/close", data=data).status_code == 302
    assert inside.get("/home").status_code == 302
    assert client.post(f"{page}/close", data={**data, **key()}).status_code == 409
    assert client.post(f"{page}/open", data=key()).status_code == 302
    assert client.post(f"{page}/open", data=key()).status_code == 409
    assert inside.get("/home").status_code == 302
    letters = db.session.scalars(sa.select(Notice).filter_by(email="u@example.org").order_by(Notice.id)).all()
    assert [letter.template for letter in letters] == ["account_closed", "account_opened"]
    assert "Підстава: Особа пішла з роботи" in letters[0].body
    query = sa.select(JournalEntry.step, JournalEntry.reason).filter_by(thing="user", thing_code=str(user.id))
    assert db.session.execute(query.order_by(JournalEntry.seq)).all() == [
        ("create", None),
        ("close_account", "Особа пішла з роботи"),
        ("open_account", None),
    ]


def test_account_is_not_closed_without_a_reason(app: Flask, client: FlaskClient) -> None:
    enter(client, person("admin@example.org", Role.ADMIN))
    user = person("u@example.org")
    answer = client.post(f"/accounts/users/{user.id}/close?lang=en", data={"reason": "  ", **key()})
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    with pytest.raises(InvalidInput), unit_of_work():
        services.close_account(user, " ", by=services.find_user("admin@example.org"))  # type: ignore[arg-type]
    db.session.expire_all()
    assert (user.active, letters_to("u@example.org")) == (True, [])


@pytest.mark.sqlite_only
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN and "ngo" not in role.value])
def test_pages_of_people_closed_to_others(app: Flask, client: FlaskClient, role: Role) -> None:
    user = person("x@example.org", role)
    enter(client, user)
    assert client.get("/accounts/users").status_code == 403
    assert client.get(f"/accounts/users/{user.id}").status_code == 403
    assert client.post(f"/accounts/users/{user.id}/roles", data={"role": "admin", **key()}).status_code == 403


def test_people_found_by_name_and_role(app: Flask, client: FlaskClient) -> None:
    person("a@example.org", Role.EXPERT, name="Ґалина Єжакова")
    person("b@example.org", name="Богдан")
    head("head@example.org")
    assert [row.name for row in queries.person_rows("єжак")[0]] == ["Ґалина Єжакова"]
    assert [row.email for row in queries.person_rows(role=Role.NGO_HEAD)[0]] == ["head@example.org"]
    assert queries.person_rows()[1] == 3
    enter(client, person("admin@example.org", Role.ADMIN))
    assert client.get("/accounts/users?page=x&role=emperor").status_code == 200
    assert "a@example.org" not in client.get("/accounts/users?text=богд").text


@pytest.mark.sqlite_only
def test_people_in_ukrainian_order(app: Flask) -> None:
    for number, name in enumerate(["Яна", "Євген", "Ґвіна", "Гвіна", "Ірина", "Жанна"]):
        person(f"p{number}@example.org", name=name)
    assert [row.name for row in queries.person_rows()[0]] == ["Гвіна", "Ґвіна", "Євген", "Жанна", "Ірина", "Яна"]


@pytest.mark.sqlite_only
def test_list_of_people_asks_as_often_for_three_as_for_one(app: Flask) -> None:
    counts = []
    for number in range(3):
        person(f"p{number}@example.org", Role.EXPERT)
        db.session.expire_all()
        db.session.rollback()
        db.session.expunge_all()
        with count_queries() as asked:
            queries.person_rows()
        counts.append(len(asked))
    assert counts == [counts[0]] * 3


def test_first_administrator_made_once(app: Flask) -> None:
    assert not services.has_administrator()
    with unit_of_work():
        admin = services.create_first_administrator("admin@example.org", "Перша Людина", services.hashed(PASSWORD))
    assert admin.roles == {Role.ADMIN}
    with pytest.raises(WrongState), unit_of_work():
        services.create_first_administrator("b@example.org", "Друга", services.hashed(PASSWORD))
