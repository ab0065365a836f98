"""«Стійкість рейтингу»: what would have to change for the list to change; no number of the list comes from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from grants_app.awards import documents
from grants_app.awards.queries.access import desk_competition, recused_applications
from grants_app.awards.queries.stability import OtherList, Stability, StabilityRow, stability
from grants_app.awards.routes.blueprint import Answer, blueprint, person, said
from grants_app.awards.schemas import StabilitySchema, as_seen
from grants_app.competitions.models import Competition
from grants_app.core.errors import NotAllowed
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.reviews.documents import advice as words
from grants_app.reviews.documents.explanation import WORDS
from grants_app.reviews.policy.advice import AFTER_HANDOVER, why_not_ask_for_advice, why_not_read_advice
from grants_app.reviews.queries.advice import progress_of
from grants_app.reviews.queries.marks import engine_rules
from grants_app.reviews.queries.veiled import without_applicants
from grants_app.reviews.routes.advice import histogram, rating_span, spread_words
from grants_app.reviews.rules.advice import DECISION, five_numbers
from grants_app.reviews.services.advice import ask_for_advice
from grants_app.web import panels
from grants_app.web.access import requires
from grants_app.web.export import respond
from grants_app.web.requests import page_number
from scoring.rounding import plain_text

PAGE_ROWS = 250
MOST_BOXES = 20
SHORT_LIST = 8  # rows that a telephone shows without hiding the firm ones
MICRO = 1_000_000
_WIDTH, _LEFT = 120, 6  # of the strip of ranks, in its own units


@dataclass(frozen=True)
class StabilityLine:
    """A row as the page and the files show it."""

    place: int | None
    code: str
    title: str
    score: str | None
    spread: str | None
    spread_words: str
    adjusted: str
    expected_rank: str | None
    ranks50: str
    ranks90: str
    chance: str
    in_zone: bool
    is_contrary: bool
    state: str
    is_funded: bool
    changes: str
    strip: tuple[float, float, float, float, float] | None

    @property
    def is_contested(self) -> bool:
        """Whether anything speaks against its award, or its lack of one."""
        return self.in_zone or self.is_contrary or bool(self.changes)


@blueprint.get("/<string:competition>/stability")
@requires(Permission.ADVICE_READ)
def stability_page(competition: str) -> str:
    """How sure the list is."""
    found, told = _told(competition)
    lines = stability_lines(found, told)
    wanted = request.args.get("show", "all")
    chosen = [line for line in lines if wanted != "zone" or line.in_zone]
    page = _page_number(len(chosen))
    shown = chosen[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    contested = [line for line in shown if line.is_contested]
    report = told.report
    return render_template(
        "awards/stability.html",
        competition=found,
        told=told,
        lines=shown,
        contested=contested,
        rest=[line for line in shown if not line.is_contested] if contested and len(shown) > SHORT_LIST else [],
        count=ngettext("%(num)d row", "%(num)d rows", len(chosen)),
        wanted="zone" if wanted == "zone" else "all",
        page=page,
        last_page=max(1, -(-len(chosen) // PAGE_ROWS)),
        page_url=f"{url_for('awards.stability_page', competition=competition, show=wanted)}&page={{page}}",
        headline="" if told.hidden else words.agreement_headline(report.part("agreement") if report else None),
        prior=words.prior_words(part) if report is not None and (part := report.part("calibration")) else "",
        refusals={name: _refusal(told, name) for name in ("agreement", "calibration", "robustness", "optimum")},
        rules=[(_rule_words(one.name), *_change_cells(one)) for one in told.lists_of("rule")],
        criteria=[(_titles(found).get(one.name, one.name), *_change_cells(one)) for one in told.lists_of("criterion")],
        experts=[(one.name, *_change_cells(one)) for one in told.lists_of("expert") if not one.is_same],
        weights=_weight_rows(found, told),
        turning=[(row, _changes(row, _titles(found))) for row in told.turning],
        histogram=_score_histogram(found, told),
        boxes=_boxes(told),
        optimum=_optimum_words(told),
        progress=progress_of(found, (DECISION,)),
        why_not_ask=said(why_not_ask_for_advice(person(), found)),
        exports=[
            (suffix.upper(), url_for("awards.stability_export", competition=competition, suffix=suffix))
            for suffix in ("pdf", "xlsx", "csv", "json")
        ],
    )


@blueprint.get("/<string:competition>/stability.<any(json,csv,xlsx,pdf):suffix>")
@requires(Permission.ADVICE_READ)
def stability_export(competition: str, suffix: str) -> Response:
    """The table of applications as a file, every column of advice named as such."""
    found, told = _told(competition)
    sentences = [_("For information: these figures do not change places.")]
    if told.report is not None and (part := told.report.part("calibration")):
        sentences.append(words.prior_words(part))
    title, partial = _("Stability of the ranking"), bool(told.hidden)
    document = documents.list_document(found, title, sentences=sentences, is_partial=partial)
    rows, columns = stability_lines(found, told), as_seen(StabilitySchema, told.hidden)
    return respond(rows, columns, suffix, file_name=f"{competition}-stability", document=document)


@blueprint.post("/<string:competition>/stability")
@requires(Permission.ADVICE_READ)
def ask_for_stability(competition: str) -> Answer:
    """Ask for the figures anew."""
    found, _told_before = _told(competition)
    with unit_of_work() as unit:
        ask_for_advice(found, by=person())
        unit.answer = url_for("awards.stability_page", competition=competition)
    flash(_("The computation is on its way. The page shows how far it has come"), "ok")
    return redirect(unit.answer)


def stability_lines(competition: Competition, told: Stability) -> list[StabilityLine]:
    """The rows in words and figures."""
    scale = float(rating_span(engine_rules(competition)))
    titles = _titles(competition)
    return [_line(row, scale, titles, len(told.rows)) for row in told.rows]


def init_panels() -> None:
    """The way from the secretary's advisory page to the list's."""
    panels.register("advice", "awards.stability", _stability_panel)


def _stability_panel(_viewer: Any, thing: Any) -> panels.Panel | None:
    if not isinstance(thing, Competition) or thing.state not in AFTER_HANDOVER:
        return None
    return panels.Panel("awards/_stability_panel.html", {"competition": thing})


def _told(code: str) -> tuple[Competition, Stability]:
    found = desk_competition(person(), code)
    refusal = why_not_read_advice(person(), found)
    if refusal is not None:
        raise NotAllowed(refusal)
    if found.state not in AFTER_HANDOVER:
        raise NotAllowed("The stability of the list is shown when scoring is handed over")
    told = stability(found, recused_applications(person(), found.id))
    return found, replace(told, rows=without_applicants(told.rows, person(), found))


def _line(row: StabilityRow, scale: float, titles: Mapping[str, str], many: int) -> StabilityLine:
    return StabilityLine(
        place=row.place,
        code=row.code,
        title=row.title,
        score=row.score,
        spread=None if row.spread is None else f"{row.spread:.2f}",
        spread_words=spread_words(row.spread, scale) if row.spread is not None and row.count > 1 else "",
        adjusted=words.decimal(row.adjusted),
        expected_rank=None if row.expected_rank is None else f"{row.expected_rank:.1f}",
        ranks50="–" if row.ranks50 is None else f"{row.ranks50[0]}–{row.ranks50[1]}",
        ranks90="–" if row.ranks90 is None else f"{row.ranks90[0]}–{row.ranks90[1]}",
        chance=words.percent(row.chance),
        in_zone=row.is_in_zone,
        is_contrary=row.is_contrary,
        state=_("With money") if row.is_funded else _("Without money"),
        is_funded=row.is_funded,
        changes="; ".join(_changes(row, titles)),
        strip=_strip(row, many),
    )


def _strip(row: StabilityRow, many: int) -> tuple[float, float, float, float, float] | None:
    """Where the ends of both intervals and the expected rank lie on the strip."""
    if row.ranks50 is None or row.ranks90 is None or row.expected_rank is None or many < 2:
        return None
    low, low50, mean, high50, high = (
        round(_LEFT + _WIDTH * (rank - 1) / (many - 1), 1)
        for rank in (row.ranks90[0], row.ranks50[0], row.expected_rank, row.ranks50[1], row.ranks90[1])
    )
    return low, low50, mean, high50, high


def _titles(competition: Competition) -> dict[str, str]:
    return {one.code: one.title or one.code for one in engine_rules(competition).criteria}


def _changes(row: StabilityRow, titles: Mapping[str, str]) -> list[str]:
    """Each single change that would turn the award round, in words; many experts are said together."""
    experts = [name for kind, name in row.changes if kind == "expert"]
    found = []
    if experts:
        found.append(_("without the marks of %(experts)s alone", experts=_(" or ").join(experts[:6])))
    for kind, name in row.changes:
        if kind == "criterion":
            found.append(_("without the criterion “%(criterion)s”", criterion=titles.get(name, name)))
        elif kind == "rule":
            found.append(_("under another rule: %(rule)s", rule=_rule_words(name)))
    return found


def _rule_words(name: str) -> str:
    return str(WORDS[name]) if name in WORDS else name


def _change_cells(one: OtherList) -> tuple[str, str]:
    if one.why:
        return "–", words.refusal_words(one.why)
    if one.is_same:
        return _("the same list"), "–"
    return ", ".join(one.enter) or "–", ", ".join(one.leave) or "–"


def _refusal(told: Stability, name: str) -> str | None:
    refused = told.report.refusal(name) if told.report is not None else None
    if refused is None and name == "optimum" and told.report is not None:
        refused = (told.report.part(name) or {}).get("why")
    return words.refusal_words(refused) if refused is not None else None


def _weight_rows(competition: Competition, told: Stability) -> list[tuple[str, str, str, str]]:
    """Each weight with the largest fall and rise that keep the list."""
    own = {one.code: one.weight for one in engine_rules(competition).criteria}
    titles = _titles(competition)
    return [
        (
            titles.get(code, code),
            words.exact(str(own[code])),
            _("to the end") if down is None else f"−{words.decimal(down)}",
            _("without limit") if up is None else f"+{words.decimal(up)}",
        )
        for code, down, up in told.weights
    ]


def _score_histogram(competition: Competition, told: Stability) -> tuple[list[str], list[int]]:
    scores = {row.code: {"": Fraction(row.score_micro, MICRO)} for row in told.rows if row.score_micro is not None}
    return histogram(scores, engine_rules(competition))


def _boxes(told: Stability) -> list[tuple[str, list[float], list[str]]]:
    """Boxes of the experts' totals of the applications nearest to the money line."""
    last = max((index for index, row in enumerate(told.rows) if row.is_funded), default=0)
    start = max(0, min(last + 1 - MOST_BOXES // 2, len(told.rows) - MOST_BOXES))
    return [
        (f"{row.place or '–'}. {row.code}", [float(one) for one in five], words.five_texts(five))
        for row in told.rows[start : start + MOST_BOXES]
        if (five := five_numbers(row.marks)) is not None
    ]


def _optimum_words(told: Stability) -> list[str]:
    """The optimum in sentences: what it gains and what it would drop."""
    best = told.optimum
    if best is None:
        return []
    found = [
        _(
            "The greatest sum of scores in full grants is %(best)s; the full grants of the rule have %(rule)s.",
            best=words.exact(best.value),
            rule=words.exact(plain_text(best.rule_value)),
        )
    ]
    if not best.drops and not best.takes:
        return [*found, _("It is the list of the rule: nothing is given up.")]
    if best.drops:
        found.append(_("It would drop: %(codes)s.", codes=", ".join(best.drops)))
    if best.takes:
        found.append(_("It would take instead: %(codes)s.", codes=", ".join(best.takes)))
    return found


def _page_number(count: int) -> int:
    return min(page_number(), max(1, -(-count // PAGE_ROWS)))
