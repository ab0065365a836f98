"""Giving an application back, recalling a submitted review, opening the reviews of the others."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext

from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.reviews import policy, queries, services
from grants_app.reviews.forms import AbstainForm
from grants_app.reviews.routes.blueprint import Answer, blueprint, said, viewer
from grants_app.web.access import requires


@blueprint.get("/<string:code>/abstain")
@requires(Permission.REVIEW_SUBMIT)
def abstain(code: str) -> str:
    """«Утриматися»: why, and what follows."""
    return _abstain(code, AbstainForm(formdata=None))


@blueprint.post("/<string:code>/abstain")
@requires(Permission.REVIEW_SUBMIT)
def give_back(code: str) -> Answer:
    """Give the application back with the reason."""
    assignment = queries.assignment_for(viewer(), code)
    form = AbstainForm()
    if not form.validate_on_submit():
        return _abstain(code, form), 422
    with unit_of_work() as unit:
        services.abstain(assignment, form.reason.data or "", viewer())
        unit.answer = url_for("reviews.queue")
    flash(gettext("You have given the application back. The secretary will find another expert"), "ok")
    return redirect(unit.answer)


@blueprint.post("/<string:code>/recall")
@requires(Permission.REVIEW_SUBMIT)
def recall(code: str) -> Answer:
    """Open one's own submitted review for changes again."""
    assignment = queries.assignment_for(viewer(), code)
    with unit_of_work() as unit:
        services.recall_review(assignment, viewer())
        unit.answer = url_for("reviews.sheet", code=code)
    flash(gettext("Your review is open for changes. It does not count until you finish it again"), "ok")
    return redirect(unit.answer)


@blueprint.post("/<string:code>/others")
@requires(Permission.REVIEW_SUBMIT)
def open_others(code: str) -> Answer:
    """Open the reviews of the other experts; the own one is final from now on."""
    assignment = queries.assignment_for(viewer(), code)
    with unit_of_work() as unit:
        services.open_others(assignment, viewer())
        unit.answer = f"{url_for('reviews.sheet', code=code)}#others"
    return redirect(unit.answer)


def _abstain(code: str, form: AbstainForm) -> str:
    assignment = queries.assignment_for(viewer(), code)
    return render_template(
        "reviews/abstain.html",
        application=assignment.application,
        competition=assignment.application.competition,
        form=form,
        why_not=said(policy.why_not_abstain(viewer(), assignment)),
    )
