"""Why a certificate of work cannot be issued or revoked; None means it can. The reasons are English msgids."""

from __future__ import annotations

from grants_app.accounts.models import User
from grants_app.competitions.models import Competition
from grants_app.permissions import Permission
from grants_app.reviews.models import WorkCertificate
from grants_app.reviews.queries.certificates import HANDED_OVER, work_done

NOT_HANDED_OVER = "The certificate is issued when scoring has been handed over to the commission"


def why_not_issue(user: User, competition: Competition) -> str | None:
    """Issuing one's own certificate."""
    if competition.state not in HANDED_OVER:
        return NOT_HANDED_OVER
    return None if work_done(user.id, competition.id) is not None else "You have no finished reviews here"


def why_not_revoke(user: User, certificate: WorkCertificate) -> str | None:
    """Revoking somebody's certificate."""
    if not user.can(Permission.REVIEW_ASSIGN):
        return "Only the secretary revokes certificates"
    return "The certificate is revoked already" if certificate.revoked_at is not None else None
