"""Declarations of experts: no conflict, a conflict, a doubt, no time."""

from __future__ import annotations

from grants_app.accounts.models import User
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.journal.services import advance, digest_of, record
from grants_app.reviews import policy
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries.deciders import secretaries_for
from grants_app.reviews.services.conflicts import declare_line, doubt_line, end_assignment, tell_late
from grants_app.reviews.services.letters import write_letter
from grants_app.reviews.services.rows import lock_assignment


def declare_impartial(assignment: Assignment, by: User) -> Assignment:
    """Sign that there is no conflict of interest and that the text stays confidential; the application opens.

    Raises NotAllowed while the chair has not decided on a doubt of the same expert.
    """
    row = lock_assignment(assignment.id)
    refusal = policy.why_not_declare(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    row.declared_at = clock.now()
    advance(row, "accept", by=by)
    return row


def declare_conflict(assignment: Assignment, reason: str, by: User, *, kind: str = "other") -> Assignment:
    """Step down because of a conflict of interest, before or after scoring; the secretary gets a letter.

    The application closes for this person, the register gets a line. While scoring is open a submitted review leaves
    the totals; when the ranking is made its marks stay, and the secretary and the chair are told before they decide.
    `kind` is a code of CONFLICT_REASONS, `reason` what the person wrote.
    """
    row = lock_assignment(assignment.id, with_competition=True)
    refusal = policy.why_not_declare_conflict(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    if not reason.strip():
        raise InvalidInput("Choose the reason: only the secretary and the chair will read it", field="reason")
    ended = end_assignment(row.application, by, by=by, step="declare_conflict", reason=reason)
    line = declare_line(row.application, kind=kind, details=reason, by=by)
    if ended is None:
        row.conflict_reason = reason
        tell_late(line, row.expert_code)
    else:
        _tell_secretaries("conflict_declared", row)
    return row


def declare_doubt(assignment: Assignment, reason: str, by: User) -> Assignment:
    """Ask whether there is a conflict; the application stays closed until the chair has decided."""
    row = lock_assignment(assignment.id)
    refusal = policy.why_not_declare(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    if not reason.strip():
        raise InvalidInput("Describe what you doubt: the chair will decide", field="details")
    row.conflict_reason = reason
    row.doubted_at = clock.now()
    doubt_line(row.application, details=reason, by=by)
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
    refusal = policy.why_not_decline(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    row.ended_at = clock.now()
    row.ended_reason = reason
    advance(row, "decline", by=by)
    _tell_secretaries("assignment_declined", row)
    return row


def _tell_secretaries(template: str, row: Assignment) -> None:
    competition = row.application.competition
    for secretary in secretaries_for(row.application):
        write_letter(template, secretary, competition, row, expert=row.expert_code)
