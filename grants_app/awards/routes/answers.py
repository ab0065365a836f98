"""The applicant's decision page: accept, decline, complain; and the register of complaints."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for

from grants_app.awards import policy, services
from grants_app.awards.forms import AcceptForm, ComplaintDecisionForm, ComplaintForm, DeclineForm
from grants_app.awards.models import Complaint
from grants_app.awards.queries.answers import complaint_by_code, complaint_rows, decision_for
from grants_app.awards.routes.blueprint import Answer, blueprint, person, said
from grants_app.awards.rules.words import DECISIONS
from grants_app.core import clock
from grants_app.core.errors import DomainError
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web import formatting
from grants_app.web.access import requires, signed_in
from grants_app.web.errors import put_on_form


@blueprint.get("/decision/<string:application>")
@signed_in
def decision(application: str) -> str:
    """The outcome, why, what to do and by when, how to complain."""
    return _decision_page(application)


@blueprint.post("/decision/<string:application>/accept")
@requires(Permission.AWARD_ANSWER)
def accept(application: str) -> Answer:
    """Accept the money."""
    found = decision_for(person(), application)
    form = AcceptForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.accept_award(found.award, agrees_to_smaller=bool(form.agrees.data), by=person())
                unit.answer = url_for("awards.decision", application=application)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _decision_page(application, accept=form), 422


@blueprint.post("/decision/<string:application>/decline")
@requires(Permission.AWARD_ANSWER)
def decline(application: str) -> Answer:
    """Decline it."""
    found = decision_for(person(), application)
    form = DeclineForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.decline_award(found.award, reason=form.reason.data, by=person())
                unit.answer = url_for("awards.decision", application=application)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _decision_page(application, decline=form), 422


@blueprint.post("/decision/<string:application>/complaint")
@requires(Permission.COMPLAINT_FILE)
def complain(application: str) -> Answer:
    """File a complaint."""
    found = decision_for(person(), application)
    form = ComplaintForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                complaint = services.file_complaint(found.application, form.text.data, by=person())
                unit.answer = url_for("awards.complaint", code=complaint.code)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _decision_page(application, complain=form), 422


@blueprint.get("/complaints")
@requires(Permission.MEETING_RUN, Permission.AWARD_PUBLISH, Permission.RANKING_READ)
def complaints() -> str:
    """The register of complaints."""
    return render_template("awards/complaints.html", rows=complaint_rows(person()))


@blueprint.get("/complaints/<string:code>")
@signed_in
def complaint(code: str) -> str:
    """One complaint: text, answer, who decides."""
    return _complaint_page(complaint_by_code(person(), code), ComplaintDecisionForm())


@blueprint.post("/complaints/<string:code>/register")
@requires(Permission.MEETING_RUN)
def register_complaint(code: str) -> Answer:
    """Enter it into the register."""
    found = complaint_by_code(person(), code)
    with unit_of_work() as unit:
        services.register_complaint(found, by=person())
        unit.answer = url_for("awards.complaint", code=code)
    return redirect(unit.answer)


@blueprint.post("/complaints/<string:code>/decide")
@requires(Permission.AWARD_PUBLISH)
def decide_complaint(code: str) -> Answer:
    """Uphold or reject with reasons."""
    found = complaint_by_code(person(), code)
    form = ComplaintDecisionForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.decide_complaint(
                    found, is_upheld=form.verdict.data == "uphold", answer=form.answer.data, by=person()
                )
                unit.answer = url_for("awards.complaint", code=code)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _complaint_page(found, form), 422


def _decision_page(code: str, **forms: Any) -> str:
    found = decision_for(person(), code)
    titles = {criterion.code: criterion.title for criterion in found.application.competition.criteria}
    return render_template(
        "awards/decision.html",
        award=found.award,
        application=found.application,
        competition=found.application.competition,
        line=found.line,
        label=DECISIONS[found.award.decision or "not_awarded"],
        criteria=[
            (titles.get(key, key), formatting.mean(cell["combined"])) for key, cell in found.line.criteria.items()
        ],
        comments=found.comments,
        reasons=found.reasons,
        publication=found.publication,
        complain_by=clock.last_day(found.publication.complaints_until),
        answer_by=clock.last_day(found.award.answer_until) if found.award.answer_until else None,
        complaints=found.complaints,
        form=next(iter(forms.values()), None),
        accept_form=forms.get("accept") or AcceptForm(formdata=None),
        decline_form=forms.get("decline") or DeclineForm(formdata=None),
        complaint_form=forms.get("complain") or ComplaintForm(formdata=None),
        why_not_answer=said(policy.why_not_answer(person(), found.award)),
        why_not_complain=said(policy.why_not_complain(person(), found.application, found.publication)),
    )


def _complaint_page(complaint: Complaint, form: ComplaintDecisionForm) -> str:
    return render_template(
        "awards/complaint.html",
        complaint=complaint,
        form=form,
        may_register=person().can(Permission.MEETING_RUN),
        may_decide=person().can(Permission.AWARD_PUBLISH),
        why_not_register=said(policy.why_not_register_complaint(person(), complaint)),
        why_not_decide=said(policy.why_not_decide_complaint(person(), complaint)),
    )
