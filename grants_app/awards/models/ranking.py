"""The ranked list as the engine gave it, with the inputs it was computed from: written once, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition, Lot
from grants_app.core.types import Instant, Kop
from grants_app.database import db


class Ranking(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """One computation of the ranked list. `inputs_text` is canonical JSON of applications and scores."""

    __tablename__ = "ranking"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    rules_hash: Mapped[str] = mapped_column(sa.String(80))
    input_hash: Mapped[str] = mapped_column(sa.String(80))
    engine_version: Mapped[str] = mapped_column(sa.String(20))
    inputs_text: Mapped[str] = mapped_column(sa.Text, deferred=True)
    # Steps of the walk down the list, by lot, as the engine told them.
    trace: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list, deferred=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    is_current: Mapped[bool] = mapped_column(sa.Boolean, default=True)
    # Stored totals of each lot as it stands now: what the bars and the money line of the page show.
    balances: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    version: Mapped[int] = mapped_column(sa.Integer)

    competition: Mapped[Competition] = relationship()
    made_by: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.Index(
            "uq_ranking_current",
            "competition_id",
            unique=True,
            sqlite_where=sa.text("is_current"),
            postgresql_where=sa.text("is_current"),
        ),
    )


class RankingLine(db.Model):  # type: ignore[name-defined,misc]  # as above
    """One line of the ranked list: places and scores are exact text, `position` is the order on the page."""

    __tablename__ = "ranking_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    ranking_id: Mapped[int] = mapped_column(sa.ForeignKey("ranking.id"))
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    lot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lot.id"))
    position: Mapped[int] = mapped_column(sa.Integer)
    place: Mapped[int | None] = mapped_column(sa.Integer)
    place_overall: Mapped[int | None] = mapped_column(sa.Integer)
    status: Mapped[str] = mapped_column(sa.String(20))
    score_text: Mapped[str | None] = mapped_column(sa.String(40))
    score_exact: Mapped[str | None] = mapped_column(sa.Text)
    score_micro: Mapped[int | None] = mapped_column(Kop)  # orders the page by score; places follow score_exact
    experts: Mapped[int] = mapped_column(sa.Integer)
    tied_with: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    separated_by: Mapped[str | None] = mapped_column(sa.String(80))
    criteria: Mapped[dict[str, dict[str, str | None]]] = mapped_column(sa.JSON, default=dict, deferred=True)
    expert_totals: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict, deferred=True)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list, deferred=True)
    # The strip of marks ready to draw: "x x x;mean;pass" in its units, and the marks as text.
    strip: Mapped[str] = mapped_column(sa.Text, default="")
    marks_text: Mapped[str] = mapped_column(sa.Text, default="")
    spread_text: Mapped[str | None] = mapped_column(sa.String(40))
    # What the rule gives, and the running sum of the lot by the rule.
    outcome: Mapped[str] = mapped_column(sa.String(20))
    rule_kop: Mapped[int] = mapped_column(Kop, default=0)
    running_kop: Mapped[int | None] = mapped_column(Kop)

    ranking: Mapped[Ranking] = relationship()
    application: Mapped[Application] = relationship()
    lot: Mapped[Lot | None] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("ranking_id", "application_id"),
        sa.UniqueConstraint("ranking_id", "position"),
        # Rows are long (their steps stand in them): a page of one lot must not walk through all of them.
        sa.Index("ix_ranking_line_ranking_id_lot_id_position", "ranking_id", "lot_id", "position"),
        sa.CheckConstraint("rule_kop >= 0", name="not_negative"),
        sa.CheckConstraint("status IN ('ranked', 'insufficient', 'below_pass_mark')", name="status_known"),
        sa.CheckConstraint("status != 'ranked' OR place IS NOT NULL", name="ranked_has_place"),
    )


class Draw(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A public draw of a tie at the money line: the seed is announced first, drawn later, never changed."""

    __tablename__ = "draw"

    id: Mapped[int] = mapped_column(primary_key=True)
    ranking_id: Mapped[int] = mapped_column(sa.ForeignKey("ranking.id"), unique=True)
    seed: Mapped[str] = mapped_column(sa.String(200))
    announced_at: Mapped[datetime] = mapped_column(Instant)
    announced_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    drawn_at: Mapped[datetime | None] = mapped_column(Instant)
    drawn_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    ranking: Mapped[Ranking] = relationship()

    __table_args__ = (
        sa.CheckConstraint("(drawn_at IS NULL) = (drawn_by_id IS NULL)", name="drawn_whole"),
        sa.CheckConstraint("drawn_at IS NULL OR drawn_at > announced_at", name="announced_before"),
    )
