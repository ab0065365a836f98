"""How sure the ranked list is: the advisory report beside the official places, for the commission's desk.

Read for pages alone. No service takes what is made here: the list, the sums and the bundle cannot depend on it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sqlalchemy as sa

from grants_app.applications.models import Application
from grants_app.awards.models import Award, Ranking, RankingLine
from grants_app.awards.queries.access import current_ranking
from grants_app.awards.queries.seen_places import SeenPlaces, seen_places
from grants_app.competitions.models import Competition
from grants_app.database import db
from grants_app.reviews.queries.advice import Report, report_of
from grants_app.reviews.rules.advice import DECISION, is_contrary, is_in_zone

_CALIBRATED = ("adjusted", "expected_rank", "rank_low50", "rank_high50", "rank_low90", "rank_high90", "p_funded")


@dataclass(frozen=True)
class StabilityRow:
    """An application: what is official, then what is advice; None where the engine could not say it."""

    engine_code: str
    code: str
    title: str
    place: int | None
    score: str | None
    score_micro: int | None
    is_funded: bool
    is_full: bool
    count: int
    marks: tuple[Fraction, ...]
    spread: float | None
    adjusted: float | None
    expected_rank: float | None
    ranks50: tuple[int, int] | None
    ranks90: tuple[int, int] | None
    chance: float | None
    acceptance: float | None
    changes: tuple[tuple[str, str], ...]  # kind and name of each single change that would turn the award round

    @property
    def is_in_zone(self) -> bool:
        """«Межа фінансування»."""
        return is_in_zone(self.chance)

    @property
    def is_contrary(self) -> bool:
        """Whether most draws, which correct for the severity of the experts, decide otherwise than the rule did."""
        return is_contrary(self.chance, is_funded=self.is_funded)


@dataclass(frozen=True)
class OtherList:
    """The award list when one thing is otherwise: who enters, who leaves, or why it cannot be computed."""

    kind: str
    name: str
    enter: tuple[str, ...]
    leave: tuple[str, ...]
    why: str | None

    @property
    def is_same(self) -> bool:
        """Whether the list stays as it is."""
        return not (self.enter or self.leave or self.why)


@dataclass(frozen=True)
class Optimum:
    """The set of full grants with the greatest sum of scores, against the full grants of the rule."""

    value: str
    rule_value: Fraction
    spent_kop: int
    drops: tuple[str, ...]
    takes: tuple[str, ...]


@dataclass(frozen=True)
class Stability:
    """Everything that the page of stability shows."""

    report: Report | None
    rows: list[StabilityRow]
    lists: list[OtherList]
    weights: list[tuple[str, float | None, float | None]]
    optimum: Optimum | None
    fits_ranking: bool
    hidden: int

    @property
    def zone(self) -> list[StabilityRow]:
        """Applications whose award hangs on who happened to score them."""
        return [row for row in self.rows if row.is_in_zone]

    @property
    def contrary(self) -> list[StabilityRow]:
        """Applications whose award would most likely be otherwise if the severity of the experts were corrected."""
        return [row for row in self.rows if row.is_contrary]

    @property
    def turning(self) -> list[StabilityRow]:
        """Applications whose award a single change would turn round."""
        return [row for row in self.rows if row.changes]

    def lists_of(self, kind: str) -> list[OtherList]:
        """Lists of one kind: expert, criterion or rule."""
        return [one for one in self.lists if one.kind == kind]


def stability(competition: Competition, out: frozenset[int]) -> Stability:
    """The advisory report of a competition with the commission.

    Applications of `out` appear in no row; ranks, chances, other lists and the optimum weigh every application against
    all, so that a hidden one could be reckoned from those of the others: who is out of any gets none of them.
    """
    report = report_of(competition)
    if report is not None and report.stage != DECISION:
        report = None
    ranking = current_ranking(competition)
    lines = _lines(ranking, out) if ranking is not None else []
    seen = seen_places(ranking, out)
    shown = {line.engine: line.code for line in lines}
    lists = [] if out else _lists(report, shown)
    turned: dict[str, list[tuple[str, str]]] = {}
    for one in lists:
        for code in (*one.enter, *one.leave):
            turned.setdefault(code, []).append((one.kind, one.name))
    given = _by_application(report, ("agreement",) if out else ("agreement", "calibration", "robustness"))
    rows = [_row(line, seen, given.get(line.engine, {}), turned.get(line.code, [])) for line in lines]
    robust = report.part("robustness") if report is not None and not out else None
    return Stability(
        report=report,
        rows=rows,
        lists=lists,
        weights=[(one["criterion"], one["down"], one["up"]) for one in robust["weight_change"]] if robust else [],
        optimum=_optimum(report, rows, hidden=bool(out)),
        fits_ranking=report is None or ranking is None or ranking.made_at <= report.made_at,
        hidden=len(out),
    )


def _lines(ranking: Ranking, out: frozenset[int]) -> list[Any]:
    """Official lines in the order of the list, without what is considered without the reader."""
    query = (
        sa.select(
            Application.code, Application.title,
            sa.func.coalesce(Application.imported_code, Application.code).label("engine"),
            RankingLine.place_overall.label("place"), RankingLine.status, RankingLine.score_text,
            RankingLine.score_micro, RankingLine.experts, Award.rule_kop,
            Award.requested_kop,
        )
        .select_from(RankingLine)
        .join(Application, Application.id == RankingLine.application_id)
        .join(Award, Award.application_id == Application.id)
        .filter(RankingLine.ranking_id == ranking.id)
        .order_by(RankingLine.place_overall.is_(None), RankingLine.place_overall, RankingLine.position)
    )  # fmt: skip
    if out:
        query = query.filter(RankingLine.application_id.not_in(out))
    return list(db.session.execute(query))


def _by_application(report: Report | None, parts: Collection[str]) -> dict[str, dict[str, Any]]:
    """What these parts of the report say of each application, by the engine's code."""
    found: dict[str, dict[str, Any]] = {}
    if report is None:
        return found
    for part, names in (("agreement", ("range",)), ("calibration", _CALIBRATED)):
        for row in (report.part(part) or {}).get("applications", []) if part in parts else ():
            found.setdefault(row["application"], {}).update({name: row[name] for name in names})
    robust = report.part("robustness") if "robustness" in parts else None
    for code, share in (robust or {}).get("weight_acceptance", {}).items():
        found.setdefault(code, {})["acceptance"] = share
    for code, totals in report.parts["totals"].items():
        found.setdefault(code, {})["marks"] = tuple(Fraction(text) for text in totals.values())
    return found


def _row(line: Any, seen: SeenPlaces, given: Mapping[str, Any], changes: list[tuple[str, str]]) -> StabilityRow:
    """A row of the statement, which has no type of its own, with the engine's figures."""
    has_ranks = given.get("expected_rank") is not None
    return StabilityRow(
        engine_code=line.engine,
        code=line.code or "",
        title=line.title,
        place=seen.overall(line.place) if line.status == "ranked" else None,
        score=line.score_text,
        score_micro=line.score_micro,
        is_funded=line.rule_kop > 0,
        is_full=line.rule_kop == line.requested_kop > 0,
        count=line.experts,
        marks=given.get("marks", ()),
        spread=given.get("range"),
        adjusted=given.get("adjusted"),
        expected_rank=given.get("expected_rank"),
        ranks50=(given["rank_low50"], given["rank_high50"]) if has_ranks else None,
        ranks90=(given["rank_low90"], given["rank_high90"]) if has_ranks else None,
        chance=given.get("p_funded"),
        acceptance=given.get("acceptance"),
        changes=tuple(changes),
    )


def _lists(report: Report | None, shown: Mapping[str, str]) -> list[OtherList]:
    """Lists with one thing otherwise, in the codes of the product; hidden applications are left away."""
    part = report.part("robustness") if report is not None else None
    if part is None:
        return []
    found = []
    for kind, key in (("expert", "without_expert"), ("criterion", "without_criterion"), ("rule", "other_rules")):
        for row in part[key]:
            enter = tuple(shown[code] for code in row["enter"] if code in shown)
            leave = tuple(shown[code] for code in row["leave"] if code in shown)
            found.append(OtherList(kind, row[kind], enter, leave, row.get("why")))
    return found


def _optimum(report: Report | None, rows: list[StabilityRow], *, hidden: bool) -> Optimum | None:
    """What the optimum would drop and take; nothing where its sums would betray a hidden application."""
    part = report.part("optimum") if report is not None else None
    if part is None or part["value"] is None or hidden:
        return None
    chosen = set(part["applications"])
    return Optimum(
        value=part["value"],
        rule_value=sum((Fraction(row.score) for row in rows if row.is_full and row.score), Fraction(0)),
        spent_kop=part["spent_kop"],
        drops=tuple(row.code for row in rows if row.is_funded and row.engine_code not in chosen),
        takes=tuple(row.code for row in rows if not row.is_funded and row.engine_code in chosen),
    )
