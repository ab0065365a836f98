"""`check-invariants`: everything that must always be true, recomputed from the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from itertools import chain

import click
from flask.cli import with_appcontext

from grants_app.cli.chain import broken_chain
from grants_app.factory import STAGES


@click.command("check-invariants")
@with_appcontext
def check_invariants() -> None:
    """Say what is broken, one sentence a line; the status is 1 when anything is."""
    faults = broken_invariants()
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo(f"Everything holds: {sum(1 for _ in checks())} kinds of facts were recomputed.")


def broken_invariants() -> list[str]:
    """Sentences about what disagrees; empty when everything is sound."""
    return list(chain.from_iterable(check() for check in checks()))


def checks() -> Iterator[Callable[[], list[str]]]:
    """The recomputations: every function `broken_…()` in the queries of a stage, and the journal's chain."""
    for stage in STAGES:
        name = f"grants_app.{stage}.queries"
        if find_spec(name):
            queries = import_module(name)
            yield from (getattr(queries, each) for each in sorted(vars(queries)) if each.startswith("broken_"))
    yield lambda: broken_chain({})


COMMANDS = (check_invariants,)
