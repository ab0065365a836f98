"""Words of the application marked for a criterion: by a script from the selection, or chosen sentence by sentence."""

from __future__ import annotations

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext

from grants_app.core.errors import DomainError, InvalidInput, NotAllowed, NotFound
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.reviews import policy, queries, services
from grants_app.reviews.forms import EvidenceForm
from grants_app.reviews.models import Assignment
from grants_app.reviews.routes.blueprint import Answer, blueprint, viewer
from grants_app.reviews.rules import LONGEST_QUOTE
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form, sentence


@blueprint.get("/<string:code>/evidence/<int:number>")
@requires(Permission.REVIEW_SUBMIT)
def choose_evidence(code: str, number: int) -> Answer:
    """Every sentence of the application, to choose one for this criterion without a mouse or a script."""
    assignment = queries.assignment_for(viewer(), code)
    criterion = _numbered(assignment, number)
    return _page(assignment, criterion, EvidenceForm(formdata=None, data={"criterion": criterion.code}))


@blueprint.post("/<string:code>/evidence")
@requires(Permission.REVIEW_SUBMIT)
def add_evidence(code: str) -> Answer:
    """Attach the words; answers JSON to a script, the sheet to a form."""
    assignment = queries.assignment_for(viewer(), code)
    form = EvidenceForm()
    try:
        if not form.validate_on_submit():
            raise InvalidInput("Select the words in the text of the application", field="quote")
        with unit_of_work() as unit:
            quote = services.Quote(form.said(), form.question.data or "", form.start.data or 0)
            found = services.mark_evidence(assignment, quote, criterion=form.criterion.data or "", by=viewer())
            unit.answer = f"{url_for('reviews.sheet', code=code)}#evidence-{found.code}"
            said = {"code": found.code, "quote": found.quote, "question": found.question, "start": found.start}
    except InvalidInput as error:
        if _wants_json():
            return jsonify(message=sentence(error)), 422
        return _refused(code, form, error)
    except NotAllowed as error:
        if _wants_json():
            return jsonify(message=sentence(error)), 403
        raise
    if _wants_json():
        return jsonify(said)
    flash(gettext("The words are attached to the criterion"), "ok")
    return redirect(unit.answer)


@blueprint.post("/<string:code>/evidence/<string:evidence>/remove")
@requires(Permission.REVIEW_SUBMIT)
def remove_evidence(code: str, evidence: str) -> Answer:
    """Take a mark away."""
    assignment = queries.assignment_for(viewer(), code)
    with unit_of_work() as unit:
        services.remove_evidence(assignment, evidence, viewer())
        unit.answer = url_for("reviews.sheet", code=code)
    return jsonify(code=evidence) if _wants_json() else redirect(unit.answer)


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _numbered(assignment: Assignment, number: int) -> queries.CriterionView:
    """The criterion of that number on an open sheet. Raises NotAllowed when it is closed, NotFound for no such one."""
    refusal = policy.why_not_score(viewer(), assignment)
    if refusal is not None:
        raise NotAllowed(refusal)
    criteria = queries.sheet_for(assignment, viewer()).criteria
    if not 1 <= number <= len(criteria):
        raise NotFound()
    return criteria[number - 1]


def _refused(code: str, form: EvidenceForm, error: DomainError) -> Answer:
    assignment = queries.assignment_for(viewer(), code)
    criteria = queries.sheet_for(assignment, viewer()).criteria
    criterion = next((one for one in criteria if one.code == form.criterion.data), None)
    if criterion is None:
        raise error
    put_on_form(form, error)
    return _page(assignment, criterion, form), 422


def _page(assignment: Assignment, criterion: queries.CriterionView, form: EvidenceForm) -> str:
    application = assignment.application
    return render_template(
        "reviews/evidence.html",
        application=application,
        criterion=criterion,
        form=form,
        texts=queries.sentences_of(queries.reading_of(application)),
        longest=LONGEST_QUOTE,
    )
