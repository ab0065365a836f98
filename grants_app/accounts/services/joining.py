"""Joining an organisation that has an account already, instead of opening a second one."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from grants_app.accounts.models import JoinRequest, Membership, Organisation, RoleGrant, User
from grants_app.accounts.policy.organisations import head_of, why_not_decide_join, why_not_let_in_as
from grants_app.accounts.rules import INVITED_ROLES, NewPerson
from grants_app.accounts.rules.joining import AGAIN_AFTER, LETTERS, OPEN_REQUESTS_ALLOWED, REQUESTS_IN_A_DAY
from grants_app.accounts.services.headship import seat
from grants_app.accounts.services.people import add_person
from grants_app.accounts.services.sign_in import after_confirmation, send_confirmation
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed, WrongState
from grants_app.core.identifiers import has_edrpou_form, new_code
from grants_app.database import db, lock
from grants_app.journal.letters import link_to
from grants_app.journal.services import advance, notify_user, record
from grants_app.lifecycle import JoinRequestState
from grants_app.permissions import Permission, Role, permissions_of

_DECIDERS = tuple(role for role in Role if Permission.USER_MANAGE in permissions_of(frozenset({role})))


def sign_up_and_ask(person: NewPerson, edrpou: str, role: Role, message: str) -> JoinRequest:
    """A newcomer opens an account and asks; who decides learns of it when the address is confirmed.

    Raises as `ask_to_join`, AddressTaken for a known address.
    """
    organisation = _organisation(edrpou)
    user = add_person(person, confirmed=False)
    request = _ask(organisation, user, role, message)
    send_confirmation(user)
    return request


def ask_to_join(edrpou: str, role: Role, message: str, *, by: User) -> JoinRequest:
    """Ask to be let into a registered organisation. The letter goes to its head, or to the city where there is none.

    Raises InvalidInput (edrpou) for an unknown code, NotAllowed for a person of the organisation, a second open
    request, too many requests, or one soon after a refusal.
    """
    organisation = _organisation(edrpou)
    if by.role_in(organisation.id) is not None:
        raise NotAllowed("You are already in this organisation", field="edrpou")
    _refuse_too_many(organisation, by)
    request = _ask(organisation, by, role, message)
    _tell_deciders(request)
    return request


def withdraw_request(request: JoinRequest, *, by: User) -> None:
    """The person does not ask any more. Raises NotAllowed for somebody else's request, WrongState for a decided one."""
    if request.user_id != by.id:
        raise NotAllowed("Only the person who asked withdraws the request")
    advance(request, "withdraw", by=by)
    request.decided_at = clock.now()


def accept_request(request: JoinRequest, role: Role, *, by: User) -> None:
    """Let the person in with a role. Raises NotAllowed, InvalidInput (role), WrongState when it is decided already."""
    found = _to_decide(request, by)
    organisation = found.organisation
    refusal = why_not_let_in_as(role, has_head=head_of(organisation) is not None)
    if refusal is not None:
        raise InvalidInput(refusal, field="role")
    _close(found, "accept", by=by)
    if found.user.role_in(organisation.id) is None:
        if role is Role.NGO_HEAD:
            _vacate(organisation)
        seat(organisation, found.user, role)
        facts = {"role": role.value, "person": found.user_id}
        record(thing="organisation", code=organisation.edrpou, step="let_in", by=by, facts=facts)
    link = link_to(f"/accounts/organisation/{organisation.edrpou}")
    told = {"organisation": organisation.short_name, "role": role, "link": link}
    notify_user(found.user, LETTERS, "join_accepted", facts=told, thing="join_request", code=found.code)


def decline_request(request: JoinRequest, *, by: User) -> None:
    """Do not let the person in. Raises NotAllowed, WrongState when it is decided already."""
    found = _to_decide(request, by)
    _close(found, "decline", by=by)
    told = {"edrpou": found.organisation.edrpou}
    notify_user(found.user, LETTERS, "join_declined", facts=told, thing="join_request", code=found.code)


def announce_requests(user: User) -> None:
    """The address is confirmed: requests that waited for it go to those who decide."""
    query = sa.select(JoinRequest).filter_by(user_id=user.id, state=JoinRequestState.ASKED)
    for request in db.session.scalars(query.order_by(JoinRequest.id)):
        _tell_deciders(request)


after_confirmation.append(announce_requests)


def _organisation(edrpou: str) -> Organisation:
    found = None
    if has_edrpou_form(edrpou):
        found = db.session.scalar(lock(sa.select(Organisation).filter_by(edrpou=edrpou)))
    if found is None:
        raise InvalidInput("No organisation with this code is registered here: register it", field="edrpou")
    return found


def _refuse_too_many(organisation: Organisation, user: User) -> None:
    now = clock.now()
    asked = db.session.scalars(sa.select(JoinRequest).filter_by(user_id=user.id)).all()
    if any(one.organisation_id == organisation.id and one.state is JoinRequestState.ASKED for one in asked):
        raise NotAllowed("You have asked already: wait for the answer", field="edrpou")
    declined = (
        one
        for one in asked
        if one.organisation_id == organisation.id
        and one.state is JoinRequestState.DECLINED
        and one.decided_at is not None
        and now < one.decided_at + AGAIN_AFTER
    )
    if next(declined, None) is not None:
        raise NotAllowed("Your request was declined: you can ask again after seven days", field="edrpou")
    if sum(one.state is JoinRequestState.ASKED for one in asked) >= OPEN_REQUESTS_ALLOWED:
        raise NotAllowed("You have open requests: wait for their answers or withdraw one", field="edrpou")
    if sum(now < one.asked_at + timedelta(days=1) for one in asked) >= REQUESTS_IN_A_DAY:
        raise NotAllowed("You have asked many times today: go on tomorrow", field="edrpou")


def _ask(organisation: Organisation, user: User, role: Role, message: str) -> JoinRequest:
    if role not in INVITED_ROLES:
        raise InvalidInput("Choose the role: member or accountant", field="role")
    request = JoinRequest(
        code=new_code(9), organisation=organisation, user=user, role=role, message=message, asked_at=clock.now()
    )
    db.session.add(request)
    try:
        db.session.flush()
    except IntegrityError as error:  # the twin of a double click came first
        raise NotAllowed("You have asked already: wait for the answer", field="edrpou") from error
    record(thing="join_request", code=request.code, step="ask", by=user, to_state=request.state)
    return request


def _to_decide(request: JoinRequest, by: User) -> JoinRequest:
    found = db.session.scalars(lock(sa.select(JoinRequest).filter_by(id=request.id))).one()
    db.session.scalars(lock(sa.select(Membership).filter_by(organisation_id=found.organisation_id))).all()
    refusal = why_not_decide_join(by, found)
    if refusal is not None:
        raise NotAllowed(refusal)
    if found.state is not JoinRequestState.ASKED:
        raise WrongState("The request has been decided already")
    return found


def _close(request: JoinRequest, step: str, *, by: User) -> None:
    advance(request, step, by=by)
    request.decided_at = clock.now()
    request.decided_by_id = by.id


def _vacate(organisation: Organisation) -> None:
    """A head whose account is closed leaves the office to the newcomer."""
    for row in organisation.memberships:
        if row.role is Role.NGO_HEAD and row.ended_at is None:
            row.ended_at = clock.now()
    db.session.flush()


def _tell_deciders(request: JoinRequest) -> None:
    organisation = request.organisation
    head = head_of(organisation)
    facts = {
        "organisation": organisation.short_name,
        "person": request.user.full_name,
        "email": request.user.email,
        "role": request.role,
        "link": link_to(f"/accounts/organisation/{organisation.edrpou}"),
    }
    for user in [head.user] if head is not None else _city():
        notify_user(user, LETTERS, "join_asked", facts=facts, thing="join_request", code=request.code)


def _city() -> list[User]:
    query = (
        sa.select(User)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(RoleGrant.role.in_(_DECIDERS), RoleGrant.ended_at.is_(None), User.active)
        .order_by(User.id)
    )
    return list(db.session.scalars(query).unique())
