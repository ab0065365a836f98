"""Ways out of a sheet other than finishing it: later, not at all, back again; and the door to the others' reviews."""

from __future__ import annotations

from grants_app.accounts.models import User
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db
from grants_app.journal.services import advance, record
from grants_app.reviews import policy
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries.deciders import secretaries_for
from grants_app.reviews.services.letters import write_letter
from grants_app.reviews.services.rows import lock_assignment
from grants_app.reviews.services.scoring import keep_edition, unlock
from grants_app.reviews.services.totals import recount


def skip(assignment: Assignment, by: User) -> Assignment:
    """Put the application at the end of the expert's own queue; whoever writes in the sheet again takes it back."""
    row = lock_assignment(assignment.id)
    _refuse(policy.why_not_score(by, row))
    row.skipped_at = clock.now()
    return row


def abstain(assignment: Assignment, reason: str, by: User) -> Assignment:
    """Give the application back without a conflict: no marks are counted, the secretaries get a letter.

    What was written stays with the assignment; its marks become absent, which is not nought.
    """
    row = lock_assignment(assignment.id)
    _refuse(policy.why_not_abstain(by, row))
    if not reason.strip():
        raise InvalidInput("Give the reason: the secretary will look for another expert", field="reason")
    if row.review is not None:
        for score in row.review.scores:
            score.points = None
            score.mark_state = "absent"
    row.ended_at = clock.now()
    row.ended_reason = reason
    advance(row, "abstain", by=by, reason=reason)
    competition = row.application.competition
    for secretary in secretaries_for(row.application):
        write_letter("review_abstained", secretary, competition, row, expert=row.expert_code, reason=reason)
    db.session.flush()
    return row


def recall_review(assignment: Assignment, by: User) -> Assignment:
    """Take a submitted review back to change it; its text is kept as an edition and it leaves the totals meanwhile."""
    row = lock_assignment(assignment.id, with_competition=True)
    _refuse(policy.why_not_recall(by, row))
    advance(row, "recall", by=by)
    review = keep_edition(row, by=by, reason="recalled by the expert")
    if review is not None:
        unlock(review)
    recount(row.application)
    return row


def open_others(assignment: Assignment, by: User) -> Assignment:
    """Open the reviews of the other experts; from this instant the own one cannot be recalled. Twice is once."""
    row = lock_assignment(assignment.id)
    _refuse(policy.why_not_open_others(by, row))
    if row.others_opened_at is None:
        row.others_opened_at = clock.now()
        record(thing="assignment", code=row.journal_code, scope=row.journal_scope, step="open_others", by=by)
    return row


def _refuse(reason: str | None) -> None:
    if reason is not None:
        raise NotAllowed(reason)
