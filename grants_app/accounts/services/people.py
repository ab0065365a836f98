"""People with accounts, their roles, and invitations of staff by mail."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from grants_app.accounts.models import Invitation, RoleGrant, User
from grants_app.accounts.policy import (
    why_not_close_account,
    why_not_end_role,
    why_not_grant,
    why_not_manage_people,
)
from grants_app.accounts.rules import GRANTED_ROLES, INVITED_FOR, LETTERS, NewPerson, conflicting_role
from grants_app.accounts.services.links import LINK_OVER, new_token, token_digest
from grants_app.accounts.services.sign_in import PasswordHash, clean_email
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed, WrongState
from grants_app.database import db, lock
from grants_app.journal.letters import Letters, link_to
from grants_app.journal.services import SYSTEM, Actor, notify_address, notify_user, record
from grants_app.permissions import ROLE_LABELS, Role


class AddressTaken(InvalidInput):
    """There is an account with this address; pages for guests must not tell."""

    def __init__(self) -> None:
        super().__init__("There is already an account with this address", field="email")


def create_user(
    email: str,
    full_name: str,
    *,
    password: PasswordHash | None = None,
    roles: Iterable[Role] = (),
    lang: str = "uk",
    phone: str = "",
    confirmed: bool = True,
    by: Actor = SYSTEM,
) -> User:
    """A new account with its roles; without a password the person sets one by mail.

    Raises AddressTaken, NotAllowed for two duties that must stay apart or an actor who is no administrator.
    """
    _refuse(why_not_manage_people(by))
    user = _new_user(
        NewPerson(email=email, full_name=full_name, password=password or "", phone=phone, lang=lang),
        confirmed=confirmed,
    )
    record(thing="user", code=str(user.id), step="create", by=by)
    for role in roles:
        grant_role(user, role, by=by)
    return user


def create_first_administrator(email: str, full_name: str, password: PasswordHash) -> User:
    """The account from which all others come. Raises WrongState when there is an administrator already."""
    if has_administrator():
        raise WrongState("There is an administrator already: new ones are made on the page of people")
    return create_user(email, full_name, password=password, roles=[Role.ADMIN])


def has_administrator() -> bool:
    """Whether somebody can keep people and roles."""
    query = (
        sa.select(RoleGrant.id)
        .join(RoleGrant.user)
        .where(RoleGrant.role == Role.ADMIN, RoleGrant.ended_at.is_(None), User.active)
    )
    return db.session.scalar(query.limit(1)) is not None


def grant_role(user: User, role: Role, *, by: Actor) -> RoleGrant:
    """Give a role. Raises NotAllowed: to oneself, twice, or against the separation of duties."""
    user = _as_of_now(user, by)
    refusal = why_not_grant(by, user, role)
    if refusal is not None:
        other = conflicting_role(role, user.roles)
        facts = {"role": ROLE_LABELS[role], "other": ROLE_LABELS[other]} if other else None
        raise NotAllowed(refusal, facts=facts, field="role")
    grant = RoleGrant(role=role, granted_by_id=by.actor_id, granted_at=clock.now())
    user.grants.append(grant)
    record(thing="user", code=str(user.id), step="grant_role", by=by, facts={"role": role.value})
    return grant


def end_role(user: User, role: Role, *, by: Actor) -> None:
    """End a granted role; the row stays. Raises NotAllowed, WrongState when the person does not hold it."""
    user = _as_of_now(user, by)
    refusal = why_not_end_role(by, user)
    if refusal is not None:
        raise NotAllowed(refusal)
    held = [grant for grant in user.grants if grant.role is role and grant.ended_at is None]
    if not held:
        raise WrongState("The person does not have this role any more")
    for grant in held:
        grant.ended_at = clock.now()
    record(thing="user", code=str(user.id), step="end_role", by=by, facts={"role": role.value})


def close_account(user: User, reason: str, *, by: Actor) -> None:
    """Close an account: every session ends at once, and the person gets the reason by letter.

    Raises NotAllowed, InvalidInput (reason), WrongState when it is closed already.
    """
    reason = reason.strip()
    if not reason:
        raise InvalidInput("Give the reason: the person will read it", field="reason")
    _set_active(user, False, reason=reason, by=by)


def open_account(user: User, *, by: Actor) -> None:
    """Open a closed account again; the person gets a letter. Raises NotAllowed, WrongState when it is open already."""
    _set_active(user, True, reason="", by=by)


def _set_active(user: User, active: bool, *, reason: str, by: Actor) -> None:
    user = _as_of_now(user, by)
    refusal = why_not_close_account(by, user)
    if refusal is not None:
        raise NotAllowed(refusal)
    if user.active == active:
        raise WrongState("This has already been done")
    user.active = active
    user.fs_uniquifier = secrets.token_hex(32)
    step, letter = ("open_account", "account_opened") if active else ("close_account", "account_closed")
    facts: dict[str, object] = {"moment": clock.now()}
    facts |= {"link": link_to("/sign-in")} if active else {"reason": reason}
    notify_user(user, LETTERS, letter, facts=facts, thing="user", code=str(user.id))
    record(thing="user", code=str(user.id), step=step, by=by, reason=reason or None)


def _as_of_now(user: User, by: Actor) -> User:
    """The person, read afresh and locked together with whoever acts.

    Otherwise two administrators could close each other at once, or give one person two duties that must stay apart.
    """
    both = sa.select(User).where(User.id.in_({user.id, by.actor_id} - {None})).order_by(User.id)
    return next(one for one in db.session.scalars(lock(both)) if one.id == user.id)


def change_profile(
    user: User, *, full_name: str, phone: str, lang: str, by: User, letters_by: str | None = None
) -> None:
    """Change one's own name, phone, language and how letters come. Raises NotAllowed for somebody else's."""
    if user.id != by.id:
        raise NotAllowed("Only the person may change the profile")
    user.full_name = full_name
    user.phone = phone or None
    user.lang = lang
    user.letters_by = letters_by or user.letters_by
    record(thing="user", code=str(user.id), step="change_profile", by=by)


def invite_to_role(email: str, role: Role, *, lang: str = "uk", by: Actor) -> Invitation:
    """Invite a person of the staff by mail; the role comes with the acceptance.

    Raises NotAllowed, InvalidInput (field "email") when that address has an account: give the role there.
    """
    _refuse(why_not_manage_people(by))
    if role not in GRANTED_ROLES:
        raise NotAllowed("The head of the organisation gives this role", field="role")
    email = clean_email(email)
    if find_user(email) is not None:
        raise InvalidInput(
            "There is already an account with this address: give the role in the list of people", field="email"
        )
    invitation, token = make_invitation(email, role, by=by)
    send_invitation(invitation, "invited_to_role", {"role": role}, token=token, lang=lang)
    record(thing="invitation", code=str(invitation.id), step="invite", by=by, facts={"role": role.value})
    return invitation


def make_invitation(email: str, role: Role, *, by: Actor, organisation_id: int | None = None) -> tuple[Invitation, str]:
    """An open invitation and its token; earlier open ones of the same address and purpose end."""
    now = clock.now()
    db.session.execute(
        sa.update(Invitation)
        .where(
            Invitation.email == email,
            Invitation.organisation_id.is_(None)
            if organisation_id is None
            else Invitation.organisation_id == organisation_id,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(expires_at=now)
    )
    token, digest = new_token()
    invitation = Invitation(
        token_digest=digest,
        email=email,
        role=role,
        organisation_id=organisation_id,
        invited_by_id=by.actor_id,
        created_at=now,
        expires_at=now + INVITED_FOR,
    )
    db.session.add(invitation)
    db.session.flush()
    return invitation, token


def send_invitation(
    invitation: Invitation,
    letter: str,
    facts: dict[str, object],
    *,
    token: str,
    lang: str,
    letters: Letters = LETTERS,
) -> None:
    """Queue the letter with the link of acceptance."""
    link = link_to(f"/accounts/invitations/{token}")
    notify_address(
        invitation.email,
        letters,
        letter,
        facts={"until": invitation.expires_at, "link": link, **facts},
        thing="invitation",
        code=str(invitation.id),
        lang=lang,
    )


def open_invitation(token: str) -> Invitation:
    """The invitation behind a token, its row locked. Raises NotAllowed when it is accepted, ended or unknown."""
    invitation = db.session.scalar(lock(sa.select(Invitation).filter_by(token_digest=token_digest(token))))
    if invitation is None or invitation.accepted_at is not None or clock.now() >= invitation.expires_at:
        raise NotAllowed(LINK_OVER)
    return invitation


def find_user(email: str) -> User | None:
    """The account of an address."""
    return db.session.scalar(sa.select(User).filter_by(email=clean_email(email)))


def add_person(person: NewPerson, *, confirmed: bool) -> User:
    """An account that a person opens: by registration or by accepting an invitation. Raises AddressTaken."""
    user = _new_user(person, confirmed=confirmed)
    record(thing="user", code=str(user.id), step="register", by=user)
    return user


def _new_user(person: NewPerson, *, confirmed: bool) -> User:
    email = clean_email(person.email)
    if find_user(email) is not None:
        raise AddressTaken
    now = clock.now()
    user = User(
        email=email,
        full_name=person.full_name,
        phone=person.phone or None,
        password=person.password or None,
        lang=person.lang,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        confirmed_at=now if confirmed else None,
        created_at=now,
        failed_sign_ins=0,
    )
    db.session.add(user)
    try:
        db.session.flush()
    except IntegrityError as error:  # PostgreSQL: somebody else took the address between the look and the insert
        raise AddressTaken from error
    return user


def _refuse(reason: str | None) -> None:
    if reason is not None:
        raise NotAllowed(reason)
