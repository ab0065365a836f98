"""How migrations run: one transaction for all of them, on SQLite as on PostgreSQL.

Revisions are numbered; the file HEAD names the last one, so that two branches that both add a revision collide in git
instead of in a city's database.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.operations.ops import MigrationScript
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeDecorator

HEAD_FILE = Path(__file__).with_name("HEAD")
# Tables of the job queue and of full-text search belong to their engines, not to our models.
FOREIGN_TABLES = ("huey_", "fts_", "sqlite_")


def include_name(name: str | None, kind: str, _parents: MutableMapping[Any, Any]) -> bool:
    """Whether comparing models with the database looks at this name."""
    return not (kind == "table" and name is not None and name.startswith(FOREIGN_TABLES))


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Our column types are written into a revision as what they are in the database."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def number_revision(migration: Any, _revision: object, directives: list[MigrationScript]) -> None:
    """Give the next number to a new revision and note it in HEAD; write nothing when nothing changed."""
    script = directives[0]
    if migration.config.cmd_opts is not None and getattr(migration.config.cmd_opts, "autogenerate", False):
        assert script.upgrade_ops is not None
        if script.upgrade_ops.is_empty():
            directives.clear()
            return
    head = ScriptDirectory.from_config(migration.config).get_current_head()
    script.rev_id = f"{int(head or 0) + 1:04d}"
    HEAD_FILE.write_text(f"{script.rev_id}\n", encoding="ascii")


@contextmanager
def foreign_keys_paused(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by copying it: dropping the old one must not drop the rows that refer to it."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = driver.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"the migration left rows without their parent: {broken[:5]}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def run() -> None:
    """Bring the database of the running application to the wanted revision."""
    database = current_app.extensions["migrate"].db
    engine: sa.Engine = database.engine
    with engine.connect() as connection, foreign_keys_paused(connection):
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            include_name=include_name,
            render_item=render_item,
            process_revision_directives=number_revision,
            render_as_batch=True,
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations need a database: --sql is not supported.")
run()
