"""Announcing, prolonging and cancelling."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.competitions import documents, forms, policy, queries, services
from grants_app.competitions.models import Competition
from grants_app.competitions.routes.blueprint import blueprint, competition_or_404
from grants_app.competitions.routes.settings import guard_checks
from grants_app.core import clock
from grants_app.core.errors import DomainError, EditConflict, ManyErrors
from grants_app.database import unit_of_work
from grants_app.lifecycle import CompetitionState
from grants_app.permissions import Permission
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form

Answer = str | Response | tuple[str, int]


@blueprint.get("/competitions/<string:code>/announce")
@requires(Permission.COMPETITION_ANNOUNCE)
def announce_page(code: str) -> Answer:
    """What is still missing, what will become fixed, and the button; an announced call has its own page."""
    competition = competition_or_404(code)
    if competition.state is not CompetitionState.DRAFT:
        return redirect(url_for("competitions.show", code=code))
    return _announce_page(competition, forms.AnnounceForm(version=str(competition.version)))


@blueprint.post("/competitions/<string:code>/announce")
@requires(Permission.COMPETITION_ANNOUNCE)
def announce(code: str) -> Answer:
    """Announce: the rules become fixed, the money is reserved."""
    competition = competition_or_404(code)
    form = forms.AnnounceForm()
    if not form.validate_on_submit():
        return _announce_page(competition, form), 422
    try:
        with unit_of_work() as unit:
            services.announce(
                competition,
                by=current_user,
                short_intake_reason=form.short_intake_reason.data or None,
                version=form.seen_version,
            )
            unit.answer = url_for("competitions.show", code=code)
        return redirect(unit.answer)
    except EditConflict as error:
        form.version.data = str(competition.version)
        put_on_form(form, error)
        return _announce_page(competition, form), 409
    except ManyErrors as errors:
        for single in errors.errors:
            single.field = None  # the themes are pages of their own: the list below links to them
        put_on_form(form, errors)
        return _announce_page(competition, form), 422


@blueprint.get("/competitions/<string:code>/prolong")
@requires(Permission.COMPETITION_ANNOUNCE)
def prolong_page(code: str) -> str:
    """The form of prolonging."""
    competition = competition_or_404(code)
    scored = competition.scoring_until
    form = forms.ProlongForm(
        scoring_until=None if scored is None else clock.last_day(scored), results_by=competition.results_by
    )
    return _prolong_page(competition, form)


@blueprint.post("/competitions/<string:code>/prolong")
@requires(Permission.COMPETITION_ANNOUNCE)
def prolong(code: str) -> Answer:
    """Move the end of the intake."""
    competition = competition_or_404(code)
    form = forms.ProlongForm()
    until = form.until.data
    if not form.validate_on_submit() or until is None:
        return _prolong_page(competition, form), 422
    scored = form.scoring_until.data
    try:
        with unit_of_work() as unit:
            services.prolong(
                competition,
                clock.end_of_day(until),
                by=current_user,
                reason=form.reason.data,
                scoring_until=None if scored is None else clock.end_of_day(scored),
                results_by=form.results_by.data,
            )
            unit.answer = url_for("competitions.show", code=code)
        return redirect(unit.answer)
    except DomainError as error:
        put_on_form(form, error)
        return _prolong_page(competition, form), 422


@blueprint.get("/competitions/<string:code>/cancel")
@requires(Permission.COMPETITION_ANNOUNCE)
def cancel_page(code: str) -> str:
    """The form of cancelling."""
    return _cancel_page(competition_or_404(code), forms.CancelForm())


@blueprint.post("/competitions/<string:code>/cancel")
@requires(Permission.COMPETITION_ANNOUNCE)
def cancel(code: str) -> Answer:
    """Call the competition off."""
    competition = competition_or_404(code)
    form = forms.CancelForm()
    if not form.validate_on_submit():
        return _cancel_page(competition, form), 422
    try:
        with unit_of_work() as unit:
            services.cancel(competition, by=current_user, reason=form.reason.data)
            unit.answer = url_for("competitions.show", code=code)
        return redirect(unit.answer)
    except DomainError as error:
        put_on_form(form, error)
        return _cancel_page(competition, form), 422


def _announce_page(competition: Competition, form: forms.AnnounceForm) -> str:
    unmet = policy.unmet_guards(competition)
    return render_template(
        "competitions/announce.html",
        competition=competition,
        form=form,
        checks=guard_checks(competition),
        unmet_count=len(unmet),
        is_short=any(error.message == policy.SHORT_INTAKE for error in unmet),
        why_not=policy.why_not_announce(current_user, competition),
        sentences=[*documents.panel_sentences(competition), *documents.ranking_sentences(competition)],
        fund_kop=queries.fund_kop(competition),
        lots=competition.lots,
    )


def _prolong_page(competition: Competition, form: forms.ProlongForm) -> str:
    return render_template(
        "competitions/prolong.html",
        competition=competition,
        form=form,
        why_not=policy.why_not_prolong(current_user, competition, clock.now()),
        until=documents.until_words(competition.intake_until) if competition.intake_until else "",
    )


def _cancel_page(competition: Competition, form: forms.CancelForm) -> str:
    return render_template(
        "competitions/cancel.html",
        competition=competition,
        form=form,
        why_not=policy.why_not_cancel(current_user, competition),
    )
