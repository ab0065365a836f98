"""What an expert's browser keeps for work without a network: the list, and the act of keeping."""

from __future__ import annotations

from typing import Any

from flask import jsonify, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from grants_app.core.errors import NotFound
from grants_app.database import unit_of_work
from grants_app.lifecycle import AssignmentState
from grants_app.permissions import Permission
from grants_app.reviews import policy, queries
from grants_app.reviews.forms import form_of
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries import offline as kept
from grants_app.reviews.routes.blueprint import blueprint, said, viewer
from grants_app.reviews.services import offline as services
from grants_app.web.access import requires
from grants_app.web.drafts import stored_fields

# Words of the journal for what happens here.
WORDS = {"assignment.keep_offline": "Kept in the expert’s browser"}


@blueprint.get("/offline.json")
@requires(Permission.REVIEW_SUBMIT)
def offline_list() -> Response:
    """The pages that this person's browser may hold now; what is not named it removes."""
    return jsonify(_listed(_open_sheets()))


@blueprint.post("/offline")
@requires(Permission.REVIEW_SUBMIT)
def keep_offline() -> Response:
    """The same list for a browser that is about to fetch the pages; the journal notes each application."""
    with unit_of_work():
        sheets = _open_sheets()
        services.note_kept(sheets, viewer())
        listed = _listed(sheets)
    return jsonify(listed)


@blueprint.get("/<string:code>/sheet/draft")
@requires(Permission.REVIEW_SUBMIT)
def stored_draft(code: str) -> Response:
    """The sheet as it is stored, by which a page that was left or cut off merges its own text."""
    assignment = queries.assignment_for(viewer(), code)
    if assignment.state == AssignmentState.PROPOSED:
        raise NotFound()
    locked = said(policy.why_not_score(viewer(), assignment))
    return jsonify(locked=locked, **as_stored(queries.sheet_for(assignment, viewer())))


def as_stored(view: queries.SheetView) -> dict[str, object]:
    """The version and the fields of a stored sheet, as the form of a browser holds them."""
    return {"version": str(view.version), "fields": stored_fields(form_of(view, is_stored=True))}


def _open_sheets() -> list[Assignment]:
    person = viewer()
    return [one for one in kept.written_now(person) if policy.why_not_score(person, one) is None]


def _listed(sheets: list[Assignment]) -> dict[str, Any]:
    return {
        "queue": url_for("reviews.queue"),
        "title": gettext("My applications"),
        "applications": [
            {"page": url_for("reviews.sheet", code=one.application.code), "title": one.application.code}
            for one in sheets
        ],
    }
