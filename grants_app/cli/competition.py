"""`competition import` and `competition export`: a whole competition as three files anyone can recompute."""

from __future__ import annotations

import time
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.errors import DomainError
from grants_app.database import db, unit_of_work
from grants_app.journal.services import Actor, SystemActor
from grants_app.permissions import Permission
from grants_app.reviews.queries.files import file_texts
from grants_app.reviews.services.file_door import bring_in, read_folder
from scoring import ScoringError

competition = AppGroup("competition", help="Competitions as files.")


class FileDoor(SystemActor):
    """Whoever has the command line of the server: it may take every step that brings a file in."""

    actor_label: str = "file door"

    def can(self, permission: Permission) -> bool:
        """Everything: the journal says that the step came through the file door."""
        return True


@competition.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--code", required=True, help="Code of the new competition, for example 2027-INN.")
@click.option("--title", default="", help="Its title; the code when left out.")
@click.option("--year", type=click.IntRange(2000, 2100), default=lambda: clock.today().year)
@click.option("--preview", is_flag=True, help="Only check the files and say what would come in.")
def take_in(folder: Path, code: str, title: str, year: int, preview: bool) -> None:
    """Take rules.json, applications.csv and scores.csv of FOLDER into a new competition: all of it or nothing."""
    started = time.monotonic()
    try:
        luggage = read_folder(folder)
    except ScoringError as error:
        raise click.ClickException(str(error)) from None
    for name, value in luggage.preview():
        click.echo(f"{name}: {value}")
    if preview:
        click.echo("The files hold together. Nothing was stored.")
        return
    by: Actor = FileDoor()
    try:
        with unit_of_work():
            bring_in(luggage, code=code, title=title or code, year=year, by=by)
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Competition {code} is in scoring, {time.monotonic() - started:.1f} s.")


@competition.command("export")
@click.argument("code")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def bring_out(code: str, folder: Path) -> None:
    """Write the competition CODE as rules.json, applications.csv and scores.csv into FOLDER."""
    found = db.session.scalar(sa.select(Competition).filter_by(code=code))
    if found is None:
        raise click.ClickException(f"There is no competition {code}.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in file_texts(found).items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
        click.echo(str(folder / name))


COMMANDS = (competition,)
