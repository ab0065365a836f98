"""Inviting experts to the panel of a competition, and their answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import User
from grants_app.accounts.rules import NewPerson
from grants_app.accounts.services import clean_email, find_user, grant_role
from grants_app.accounts.services.links import LINK_OVER, new_token, token_digest
from grants_app.accounts.services.people import add_person
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import Competition
from grants_app.core import clock, figures, words
from grants_app.core.errors import DomainError, InvalidInput, ManyErrors, NotAllowed, NotFound, WrongState
from grants_app.core.figures import Figure
from grants_app.database import db, lock
from grants_app.journal.letters import link_to, spoken
from grants_app.journal.services import (
    SYSTEM,
    advance,
    digest_of,
    held_batch,
    notify_address,
    notify_user,
    record,
)
from grants_app.lifecycle import AssignmentState, InvitationState
from grants_app.permissions import Role
from grants_app.reviews.models import PanelInvitation
from grants_app.reviews.policy import invitations as policy
from grants_app.reviews.queries import invitations as queries
from grants_app.reviews.queries.people import secretaries_of
from grants_app.reviews.rules.invitations import PANEL_LETTERS, agreement_digest
from grants_app.reviews.services.letters import until_words
from grants_app.reviews.services.rows import lock_assignment, lock_competition

STEPPED_BACK = "The expert has stepped back from the panel"
LONGEST_NAME = 160


def invite_from_pool(
    competition: Competition, emails: Sequence[str], *, respond_by: datetime, by: User
) -> list[PanelInvitation]:
    """Invite people of the pool; each gets a letter with a link of their own. All or none.

    Raises NotAllowed, InvalidInput (fields "people", "respond_by"), ManyErrors with everybody who cannot take part.
    """
    competition = _open_panel(competition, by, respond_by)
    people = [find_user(email) for email in dict.fromkeys(emails)]
    found = [person for person in people if person is not None and Role.EXPERT in person.roles]
    if not found or len(found) < len(people):
        raise InvalidInput("Choose the people to invite", field="people")
    obstacles = policy.obstacles_to_invite(competition, found)
    faults: list[DomainError] = [
        InvalidInput(
            "%(name)s cannot take part: the reason is given beside the name",
            field="people",
            facts={"name": person.full_name},
        )
        for person in found
        if person.id in obstacles
    ]
    faults += [
        InvalidInput("%(name)s is on the list already", field="people", facts={"name": person.full_name})
        for person in found
        if _existing(competition, person.email) is not None
    ]
    if faults:
        raise ManyErrors(faults)
    with held_batch("Invitations to the panel", competition.code, by):
        return [
            _invite(competition, person.email, person.full_name, person, respond_by=respond_by, by=by)
            for person in found
        ]


def invite_person(
    competition: Competition, full_name: str, email: str, *, respond_by: datetime, by: User
) -> PanelInvitation:
    """Invite somebody by name and address; a person without an account opens one when accepting.

    Raises NotAllowed, InvalidInput (fields "full_name", "email", "respond_by").
    """
    competition = _open_panel(competition, by, respond_by)
    full_name, email = words.one_line(full_name), clean_email(email)
    if not any(sign.isalpha() for sign in full_name) or len(full_name) > LONGEST_NAME:
        raise InvalidInput("Enter the name and surname", field="full_name")
    if _existing(competition, email) is not None:
        raise InvalidInput("This address is on the list already", field="email")
    person = find_user(email)
    if person is not None:
        fault = policy.obstacles_to_invite(competition, [person]).get(person.id)
        if fault is not None:
            raise InvalidInput(fault.message, field="email", facts=fault.facts)
    return _invite(competition, email, full_name, person, respond_by=respond_by, by=by)


def invite_again(invitation: PanelInvitation, *, respond_by: datetime, by: User) -> PanelInvitation:
    """Send a new letter with a new link and term; the earlier link stops working. Raises NotAllowed, InvalidInput."""
    competition = _open_panel(invitation.competition, by, respond_by)
    row = lock_invitation(invitation.id)
    refusal = policy.why_not_invite_again(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    person = row.user or find_user(row.email)
    if person is not None:
        fault = policy.obstacles_to_invite(competition, [person]).get(person.id)
        if fault is not None:
            raise NotAllowed(fault.message, facts=fault.facts)
    token, row.token_digest = new_token()
    row.user = person
    row.respond_by = respond_by
    row.invited_at = clock.now()
    row.invited_by_id = by.id
    row.answered_at = None
    row.decline_reason = ""
    advance(row, "invite_again", by=by, facts={"respond_by": respond_by.isoformat()})
    _send_invitation(row, token, by)
    return row


def withdraw_invitation(invitation: PanelInvitation, *, by: User) -> None:
    """Take an invitation back; who still owed an answer gets a letter. Raises NotAllowed."""
    row = lock_invitation(invitation.id)
    refusal = policy.why_not_withdraw(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    was_awaited = queries.state_now(row) is InvitationState.INVITED
    advance(row, "withdraw", by=by)
    if was_awaited:
        _write(row, "panel_withdrawn", lang=row.user.lang if row.user is not None else by.lang)


def invitation_of(token: str) -> PanelInvitation:
    """The invitation behind a token, its row locked. Raises NotAllowed for a token that is not in force."""
    number = db.session.scalar(sa.select(PanelInvitation.id).filter_by(token_digest=token_digest(token)))
    if number is None:
        raise NotAllowed(LINK_OVER)
    row = lock_invitation(number)
    if row.token_digest != token_digest(token):  # invited again between the look and the lock
        raise NotAllowed(LINK_OVER)
    return row


def accept(invitation: PanelInvitation, digest: str, *, by: User) -> PanelInvitation:
    """Agree to score and accept the agreement whose fingerprint was on the page; the role of an expert comes with it.

    Raises WrongState when it is answered or over, InvalidInput (field "agree") when the text has changed since the page
    was opened, NotAllowed for another person than the invited one.
    """
    row = lock_invitation(invitation.id)
    _refuse_answer(row)
    if not is_owner(row, by):
        raise NotAllowed("The invitation was sent to another address. Sign in with that one")
    if digest != agreement_digest():
        raise InvalidInput("The text of the agreement has changed. Read it once more and accept", field="agree")
    fault = policy.obstacles_to_invite(row.competition, [by]).get(by.id)
    if fault is not None:
        raise NotAllowed(fault.message, facts=fault.facts)
    if Role.EXPERT not in by.roles:
        grant_role(by, Role.EXPERT, by=SYSTEM).granted_by_id = row.invited_by_id
    row.user = by
    row.answered_at = clock.now()
    row.agreement_digest = digest
    advance(row, "accept", by=by, facts={"agreement": digest, "invited_by": row.invited_by_id})
    facts = {"link": link_to("/reviews/profile"), "scoring": until_words(row.competition), "digest": digest}
    _write(row, "panel_accepted", lang=by.lang, **facts)
    return row


def accept_as_new_person(token: str, person: NewPerson, digest: str) -> User:
    """Somebody without an account opens one and agrees; the link has proved the address.

    Raises as `accept`, and AddressTaken when there is an account: sign in and accept there.
    """
    row = invitation_of(token)
    _refuse_answer(row)
    if row.user_id is not None:
        raise NotAllowed("The invitation belongs to an account: sign in first")
    facts = NewPerson(row.email, person.full_name, person.password, person.phone, person.lang)
    user = add_person(facts, confirmed=True)
    accept(row, digest, by=user)
    return user


def decline(invitation: PanelInvitation, reason: str, *, by: User | None) -> PanelInvitation:
    """Decline before having agreed; the link alone is enough. The secretary gets a letter, without the reason.

    Raises WrongState when it is answered or over.
    """
    row = lock_invitation(invitation.id)
    _refuse_answer(row)
    row.answered_at = clock.now()
    row.decline_reason = reason
    is_own = by is not None and is_owner(row, by)
    # The reason is for the secretary alone: the journal keeps its fingerprint.
    facts = {"by_link": not is_own, "reason_digest": digest_of(reason) if reason else None}
    advance(row, "decline", by=by if by is not None and is_own else SYSTEM, facts=facts)
    name = row.user.full_name if row.user is not None else row.full_name or row.email
    for secretary in secretaries_of(row.competition):
        _tell_secretary(secretary, "panel_declined", row, name=name)
    return row


def step_back(invitation: PanelInvitation, reason: str, *, by: User) -> int:
    """Leave the panel after having agreed; answers how many open assignments ended. The secretary gets a letter.

    Raises NotAllowed once a review is submitted.
    """
    competition = lock_competition(invitation.competition_id)
    ids = queries.open_assignment_ids(by.id, competition.id)
    rows = [lock_assignment(number, with_competition=True) for number in ids]
    row = lock_invitation(invitation.id)
    refusal = policy.why_not_step_back(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    told = spoken(STEPPED_BACK, "uk")  # the person's own reason is for the secretary: not for boards and the journal
    for one in rows:
        one.ended_at = clock.now()
        one.ended_reason = told
        advance(one, "abstain" if one.state is AssignmentState.IN_PROGRESS else "decline", by=by, reason=told)
    row.answered_at = clock.now()
    row.decline_reason = reason
    advance(row, "decline", by=by, facts={"assignments": len(rows)})
    for secretary in secretaries_of(competition):
        out = hidden_ids(secretary, competition)
        count = sum(one.application_id not in out for one in rows)
        _tell_secretary(secretary, "panel_left", row, name=by.full_name, count=count)
    return len(rows)


def _tell_secretary(secretary: User, letter: str, row: PanelInvitation, **facts: object) -> None:
    scope = row.competition.code
    known = {**_plain(row), "link": link_to(f"/reviews/{scope}/panel"), **facts}
    notify_user(secretary, PANEL_LETTERS, letter, facts=known, thing="panel_invitation", code=row.code, scope=scope)


def lapse_invitations() -> int:
    """Record that terms of answers have passed; the instant has freed the places already."""
    numbers = queries.overdue_invitations()
    for number in numbers:
        row = lock_invitation(number)
        if queries.state_now(row) is InvitationState.LAPSED and row.state is InvitationState.INVITED:
            advance(row, "lapse", by=SYSTEM)
    return len(numbers)


def is_owner(invitation: PanelInvitation, person: User) -> bool:
    """Whether the invitation was sent to this person."""
    if invitation.user_id is not None:
        return invitation.user_id == person.id
    return clean_email(person.email) == invitation.email


def lock_invitation(number: int) -> PanelInvitation:
    """The invitation, held till the end of the unit: of two answers the first counts."""
    db.session.scalar(lock(sa.select(PanelInvitation).filter_by(id=number)))
    query = (
        sa.select(PanelInvitation)
        .options(joinedload(PanelInvitation.competition), joinedload(PanelInvitation.user))
        .filter_by(id=number)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def _refuse_answer(row: PanelInvitation) -> None:
    refusal = policy.why_not_answer(row)
    if refusal is not None:
        raise WrongState(refusal)


def _open_panel(competition: Competition, by: User, respond_by: datetime) -> Competition:
    competition = lock_competition(competition.id)
    refusal = policy.why_not_keep_panel(by, competition)
    if refusal is not None:
        raise NotAllowed(refusal)
    if respond_by <= clock.now():
        raise InvalidInput("The last day of answers must not have passed", field="respond_by")
    if competition.scoring_until is not None and respond_by > competition.scoring_until:
        raise InvalidInput("Answers must come before scoring ends", field="respond_by")
    return competition


def _existing(competition: Competition, email: str) -> PanelInvitation | None:
    return db.session.scalar(sa.select(PanelInvitation).filter_by(competition_id=competition.id, email=email))


def _invite(
    competition: Competition, email: str, full_name: str, person: User | None, *, respond_by: datetime, by: User
) -> PanelInvitation:
    token, digest = new_token()
    row = PanelInvitation(
        competition=competition,
        email=email,
        full_name=full_name,
        user=person,
        token_digest=digest,
        state=InvitationState.INVITED,
        respond_by=respond_by,
        invited_at=clock.now(),
        invited_by_id=by.id,
        decline_reason="",
    )
    db.session.add(row)
    db.session.flush()
    record(
        thing="panel_invitation",
        code=row.code,
        scope=competition.code,
        step="invite",
        by=by,
        to_state=InvitationState.INVITED,
        facts={"respond_by": respond_by.isoformat(), "has_account": person is not None},
    )
    _send_invitation(row, token, by)
    return row


def _send_invitation(row: PanelInvitation, token: str, by: User) -> None:
    lang = row.user.lang if row.user is not None else by.lang
    _write(row, "panel_invitation", lang=lang, link=link_to(f"/reviews/invitations/{token}"))


def _write(row: PanelInvitation, template: str, *, lang: str, **facts: object) -> None:
    notify_address(
        row.email,
        PANEL_LETTERS,
        template,
        facts={**_plain(row), **facts},
        thing="panel_invitation",
        code=row.code,
        scope=row.competition.code,
        recipient_id=row.user_id,
        lang=lang,
    )


def _plain(row: PanelInvitation) -> dict[str, object]:
    return {
        "code": row.competition.code,
        "title": row.competition.title,
        "until": Figure(figures.last_minute, row.respond_by),
    }
