"""Who there is: people, organisations, invitations, as rows for pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from grants_app.accounts.models import Invitation, MailedLink, Membership, Organisation, RoleGrant, User
from grants_app.accounts.rules import INVITED_FOR
from grants_app.accounts.rules.joining import LAPSED_SHOWN_FOR
from grants_app.core import clock
from grants_app.core.errors import NotFound
from grants_app.core.words import search_form
from grants_app.database import db, ukrainian_key
from grants_app.permissions import ROLE_LABELS, Permission, Role

PAGE_SIZE = 50


def usable_link(digest: str, purpose: str) -> MailedLink | None:
    """The mailed link with this digest, while it may still be used."""
    link = db.session.scalar(sa.select(MailedLink).filter_by(token_digest=digest, purpose=purpose))
    if link is None or link.used_at is not None or clock.now() >= link.expires_at or not link.user.active:
        return None
    return link


def usable_invitation(digest: str) -> Invitation | None:
    """The invitation with this digest, while it may still be accepted."""
    found = db.session.scalar(sa.select(Invitation).filter_by(token_digest=digest))
    return found if found is not None and found.accepted_at is None and clock.now() < found.expires_at else None


def has_account(email: str) -> bool:
    """Whether the address belongs to an account."""
    return db.session.scalar(sa.select(User.id).filter_by(email=email)) is not None


def organisation_for(edrpou: str, viewer: User) -> Organisation:
    """An organisation that the viewer may see whole. Raises NotFound."""
    found = db.session.scalar(sa.select(Organisation).filter_by(edrpou=edrpou))
    reads_register = viewer.can(Permission.ORGANISATION_REGISTER_READ)
    if found is None or not (reads_register or viewer.role_in(found.id) is not None):
        raise NotFound
    return found


def own_organisations(user: User) -> list[Organisation]:
    """Organisations for which the person acts, by name."""
    query = (
        sa.select(Organisation)
        .join(Organisation.memberships)
        .where(Membership.user_id == user.id, Membership.ended_at.is_(None))
        .order_by(Organisation.short_name)
    )
    return list(db.session.scalars(query))


def membership_for(organisation: Organisation, number: int) -> Membership:
    """A membership of the organisation by the number of the person. Raises NotFound."""
    found = db.session.scalar(sa.select(Membership).filter_by(organisation_id=organisation.id, user_id=number))
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class ColleagueRow:
    """A person of an organisation."""

    user_id: int
    name: str
    email: str
    role: str
    is_head: bool
    since: datetime
    membership: Membership


def colleague_rows(organisation: Organisation) -> list[ColleagueRow]:
    """People of the organisation now, the head first."""
    query = (
        sa.select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organisation_id == organisation.id, Membership.ended_at.is_(None))
        .order_by(sa.case((Membership.role == Role.NGO_HEAD, 0), else_=1), User.full_name)
    )
    return [
        ColleagueRow(
            user_id=user.id,
            name=user.full_name,
            email=user.email,
            role=ROLE_LABELS[membership.role],
            is_head=membership.role is Role.NGO_HEAD,
            since=membership.since,
            membership=membership,
        )
        for membership, user in db.session.execute(query)
    ]


@dataclass(frozen=True)
class InvitationRow:
    """An invitation that nobody has accepted yet; one that ran out may be sent again."""

    number: int
    email: str
    role: str
    sent_at: datetime
    until: datetime
    is_over: bool = False
    is_office: bool = False


def invitation_rows(organisation_id: int | None) -> list[InvitationRow]:
    """Open invitations of an organisation, or (None) those of the staff; of an organisation also those just run out."""
    now = clock.now()
    query = sa.select(Invitation).where(
        Invitation.organisation_id.is_(None)
        if organisation_id is None
        else Invitation.organisation_id == organisation_id,
        Invitation.accepted_at.is_(None),
        Invitation.expires_at > (now if organisation_id is None else now - LAPSED_SHOWN_FOR),
    )
    found = db.session.scalars(query.order_by(Invitation.id.desc())).all()
    return [
        InvitationRow(
            number=one.id,
            email=one.email,
            role=ROLE_LABELS[one.role],
            sent_at=one.created_at,
            until=one.expires_at,
            is_over=one.expires_at <= now,
            is_office=one.role is Role.NGO_HEAD,
        )
        for one in found
        # A withdrawn or replaced one ended before its term: it is not shown.
        if one.expires_at > now or one.expires_at == one.created_at + INVITED_FOR
    ]


@dataclass(frozen=True)
class PersonRow:
    """A person in the list of the administrator."""

    id: int
    name: str
    email: str
    roles: list[str]
    where: list[str]
    last_sign_in_at: datetime | None
    created_at: datetime
    active: bool
    confirmed: bool


def person_rows(text: str = "", role: Role | None = None, *, page: int = 1) -> tuple[list[PersonRow], int]:
    """People of one page by name, and the number of all that fit."""
    conditions: list[sa.ColumnElement[bool]] = []
    if text:
        conditions.append(User.id.in_(people_found(text)))
    if role is not None:
        granted = sa.select(RoleGrant.user_id).where(RoleGrant.role == role, RoleGrant.ended_at.is_(None))
        member = sa.select(Membership.user_id).where(Membership.role == role, Membership.ended_at.is_(None))
        conditions.append(sa.or_(User.id.in_(granted), User.id.in_(member)))
    # The databases have no Ukrainian order in common, so names are ordered here; a city has some thousands of them.
    names = db.session.execute(sa.select(User.id, User.full_name).where(*conditions)).all()
    ordered = sorted(names, key=lambda row: (ukrainian_key(row.full_name), row.id))
    first = (max(page, 1) - 1) * PAGE_SIZE
    place = {row.id: index for index, row in enumerate(ordered[first : first + PAGE_SIZE])}
    users = db.session.scalars(sa.select(User).where(User.id.in_(place)))
    return [person_row(user) for user in sorted(users, key=lambda user: place[user.id])], len(ordered)


def person_row(user: User) -> PersonRow:
    """A person as the administrator sees one."""
    return PersonRow(
        id=user.id,
        name=user.full_name,
        email=user.email,
        roles=[ROLE_LABELS[role] for role in Role if role in user.roles],
        where=[m.organisation.short_name for m in user.memberships if m.ended_at is None],
        last_sign_in_at=user.last_sign_in_at,
        created_at=user.created_at,
        active=user.active,
        confirmed=user.confirmed_at is not None,
    )


@dataclass(frozen=True)
class GrantRow:
    """A role of a person: given by whom, since and until when."""

    role: Role
    label: str
    given_by: str
    since: datetime
    ended_at: datetime | None


def grant_rows(user: User) -> list[GrantRow]:
    """Granted roles of a person, those in force first."""
    names = people_names({grant.granted_by_id for grant in user.grants if grant.granted_by_id is not None})
    rows = [
        GrantRow(g.role, ROLE_LABELS[g.role], names.get(g.granted_by_id or 0, ""), g.granted_at, g.ended_at)
        for g in user.grants
    ]
    return sorted(rows, key=lambda row: (row.ended_at is not None, row.since))


def person(number: int) -> User:
    """A person by number. Raises NotFound."""
    found = db.session.get(User, number)
    if found is None:
        raise NotFound
    return found


def people_names(ids: Iterable[int]) -> Mapping[int, str]:
    """Names by numbers."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = db.session.execute(sa.select(User.id, User.full_name).where(User.id.in_(wanted)))
    return {row.id: row.full_name for row in rows}


def people_found(text: str) -> list[int]:
    """Numbers of people whose name or address holds the text, letters folded alike on both databases."""
    wanted = search_form(text)
    rows = db.session.execute(sa.select(User.id, User.full_name, User.email))
    return [number for number, name, email in rows if wanted in search_form(f"{name} {email}")]


def people_of(organisation_id: int, *roles: Role) -> list[User]:
    """People of an organisation now, by choice only in these roles; for letters."""
    query = (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == organisation_id, Membership.ended_at.is_(None), User.active)
        .order_by(User.id)
    )
    if roles:
        query = query.where(Membership.role.in_(roles))
    return list(db.session.scalars(query).unique())
