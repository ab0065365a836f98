"""Organisations: registration and profile."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from grants_app.accounts.models import Membership, Organisation, User
from grants_app.accounts.policy import why_not_edit_organisation
from grants_app.accounts.rules import LETTERS, NewPerson, OrganisationFacts
from grants_app.accounts.rules.profile import FIELDS, MOST_FIELDS
from grants_app.accounts.services.people import add_person, find_user
from grants_app.accounts.services.sign_in import may_write, send_confirmation
from grants_app.core import clock
from grants_app.core.errors import EditConflict, InvalidInput, NotAllowed
from grants_app.core.identifiers import is_edrpou
from grants_app.database import db, lock
from grants_app.journal.letters import link_to
from grants_app.journal.services import notify_user, record
from grants_app.permissions import Role

EDRPOU_TAKEN = (
    "An organisation with this EDRPOU code is registered already: ask to be let in, or write to us if you think this "
    "is a mistake"
)


def register_organisation(person: NewPerson, facts: OrganisationFacts, *, confirmed: bool = False) -> Organisation:
    """A person and an organisation that come together: the person becomes its head in the system.

    Unless `confirmed`, a letter with a link goes out and the account opens with it. Raises InvalidInput (field
    "edrpou") for a wrong or taken code, AddressTaken for a known address.
    """
    refuse_taken_code(facts.edrpou)
    user = add_person(person, confirmed=confirmed)
    organisation = add_organisation(facts, by=user)
    if not confirmed:
        send_confirmation(user)
    return organisation


def warn_of_taken_address(email: str) -> None:
    """Tell the owner of an account, and nobody else, that somebody tried to register with the address."""
    user = find_user(email)
    if user is not None and may_write(user, "address_taken"):
        facts = {"link": link_to("/sign-in")}
        notify_user(user, LETTERS, "address_taken", facts=facts, thing="user", code=str(user.id))


def add_organisation(facts: OrganisationFacts, *, by: User) -> Organisation:
    """An organisation with its head. Raises InvalidInput (field "edrpou") for a wrong or taken code."""
    refuse_taken_code(facts.edrpou)
    organisation = Organisation(**columns_of(facts), created_at=clock.now())
    organisation.memberships.append(Membership(user=by, role=Role.NGO_HEAD, since=clock.now()))
    db.session.add(organisation)
    try:
        db.session.flush()
    except IntegrityError as error:  # PostgreSQL: the same code was registered between the look and the insert
        raise InvalidInput(EDRPOU_TAKEN, field="edrpou") from error
    record(thing="organisation", code=organisation.edrpou, step="register", by=by)
    return organisation


def edit_organisation(organisation: Organisation, facts: OrganisationFacts, *, version: int, by: User) -> None:
    """Change the profile; the ЄДРПОУ code never changes.

    `version` is what the person saw. Raises NotAllowed, EditConflict when somebody else saved meanwhile.
    """
    refusal = why_not_edit_organisation(by, organisation)
    if refusal is not None:
        raise NotAllowed(refusal)
    stored = db.session.scalars(lock(sa.select(Organisation).filter_by(id=organisation.id))).one()
    if stored.version != version:
        raise EditConflict("Somebody else saved the profile while you were writing. Compare and save again")
    changed = []
    for name, value in columns_of(facts).items():
        if name != "edrpou" and getattr(stored, name) != value:
            setattr(stored, name, value)
            changed.append(name)
    if changed:
        record(thing="organisation", code=stored.edrpou, step="edit", by=by, facts={"changed": changed})


def columns_of(facts: OrganisationFacts) -> dict[str, object]:
    """The profile as columns of the table. Raises InvalidInput (fields) for an unknown field of activity."""
    chosen = list(dict.fromkeys(facts.fields))
    if len(chosen) > MOST_FIELDS:
        told = {"limit": MOST_FIELDS}
        raise InvalidInput("Choose at most %(limit)s fields of activity", field="fields", facts=told)
    if not set(chosen) <= FIELDS.keys():
        raise InvalidInput("Choose fields of activity from the list", field="fields")
    return {**asdict(facts), "fields": chosen}


def refuse_taken_code(edrpou: str) -> None:
    """Raises InvalidInput (field "edrpou") for a code with a wrong check digit or one that is registered."""
    if not is_edrpou(edrpou):
        raise InvalidInput("Check the EDRPOU code: it has eight digits and the last one must agree", field="edrpou")
    if db.session.scalar(sa.select(Organisation.id).filter_by(edrpou=edrpou)) is not None:
        raise InvalidInput(EDRPOU_TAKEN, field="edrpou")
