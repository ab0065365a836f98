"""Databases for tests: the schema is made once per engine, every test gets its own fresh copy."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from config import Settings
from grants_app import create_app
from grants_app.database import db
from tests.support import cluster

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
TEMPLATE = "grants_template"
# Letters stay in memory; a token in every posted form would test Flask-WTF, not us (the laws test that it is on).
TEST_CONFIG = {
    "TESTING": True,
    "WTF_CSRF_ENABLED": False,
    "MAIL_BACKEND": "locmem",
    "RATELIMIT_ENABLED": False,
    "SESSION_PROTECTION": None,  # a session made by `visit_as` has no address of a real browser in it
}


def build_schema(app: Flask) -> None:
    """Migrate the empty database of `app` to the newest revision."""
    with app.app_context():
        if any((MIGRATIONS / "versions").glob("*.py")):
            upgrade(directory=str(MIGRATIONS))
        else:
            db.create_all()
        release(app)


def release(app: Flask) -> None:
    """Close every connection of the application, so that its database may be replaced."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


class SqliteFiles:
    """One file per process, put back to the empty schema before each test."""

    name = "sqlite"

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="grants-sqlite-", dir=cluster.memory()))
        self.path = self.folder / "test.sqlite3"
        self.url = f"sqlite:///{self.path}"

    def prepare(self, app: Flask) -> None:
        """Make the schema and keep it as the copy that each test starts from."""
        build_schema(app)
        with closing(sa.create_engine(self.url).raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.path.rename(self.folder / "template.sqlite3")
        self._remove_logs()

    def renew(self, app: Flask) -> None:
        """A fresh database at the same address."""
        release(app)
        self._remove_logs()
        shutil.copyfile(self.folder / "template.sqlite3", self.path)

    def remove(self) -> None:
        """Delete everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _remove_logs(self) -> None:
        for suffix in ("-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)


class PostgresDatabases:
    """One database per process in the throw-away cluster, made from a template before each test."""

    name = "postgresql"

    def __init__(self) -> None:
        self.server = cluster.server_url()
        self.database = f"grants_{os.getpid()}"
        self.url = f"{self.server}/{self.database}"

    def prepare(self, app: Flask) -> None:
        """Make the template, unless another process of this session already has."""
        with cluster.locked() as folder:
            done = folder / "template-ready"
            if not done.exists():
                self._run(f"CREATE DATABASE {self.database}")
                build_schema(app)
                self._run(f"ALTER DATABASE {self.database} RENAME TO {TEMPLATE}")
                done.touch()

    def renew(self, app: Flask) -> None:
        """A fresh database at the same address."""
        release(app)
        self._run(
            f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)",
            f"CREATE DATABASE {self.database} TEMPLATE {TEMPLATE}",
        )

    def remove(self) -> None:
        """Drop the database; the cluster itself ends with the session."""
        with suppress(psycopg.OperationalError):
            self._run(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")

    def _run(self, *statements: str) -> None:
        address = self.server.replace("+psycopg", "") + "/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


Databases = SqliteFiles | PostgresDatabases


@contextmanager
def application(databases: Databases) -> Iterator[Flask]:
    """The product on an engine, set up for tests; its database is made by `renew`."""
    with tempfile.TemporaryDirectory(prefix="grants-instance-") as instance:
        settings = Settings(instance=instance, database_url=databases.url, secret_key="tests only", city_name="Тестове")
        app = create_app({"SETTINGS": settings, **TEST_CONFIG})
        databases.prepare(app)
        try:
            yield app
        finally:
            release(app)
            databases.remove()
