"""The reviewer's desk in tests: a budget to cut and a text to mark."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from grants_app.accounts.models import User
from grants_app.applications.models import Application, BudgetRow
from grants_app.database import db, unit_of_work
from tests.support.panel import REASON, Panel
from tests.support.visitors import visit_as

LINES = (
    ("services", "Тренерки, 20 занять", 2_000_000),
    ("rent", "Оренда зали", 0),
    ("printing", "Посібник двору, 500 примірників", 1_200_000),
    ("food", "Чай і печиво", 800_000),
)


def with_budget(application: Application) -> Application:
    """The application with four lines, three of which ask for the city's money: 40 000 in all."""
    with unit_of_work():
        application.budget_rows = []
        db.session.flush()
        application.budget_rows = [
            BudgetRow(
                position=position,
                category=category,
                item=item,
                unit="шт",
                qty_milli=1000,
                price_kop=city + 500_000,
                total_kop=city + 500_000,
                city_kop=city,
                own_cash_kop=500_000,
            )
            for position, (category, item, city) in enumerate(LINES, start=1)
        ]
    return application


def sheet_data(panel: Panel, points: str = "7", **changes: str) -> dict[str, str]:
    """A complete sheet as a browser sends it."""
    data = {"version": "0", "recommendation": "fund", "recommended_kop": "", "then": "finish"}
    for criterion in panel.competition.criteria:
        data[f"points_{criterion.code}"] = points
        data[f"reason_{criterion.code}"] = REASON
    return {**data, **changes}


def sheet_of(app: Flask, expert: User, application: Application) -> tuple[FlaskClient, str]:
    """A client in which the expert is signed in, and the address of their sheet."""
    return visit_as(app, expert), f"/reviews/{application.code}/sheet"
