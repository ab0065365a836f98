"""Parts of a profile with readers of their own: governing people, the account, the code with a wrong digit."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts import services
from grants_app.accounts.models import Membership, Organisation
from grants_app.accounts.queries.account import account_askers
from grants_app.accounts.rules.profile import FIELDS, Governing
from grants_app.core.errors import EditConflict, InvalidInput, NotAllowed
from grants_app.core.identifiers import is_iban, masked_iban
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from tests.accounts.people import EDRPOU, OTHER_EDRPOU, enter, facts, head, key, person, steps_of
from tests.accounts.test_organisations import REGISTRATION, profile_form

PAGE = f"/accounts/organisation/{EDRPOU}"
IBAN = "UA213223130000026007233566001"
WRONG_DIGIT = "12345679"
SECRET = "Прихована Марія Засновниківна"


def governing(organisation: Organisation, *names: str) -> None:
    """The list as the head saves it."""
    boss = organisation.memberships[0].user
    with unit_of_work():
        people = [Governing(name, "засновниця") for name in names]
        services.set_governing(organisation, people, version=organisation.version, by=boss)
    db.session.expire_all()


def names(organisation: Organisation) -> list[str]:
    db.session.expire_all()
    return [one.full_name for one in organisation.governing]


def test_governing_people_kept_by_rows(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    enter(client, user)
    data = {
        "version": str(organisation.version), "people-0-full_name": SECRET, "people-0-office": "засновниця",
        "people-1-full_name": "", "people-1-office": "", "people-2-full_name": "Другий Іван", "people-2-office": "",
    }  # fmt: skip
    assert client.post(f"{PAGE}/governing", data={**data, **key()}).status_code == 302
    assert names(organisation) == [SECRET, "Другий Іван"]
    assert SECRET in client.get(f"{PAGE}/governing").text
    assert client.post(f"{PAGE}/governing", data={**data, "people-2-full_name": SECRET, **key()}).status_code == 409
    blank = {"version": str(organisation.version), "people-0-full_name": "", "people-0-office": "голова", **key()}
    assert client.post(f"{PAGE}/governing", data=blank).status_code == 422
    assert names(organisation) == [SECRET, "Другий Іван"]
    assert steps_of("organisation", EDRPOU) == ["register", "governing"]


def test_second_editor_of_governing_people_sees_both_lists(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    old = str(organisation.version)
    governing(organisation, SECRET)
    enter(client, user)
    mine = {"version": old, "people-0-full_name": "Мій Список", "people-0-office": ""}
    clash = client.post(f"{PAGE}/governing", data={**mine, **key()})
    assert clash.status_code == 409
    assert (SECRET in clash.text, "Мій Список" in clash.text) == (True, True)
    with pytest.raises(EditConflict), unit_of_work():
        services.set_governing(organisation, [], version=int(old), by=user)


def test_governing_people_refused_twice_and_too_many(app: Flask) -> None:
    user, organisation = head()
    for people in ([Governing("А Б"), Governing("а б")], [Governing(f"Людина {n}") for n in range(61)]):
        with pytest.raises(InvalidInput), unit_of_work():
            services.set_governing(organisation, people, version=organisation.version, by=user)


def test_governing_people_open_to_own_people_secretary_and_auditor(app: Flask, client: FlaskClient) -> None:
    _user, organisation = head()
    governing(organisation, SECRET)
    stranger, _other = head("other@example.org", OTHER_EDRPOU)
    readers = {Role.SECRETARY: 200, Role.AUDITOR: 200}
    statuses = {}
    for role in (Role.SECRETARY, Role.AUDITOR, Role.ORGANIZER, Role.ADMIN, Role.VOUCHER_OPERATOR):
        enter(client, person(f"{role}@example.org", role))
        answer = client.get(f"{PAGE}/governing")
        statuses[role] = answer.status_code
        assert (SECRET in answer.text) == (role in readers)
        for path in (PAGE, f"{PAGE}/ledger", "/accounts/organisations", "/accounts/organisations.csv"):
            assert SECRET not in client.get(path).text
    assert statuses == {
        Role.SECRETARY: 200, Role.AUDITOR: 200, Role.ORGANIZER: 403, Role.ADMIN: 403, Role.VOUCHER_OPERATOR: 403,
    }  # fmt: skip
    for role in (Role.FINANCE, Role.EXPERT, Role.COMMISSION_MEMBER, Role.CHAIR, Role.CONSULTANT):
        enter(client, person(f"{role}@example.org", role))
        assert client.get(f"{PAGE}/governing").status_code == 404
    enter(client, stranger)
    assert client.get(f"{PAGE}/governing").status_code == 404
    assert client.post(f"{PAGE}/governing", data=key()).status_code == 404
    enter(client, services.find_user("secretary@example.org"))
    assert client.post(f"{PAGE}/governing", data={"version": "1", **key()}).status_code == 403


@pytest.fixture
def asked_account() -> None:
    """A contract that waits for an account."""
    account_askers.append(_asks)
    yield
    account_askers.remove(_asks)


def _asks(_organisation_id: int) -> bool:
    return True


def test_account_asked_only_by_a_contract(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    enter(client, user)
    assert client.get(f"{PAGE}/account").status_code == 403
    assert client.post(f"{PAGE}/account", data={"iban": IBAN, **key()}).status_code == 403
    assert f"{PAGE}/account" not in client.get(PAGE).text
    with pytest.raises(NotAllowed), unit_of_work():
        services.set_account(organisation, IBAN, by=user)


@pytest.mark.usefixtures("asked_account")
def test_account_checked_and_shown_masked(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    enter(client, user)
    wrong = client.post(f"{PAGE}/account", data={"iban": IBAN[:-1] + "2", **key()})
    assert (wrong.status_code, 'id="iban-error"' in wrong.text) == (422, True)
    typed = {"iban": "ua21 3223 1300 0002 6007 2335 6600 1", **key()}
    assert client.post(f"{PAGE}/account", data=typed).status_code == 302
    db.session.expire_all()
    assert organisation.iban == IBAN
    page = client.get(f"{PAGE}/account").text
    assert (masked_iban(IBAN) in page, IBAN in page) == (True, False)
    for role in (Role.SECRETARY, Role.ADMIN):
        enter(client, person(f"{role}@example.org", role))
        assert client.get(f"{PAGE}/account").status_code == 403
        assert IBAN not in client.get(PAGE).text


@pytest.mark.usefixtures("asked_account")
def test_member_gives_no_account(app: Flask) -> None:
    _user, organisation = head()
    member = person("m@example.org")
    with unit_of_work():
        place = Membership(
            user_id=member.id, organisation_id=organisation.id, role=Role.NGO_MEMBER, since=organisation.created_at
        )
        db.session.add(place)
    db.session.expire_all()
    with pytest.raises(NotAllowed), unit_of_work():
        services.set_account(organisation, IBAN, by=member)


@pytest.mark.parametrize(
    ("text", "is_right"),
    [(IBAN, True), (IBAN[:-1] + "2", False), (IBAN[:-1], False), ("DE89370400440532013000", False), ("", False)],
)
def test_account_number(text: str, is_right: bool) -> None:
    assert is_iban(text) is is_right


def test_doubtful_code_let_in_by_an_administrator_with_a_reason(app: Flask, client: FlaskClient) -> None:
    organizer, admin = person("o@example.org", Role.ORGANIZER), person("a@example.org", Role.ADMIN)
    data = {**REGISTRATION, "edrpou": WRONG_DIGIT}
    enter(client, organizer)
    assert client.post("/accounts/organisations/new", data={**data, **key()}).status_code == 422
    with_reason = {**data, "edrpou_reason": "Так у витязі з державного реєстру"}
    assert client.post("/accounts/organisations/new", data={**with_reason, **key()}).status_code == 422
    enter(client, admin)
    assert client.post("/accounts/organisations/new", data={**data, **key()}).status_code == 422
    sent = client.post("/accounts/organisations/new", data={**with_reason, **key()})
    assert sent.location == f"/accounts/organisation/{WRONG_DIGIT}"
    found = db.session.query(Organisation).filter_by(edrpou=WRONG_DIGIT).one()
    assert (found.edrpou_reason, found.edrpou_reason_by_id) == ("Так у витязі з державного реєстру", admin.id)
    assert "Так у витязі" in client.get(sent.location).text
    guest = app.test_client()
    assert guest.post("/accounts/register", data={**data, "edrpou": "12345670", **key()}).status_code == 422


def test_forged_fields_change_nothing(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    enter(client, user)
    forged = {
        "edrpou": OTHER_EDRPOU, "is_listed": "1", "listed_at": "2020-01-01", "iban": IBAN, "edrpou_reason": "x",
        "is_imported": "1", "created_at": "2000-01-01", "id": "999", "governing": SECRET,
    }  # fmt: skip
    sent = client.post(f"{PAGE}/edit", data=profile_form(organisation, name="Нова назва", **forged))
    assert sent.status_code == 302
    db.session.expire_all()
    kept = (organisation.edrpou, organisation.is_listed, organisation.listed_at, organisation.iban)
    assert (organisation.name, *kept) == ("Нова назва", EDRPOU, False, None, None)
    assert (organisation.edrpou_reason, organisation.is_imported, organisation.governing) == (None, False, [])


def test_fields_of_activity_from_the_list_only(app: Flask, client: FlaskClient) -> None:
    user, organisation = head()
    enter(client, user)
    data = profile_form(organisation)
    assert client.post(f"{PAGE}/edit", data={**data, "fields": ["ministry"]}).status_code == 422
    assert client.post(f"{PAGE}/edit", data={**data, **key(), "fields": list(FIELDS)[:7]}).status_code == 422
    assert client.post(f"{PAGE}/edit", data={**data, **key(), "fields": ["youth", "sport"]}).status_code == 302
    db.session.expire_all()
    assert organisation.fields == ["youth", "sport"]
    with pytest.raises(InvalidInput), unit_of_work():
        services.edit_organisation(organisation, facts(fields=("ministry",)), version=organisation.version, by=user)
