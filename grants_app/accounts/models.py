"""Tables of people, role grants, organisations, memberships and invitations."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from flask_security.core import UserMixin  # the sign-in library reads these attributes of a person
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants_app.core.types import Instant, StateType
from grants_app.database import db
from grants_app.lifecycle import JoinRequestState
from grants_app.permissions import ROLE_LABELS, Permission, Role, permissions_of


class User(db.Model, UserMixin):  # type: ignore[name-defined,misc]  # Flask-SQLAlchemy builds db.Model at run time
    """A person who signs in."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    password: Mapped[str | None] = mapped_column(sa.String(255))
    full_name: Mapped[str] = mapped_column(sa.String(160))
    phone: Mapped[str | None] = mapped_column(sa.String(20))
    lang: Mapped[str] = mapped_column(sa.String(2), default="uk")
    active: Mapped[bool] = mapped_column(sa.Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(Instant)
    failed_sign_ins: Mapped[int] = mapped_column(sa.Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)
    # Letters: each at once, or the unhurried ones together once a day.
    letters_by: Mapped[str] = mapped_column(sa.String(10), default="at_once", server_default="at_once")
    # Second factor: the sealed secret of an authenticator, the last step used (no code works twice), digests of
    # recovery codes that are left.
    totp_sealed: Mapped[str | None] = mapped_column(sa.Text)
    totp_since: Mapped[datetime | None] = mapped_column(Instant)
    totp_last_step: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    recovery_digests: Mapped[list[str]] = mapped_column(sa.JSON, default=list, server_default="[]")

    grants: Mapped[list[RoleGrant]] = relationship(
        back_populates="user", foreign_keys="RoleGrant.user_id", lazy="selectin", cascade="all, delete-orphan"
    )
    memberships: Mapped[list[Membership]] = relationship(
        back_populates="user", lazy="selectin", cascade="all, delete-orphan"
    )

    @property
    def roles(self) -> frozenset[Role]:  # type: ignore[override]  # computed, not a table of the sign-in library
        """Every role the person holds now, through grants and through organisations."""
        granted = {grant.role for grant in self.grants if grant.ended_at is None}
        return frozenset(granted | {membership.role for membership in self.memberships if membership.ended_at is None})

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the person may do somewhere."""
        return permissions_of(self.roles)

    def can(self, permission: Permission) -> bool:
        """Whether some role of the person carries the permission."""
        return self.active and permission in self.permissions

    def role_in(self, organisation_id: int | None) -> Role | None:
        """The person's role in an organisation, if any."""
        for membership in self.memberships:
            if membership.organisation_id == organisation_id and membership.ended_at is None:
                return membership.role
        return None

    @property
    def organisation_ids(self) -> frozenset[int]:
        """Organisations the person acts for."""
        return frozenset(m.organisation_id for m in self.memberships if m.ended_at is None)

    @property
    def actor_id(self) -> int | None:
        """For the journal."""
        return self.id

    @property
    def actor_label(self) -> str:
        """For the journal: a number, not a name, so that the chain holds no personal data."""
        return f"user:{self.id}"

    @property
    def display_name(self) -> str:
        """For pages."""
        return self.full_name

    @property
    def role_label(self) -> str:
        """The first role in the order of the role list, as an English msgid."""
        for role in Role:
            if role in self.roles:
                return ROLE_LABELS[role]
        return "No role yet"


class RoleGrant(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A role given by an administrator; ended, never deleted."""

    __tablename__ = "role_grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    role: Mapped[Role] = mapped_column(
        sa.Enum(Role, native_enum=False, length=30, values_callable=lambda roles: [role.value for role in roles])
    )
    granted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    granted_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User] = relationship(back_populates="grants", foreign_keys=[user_id])


class Organisation(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A civil society organisation, known by its ЄДРПОУ code."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    edrpou: Mapped[str] = mapped_column(sa.String(8), unique=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    short_name: Mapped[str] = mapped_column(sa.String(120))
    kind: Mapped[str] = mapped_column(sa.String(30), default="ngo")
    registered_on: Mapped[date] = mapped_column(sa.Date)
    nonprofit_code: Mapped[str] = mapped_column(sa.String(4), default="0032")
    legal_address: Mapped[str] = mapped_column(sa.String(300), default="")
    actual_address: Mapped[str] = mapped_column(sa.String(300), default="")
    katottg: Mapped[str] = mapped_column(sa.String(19), default="")
    head_name: Mapped[str] = mapped_column(sa.String(160), default="")
    head_position: Mapped[str] = mapped_column(sa.String(120), default="")
    contact_email: Mapped[str] = mapped_column(sa.String(254), default="")
    contact_phone: Mapped[str] = mapped_column(sa.String(20), default="")
    website: Mapped[str] = mapped_column(sa.String(200), default="")
    nonprofit_decision: Mapped[str] = mapped_column(sa.String(120), default="", server_default="")  # day and number
    # Asked only when a contract needs it; never shown to others.
    iban: Mapped[str | None] = mapped_column(sa.String(29))
    # The public directory: shown only when the head has agreed.
    is_listed: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())
    listed_at: Mapped[datetime | None] = mapped_column(Instant)
    about: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    fields: Mapped[list[str]] = mapped_column(sa.JSON, default=list, server_default="[]")  # fields of activity, codes
    district: Mapped[str] = mapped_column(sa.String(80), default="", server_default="")
    # A code whose check digit is wrong: an administrator let it in, with the reason.
    edrpou_reason: Mapped[str | None] = mapped_column(sa.Text)
    edrpou_reason_by_id: Mapped[int | None] = mapped_column(sa.Integer)
    # Came from a file of the city's register: nobody has signed in for it yet.
    is_imported: Mapped[bool] = mapped_column(sa.Boolean, default=False, server_default=sa.false())
    created_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(sa.Integer)

    memberships: Mapped[list[Membership]] = relationship(back_populates="organisation", cascade="all, delete-orphan")
    governing: Mapped[list[GoverningPerson]] = relationship(
        back_populates="organisation", order_by="GoverningPerson.id", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (sa.CheckConstraint("length(edrpou) = 8", name="edrpou_length"),)


class GoverningPerson(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A founder, a member of a governing body, an ultimate beneficiary: for the check of conflicts only."""

    __tablename__ = "governing_person"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    full_name: Mapped[str] = mapped_column(sa.String(160))
    office: Mapped[str] = mapped_column(sa.String(160), default="")

    organisation: Mapped[Organisation] = relationship(back_populates="governing")


class JoinRequest(db.Model):  # type: ignore[name-defined,misc]  # as above
    """Somebody asks to be let into an organisation that has an account already; its head (or the city) decides."""

    __tablename__ = "join_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    role: Mapped[Role] = mapped_column(
        sa.Enum(Role, native_enum=False, length=30, values_callable=lambda roles: [role.value for role in roles])
    )
    state: Mapped[JoinRequestState] = mapped_column(StateType(JoinRequestState), default=JoinRequestState.ASKED)
    message: Mapped[str] = mapped_column(sa.Text, default="")
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    version: Mapped[int] = mapped_column(sa.Integer)

    organisation: Mapped[Organisation] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        # One open request of a person to an organisation, however often the button is pressed.
        sa.Index(
            "uq_join_request_open",
            "organisation_id",
            "user_id",
            unique=True,
            sqlite_where=sa.text("state = 'asked'"),
            postgresql_where=sa.text("state = 'asked'"),
        ),
    )

    @property
    def journal_code(self) -> str:
        """For the journal."""
        return self.code

    @property
    def journal_scope(self) -> str | None:
        """Belongs to no competition."""
        return None


class OrganisationDocument(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A paper in the organisation's own library, attached to any application; the bytes lie in the storage."""

    __tablename__ = "organisation_document"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(60))
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    file_name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int] = mapped_column(sa.Integer)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    valid_until: Mapped[date | None] = mapped_column(sa.Date)
    uploaded_at: Mapped[datetime] = mapped_column(Instant)
    uploaded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    # Replaced or taken out: applications that used it keep their own row.
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    organisation: Mapped[Organisation] = relationship()


class Membership(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A person's place in an organisation."""

    __tablename__ = "membership"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    role: Mapped[Role] = mapped_column(
        sa.Enum(Role, native_enum=False, length=30, values_callable=lambda roles: [role.value for role in roles])
    )
    since: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship(back_populates="memberships", lazy="joined")

    __table_args__ = (
        sa.UniqueConstraint("user_id", "organisation_id"),
        # One head at a time, whoever clicks together.
        sa.Index(
            "uq_membership_head",
            "organisation_id",
            unique=True,
            sqlite_where=sa.text("role = 'ngo_head' AND ended_at IS NULL"),
            postgresql_where=sa.text("role = 'ngo_head' AND ended_at IS NULL"),
        ),
    )


class Invitation(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A single-use invitation by mail: into an organisation or into a role. Only the token's digest is stored."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    email: Mapped[str] = mapped_column(sa.String(254))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    role: Mapped[Role] = mapped_column(
        sa.Enum(Role, native_enum=False, length=30, values_callable=lambda roles: [role.value for role in roles])
    )
    invited_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    accepted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    organisation: Mapped[Organisation | None] = relationship()


class MailedLink(db.Model):  # type: ignore[name-defined,misc]  # as above
    """A single-use link sent by mail: to confirm an address or to choose a new password. Only the digest is stored."""

    __tablename__ = "mailed_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(sa.String(20))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User] = relationship()

    __table_args__ = (sa.CheckConstraint("purpose IN ('confirm', 'password')", name="purpose_known"),)
