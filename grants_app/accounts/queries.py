"""Who there is: people, organisations, invitations, as rows for pages."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import MailedLink
from grants_app.core import clock
from grants_app.database import db


def usable_link(digest: str, purpose: str) -> MailedLink | None:
    """The mailed link with this digest, while it may still be used."""
    link = db.session.scalar(sa.select(MailedLink).filter_by(token_digest=digest, purpose=purpose))
    if link is None or link.used_at is not None or clock.now() >= link.expires_at or not link.user.active:
        return None
    return link
