"""Removing an expert from a panel: what is unfinished goes to others, what is finished stays and counts.

A submitted review is an act of its day: it was written by somebody who had declared impartiality, under the rules of
the call, and the total is the mean of what was submitted. Removal therefore never takes marks away. Where the marks
themselves are in doubt, the register of conflicts is the way: a confirmed conflict takes them out of the totals.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.queries import hidden_ids
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db
from grants_app.journal.letters import link_to, spoken
from grants_app.journal.services import advance, notify_address, notify_user
from grants_app.lifecycle import AssignmentState
from grants_app.reviews.models import Assignment, PanelInvitation
from grants_app.reviews.policy import invitations as policy
from grants_app.reviews.queries import invitations as queries
from grants_app.reviews.queries.people import secretaries_of
from grants_app.reviews.rules.invitations import PANEL_LETTERS
from grants_app.reviews.services.invitations import lock_invitation
from grants_app.reviews.services.rows import lock_assignment, lock_competition

TAKEN_BACK = "The expert has been removed from the panel"


@dataclass(frozen=True)
class Removed:
    """What a removal has left: applications that need another expert, and reviews that stay."""

    freed: tuple[Assignment, ...]
    kept_count: int

    def freed_for(self, viewer: User) -> int:
        """How many applications need another expert, of those that this person may know of."""
        out = hidden_ids(viewer)
        return sum(one.application_id not in out for one in self.freed)


def remove_from_panel(invitation: PanelInvitation, reason: str, *, by: User) -> Removed:
    """Remove an expert who has agreed, with the reason; the expert and the other secretaries get letters.

    Raises NotAllowed, InvalidInput (field "reason").
    """
    if not reason.strip():
        raise InvalidInput("Give the reason: it is recorded, and the expert reads it", field="reason")
    competition = lock_competition(invitation.competition_id)
    person_id = invitation.user_id or 0
    numbers = queries.open_assignment_ids(person_id, competition.id)
    freed = [lock_assignment(number, with_competition=True) for number in numbers]
    row = lock_invitation(invitation.id)
    refusal = policy.why_not_remove(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    told = spoken(TAKEN_BACK, "uk")  # the reason itself stands with the invitation, not at every application
    for one in freed:
        one.ended_at = clock.now()
        one.ended_reason = told
        advance(one, "take_back", by=by, reason=told)
    row.answered_at = clock.now()
    row.decline_reason = reason
    advance(row, "remove", by=by, reason=reason)
    done = sa.select(sa.func.count()).filter(
        Assignment.expert_id == person_id,
        Assignment.competition_id == competition.id,
        Assignment.state == AssignmentState.DONE,
    )
    removed = Removed(tuple(freed), int(db.session.scalar(done) or 0))
    _tell(row, removed, reason, by)
    return removed


def _tell(row: PanelInvitation, removed: Removed, reason: str, by: User) -> None:
    scope = row.competition.code
    plain = {"code": scope, "title": row.competition.title}
    lang = row.user.lang if row.user is not None else by.lang
    notify_address(
        row.email,
        PANEL_LETTERS,
        "panel_removed",
        facts={**plain, "reason": reason, "count": removed.kept_count},
        thing="panel_invitation",
        code=row.code,
        scope=scope,
        recipient_id=row.user_id,
        lang=lang,
    )
    name = row.user.full_name if row.user is not None else row.full_name or row.email
    for secretary in secretaries_of(row.competition):
        if secretary.id != by.id:
            facts = {"name": name, "count": removed.freed_for(secretary), "link": link_to(f"/reviews/{scope}/panel")}
            notify_user(
                secretary, PANEL_LETTERS, "panel_left", facts={**plain, **facts}, thing="panel_invitation",
                code=row.code, scope=scope,
            )  # fmt: skip
