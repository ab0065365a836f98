"""Why a certificate of work cannot be issued or revoked; None means it can. The reasons are English msgids."""

from __future__ import annotations

from grants_app.accounts.models import User
from grants_app.competitions.models import Competition
from grants_app.permissions import Permission
from grants_app.reviews.models import WorkCertificate
from grants_app.reviews.queries.certificates import HANDED_OVER, in_force, was_revoked, work_done

NOT_HANDED_OVER = "The certificate is issued when scoring has been handed over to the commission"


def why_not_issue(user: User, competition: Competition) -> str | None:
    """Issuing one's own certificate: the first one. What was revoked is not taken back by the person."""
    if competition.state not in HANDED_OVER:
        return NOT_HANDED_OVER
    if was_revoked(user.id, competition.id):
        return "Your certificate was revoked: ask the secretary to issue a new one"
    return None if work_done(user.id, competition.id) is not None else "You have no finished reviews here"


def why_not_issue_anew(user: User, certificate: WorkCertificate) -> str | None:
    """Issuing a new certificate instead of a revoked one: another code, counted from the reviews as they stand."""
    if not user.can(Permission.REVIEW_ASSIGN):
        return "Only the secretary issues a certificate anew"
    if certificate.revoked_at is None or in_force(certificate.user_id, certificate.competition_id) is not None:
        return "This person has a certificate in force"
    if certificate.competition.state not in HANDED_OVER:
        return NOT_HANDED_OVER
    done = work_done(certificate.user_id, certificate.competition_id)
    return None if done is not None else "This person has no finished reviews here"


def why_not_revoke(user: User, certificate: WorkCertificate) -> str | None:
    """Revoking somebody's certificate."""
    if not user.can(Permission.REVIEW_ASSIGN):
        return "Only the secretary revokes certificates"
    return "The certificate is revoked already" if certificate.revoked_at is not None else None
