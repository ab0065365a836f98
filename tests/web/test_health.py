"""What the watchers of the service read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask, got_request_exception
from flask.testing import FlaskClient

from grants_app.database import db
from grants_app.web import access


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


@pytest.mark.breaks
@pytest.mark.sqlite_only
def test_fault_of_ours_has_a_code_and_tells_whoever_listens(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> str:
        raise ZeroDivisionError("секрет")

    heard: list[Exception] = []

    def listen(_app: Flask, exception: Exception, **_more: object) -> None:
        heard.append(exception)

    access.public(broken)
    monkeypatch.setitem(app.view_functions, "accounts.sign_in", broken)
    with got_request_exception.connected_to(listen):
        answer = client.get("/sign-in")
    code = re.search(r"\b[0-9A-F]{8}\b", answer.text)
    assert (answer.status_code, "секрет" in answer.text, [type(one) for one in heard]) == (
        500,
        False,
        [ZeroDivisionError],
    )
    assert code is not None
    assert f'"event_code": "{code.group()}"' in capsys.readouterr().err
