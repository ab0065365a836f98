"""Tables of competitions and of the rules that are frozen when one is announced."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from grants_app.accounts.models import User
from grants_app.budget.models import BudgetLine
from grants_app.core.types import Instant, Kop, StateType
from grants_app.database import db
from grants_app.lifecycle import CallQuestionState, CompetitionState


class Competition(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """A competition of one year. Columns up to `rules_text` are its rules: free in draft, frozen from announcement."""

    __tablename__ = "competition"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    year: Mapped[int] = mapped_column(sa.Integer)
    state: Mapped[CompetitionState] = mapped_column(StateType(CompetitionState), default=CompetitionState.DRAFT)
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    legal_basis: Mapped[str] = mapped_column(sa.Text, default="")
    who_may_apply: Mapped[str] = mapped_column(sa.Text, default="")
    what_is_paid: Mapped[str] = mapped_column(sa.Text, default="")
    contact: Mapped[str] = mapped_column(sa.String(300), default="")

    # Calendar. Instants are exclusive ends: «till 3 March» is the first instant of the 4th in Kyiv.
    intake_from: Mapped[datetime | None] = mapped_column(Instant)
    intake_until: Mapped[datetime | None] = mapped_column(Instant)
    scoring_until: Mapped[datetime | None] = mapped_column(Instant)
    results_by: Mapped[date | None] = mapped_column(sa.Date)
    project_from: Mapped[date | None] = mapped_column(sa.Date)
    project_until: Mapped[date | None] = mapped_column(sa.Date)
    correction_days: Mapped[int] = mapped_column(sa.Integer, default=5)

    # Rules of admission and of the budget form.
    own_share_min_bp: Mapped[int] = mapped_column(sa.Integer, default=2500)
    inkind_max_bp: Mapped[int] = mapped_column(sa.Integer, default=5000)
    registered_months_min: Mapped[int] = mapped_column(sa.Integer, default=6)
    applications_per_organisation: Mapped[int] = mapped_column(sa.Integer, default=1)
    category_ceilings: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict)  # category -> share, bp of total

    # Rules of scoring and awarding; `engine` holds the keys of rules.json beside criteria and lots.
    preset: Mapped[str] = mapped_column(sa.String(30), default="misto_zmistiv")
    scoring_by: Mapped[str] = mapped_column(sa.String(12), default="experts")
    experts_per_application: Mapped[int] = mapped_column(sa.Integer, default=2)
    justification_min: Mapped[int] = mapped_column(sa.Integer, default=20)
    divergence_bp: Mapped[int] = mapped_column(sa.Integer, default=3000)
    # What a divergence above the limit calls for: none | discuss | extra_expert | consensus.
    divergence_rule: Mapped[str] = mapped_column(sa.String(12), default="discuss")
    # Phases in which the applicant is hidden from experts and commission: scoring, deliberation.
    blind_phases: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    # Panel of each application: fields of which at least one expert must come, applications per expert at most
    # (None: as evenly as possible), experts of the applicant's last application to be kept.
    required_fields: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    most_per_expert: Mapped[int | None] = mapped_column(sa.Integer)
    kept_experts: Mapped[int] = mapped_column(sa.Integer, default=0)
    engine: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)

    # The application form as canonical JSON (rules.form.document); none means the standard form. Its number grows with
    # each amendment after the announcement; every announced version stands in `call_version`.
    form_text: Mapped[str | None] = mapped_column(sa.Text)
    form_version: Mapped[int] = mapped_column(sa.Integer, default=1, server_default="1")
    # How the head may sign: confirm | second_factor | scan | qes (the applicant chooses among these).
    signature_modes: Mapped[list[str]] = mapped_column(
        sa.JSON, default=lambda: ["confirm"], server_default='["confirm"]'
    )
    # Whether texts of submitted applications stay closed to everybody till the end of the intake.
    seals_applications: Mapped[bool] = mapped_column(sa.Boolean, default=True, server_default=sa.true())
    # Minutes in which an upload that began before the deadline may end after it (0: it must have ended).
    upload_grace_minutes: Mapped[int] = mapped_column(sa.Integer, default=0, server_default="0")
    # Who decides on admission: secretary | commission (in its minutes).
    admission_by: Mapped[str] = mapped_column(sa.String(12), default="secretary", server_default="secretary")

    # Frozen at announcement: canonical rules.json and its digest.
    rules_text: Mapped[str | None] = mapped_column(sa.Text, active_history=True)
    rules_hash: Mapped[str | None] = mapped_column(sa.String(80))
    # Published reasons of prolonging and cancelling, newest last: [{"at", "step", "reason", "from", "to"}]
    notes: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)

    is_imported: Mapped[bool] = mapped_column(sa.Boolean, default=False)
    # Columns of the files it came from, in their order: {"applications": […], "scores": […]}.
    imported_header: Mapped[dict[str, list[str]] | None] = mapped_column(sa.JSON)
    copied_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("competition.id"))
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    announced_at: Mapped[datetime | None] = mapped_column(Instant)
    intake_closed_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(sa.Integer)

    lots: Mapped[list[Lot]] = relationship(
        back_populates="competition", order_by="Lot.position", cascade="all, delete-orphan"
    )
    priorities: Mapped[list[Priority]] = relationship(
        back_populates="competition", order_by="Priority.position", cascade="all, delete-orphan"
    )
    criteria: Mapped[list[Criterion]] = relationship(
        back_populates="competition", order_by="Criterion.position", cascade="all, delete-orphan"
    )
    seats: Mapped[list[CommissionSeat]] = relationship(back_populates="competition", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.CheckConstraint("scoring_by IN ('experts', 'commission', 'both')", name="scoring_by_known"),
        sa.CheckConstraint(
            "intake_from IS NULL OR intake_until IS NULL OR intake_from < intake_until", name="intake_order"
        ),
        sa.CheckConstraint("(rules_text IS NULL) = (rules_hash IS NULL)", name="rules_frozen_whole"),
        sa.CheckConstraint(
            "state = 'draft' OR state = 'cancelled' OR announced_at IS NOT NULL", name="announced_at_known"
        ),
        sa.CheckConstraint("state != 'published' OR published_at IS NOT NULL", name="published_at_known"),
    )

    @property
    def journal_code(self) -> str:
        """For the journal."""
        return self.code

    @property
    def journal_scope(self) -> str | None:
        """A competition is its own scope."""
        return self.code


class Lot(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A lot with its own fund and limits; its budget line is opened at announcement."""

    __tablename__ = "lot"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    position: Mapped[int] = mapped_column(sa.Integer)
    code: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[str] = mapped_column(sa.String(200))
    fund_kop: Mapped[int] = mapped_column(Kop)
    minimum_kop: Mapped[int | None] = mapped_column(Kop)
    maximum_kop: Mapped[int | None] = mapped_column(Kop)
    # Further keys of the lot in rules.json: pass_mark, criteria_weights, spend_min_kop, spend_max_kop.
    engine: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    budget_line_id: Mapped[int | None] = mapped_column(sa.ForeignKey("budget_line.id"))
    # The line of the city's budget that the lot's own line is opened under.
    source_line_id: Mapped[int | None] = mapped_column(sa.ForeignKey("budget_line.id"))

    competition: Mapped[Competition] = relationship(back_populates="lots")
    budget_line: Mapped[BudgetLine | None] = relationship(foreign_keys=[budget_line_id])
    source_line: Mapped[BudgetLine | None] = relationship(foreign_keys=[source_line_id])

    __table_args__ = (
        sa.UniqueConstraint("competition_id", "code"),
        sa.CheckConstraint("fund_kop >= 0", name="fund_not_negative"),
        sa.CheckConstraint(
            "minimum_kop IS NULL OR maximum_kop IS NULL OR minimum_kop <= maximum_kop", name="limits_order"
        ),
    )


class Priority(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A priority direction of the competition, from the city's strategy."""

    __tablename__ = "priority"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    position: Mapped[int] = mapped_column(sa.Integer)
    code: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[str] = mapped_column(sa.String(300))

    competition: Mapped[Competition] = relationship(back_populates="priorities")

    __table_args__ = (sa.UniqueConstraint("competition_id", "code"),)


class Criterion(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A criterion: exact decimals are kept as text, never as float."""

    __tablename__ = "criterion"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    position: Mapped[int] = mapped_column(sa.Integer)
    code: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[str] = mapped_column(sa.String(300))
    # Guidance shown beside the scale: question, then bands [{"from": "9", "to": "10", "text": "…"}].
    question: Mapped[str] = mapped_column(sa.Text, default="")
    bands: Mapped[list[dict[str, str]]] = mapped_column(sa.JSON, default=list)
    minimum: Mapped[str] = mapped_column(sa.String(20), default="0")
    maximum: Mapped[str] = mapped_column(sa.String(20), default="10")
    step: Mapped[str] = mapped_column(sa.String(20), default="1")
    weight: Mapped[str] = mapped_column(sa.String(20), default="0")
    pass_mark: Mapped[str | None] = mapped_column(sa.String(20))
    counted: Mapped[bool] = mapped_column(sa.Boolean, default=True)

    competition: Mapped[Competition] = relationship(back_populates="criteria")

    __table_args__ = (sa.UniqueConstraint("competition_id", "code"),)


class CommissionSeat(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A person's office in the commission of one competition."""

    __tablename__ = "commission_seat"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    # chair | deputy | member | secretary (the secretary keeps the minutes and does not vote)
    office: Mapped[str] = mapped_column(sa.String(12))

    competition: Mapped[Competition] = relationship(back_populates="seats")
    user: Mapped[User] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("competition_id", "user_id"),
        sa.CheckConstraint("office IN ('chair', 'deputy', 'member', 'secretary')", name="office_known"),
    )


class DayOff(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A day on which terms do not end. Data the city edits: under martial law holidays are working days."""

    __tablename__ = "day_off"

    day: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(120), default="")


class CallVersion(db.Model):  # type: ignore[name-defined,misc]  # as above
    """What was announced, version by version: the texts and the form. Number 1 is the announcement itself."""

    __tablename__ = "call_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    number: Mapped[int] = mapped_column(sa.Integer)
    form_text: Mapped[str] = mapped_column(sa.Text)
    texts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)  # name of a text column -> its words
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    # What differs from the version before, in order: [{"place", "old", "new"}]
    changes: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    competition: Mapped[Competition] = relationship()

    __table_args__ = (sa.UniqueConstraint("competition_id", "number"),)


class CallAmendment(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A change of an announced call that is still being written: nobody but the staff sees it until it is published."""

    __tablename__ = "call_amendment"

    id: Mapped[int] = mapped_column(primary_key=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), unique=True)
    form_text: Mapped[str] = mapped_column(sa.Text)
    texts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)  # name of a text column -> its words
    begun_at: Mapped[datetime] = mapped_column(Instant)
    begun_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(sa.Integer)

    competition: Mapped[Competition] = relationship()

    __mapper_args__ = {"version_id_col": version}


class CallQuestion(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A question about a call and its answer: once answered, both are public. Who asked is never shown."""

    __tablename__ = "call_question"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(12), unique=True)
    competition_id: Mapped[int] = mapped_column(sa.ForeignKey("competition.id"), index=True)
    state: Mapped[CallQuestionState] = mapped_column(StateType(CallQuestionState), default=CallQuestionState.ASKED)
    text: Mapped[str] = mapped_column(sa.Text)
    # The words that are published: the secretary may take names and details out of the question.
    published_text: Mapped[str] = mapped_column(sa.Text, default="")
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    # Published words that were corrected later, oldest first: [{"at", "question", "answer", "reason"}]
    earlier: Mapped[list[dict[str, str]]] = mapped_column(sa.JSON, default=list)
    lang: Mapped[str] = mapped_column(sa.String(2), default="uk")
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(sa.Integer)

    competition: Mapped[Competition] = relationship()
    asked_by: Mapped[User] = relationship(foreign_keys=[asked_by_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def journal_code(self) -> str:
        """For the journal."""
        return self.code

    @property
    def journal_scope(self) -> str | None:
        """The competition."""
        return self.competition.code


class FrozenRulesError(RuntimeError):
    """Somebody tried to change a rule after the announcement: a bug of ours, stopped below every service."""


# What may still move after the announcement: the steps' own facts, and the dates that prolonging moves.
_MOVABLE = frozenset(
    "state intake_until scoring_until results_by notes announced_at intake_closed_at decided_at published_at version "
    "seats".split()
)
# What an amendment may move, in the unit that also writes its call version with the published reason.
_AMENDABLE = frozenset("form_text form_version title summary who_may_apply what_is_paid contact".split())
_LOT_MOVABLE = frozenset({"budget_line", "budget_line_id", "competition"})


@event.listens_for(Session, "before_flush")
def _refuse_change_of_frozen_rules(session: Session, _context: Any, _instances: Any) -> None:
    for thing in session.dirty:
        if isinstance(thing, Competition) and _was_frozen(thing):
            _refuse(thing, _MOVABLE | _AMENDABLE if _is_amended(session, thing) else _MOVABLE)
        elif isinstance(thing, Lot) and _was_frozen(thing.competition):
            _refuse(thing, _LOT_MOVABLE)
        elif isinstance(thing, Criterion | Priority) and _was_frozen(thing.competition):
            _refuse(thing, frozenset({"competition"}))
    for thing in (*session.new, *session.deleted):
        if isinstance(thing, Lot | Criterion | Priority) and _was_frozen(thing.competition):
            raise FrozenRulesError(f"{type(thing).__name__} {thing.code} of an announced competition")


def _is_amended(session: Session, competition: Competition) -> bool:
    """Whether the same flush adds the call version that the competition now has, with its reason."""
    return any(
        isinstance(new, CallVersion)
        and (new.competition is competition or new.competition_id == competition.id)
        and new.number == competition.form_version
        and new.reason.strip()
        for new in session.new
    )


def _was_frozen(competition: Competition | None) -> bool:
    if competition is None:
        return False
    _loaded = competition.rules_text  # an expired attribute has no history till it is read
    history: Any = sa.inspect(competition).attrs.rules_text.history  # SQLAlchemy leaves its parts untyped
    before = history.deleted or history.unchanged
    return bool(before) and before[0] is not None


def _refuse(thing: Any, movable: frozenset[str]) -> None:
    state = sa.inspect(thing)
    changed = {attribute.key for attribute in state.attrs if attribute.history.has_changes()} - movable
    if changed:
        raise FrozenRulesError(f"{type(thing).__name__}: {', '.join(sorted(changed))}")
