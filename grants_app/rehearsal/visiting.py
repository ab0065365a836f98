"""Inside a rehearsal: entering by a ticket, and the banner that says so on every page and changes person and moment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Flask, abort, current_app, redirect, request, session
from flask_babel import gettext
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from grants_app.accounts.models import User
from grants_app.competitions.rules.rehearsal import MOUNT, PEOPLE, TICKET_SALT, TICKET_SECONDS
from grants_app.database import db
from grants_app.demo.cast import DOMAIN
from grants_app.factory import build
from grants_app.rehearsal.mounting import place
from grants_app.web.access import check_declared, public

blueprint = Blueprint("rehearsal", __name__)
_FREE = frozenset({"static", "rehearsal.enter"})
# A rehearsal is not rehearsed.
_NOT_AGAIN = frozenset(
    f"competitions.{name}" for name in ("rehearsal", "rehearse", "visit_rehearsal", "delete_rehearsal")
)
_BARE = re.compile(r"""((?:href|action|src|hx-get|hx-post|data-autosave)=["'])/(?!/|rehearsals/)""")


def visited_app(config: Mapping[str, object]) -> Flask:
    """The second instance: the application with the pages of entering, the guard before all else, the banner."""
    app = build(config)
    app.register_blueprint(blueprint)
    app.before_request_funcs.setdefault(None, []).insert(0, _guard)
    app.context_processor(_banner)
    app.after_request(_stay_inside)
    check_declared(app)
    return app


@blueprint.get("/rehearsal-enter")
@public
def enter() -> Response:
    """Come in with a ticket: it names the rehearsal's run and the person, and is valid for a minute."""
    tickets = URLSafeTimedSerializer(current_app.config["TICKET_KEY"], salt=TICKET_SALT)
    try:
        told = tickets.loads(request.args.get("ticket", ""), max_age=TICKET_SECONDS)
    except BadSignature:
        abort(404)
    if told.get("run") != place().rehearsal.run:
        abort(404)
    return _become(str(told.get("person")))


@blueprint.post("/rehearsal-go")
@public
def go() -> Response:
    """Another person, another moment: whoever is inside may go anywhere inside."""
    moment = request.form.get("moment", "")
    names = {one.name for one in place().rehearsal.moments}
    return _become(request.form.get("person", ""), moment if moment in names else place().moment)


def _become(login: str, moment: str | None = None) -> Response:
    if login not in PEOPLE:
        abort(404)
    session.clear()
    session["rehearsal"], session["rehearsal_person"] = place().rehearsal.run, login
    if login != "guest":
        query = sa.select(User.fs_uniquifier).filter_by(email=f"{login}@{DOMAIN}")
        session["_user_id"], session["_fresh"] = db.session.scalars(query).one(), True
    code = place().rehearsal.code
    start = f"/competitions/{code}" if login == "guest" else "/home"
    return redirect(f"{MOUNT}/{code}/{moment or place().moment}{start}")


def _guard() -> None:
    """Nobody without a ticket sees a rehearsal, its public pages included: a draft is not public yet."""
    if request.endpoint in _FREE:
        return
    if session.get("rehearsal") != place().rehearsal.run or (request.endpoint or "") in _NOT_AGAIN:
        abort(404)


def _stay_inside(response: Response) -> Response:
    """Addresses written without the mount would lead into real pages: they get it; the way back is written whole."""
    prefix = f"{MOUNT}/{place().rehearsal.code}/{place().moment}"
    # Leaving a rehearsal must not empty the store of the real site, where unsaved texts of real people lie.
    response.headers.pop("Clear-Site-Data", None)
    location = response.headers.get("Location", "")
    if location.startswith("/") and not location.startswith((f"{MOUNT}/", "//")):
        response.headers["Location"] = prefix + location
    if response.mimetype == "text/html" and not response.is_streamed:
        response.set_data(_BARE.sub(rf"\1{prefix}/", response.get_data(as_text=True)))
    return response


def _banner() -> dict[str, Any]:
    # Browser copies of unsaved text belong to real people: pages of a rehearsal leave them alone.
    found: dict[str, Any] = {"person_mark": ""}
    if session.get("rehearsal") != place().rehearsal.run:
        return found
    here = place()
    return {
        **found,
        "rehearsal": {
            "code": here.rehearsal.code,
            "back": f"{request.host_url}competitions/{here.rehearsal.code}/rehearsal",
            "go": f"{MOUNT}/{here.rehearsal.code}/{here.moment}/rehearsal-go",
            "at": here.at,
            "person": session.get("rehearsal_person", ""),
            "name": current_user.full_name if current_user.is_authenticated else "",
            "moment": here.moment,
            "moments": [(one.name, gettext(one.label)) for one in here.rehearsal.moments],
            "people": [(login, gettext(label)) for login, label in PEOPLE.items()],
        },
    }
