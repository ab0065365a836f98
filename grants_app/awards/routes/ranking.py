"""The ranked list of the commission, how each number came about, and departures from the rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from grants_app.applications.queries.budget import smallest_plan
from grants_app.awards import documents, policy, services
from grants_app.awards.forms import AmountForm, SeedForm
from grants_app.awards.models import Award
from grants_app.awards.queries.access import current_ranking, desk_award, desk_competition, recused_applications
from grants_app.awards.queries.decision import decision_guards, undecided_ties
from grants_app.awards.queries.explanation import story_of, veiled_stories
from grants_app.awards.queries.ranking import (
    SORTS,
    STATE_FILTERS,
    Choice,
    RankingPage,
    decided_rows,
    ranking_page,
)
from grants_app.awards.routes.blueprint import Answer, blueprint, person, said
from grants_app.awards.routes.explanation import story_parts
from grants_app.awards.routes.rows import cells_of, exported, lot_sentence, lot_sentences
from grants_app.awards.rules.words import STANDINGS, Label, standing
from grants_app.awards.schemas import RankedListSchema, as_seen
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError
from grants_app.database import unit_of_work
from grants_app.lifecycle import CompetitionState
from grants_app.permissions import Permission
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form
from grants_app.web.export import respond
from grants_app.web.requests import page_number

FILTER_LABELS = {
    "": "All",
    "money": "With money",
    "reserve": "Reserve",
    "skipped": "Not funded by decision",
    "below": "Below the pass mark",
}


@dataclass(frozen=True)
class Part:
    """A part of a money bar."""

    label: str
    amount_kop: int
    series: int


@blueprint.get("/<string:competition>/ranking")
@requires(Permission.RANKING_READ)
def ranking(competition: str) -> str:
    """The ranked list."""
    page = ranking_page(competition, person(), _choice())
    return render_template(
        "awards/ranking.html",
        page=page,
        competition=page.competition,
        cells=cells_of(page),
        bars=[(balance, _parts(balance), lot_sentence(balance)) for balance in page.balances],
        prefix=url_for("awards.explain", competition=competition, application="-")[:-1],
        sorts=_sorts(page),
        filters=[(key, _(label)) for key, label in FILTER_LABELS.items()],
        lots=[("", _("All lots")), *((lot.code, lot.title) for lot in page.lots)],
        exports=_exports("awards.ranking_export", page),
        count=ngettext("%(num)d row", "%(num)d rows", page.count),
        page_url=_page_url(page),
        is_deliberated=page.competition.state is CompetitionState.DELIBERATION,
    )


@blueprint.get("/<string:competition>/ranking.<any(json,csv,xlsx,pdf):suffix>")
@requires(Permission.RANKING_READ)
def ranking_export(competition: str, suffix: str) -> Response:
    """What the screen shows, all pages of it, as a file."""
    page = ranking_page(competition, person(), replace(_choice(), all_rows=True))
    document = documents.list_document(
        page.competition,
        _("Ranked list"),
        sentences=[_filter_words(page), *lot_sentences(page)],
        hashes=(page.rules_hash, page.input_hash),
        is_partial=bool(page.hidden),
    )
    columns = as_seen(RankedListSchema, page.hidden)
    return respond(exported(page), columns, suffix, file_name=f"{competition}-ranking", document=document)


@blueprint.get("/<string:competition>/ranking/<string:application>")
@requires(Permission.RANKING_READ)
def explain(competition: str, application: str) -> str:
    """How the score, the place and the sum of one application came about, and the form of another sum."""
    award = desk_award(person(), desk_competition(person(), competition), application)
    return _explain_page(award)


@blueprint.post("/<string:competition>/ranking/<string:application>/amount")
@requires(Permission.AWARD_EDIT)
def change_amount(competition: str, application: str) -> Answer:
    """Propose another sum, with its reason."""
    award = desk_award(person(), desk_competition(person(), competition), application)
    form = AmountForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.change_amount(award, form.amount.data, reason=form.reason.data or "", by=person())
                unit.answer = url_for("awards.explain", competition=competition, application=application)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _explain_page(award, form), 422


@blueprint.get("/<string:competition>/draw")
@requires(Permission.RANKING_READ)
def draw(competition: str) -> str:
    """The draw of a tie at the money line."""
    return _draw_page(desk_competition(person(), competition), SeedForm())


@blueprint.post("/<string:competition>/draw/announce")
@requires(Permission.AWARD_EDIT)
def announce_draw(competition: str) -> Answer:
    """Announce the seed."""
    found = desk_competition(person(), competition)
    form = SeedForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.announce_draw(found, form.seed.data, by=person())
                unit.answer = url_for("awards.draw", competition=competition)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _draw_page(found, form), 422


@blueprint.post("/<string:competition>/draw/hold")
@requires(Permission.MEETING_CHAIR)
def hold_draw(competition: str) -> Answer:
    """Draw."""
    found = desk_competition(person(), competition)
    with unit_of_work() as unit:
        services.hold_draw(found, by=person())
        unit.answer = url_for("awards.ranking", competition=competition)
    return redirect(unit.answer)


@blueprint.get("/<string:competition>/decision")
@requires(Permission.RANKING_READ)
def decision_desk(competition: str) -> str:
    """Where the decision stands: handing over, conditions of the signature, the signature."""
    found = desk_competition(person(), competition)
    hidden = recused_applications(person(), found.id)
    return render_template(
        "awards/decision_desk.html",
        competition=found,
        has_ranking=current_ranking(found) is not None,
        guards=decision_guards(found, hidden) if current_ranking(found) is not None else [],
        missing=policy.short_of_reviews(found),
        why_not_open=said(policy.why_not_open_decision(person(), found)),
        why_not_decide=said(policy.why_not_decide(person(), found)),
        why_not_publish=said(policy.why_not_publish(person(), found)),
    )


@blueprint.post("/<string:competition>/open")
@requires(Permission.COMPETITION_RUN)
def open_decision(competition: str) -> Answer:
    """Hand the competition over to the commission."""
    found = desk_competition(person(), competition)
    with unit_of_work() as unit:
        services.open_decision(found, by=person())
        unit.answer = url_for("awards.ranking", competition=competition)
    return redirect(unit.answer)


@blueprint.post("/<string:competition>/sign")
@requires(Permission.MEETING_CHAIR)
def sign_decision(competition: str) -> Answer:
    """Sign the decision: the money is promised."""
    found = desk_competition(person(), competition)
    with unit_of_work() as unit:
        services.sign_decision(found, by=person())
        unit.answer = url_for("awards.decision_desk", competition=competition)
    return redirect(unit.answer)


def _choice() -> Choice:
    sort = request.args.get("sort", "place")
    state = request.args.get("state", "")
    return Choice(
        lot=request.args.get("lot", ""),
        state=state if state in STATE_FILTERS else "",
        sort=sort if sort in SORTS else "place",
        page=page_number(),
    )


def _arguments(page: RankingPage, **changes: Any) -> dict[str, Any]:
    choice = page.choice
    values = {"lot": choice.lot, "state": choice.state, "sort": "" if choice.sort == "place" else choice.sort}
    return {name: value for name, value in {**values, **changes}.items() if value}


def _exports(endpoint: str, page: RankingPage) -> list[tuple[str, str]]:
    return [
        (suffix.upper(), url_for(endpoint, competition=page.competition.code, suffix=suffix, **_arguments(page)))
        for suffix in ("pdf", "xlsx", "csv", "json")
    ]


def _page_url(page: RankingPage) -> str:
    address = url_for("awards.ranking", competition=page.competition.code, **_arguments(page))
    return f"{address}{'&' if '?' in address else '?'}page={{page}}"


def _sorts(page: RankingPage) -> dict[str, tuple[str, str]]:
    """For each sortable column, the address that orders by it next and how it orders now."""
    found = {}
    for name, first in (("score", "-score"), ("requested", "-requested"), ("spread", "-spread"), ("place", "place")):
        now = page.choice.sort
        current = "descending" if now == f"-{name}" else "ascending" if now == name else ""
        target = name if now == f"-{name}" else first
        url = url_for("awards.ranking", competition=page.competition.code, **_arguments(page, sort=target))
        found[name] = (url, current)
    return found


def _parts(balance: dict[str, Any]) -> list[Part]:
    words = (("funded", _("full sums"), 1), ("partial", _("remainder or another sum"), 2), ("pooled", _("leftover"), 3))
    return [
        Part(f"{balance[f'{key}_count']} · {word}", balance[f"{key}_kop"], series)
        for key, word, series in words
        if balance[f"{key}_count"] and key != "pooled"
    ]


def _filter_words(page: RankingPage) -> str:
    lot = next((lot.title for lot in page.lots if lot.code == page.choice.lot), _("All lots"))
    return f"{lot} · {_(FILTER_LABELS[page.choice.state])} · {ngettext('%(num)d row', '%(num)d rows', page.count)}"


def _explain_page(award: Award, form: AmountForm | None = None) -> str:
    competition = award.competition
    story = story_of(competition, award.application.code or "", recused_applications(person(), competition.id))
    (told,) = veiled_stories([story], person(), competition)
    # A reason that is read with masks is not written back with them: whoever changes the sum types their own.
    reason = award.reason if told.reason == award.reason else ""
    word = standing(award.outcome, award.proposed_kop, award.rule_kop, award.requested_kop)
    return render_template(
        "awards/explain.html",
        award=award,
        place=told.place_shown,
        competition=competition,
        application=told.application,
        given_up=smallest_plan(award.application, person()),
        state=Label(STANDINGS[word].label, STANDINGS[word].colour),
        form=form or AmountForm(amount=award.proposed_kop, reason=reason),
        why_not_change=said(policy.why_not_change(person(), award)),
        may_change=person().can(Permission.AWARD_EDIT),
        **story_parts(told),
    )


def _hidden_codes(competition: Competition) -> frozenset[str]:
    out = recused_applications(person(), competition.id)
    rows = decided_rows(competition) if out else []
    return frozenset(row.code for row in rows if row.code) - {row.code for row in decided_rows(competition, None, out)}


def _draw_page(competition: Competition, form: SeedForm) -> str:
    return render_template(
        "awards/draw.html",
        competition=competition,
        form=form,
        draw=policy.draw_of(competition),
        tied=[code for code in undecided_ties(competition) if code not in _hidden_codes(competition)],
        why_not_announce=said(policy.why_not_announce_draw(person(), competition)),
        why_not_draw=said(policy.why_not_draw(person(), competition)),
    )
