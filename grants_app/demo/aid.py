"""Vouchers: a donor's programme, four vouchers at different points of their way."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import sqlalchemy as sa

from grants_app.budget import services as budget
from grants_app.core import clock
from grants_app.database import db
from grants_app.demo.cast import Club
from grants_app.demo.stage import Stage
from grants_app.vouchers.models import CatalogueService, Claim, Consultant, Voucher, VoucherProgramme
from grants_app.vouchers.rules import AREAS
from grants_app.vouchers.services import claim, delivery, programme, request

IBAN = "UA213223130000026007233566001"  # the published example of the format
OFFERS = {"legal": (20, 900), "budget": (20, 800), "diagnostics": (16, 1_000), "pr": (24, 700), "roadmap": (40, 900)}


def open_programme(stage: Stage, code: str, day: date) -> None:
    """The operator opens the programme on a donor's money and accredits a consultant."""
    stage.at(day, 9)

    def create() -> None:
        operator = stage.user("operator")
        programme.seed_catalogue()
        line = budget.create_line(
            code=f"GRANT-{code}", title="Грант фонду «Приклад» на розвиток організацій", year=day.year,
            source="grant", limit_kop=12_000_000, by=operator,
        )  # fmt: skip
        programme.create_programme(
            code=code, title="Спроможні разом", year=day.year, donor="Фонд «Приклад»", line=line,
            face_kop=1_600_000, compensated_bp=8000, ends_on=day + timedelta(days=600), by=operator,
        )  # fmt: skip

    stage.do(create)
    for service, (hours, rate) in OFFERS.items():
        stage.do(
            partial(
                programme.offer_service,
                _programme(code),
                _service(service),
                max_hours_milli=hours * 1000,
                max_rate_kop=rate * 100,
                by=stage.user("operator"),
            )
        )
    stage.do(lambda: programme.activate_programme(_programme(code), by=stage.user("operator")))
    stage.do(
        lambda: programme.apply_as_consultant(
            stage.user("consultant"),
            name="ФОП Зоряна Клен",
            tax_code="1759013776",
            about="Двадцять років допомагаю організаціям зі статутами, кошторисами й дорожніми картами.",
            services=sorted(OFFERS),
        )
    )
    stage.do(lambda: programme.accredit(_consultant(), by=stage.user("operator")))


def use_vouchers(stage: Stage, code: str, day: date, holders: list[Club]) -> None:
    """One voucher is used to the end, one is delivered with its claim sent, one is booked, one is just issued."""
    used, claimed, booked, issued, asking = holders[:5]
    for index, club in enumerate((used, claimed, booked)):
        stage.at(day + timedelta(days=index), 10)
        _request(stage, code, club)
        stage.at(day + timedelta(days=index + 3), 11)
        stage.do(partial(request.issue_voucher, _voucher(club), by=stage.user("operator")))
    for index, club in enumerate((used, claimed, booked)):
        stage.at(day + timedelta(days=8 + index), 12)
        _book(stage, club)
    for index, club in enumerate((used, claimed)):
        stage.at(day + timedelta(days=20 + index), 12)
        _deliver(stage, club, f"{index + 1}")
    stage.at(day + timedelta(days=24), 12)
    stage.do(lambda: claim.approve_claim(_claim(used), by=stage.user("checker")))
    stage.at(day + timedelta(days=26), 12)
    stage.do(lambda: claim.pay_claim(_claim(used), reference="ПД-118", by=stage.user("finance")))
    stage.at(day + timedelta(days=34), 10)
    _request(stage, code, issued)
    stage.at(day + timedelta(days=37), 11)
    stage.do(partial(request.issue_voucher, _voucher(issued), by=stage.user("operator")))
    stage.at(day + timedelta(days=40), 12)
    _request(stage, code, asking)
    stage.say(f"{code}: vouchers")


def _request(stage: Stage, code: str, club: Club) -> None:
    def ask() -> None:
        request.request_voucher(
            _programme(code),
            stage.organisation(club.edrpou),
            _service("legal"),
            need="Потрібна нова редакція статуту, щоб організація могла вести освітню діяльність.",
            self_assessment={area: 2 + index % 4 for index, (area, _) in enumerate(AREAS)},
            by=stage.user(club.login),
        )

    stage.do(ask)


def _book(stage: Stage, club: Club) -> None:
    today = clock.today()
    stage.do(
        lambda: delivery.propose_scope(
            _voucher(club),
            _consultant(),
            description="Нова редакція статуту та супровід реєстрації змін.",
            hours_milli=20_000,
            rate_kop=90_000,
            starts_on=today,
            ends_on=today + timedelta(days=30),
            by=stage.user(club.login),
        )
    )

    def sign() -> None:
        voucher = _voucher(club)
        assert voucher.scope is not None
        delivery.sign_scope(voucher, by=stage.user("consultant"), digest=voucher.scope.content_digest)

    stage.do(sign)


def _deliver(stage: Stage, club: Club, number: str) -> None:
    stage.do(
        lambda: delivery.file_act(
            _voucher(club),
            number=number,
            day=clock.today(),
            content="Підготовлено нову редакцію статуту, зміни зареєстровано.",
            hours_milli=20_000,
            by=stage.user("consultant"),
        )
    )

    def confirm() -> None:
        voucher = _voucher(club)
        assert voucher.act is not None
        delivery.sign_act(voucher, by=stage.user(club.login), digest=voucher.act.content_digest)

    stage.do(confirm)
    stage.do(
        lambda: claim.submit_claim(
            _voucher(club),
            invoice_number=f"Р-{number}",
            invoice_day=clock.today(),
            payee_iban=IBAN,
            copayment_proof=f"платіжна інструкція {number}",
            rating=5,
            feedback="Статут зареєстровано з першого разу.",
            by=stage.user(club.login),
        )
    )


def _programme(code: str) -> VoucherProgramme:
    return db.session.scalars(sa.select(VoucherProgramme).filter_by(code=code)).one()


def _service(code: str) -> CatalogueService:
    return db.session.scalars(sa.select(CatalogueService).filter_by(code=code)).one()


def _consultant() -> Consultant:
    return db.session.scalars(sa.select(Consultant)).one()


def _voucher(club: Club) -> Voucher:
    return db.session.scalars(sa.select(Voucher).filter(Voucher.organisation.has(edrpou=club.edrpou))).one()


def _claim(club: Club) -> Claim:
    found = _voucher(club).claim
    assert found is not None
    return found
