"""`demo load`: the fictional year in an empty database."""

from __future__ import annotations

import sys

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup

from grants_app.accounts.models import User
from grants_app.database import db
from grants_app.web.files import storage_of

demo = AppGroup("demo", help="The demo year: a fictional city.")


@demo.command("load")
def load() -> None:
    """Build the demo year through the real services; refused where somebody is registered already."""
    # Imported here: the story needs every stage, the other commands do not.
    from grants_app.demo.year import build

    if db.session.scalar(sa.select(User.id).limit(1)) is not None:
        raise click.ClickException("The database is not empty: the demo year is built in an empty one only.")
    db.session.rollback()
    build(storage_of(current_app), _say)
    click.echo("\r\x1b[KThe demo year is ready." if sys.stdout.isatty() else "The demo year is ready.")


def _say(sentence: str) -> None:
    if sys.stdout.isatty():
        click.echo(f"\r\x1b[K{sentence}", nl=False)


COMMANDS = (demo,)
