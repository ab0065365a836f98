"""Score sheets that were filled in without a network and sent back: kept until the expert confirms what changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.accounts.models import User
from grants_app.competitions.models import Competition
from grants_app.core import identifiers
from grants_app.core.types import Instant
from grants_app.database import db


def new_upload_code() -> str:
    """Address of the preview."""
    return identifiers.new_code(7)


class PacketUpload(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """A filled score sheet as it was read; once carried out, its digest alone: its words stand in the sheets then."""

    __tablename__ = "packet_upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(10), unique=True, default=new_upload_code)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    expert_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    file_name: Mapped[str] = mapped_column(sa.String(200))
    digest: Mapped[str] = mapped_column(sa.String(64))
    # {application code: what the file says of it}; emptied when it is carried out.
    content: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    uploaded_at: Mapped[datetime] = mapped_column(Instant)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
    # Codes of the applications whose sheets it changed, for the page that says so.
    changed_codes: Mapped[list[str]] = mapped_column(sa.JSON, default=list)

    competition: Mapped[Competition] = relationship()
    expert: Mapped[User] = relationship()

    __table_args__ = (sa.UniqueConstraint("competition_id", "expert_id", "digest"),)

    @property
    def journal_code(self) -> str:
        """The upload's code: no name."""
        return self.code

    @property
    def journal_scope(self) -> str | None:
        """The competition."""
        return self.competition.code
