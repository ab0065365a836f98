"""`lifecycle-diagram`: the state tables as Mermaid, so that the picture in the docs cannot differ from the code."""

from __future__ import annotations

import click

from grants_app.core.state_machine import Machine
from grants_app.lifecycle import MACHINES


@click.command("lifecycle-diagram")
@click.argument("thing", required=False)
def lifecycle_diagram(thing: str | None) -> None:
    """Print the state table of THING, or of everything, as Mermaid diagrams."""
    machines = {machine.thing: machine for machine in MACHINES.values()}
    if thing is not None and thing not in machines:
        raise click.BadParameter(f"one of {', '.join(machines)} is needed", param_hint="THING")
    click.echo("\n\n".join(diagram(machine) for name, machine in machines.items() if thing in {None, name}))


def diagram(machine: Machine) -> str:
    """The state table of one thing as a Mermaid state diagram."""
    lines = [f"%% {machine.thing}", "stateDiagram-v2", f"    [*] --> {machine.initial.value}"]
    lines += [
        f"    {source.value} --> {step.target.value}: {step.name}" for step in machine.steps for source in step.sources
    ]
    lines += [f"    {state.value} --> [*]" for state in machine.finals]
    return "\n".join(lines)


COMMANDS = (lifecycle_diagram,)
