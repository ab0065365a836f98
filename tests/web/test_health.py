"""What the watchers of the service read."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants_app.database import db


def test_alive_answers(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_ready_on_a_migrated_database(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"database": "ok", "storage": "ok"})


def test_ready_without_a_schema_is_503(app: Flask, client: FlaskClient) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"database": "not reachable, or never migrated", "storage": "ok"}


def test_ready_on_an_older_revision_is_503(app: Flask, client: FlaskClient) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["database"].startswith("at revision 0000, 0")


@pytest.mark.sqlite_only
def test_ready_with_a_storage_that_is_a_file_is_503(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "files").touch(mode=0o444)
    before = app.config["STORAGE_PATH"]
    app.config["STORAGE_PATH"] = str(tmp_path / "files")
    try:
        assert client.get("/readyz").status_code == 503
    finally:
        app.config["STORAGE_PATH"] = before
