"""`users`: the first administrator, and a way back in when every administrator is gone."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from grants_app.accounts.services import create_first_administrator, hashed
from grants_app.core.errors import DomainError
from grants_app.database import unit_of_work
from grants_app.reports.services import seed_plan
from grants_app.vouchers.services.programme import seed_catalogue

users = AppGroup("users", help="People with accounts.")


@users.command("first-administrator")
@click.option("--email", prompt="E-mail")
@click.option("--name", prompt="First name and surname")
@click.password_option(prompt="Password (at least 12 characters)")
def first_administrator(email: str, name: str, password: str) -> None:
    """Open the account from which all others are made; refused once there is an administrator."""
    open_account(email, name, password)
    click.echo("The administrator can sign in now.")


def ask_for_administrator() -> None:
    """Ask the person at the keyboard until the answers make an account."""
    if not sys.stdin.isatty():
        raise click.ClickException(
            "The first administrator's e-mail, name and password are asked at the keyboard, and there is none here: "
            "run `flask --app grants_app db upgrade` and `flask --app grants_app users first-administrator --help`."
        )
    click.echo("This installation is empty. Its first administrator:")
    while True:
        email = click.prompt("  E-mail", type=str)
        name = click.prompt("  First name and surname", type=str)
        password = click.prompt("  Password", type=str, hide_input=True, confirmation_prompt="  Password again")
        try:
            return open_account(email, name, password)
        except click.ClickException as error:
            click.echo(f"  {error.message}. Once more:", err=True)


def open_account(email: str, name: str, password: str) -> None:
    """The administrator's account, or the reason of the refusal as one sentence."""
    if "@" not in email or " " in email.strip():
        raise click.ClickException("An e-mail address is needed, such as name@city.example")
    try:
        stored = hashed(password, email, name)
        with unit_of_work():
            create_first_administrator(email, name, stored)
            bring_lists()
    except DomainError as error:
        raise click.ClickException(str(error)) from error


def bring_lists() -> None:
    """Put the lists that the product ships into a new installation: services of vouchers, measures of the plan."""
    seed_catalogue()
    seed_plan()


COMMANDS = (users,)
