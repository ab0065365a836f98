"""What is only added, the database itself refuses to change or delete."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.budget.services import create_line
from grants_app.database import db, unit_of_work
from grants_app.journal.services import SYSTEM


@pytest.mark.parametrize("table", ["journal_entry", "budget_entry"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET actor_id = 7", "DELETE FROM {}"], ids=["update", "delete"])
def test_row_once_added_stays(app: Flask, table: str, statement: str) -> None:
    with unit_of_work():
        create_line(code="2027-TEST", title="Тестовий рядок", year=2027, source="city", limit_kop=100, by=SYSTEM)
    with pytest.raises(sa.exc.DBAPIError, match=f"rows of {table} are only added"), db.engine.begin() as connection:
        connection.exec_driver_sql(statement.format(table))
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE actor_id IS NULL").scalar() == 1


@pytest.mark.postgres_only
@pytest.mark.parametrize("table", ["journal_entry", "budget_entry"])
def test_table_never_emptied(app: Flask, table: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="only added"), db.engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {table}")
