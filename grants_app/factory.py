"""Building the application: extensions, web, stages in lifecycle order, commands."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader, StrictUndefined

import config as settings_file
from grants_app.database import db, install_engine_rules
from grants_app.extensions import csrf, limiter, mail, migrate
from grants_app.web import access, arrival, context, errors, files, headers, health, keys, logs, offline, requests

ROOT = Path(__file__).resolve().parent.parent
# Packages with routes, in the order of the lifecycle. `reports` reads all of them, none reads `reports`.
STAGES = ("journal", "accounts", "budget", "competitions", "applications", "reviews", "awards", "vouchers", "reports")
# Stages whose letters are described beside their texts.
WITH_LETTERS = ("accounts", "competitions", "applications", "reviews", "awards")


def build(config: Mapping[str, object] | None = None) -> Flask:
    """The Flask application, checked: a route without a declaration of access stops the start."""
    app = Flask("grants_app", template_folder=str(ROOT / "templates"), root_path=str(ROOT / "grants_app"))
    overrides = dict(config or {})
    settings = overrides.pop("SETTINGS", None) or settings_file.read_settings()
    app.config.update(settings_file.flask_config(settings))  # type: ignore[arg-type]  # tests hand Settings over
    app.config.update(overrides)
    _prepare_templates(app)
    _bind_extensions(app)
    for part in (logs, files, requests, arrival, access, keys, headers, errors, context, health, offline):
        part.init_app(app)
    _register_stages(app)
    _register_commands(app)
    access.check_declared(app)
    # What is loaded by now lives as long as the process: the collector need not walk it again during a request
    # (a full walk took about 0.1 s, every tenth page of a long list).
    gc.freeze()
    return app


def _prepare_templates(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    loader: Any = app.jinja_loader
    app.jinja_env.loader = ChoiceLoader(
        [loader, PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})]
        if find_spec("govuk_frontend_jinja")
        else [loader]
    )


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        install_engine_rules(db.engine)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    csrf.init_app(app)
    limiter.init_app(app)
    mail.init_app(app)


def _register_stages(app: Flask) -> None:
    for name in WITH_LETTERS:
        import_module(f"grants_app.{name}.rules.letter_list")
    for name in STAGES:
        package = f"grants_app.{name}"
        if find_spec(f"{package}.models"):
            import_module(f"{package}.models")
        if find_spec(f"{package}.routes"):
            routes = import_module(f"{package}.routes")
            if hasattr(routes, "init_app"):
                routes.init_app(app)


def _register_commands(app: Flask) -> None:
    if find_spec("grants_app.cli"):
        import_module("grants_app.cli").init_app(app)
