"""Issuing and revoking certificates of work."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.competitions.models import Competition
from grants_app.core import clock, identifiers
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound
from grants_app.database import db, lock
from grants_app.journal.services import record
from grants_app.reviews.models import WorkCertificate
from grants_app.reviews.policy import certificates as policy
from grants_app.reviews.queries.certificates import WorkDone, in_force, work_done
from grants_app.reviews.services.rows import lock_competition

# 74 random bits and a check sign: short enough to type from paper, and the check answers a few guesses a minute.
CODE_SIGNS = 15


def issue(competition: Competition, *, by: User) -> WorkCertificate:
    """Issue the person's own certificate; asked twice, the first one is answered. Raises NotAllowed."""
    competition = lock_competition(competition.id)
    found = in_force(by.id, competition.id)
    if found is not None:
        return found
    refusal = policy.why_not_issue(by, competition)
    done = work_done(by.id, competition.id)
    if refusal is not None or done is None:
        raise NotAllowed(refusal or policy.NOT_HANDED_OVER)
    certificate = _new(competition, by, done)
    # The code opens the check: the journal, which others read, keeps only how many reviews were confirmed.
    record(
        thing="work_certificate",
        code=str(certificate.id),
        scope=competition.code,
        step="issue",
        by=by,
        facts={"reviews": done.review_count},
    )
    return certificate


def issue_anew(revoked: WorkCertificate, *, by: User) -> WorkCertificate:
    """Issue a new certificate, with a code of its own, to whom one was revoked; that one stays revoked.

    Name and numbers are taken as they stand now. Raises NotAllowed, also for a second press.
    """
    competition = lock_competition(revoked.competition_id)
    row = db.session.scalar(lock(sa.select(WorkCertificate).filter_by(id=revoked.id)))
    if row is None:
        raise NotFound
    refusal = policy.why_not_issue_anew(by, row)
    done = work_done(row.user_id, competition.id)
    if refusal is not None or done is None:
        raise NotAllowed(refusal or policy.NOT_HANDED_OVER)
    certificate = _new(competition, row.user, done)
    record(
        thing="work_certificate",
        code=str(certificate.id),
        scope=competition.code,
        step="issue_anew",
        by=by,
        facts={"reviews": done.review_count, "instead": str(row.id)},
    )
    return certificate


def _new(competition: Competition, person: User, done: WorkDone) -> WorkCertificate:
    certificate = WorkCertificate(
        code=identifiers.new_code(CODE_SIGNS),
        user_id=person.id,
        competition=competition,
        full_name=person.full_name,
        review_count=done.review_count,
        first_on=done.first_on,
        last_on=done.last_on,
        issued_at=clock.now(),
        revoked_reason="",
    )
    db.session.add(certificate)
    db.session.flush()
    return certificate


def revoke(certificate: WorkCertificate, reason: str, *, by: User) -> None:
    """Revoke a certificate; its check says so from now on. Raises NotAllowed, InvalidInput without a reason."""
    row = db.session.scalar(lock(sa.select(WorkCertificate).filter_by(id=certificate.id)))
    if row is None:
        raise NotFound
    refusal = policy.why_not_revoke(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    if not reason.strip():
        raise InvalidInput("Give the reason: it is recorded", field="reason")
    row.revoked_at = clock.now()
    row.revoked_reason = reason
    record(
        thing="work_certificate",
        code=str(row.id),
        scope=row.competition.code,
        step="revoke",
        by=by,
        reason=reason,
    )
