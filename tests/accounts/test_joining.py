"""Joining an organisation that is registered, instead of a second account; and what the asker learns meanwhile."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts import services
from grants_app.accounts.models import JoinRequest, Organisation, User
from grants_app.core.errors import InvalidInput, NotAllowed, WrongState
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import JoinRequestState
from grants_app.permissions import Role
from tests.accounts.people import (
    EDRPOU,
    OTHER_EDRPOU,
    PASSWORD,
    enter,
    facts,
    head,
    key,
    letters_to,
    link_in_last_letter,
    person,
)
from tests.accounts.test_organisations import REGISTRATION
from tests.support.time import FrozenClock

PAGE = f"/accounts/organisation/{EDRPOU}"


def imported(edrpou: str = EDRPOU) -> Organisation:
    """An organisation of the register in which nobody is."""
    keeper = person("organizer@example.org", Role.ORGANIZER)
    with unit_of_work():
        return services.enter_organisation(facts(edrpou), reason="", by=keeper)


def asked(user: User, edrpou: str = EDRPOU) -> JoinRequest:
    with unit_of_work():
        return services.ask_to_join(edrpou, Role.NGO_MEMBER, "Працюю тут", by=user)


def the_request() -> JoinRequest:
    db.session.expire_all()
    return db.session.scalars(sa.select(JoinRequest)).one()


def test_known_code_leads_to_asking(app: Flask, client: FlaskClient) -> None:
    head()
    page = client.post("/accounts/register", data={**REGISTRATION, **key()})
    assert page.status_code == 422
    assert f"/accounts/join?edrpou={EDRPOU}" in page.text
    assert client.get(f"/accounts/join?edrpou={EDRPOU}").status_code == 200
    enter(client, person("signed@example.org"))
    page = client.post("/accounts/organisation/new", data={**REGISTRATION, **key()})
    assert f"/accounts/join?edrpou={EDRPOU}" in page.text


def test_registered_and_imported_organisations_answer_alike(app: Flask, client: FlaskClient) -> None:
    """Whether somebody is behind a code is not told: the page is the same but for the code."""
    user, _organisation = head()
    imported(OTHER_EDRPOU)
    pages = []
    for code in (EDRPOU, OTHER_EDRPOU):
        page = client.post("/accounts/register", data={**REGISTRATION, "edrpou": code, "form_key": code}).text
        assert (user.email in page, user.full_name in page) == (False, False)
        errors = [line.strip() for line in page.splitlines() if "edrpou-error" in line]
        pages.append([line.replace(code, "CODE") for line in errors])
    assert pages[0] == pages[1]
    assert pages[0] != []


def test_newcomer_asks_and_the_head_learns_of_it_when_the_address_is_confirmed(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    data = {
        "edrpou": EDRPOU, "role": "ngo_accountant", "message": "Я бухгалтерка", "full_name": "Нова Людина",
        "email": "new@example.org", "password": PASSWORD, "again": PASSWORD,
    }  # fmt: skip
    answer = client.post("/accounts/join", data={**data, **key()})
    assert (answer.status_code, answer.location) == (302, "/accounts/letter-sent")
    boss = app.test_client()
    enter(boss, user)
    assert (letters_to(user.email), "new@example.org" in boss.get(PAGE).text) == ([], False)
    client.post(link_in_last_letter("new@example.org"), data=key())
    assert letters_to(user.email) == ["join_asked"]
    page = boss.get(PAGE).text
    assert ("new@example.org" in page, "Я бухгалтерка" in page) == (True, True)
    code = the_request().code
    sent = boss.post(f"{PAGE}/requests/{code}/accept", data={"role": "ngo_accountant", **key()})
    assert sent.status_code == 302
    newcomer = services.find_user("new@example.org")
    assert newcomer is not None
    assert newcomer.role_in(organisation.id) is Role.NGO_ACCOUNTANT
    assert letters_to("new@example.org") == ["confirm_address", "join_accepted"]
    assert boss.post(f"{PAGE}/requests/{code}/accept", data={"role": "ngo_member", **key()}).status_code == 409


def test_known_address_learns_nothing_by_asking(app: Flask, client: FlaskClient) -> None:
    head()
    person("known@example.org")
    data = {
        "edrpou": EDRPOU, "role": "ngo_member", "message": "", "full_name": "Нова Людина",
        "email": "known@example.org", "password": PASSWORD, "again": PASSWORD, **key(),
    }  # fmt: skip
    answer = client.post("/accounts/join", data=data)
    assert (answer.status_code, answer.location) == (302, "/accounts/letter-sent")
    assert letters_to("known@example.org") == ["address_taken"]
    assert db.session.scalar(sa.select(sa.func.count(JoinRequest.id))) == 0


def test_asker_learns_the_public_name_and_no_more(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    stranger = person("new@example.org")
    enter(client, stranger)
    data = {"edrpou": EDRPOU, "role": "ngo_member", "message": "", **key()}
    assert client.post("/accounts/join", data=data).location == "/accounts/organisation"
    page = client.get("/accounts/organisation").text
    assert organisation.name in page
    assert [text for text in (user.email, user.full_name, organisation.legal_address) if text in page] == []
    for path in ("", "/edit", "/governing", "/ledger", "/ledger.csv", "/account", "/directory", "/documents"):
        assert client.get(PAGE + path).status_code == 404, path
    code = the_request().code
    assert client.post(f"{PAGE}/requests/{code}/accept", data={"role": "ngo_member", **key()}).status_code == 404


def test_one_open_request_however_often_the_button_is_pressed(app: Flask) -> None:
    head()
    stranger = person("new@example.org")
    asked(stranger)
    with pytest.raises(NotAllowed), unit_of_work():
        services.ask_to_join(EDRPOU, Role.NGO_MEMBER, "", by=stranger)
    with pytest.raises(sa.exc.IntegrityError), unit_of_work():
        first = the_request()
        twin = JoinRequest(
            code="TWIN", organisation_id=first.organisation_id, user_id=first.user_id, role=Role.NGO_MEMBER,
            message="", asked_at=first.asked_at,
        )  # fmt: skip
        db.session.add(twin)
        db.session.flush()


def test_requests_are_bounded(app: Flask, clock: FrozenClock) -> None:
    head()
    stranger = person("new@example.org")
    with pytest.raises(InvalidInput), unit_of_work():
        services.ask_to_join("00000000", Role.NGO_MEMBER, "", by=stranger)
    for _turn in range(5):
        request = asked(stranger)
        with unit_of_work():
            services.withdraw_request(request, by=stranger)
    with pytest.raises(NotAllowed), unit_of_work():
        services.ask_to_join(EDRPOU, Role.NGO_MEMBER, "", by=stranger)
    clock.forward(days=1)
    assert asked(stranger).state is JoinRequestState.ASKED


def test_declined_person_waits_seven_days(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    user, _organisation = head()
    stranger = person("new@example.org")
    request = asked(stranger)
    enter(client, user)
    assert client.post(f"{PAGE}/requests/{request.code}/decline", data=key()).status_code == 302
    assert letters_to("new@example.org") == ["join_declined"]
    with pytest.raises(NotAllowed), unit_of_work():
        services.ask_to_join(EDRPOU, Role.NGO_MEMBER, "", by=stranger)
    clock.forward(days=7)
    assert asked(stranger).state is JoinRequestState.ASKED


def test_only_the_head_decides(app: Flask, client: FlaskClient) -> None:
    user, _organisation = head()
    request = asked(person("new@example.org"))
    other_head, _other = head("other@example.org", OTHER_EDRPOU)
    admin, secretary = person("admin@example.org", Role.ADMIN), person("s@example.org", Role.SECRETARY)
    path = f"{PAGE}/requests/{request.code}/accept"
    for someone, status in ((other_head, 404), (admin, 403), (secretary, 403)):
        enter(client, someone)
        assert client.post(path, data={"role": "ngo_member", **key()}).status_code == status
    enter(client, other_head)
    moved = f"/accounts/organisation/{OTHER_EDRPOU}/requests/{request.code}/accept"
    assert client.post(moved, data={"role": "ngo_member", **key()}).status_code == 404
    enter(client, user)
    assert client.post(path, data={"role": "ngo_head", **key()}).status_code == 422
    with pytest.raises(InvalidInput), unit_of_work():
        services.accept_request(the_request(), Role.NGO_HEAD, by=user)
    assert the_request().state is JoinRequestState.ASKED


def test_request_decided_once(app: Flask) -> None:
    user, _organisation = head()
    request = asked(person("new@example.org"))
    with unit_of_work():
        services.decline_request(request, by=user)
    with pytest.raises(WrongState), unit_of_work():
        services.accept_request(the_request(), Role.NGO_MEMBER, by=user)


def test_imported_organisation_is_claimed_through_the_city(app: Flask, client: FlaskClient) -> None:
    organisation = imported()
    admin = person("admin@example.org", Role.ADMIN)
    claimant = person("claim@example.org")
    request = asked(claimant)
    assert letters_to(admin.email) == ["join_asked"]
    keeper = services.find_user("organizer@example.org")
    assert keeper is not None
    enter(client, keeper)
    assert client.post(f"{PAGE}/requests/{request.code}/accept", data={"role": "ngo_head", **key()}).status_code == 403
    enter(client, admin)
    assert "claim@example.org" in client.get("/accounts/organisations").text
    assert client.post(f"{PAGE}/requests/{request.code}/accept", data={"role": "ngo_head", **key()}).status_code == 302
    db.session.expire_all()
    assert claimant.role_in(organisation.id) is Role.NGO_HEAD
    assert db.session.get(Organisation, organisation.id).is_imported is False


def test_administrator_does_not_let_oneself_in(app: Flask, client: FlaskClient) -> None:
    imported()
    admin = person("admin@example.org", Role.ADMIN)
    request = asked(admin)
    enter(client, admin)
    assert client.post(f"{PAGE}/requests/{request.code}/accept", data={"role": "ngo_head", **key()}).status_code == 403


def test_request_of_somebody_else_cannot_be_withdrawn(app: Flask, client: FlaskClient) -> None:
    head()
    stranger = person("new@example.org")
    request = asked(stranger)
    enter(client, person("thief@example.org"))
    assert client.post(f"/accounts/join/{request.code}/withdraw", data=key()).status_code == 404
    enter(client, stranger)
    assert client.post(f"/accounts/join/{request.code}/withdraw", data=key()).status_code == 302
    assert the_request().state is JoinRequestState.WITHDRAWN
