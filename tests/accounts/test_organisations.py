from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts import services
from grants_app.accounts.models import Invitation, Membership, Organisation, User
from grants_app.accounts.rules import NewPerson
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, NotAllowed
from grants_app.database import db, unit_of_work
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
    steps_of,
)
from tests.support.time import FrozenClock

REGISTRATION = {
    "full_name": "Олена Вигадана",
    "email": "olena@example.org",
    "phone": "+380501112233",
    "password": PASSWORD,
    "again": PASSWORD,
    "edrpou": EDRPOU,
    "name": "Громадська організація «Вигадана»",
    "short_name": "ГО «Вигадана»",
    "kind": "ngo",
    "nonprofit_code": "0032",
    "registered_on": "2019-04-02",
    "head_name": "Вигадана Олена Тестівна",
    "legal_address": "м. Тестове, вул. Перша, 1",
    "consent": "y",
}


def register(client: FlaskClient, **changes: str) -> tuple[int, str]:
    answer = client.post("/accounts/register", data={**REGISTRATION, **key(), **changes})
    return answer.status_code, answer.text


def only_organisation() -> Organisation:
    return db.session.scalars(sa.select(Organisation)).one()


def test_registration_opens_after_confirmation(app: Flask, client: FlaskClient) -> None:
    assert client.get("/accounts/register").status_code == 200
    assert register(client)[0] == 302
    assert client.get("/home").status_code == 302
    link = link_in_last_letter("olena@example.org")
    assert client.get(link).status_code == 200
    assert client.post(link, data=key()).location == "/home"
    assert client.get("/accounts/organisation").location == f"/accounts/organisation/{EDRPOU}"
    assert client.get(f"/accounts/organisation/{EDRPOU}").status_code == 200
    found = only_organisation()
    assert [(row.user.email, row.role) for row in found.memberships] == [("olena@example.org", Role.NGO_HEAD)]
    assert steps_of("organisation", EDRPOU) == ["register"]
    assert client.post(link, data=key()).status_code == 403


def test_unconfirmed_address_gets_the_letter_once_more(app: Flask, client: FlaskClient) -> None:
    register(client)
    first = link_in_last_letter("olena@example.org")
    answer = client.post("/sign-in", data={"email": "olena@example.org", "password": PASSWORD, **key()})
    assert answer.status_code == 422
    assert letters_to("olena@example.org") == ["confirm_address", "confirm_address"]
    assert client.get(first).status_code == 403
    assert client.get(link_in_last_letter("olena@example.org")).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"edrpou": "12345679"}, "edrpou"),
        ({"edrpou": "1234567"}, "edrpou"),
        ({"email": "olena"}, "email"),
        ({"name": ""}, "name"),
        ({"password": "password1234", "again": "password1234"}, "password"),
        ({"again": "інше слово зовсім"}, "again"),
        ({"phone": "067 111"}, "phone"),
        ({"registered_on": "2999-01-01"}, "registered_on"),
        ({"katottg": "UA123"}, "katottg"),
        ({"kind": "ministry"}, "kind"),
        ({"consent": ""}, "consent"),
    ],
)
def test_registration_error_keeps_what_was_typed(
    app: Flask, client: FlaskClient, changes: dict[str, str], field: str
) -> None:
    status, page = register(client, **changes)
    assert status == 422
    assert f'id="{field}-error"' in page
    assert f'href="#{field}"' in page
    assert 'value="м. Тестове, вул. Перша, 1"' in page
    assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 0


def test_taken_code_names_nobody(app: Flask, client: FlaskClient) -> None:
    user, _organisation = head("head@example.org")
    status, page = register(client)
    assert status == 422
    assert 'id="edrpou-error"' in page
    assert (user.email in page, user.full_name in page) == (False, False)


def test_known_address_answers_as_a_new_one(app: Flask, client: FlaskClient) -> None:
    person("olena@example.org")
    answer = client.post("/accounts/register", data={**REGISTRATION, **key()})
    assert (answer.status_code, answer.location) == (302, "/accounts/letter-sent")
    assert letters_to("olena@example.org") == ["address_taken"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Organisation)) == 0


def test_registration_sent_twice_counts_once(app: Flask, client: FlaskClient) -> None:
    same = {"form_key": "one-rendering"}
    answers = [client.post("/accounts/register", data={**REGISTRATION, **same}) for _click in range(2)]
    assert [(answer.status_code, answer.location) for answer in answers] == [(302, "/accounts/letter-sent")] * 2
    assert letters_to("olena@example.org") == ["confirm_address"]
    assert only_organisation().edrpou == EDRPOU
    other = client.post("/accounts/register", data={**REGISTRATION, **same, "edrpou": OTHER_EDRPOU})
    assert other.status_code == 409


def test_two_registrations_of_one_code_at_once(app: Flask) -> None:
    hashed = services.hashed(PASSWORD)
    ready = threading.Barrier(2)
    outcomes: list[str] = []

    def run(email: str) -> None:
        with app.app_context():
            ready.wait()
            try:
                with unit_of_work():
                    services.register_organisation(NewPerson(email, "Хтось", hashed), facts())
                outcomes.append("stored")
            except DomainError as error:
                outcomes.append(error.field or "")

    threads = [threading.Thread(target=run, args=(f"p{number}@example.org",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["edrpou", "stored"]
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 1


def test_profile_seen_by_own_people_only(app: Flask, client: FlaskClient) -> None:
    head()
    stranger, _other = head("other@example.org", OTHER_EDRPOU)
    staff = ((Role.SECRETARY, 200), (Role.AUDITOR, 200), (Role.ADMIN, 200), (Role.FINANCE, 404), (Role.CHAIR, 404))
    others = [(person(f"{role}@example.org", role), status) for role, status in staff]
    for user, status in ((stranger, 404), *others):
        enter(client, user)
        assert client.get(f"/accounts/organisation/{EDRPOU}").status_code == status
    enter(client, stranger)
    assert client.get(f"/accounts/organisation/{EDRPOU}/edit").status_code == 404
    assert client.post(f"/accounts/organisation/{EDRPOU}/edit", data=key()).status_code == 404
    assert client.post(f"/accounts/organisation/{EDRPOU}/invite", data=key()).status_code == 404


def profile_form(organisation: Organisation, **changes: str) -> dict[str, str]:
    kept = ("name", "short_name", "kind", "nonprofit_code", "head_name", "legal_address")
    return {
        **{name: getattr(organisation, name) for name in kept},
        "registered_on": organisation.registered_on.isoformat(),
        "version": str(organisation.version),
        **key(),
        **changes,
    }


def test_second_editor_sees_both_versions(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    enter(client, user)
    path = f"/accounts/organisation/{EDRPOU}/edit"
    assert client.get(path).status_code == 200
    mine = profile_form(organisation, name="Моя назва")
    assert client.post(path, data=profile_form(organisation, name="Чужа назва")).status_code == 302
    clash = client.post(path, data=mine)
    assert clash.status_code == 409
    assert ("Чужа назва" in clash.text, "Моя назва" in clash.text) == (True, True)
    assert only_organisation().name == "Чужа назва"
    version = only_organisation().version
    assert f'name="version" type="hidden" value="{version}"' in clash.text
    again = client.post(path, data={**mine, "version": str(version), **key()})
    assert again.status_code == 302
    assert only_organisation().name == "Моя назва"


def test_profile_change_refused_in_service(app: Flask) -> None:
    user, organisation = head()
    with pytest.raises(EditConflict), unit_of_work():
        services.edit_organisation(organisation, facts(name="Інша"), version=organisation.version + 1, by=user)
    stranger = person("x@example.org")
    with pytest.raises(NotAllowed), unit_of_work():
        services.edit_organisation(organisation, facts(name="Інша"), version=organisation.version, by=stranger)


def invited(organisation: Organisation, user: User, email: str, role: Role = Role.NGO_MEMBER) -> str:
    with unit_of_work():
        services.invite_colleague(organisation, email, role, by=user)
    return link_in_last_letter(email)


def test_invited_newcomer_opens_an_account_once(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    enter(client, user)
    sent = client.post(
        f"/accounts/organisation/{EDRPOU}/invite", data={"email": "New@example.org", "role": "ngo_accountant", **key()}
    )
    assert sent.status_code == 302
    link = link_in_last_letter("new@example.org")
    guest = app.test_client()
    assert guest.get(link).status_code == 200
    data = {"full_name": "Нова Людина", "password": PASSWORD, "again": PASSWORD}
    assert guest.post(link, data={**data, "again": "", **key()}).status_code == 422
    assert guest.post(link, data={**data, **key()}).location == "/home"
    assert guest.get(f"/accounts/organisation/{EDRPOU}").status_code == 200
    newcomer = services.find_user("new@example.org")
    assert newcomer is not None
    assert newcomer.role_in(organisation.id) is Role.NGO_ACCOUNTANT
    assert app.test_client().get(link).status_code == 403
    assert app.test_client().post(link, data={**data, **key()}).status_code == 403
    assert steps_of("organisation", EDRPOU) == ["register", "invite", "join"]


def test_invited_person_with_account_joins_after_signing_in(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    known = person("known@example.org")
    link = invited(organisation, user, "known@example.org")
    assert "/sign-in?next=" in client.get(link).text
    enter(client, known)
    assert client.post(f"{link}/accept", data=key()).location == f"/accounts/organisation/{EDRPOU}"
    assert client.post(f"{link}/accept", data=key()).status_code == 403
    db.session.expire_all()
    assert known.role_in(organisation.id) is Role.NGO_MEMBER


def test_invitation_of_another_address_refused(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    link = invited(organisation, user, "known@example.org")
    thief = person("thief@example.org")
    enter(client, thief)
    assert client.get(link).status_code == 200
    assert client.post(f"{link}/accept", data=key()).status_code == 403
    assert db.session.scalars(sa.select(Invitation.accepted_at)).one() is None


def test_invitation_ends_with_its_term(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    user, organisation = head()
    link = invited(organisation, user, "new@example.org")
    clock.forward(days=14)
    assert client.get(link).status_code == 403


def test_only_the_head_invites(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    link = invited(organisation, user, "new@example.org")
    with unit_of_work():
        member = services.sign_up_invited(link.rsplit("/", 1)[1], NewPerson("", "Нова", services.hashed(PASSWORD)))
    enter(client, member)
    data = {"email": "third@example.org", "role": "ngo_member", **key()}
    assert client.post(f"/accounts/organisation/{EDRPOU}/invite", data=data).status_code == 403
    with pytest.raises(InvalidInput), unit_of_work():
        services.invite_colleague(organisation, "third@example.org", Role.NGO_HEAD, by=user)
    with pytest.raises(InvalidInput), unit_of_work():
        services.invite_colleague(organisation, "new@example.org", Role.NGO_MEMBER, by=user)


def test_office_of_the_head_handed_over(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    link = invited(organisation, user, "new@example.org")
    with unit_of_work():
        member = services.sign_up_invited(link.rsplit("/", 1)[1], NewPerson("", "Нова", services.hashed(PASSWORD)))
    enter(client, member)
    path = f"/accounts/organisation/{EDRPOU}/people"
    assert client.post(f"{path}/{member.id}/hand-over", data=key()).status_code == 403
    enter(client, user)
    assert client.post(f"{path}/{user.id}/end", data=key()).status_code == 403
    assert client.post(f"{path}/{member.id}/hand-over", data=key()).status_code == 302
    db.session.expire_all()
    assert (user.role_in(organisation.id), member.role_in(organisation.id)) == (Role.NGO_HEAD, Role.NGO_MEMBER)
    enter(client, member)
    taken = client.post(f"/accounts/organisation/{EDRPOU}/office/take", data=key())
    assert taken.status_code == 302
    enter(client, user)
    db.session.expire_all()
    assert (user.role_in(organisation.id), member.role_in(organisation.id)) == (Role.NGO_MEMBER, Role.NGO_HEAD)
    assert client.post(f"{path}/{user.id}/end", data=key()).status_code == 302
    assert client.get(f"/accounts/organisation/{EDRPOU}").status_code == 404
    assert client.post(f"{path}/999/end", data=key()).status_code == 404


def test_database_allows_one_head(app: Flask) -> None:
    _user, organisation = head()
    with pytest.raises(sa.exc.IntegrityError), unit_of_work():
        second = Membership(
            user=person_inside(), organisation_id=organisation.id, role=Role.NGO_HEAD, since=organisation.created_at
        )
        db.session.add(second)
        db.session.flush()


def person_inside() -> User:
    return services.create_user("second@example.org", "Друга Людина")


def test_person_who_left_may_be_invited_again(app: Flask) -> None:
    user, organisation = head()
    link = invited(organisation, user, "new@example.org")
    with unit_of_work():
        member = services.sign_up_invited(link.rsplit("/", 1)[1], NewPerson("", "Нова", services.hashed(PASSWORD)))
    with unit_of_work():
        services.end_membership(member.memberships[0], by=member)
    assert member.roles == frozenset()
    link = invited(organisation, user, "new@example.org", Role.NGO_ACCOUNTANT)
    with unit_of_work():
        services.accept_invitation(link.rsplit("/", 1)[1], by=member)
    db.session.expire_all()
    assert member.role_in(organisation.id) is Role.NGO_ACCOUNTANT


def test_signed_in_person_adds_an_organisation(app: Flask, client: FlaskClient) -> None:
    user, _organisation = head()
    enter(client, user)
    assert client.get("/accounts/register").location == "/accounts/organisation/new"
    assert client.get("/accounts/organisation/new").status_code == 200
    second = {name: value for name, value in REGISTRATION.items() if name not in {"email", "password", "again"}}
    taken = client.post("/accounts/organisation/new", data={**second, **key()})
    assert taken.status_code == 422
    assert 'id="edrpou-error"' in taken.text
    done = client.post("/accounts/organisation/new", data={**second, "edrpou": OTHER_EDRPOU, **key()})
    assert done.location == f"/accounts/organisation/{OTHER_EDRPOU}"
    assert client.get("/accounts/organisation").status_code == 200
