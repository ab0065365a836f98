"""People for tests that only need somebody with a role; journeys make theirs through the services."""

from __future__ import annotations

import secrets
from datetime import date
from itertools import count

from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import Membership, Organisation, RoleGrant, User
from grants_app.core import clock
from grants_app.core.identifiers import is_edrpou
from grants_app.database import db, unit_of_work
from grants_app.permissions import ORGANISATION_ROLES, Role

_numbers = count(1)
_edrpou_codes = (f"{number:08d}" for number in count(40_000_000) if is_edrpou(f"{number:08d}"))


def new_person(role: Role | None = None, *, organisation: Organisation | None = None) -> User:
    """A stored person with one role; a role of an organisation comes with an organisation, a new one unless given."""
    with unit_of_work():
        person = User(
            email=f"person{next(_numbers)}@example.org",
            password=None,
            full_name="Тест Тестовий",
            fs_uniquifier=secrets.token_hex(16),
            confirmed_at=clock.now(),
            created_at=clock.now(),
        )
        db.session.add(person)
        if role in ORGANISATION_ROLES:
            person.memberships.append(
                Membership(organisation=organisation or _organisation(), role=role, since=clock.now())
            )
        elif role is not None:
            person.grants.append(RoleGrant(role=role, granted_at=clock.now()))
    return person


def new_organisation() -> Organisation:
    """A stored organisation, plainly made up."""
    with unit_of_work():
        organisation = _organisation()
        db.session.add(organisation)
    return organisation


def visit_as(app: Flask, person: User | None) -> FlaskClient:
    """A client in which the person is already signed in; None is a guest."""
    client = app.test_client()
    if person is not None:
        with client.session_transaction() as session:
            session["_user_id"] = person.get_id()
            session["_fresh"] = True
    return client


def _organisation() -> Organisation:
    number = next(_numbers)
    return Organisation(
        edrpou=next(_edrpou_codes),
        name=f"Громадська організація «Тестова {number}»",
        short_name=f"ГО «Тестова {number}»",
        registered_on=date(2015, 3, 2),
        created_at=clock.now(),
        nonprofit_code="0032",
    )
