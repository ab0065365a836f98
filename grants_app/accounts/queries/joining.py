"""Requests to join: the person's own, and those that wait for a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from grants_app.accounts.models import Invitation, JoinRequest, Membership, Organisation, User
from grants_app.core import clock
from grants_app.core.errors import NotFound
from grants_app.core.state_machine import State
from grants_app.database import db
from grants_app.lifecycle import JoinRequestState
from grants_app.permissions import ROLE_LABELS, Permission, Role


@dataclass(frozen=True)
class RequestRow:
    """A request as the person who decides sees it: who asks, nothing more."""

    code: str
    name: str
    email: str
    role: str
    asked: str  # the role's stored value, so that the form begins with it
    message: str
    asked_at: datetime
    edrpou: str
    organisation: str


@dataclass(frozen=True)
class OwnRequestRow:
    """A request as its author sees it: of the organisation no more than the code that was typed and the public name."""

    code: str
    edrpou: str
    organisation: str
    state: State
    asked_at: datetime
    is_open: bool


def open_requests(organisation: Organisation) -> list[RequestRow]:
    """Requests that wait for the head, or for the city where there is none."""
    return _rows(_waiting().where(JoinRequest.organisation_id == organisation.id))


def requests_waiting_for(user: User) -> list[RequestRow]:
    """Requests that this person decides: of the organisations they head, for the city those of headless ones."""
    headed = [m.organisation_id for m in user.memberships if m.ended_at is None and m.role is Role.NGO_HEAD]
    conditions: list[sa.ColumnElement[bool]] = [JoinRequest.organisation_id.in_(headed)] if headed else []
    if user.can(Permission.USER_MANAGE):
        conditions.append(~_has_head())
    if not conditions:
        return []
    return _rows(_waiting().where(sa.or_(*conditions), JoinRequest.user_id != user.id))


def own_requests(user: User) -> list[OwnRequestRow]:
    """What the person has asked, newest first."""
    query = (
        sa.select(JoinRequest)
        .options(joinedload(JoinRequest.organisation))
        .where(JoinRequest.user_id == user.id)
        .order_by(JoinRequest.id.desc())
        .limit(20)
    )
    return [
        OwnRequestRow(
            code=one.code,
            edrpou=one.organisation.edrpou,
            organisation=one.organisation.name,
            state=one.state,
            asked_at=one.asked_at,
            is_open=one.state is JoinRequestState.ASKED,
        )
        for one in db.session.scalars(query)
    ]


def request_of(organisation: Organisation, code: str) -> JoinRequest:
    """A request to an organisation by its code, once its author's address is confirmed. Raises NotFound."""
    query = (
        sa.select(JoinRequest)
        .join(JoinRequest.user)
        .where(
            JoinRequest.code == code,
            JoinRequest.organisation_id == organisation.id,
            User.confirmed_at.is_not(None),
        )
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def own_request(user: User, code: str) -> JoinRequest:
    """The person's own request. Raises NotFound."""
    found = db.session.scalar(sa.select(JoinRequest).filter_by(code=code, user_id=user.id))
    if found is None:
        raise NotFound
    return found


def offices_offered(user: User) -> list[tuple[str, str, datetime]]:
    """Organisations whose office of the head waits for this person's word: code, name, until when."""
    query = (
        sa.select(Organisation.edrpou, Organisation.short_name, Invitation.expires_at)
        .join(Invitation, Invitation.organisation_id == Organisation.id)
        .where(
            Invitation.email == user.email,
            Invitation.role == Role.NGO_HEAD,
            Invitation.accepted_at.is_(None),
            Invitation.expires_at > clock.now(),
        )
        .order_by(Organisation.short_name)
    )
    return [(row.edrpou, row.short_name, row.expires_at) for row in db.session.execute(query)]


def _waiting() -> sa.Select[JoinRequest]:
    return (
        sa.select(JoinRequest)
        .join(JoinRequest.user)
        .join(JoinRequest.organisation)
        .options(contains_eager(JoinRequest.user), contains_eager(JoinRequest.organisation))
        .where(JoinRequest.state == JoinRequestState.ASKED, User.confirmed_at.is_not(None), User.active)
        .order_by(JoinRequest.asked_at, JoinRequest.id)
    )


def _has_head() -> sa.ColumnElement[bool]:
    holder = sa.orm.aliased(User)
    return sa.exists().where(
        Membership.organisation_id == JoinRequest.organisation_id,
        Membership.role == Role.NGO_HEAD,
        Membership.ended_at.is_(None),
        holder.id == Membership.user_id,
        holder.active,
        holder.confirmed_at.is_not(None),
    )


def _rows(query: sa.Select[JoinRequest]) -> list[RequestRow]:
    return [
        RequestRow(
            code=one.code,
            name=one.user.full_name,
            email=one.user.email,
            role=ROLE_LABELS[one.role],
            asked=one.role.value,
            message=one.message,
            asked_at=one.asked_at,
            edrpou=one.organisation.edrpou,
            organisation=one.organisation.short_name,
        )
        for one in db.session.scalars(query)
    ]
