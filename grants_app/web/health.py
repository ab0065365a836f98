"""Two addresses for whoever watches the service: is the process alive, and can it do its work."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, current_app, jsonify

from grants_app.core.object_storage import S3Storage
from grants_app.database import db
from grants_app.web.access import public
from grants_app.web.files import storage_of

HEAD_FILE = Path(__file__).resolve().parents[2] / "migrations" / "HEAD"

health = Blueprint("health", __name__)


def init_app(app: Flask) -> None:
    """Register the addresses."""
    app.register_blueprint(health)


@health.get("/healthz")
@public
def alive() -> Response:
    """The process answers; the database is not asked, so that its failure does not restart every node."""
    return Response("ok\n", mimetype="text/plain")


@health.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    """Whether this node may be sent people: database reachable and migrated, storage writable. Names no secrets."""
    found = {"database": _database(), "storage": _storage()}
    return jsonify(found), 200 if set(found.values()) == {"ok"} else 503


def _database() -> str:
    try:
        revision = db.session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return "not reachable, or never migrated"
    wanted = HEAD_FILE.read_text(encoding="ascii").strip()
    return "ok" if revision == wanted else f"at revision {revision}, {wanted} is needed"


def _storage() -> str:
    storage = storage_of(current_app)
    if isinstance(storage, S3Storage):
        return "ok" if storage.is_reachable() else "the object store does not answer"
    folder = Path(current_app.config["STORAGE_PATH"])
    while not folder.exists():  # made with the first file that is stored
        folder = folder.parent
    return "ok" if folder.is_dir() and os.access(folder, os.W_OK) else "cannot be written to"
