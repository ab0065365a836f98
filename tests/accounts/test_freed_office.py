"""The head died, was recalled or vanished: the city frees the office with a reason that everybody reads."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts import services
from grants_app.accounts.models import Organisation, User
from grants_app.accounts.policy.organisations import why_not_release_office
from grants_app.core.errors import NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.permissions import Role
from tests.accounts.people import EDRPOU, enter, head, key, link_in_last_letter, person, steps_of
from tests.accounts.test_members import PAGE, member_of, roles

WHY = "Витяг з реєстру від 02.02.2027: керівника змінено"


def freed(organisation: Organisation, admin: User) -> None:
    """The office freed."""
    with unit_of_work():
        services.release_office(organisation, WHY, by=admin)


def test_office_of_a_vanished_head_freed_and_filled(app: Flask, client: FlaskClient) -> None:
    former, organisation = head()
    member = member_of(organisation)
    admin = person("admin@example.org", Role.ADMIN)
    enter(client, admin)
    assert "Free the office" in client.get(f"{PAGE}?lang=en").text
    refused = client.post(f"{PAGE}/free-office?lang=en", data={"reason": " ", **key()})
    assert (refused.status_code, "Give the reason: it is recorded" in refused.text) == (422, True)
    form = {"reason": WHY, **key()}
    assert client.post(f"{PAGE}/free-office", data=form).status_code == 302
    assert client.post(f"{PAGE}/free-office", data=form).status_code == 302  # pressed twice: counted once
    assert client.post(f"{PAGE}/free-office", data={"reason": WHY, **key()}).status_code == 403
    assert roles(organisation) == {member.email: Role.NGO_MEMBER}
    told = sa.select(Notice.email).filter_by(template="office_released").order_by(Notice.id)
    assert db.session.scalars(told).all() == [former.email, member.email]
    shown = client.get(f"{PAGE}?lang=en").text
    assert ("Name a head" in shown, "Free the office" in shown) == (True, False)
    with unit_of_work():
        services.appoint_head(organisation, member.email, WHY, by=admin)
    with unit_of_work():
        services.take_place(services.office_offered_to(member, EDRPOU), by=member)
    assert roles(organisation) == {member.email: Role.NGO_HEAD}
    assert steps_of("organisation", EDRPOU) == ["register", "release_office", "appoint_head", "hand_over"]
    entry = db.session.scalars(sa.select(JournalEntry).filter_by(step="release_office")).one()
    assert (entry.actor_id, entry.reason) == (admin.id, WHY)


def test_former_head_is_out_at_once_with_offers_and_invitations(app: Flask, client: FlaskClient) -> None:
    former, organisation = head()
    member = member_of(organisation)
    with unit_of_work():
        services.invite_colleague(organisation, "friend@example.org", Role.NGO_MEMBER, by=former)
    token = link_in_last_letter("friend@example.org").rsplit("/", 1)[1]
    with unit_of_work():
        services.offer_office(member.memberships[0], by=former)
    enter(client, former)
    assert client.get(PAGE).status_code == 200
    freed(organisation, person("admin@example.org", Role.ADMIN))
    assert client.get(PAGE).status_code == 404
    friend = person("friend@example.org")
    with pytest.raises(NotAllowed), unit_of_work():
        services.accept_invitation(token, by=friend)
    enter(client, member)
    assert client.post(f"{PAGE}/office/take", data=key()).status_code == 404
    assert roles(organisation) == {member.email: Role.NGO_MEMBER}


def test_office_freed_by_an_outside_administrator_alone(app: Flask, client: FlaskClient) -> None:
    _former, organisation = head()
    member = member_of(organisation)
    secretary = person("s@example.org", Role.SECRETARY)
    admin = person("admin@example.org", Role.ADMIN)
    insider = member_of(organisation, "insider@example.org")
    with unit_of_work():
        services.grant_role(insider, Role.ADMIN, by=admin)
    for user in (member, secretary):
        enter(client, user)
        assert client.post(f"{PAGE}/free-office", data={"reason": WHY, **key()}).status_code == 403
    enter(client, insider)
    assert client.post(f"{PAGE}/free-office", data={"reason": WHY, **key()}).status_code == 403
    assert why_not_release_office(insider, organisation) == (
        "You belong to this organisation: another administrator decides"
    )
    assert len(roles(organisation)) == 3


def test_request_begins_with_the_role_that_was_asked(app: Flask, client: FlaskClient) -> None:
    """The head lets in an accountant by one press, not a member by mistake."""
    user, _organisation = head()
    asker = person("a@example.org", name="Людина З Обліку")
    with unit_of_work():
        services.ask_to_join(EDRPOU, Role.NGO_ACCOUNTANT, "Веду облік", by=asker)
    enter(client, user)
    page = client.get(PAGE).text
    assert '<option value="ngo_accountant" selected>' in page
    assert '<option value="ngo_member" selected>' not in page
