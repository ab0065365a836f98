"""A running voucher programme with its people."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import Membership, Organisation, RoleGrant, User
from grants_app.budget import services as budget
from grants_app.budget.models import BudgetLine
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.permissions import ORGANISATION_ROLES, Role
from grants_app.vouchers.models import CatalogueService, Consultant, Voucher, VoucherProgramme
from grants_app.vouchers.rules import AREAS
from grants_app.vouchers.services import claim as claims
from grants_app.vouchers.services import delivery
from grants_app.vouchers.services import programme as programmes
from grants_app.vouchers.services import request as requests
from tests.support.time import FrozenClock

NEED = "Нам потрібен статут, який дозволяє отримувати гранти від міжнародних донорів."
IBAN = "UA213223130000026007233566001"
CODES = ("32855961", "03084813", "00032112")


def add_user(name: str, *roles: Role) -> User:
    """A person with roles, inside a running unit."""
    user = User(
        email=f"{name}@example.org",
        full_name=name,
        lang="uk",
        active=True,
        fs_uniquifier=secrets.token_hex(16),
        created_at=product_clock.now(),
        failed_sign_ins=0,
    )
    db.session.add(user)
    db.session.flush()
    for role in roles:
        db.session.add(RoleGrant(user_id=user.id, role=role, granted_at=product_clock.now()))
    db.session.flush()
    return user


def add_organisation(edrpou: str, head: User) -> Organisation:
    """An organisation with its head, inside a running unit."""
    organisation = Organisation(
        edrpou=edrpou,
        name=f"ГО «Приклад {edrpou}»",
        short_name=f"Приклад {edrpou}",
        registered_on=date(2020, 1, 1),
        head_name=head.full_name,
        created_at=product_clock.now(),
    )
    db.session.add(organisation)
    db.session.flush()
    role = Role.NGO_HEAD
    assert role in ORGANISATION_ROLES
    db.session.add(Membership(user_id=head.id, organisation_id=organisation.id, role=role, since=product_clock.now()))
    db.session.flush()
    return organisation


@dataclass
class Desk:
    """The people and things of a programme, by id so that they survive transactions."""

    ids: dict[str, int]

    def user(self, name: str) -> User:
        return db.session.get_one(User, self.ids[name])

    @property
    def programme(self) -> VoucherProgramme:
        return db.session.get_one(VoucherProgramme, self.ids["programme"])

    @property
    def line(self) -> BudgetLine:
        return self.programme.budget_line

    @property
    def consultant(self) -> Consultant:
        return db.session.scalars(sa.select(Consultant)).one()

    def organisation(self, index: int = 0) -> Organisation:
        return db.session.get_one(Organisation, self.ids[f"organisation{index}"])

    @property
    def service(self) -> CatalogueService:
        return db.session.scalars(sa.select(CatalogueService).filter_by(code="legal")).one()

    def requested(self, index: int = 0) -> int:
        """A request of an organisation; the id of the voucher."""
        with unit_of_work():
            return requests.request_voucher(
                self.programme,
                self.organisation(index),
                self.service,
                need=NEED,
                self_assessment={code: 3 for code, _ in AREAS},
                by=self.user(f"head{index}"),
            ).id

    def issued(self, index: int = 0) -> int:
        """An issued voucher of an organisation."""
        voucher_id = self.requested(index)
        with unit_of_work():
            requests.issue_voucher(voucher(voucher_id), by=self.user("operator"))
        return voucher_id

    def proposed(self, voucher_id: int, *, hours_milli: int = 20_000, rate_kop: int = 100_000) -> None:
        """The scope proposed and signed by the head."""
        today = product_clock.today()
        with unit_of_work():
            delivery.propose_scope(
                voucher(voucher_id),
                self.consultant,
                description="Нова редакція статуту і супровід реєстрації змін",
                hours_milli=hours_milli,
                rate_kop=rate_kop,
                starts_on=today,
                ends_on=today + timedelta(days=20),
                by=self.user("head0"),
            )

    def delivered(self, **scope: int) -> int:
        """A voucher whose service has been delivered and confirmed."""
        voucher_id = self.issued()
        self.proposed(voucher_id, **scope)
        with unit_of_work():
            found = voucher(voucher_id)
            assert found.scope is not None
            delivery.sign_scope(found, by=self.user("consultant"), digest=found.scope.content_digest)
        with unit_of_work():
            delivery.file_act(
                voucher(voucher_id),
                number="7",
                day=product_clock.today(),
                content="Підготовлено нову редакцію статуту, зміни подано",
                hours_milli=scope.get("hours_milli", 20_000),
                by=self.user("consultant"),
            )
        with unit_of_work():
            found = voucher(voucher_id)
            assert found.act is not None
            delivery.sign_act(found, by=self.user("head0"), digest=found.act.content_digest)
        return voucher_id

    def claimed(self, **scope: int) -> int:
        """A delivered voucher with its claim sent."""
        voucher_id = self.delivered(**scope)
        with unit_of_work():
            claims.submit_claim(
                voucher(voucher_id),
                invoice_number="R-1",
                invoice_day=product_clock.today(),
                payee_iban=IBAN,
                copayment_proof="45 від 01.03.2027",
                rating=5,
                feedback="",
                by=self.user("head0"),
            )
        return voucher_id


def voucher(voucher_id: int) -> Voucher:
    """The voucher as it is stored now."""
    return db.session.get_one(Voucher, voucher_id)


@pytest.fixture
def desk(app: Flask, clock: FrozenClock) -> Desk:
    """A programme of 40,000 UAH with face value 20,000 and share 80 %, one accredited consultant, three NGOs."""
    with unit_of_work():
        people = {
            "operator": add_user("operator", Role.VOUCHER_OPERATOR),
            "checker": add_user("checker", Role.VOUCHER_OPERATOR),
            "finance": add_user("finance", Role.FINANCE),
            "consultant": add_user("consultant", Role.CONSULTANT),
        }
        ids = {}
        for index, code in enumerate(CODES):
            head = people[f"head{index}"] = add_user(f"head{index}")
            ids[f"organisation{index}"] = add_organisation(code, head).id
        programmes.seed_catalogue()
        operator = people["operator"]
        line = budget.create_line(
            code="GRANT-1", title="Грант", year=2027, source="grant", limit_kop=4_000_000, by=operator
        )
        programme = programmes.create_programme(
            code="V-2027",
            title="Спроможні разом",
            year=2027,
            donor="Фонд «Приклад»",
            line=line,
            face_kop=2_000_000,
            compensated_bp=8000,
            ends_on=date(2027, 12, 15),
            by=operator,
        )
        legal = db.session.scalars(sa.select(CatalogueService).filter_by(code="legal")).one()
        programmes.offer_service(programme, legal, max_hours_milli=40_000, max_rate_kop=120_000, by=operator)
        programmes.activate_programme(programme, by=operator)
        programmes.apply_as_consultant(
            people["consultant"], name="ФОП Приклад", tax_code="1759013776", about="Право НГО", services=["legal"]
        )
        consultant = db.session.scalars(sa.select(Consultant)).one()
        programmes.accredit(consultant, by=operator)
        ids |= {name: user.id for name, user in people.items()} | {"programme": programme.id}
    return Desk(ids)
