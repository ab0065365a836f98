"""The review sheet: text of the application left, marks right; drafts saved as they are typed."""

from __future__ import annotations

import sqlalchemy as sa
from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from grants_app.applications.models import Application
from grants_app.applications.queries import form_for
from grants_app.core import clock
from grants_app.core.errors import EditConflict, InvalidInput, ManyErrors, NotAllowed, NotFound
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import AssignmentState
from grants_app.permissions import Permission
from grants_app.reviews import documents, policy, queries, services
from grants_app.reviews.forms import SheetForm, VersionForm, form_of, form_of_names
from grants_app.reviews.models import Assignment
from grants_app.reviews.routes.after import AFTER, remember, remembered, where_to
from grants_app.reviews.routes.blueprint import Answer, blueprint, comma, lang, said, viewer
from grants_app.reviews.routes.offline import as_stored
from grants_app.reviews.rules import RECOMMENDATIONS
from grants_app.web import formatting
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form, sentence
from grants_app.web.export import download, draw

CLASH = "This sheet was saved in another window meanwhile. Compare both and save again"
TWICE = "One of the fields was sent twice. Open the page again and repeat"


@blueprint.get("/<string:code>/sheet")
@requires(Permission.REVIEW_SUBMIT)
def sheet(code: str) -> Answer:
    """The sheet, or the declaration while it is not made."""
    assignment = queries.assignment_for(viewer(), code)
    if assignment.state == AssignmentState.PROPOSED:
        return redirect(url_for("reviews.declaration", code=code))
    return sheet_page(assignment)


@blueprint.post("/<string:code>/sheet")
@requires(Permission.REVIEW_SUBMIT)
def save_sheet(code: str) -> Answer:
    """Finish the review, or keep it and go on: stay, next, skip, preview, mark words, abstain."""
    assignment = _own_sheet(code)
    if isinstance(assignment, tuple):
        return assignment
    form = form_of(queries.sheet_for(assignment, viewer(), reading=queries.reading_of(assignment.application)))
    then = request.form.get("then") or "finish"
    if not form.validate_on_submit() or _sent_twice(form):
        return sheet_page(assignment, form), 422
    try:
        with unit_of_work() as unit:
            _carry_out(assignment, form, then)
            unit.answer = where_to(then, code)
    except (EditConflict, StaleDataError):
        return _clash(code, form)
    except (InvalidInput, ManyErrors) as error:
        put_on_form(form, error)
        return sheet_page(queries.assignment_for(viewer(), code), form), 422
    except NotAllowed as error:
        return _closed(code, sentence(error))
    if then in AFTER:
        flash(str(AFTER[then]), "ok")
    return remember(redirect(unit.answer or url_for("reviews.queue")), then)


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
        return jsonify(message=gettext(CLASH), text=_as_text(stored), **as_stored(stored)), 409
    except NotAllowed as error:
        return jsonify(message=sentence(error)), 403
    except (InvalidInput, ManyErrors) as error:
        return jsonify(message=sentence(error)), 422
    return jsonify(saved_at=formatting.hour(clock.now()), version=version)


@blueprint.get("/<string:code>/preview")
@requires(Permission.REVIEW_SUBMIT)
def preview(code: str) -> Answer:
    """What the commission, the applicant and the secretary will read, each apart, before the review is sent."""
    assignment = queries.assignment_for(viewer(), code)
    if policy.why_not_score(viewer(), assignment) is not None:
        return redirect(url_for("reviews.sheet", code=code))
    reading = queries.reading_of(assignment.application)
    view = queries.sheet_for(assignment, viewer(), reading=reading)
    return render_template(
        "reviews/preview.html",
        application=assignment.application,
        competition=assignment.application.competition,
        reading=reading,
        view=view,
        form=VersionForm(formdata=None, data={"version": str(view.version)}),
        gaps=[sentence(gap) for gap in services.gaps_of(assignment)],
        recommendations=RECOMMENDATIONS,
        comma=comma,
    )


@blueprint.post("/<string:code>/finish")
@requires(Permission.REVIEW_SUBMIT)
def finish(code: str) -> Answer:
    """Finish the review as it stands in the preview."""
    assignment = _own_sheet(code)
    if isinstance(assignment, tuple):
        return assignment
    form = VersionForm()
    if not form.validate_on_submit():
        return sheet_page(assignment), 422
    try:
        with unit_of_work() as unit:
            services.submit_stored(assignment, version=form.seen_version(), by=viewer())
            unit.answer = where_to("finish", code)
    except (EditConflict, StaleDataError):
        return _clash(code, None)
    except (InvalidInput, ManyErrors) as error:
        assignment = queries.assignment_for(viewer(), code)
        # The request carries no sheet: read as one it would empty the page, and the page saves what it shows.
        sheet_form = form_of(queries.sheet_for(assignment, viewer()), is_stored=True)
        put_on_form(sheet_form, error)
        return sheet_page(assignment, sheet_form), 422
    except NotAllowed as error:
        return _closed(code, sentence(error))
    flash(str(AFTER["finish"]), "ok")
    return redirect(unit.answer or url_for("reviews.queue"))


@blueprint.get("/<string:code>/sheet.pdf")
@requires(Permission.REVIEW_SUBMIT)
def own_paper(code: str) -> Response:
    """«Оціночний лист» of one's own review."""
    assignment = queries.assignment_for(viewer(), code)
    if assignment.state == AssignmentState.PROPOSED:
        raise NotFound()
    reading = queries.reading_of(assignment.application)
    view = queries.sheet_for(assignment, viewer(), reading=reading)
    paper = documents.review_sheet(assignment.application, view, lang=lang(), with_note=True, reading=reading)
    return download(draw(paper), "pdf", f"review-{code}-{assignment.expert_code}")


def sheet_page(assignment: Assignment, form: SheetForm | None = None, *, clash: bool = False) -> str:
    """The page of the sheet: stored values, or what was typed when it was refused; `clash` shows both."""
    person, application = viewer(), assignment.application
    reading = queries.reading_of(application)
    view = queries.sheet_for(assignment, person, reading=reading)
    if form is None:
        form = form_of(view, is_stored=True)
    rows = queries.my_assignments(person)
    before, following = queries.neighbours(rows, application.code or "")
    return render_template(
        "reviews/sheet.html",
        assignment=assignment,
        application=application,
        competition=application.competition,
        view=view,
        form=form,
        missing_fields=[(one.number, form.points_of(one.code), one.points is None) for one in view.criteria],
        clash=view if clash else None,
        reading=reading,
        sections=queries.passages_of(reading, assignment),
        numbers={one.code: criterion.number for criterion in view.criteria for one in criterion.evidence},
        categories=form_for(application).category_labels,
        others=queries.other_reviews(assignment, person, reading),
        recommendations=RECOMMENDATIONS,
        why_not=said(policy.why_not_score(person, assignment)),
        why_not_recall=said(policy.why_not_recall(person, assignment)),
        why_not_conflict=said(policy.why_not_declare_conflict(person, assignment)),
        done_count=sum(row.state == AssignmentState.DONE for row in rows),
        all_count=len(rows),
        next_row=queries.next_of(rows, application.code or ""),
        before=before,
        following=following,
        prefers_next=remembered() == "next",
        pass_text="" if view.pass_mark is None else gettext("pass mark %(mark)s", mark=comma(view.pass_mark)),
        comma=comma,
    )


def _carry_out(assignment: Assignment, form: SheetForm, then: str) -> None:
    act = services.submit_review if then == "finish" else services.save_review
    act(assignment, form.sheet(), version=form.seen_version(), by=viewer())
    if then == "skip":
        services.skip(assignment, viewer())
    elif then.startswith("remove-"):
        services.remove_evidence(assignment, then.removeprefix("remove-"), viewer())


def _own_sheet(code: str) -> Assignment | tuple[str, int]:
    """The assignment; when it has ended meanwhile, the page that says so and gives the typed text back."""
    try:
        return queries.assignment_for(viewer(), code)
    except NotFound:
        return _closed(code)


def _closed(code: str, reason: str = "") -> tuple[str, int]:
    """The sheet has closed while it was open on the screen. Raises NotFound for whom it was never open."""
    query = (
        sa.select(Assignment)
        .join(Application, Application.id == Assignment.application_id)
        .filter(Application.code == code, Assignment.expert_id == viewer().id)
        .order_by(Assignment.id.desc())
    )
    found = db.session.scalars(query).first()
    if found is None or found.declared_at is None:
        raise NotFound()
    ended = {
        AssignmentState.REMOVED: gettext("The secretary has taken this assignment back"),
        AssignmentState.DECLINED_COI: gettext("A conflict of interest with this application is declared"),
        AssignmentState.DECLINED_BUSY: gettext("You have given this application back"),
    }
    titles = {one.code: one.title for one in found.application.competition.criteria}
    text = _typed_text(titles)
    reason = ended.get(found.state, reason) or gettext(policy.ENDED_ALREADY)
    return render_template("reviews/closed.html", code=code, reason=reason, text=text), 403


def _typed_text(titles: dict[str, str]) -> str:
    """What was typed in the form of this request, to be copied."""
    typed = form_of_names(request.form).sheet()
    lines = [f"{title}: {typed.points.get(code, '')}\n{typed.reasons.get(code, '')}" for code, title in titles.items()]
    cuts = [
        gettext("Line %(number)s: %(text)s", number=number, text=line.reason)
        for number, line in sorted(typed.lines.items())
        if line.reason
    ]
    asked = any([*typed.points.values(), *typed.reasons.values(), typed.comment_applicant, typed.comment_secretary])
    return "\n\n".join([*lines, *cuts, typed.comment_applicant, typed.comment_secretary]).strip() if asked else ""


def _sent_twice(form: SheetForm) -> bool:
    """Whether a field came with two values: which of them was meant, nobody can say."""
    twice = [name for name, values in request.form.lists() if len(values) > 1]
    if twice:
        put_on_form(form, InvalidInput(TWICE, field=twice[0] if twice[0] in form else None))
    return bool(twice)


def _typed() -> SheetForm:
    """The form as it was sent; whether its criteria are those of the competition, the service asks under its lock."""
    form = form_of_names(request.form)
    if any(len(values) > 1 for _name, values in request.form.lists()):
        raise InvalidInput(TWICE)
    if not form.validate():
        field = next(field for field in form if field.errors)
        raise InvalidInput(str(field.errors[0]), field=field.name)
    return form


def _own(code: str) -> Assignment:
    """The viewer's assignment alone: the service reads the rest under its lock."""
    query = (
        sa.select(Assignment)
        .join(Application, Application.id == Assignment.application_id)
        .filter(Application.code == code, Assignment.expert_id == viewer().id)
        .order_by(Assignment.id.desc())
    )
    found = db.session.scalars(query).first()
    if found is None:
        raise NotFound()
    if found.state in queries.ENDED:
        raise NotAllowed("This assignment has ended. Copy your text: it is not saved any more")
    return found


def _clash(code: str, form: SheetForm | None) -> Answer:
    """Both texts stand side by side: what was typed stays in the form, what is stored is shown beside it."""
    assignment = queries.assignment_for(viewer(), code)
    stored = assignment.review.version if assignment.review else 0
    if form is not None:
        form.version.data = str(stored)
    return sheet_page(assignment, form, clash=True), 409


def _as_text(view: queries.SheetView) -> str:
    lines = [f"{one.number}. {one.title}: {comma(one.points)}\n{one.justification}" for one in view.criteria]
    return "\n".join([*lines, view.comment_applicant, view.comment_secretary]).strip()
