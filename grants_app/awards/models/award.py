"""The decision about each application, its publication and the complaints against it."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition, Lot
from grants_app.core.types import Instant, Kop, StateType
from grants_app.database import db
from grants_app.lifecycle import AwardState, ComplaintState


class Award(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """«Рішення про фінансування». Every ranked application has one; without money it stays proposed with 0.

    `rule_kop` is what the rule gives, `proposed_kop` what the commission is asked for, `approved_kop` what was signed.
    """

    __tablename__ = "award"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), unique=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    lot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lot.id"))
    state: Mapped[AwardState] = mapped_column(StateType(AwardState), default=AwardState.PROPOSED)
    place: Mapped[int | None] = mapped_column(sa.Integer)
    position: Mapped[int] = mapped_column(sa.Integer)  # order in the ranked list
    requested_kop: Mapped[int] = mapped_column(Kop)
    rule_kop: Mapped[int] = mapped_column(Kop, default=0)
    proposed_kop: Mapped[int] = mapped_column(Kop, default=0)
    approved_kop: Mapped[int | None] = mapped_column(Kop)
    running_kop: Mapped[int | None] = mapped_column(Kop)  # running sum of the lot as it is proposed now
    # The engine's word: funded partial pooled reserve not_fitting tie_at_cut below_pass_mark insufficient
    outcome: Mapped[str] = mapped_column(sa.String(20))
    # amount | fund | skip where the commission decided otherwise than the rule
    departure: Mapped[str | None] = mapped_column(sa.String(10))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    reason_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    # The decision as published: awarded reserve not_awarded below_pass_mark
    decision: Mapped[str | None] = mapped_column(sa.String(20))
    reserve_place: Mapped[int | None] = mapped_column(sa.Integer)
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    notified_at: Mapped[datetime | None] = mapped_column(Instant)
    answer_until: Mapped[datetime | None] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    answer_reason: Mapped[str | None] = mapped_column(sa.Text)
    version: Mapped[int] = mapped_column(sa.Integer)

    application: Mapped[Application] = relationship()
    competition: Mapped[Competition] = relationship()
    lot: Mapped[Lot | None] = relationship()
    answered_by: Mapped[User | None] = relationship(foreign_keys=[answered_by_id])

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.CheckConstraint("rule_kop >= 0 AND proposed_kop >= 0", name="not_negative"),
        sa.CheckConstraint("proposed_kop <= requested_kop", name="proposed_within_request"),
        sa.CheckConstraint(
            "approved_kop IS NULL OR (approved_kop > 0 AND approved_kop <= requested_kop)", name="approved_within"
        ),
        sa.CheckConstraint("(state = 'proposed') = (approved_kop IS NULL)", name="approved_has_sum"),
        sa.CheckConstraint("(state = 'proposed') = (approved_at IS NULL)", name="approved_at_known"),
        sa.CheckConstraint("(departure IS NULL) = (reason IS NULL)", name="departure_has_reason"),
        sa.CheckConstraint("proposed_kop = rule_kop OR departure IS NOT NULL", name="departure_marked"),
        sa.CheckConstraint("departure IS NULL OR departure IN ('amount', 'fund', 'skip')", name="departure_known"),
        sa.CheckConstraint(
            "decision IS NULL OR decision IN ('awarded', 'reserve', 'not_awarded', 'below_pass_mark')",
            name="decision_known",
        ),
        sa.CheckConstraint("(state IN ('accepted', 'declined')) = (answered_at IS NOT NULL)", name="answered_at_known"),
        sa.Index("ix_award_competition_id_position", "competition_id", "position"),
    )

    @property
    def journal_code(self) -> str:
        """The application's code."""
        return self.application.code or self.application.key

    @property
    def journal_scope(self) -> str | None:
        """The competition."""
        return self.competition.code

    @property
    def needs_consent(self) -> bool:
        """Whether less is given than was asked, which the applicant must agree to."""
        return self.approved_kop is not None and self.approved_kop < self.requested_kop


class Publication(db.Model):  # type: ignore[name-defined,misc]  # as above
    """What was made public, frozen: the bundle that anyone recomputes."""

    __tablename__ = "publication"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), unique=True)
    bundle_text: Mapped[str] = mapped_column(sa.Text, deferred=True)
    bundle_digest: Mapped[str] = mapped_column(sa.String(64))
    result_hash: Mapped[str] = mapped_column(sa.String(80))
    letters_count: Mapped[int] = mapped_column(sa.Integer)
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    complaints_until: Mapped[datetime] = mapped_column(Instant)

    competition: Mapped[Competition] = relationship()


class Complaint(db.Model):  # type: ignore[name-defined,misc]  # as above
    """«Скарга» of an applicant; answered within 30 calendar days by somebody who did not sign the decision."""

    __tablename__ = "complaint"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    number: Mapped[int | None] = mapped_column(sa.Integer)  # in the register, gapless; given at registration
    state: Mapped[ComplaintState] = mapped_column(StateType(ComplaintState), default=ComplaintState.FILED)
    text: Mapped[str] = mapped_column(sa.Text)
    filed_at: Mapped[datetime] = mapped_column(Instant)
    filed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    registered_at: Mapped[datetime | None] = mapped_column(Instant)
    registered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    answer_by: Mapped[date] = mapped_column(sa.Date)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    answer: Mapped[str | None] = mapped_column(sa.Text)
    version: Mapped[int] = mapped_column(sa.Integer)

    competition: Mapped[Competition] = relationship()
    application: Mapped[Application] = relationship()
    filed_by: Mapped[User] = relationship(foreign_keys=[filed_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.UniqueConstraint("competition_id", "number"),
        sa.CheckConstraint("(state = 'filed') = (decided_at IS NULL)", name="decided_at_known"),
        sa.CheckConstraint("(decided_at IS NULL) = (answer IS NULL)", name="answer_given"),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id != filed_by_id", name="two_people"),
        sa.CheckConstraint("(number IS NULL) = (registered_at IS NULL)", name="registered_whole"),
    )

    @property
    def journal_code(self) -> str:
        """For the journal."""
        return self.code

    @property
    def journal_scope(self) -> str | None:
        """The competition."""
        return self.competition.code
