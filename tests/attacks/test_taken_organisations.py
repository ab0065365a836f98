"""Taking an organisation over: its code registered first, an invitation kept in the drawer, a session left open."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts import services
from grants_app.accounts.models import Membership, Organisation, User
from grants_app.accounts.queries import joining
from grants_app.accounts.rules import ATTEMPTS_ALLOWED
from grants_app.core.errors import NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import JoinRequestState
from grants_app.permissions import Role
from tests.accounts.people import EDRPOU, PASSWORD, enter, head, key, letters_to, link_in_last_letter, person
from tests.accounts.test_members import member_of, roles
from tests.accounts.test_organisations import REGISTRATION
from tests.support.time import FrozenClock

PAGE = f"/accounts/organisation/{EDRPOU}"


def registered_by_a_squatter(client: FlaskClient) -> Organisation:
    """The code of somebody else's organisation, with an address that nobody ever confirms."""
    data = {**REGISTRATION, "email": "squatter@example.org", **key()}
    assert client.post("/accounts/register", data=data).status_code == 302
    return db.session.scalars(sa.select(Organisation).filter_by(edrpou=EDRPOU)).one()


def test_unconfirmed_registration_keeps_nobody_out_of_their_organisation(app: Flask, client: FlaskClient) -> None:
    """The city decides as where there is no head; the squatter who confirms afterwards is nobody here."""
    organisation = registered_by_a_squatter(client)
    city = person("admin@example.org", Role.ADMIN)
    real = person("real@example.org")
    with unit_of_work():
        request = services.ask_to_join(EDRPOU, Role.NGO_MEMBER, "Я керівниця", by=real)
    assert (letters_to("squatter@example.org"), letters_to(city.email)) == (["confirm_address"], ["join_asked"])
    assert [row.code for row in joining.requests_waiting_for(city)] == [request.code]
    with unit_of_work():
        services.accept_request(request, Role.NGO_HEAD, by=city)
    assert (request.state, roles(organisation)) == (JoinRequestState.ACCEPTED, {"real@example.org": Role.NGO_HEAD})
    assert client.post(link_in_last_letter("squatter@example.org"), data=key()).status_code == 302
    assert (client.get(PAGE).status_code, roles(organisation)) == (404, {"real@example.org": Role.NGO_HEAD})


def test_head_appointed_by_the_city_does_not_inherit_the_squatter(app: Flask, client: FlaskClient) -> None:
    organisation = registered_by_a_squatter(client)
    city, real = person("admin@example.org", Role.ADMIN), person("real@example.org")
    with unit_of_work():
        services.appoint_head(organisation, real.email, "Виписка з реєстру", by=city)
    with unit_of_work():
        services.take_place(services.office_offered_to(real, EDRPOU), by=real)
    assert roles(organisation) == {"real@example.org": Role.NGO_HEAD}


def invited(organisation: Organisation, email: str, by: User) -> str:
    """The token of an invitation."""
    with unit_of_work():
        services.invite_colleague(organisation, email, Role.NGO_MEMBER, by=by)
    return link_in_last_letter(email).rpartition("/")[2]


def test_invitation_of_somebody_put_out_lets_nobody_in(app: Flask, client: FlaskClient) -> None:
    """The head invites an own second address, hands the office over, is put out, and comes back by the letter."""
    former, organisation = head()
    successor = member_of(organisation, "successor@example.org")
    token = invited(organisation, "second@example.org", former)
    second = person("second@example.org")
    with unit_of_work():
        services.offer_office(_place(organisation, successor), by=former)
    with unit_of_work():
        services.take_place(services.office_offered_to(successor, EDRPOU), by=successor)
    with unit_of_work():
        services.end_membership(_place(organisation, former), by=successor)
    with pytest.raises(NotAllowed), unit_of_work():
        services.accept_invitation(token, by=second)
    assert set(roles(organisation)) == {"successor@example.org"}
    assert client.get(f"/accounts/invitations/{token}").status_code in {200, 403}
    enter(client, second)
    assert client.get(PAGE).status_code == 404


def test_role_given_by_an_administrator_who_is_gone_is_not_taken(app: Flask, client: FlaskClient) -> None:
    bought, honest = person("bought@example.org", Role.ADMIN), person("honest@example.org", Role.ADMIN)
    with unit_of_work():
        services.invite_to_role("friend@example.org", Role.SECRETARY, lang="uk", by=bought)
    token = link_in_last_letter("friend@example.org").rpartition("/")[2]
    with unit_of_work():
        services.close_account(bought, "Службова перевірка", by=honest)
    friend = person("friend@example.org")
    with pytest.raises(NotAllowed), unit_of_work():
        services.accept_invitation(token, by=friend)
    db.session.expire_all()
    assert friend.roles == frozenset()


def test_invitation_stands_while_the_former_head_is_a_colleague(app: Flask, client: FlaskClient) -> None:
    former, organisation = head()
    successor = member_of(organisation, "successor@example.org")
    token = invited(organisation, "second@example.org", former)
    with unit_of_work():
        services.offer_office(_place(organisation, successor), by=former)
    with unit_of_work():
        services.take_place(services.office_offered_to(successor, EDRPOU), by=successor)
    second = person("second@example.org")
    with unit_of_work():
        services.accept_invitation(token, by=second)
    assert roles(organisation)["second@example.org"] is Role.NGO_MEMBER


def _place(organisation: Organisation, user: User) -> Membership:
    db.session.expire_all()
    return db.session.scalars(sa.select(Membership).filter_by(organisation_id=organisation.id, user_id=user.id)).one()


def test_session_left_open_is_no_place_to_guess_the_password(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    user = person("left@example.org")
    enter(client, user)
    address, new = "/accounts/profile/password", "новий довгий пароль тут"
    for number in range(ATTEMPTS_ALLOWED):
        wrong = {"current": f"здогад {number}", "password": new, "again": new, **key()}
        assert client.post(address, data=wrong).status_code == 422
    right = {"current": PASSWORD, "password": new, "again": new}
    assert client.post(address, data={**right, **key()}).status_code == 422
    clock.forward(minutes=16)
    assert client.post(address, data={**right, **key()}).status_code == 302
