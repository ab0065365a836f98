"""Who may do what to which person or organisation: a reason against it, or nothing."""

from __future__ import annotations

from grants_app.accounts.models import Membership, Organisation, User
from grants_app.accounts.rules import GRANTED_ROLES, INVITED_ROLES, conflicting_role
from grants_app.journal.services import SYSTEM, Actor
from grants_app.permissions import GRANTS, Permission, Role

NOT_ADMIN = "Only an administrator keeps people and roles"


def may_in(user: User, organisation: Organisation, permission: Permission) -> bool:
    """Whether the person's role in this very organisation carries the permission."""
    role = user.role_in(organisation.id)
    return role is not None and permission in GRANTS[role]


def why_not_edit_organisation(user: User, organisation: Organisation) -> str | None:
    """The head and members keep the profile."""
    if may_in(user, organisation, Permission.ORGANISATION_EDIT):
        return None
    return "The head or a member of the organisation changes this"


def why_not_invite(user: User, organisation: Organisation) -> str | None:
    """The head chooses the people."""
    if may_in(user, organisation, Permission.ORGANISATION_INVITE):
        return None
    return "Only the head of the organisation invites people"


def why_not_end_membership(user: User, membership: Membership) -> str | None:
    """The head ends any membership but the own; everybody else may leave, a head only as the last person."""
    if membership.ended_at is not None:
        return "This person has already left"
    if membership.role is Role.NGO_HEAD:
        if membership.user_id == user.id and is_alone(membership):
            return None
        return "An organisation needs a head: hand the office over first"
    if membership.user_id == user.id or may_in(user, membership.organisation, Permission.ORGANISATION_INVITE):
        return None
    return "Only the head of the organisation ends a membership"


def is_alone(membership: Membership) -> bool:
    """Whether nobody else is left in the organisation."""
    others = (one for one in membership.organisation.memberships if one.ended_at is None)
    return all(one.user_id == membership.user_id for one in others)


def why_not_hand_over(user: User, membership: Membership) -> str | None:
    """The head hands the office to a person of the organisation."""
    if user.role_in(membership.organisation_id) is not Role.NGO_HEAD:
        return "Only the head hands the office over"
    if membership.ended_at is not None or membership.user_id == user.id:
        return "Choose another person of the organisation"
    return None


def why_not_invite_as(role: Role) -> str | None:
    """Which roles an organisation gives."""
    return None if role in INVITED_ROLES else "Choose the role: member or accountant"


def why_not_manage_people(by: Actor) -> str | None:
    """Administrators and the set-up itself."""
    return None if by is SYSTEM or by.can(Permission.USER_MANAGE) else NOT_ADMIN


def why_not_grant(by: Actor, user: User, role: Role) -> str | None:
    """No role to oneself, no role of an organisation, no two duties that must stay apart."""
    refusal = why_not_manage_people(by)
    if refusal is not None:
        return refusal
    if by is not SYSTEM and by.actor_id == user.id:
        return "You cannot give a role to yourself: ask another administrator"
    if role not in GRANTED_ROLES:
        return "The head of the organisation gives this role"
    if role in user.roles:
        return "The person already has this role"
    if conflicting_role(role, user.roles) is not None:
        return "One person may not have both duties: %(role)s and %(other)s"
    return None


def why_not_end_role(by: Actor, user: User) -> str | None:
    """Nobody takes a role from oneself, so that the last administrator cannot lock everybody out."""
    refusal = why_not_manage_people(by)
    if refusal is not None:
        return refusal
    if by is not SYSTEM and by.actor_id == user.id:
        return "You cannot end your own role: ask another administrator"
    return None


def why_not_close_account(by: Actor, user: User) -> str | None:
    """As with roles."""
    return why_not_end_role(by, user)
