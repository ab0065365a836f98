"""People of an organisation: invited, let in by the letter, leaving."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from grants_app.accounts.models import Invitation, Membership, Organisation, User
from grants_app.accounts.policy import (
    is_alone,
    why_not_end_membership,
    why_not_invite,
    why_not_invite_as,
)
from grants_app.accounts.rules import INVITED_IN_A_DAY, NewPerson
from grants_app.accounts.rules.joining import LETTERS
from grants_app.accounts.services.headship import seat, take_office
from grants_app.accounts.services.people import (
    add_person,
    find_user,
    grant_role,
    make_invitation,
    open_invitation,
    send_invitation,
)
from grants_app.accounts.services.sign_in import clean_email
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound, WrongState
from grants_app.database import db, lock
from grants_app.journal.services import SYSTEM, notify_user, record
from grants_app.permissions import Permission, Role

INVITER_LEFT = "Whoever invited you may not do so any more. Ask for a new invitation"


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
    _refuse_mailing(organisation)
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


def resend_invitation(organisation: Organisation, number: int, *, by: User) -> Invitation:
    """Send an invitation once more: a new link and a new term, the earlier link stops working.

    Raises NotAllowed, NotFound for an invitation of another organisation, WrongState for an accepted one.
    """
    found = _own_invitation(organisation, number, by=by)
    if found.role is Role.NGO_HEAD:
        raise NotAllowed("Offer the office once more beside the person’s name")
    return invite_colleague(organisation, found.email, found.role, by=by)


def withdraw_invitation(organisation: Organisation, number: int, *, by: User) -> None:
    """The link of an invitation stops working. Raises NotAllowed, NotFound, WrongState for an accepted or ended one."""
    found = _own_invitation(organisation, number, by=by)
    if clock.now() >= found.expires_at:
        raise WrongState("The invitation has ended already")
    found.expires_at = clock.now()
    facts = {"role": found.role.value}
    record(thing="organisation", code=organisation.edrpou, step="withdraw_invitation", by=by, facts=facts)


def accept_invitation(token: str, *, by: User) -> Invitation:
    """The invited person takes the place, the office or the role.

    Raises NotAllowed: spent link, an address of somebody else, an office that its giver may not give any more.
    """
    invitation = open_invitation(token)
    if clean_email(by.email) != invitation.email:
        raise NotAllowed("The invitation was sent to another address. Sign in with that one")
    take_place(invitation, by=by)
    return invitation


def take_place(invitation: Invitation, *, by: User) -> None:
    """What an open invitation of this person gives.

    Raises NotAllowed for somebody who is in already, and when whoever invited has left or lost the right meanwhile.
    """
    if not _still_stands(invitation):
        raise NotAllowed(INVITER_LEFT)
    invitation.accepted_at = clock.now()
    invitation.accepted_by_id = by.id
    organisation = invitation.organisation
    if organisation is None:
        grant_role(by, invitation.role, by=SYSTEM)
    elif invitation.role is Role.NGO_HEAD:
        take_office(invitation, organisation, by=by)
    elif by.role_in(organisation.id) is not None:
        raise NotAllowed("You are already in this organisation")
    else:
        seat(organisation, by, invitation.role)
        facts = {"role": invitation.role.value}
        record(thing="organisation", code=organisation.edrpou, step="join", by=by, facts=facts)


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
    """A person leaves the organisation, or is taken out by its head and told by a letter.

    Where nobody is left the organisation goes out of the directory and waits for the city. Raises NotAllowed.
    """
    organisation = membership.organisation
    db.session.scalars(lock(sa.select(Membership).filter_by(organisation_id=organisation.id))).all()
    refusal = why_not_end_membership(by, membership)
    if refusal is not None:
        raise NotAllowed(refusal)
    if is_alone(membership) and organisation.is_listed:
        organisation.is_listed, organisation.listed_at = False, None
    membership.ended_at = clock.now()
    if membership.user_id != by.id:
        told = {"organisation": organisation.short_name}
        code = organisation.edrpou
        notify_user(membership.user, LETTERS, "membership_ended", facts=told, thing="organisation", code=code)
    facts = {"person": membership.user_id}
    record(thing="organisation", code=organisation.edrpou, step="leave", by=by, facts=facts)


def _refuse_mailing(organisation: Organisation) -> None:
    query = sa.select(sa.func.count(Invitation.id)).where(
        Invitation.organisation_id == organisation.id, Invitation.created_at > clock.now() - timedelta(days=1)
    )
    if int(db.session.scalar(query) or 0) >= INVITED_IN_A_DAY:
        raise InvalidInput("Your organisation has sent many invitations today: go on tomorrow", field="email")


def _still_stands(invitation: Invitation) -> bool:
    """Whether whoever sent the invitation is still here: a person who was put out lets nobody in behind their back."""
    if invitation.invited_by_id is None:  # by the installation itself
        return True
    giver = db.session.get(User, invitation.invited_by_id)
    if giver is None or not giver.active:
        return False
    if invitation.organisation_id is None:
        return giver.can(Permission.USER_MANAGE)
    # Who gives the office of the head, and that the giver may still, is asked by `take_office`.
    return invitation.role is Role.NGO_HEAD or giver.role_in(invitation.organisation_id) is not None


def _own_invitation(organisation: Organisation, number: int, *, by: User) -> Invitation:
    refusal = why_not_invite(by, organisation)
    if refusal is not None:
        raise NotAllowed(refusal)
    query = sa.select(Invitation).filter_by(id=number, organisation_id=organisation.id)
    found: Invitation | None = db.session.scalar(lock(query))
    if found is None:
        raise NotFound
    if found.accepted_at is not None:
        raise WrongState("The invitation is accepted already")
    return found
