"""`letters`: what mail servers answer later, by mail."""

from __future__ import annotations

from typing import BinaryIO

import click
from flask.cli import AppGroup

from grants_app.core.errors import NotFound, WrongState
from grants_app.database import unit_of_work
from grants_app.journal.bounces import read_report
from grants_app.journal.returned import take_back

LONGEST_REPORT = 5_000_000

letters = AppGroup("letters", help="Letters that left.")


@letters.command("bounced")
@click.argument("report", type=click.File("rb"), default="-")
def bounced(report: BinaryIO) -> None:
    """Read a delivery report (a file, or the standard input): its letter comes back to whoever caused it.

    A report of a delay, one that is known already and one about a foreign letter change nothing, with status 0, so that
    a mail server that pipes them here is content.
    """
    found = read_report(report.read(LONGEST_REPORT))
    if found is None:
        raise click.ClickException("This is no report of a failed delivery (RFC 3464) that names a letter.")
    try:
        with unit_of_work():
            notice = take_back(found)
            number = notice.id
    except NotFound:
        click.echo("No letter of this installation has that Message-ID.")
    except WrongState:
        click.echo("The letter is known to be undelivered already.")
    else:
        click.echo(f"Letter {number} came back to whoever caused it.")


COMMANDS = (letters,)
