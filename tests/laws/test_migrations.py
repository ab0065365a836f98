"""Migrations make exactly the schema of the models, and can be walked back, on both engines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade

from grants_app.competitions.models import CallVersion, Competition
from grants_app.competitions.rules.form import form_of_json, form_text
from grants_app.database import db
from tests.support.databases import MIGRATIONS, Databases, release

VERSIONS = sorted((MIGRATIONS / "versions").glob("*.py"))


@pytest.fixture
def empty(application_of_engine: Flask, databases: Databases) -> Iterator[Flask]:
    """The product on a database with nothing in it."""
    databases.renew(application_of_engine)
    with application_of_engine.app_context():
        downgrade(directory=str(MIGRATIONS), revision="base")
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
        yield application_of_engine
        release(application_of_engine)


def schema() -> dict[str, Any]:
    """What the database really holds, constraint by constraint."""
    inspector = sa.inspect(db.engine)
    found: dict[str, Any] = {}
    for table in sorted(inspector.get_table_names()):
        if table == "alembic_version":
            continue
        found[table] = {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)
            },
            "primary key": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": sorted(
                (key["name"] or "", tuple(key["constrained_columns"]), key["referred_table"])
                for key in inspector.get_foreign_keys(table)
            ),
            "unique": sorted(
                (key["name"] or "", tuple(key["column_names"])) for key in inspector.get_unique_constraints(table)
            ),
            "checks": sorted(
                (check["name"] or "", re.sub(r"\s+", " ", check["sqltext"]))
                for check in inspector.get_check_constraints(table)
            ),
            "indexes": sorted(
                (index["name"] or "", tuple(index["column_names"]), bool(index["unique"]))
                for index in inspector.get_indexes(table)
            ),
        }
    return found


def test_migrated_schema_equals_the_models(empty: Flask) -> None:
    upgrade(directory=str(MIGRATIONS))
    migrated = schema()
    with db.engine.connect() as connection:
        options = {"compare_type": True, "include_name": lambda name, kind, _: name != "alembic_version"}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata) == []
    downgrade(directory=str(MIGRATIONS), revision="base")
    db.create_all()
    assert migrated == schema()


def test_migrations_walk_down_and_up_again(empty: Flask) -> None:
    upgrade(directory=str(MIGRATIONS))
    first = schema()
    downgrade(directory=str(MIGRATIONS), revision="base")
    assert set(sa.inspect(db.engine).get_table_names()) == {"alembic_version"}
    upgrade(directory=str(MIGRATIONS))
    assert schema() == first


# Values for columns that may not be empty, by the kind of the column.
FILLERS: dict[type, object] = {str: "-", int: 1, bool: False, object: {}, datetime: datetime(2026, 3, 1, tzinfo=UTC)}


def stored(table: sa.Table, **values: object) -> None:
    """A row of an earlier schema, everything that is asked for and not named filled somehow."""
    needed = [column for column in table.columns if not column.nullable and not column.primary_key]
    row = {column.name: FILLERS[column.type.python_type] for column in needed} | values
    with db.engine.begin() as connection:
        connection.execute(table.insert().values(row))


def test_competition_announced_before_the_upgrade_gets_no_rule_that_was_not_announced(empty: Flask) -> None:
    upgrade(directory=str(MIGRATIONS), revision="0002")
    table = sa.Table("competition", sa.MetaData(), autoload_with=db.engine)
    kind = {"scoring_by": "experts"}
    moment = FILLERS[datetime]
    stored(table, code="2026-A", state="scoring", announced_at=moment, rules_text="{}", rules_hash="x", **kind)
    stored(table, code="2026-B", state="draft", **kind)
    upgrade(directory=str(MIGRATIONS))
    query = "SELECT code, divergence_rule, kept_experts, most_per_expert FROM competition ORDER BY code"
    with db.engine.connect() as connection:
        found = [tuple(row) for row in connection.exec_driver_sql(query)]
        lists = connection.execute(sa.select(Competition.blind_phases, Competition.required_fields)).all()
    assert found == [("2026-A", "none", 0, None), ("2026-B", "discuss", 0, None)]
    assert [tuple(row) for row in lists] == [([], []), ([], [])]


def test_call_announced_before_the_upgrade_keeps_the_form_it_was_announced_with(empty: Flask) -> None:
    upgrade(directory=str(MIGRATIONS), revision="0003")
    tables = sa.MetaData()
    calls, sent = (sa.Table(name, tables, autoload_with=db.engine) for name in ("competition", "application"))
    moment = FILLERS[datetime]
    kind = {"scoring_by": "experts", "divergence_rule": "none"}
    stored(calls, id=1, code="2026-A", title="Оголошений", state="open", announced_at=moment, **kind)
    stored(calls, id=2, code="2026-B", state="draft", **kind)
    stored(sent, id=1, key="a", code="2026-A-1", competition_id=1, state="submitted", submitted_at=moment)
    stored(sent, id=2, key="b", competition_id=1, state="draft")
    upgrade(directory=str(MIGRATIONS))
    query = "SELECT code, form_text IS NULL, form_version FROM competition ORDER BY code"
    with db.engine.connect() as connection:
        found = [(code, bool(is_none), version) for code, is_none, version in connection.exec_driver_sql(query)]
        version = connection.execute(sa.select(CallVersion)).mappings().one()
        frozen = connection.exec_driver_sql("SELECT form_text FROM competition WHERE code = '2026-A'").scalar_one()
        under = connection.exec_driver_sql("SELECT form_version FROM application ORDER BY id").scalars().all()
    assert found == [("2026-A", False, 1), ("2026-B", True, 1)]
    assert (version["competition_id"], version["number"], version["at"]) == (1, 1, moment)
    assert (version["texts"]["title"], version["form_text"]) == ("Оголошений", frozen)
    assert form_text(form_of_json(json.loads(frozen))) == frozen
    assert under == [1, None]
    downgrade(directory=str(MIGRATIONS), revision="0003")
    assert not {"call_version", "call_amendment"} & set(sa.inspect(db.engine).get_table_names())
    upgrade(directory=str(MIGRATIONS))
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM call_version").scalar() == 1


@pytest.mark.sqlite_only
def test_migration_keeps_foreign_keys_on(empty: Flask) -> None:
    """SQLite's keys are paused while tables are copied; the connection must not stay in that state."""
    upgrade(directory=str(MIGRATIONS))
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_revisions_numbered_in_one_line_up_to_the_head_file() -> None:
    numbers = [path.name.split("_")[0] for path in VERSIONS]
    assert numbers == [f"{number:04d}" for number in range(1, len(VERSIONS) + 1)]
    assert (MIGRATIONS / "HEAD").read_text(encoding="ascii").strip() == numbers[-1]
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [numbers[-1]]


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_revision_says_why(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.split('"""')[1].strip()) > 20
    assert "def downgrade() -> None:\n    pass" not in text
