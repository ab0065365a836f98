"""The first account of an installation, and what comes with it."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.database import db
from grants_app.reports.models import PlanMeasure
from grants_app.vouchers.models import CatalogueService

WORDS = ["users", "first-administrator", "--email", "root@city.example", "--name", "Орест Калина"]


def test_first_administrator_comes_with_the_shipped_lists(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=[*WORDS, "--password", "горобина-над-річкою-48"])
    assert done.exit_code == 0, done.output
    db.session.rollback()
    assert db.session.scalars(sa.select(User.email)).all() == ["root@city.example"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PlanMeasure)) == 27
    assert (db.session.scalar(sa.select(sa.func.count()).select_from(CatalogueService)) or 0) > 0


def test_first_administrator_refused_where_there_is_one(app: Flask) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=[*WORDS, "--password", "горобина-над-річкою-48"])
    again = runner.invoke(args=[*WORDS, "--password", "горобина-над-річкою-48"])
    assert again.exit_code == 1
    assert "Error: " in again.output
