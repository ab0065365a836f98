"""The proposal of who scores what: asked for, watched while it is computed, read with its certificate, applied."""

from __future__ import annotations

import secrets
from contextvars import copy_context

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from grants_app.competitions.models import Competition
from grants_app.competitions.queries import known_fields
from grants_app.core.errors import EditConflict
from grants_app.database import request_key, unit_of_work
from grants_app.journal.jobs import do_job
from grants_app.journal.models import Job
from grants_app.permissions import Permission
from grants_app.reviews import policy, queries, services
from grants_app.reviews.documents import assignment as wordings
from grants_app.reviews.forms.assignment import ProposalForm
from grants_app.reviews.routes.assignment import board_page
from grants_app.reviews.routes.blueprint import Answer, blueprint, competition_of, said, tell_of_held_letters, viewer
from grants_app.reviews.rules.matching import MODES, Wish
from grants_app.reviews.services import Proposal, Shortage
from grants_app.reviews.services.assigning import CHANGED
from grants_app.reviews.services.proposal import ask_for_proposal, proposal_job, proposal_of
from grants_app.web.access import requires
from grants_app.web.errors import sentence

WORDS = {
    "competition.apply_assignment_table": "Experts assigned by a table",
    "job.reviews.proposal": "Proposal of the assignment",
}
# Applications × experts up to which the answer comes within the request; above it a worker computes and the page waits.
AT_ONCE = 600


@blueprint.post("/<string:code>/assignment/propose")
@requires(Permission.REVIEW_ASSIGN)
def propose(code: str) -> Answer:
    """Ask for a proposal in the chosen mode."""
    competition = competition_of(code)
    form = ProposalForm()
    if not form.validate_on_submit():
        return board_page(competition, form), 422
    seed = form.seed.data if form.seed.data is not None else secrets.randbelow(10**9) + 1
    job = _asked(competition, Wish(form.mode.data, form.limit_bp.data or 5_000, seed))
    return redirect(url_for("reviews.proposal", code=code, job=job))


@blueprint.get("/<string:code>/assignment/proposal/<string:job>")
@requires(Permission.REVIEW_ASSIGN)
def proposal(code: str, job: str) -> str:
    """What was computed, with its certificate in words; while it is computed the page asks again by itself."""
    competition = competition_of(code)
    return _page(competition, proposal_job(job, competition, viewer()))


@blueprint.post("/<string:code>/assignment/apply")
@requires(Permission.REVIEW_ASSIGN)
def apply(code: str) -> Answer:
    """Carry out exactly the proposal that was shown; where anything has changed since, a new one is shown instead."""
    competition = competition_of(code)
    job = proposal_job(request.form.get("job", ""), competition, viewer())
    found = proposal_of(job) if job.status == "done" else None
    try:
        if not isinstance(found, Proposal) or found.digest != request.form.get("digest"):
            raise EditConflict(CHANGED)
        with unit_of_work() as unit:
            count = services.apply_assignment(competition, found, viewer())
            unit.answer = url_for("reviews.board", code=code)
    except EditConflict as error:
        wish = found.wish if isinstance(found, Proposal) else Wish()
        fresh = proposal_job(_asked(competition, wish), competition, viewer())
        return _page(competition, fresh, told=sentence(error)), 409
    flash(ngettext("%(num)d assignment made", "%(num)d assignments made", count), "ok")
    tell_of_held_letters(competition)
    return redirect(unit.answer)


def _asked(competition: Competition, wish: Wish) -> str:
    """The code of the job; a small one is done by the time this returns."""
    with unit_of_work() as unit:
        job = ask_for_proposal(competition, wish, viewer())
        code = job.code
        unit.answer = url_for("reviews.proposal", code=competition.code, job=code)
    size = queries.seats_wanted(competition)[0] * len(queries.eligible_experts(competition))
    if size <= AT_ONCE:
        copy_context().run(_do_now, code)
    return code


def address_of_a_fresh_one(competition: Competition) -> str:
    """Where a proposal stands that was asked for after another step of the same request."""
    return url_for("reviews.proposal", code=competition.code, job=copy_context().run(_asked_apart, competition))


def _asked_apart(competition: Competition) -> str:
    request_key.set(None)
    return _asked(competition, Wish())


def _do_now(code: str) -> None:
    """The job in this request: its units are no second sending of the form."""
    request_key.set(None)
    do_job(code)


def _page(competition: Competition, job: Job, *, told: str = "") -> str:
    found = proposal_of(job) if job.status == "done" else None
    titles = dict(known_fields())
    is_shortage = isinstance(found, Shortage)
    return render_template(
        "reviews/assignment_proposal.html",
        competition=competition,
        job=job,
        told=told,
        is_over=job.status in ("done", "failed"),
        proposal=None if is_shortage else found,
        shortage=found if is_shortage else None,
        mode=gettext(MODES[found.wish.mode]) if isinstance(found, Proposal) else "",
        reached=wordings.certificate_sentences(found) if isinstance(found, Proposal) else [],
        limits=wordings.limit_sentences(found) if isinstance(found, Proposal) else [],
        is_drawn_too_narrow=isinstance(found, Shortage) and any(one.kind == "limit" for one in found.remedies),
        missing=wordings.shortage_sentences(found, titles) if isinstance(found, Shortage) else [],
        remedies=wordings.remedy_sentences(found.remedies, titles) if isinstance(found, Shortage) else [],
        why_not_assign=said(policy.why_not_assign(viewer(), competition)),
    )
