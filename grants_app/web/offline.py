"""Work without a network: the service worker with the files it keeps, and the page it shows when it has no other."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, render_template, url_for

from grants_app.web.access import public

offline = Blueprint("offline", __name__)
WORKER = "js/worker.js"
KINDS = frozenset({".js", ".css", ".woff2", ".svg"})


def init_app(app: Flask) -> None:
    """Register the addresses."""
    app.register_blueprint(offline)


@offline.get("/service-worker.js")
@public
def worker() -> Response:
    """The service worker, at the root because a worker rules only over addresses below its own."""
    folder = Path(current_app.static_folder or "")
    files = shell_files(folder)
    addresses = [url_for("static", filename=name) for name in files]
    version = _digest(folder, tuple((name, (folder / name).stat().st_mtime) for name in files))
    text = (folder / WORKER).read_text(encoding="utf-8")
    prelude = f"const VERSION = {json.dumps(version)}\nconst SHELL = {json.dumps(addresses)}\n"
    answer = Response(prelude + text, mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@offline.get("/offline")
@public
def no_network() -> str:
    """What is shown instead of a page that cannot come."""
    return render_template("layouts/offline.html")


def shell_files(folder: Path) -> list[str]:
    """Names of the files without which no page works: scripts, styles, letters, signs."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.suffix in KINDS)
    return sorted(path.as_posix() for path in found if path.as_posix() != WORKER)


@lru_cache(maxsize=4)
def _digest(folder: Path, files: tuple[tuple[str, float], ...]) -> str:
    """A name for this very set of files: another set is fetched anew and takes the place of the old one."""
    whole = hashlib.sha256()
    for name, _changed in files:
        whole.update(name.encode() + (folder / name).read_bytes())
    return whole.hexdigest()[:16]
