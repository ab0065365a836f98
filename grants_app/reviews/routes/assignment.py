"""Who scores what: the board of a competition, the proposal, one application's experts, the door into scoring."""

from __future__ import annotations

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError, EditConflict, NotFound
from grants_app.database import db, unit_of_work
from grants_app.permissions import Permission
from grants_app.reviews import policy, queries, services
from grants_app.reviews.forms import AssignForm, ReasonForm
from grants_app.reviews.routes.blueprint import Answer, application_of, blueprint, competition_of, said, viewer
from grants_app.reviews.routes.desk import assignment_of
from grants_app.reviews.services import Proposal, Shortage
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form, sentence


@blueprint.get("/<string:code>/assignment")
@requires(Permission.REVIEW_ASSIGN)
def board(code: str) -> str:
    """Every application with its experts; `?proposal=1` shows the computed proposal beside it."""
    competition = competition_of(code)
    proposal = services.propose_assignment(competition) if request.args.get("proposal") else None
    return _board(competition, proposal)


@blueprint.post("/<string:code>/assignment/apply")
@requires(Permission.REVIEW_ASSIGN)
def apply(code: str) -> Answer:
    """Carry out exactly the proposal that was shown: it is computed again and must be the same."""
    competition = competition_of(code)
    proposal = services.propose_assignment(competition)
    if not isinstance(proposal, Proposal) or proposal.digest != request.form.get("digest"):
        raise EditConflict("The assignments have changed since this proposal. Look at a new one")
    with unit_of_work() as unit:
        count = services.apply_assignment(competition, proposal, viewer())
        unit.answer = url_for("reviews.board", code=code)
    flash(ngettext("%(num)d assignment made", "%(num)d assignments made", count), "ok")
    return redirect(unit.answer)


@blueprint.post("/<string:code>/open")
@requires(Permission.COMPETITION_RUN)
def open_review(code: str) -> Answer:
    """Open expert scoring; everything that is not ready is listed."""
    competition = competition_of(code)
    try:
        with unit_of_work() as unit:
            services.open_review(competition, viewer())
            unit.answer = url_for("reviews.progress", code=code)
    except DomainError:
        return _board(competition_of(code), None), 422
    flash(gettext("Scoring is open. Letters to the experts are in the outbox"), "ok")
    return redirect(unit.answer)


@blueprint.get("/<string:code>/experts")
@requires(Permission.REVIEW_ASSIGN)
def seats(code: str) -> str:
    """The experts of one application and who else could score it."""
    return _seats(application_of(code), AssignForm(formdata=None), ReasonForm(formdata=None))


@blueprint.post("/<string:code>/experts")
@requires(Permission.REVIEW_ASSIGN)
def assign(code: str) -> Answer:
    """Assign one expert by hand."""
    application = application_of(code)
    form = AssignForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                expert = db.session.scalar(sa.select(User).filter_by(email=form.expert.data))
                if expert is None:
                    raise NotFound()
                services.assign(application, expert, viewer(), reason=form.reason.data or "")
                unit.answer = url_for("reviews.seats", code=code)
            flash(gettext("The expert is assigned"), "ok")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _seats(application_of(code), form, ReasonForm(formdata=None)), 422


@blueprint.post("/<string:code>/experts/<string:expert>/take-back")
@requires(Permission.REVIEW_ASSIGN)
def take_back(code: str, expert: str) -> Answer:
    """Take an unfinished assignment away, with the reason."""
    assignment = assignment_of(code, expert)
    form = ReasonForm()
    if form.validate_on_submit():
        with unit_of_work() as unit:
            services.take_back(assignment, form.reason.data or "", viewer())
            unit.answer = url_for("reviews.seats", code=code)
        flash(gettext("The assignment is taken back"), "ok")
        return redirect(unit.answer)
    return _seats(application_of(code), AssignForm(formdata=None), form, failed=expert), 422


def _board(competition: Competition, proposal: Proposal | Shortage | None) -> str:
    person = viewer()
    rows = queries.board_rows(competition, person)
    return render_template(
        "reviews/assignment.html",
        competition=competition,
        rows=rows,
        loads=queries.progress_rows(competition, person),
        missing_count=sum(row.missing_count for row in rows),
        proposal=proposal if isinstance(proposal, Proposal) else None,
        shortage=proposal if isinstance(proposal, Shortage) else None,
        gaps=[sentence(gap) for gap in policy.gaps_before_review(competition, hidden_ids(person, competition))],
        why_not_assign=said(policy.why_not_assign(person, competition)),
    )


def _seats(application: Application, form: AssignForm, reason_form: ReasonForm, *, failed: str = "") -> str:
    person = viewer()
    found = queries.reviews_of(application)
    return render_template(
        "reviews/seats.html",
        application=application,
        competition=application.competition,
        assignments=found,
        ended=queries.ENDED,
        reasons={one.expert_code: said(policy.why_not_take_back(person, one)) for one in found},
        candidates=queries.candidates(application),
        form=form,
        reason_form=reason_form,
        failed=failed,
        why_not_assign=said(policy.why_not_assign(person, application.competition)),
    )
