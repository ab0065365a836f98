"""Tables of the pool of experts: what the assignment knows of a person, invitations to a panel, certificates."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.accounts.models import User
from grants_app.competitions.models import Competition
from grants_app.core import identifiers
from grants_app.core.types import Instant, StateType
from grants_app.database import db
from grants_app.lifecycle import InvitationState


def new_profile_code() -> str:
    """Public address of an expert's page: tells neither order nor name."""
    return identifiers.new_code(7)


class ExpertProfile(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """What the assignment needs to know about an expert."""

    __tablename__ = "expert_profile"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(10), unique=True, default=new_profile_code)
    workplace: Mapped[str] = mapped_column(sa.String(300), default="")
    workplace_edrpou: Mapped[str] = mapped_column(sa.String(8), default="")
    # Codes of priorities (of any competition) the expert knows.
    fields_known: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    is_available: Mapped[bool] = mapped_column(sa.Boolean, default=True)
    # Not asked from the first to the last day named, both included; open ends are None.
    away_from: Mapped[date | None] = mapped_column(sa.Date)
    away_until: Mapped[date | None] = mapped_column(sa.Date)
    most_applications: Mapped[int | None] = mapped_column(sa.Integer)  # in one competition; None: no limit of their own
    languages: Mapped[list[str]] = mapped_column(sa.JSON, default=list)  # codes: uk, en …
    # Ties that only the person knows of: organisations in whose boards they sit or which they belong to,
    # [{"name", "edrpou", "role"}], and what is compared with applicants. For the secretary and the person alone.
    organisations: Mapped[list[dict[str, str]]] = mapped_column(sa.JSON, default=list)
    address: Mapped[str] = mapped_column(sa.String(300), default="")
    iban: Mapped[str] = mapped_column(sa.String(34), default="")
    # The person and the secretary keep the same profile.
    version: Mapped[int] = mapped_column(sa.Integer)

    user: Mapped[User] = relationship()

    __mapper_args__ = {"version_id_col": version}


class PanelInvitation(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """An expert asked to score in one competition. Only the digest of the link's token is kept."""

    __tablename__ = "panel_invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(10), unique=True, default=new_profile_code)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    email: Mapped[str] = mapped_column(sa.String(254))
    full_name: Mapped[str] = mapped_column(sa.String(160), default="")
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)  # None until they have an account
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    state: Mapped[InvitationState] = mapped_column(StateType(InvitationState), default=InvitationState.INVITED)
    respond_by: Mapped[datetime] = mapped_column(Instant)  # exclusive: from this instant the place is free again
    invited_at: Mapped[datetime] = mapped_column(Instant)
    invited_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    decline_reason: Mapped[str] = mapped_column(sa.Text, default="")
    # Fingerprint of the agreement and confidentiality text that was accepted.
    agreement_digest: Mapped[str | None] = mapped_column(sa.String(64))

    competition: Mapped[Competition] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])

    __table_args__ = (
        sa.UniqueConstraint("competition_id", "email"),
        sa.CheckConstraint("state != 'accepted' OR agreement_digest IS NOT NULL", name="agreement_signed"),
    )

    @property
    def journal_code(self) -> str:
        """The invitation's code: no name."""
        return self.code

    @property
    def journal_scope(self) -> str | None:
        """The competition."""
        return self.competition.code


class WorkCertificate(db.Model):  # type: ignore[name-defined,misc]  # as above
    """That an expert has scored in a competition; it says how many applications, never which."""

    __tablename__ = "work_certificate"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    # As printed: the paper must agree with the register when the person has changed the name since.
    full_name: Mapped[str] = mapped_column(sa.String(160))
    review_count: Mapped[int] = mapped_column(sa.Integer)
    first_on: Mapped[date] = mapped_column(sa.Date)  # days of the first declaration and of the last review
    last_on: Mapped[date] = mapped_column(sa.Date)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_reason: Mapped[str] = mapped_column(sa.Text, default="")

    user: Mapped[User] = relationship()
    competition: Mapped[Competition] = relationship()

    # Of a person in a competition one is in force; revoked ones stay beside it, each with its own code.
    __table_args__ = (
        sa.Index(
            "uq_work_certificate_in_force",
            "user_id",
            "competition_id",
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
    )
