"""The review sheet: text of the application left, marks right; drafts saved as they are typed."""

from __future__ import annotations

import sqlalchemy as sa
from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from grants_app.applications.models import Application
from grants_app.applications.rules import CATEGORY_LABELS
from grants_app.core import clock
from grants_app.core.errors import EditConflict, InvalidInput, ManyErrors, NotAllowed, NotFound
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import AssignmentState
from grants_app.permissions import Permission
from grants_app.reviews import documents, policy, queries, services
from grants_app.reviews.forms import SheetForm, form_of, form_of_names
from grants_app.reviews.models import Assignment
from grants_app.reviews.routes.blueprint import Answer, blueprint, comma, lang, said, viewer
from grants_app.reviews.rules import RECOMMENDATIONS
from grants_app.web.access import requires
from grants_app.web.drafts import stored_fields
from grants_app.web.errors import put_on_form, sentence
from grants_app.web.export import download, draw


@blueprint.get("/<string:code>/sheet")
@requires(Permission.REVIEW_SUBMIT)
def sheet(code: str) -> Answer:
    """The sheet, or the declaration while it is not made."""
    assignment = queries.assignment_for(viewer(), code)
    if assignment.state == AssignmentState.PROPOSED:
        return redirect(url_for("reviews.declaration", code=code))
    view = queries.sheet_for(assignment, viewer())
    return _page(assignment, view, form_of(view))


@blueprint.post("/<string:code>/sheet")
@requires(Permission.REVIEW_SUBMIT)
def save_sheet(code: str) -> Answer:
    """Finish the review, or keep it and open the next application."""
    assignment = queries.assignment_for(viewer(), code)
    view = queries.sheet_for(assignment, viewer())
    form = form_of(view)
    finishing = request.form.get("then") != "next"
    if not form.validate_on_submit():
        return _page(assignment, view, form), 422
    try:
        with unit_of_work() as unit:
            act = services.submit_review if finishing else services.save_review
            act(assignment, form.sheet(), version=form.seen_version(), by=viewer())
            unit.answer = url_for("reviews.sheet", code=code) if finishing else _next_address(code)
    except (EditConflict, StaleDataError):
        return _clash(code, form)
    except (InvalidInput, ManyErrors) as error:
        put_on_form(form, error)
        assignment = queries.assignment_for(viewer(), code)
        return _page(assignment, queries.sheet_for(assignment, viewer()), form), 422
    flash(gettext("The review is submitted") if finishing else gettext("The sheet is saved"), "ok")
    return redirect(unit.answer or url_for("reviews.queue"))


@blueprint.get("/<string:code>/sheet/draft")
@requires(Permission.REVIEW_SUBMIT)
def stored_draft(code: str) -> Answer:
    """The sheet as it is stored, by which a page that was left or cut off merges its own text."""
    assignment = queries.assignment_for(viewer(), code)
    if assignment.state == AssignmentState.PROPOSED:
        raise NotFound()
    locked = said(policy.why_not_score(viewer(), assignment))
    return jsonify(locked=locked, **_as_stored(queries.sheet_for(assignment, viewer())))


@blueprint.post("/<string:code>/sheet/draft")
@requires(Permission.REVIEW_SUBMIT)
def save_draft(code: str) -> Answer:
    """Keep what is typed; answers {saved_at, version}, or 409 with the other window's text."""
    try:
        with unit_of_work():
            assignment = _own(code)
            form = _typed()
            review = services.save_review(assignment, form.sheet(), version=form.seen_version(), by=viewer())
            version = review.version
    except (EditConflict, StaleDataError):
        stored = queries.sheet_for(queries.assignment_for(viewer(), code), viewer())
        message = gettext("This sheet was saved in another window meanwhile. Compare both and save again")
        return jsonify(message=message, text=_as_text(stored), **_as_stored(stored)), 409
    except NotAllowed as error:
        return jsonify(message=sentence(error)), 403
    except (InvalidInput, ManyErrors) as error:
        return jsonify(message=sentence(error)), 422
    return jsonify(saved_at=f"{clock.kyiv(clock.now()):%H:%M}", version=version)


@blueprint.get("/<string:code>/sheet.pdf")
@requires(Permission.REVIEW_SUBMIT)
def own_paper(code: str) -> Response:
    """«Оціночний лист» of one's own review."""
    assignment = queries.assignment_for(viewer(), code)
    if assignment.state == AssignmentState.PROPOSED:
        raise NotFound()
    view = queries.sheet_for(assignment, viewer())
    paper = documents.review_sheet(assignment.application, view, lang=lang(), with_note=True)
    return download(draw(paper), "pdf", f"review-{code}-{assignment.expert_code}")


def _typed() -> SheetForm:
    """The form as it was sent; whether its criteria are those of the competition, the service asks under its lock."""
    form = form_of_names(request.form)
    if not form.validate():
        field = next(field for field in form if field.errors)
        raise InvalidInput(str(field.errors[0]), field=field.name)
    return form


def _own(code: str) -> Assignment:
    """The viewer's assignment alone: the service reads the rest under its lock."""
    found = db.session.scalar(
        sa.select(Assignment)
        .join(Application, Application.id == Assignment.application_id)
        .filter(Application.code == code, Assignment.expert_id == viewer().id, Assignment.state.not_in(queries.ENDED))
    )
    if found is None:
        raise NotFound()
    return found


def _next_address(code: str) -> str:
    following = queries.next_open(viewer(), code)
    if following is None:
        return url_for("reviews.queue")
    page = "reviews.declaration" if following.state == AssignmentState.PROPOSED else "reviews.sheet"
    return url_for(page, code=following.code)


def _clash(code: str, form: SheetForm) -> Answer:
    """Both texts stand side by side: what was typed stays in the form, what is stored is shown beside it."""
    assignment = queries.assignment_for(viewer(), code)
    stored = queries.sheet_for(assignment, viewer())
    form.version.data = str(stored.version)
    return _page(assignment, stored, form, clash=stored), 409


def _as_stored(view: queries.SheetView) -> dict[str, object]:
    """The version and the fields of a stored sheet, as the form of a browser holds them."""
    return {"version": str(view.version), "fields": stored_fields(form_of(view, is_stored=True))}


def _as_text(view: queries.SheetView) -> str:
    lines = [f"{one.number}. {one.title}: {comma(one.points)}\n{one.justification}" for one in view.criteria]
    return "\n".join([*lines, view.comment_applicant, view.comment_secretary]).strip()


def _page(
    assignment: Assignment, view: queries.SheetView, form: SheetForm, *, clash: queries.SheetView | None = None
) -> str:
    person, application = viewer(), assignment.application
    rows = queries.my_assignments(person)
    reading = queries.reading_of(application)
    return render_template(
        "reviews/sheet.html",
        assignment=assignment,
        application=application,
        competition=application.competition,
        view=view,
        form=form,
        clash=clash,
        sections=reading.sections,
        budget=reading.budget,
        categories=CATEGORY_LABELS,
        attachments=reading.attachments,
        others=queries.other_reviews(assignment, person),
        recommendations=RECOMMENDATIONS,
        why_not=said(policy.why_not_score(person, assignment)),
        why_not_conflict=said(policy.why_not_declare_conflict(person, assignment)),
        done_count=sum(row.state == AssignmentState.DONE for row in rows),
        all_count=len(rows),
        next_row=queries.next_of(rows, application.code or ""),
        left_text=_left(view),
        comma=comma,
    )


def _left(view: queries.SheetView) -> str:
    """What is missing and the pass mark, under the running total."""
    words = []
    if view.missing:
        words.append(ngettext("%(num)d criterion left", "%(num)d criteria left", len(view.missing)))
    if view.pass_mark is not None:
        words.append(gettext("pass mark %(mark)s", mark=comma(view.pass_mark)))
    return " · ".join(words)
