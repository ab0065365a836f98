"""A rehearsal from its folder to its last moment: what the child process does."""

from __future__ import annotations

import io
import json
import time
import traceback
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade as migrate

import config
from grants_app import create_app
from grants_app.core import clock
from grants_app.core.errors import DomainError
from grants_app.database import db
from grants_app.demo.stage import Stage, released
from grants_app.demo.year import PAPER
from grants_app.rehearsal import judging, setting, story
from grants_app.rehearsal.record import DATABASE, Record
from grants_app.web.files import storage_of

STORY_AHEAD = timedelta(days=366 * 5)


def play(folder: Path) -> bool:
    """Play the call of a folder; whether it came to an end (faults found on the way are no failure)."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    document = json.loads((folder / "call.json").read_text(encoding="utf-8"))
    count = int(manifest["applications"])
    record = Record(folder, total=_work(document, count))
    record.manifest["status"] = "playing"
    for unmet in document["unmet"]:
        record.condition(unmet["message"], unmet["facts"])
    began = time.monotonic()
    try:
        _play(folder, document, count, record)
    except Exception as error:  # whatever happened, the page says so; the traceback is for the log
        traceback.print_exc()
        record.finish("failed", str(error)[:500] if isinstance(error, DomainError) else type(error).__name__)
        return False
    finally:
        released()
    record.figure(seconds=round(time.monotonic() - began))
    record.finish("ready")
    return True


def _play(folder: Path, document: dict[str, Any], count: int, record: Record) -> None:
    settings = replace(
        config.read_settings(),
        instance=str(folder),
        database_url=f"sqlite:///{folder / DATABASE}",
        secret_key="of-no-use-here",
        storage_path=str(folder / "files"),
        storage_bucket="",
        mail_backend="dummy",
        queue_path=str(folder / "queue.sqlite3"),
        production=False,
        demo=False,
        log_level="ERROR",
    )
    app = create_app({"SETTINGS": settings})
    with app.app_context():
        migrate()
        db.session.rollback()
        try:
            _tell(stage_of(app, document), document, count, record)
        except DomainError as error:
            db.session.rollback()
            record.fault(
                "The rehearsal could not go on: %(problem)s",
                {"problem": {"message": error.message, "facts": error.facts}},
            )


def stage_of(app: Flask, document: dict[str, Any]) -> Stage:
    """The stage with the one paper that every application attaches."""
    paper = storage_of(app).put(io.BytesIO(PAPER), limit=10_000)
    # The story plays at its own dates, also at those to come.
    return Stage(clock.now() + STORY_AHEAD, paper, lambda _sentence: None)


def _tell(stage: Stage, document: dict[str, Any], count: int, record: Record) -> None:
    """From the announcement as far as the settings let it come."""
    plan = setting.plan_of(document, count, record)
    members = setting.set_stage(stage, plan, record)
    record.step()
    if not setting.announce(stage, plan, record):
        return
    if not story.intake(stage, plan, members, record):
        record.fault("No application could be sent: nobody could apply with these settings")
        return
    if not story.check(stage, plan, record):
        record.fault("No application was admitted")
        return
    if judging.score(stage, plan, record):
        judging.decide(stage, plan, record)


def _work(document: dict[str, Any], count: int) -> int:
    """Steps to be told of: each application written, checked and scored, and the acts of the commission."""
    return 3 + count * (2 + int(document["settings"]["experts_per_application"]))
