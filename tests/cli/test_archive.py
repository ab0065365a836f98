"""The backup brings everything back, or says what is wrong with it and brings nothing."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.database import db, unit_of_work
from grants_app.journal.services import SYSTEM, record
from grants_app.permissions import Role
from tests.support.databases import Databases
from tests.support.visitors import new_person


@pytest.fixture
def storage(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """The folder of uploaded files, with one file in it."""
    before = app.config["STORAGE_PATH"]
    app.config["STORAGE_PATH"] = str(tmp_path / "files")
    (tmp_path / "files" / "ab").mkdir(parents=True)
    (tmp_path / "files" / "ab" / "abcd").write_bytes(b"an uploaded report")
    yield tmp_path / "files"
    app.config["STORAGE_PATH"] = before


@pytest.fixture
def backed_up(app: Flask, storage: Path, tmp_path: Path) -> Path:
    """A backup of one person, two journal entries and one file."""
    new_person(Role.SECRETARY)
    for step in ("first", "second"):
        with unit_of_work():
            record(thing="test", code="T-1", step=step, by=SYSTEM)
    result = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "city.tar")])
    assert result.exit_code == 0, result.output
    assert result.output.endswith("city.tar: journal up to 2, 1 files.\n")
    return tmp_path / "city.tar"


def empty_installation(app: Flask, databases: Databases, storage: Path) -> None:
    """A new machine: the schema and nothing in it."""
    db.session.remove()
    databases.renew(app)
    for path in sorted(storage.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def test_restored_installation_has_everything(app: Flask, databases: Databases, storage: Path, backed_up: Path) -> None:
    emails = db.session.scalars(sa.select(User.email)).all()
    empty_installation(app, databases, storage)
    assert db.session.scalars(sa.select(User.email)).all() == []
    result = app.test_cli_runner().invoke(args=["restore", str(backed_up)])
    assert result.exit_code == 0, result.output
    assert "journal up to 2, 1 files" in result.output
    assert db.session.scalars(sa.select(User.email)).all() == emails
    assert (storage / "ab" / "abcd").read_bytes() == b"an uploaded report"
    assert app.test_cli_runner().invoke(args=["journal", "verify"]).exit_code == 0


def test_restore_refuses_an_installation_with_people(app: Flask, backed_up: Path) -> None:
    result = app.test_cli_runner().invoke(args=["restore", str(backed_up)])
    assert (result.exit_code, result.output) == (
        1,
        "Error: This installation has people in it: restore into an empty one.\n",
    )


@pytest.mark.sqlite_only
def test_restore_of_a_damaged_file_brings_nothing(
    app: Flask, databases: Databases, storage: Path, backed_up: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.tar"
    with tarfile.open(backed_up) as source, tarfile.open(damaged, "w") as target:
        for member in source.getmembers():
            if not member.name.startswith("files/"):
                target.addfile(member, source.extractfile(member))
    empty_installation(app, databases, storage)
    result = app.test_cli_runner().invoke(args=["restore", str(damaged)])
    assert result.output == "Error: The backup is damaged, nothing was restored: files/ab/abcd\n"
    assert db.session.scalars(sa.select(User.id)).all() == []


@pytest.mark.sqlite_only
def test_backup_never_overwrites(app: Flask, storage: Path, backed_up: Path) -> None:
    before = backed_up.read_bytes()
    result = app.test_cli_runner().invoke(args=["backup", str(backed_up)])
    assert result.exit_code == 1
    assert backed_up.read_bytes() == before


@pytest.mark.sqlite_only
def test_restore_of_something_else_is_refused(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "letter.tar").write_bytes(b"not an archive")
    result = app.test_cli_runner().invoke(args=["restore", str(tmp_path / "letter.tar")])
    assert result.exit_code == 1
    assert "is not a backup that can be read" in result.output
