"""Organisations: registration, profile, people, handing over the office of the head."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from grants_app.accounts.models import Invitation, Membership, Organisation, User
from grants_app.accounts.policy import (
    why_not_edit_organisation,
    why_not_end_membership,
    why_not_hand_over,
    why_not_invite,
    why_not_invite_as,
)
from grants_app.accounts.rules import LETTERS, NewPerson, OrganisationFacts
from grants_app.accounts.services.people import (
    add_person,
    find_user,
    grant_role,
    make_invitation,
    open_invitation,
    send_invitation,
)
from grants_app.accounts.services.sign_in import clean_email, send_confirmation
from grants_app.core import clock
from grants_app.core.errors import EditConflict, InvalidInput, NotAllowed
from grants_app.core.identifiers import is_edrpou
from grants_app.database import db, lock
from grants_app.journal.letters import link_to
from grants_app.journal.services import SYSTEM, notify_user, record
from grants_app.permissions import Role

EDRPOU_TAKEN = (
    "An organisation with this ЄДРПОУ code is registered already. Ask its head to invite you, or write to us if you "
    "think this is a mistake"
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
    if user is not None:
        facts = {"link": link_to("/sign-in")}
        notify_user(user, LETTERS, "address_taken", facts=facts, thing="user", code=str(user.id))


def add_organisation(facts: OrganisationFacts, *, by: User) -> Organisation:
    """An organisation with its head. Raises InvalidInput (field "edrpou") for a wrong or taken code."""
    refuse_taken_code(facts.edrpou)
    organisation = Organisation(**asdict(facts), created_at=clock.now())
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
    for name, value in asdict(facts).items():
        if name != "edrpou" and getattr(stored, name) != value:
            setattr(stored, name, value)
            changed.append(name)
    if changed:
        record(thing="organisation", code=stored.edrpou, step="edit", by=by, facts={"changed": changed})


def invite_colleague(organisation: Organisation, email: str, role: Role, *, by: User) -> Invitation:
    """Invite a person into the organisation by mail. Raises NotAllowed, InvalidInput for a present colleague."""
    refusal = why_not_invite(by, organisation)
    if refusal is not None:
        raise NotAllowed(refusal)
    refusal = why_not_invite_as(role)
    if refusal is not None:
        raise InvalidInput(refusal, field="role")
    email = clean_email(email)
    known = find_user(email)
    if known is not None and known.role_in(organisation.id) is not None:
        raise InvalidInput("This person is already in the organisation", field="email")
    invitation, token = make_invitation(email, role, by=by, organisation_id=organisation.id)
    send_invitation(
        invitation,
        "invited_to_organisation",
        {"organisation": organisation.short_name, "role": role},
        token=token,
        lang=known.lang if known is not None else by.lang,
    )
    record(thing="organisation", code=organisation.edrpou, step="invite", by=by, facts={"role": role.value})
    return invitation


def accept_invitation(token: str, *, by: User) -> Invitation:
    """The invited person takes the place or the role. Raises NotAllowed: spent link, or an address of somebody else."""
    invitation = open_invitation(token)
    if clean_email(by.email) != invitation.email:
        raise NotAllowed("The invitation was sent to another address. Sign in with that one")
    invitation.accepted_at = clock.now()
    invitation.accepted_by_id = by.id
    if invitation.organisation is None:
        grant_role(by, invitation.role, by=SYSTEM)
    else:
        _join(invitation.organisation, by, invitation.role)
        record(
            thing="organisation",
            code=invitation.organisation.edrpou,
            step="join",
            by=by,
            facts={"role": invitation.role.value},
        )
    return invitation


def sign_up_invited(token: str, person: NewPerson) -> User:
    """An invited person without an account opens one; the link has proved the address.

    Raises NotAllowed for a spent link, AddressTaken when there is an account: sign in and accept there.
    """
    invitation = open_invitation(token)
    user = add_person(
        NewPerson(invitation.email, person.full_name, person.password, person.phone, person.lang), confirmed=True
    )
    accept_invitation(token, by=user)
    return user


def end_membership(membership: Membership, *, by: User) -> None:
    """A person leaves the organisation or is taken out by its head. Raises NotAllowed."""
    refusal = why_not_end_membership(by, membership)
    if refusal is not None:
        raise NotAllowed(refusal)
    membership.ended_at = clock.now()
    facts = {"person": membership.user_id}
    record(thing="organisation", code=membership.organisation.edrpou, step="leave", by=by, facts=facts)


def hand_over(membership: Membership, *, by: User) -> None:
    """The head hands the office to the person of `membership` and becomes a member. Raises NotAllowed."""
    rows = db.session.scalars(
        lock(sa.select(Membership).filter_by(organisation_id=membership.organisation_id).order_by(Membership.id))
    ).all()
    refusal = why_not_hand_over(by, membership)
    if refusal is not None:
        raise NotAllowed(refusal)
    for row in rows:
        if row.role is Role.NGO_HEAD and row.ended_at is None:
            row.role = Role.NGO_MEMBER
    db.session.flush()  # the old head steps down first: the index allows one head at a time
    membership.role = Role.NGO_HEAD
    facts = {"person": membership.user_id}
    record(thing="organisation", code=membership.organisation.edrpou, step="hand_over", by=by, facts=facts)


def refuse_taken_code(edrpou: str) -> None:
    """Raises InvalidInput (field "edrpou") for a code with a wrong check digit or one that is registered."""
    if not is_edrpou(edrpou):
        raise InvalidInput("Check the ЄДРПОУ code: it has eight digits and the last one must agree", field="edrpou")
    if db.session.scalar(sa.select(Organisation.id).filter_by(edrpou=edrpou)) is not None:
        raise InvalidInput(EDRPOU_TAKEN, field="edrpou")


def _join(organisation: Organisation, user: User, role: Role) -> None:
    row = db.session.scalar(lock(sa.select(Membership).filter_by(user_id=user.id, organisation_id=organisation.id)))
    if row is None:
        organisation.memberships.append(Membership(user=user, role=role, since=clock.now()))
    elif row.ended_at is None:
        raise NotAllowed("You are already in this organisation")
    else:
        row.ended_at = None
        row.role = role
        row.since = clock.now()
