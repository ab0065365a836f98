"""Commands of an installation: `flask --app grants_app …`. Each module offers its commands as COMMANDS."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the commands of every module of this package."""
    for module in pkgutil.iter_modules(__path__):
        for command in getattr(import_module(f"{__name__}.{module.name}"), "COMMANDS", ()):
            app.cli.add_command(command)
