"""Single-use links sent by mail: the letter holds the token, the database its digest alone."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa

from grants_app.accounts.models import MailedLink, User
from grants_app.core import clock
from grants_app.core.errors import NotAllowed
from grants_app.database import db, lock

LINK_OVER = "This link has been used or its time is over. Ask for a new one"


def new_token() -> tuple[str, str]:
    """An unguessable token (256 bits) and the digest that is stored."""
    token = secrets.token_urlsafe(32)
    return token, token_digest(token)


def token_digest(token: str) -> str:
    """What the database knows of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(user: User, purpose: str, *, within: timedelta) -> tuple[MailedLink, str]:
    """A link of the person for one purpose; older unused ones of the same purpose stop working."""
    db.session.execute(
        sa.update(MailedLink)
        .where(MailedLink.user_id == user.id, MailedLink.purpose == purpose, MailedLink.used_at.is_(None))
        .values(used_at=clock.now())
    )
    token, digest = new_token()
    now = clock.now()
    link = MailedLink(user=user, purpose=purpose, token_digest=digest, created_at=now, expires_at=now + within)
    db.session.add(link)
    return link, token


def open_link(token: str, purpose: str) -> MailedLink:
    """The link behind a token, while it may still be used; in a unit its row stays locked till the end.

    Raises NotAllowed for an unknown, used or outdated token, without telling which.
    """
    query = lock(sa.select(MailedLink).filter_by(token_digest=token_digest(token), purpose=purpose))
    link = db.session.scalar(query)
    if link is None or link.used_at is not None or clock.now() >= link.expires_at or not link.user.active:
        raise NotAllowed(LINK_OVER)
    return link
