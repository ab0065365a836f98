"""Meetings of the commission: who came, what was asked, who voted how, what was written down."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.accounts.models import User
from grants_app.awards.models.award import Award
from grants_app.competitions.models import Competition
from grants_app.core.types import Instant, StateType
from grants_app.database import db
from grants_app.lifecycle import ItemState, MeetingState


class Meeting(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """A sitting of the commission; numbers of a competition have no gaps."""

    __tablename__ = "meeting"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    state: Mapped[MeetingState] = mapped_column(StateType(MeetingState), default=MeetingState.PLANNED)
    kind: Mapped[str] = mapped_column(sa.String(10))  # room | online | mixed
    scheduled_at: Mapped[datetime] = mapped_column(Instant)
    place: Mapped[str] = mapped_column(sa.String(300), default="")
    link: Mapped[str] = mapped_column(sa.String(300), default="")
    # The share of voting seats that must be present.
    quorum_parts: Mapped[int] = mapped_column(sa.Integer, default=2)
    quorum_of: Mapped[int] = mapped_column(sa.Integer, default=3)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(sa.Integer)

    competition: Mapped[Competition] = relationship()
    attendances: Mapped[list[Attendance]] = relationship(back_populates="meeting", cascade="all, delete-orphan")
    items: Mapped[list[AgendaItem]] = relationship(
        back_populates="meeting", order_by="AgendaItem.number", cascade="all, delete-orphan"
    )
    minutes: Mapped[Minutes | None] = relationship(back_populates="meeting")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.UniqueConstraint("competition_id", "number"),
        sa.CheckConstraint("kind IN ('room', 'online', 'mixed')", name="kind_known"),
        sa.CheckConstraint("quorum_parts > 0 AND quorum_parts <= quorum_of", name="quorum_is_a_share"),
        sa.CheckConstraint("(state = 'planned') = (opened_at IS NULL)", name="opened_at_known"),
        sa.CheckConstraint("(state IN ('closed', 'signed')) = (closed_at IS NOT NULL)", name="closed_at_known"),
    )

    @property
    def journal_code(self) -> str:
        """For the journal."""
        return self.code

    @property
    def journal_scope(self) -> str | None:
        """The competition."""
        return self.competition.code


class Attendance(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A seat at a meeting: how the person is present. The office is the one held when the meeting was planned."""

    __tablename__ = "attendance"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    office: Mapped[str] = mapped_column(sa.String(12))
    presence: Mapped[str] = mapped_column(sa.String(8), default="absent")  # room | online | absent
    marked_at: Mapped[datetime | None] = mapped_column(Instant)
    marked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    meeting: Mapped[Meeting] = relationship(back_populates="attendances")
    user: Mapped[User] = relationship(foreign_keys=[user_id])

    __table_args__ = (
        sa.UniqueConstraint("meeting_id", "user_id"),
        sa.CheckConstraint("presence IN ('room', 'online', 'absent')", name="presence_known"),
        sa.CheckConstraint("office IN ('chair', 'deputy', 'member', 'secretary')", name="office_known"),
    )


class AgendaItem(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A question put to the vote. `subject` maps application codes to the sums voted, frozen when the vote opens."""

    __tablename__ = "agenda_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    number: Mapped[int] = mapped_column(sa.Integer)
    kind: Mapped[str] = mapped_column(sa.String(10))  # ranking | award | general
    title: Mapped[str] = mapped_column(sa.String(300))
    draft: Mapped[str] = mapped_column(sa.Text)
    award_id: Mapped[int | None] = mapped_column(sa.ForeignKey("award.id"))
    # A question of kind “general” may decide on admission: "admission" or "refusal" of what the secretary proposed,
    # of one application or (none named) of all that have no question of their own.
    decides: Mapped[str] = mapped_column(sa.String(12), default="", server_default="")
    application_id: Mapped[int | None] = mapped_column(sa.Integer, index=True)
    state: Mapped[ItemState] = mapped_column(StateType(ItemState), default=ItemState.WAITING)
    subject: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    # The count, stored when the vote closes.
    seats_count: Mapped[int | None] = mapped_column(sa.Integer)
    eligible_count: Mapped[int | None] = mapped_column(sa.Integer)
    present_count: Mapped[int | None] = mapped_column(sa.Integer)
    needed_count: Mapped[int | None] = mapped_column(sa.Integer)
    for_count: Mapped[int | None] = mapped_column(sa.Integer)
    against_count: Mapped[int | None] = mapped_column(sa.Integer)
    abstain_count: Mapped[int | None] = mapped_column(sa.Integer)
    chair_decided: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    version: Mapped[int] = mapped_column(sa.Integer)

    meeting: Mapped[Meeting] = relationship(back_populates="items")
    award: Mapped[Award | None] = relationship()
    votes: Mapped[list[Vote]] = relationship(back_populates="item", cascade="all, delete-orphan")
    recusals: Mapped[list[Recusal]] = relationship(back_populates="item", cascade="all, delete-orphan")
    notes: Mapped[list[AgendaNote]] = relationship(
        back_populates="item", order_by="AgendaNote.id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.UniqueConstraint("meeting_id", "number"),
        sa.CheckConstraint("kind IN ('ranking', 'award', 'general')", name="kind_known"),
        sa.CheckConstraint("(kind = 'award') = (award_id IS NOT NULL)", name="award_named"),
        sa.CheckConstraint("(state = 'waiting') = (opened_at IS NULL)", name="opened_at_known"),
        sa.CheckConstraint(
            "(state IN ('adopted', 'not_adopted')) = (closed_at IS NOT NULL AND for_count IS NOT NULL"
            " AND against_count IS NOT NULL AND abstain_count IS NOT NULL AND present_count IS NOT NULL)",
            name="counted_when_closed",
        ),
        sa.CheckConstraint(
            "for_count IS NULL OR for_count + against_count + abstain_count <= present_count", name="count_within"
        ),
    )

    @property
    def journal_code(self) -> str:
        """Meeting and number."""
        return f"{self.meeting.code}/{self.number}"

    @property
    def journal_scope(self) -> str | None:
        """The competition."""
        return self.meeting.competition.code


class AgendaNote(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A sentence for the minutes: who said what."""

    __tablename__ = "agenda_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("agenda_item.id"), index=True)
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))

    item: Mapped[AgendaItem] = relationship(back_populates="notes")


class Recusal(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A member takes no part in an item: by own statement, or by a challenge that the chair grants."""

    __tablename__ = "recusal"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("agenda_item.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(10))  # own | challenge
    reason: Mapped[str] = mapped_column(sa.Text)
    declared_at: Mapped[datetime] = mapped_column(Instant)
    declared_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    is_upheld: Mapped[bool | None] = mapped_column(sa.Boolean)  # None: a challenge the chair has not decided

    item: Mapped[AgendaItem] = relationship(back_populates="recusals")
    user: Mapped[User] = relationship(foreign_keys=[user_id])

    __table_args__ = (
        sa.UniqueConstraint("item_id", "user_id"),
        sa.CheckConstraint("kind IN ('own', 'challenge')", name="kind_known"),
        sa.CheckConstraint("kind = 'challenge' OR is_upheld", name="own_statement_counts"),
    )


class Vote(db.Model):  # type: ignore[name-defined,misc]  # as above
    """How a member voted; one row a member and an item, changeable until the vote closes."""

    __tablename__ = "vote"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("agenda_item.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    choice: Mapped[str] = mapped_column(sa.String(8))  # for | against | abstain
    cast_at: Mapped[datetime] = mapped_column(Instant)

    item: Mapped[AgendaItem] = relationship(back_populates="votes")
    user: Mapped[User] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("item_id", "user_id"),
        sa.CheckConstraint("choice IN ('for', 'against', 'abstain')", name="choice_known"),
    )


class Minutes(db.Model):  # type: ignore[name-defined,misc]  # as above
    """«Протокол»: text built by the system when the meeting closes, signed by the chair, then by the secretary."""

    __tablename__ = "minutes"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), unique=True)
    text: Mapped[str] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    chair_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    chair_signed_at: Mapped[datetime | None] = mapped_column(Instant)
    secretary_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    secretary_signed_at: Mapped[datetime | None] = mapped_column(Instant)

    meeting: Mapped[Meeting] = relationship(back_populates="minutes")
    chair: Mapped[User | None] = relationship(foreign_keys=[chair_id])
    secretary: Mapped[User | None] = relationship(foreign_keys=[secretary_id])

    __table_args__ = (
        sa.CheckConstraint("(chair_id IS NULL) = (chair_signed_at IS NULL)", name="chair_signed_whole"),
        sa.CheckConstraint("(secretary_id IS NULL) = (secretary_signed_at IS NULL)", name="secretary_signed_whole"),
        sa.CheckConstraint("secretary_signed_at IS NULL OR chair_signed_at IS NOT NULL", name="chair_signs_first"),
        sa.CheckConstraint("chair_id IS NULL OR secretary_id IS NULL OR chair_id != secretary_id", name="two_people"),
    )
