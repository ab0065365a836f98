"""Letters that a stranger may ask for: a mailbox gets a few of them, whoever asks how often and from where."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts import services
from grants_app.accounts.rules import INVITED_IN_A_DAY, LETTERS_IN_AN_HOUR
from grants_app.core.errors import InvalidInput
from grants_app.database import unit_of_work
from grants_app.permissions import Role
from tests.accounts.people import PASSWORD, do_jobs, head, key, letters_to, person
from tests.accounts.test_organisations import REGISTRATION
from tests.support.time import FrozenClock

ASKED = LETTERS_IN_AN_HOUR + 3
VICTIM = "victim@example.org"


def test_forgotten_passwords_and_registrations_flood_nobody(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    person(VICTIM)
    answers = set()
    for number in range(ASKED):
        registration = {**REGISTRATION, "email": VICTIM, "name": f"ГО {number}", **key()}
        for address, data in (
            ("/accounts/forgotten", {"email": VICTIM, **key()}),
            ("/accounts/register", registration),
            ("/accounts/forgotten", {"email": "nobody@example.org", **key()}),
        ):
            answer = client.post(address, data=data)
            answers.add((answer.status_code, answer.location))
            do_jobs()
    assert answers == {(302, "/accounts/letter-sent")}
    letters = letters_to(VICTIM)
    assert (letters.count("new_password"), letters.count("address_taken")) == (LETTERS_IN_AN_HOUR, LETTERS_IN_AN_HOUR)
    clock.forward(minutes=61)
    client.post("/accounts/forgotten", data={"email": VICTIM, **key()})
    do_jobs()
    assert letters_to(VICTIM).count("new_password") == LETTERS_IN_AN_HOUR + 1


def test_right_password_of_an_unconfirmed_address_floods_nobody(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    """Whoever registered with somebody's address knows the password and may sign in for ever."""
    client.post("/accounts/register", data={**REGISTRATION, "email": VICTIM, **key()})
    for _press in range(ASKED):
        assert client.post("/sign-in", data={"email": VICTIM, "password": PASSWORD, **key()}).status_code == 422
    assert letters_to(VICTIM) == ["confirm_address"] * LETTERS_IN_AN_HOUR


def test_organisation_is_no_machine_for_mailings(app: Flask, clock: FrozenClock) -> None:
    user, organisation = head()
    for number in range(INVITED_IN_A_DAY):
        with unit_of_work():
            services.invite_colleague(organisation, f"p{number}@example.org", Role.NGO_MEMBER, by=user)
    with pytest.raises(InvalidInput) as caught, unit_of_work():
        services.invite_colleague(organisation, "one-more@example.org", Role.NGO_MEMBER, by=user)
    assert (caught.value.field, letters_to("one-more@example.org")) == ("email", [])
    clock.forward(days=1, minutes=1)
    with unit_of_work():
        services.invite_colleague(organisation, "one-more@example.org", Role.NGO_MEMBER, by=user)
    assert letters_to("one-more@example.org") == ["invited_to_organisation"]
