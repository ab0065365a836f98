"""Why a person cannot be invited, answer, step back; None means they may. The reasons are English msgids."""

from __future__ import annotations

from collections.abc import Sequence

from grants_app.accounts.models import User
from grants_app.accounts.rules import conflicting_role
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError
from grants_app.lifecycle import InvitationState
from grants_app.permissions import ROLE_LABELS, Permission, Role
from grants_app.reviews.models import PanelInvitation
from grants_app.reviews.queries.conflicts import competing_people
from grants_app.reviews.queries.invitations import OPEN_FOR_ANSWERS, has_submitted, state_now
from grants_app.reviews.queries.marks import has_scoring_ended
from grants_app.reviews.queries.people import is_away, profiles_of

FREED = "The place has been freed: the term of the answer has passed"
WITHDRAWN = "The invitation has been withdrawn"
AGREED = "You have agreed already"
REMOVED = "You have been removed from the panel of this competition"
DECLINED = "You have declined already. Ask the secretary to invite you again"
NOT_NEEDED = "The competition needs no more experts: scoring has ended or the competition is cancelled"
_SAID: dict[InvitationState, str] = {
    InvitationState.LAPSED: FREED,
    InvitationState.WITHDRAWN: WITHDRAWN,
    InvitationState.ACCEPTED: AGREED,
    InvitationState.DECLINED: DECLINED,
    InvitationState.REMOVED: REMOVED,
}


def why_not_keep_panel(user: User, competition: Competition) -> str | None:
    """Inviting to the panel of this competition at all."""
    if not user.can(Permission.REVIEW_ASSIGN):
        return "Only the secretary invites experts"
    if competition.state not in OPEN_FOR_ANSWERS:
        return "Experts are invited from the formal check until scoring is handed over"
    return "The time for scoring has ended" if has_scoring_ended(competition) else None


def obstacles_to_invite(competition: Competition, people: Sequence[User]) -> dict[int, DomainError]:
    """Who of these cannot take part in the panel, with the first reason."""
    barred = competing_people(competition, people)
    profiles = profiles_of(people)
    found: dict[int, DomainError] = {}
    for person in people:
        if person.id in barred:
            found[person.id] = DomainError(barred[person.id])
        elif (fault := _personal_obstacle(person)) is not None:
            found[person.id] = fault
        elif is_away(profiles.get(person.id), competition):
            found[person.id] = DomainError("This person has said that they cannot be asked now")
    return found


def _personal_obstacle(person: User) -> DomainError | None:
    if not person.active:
        return DomainError("The account of this person is closed")
    if person.can(Permission.REVIEW_PROGRESS_READ):
        return DomainError("This person runs the competition and sees everybody’s marks")
    if Role.EXPERT in person.roles:
        return None
    other = conflicting_role(Role.EXPERT, person.roles)
    if other is None:
        return None
    facts = {"role": ROLE_LABELS[Role.EXPERT], "other": ROLE_LABELS[other]}
    return DomainError("One person may not have both duties: %(role)s and %(other)s", facts=facts)


def why_not_invite_again(user: User, invitation: PanelInvitation) -> str | None:
    """A new letter with a new link and a new term."""
    if invitation.state is InvitationState.ACCEPTED:
        return "This person has already agreed"
    return why_not_keep_panel(user, invitation.competition)


def why_not_withdraw(user: User, invitation: PanelInvitation) -> str | None:
    """Taking an invitation back before it is accepted."""
    if not user.can(Permission.REVIEW_ASSIGN):
        return "Only the secretary invites experts"
    if invitation.state is InvitationState.ACCEPTED:
        return "This person has already agreed: remove them from the panel, or they step back themselves"
    if invitation.state is InvitationState.REMOVED:
        return "This person has been removed from the panel"
    return "The invitation is withdrawn already" if invitation.state is InvitationState.WITHDRAWN else None


def why_not_remove(user: User, invitation: PanelInvitation) -> str | None:
    """Removing somebody who has agreed."""
    if not user.can(Permission.REVIEW_ASSIGN):
        return "Only the secretary removes experts from the panel"
    if invitation.state is not InvitationState.ACCEPTED:
        return "Only those who have agreed can be removed from the panel"
    if invitation.competition.state not in OPEN_FOR_ANSWERS:
        return "Scoring of this competition is over"
    return None


def why_not_answer(invitation: PanelInvitation) -> str | None:
    """Accepting or declining, by the instant and the state of the competition."""
    said = _SAID.get(state_now(invitation))
    if said is not None:
        return said
    competition = invitation.competition
    return NOT_NEEDED if competition.state not in OPEN_FOR_ANSWERS or has_scoring_ended(competition) else None


def why_not_step_back(user: User, invitation: PanelInvitation) -> str | None:
    """Leaving the panel after having agreed."""
    if invitation.user_id != user.id:
        return "This invitation is not yours"
    if invitation.state is not InvitationState.ACCEPTED:
        return "You have not agreed to this invitation"
    if invitation.competition.state not in OPEN_FOR_ANSWERS:
        return "Scoring of this competition is over"
    if has_submitted(user.id, invitation.competition_id):
        return "You have submitted a review: ask the secretary to take the other applications back"
    return None
