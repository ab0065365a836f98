"""`up`: an installation made ready and served by one process; `serve` and `work`: its two halves for several nodes."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask, current_app
from flask.cli import with_appcontext

from grants_app.accounts.models import User
from grants_app.cli.people import ask_for_administrator
from grants_app.cli.stamping import stamp_requests
from grants_app.core.storage import MOST_AT_ONCE_MB
from grants_app.database import db
from grants_app.demo.cast import PASSWORD, SIGN_INS
from grants_app.permissions import ROLE_LABELS

HOST = "127.0.0.1"
THREADS = 8
STOPS = (signal.SIGINT, signal.SIGTERM)


@click.command("up")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--empty", is_flag=True, help="No demo data; ask for the first administrator.")
@with_appcontext
def up(port: int, empty: bool) -> None:
    """Migrate, fill an empty database, then serve pages and work off the queue until Ctrl-C."""
    from flask_migrate import downgrade, upgrade  # here, because every worker loads this module and none migrates

    unfinished = Path(current_app.config["SETTINGS"].instance) / "demo-unfinished"
    if unfinished.exists():
        click.echo("The demo year was not finished last time; it is built anew.")
        downgrade(revision="base")
    upgrade()
    if not has_people():
        if empty:
            ask_for_administrator()
        else:
            unfinished.touch()
            load_demo()
    unfinished.unlink(missing_ok=True)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's own way to the object
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], demo=app.config["SETTINGS"].demo or bool(sign_ins()))
    db.session.remove()
    _serve(app, HOST, port, with_worker=True)


@click.command("serve")
@click.option("--host", default=HOST, show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@with_appcontext
def serve(host: str, port: int) -> None:
    """Serve pages alone; letters and jobs are left to `work`, here or on another machine."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's own way to the object
    _serve(app, host, port, with_worker=False)


@click.command("work")
@with_appcontext
def work() -> None:
    """Send letters, do jobs and follow the clock until stopped; one such process for all nodes."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's own way to the object
    db.session.remove()
    new_consumer(app).run()


def new_consumer(app: Flask) -> Any:
    """The threads that do jobs and send letters; every command loads this module, few need the queue."""
    from grants_app.journal.worker import create_consumer

    return create_consumer(app)


def has_people() -> bool:
    """Whether anybody can sign in: an installation with people is never filled with demo data."""
    return db.session.scalar(sa.select(User.id).limit(1)) is not None


def load_demo() -> None:
    """Build the demo year, in a process of its own: the server starts without the engine and the PDF library."""
    click.echo("Building the demo year (once, it takes a minute) …")
    done = subprocess.run([sys.executable, "-m", "flask", "--app", "grants_app", "demo", "load"], check=False)
    if done.returncode:
        raise click.ClickException("The demo year could not be built: see above.")


def sign_ins() -> list[tuple[str, str]]:
    """Who can be tried out: role and e-mail of one demo person per role who is really there."""
    present = set(db.session.scalars(sa.select(User.email).where(User.email.in_([email for _, email in SIGN_INS]))))
    return [(ROLE_LABELS[role], email) for role, email in SIGN_INS if email in present]


def _serve(app: Flask, host: str, port: int, *, with_worker: bool) -> None:
    from waitress.server import create_server  # here, because other servers load this module as well

    try:
        # What proxies say is believed only where the settings name them.
        trusting = bool(app.config["SETTINGS"].proxy_hops)
        server = create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            clear_untrusted_proxy_headers=not trusting,
            # This server keeps a body in a temporary file before the product sees it: what no view takes is cut there.
            max_request_body_size=(MOST_AT_ONCE_MB + 2) * 1024 * 1024,
        )
        stamp_requests(server)
    except OSError as error:
        raise click.ClickException(f"Port {port} cannot be used ({error.strerror}).") from error
    worker = new_consumer(app) if with_worker else None
    if worker is not None:
        worker.start()
    for number in STOPS:  # the queue sets its own; `kill` is as orderly here as Ctrl-C
        signal.signal(number, signal.default_int_handler)
    _greet(f"http://{host}:{port}")
    try:
        server.run()
    finally:
        for number in STOPS:  # what stops a group of processes often asks twice
            signal.signal(number, signal.SIG_IGN)
        click.echo("\nStopping …")
        server.close()
        if worker is not None:
            worker.stop(graceful=True)
    click.echo("Stopped.")


def _greet(address: str) -> None:
    click.echo(f"\n  {current_app.config['SETTINGS'].product_name}: {address}\n")
    people = sign_ins()
    if people:
        width = max(len(role) for role, _ in people)
        click.echo(f"  Sign in with the password {PASSWORD}")
        for role, email in people:
            click.echo(f"    {role:<{width}}  {email}")
    click.echo("\n  Ctrl-C stops it.\n", nl=True)


COMMANDS = (up, serve, work)
