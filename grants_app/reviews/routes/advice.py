"""The secretary's advisory page while experts score and after, and each expert's own severity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from flask import Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import Competition
from grants_app.core.errors import NotAllowed, NotFound
from grants_app.database import db, unit_of_work
from grants_app.journal.queries import describe
from grants_app.permissions import Permission
from grants_app.reviews import documents
from grants_app.reviews.documents import advice as words
from grants_app.reviews.policy import advice as policy
from grants_app.reviews.queries import advice as queries
from grants_app.reviews.queries.marks import engine_rules
from grants_app.reviews.queries.progress import progress_rows
from grants_app.reviews.routes.blueprint import Answer, blueprint, competition_of, lang, said, viewer
from grants_app.reviews.rules import span_of
from grants_app.reviews.rules.advice import DECISION, SCORING, five_numbers, in_bins, spread_level
from grants_app.reviews.schemas.advice import SpreadSchema
from grants_app.reviews.services import advice as services
from grants_app.web import panels
from grants_app.web.access import requires
from grants_app.web.export import respond
from scoring import Rules

BINS = 10


@dataclass(frozen=True)
class SpreadLine:
    """How far the experts of one application are apart."""

    code: str
    title: str
    count: int
    deviation: str | None
    spread: str
    words: str
    level: str


@dataclass(frozen=True)
class SeverityLine:
    """An expert's severity with its interval, or why it cannot be said."""

    code: str
    name: str
    count: int
    severity: str
    interval: str
    verdict: str
    colour: str


@blueprint.get("/<string:code>/advice")
@requires(Permission.ADVICE_READ)
def advice(code: str) -> str:
    """Agreement, spreads and pace; after the handover the experts' severity too, for the secretary."""
    competition, person = _readable(code)
    report = queries.report_of(competition)
    hidden = hidden_ids(person, competition)
    named = queries.applications_by_engine_code(competition, person)
    out = {engine for engine, one in named.items() if one.id in hidden}
    # A figure of the whole competition counts every application: it is not for a reader kept out of one.
    kept_out = _("It would count applications that are considered without you") if out else None
    agreement = report.part("agreement") if report is not None and not kept_out else None
    totals = _totals(report, out)
    rules = engine_rules(competition)
    why_no_severity = policy.why_not_see_severity(person, competition)
    names = {} if why_no_severity else queries.names_of_experts(competition)
    return render_template(
        "reviews/advice.html",
        competition=competition,
        report=report,
        progress=queries.progress_of(competition, (SCORING, DECISION)),
        is_decision=competition.state in policy.AFTER_HANDOVER,
        why_not_ask=said(policy.why_not_ask_for_advice(person, competition)),
        refused=kept_out or _refused(report, "agreement"),
        headline=_("Agreement of the experts") if kept_out else words.agreement_headline(agreement),
        coefficients=words.coefficient_rows(agreement) if agreement else [],
        reasons=words.reasons(agreement.get("why")) if agreement else [],
        by_criterion=words.criterion_rows(agreement, _titles(rules)) if agreement else [],
        histogram=histogram(totals, rules),
        spreads=spread_lines(report, named, out, rules),
        pace=progress_rows(competition, person),
        severity=None if why_no_severity or kept_out else _severity(report, rules, names),
        severity_refused=None if why_no_severity else kept_out or _refused(report, "calibration"),
        boxes=[] if why_no_severity else _expert_boxes(totals),
        prior=_prior(report),
        blocks=panels.blocks("advice", person, competition),
        exports=[
            (suffix.upper(), url_for("reviews.advice_export", code=code, suffix=suffix))
            for suffix in ("pdf", "xlsx", "csv", "json")
        ],
    )


@blueprint.get("/<string:code>/advice.<any(json,csv,xlsx,pdf):suffix>")
@requires(Permission.ADVICE_READ)
def advice_export(code: str, suffix: str) -> Response:
    """The table of spreads as a file; severity of experts leaves in no file."""
    competition, person = _readable(code)
    named = queries.applications_by_engine_code(competition, person)
    hidden = hidden_ids(person, competition)
    out = {engine for engine, one in named.items() if one.id in hidden}
    rows = spread_lines(queries.report_of(competition), named, out, engine_rules(competition))
    frame = documents.table_frame(_("Spread of the experts"), competition, lang=lang())
    return respond(rows, SpreadSchema, suffix, file_name=f"spread-{code}", document=frame)


@blueprint.post("/<string:code>/advice")
@requires(Permission.ADVICE_READ)
def ask_for_advice(code: str) -> Answer:
    """«Порахувати довідкові показники»."""
    competition, _person = _readable(code)
    with unit_of_work() as unit:
        services.ask_for_advice(competition, by=viewer())
        unit.answer = url_for("reviews.advice", code=code)
    flash(_("The computation is on its way. The page shows how far it has come"), "ok")
    return redirect(unit.answer)


@blueprint.get("/<string:code>/advice/progress")
@requires(Permission.ADVICE_READ)
def advice_progress(code: str) -> Response:
    """How far the computation has come; when it is over the whole page is asked for again."""
    competition, _person = _readable(code)
    progress = queries.progress_of(competition, (SCORING, DECISION))
    response = Response(render_template("reviews/_advice_progress.html", progress=progress, competition=competition))
    if progress is None or not progress.is_running:
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.get("/<string:code>/severity")
@requires(Permission.REVIEW_SUBMIT)
def own_severity(code: str) -> str:
    """«Моя суворість»: the expert's own figure and nobody else's."""
    competition, person = _scored_by_viewer(code), viewer()
    refusal = policy.why_not_see_own_severity(person, competition)
    report = None if refusal else queries.report_of(competition)
    own = queries.codes_of_expert(person, competition)
    lines = _severity(report, engine_rules(competition), {}, only=own) or []
    return render_template(
        "reviews/severity.html",
        competition=competition,
        refusal=said(refusal),
        has_report=report is not None and report.stage == DECISION,
        lines=lines,
        prior=_prior(report),
    )


def histogram(totals: Mapping[str, Mapping[str, Fraction]], rules: Rules) -> tuple[list[str], list[int]]:
    """How the experts' totals spread over the scale: names of ten equal parts and counts."""
    values = [value for of_experts in totals.values() for value in of_experts.values()]
    if not values:
        return [], []
    low, high = _scale(rules, values)
    edges = [low + (high - low) * number / BINS for number in range(BINS + 1)]
    labels = [f"{words.edge(one)}–{words.edge(other)}" for one, other in pairwise(edges)]
    return labels, in_bins(values, low, high, BINS)


def spread_lines(
    report: queries.Report | None, named: Mapping[str, queries.NamedApplication], out: set[str], rules: Rules
) -> list[SpreadLine]:
    """Spread of every application with at least two experts, the widest first; no mean and no order of merit."""
    part = report.part("agreement") if report is not None else None
    if part is None:
        return []
    scale = float(rating_span(rules))
    rows = [row for row in part["applications"] if row["n"] > 1 and row["application"] in named.keys() - out]
    return [
        SpreadLine(
            code=named[row["application"]].code,
            title=named[row["application"]].title,
            count=row["n"],
            deviation=f"{row['sd']:.2f}" if row["sd"] is not None else None,
            spread=f"{row['range']:.2f}",
            words=spread_words(row["range"], scale),
            level=spread_level(row["range"], scale),
        )
        for row in sorted(rows, key=lambda row: (-row["range"], named[row["application"]].code))
    ]


def spread_words(spread: float, scale: float) -> str:
    """«експерти розходяться помірно»."""
    return str(words.AGREEMENT_WORDS[spread_level(spread, scale)])


def rating_span(rules: Rules) -> Fraction:
    """Length of the scale on which the engine compares experts: totals, or the marks of an only criterion."""
    counted = [one for one in rules.criteria if one.counted]
    if len(counted) == 1:
        return Fraction(counted[0].max) - Fraction(counted[0].min)
    return span_of(rules, "")


def _readable(code: str) -> tuple[Competition, Any]:
    competition = competition_of(code)
    refusal = policy.why_not_read_advice(viewer(), competition)
    if refusal is not None:
        raise NotAllowed(refusal)
    return competition, viewer()


def _scored_by_viewer(code: str) -> Competition:
    found = db.session.scalar(sa.select(Competition).filter_by(code=code))
    if found is None or not queries.codes_of_expert(viewer(), found):
        raise NotFound
    return found


def _totals(report: queries.Report | None, out: set[str]) -> dict[str, dict[str, Fraction]]:
    if report is None:
        return {}
    return {
        code: {expert: Fraction(text) for expert, text in of_experts.items()}
        for code, of_experts in report.parts["totals"].items()
        if code not in out
    }


def _scale(rules: Rules, values: list[Fraction]) -> tuple[Fraction, Fraction]:
    if rules.expert_total == "normalised":
        return Fraction(0), Fraction(100)
    counted = [one for one in rules.criteria if one.counted]
    weight = sum((Fraction(one.weight) for one in counted), Fraction(0)) if rules.expert_total == "weighted_mean" else 1
    low = sum((Fraction(one.weight) * Fraction(one.min) for one in counted), Fraction(0)) / weight
    high = sum((Fraction(one.weight) * Fraction(one.max) for one in counted), Fraction(0)) / weight
    return min(low, *values), max(high, *values)


def _titles(rules: Rules) -> dict[str, str]:
    return {one.code: one.title or one.code for one in rules.criteria}


def _refused(report: queries.Report | None, part: str) -> str | None:
    told = report.refusal(part) if report is not None else None
    return words.refusal_words(told) if told is not None else None


def _prior(report: queries.Report | None) -> str:
    part = report.part("calibration") if report is not None else None
    return words.prior_words(part) if part is not None else ""


def _severity(
    report: queries.Report | None, rules: Rules, names: Mapping[str, str], only: frozenset[str] | None = None
) -> list[SeverityLine] | None:
    """Severity of the experts with names, or of one person's codes alone."""
    part = report.part("calibration") if report is not None else None
    if part is None:
        return None
    rows = [row for row in part["experts"] if only is None or row["expert"] in only]
    return [
        SeverityLine(
            code=row["expert"],
            name=names.get(row["expert"], ""),
            count=row["n"],
            severity=words.signed(row["severity"]),
            interval=words.interval(row["low"], row["high"]),
            verdict=words.severity_words(row, lower_is_better=rules.direction == "lower"),
            colour="yellow" if row["flag"] in ("harsh", "generous") else "grey",
        )
        for row in sorted(rows, key=lambda row: (row["severity"] is None, row["severity"] or 0.0, row["expert"]))
    ]


def _expert_boxes(totals: Mapping[str, Mapping[str, Fraction]]) -> list[tuple[str, list[float], list[str]]]:
    """Five numbers of the totals that each expert gave."""
    given: dict[str, list[Fraction]] = {}
    for of_experts in totals.values():
        for expert, value in of_experts.items():
            given.setdefault(expert, []).append(value)
    return [
        (expert, [float(one) for one in five], words.five_texts(five))
        for expert, values in sorted(given.items())
        if (five := five_numbers(values)) is not None
    ]


def init_panels() -> None:
    """Ways to these pages from the pages that stand already, and the words of the journal."""
    describe({"competition.ask_for_advice": "Advisory figures asked for", "job.reviews.advice": "Advisory figures"})
    panels.register("home", "reviews.severity", _severity_panel)
    panels.register("competition", "reviews.advice", _advice_panel)


def _severity_panel(person: Any, _thing: Any) -> panels.Panel | None:
    """For an expert: competitions whose scoring is handed over, each with the way to the expert's own severity."""
    if not person.can(Permission.REVIEW_SUBMIT):
        return None
    found = queries.scored_competitions(person, policy.AFTER_HANDOVER)
    return panels.Panel("reviews/_severity_panel.html", {"competitions": found}, 70) if found else None


def _advice_panel(person: Any, thing: Any) -> panels.Panel | None:
    if person is None or not isinstance(thing, Competition) or not person.can(Permission.REVIEW_PROGRESS_READ):
        return None
    if policy.why_not_read_advice(person, thing) is not None:
        return None
    return panels.Panel("reviews/_advice_panel.html", {"competition": thing}, 62)
