"""Declarations of experts: no conflict, a conflict, a doubt, no time."""

from __future__ import annotations

from grants_app.accounts.models import User
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db
from grants_app.journal.services import advance, digest_of, record
from grants_app.lifecycle import AssignmentState
from grants_app.reviews import policy
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries.people import secretaries_of
from grants_app.reviews.services.letters import write_letter
from grants_app.reviews.services.rows import lock_assignment
from grants_app.reviews.services.scoring import keep_edition
from grants_app.reviews.services.totals import recount


def declare_impartial(assignment: Assignment, by: User) -> Assignment:
    """Sign that there is no conflict of interest and that the text stays confidential; the application opens."""
    row = lock_assignment(assignment.id)
    refusal = policy.why_not_declare(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    row.declared_at = clock.now()
    row.doubted_at = None
    advance(row, "accept", by=by)
    return row


def declare_conflict(assignment: Assignment, reason: str, by: User) -> Assignment:
    """Step down because of a conflict of interest, before or after scoring; the secretary gets a letter.

    The application closes for this person. A submitted review leaves the totals, its text is kept as an edition and
    its marks become recused: the person is left out of numerator and denominator alike.
    """
    row = lock_assignment(assignment.id, with_competition=True)
    refusal = policy.why_not_declare_conflict(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    if not reason.strip():
        raise InvalidInput("Choose the reason: only the secretary will read it", field="reason")
    was_done = row.state == AssignmentState.DONE
    if was_done:
        keep_edition(row, by=by, reason="conflict of interest")
    _recuse(row)
    row.conflict_reason = reason
    row.ended_at = clock.now()
    # The reason is personal: the journal keeps only its fingerprint.
    advance(row, "declare_conflict", by=by, facts={"reason_digest": digest_of(reason)})
    if was_done:
        recount(row.application)
    _tell_secretaries("conflict_declared", row)
    return row


def declare_doubt(assignment: Assignment, reason: str, by: User) -> Assignment:
    """Ask the secretary whether there is a conflict; the application stays closed until that is decided."""
    row = lock_assignment(assignment.id)
    refusal = policy.why_not_declare(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    if not reason.strip():
        raise InvalidInput("Describe what you doubt: the secretary will decide", field="details")
    row.conflict_reason = reason
    row.doubted_at = clock.now()
    record(
        thing="assignment",
        code=row.journal_code,
        scope=row.journal_scope,
        step="doubt",
        by=by,
        facts={"reason_digest": digest_of(reason)},
    )
    _tell_secretaries("conflict_doubted", row)
    return row


def decline(assignment: Assignment, reason: str, by: User) -> Assignment:
    """Decline for another reason than a conflict (no time, not my field); the secretary assigns another expert."""
    row = lock_assignment(assignment.id)
    refusal = policy.why_not_declare(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    row.ended_at = clock.now()
    row.ended_reason = reason
    advance(row, "decline", by=by)
    _tell_secretaries("conflict_declared", row)
    return row


def _recuse(row: Assignment) -> None:
    if row.review is None:
        return
    row.review.submitted_at = None
    row.review.content_digest = None
    row.review.total_text = None
    for score in row.review.scores:
        score.points = None
        score.mark_state = "recused"
    db.session.flush()


def _tell_secretaries(template: str, row: Assignment) -> None:
    competition = row.application.competition
    for secretary in secretaries_of(competition):
        write_letter(template, secretary, competition, row, expert=row.expert_code)
