"""The partnership plan: all measures, targets over years, facts by hand with evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from grants_app.reports import services
from grants_app.reports.models import PlanMeasure
from grants_app.reports.queries import plan
from tests.support.time import FrozenClock
from tests.support.visitors import new_person


@pytest.fixture
def seeded(app: Flask, clock: FrozenClock) -> Flask:
    with unit_of_work():
        services.seed_plan()
    return app


def value_of(code: str, first: int, last: int) -> tuple[int | None, int | None, str]:
    rows = {row.code: row for row in plan.indicator_rows(first, last, "en")}
    return rows[code].value, rows[code].target, rows[code].standing


def test_all_measures_of_the_decision_listed_as_printed(seeded: Flask, shared_data: Path) -> None:
    printed = json.loads((shared_data / "strategy-plan-2023-2024" / "plan.json").read_text(encoding="utf-8"))
    rows = plan.measure_rows(2023, 2024, "uk")
    assert [(row.number, row.action, row.expected_results) for row in rows] == [
        (measure["number"], measure["action"], measure["expected_results"]) for measure in printed
    ]
    assert len(rows) == 27
    assert [row.number for row in rows if not row.indicators] == []


def test_plan_seeded_twice_stays_one(seeded: Flask) -> None:
    with unit_of_work():
        assert services.seed_plan() == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PlanMeasure)) == 27


def test_fact_counts_by_year_and_the_newest_wins(seeded: Flask) -> None:
    person = new_person(Role.ORGANIZER)
    for year, value in ((2025, 4), (2026, 3), (2026, 9)):
        with unit_of_work():
            services.enter_fact(
                plan.indicator_by_code("trainings"), year=year, value=value, evidence="Звіт відділу", by=person
            )
    assert value_of("trainings", 2025, 2025) == (4, 6, "behind")
    assert value_of("trainings", 2025, 2026) == (13, 12, "reached")
    assert value_of("trainings", 2024, 2024) == (None, 6, "open")


@pytest.mark.parametrize(
    ("year", "value", "evidence", "field"),
    [(2028, 1, "Протокол 12", "year"), (2026, -1, "Протокол 12", "value"), (2026, 1, "так", "evidence")],
)
def test_fact_refused_by_field(seeded: Flask, year: int, value: int, evidence: str, field: str) -> None:
    person = new_person(Role.ORGANIZER)
    with pytest.raises(InvalidInput) as refused, unit_of_work():
        services.enter_fact(plan.indicator_by_code("tot"), year=year, value=value, evidence=evidence, by=person)
    assert refused.value.field == field


def test_counted_indicator_is_not_entered_by_hand(seeded: Flask) -> None:
    person = new_person(Role.ORGANIZER)
    with pytest.raises(NotAllowed), unit_of_work():
        services.enter_fact(
            plan.indicator_by_code("vouchers_granted"), year=2026, value=4, evidence="Протокол 12", by=person
        )


def test_fact_by_a_stranger_refused(seeded: Flask) -> None:
    person = new_person(Role.NGO_HEAD)
    with pytest.raises(NotAllowed), unit_of_work():
        services.enter_fact(plan.indicator_by_code("tot"), year=2026, value=1, evidence="Протокол 12", by=person)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("language", ["uk", "en"])
def test_plan_page_lists_every_measure(seeded: Flask, client: FlaskClient, language: str) -> None:
    page = client.get(f"/reports/plan?lang={language}&from=2026&to=2027")
    assert page.status_code == 200
    assert page.text.count('<h4 class="govuk-heading-s"') == 27


@pytest.mark.sqlite_only
def test_plan_page_with_unknown_years_shows_the_plans_own(seeded: Flask, client: FlaskClient) -> None:
    assert "2023–2024" in client.get("/reports/plan?from=abc&to=1").text


@pytest.mark.sqlite_only
@pytest.mark.parametrize("suffix", ["json", "csv", "xlsx", "pdf"])
def test_plan_exported(seeded: Flask, client: FlaskClient, suffix: str) -> None:
    answer = client.get(f"/reports/plan.{suffix}?from=2023&to=2024")
    assert answer.status_code == 200
    if suffix == "json":
        assert len(answer.get_json()["rows"]) == 39


@pytest.mark.sqlite_only
def test_empty_account_pages_open(seeded: Flask, client: FlaskClient) -> None:
    assert client.get("/reports").status_code == 200
    assert client.get("/reports/competitions/2027-XXX").status_code == 404
