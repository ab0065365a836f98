"""Extension objects, bound to the application in `create_app`."""

from __future__ import annotations

from typing import Any

import click
from flask import Flask
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_mailman import Mail
from flask_wtf.csrf import CSRFProtect


class _DatabaseCommands(click.Group):
    """`flask db …`: the commands of the migration library, which is loaded when one of them is called."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Hand over to the library's own group."""
        from flask_migrate.cli import db as group

        made: click.Context = group.make_context(info_name, args, parent, **extra)
        return made


class MigrateOnDemand:
    """Flask-Migrate bound to the application without being loaded: web workers never migrate, its library is heavy."""

    def init_app(self, app: Flask, database: Any, *, directory: str) -> None:
        """Stand in the application where the library looks for its settings."""
        app.extensions["migrate"] = _Settings(app, database, directory)
        app.cli.add_command(_DatabaseCommands("db", help="Perform database migrations."))


class _Settings:
    """What the library asks the application for; the first question loads it and takes this object's place."""

    def __init__(self, app: Flask, database: Any, directory: str) -> None:
        self._bound = (app, database, directory)

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        app, database, directory = self._bound
        Migrate(app, database, directory=directory, render_as_batch=True)
        return getattr(app.extensions["migrate"], name)


babel = Babel()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=False)
mail = Mail()
migrate = MigrateOnDemand()
