"""Tables of voucher programmes, consultants, vouchers, scopes, acts and claims."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.accounts.models import Organisation, User
from grants_app.budget.models import BudgetLine
from grants_app.core.types import Instant, Kop, StateType
from grants_app.database import db
from grants_app.lifecycle import ClaimState, ConsultantState, ProgrammeState, VoucherState


class VoucherProgramme(db.Model):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """A programme paid from grant money (partnership plan item 1.1.6), with its limits."""

    __tablename__ = "voucher_programme"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    year: Mapped[int] = mapped_column(sa.Integer)
    state: Mapped[ProgrammeState] = mapped_column(StateType(ProgrammeState), default=ProgrammeState.DRAFT)
    donor: Mapped[str] = mapped_column(sa.String(200))
    budget_line_id: Mapped[int] = mapped_column(sa.ForeignKey("budget_line.id"))
    face_kop: Mapped[int] = mapped_column(Kop)
    compensated_bp: Mapped[int] = mapped_column(sa.Integer)
    validity_days: Mapped[int] = mapped_column(sa.Integer, default=183)
    booking_days: Mapped[int] = mapped_column(sa.Integer, default=30)
    ends_on: Mapped[date] = mapped_column(sa.Date)
    live_per_organisation: Mapped[int] = mapped_column(sa.Integer, default=1)
    yearly_per_organisation: Mapped[int] = mapped_column(sa.Integer, default=2)
    payee: Mapped[str] = mapped_column(sa.String(13), default="to_consultant")
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(sa.Integer)

    budget_line: Mapped[BudgetLine] = relationship()
    offers: Mapped[list[ProgrammeService]] = relationship(back_populates="programme", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.CheckConstraint("face_kop > 0", name="face_positive"),
        sa.CheckConstraint("compensated_bp BETWEEN 1 AND 10000", name="share_sound"),
        sa.CheckConstraint("payee IN ('to_consultant', 'to_ngo')", name="payee_known"),
    )

    @property
    def journal_code(self) -> str:
        """For the journal."""
        return self.code

    @property
    def journal_scope(self) -> str | None:
        """A programme is its own scope."""
        return self.code


class CatalogueService(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A kind of consulting."""

    __tablename__ = "catalogue_service"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    title_uk: Mapped[str] = mapped_column(sa.String(200))
    title_en: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[str] = mapped_column(sa.String(10))  # simple | complex
    minimum_consultants: Mapped[int] = mapped_column(sa.Integer, default=1)


class ProgrammeService(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A service that a programme pays for, with the ceilings of hours and of the hourly rate."""

    __tablename__ = "programme_service"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey("voucher_programme.id"), index=True)
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("catalogue_service.id"))
    max_hours_milli: Mapped[int] = mapped_column(Kop)
    max_rate_kop: Mapped[int] = mapped_column(Kop)

    programme: Mapped[VoucherProgramme] = relationship(back_populates="offers")
    service: Mapped[CatalogueService] = relationship(lazy="joined")

    __table_args__ = (sa.UniqueConstraint("programme_id", "service_id"),)


class Consultant(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A provider of services. `tax_code` (ЄДРПОУ or РНОКПП) is never shown in public."""

    __tablename__ = "consultant"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    tax_code: Mapped[str] = mapped_column(sa.String(10))
    about: Mapped[str] = mapped_column(sa.Text, default="")
    services: Mapped[list[str]] = mapped_column(sa.JSON, default=list)  # codes of the catalogue
    state: Mapped[ConsultantState] = mapped_column(StateType(ConsultantState), default=ConsultantState.APPLIED)
    created_at: Mapped[datetime] = mapped_column(Instant)

    user: Mapped[User] = relationship()

    @property
    def journal_code(self) -> str:
        """For the journal."""
        return self.code

    @property
    def journal_scope(self) -> str | None:
        """Consultants belong to no programme."""
        return None


class Voucher(db.Model):  # type: ignore[name-defined,misc]  # as above
    """One voucher from request to payment. `key` addresses the request, `code` (128 bits) exists once issued."""

    __tablename__ = "voucher"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    code: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    number: Mapped[int | None] = mapped_column(sa.Integer)
    programme_id: Mapped[int] = mapped_column(sa.ForeignKey("voucher_programme.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    service_id: Mapped[int] = mapped_column(sa.ForeignKey("catalogue_service.id"))
    state: Mapped[VoucherState] = mapped_column(StateType(VoucherState), default=VoucherState.REQUESTED)
    need: Mapped[str] = mapped_column(sa.Text)
    self_assessment: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    face_kop: Mapped[int] = mapped_column(Kop)
    compensated_bp: Mapped[int] = mapped_column(sa.Integer)
    requested_at: Mapped[datetime] = mapped_column(Instant)
    requested_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    answer_due: Mapped[date] = mapped_column(sa.Date)
    issued_at: Mapped[datetime | None] = mapped_column(Instant)
    issued_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    book_until: Mapped[datetime | None] = mapped_column(Instant)
    valid_until: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(sa.Text)

    programme: Mapped[VoucherProgramme] = relationship()
    organisation: Mapped[Organisation] = relationship()
    service: Mapped[CatalogueService] = relationship()
    scope: Mapped[ServiceScope | None] = relationship(back_populates="voucher")
    act: Mapped[ServiceAct | None] = relationship(back_populates="voucher")
    claim: Mapped[Claim | None] = relationship(back_populates="voucher")

    __table_args__ = (
        sa.UniqueConstraint("programme_id", "number"),
        sa.CheckConstraint("(code IS NULL) = (issued_at IS NULL)", name="code_with_issue"),
        sa.CheckConstraint(
            "state NOT IN ('issued', 'booked', 'delivered', 'redeemed', 'expired') OR code IS NOT NULL",
            name="issued_code",
        ),
        sa.Index("ix_voucher_programme_id_state", "programme_id", "state"),
    )

    @property
    def journal_code(self) -> str:
        """Programme and number, or the key of the request: the code itself is a secret of its holder."""
        return f"{self.programme.code}/{self.number}" if self.number is not None else self.key

    @property
    def journal_scope(self) -> str | None:
        """The programme."""
        return self.programme.code


class ServiceScope(db.Model):  # type: ignore[name-defined,misc]  # as above
    """«Технічне завдання»: what, how many hours, at what rate; signed by both before any work."""

    __tablename__ = "service_scope"

    id: Mapped[int] = mapped_column(primary_key=True)
    voucher_id: Mapped[int] = mapped_column(sa.ForeignKey("voucher.id"), unique=True)
    consultant_id: Mapped[int] = mapped_column(sa.ForeignKey("consultant.id"), index=True)
    description: Mapped[str] = mapped_column(sa.Text)
    hours_milli: Mapped[int] = mapped_column(Kop)
    rate_kop: Mapped[int] = mapped_column(Kop)
    price_kop: Mapped[int] = mapped_column(Kop)
    starts_on: Mapped[date] = mapped_column(sa.Date)
    ends_on: Mapped[date] = mapped_column(sa.Date)
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    ngo_signed_at: Mapped[datetime | None] = mapped_column(Instant)
    ngo_signed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    consultant_signed_at: Mapped[datetime | None] = mapped_column(Instant)
    content_digest: Mapped[str] = mapped_column(sa.String(64))

    voucher: Mapped[Voucher] = relationship(back_populates="scope")
    consultant: Mapped[Consultant] = relationship()

    __table_args__ = (sa.CheckConstraint("starts_on <= ends_on", name="days_order"),)


class ServiceAct(db.Model):  # type: ignore[name-defined,misc]  # as above
    """«Акт наданих послуг» with the requisites of Law 996-XIV, Art. 9; signed by both."""

    __tablename__ = "service_act"

    id: Mapped[int] = mapped_column(primary_key=True)
    voucher_id: Mapped[int] = mapped_column(sa.ForeignKey("voucher.id"), unique=True)
    consultant_id: Mapped[int] = mapped_column(sa.ForeignKey("consultant.id"))
    number: Mapped[str] = mapped_column(sa.String(40))
    day: Mapped[date] = mapped_column(sa.Date)
    content: Mapped[str] = mapped_column(sa.Text)
    hours_milli: Mapped[int] = mapped_column(Kop)
    total_kop: Mapped[int] = mapped_column(Kop)
    consultant_signed_at: Mapped[datetime] = mapped_column(Instant)
    ngo_signed_at: Mapped[datetime | None] = mapped_column(Instant)
    ngo_signed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    content_digest: Mapped[str] = mapped_column(sa.String(64))

    voucher: Mapped[Voucher] = relationship(back_populates="act")

    # One consultant never uses an act number twice: the same act cannot be paid under two vouchers.
    __table_args__ = (sa.UniqueConstraint("consultant_id", "number"),)


class Claim(db.Model):  # type: ignore[name-defined,misc]  # as above
    """«Заявка на компенсацію»: one a voucher; issuer, checker and payer are three people."""

    __tablename__ = "claim"

    id: Mapped[int] = mapped_column(primary_key=True)
    voucher_id: Mapped[int] = mapped_column(sa.ForeignKey("voucher.id"), unique=True)
    consultant_id: Mapped[int] = mapped_column(sa.ForeignKey("consultant.id"))
    state: Mapped[ClaimState] = mapped_column(StateType(ClaimState), default=ClaimState.DRAFT)
    invoice_number: Mapped[str] = mapped_column(sa.String(40))
    invoice_day: Mapped[date] = mapped_column(sa.Date)
    payee_iban: Mapped[str] = mapped_column(sa.String(29))
    copayment_proof: Mapped[str] = mapped_column(sa.String(200))
    eligible_kop: Mapped[int] = mapped_column(Kop)
    amount_kop: Mapped[int] = mapped_column(Kop)
    deciding_limit: Mapped[str] = mapped_column(sa.String(12))  # face | share
    rating: Mapped[int] = mapped_column(sa.Integer)
    feedback: Mapped[str] = mapped_column(sa.Text, default="")
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    submitted_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    checked_at: Mapped[datetime | None] = mapped_column(Instant)
    checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    paid_at: Mapped[datetime | None] = mapped_column(Instant)
    paid_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    payment_reference: Mapped[str | None] = mapped_column(sa.String(80))
    reason: Mapped[str | None] = mapped_column(sa.Text)

    voucher: Mapped[Voucher] = relationship(back_populates="claim")
    consultant: Mapped[Consultant] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("consultant_id", "invoice_number"),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating_sound"),
        sa.CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid_at_known"),
        sa.CheckConstraint("state NOT IN ('approved', 'paid') OR checked_by_id IS NOT NULL", name="checker_known"),
    )

    @property
    def journal_code(self) -> str:
        """The voucher's name in the journal."""
        return self.voucher.journal_code

    @property
    def journal_scope(self) -> str | None:
        """The programme."""
        return self.voucher.programme.code
