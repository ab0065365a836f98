"""Where an expert goes from a sheet, and the choice that is remembered."""

from __future__ import annotations

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from grants_app.lifecycle import AssignmentState
from grants_app.reviews import queries
from grants_app.reviews.routes.blueprint import viewer

_COOKIE, _KEPT_S = "after_review", 365 * 86_400
# What is said after each way out of the sheet; those that are not named open a page that speaks for itself.
AFTER = {
    "finish": _l("The review is submitted"),
    "save": _l("The sheet is saved"),
    "next": _l("The sheet is saved"),
    "skip": _l("The sheet is saved. The application waits at the end of your queue"),
}


def remembered() -> str:
    """What the expert did last after saving: "save" stays on the sheet, "next" opens the next one."""
    kept = request.cookies.get(_COOKIE)
    return kept if kept in ("save", "next") else "save"


def remember(response: Response, then: str) -> Response:
    """Keep the choice for the next sheet."""
    if then in ("save", "next"):
        secure = bool(current_app.config.get("SESSION_COOKIE_SECURE"))
        response.set_cookie(_COOKIE, then, max_age=_KEPT_S, samesite="Lax", secure=secure, httponly=True)
    return response


def where_to(then: str, code: str) -> str:
    """The page that follows; a finished review is followed by what was chosen last."""
    if then in ("next", "skip") or (then == "finish" and remembered() == "next"):
        return next_address(code)
    if then == "preview":
        return url_for("reviews.preview", code=code)
    if then == "abstain":
        return url_for("reviews.abstain", code=code)
    number = then.removeprefix("evidence-")
    if number != then and number.isascii() and number.isdigit():
        return url_for("reviews.choose_evidence", code=code, number=int(number[:4]))
    return url_for("reviews.sheet", code=code)


def next_address(code: str) -> str:
    """The next application that waits, else the queue."""
    following = queries.next_open(viewer(), code)
    return url_for("reviews.queue") if following is None else address_of(following)


def address_of(row: queries.QueueRow) -> str:
    """The declaration while it is not made, then the sheet."""
    page = "reviews.declaration" if row.state == AssignmentState.PROPOSED else "reviews.sheet"
    return url_for(page, code=row.code)
