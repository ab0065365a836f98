"""Who may read, keep and show what of an organisation: a reason against it, or nothing."""

from __future__ import annotations

from grants_app.accounts.models import JoinRequest, Membership, Organisation, User
from grants_app.accounts.policy import may_in
from grants_app.accounts.rules import INVITED_ROLES
from grants_app.permissions import Permission, Role

_KEEPS_ACCOUNT = frozenset({Role.NGO_HEAD, Role.NGO_ACCOUNTANT})


def why_not_read_governing(user: User, organisation: Organisation) -> str | None:
    """People of governing bodies are open to the organisation itself, the secretary and the auditor."""
    if user.role_in(organisation.id) is not None or user.can(Permission.GOVERNING_READ):
        return None
    return "Only the organisation, the secretary and the auditor see these people"


def why_not_keep_account(user: User, organisation: Organisation, *, is_asked: bool) -> str | None:
    """The bank account is asked by a contract, given by the head or the accountant."""
    if user.role_in(organisation.id) not in _KEEPS_ACCOUNT:
        return "The head or the accountant gives the bank account"
    if not is_asked:
        return "The bank account is asked only when a contract needs it"
    return None


def why_not_list(user: User, organisation: Organisation) -> str | None:
    """The head agrees to the directory."""
    if user.role_in(organisation.id) is not Role.NGO_HEAD:
        return "Only the head agrees to the public directory"
    return None


def why_not_delist(user: User, organisation: Organisation) -> str | None:
    """The head takes the organisation out at any time; the city may, with a reason."""
    if user.can(Permission.ORGANISATION_REGISTER_EDIT):
        return None
    return why_not_list(user, organisation)


def why_not_decide_join(user: User, request: JoinRequest) -> str | None:
    """The head lets people in; the city where there is no head. Nobody decides on oneself."""
    if request.user_id == user.id:
        return "Somebody else decides on your request"
    head = head_of(request.organisation)
    if head is None:
        return None if user.can(Permission.USER_MANAGE) else "There is no head: the city decides"
    if may_in(user, request.organisation, Permission.ORGANISATION_INVITE):
        return None
    return "Only the head of the organisation lets people in"


def why_not_let_in_as(role: Role, *, has_head: bool) -> str | None:
    """A head gives the roles of a member and an accountant; the office of the head is filled only where it is empty."""
    if role in INVITED_ROLES or (role is Role.NGO_HEAD and not has_head):
        return None
    return "Choose the role: member or accountant"


def why_not_appoint(user: User, organisation: Organisation) -> str | None:
    """The city names a head only where nobody holds the office or the holder's account is closed."""
    if not user.can(Permission.USER_MANAGE):
        return "Only an administrator keeps people and roles"
    if user.role_in(organisation.id) is not None:
        return "You belong to this organisation: another administrator decides"
    if head_of(organisation) is not None:
        return "The organisation has a head, who hands the office over"
    return None


def why_not_release_office(user: User, organisation: Organisation) -> str | None:
    """The city frees the office of a head who left it in fact: died, was recalled, does not answer."""
    if not user.can(Permission.USER_MANAGE):
        return "Only an administrator keeps people and roles"
    if user.role_in(organisation.id) is not None:
        return "You belong to this organisation: another administrator decides"
    if head_of(organisation) is None:
        return "Nobody holds the office of the head"
    return None


def head_of(organisation: Organisation) -> Membership | None:
    """The head in office: not one whose account is closed, nor one whose address nobody has confirmed.

    Else anybody could keep an organisation out of its own account by registering its code with a made-up address.
    """
    for membership in organisation.memberships:
        if membership.role is Role.NGO_HEAD and membership.ended_at is None and holds_office(membership.user):
            return membership
    return None


def holds_office(user: User) -> bool:
    """Whether the account behind an office is open and its address confirmed."""
    return user.active and user.confirmed_at is not None
