"""People of an organisation: invitations again, leaving, the office of the head with both sides confirming."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts import services
from grants_app.accounts.models import Invitation, Membership, Organisation, User
from grants_app.accounts.rules import NewPerson
from grants_app.core import clock as product_clock
from grants_app.core.errors import DomainError, InvalidInput, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from tests.accounts.people import (
    EDRPOU,
    OTHER_EDRPOU,
    PASSWORD,
    enter,
    head,
    key,
    letters_to,
    link_in_last_letter,
    person,
    steps_of,
)
from tests.support.time import FrozenClock

PAGE = f"/accounts/organisation/{EDRPOU}"


def member_of(organisation: Organisation, email: str = "new@example.org", role: Role = Role.NGO_MEMBER) -> User:
    """A person with a place in the organisation."""
    user = person(email, name="Нова Людина")
    with unit_of_work():
        place = Membership(user_id=user.id, organisation_id=organisation.id, role=role, since=product_clock.now())
        db.session.add(place)
    db.session.expire_all()
    return user


def membership(user: User) -> Membership:
    return user.memberships[0]


def roles(organisation: Organisation) -> dict[str, Role]:
    """Who is in, by address."""
    db.session.expire_all()
    query = sa.select(Membership).filter_by(organisation_id=organisation.id).filter(Membership.ended_at.is_(None))
    return {row.user.email: row.role for row in db.session.scalars(query)}


def only_invitation() -> Invitation:
    query = sa.select(Invitation).where(Invitation.expires_at > product_clock.now(), Invitation.accepted_at.is_(None))
    return db.session.scalars(query).one()


def test_invitation_sent_again_voids_the_earlier_link(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    user, _organisation = head()
    enter(client, user)
    client.post(f"{PAGE}/invite", data={"email": "new@example.org", "role": "ngo_accountant", **key()})
    first = link_in_last_letter("new@example.org")
    clock.forward(days=2)
    sent = client.post(f"{PAGE}/invitations/{only_invitation().id}/send-again", data=key())
    assert (sent.status_code, sent.location) == (302, PAGE)
    second = link_in_last_letter("new@example.org")
    guest = app.test_client()
    assert (guest.get(first).status_code, guest.get(second).status_code) == (403, 200)
    assert only_invitation().role is Role.NGO_ACCOUNTANT


def test_withdrawn_invitation_opens_nothing(app: Flask, client: FlaskClient) -> None:
    user, _organisation = head()
    enter(client, user)
    client.post(f"{PAGE}/invite", data={"email": "new@example.org", "role": "ngo_member", **key()})
    number = only_invitation().id
    assert client.post(f"{PAGE}/invitations/{number}/withdraw", data=key()).status_code == 302
    assert app.test_client().get(link_in_last_letter("new@example.org")).status_code == 403
    assert client.post(f"{PAGE}/invitations/{number}/withdraw", data=key()).status_code == 409
    assert "new@example.org" not in client.get(PAGE).text
    assert steps_of("organisation", EDRPOU) == ["register", "invite", "withdraw_invitation"]


def test_invitation_that_ran_out_is_shown_and_may_be_sent_again(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    user, _organisation = head()
    enter(client, user)
    client.post(f"{PAGE}/invite", data={"email": "new@example.org", "role": "ngo_member", **key()})
    number = only_invitation().id
    clock.forward(days=20)
    assert f"{PAGE}/invitations/{number}/send-again" in client.get(PAGE).text
    assert client.post(f"{PAGE}/invitations/{number}/send-again", data=key()).status_code == 302
    assert app.test_client().get(link_in_last_letter("new@example.org")).status_code == 200


def test_invitations_of_another_organisation_are_not_found(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    with unit_of_work():
        services.invite_colleague(organisation, "new@example.org", Role.NGO_MEMBER, by=user)
    number = only_invitation().id
    stranger, _other = head("other@example.org", OTHER_EDRPOU)
    enter(client, stranger)
    for path in (f"/accounts/organisation/{OTHER_EDRPOU}", PAGE):
        for verb in ("withdraw", "send-again"):
            assert client.post(f"{path}/invitations/{number}/{verb}", data=key()).status_code == 404
    member = member_of(organisation)
    enter(client, member)
    assert client.post(f"{PAGE}/invitations/{number}/withdraw", data=key()).status_code == 403
    assert only_invitation().id == number


def test_office_passes_only_when_the_other_side_confirms(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    member = member_of(organisation)
    with unit_of_work():
        services.offer_office(membership(member), by=user)
    assert roles(organisation) == {"head@example.org": Role.NGO_HEAD, "new@example.org": Role.NGO_MEMBER}
    enter(client, member)
    assert f"{PAGE}/office/take" in client.get(PAGE).text
    link = link_in_last_letter("new@example.org")
    assert client.post(f"{link}/accept", data=key()).status_code == 302
    assert roles(organisation) == {"head@example.org": Role.NGO_MEMBER, "new@example.org": Role.NGO_HEAD}
    assert letters_to("head@example.org") == ["head_changed"]
    assert client.post(f"{PAGE}/office/take", data=key()).status_code == 404


def test_declined_office_stays_where_it_is(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    member = member_of(organisation)
    with unit_of_work():
        services.offer_office(membership(member), by=user)
    enter(client, member)
    assert client.post(f"{PAGE}/office/decline", data=key()).status_code == 302
    assert client.post(f"{PAGE}/office/take", data=key()).status_code == 404
    assert roles(organisation) == {"head@example.org": Role.NGO_HEAD, "new@example.org": Role.NGO_MEMBER}


def test_member_cannot_make_oneself_head(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    member, third = member_of(organisation), member_of(organisation, "third@example.org")
    with unit_of_work():
        services.offer_office(membership(third), by=user)
    enter(client, member)
    assert client.post(f"{PAGE}/office/take", data=key()).status_code == 404
    assert client.post(f"{PAGE}/people/{member.id}/hand-over", data=key()).status_code == 403
    assert client.post(f"{PAGE}/appoint", data={"email": member.email, "reason": "я", **key()}).status_code == 403
    invite = {"email": "fourth@example.org", "role": "ngo_head", **key()}
    assert client.post(f"{PAGE}/invite", data=invite).status_code in {403, 422}
    assert roles(organisation)["head@example.org"] is Role.NGO_HEAD
    assert roles(organisation)["new@example.org"] is Role.NGO_MEMBER


def test_offer_ends_with_the_office_of_its_giver(app: Flask) -> None:
    user, organisation = head()
    first, second = member_of(organisation), member_of(organisation, "second@example.org")
    with unit_of_work():
        services.offer_office(membership(first), by=user)
    old = link_in_last_letter("new@example.org").rsplit("/", 1)[1]
    with unit_of_work():
        services.offer_office(membership(second), by=user)
    with pytest.raises(NotAllowed), unit_of_work():
        services.accept_invitation(old, by=first)
    with unit_of_work():
        services.take_place(services.office_offered_to(second, EDRPOU), by=second)
    assert roles(organisation)["second@example.org"] is Role.NGO_HEAD


def test_two_people_who_take_the_office_at_once_leave_one_head(app: Flask) -> None:
    """Two offers stand side by side only if somebody writes past the service; the locks hold even then."""
    user, organisation = head()
    people = [member_of(organisation), member_of(organisation, "second@example.org")]
    for one in people:
        with unit_of_work():
            now = product_clock.now()
            offer = Invitation(
                token_digest=one.email, email=one.email, role=Role.NGO_HEAD, organisation_id=organisation.id,
                invited_by_id=user.id, created_at=now, expires_at=now.replace(year=now.year + 1),
            )  # fmt: skip
            db.session.add(offer)
    ready = threading.Barrier(2)
    outcomes: list[str] = []

    def run(number: int) -> None:
        with app.app_context():
            ready.wait()
            try:
                with unit_of_work():
                    me = db.session.get(User, number)
                    assert me is not None
                    services.take_place(services.office_offered_to(me, EDRPOU), by=me)
                outcomes.append("head")
            except DomainError:
                outcomes.append("refused")

    threads = [threading.Thread(target=run, args=(one.id,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["head", "refused"]
    assert sorted(roles(organisation).values()) == [Role.NGO_HEAD, Role.NGO_MEMBER, Role.NGO_MEMBER]


def test_city_names_a_head_only_where_nobody_holds_the_office(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    member = member_of(organisation)
    admin = person("admin@example.org", Role.ADMIN)
    enter(client, admin)
    data = {"email": member.email, "reason": "Протокол зборів від 02.02.2027 № 3"}
    assert client.post(f"{PAGE}/appoint", data={**data, **key()}).status_code == 403
    with unit_of_work():
        services.close_account(db.session.get(User, user.id), "Звернення організації", by=admin)
    assert client.post(f"{PAGE}/appoint", data={**data, "reason": " ", **key()}).status_code == 422
    assert client.post(f"{PAGE}/appoint", data={**data, "email": admin.email, **key()}).status_code == 422
    assert client.post(f"{PAGE}/appoint", data={**data, **key()}).status_code == 302
    with unit_of_work():
        services.take_place(services.office_offered_to(member, EDRPOU), by=member)
    assert roles(organisation) == {"new@example.org": Role.NGO_HEAD}
    assert steps_of("organisation", EDRPOU) == ["register", "appoint_head", "hand_over"]


def test_appointed_newcomer_opens_an_account_and_becomes_head(app: Flask) -> None:
    user, organisation = head()
    admin = person("admin@example.org", Role.ADMIN)
    with unit_of_work():
        services.end_membership(membership(user), by=user)
    with unit_of_work():
        services.appoint_head(organisation, "next@example.org", "Протокол № 4", by=admin)
    token = link_in_last_letter("next@example.org").rsplit("/", 1)[1]
    with unit_of_work():
        services.sign_up_invited(token, NewPerson("", "Наступна Голова", services.hashed(PASSWORD)))
    assert roles(organisation) == {"next@example.org": Role.NGO_HEAD}


def test_last_person_leaves_and_the_entry_of_the_directory_goes(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    member = member_of(organisation)
    with unit_of_work():
        db.session.get(Organisation, organisation.id).is_listed = True
    enter(client, user)
    assert client.post(f"{PAGE}/people/{user.id}/end", data=key()).status_code == 403
    assert client.post(f"{PAGE}/people/{member.id}/end", data=key()).location == PAGE
    assert letters_to("new@example.org") == ["membership_ended"]
    assert client.post(f"{PAGE}/people/{user.id}/end", data=key()).location == "/accounts/organisation"
    assert roles(organisation) == {}
    assert db.session.get(Organisation, organisation.id).is_listed is False
    assert client.get(PAGE).status_code == 404


def test_person_of_two_organisations_has_a_role_in_each(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    _stranger, other = head("other@example.org", OTHER_EDRPOU)
    with unit_of_work():
        place = Membership(user_id=user.id, organisation_id=other.id, role=Role.NGO_MEMBER, since=other.created_at)
        db.session.add(place)
    db.session.expire_all()
    enter(client, user)
    assert client.get("/accounts/organisation").status_code == 200
    path = f"/accounts/organisation/{OTHER_EDRPOU}"
    invite = {"email": "a@example.org", "role": "ngo_member", **key()}
    assert client.post(f"{path}/invite", data=invite).status_code == 403
    assert client.post(f"{path}/people/{user.id}/end", data=key()).status_code == 302
    assert roles(organisation) == {"head@example.org": Role.NGO_HEAD}


def test_offer_of_the_office_is_not_an_invitation_to_send_again(app: Flask) -> None:
    user, organisation = head()
    member = member_of(organisation)
    with unit_of_work():
        offer = services.offer_office(membership(member), by=user)
        number = offer.id
    with pytest.raises(NotAllowed), unit_of_work():
        services.resend_invitation(organisation, number, by=user)
    with pytest.raises(InvalidInput), unit_of_work():
        services.invite_colleague(organisation, "x@example.org", Role.NGO_HEAD, by=user)
