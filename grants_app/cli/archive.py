"""`backup` and `restore`: the whole installation in one file, checked before it is believed.

The file is a tar: manifest.json (engine, revision, head of the journal, digest of every file), the database (SQLite: a
copy made by VACUUM INTO beside running writers; PostgreSQL: pg_dump's custom format) and the uploaded files. The
database is copied first: a row never refers to a file that was stored after it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.engine import URL

from grants_app.accounts.models import User
from grants_app.cli.invariants import broken_invariants
from grants_app.core import clock
from grants_app.database import db

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
FILES = "files"
HEAD_QUERY = "SELECT seq, hash FROM journal_head WHERE id = 1"


@click.command("backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(target: Path) -> None:
    """Write everything into TARGET, a .tar file that must not exist yet; people may go on working meanwhile."""
    if target.exists():
        raise click.ClickException(f"{target} exists already: a backup is never overwritten.")
    with tempfile.TemporaryDirectory(dir=target.resolve().parent, prefix=".backup-") as name:
        folder = Path(name)
        head = _dump_database(folder / DATABASE)
        manifest = _manifest(folder / DATABASE, head)
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
        partial = folder / "partial.tar"
        with tarfile.open(partial, "w") as archive:
            archive.add(folder / MANIFEST, MANIFEST)
            archive.add(folder / DATABASE, DATABASE)
            for relative in manifest["files"]:
                archive.add(_storage() / relative, f"{FILES}/{relative}")
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.rename(target)
    click.echo(f"{target}: journal up to {manifest['journal']['seq']}, {len(manifest['files'])} files.")


@click.command("restore")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def restore(source: Path) -> None:
    """Put SOURCE back into an empty installation, then recompute everything; the status is 1 when it disagrees."""
    _require_empty()
    with tempfile.TemporaryDirectory(prefix="grants-restore-") as name:
        folder = Path(name)
        manifest = _unpack(source, folder)
        for relative in manifest["files"]:
            path = _storage() / relative
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / FILES / relative, path)
        _load_database(folder / DATABASE)
    faults = broken_invariants()
    head = _head()
    if head != manifest["journal"]:
        faults.append(f"the journal ends at {head['seq']}, the backup said {manifest['journal']['seq']}")
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    if manifest["secret_key"] != _key_fingerprint():
        click.echo("The secret key is another one: everybody has to sign in again.")
    click.echo(f"Restored as of {manifest['created_at']}: journal up to {head['seq']}, {len(manifest['files'])} files.")


def _manifest(database: Path, head: dict[str, Any]) -> dict[str, Any]:
    with db.engine.connect() as connection:
        from alembic.migration import MigrationContext  # here: web workers load this module and never migrate

        revision = MigrationContext.configure(connection).get_current_revision()
    return {
        "format": FORMAT,
        "engine": db.engine.dialect.name,
        "created_at": clock.now().isoformat(timespec="seconds"),
        "revision": revision,
        "journal": head,
        "secret_key": _key_fingerprint(),
        "database": _digest(database),
        "files": {relative: _digest(_storage() / relative) for relative in _stored_files()},
    }


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """The manifest, after everything it names was found with the right digest."""
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (tarfile.TarError, OSError, ValueError) as error:
        raise click.ClickException(f"{source} is not a backup that can be read: {error}") from error
    engine = db.engine.dialect.name
    if manifest.get("format") != FORMAT or manifest.get("engine") != engine:
        raise click.ClickException(
            f"The backup is of {manifest.get('engine')} in format {manifest.get('format')}; "
            f"this installation runs on {engine} and reads format {FORMAT}."
        )
    expected = {DATABASE: manifest["database"], **{f"{FILES}/{name}": it for name, it in manifest["files"].items()}}
    damaged = [
        name for name, digest in expected.items() if not (folder / name).is_file() or _digest(folder / name) != digest
    ]
    if damaged:
        raise click.ClickException(f"The backup is damaged, nothing was restored: {', '.join(sorted(damaged)[:5])}")
    return manifest


def _require_empty() -> None:
    tables = sa.inspect(db.engine).get_table_names()
    if User.__tablename__ in tables and db.session.scalar(sa.select(User.id).limit(1)) is not None:
        raise click.ClickException("This installation has people in it: restore into an empty one.")
    db.session.remove()


def _dump_database(target: Path) -> dict[str, Any]:
    """Copy the database; gives the head of the journal as it stands in the copy, while others go on writing."""
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "sqlite":
            driver: Any = connection.connection.driver_connection
            driver.execute("VACUUM INTO ?", (str(target),))
            with closing(sqlite3.connect(target)) as copy:
                return _head_of(copy.execute(HEAD_QUERY).fetchone())
        connection.execution_options(isolation_level="REPEATABLE READ")
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        head = _head_of(connection.exec_driver_sql(HEAD_QUERY).fetchone())
        options = ("--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={target}")
        _run("pg_dump", *options, _libpq_address())
        return head


def _load_database(source: Path) -> None:
    db.session.remove()
    if db.engine.dialect.name != "sqlite":
        address = f"--dbname={_libpq_address()}"
        _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error", address, str(source))
        return
    path = Path(str(db.engine.url.database))
    db.engine.dispose()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    partial = path.with_name(path.name + ".restored")
    shutil.copyfile(source, partial)
    partial.replace(path)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise click.ClickException(f"{command[0]} is not installed: it comes with PostgreSQL's client.") from error
    if done.returncode:
        raise click.ClickException(f"{command[0]} failed: {done.stderr.strip()[-500:]}")


def _libpq_address() -> str:
    url: URL = db.engine.url
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _head() -> dict[str, Any]:
    with db.engine.connect() as connection:
        return _head_of(connection.exec_driver_sql(HEAD_QUERY).fetchone())


def _head_of(row: Any) -> dict[str, Any]:
    return {"seq": row[0], "hash": row[1]} if row else {"seq": 0, "hash": ""}


def _storage() -> Path:
    return Path(current_app.config["STORAGE_PATH"])


def _stored_files() -> Iterator[str]:
    if current_app.config["SETTINGS"].storage_bucket:
        click.echo("The files in the object store are not in the backup: keep versions of the bucket.", err=True)
        return
    folder = _storage()
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        relative = PurePosixPath(path.relative_to(folder))
        if path.is_file() and relative.parts[0] != "tmp":  # what is still being received belongs to nobody yet
            yield relative.as_posix()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _key_fingerprint() -> str:
    key = str(current_app.config["SECRET_KEY"])
    return hashlib.sha256(b"grants-key-fingerprint\n" + key.encode()).hexdigest()[:16]


COMMANDS = (backup, restore)
