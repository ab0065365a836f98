"""How every number of an application in the list came about: score, means, place, sum, from the stored inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, undefer

from grants_app.applications.models import Application
from grants_app.awards.models import Award, Ranking, RankingLine
from grants_app.awards.queries.access import current_ranking
from grants_app.awards.queries.inputs import stored_inputs
from grants_app.awards.rules.explanation import money_story, place_story
from grants_app.competitions.models import Competition
from grants_app.core.errors import NotFound
from grants_app.core.money import number_text
from grants_app.database import db
from grants_app.reviews.rules.explanation import ScoreStory, Told, score_story
from scoring import Application as Bid
from scoring import Mark, Rules
from scoring.rounding import is_decimal, parse_decimal


@dataclass(frozen=True)
class Story:
    """The steps to each number of one application. `hides_money`: its lot has an application kept from the reader."""

    award: Award
    application: Application
    line: RankingLine
    score: ScoreStory
    place: tuple[Told, ...]
    money: tuple[Told, ...]
    hides_money: bool
    titles: Mapping[str, str]
    maxima: Mapping[str, str]


def story_of(competition: Competition, application_code: str, out: frozenset[int] = frozenset()) -> Story:
    """The story of one application. Raises NotFound where it is not ranked or is considered without the reader."""
    for story in _stories(competition, out, application_code):
        return story
    raise NotFound


def stories_of(competition: Competition, out: frozenset[int] = frozenset()) -> dict[str, Story]:
    """The stories of all applications by code, in the order of the list."""
    return {story.application.code or "": story for story in _stories(competition, out, None)}


@dataclass(frozen=True)
class _Known:
    """What all stories of a competition share."""

    rules: Rules
    bids: Mapping[str, Bid]
    marks: Mapping[str, Sequence[Mark]]
    trace: Sequence[Mapping[str, Any]]
    lines: Sequence[RankingLine]
    names: Mapping[str, str]  # product's codes by the engine's
    hidden_lots: frozenset[int | None]


def _stories(competition: Competition, out: frozenset[int], only: str | None) -> Iterable[Story]:
    ranking = current_ranking(competition)
    if ranking is None:
        return
    known = _known(ranking, out)
    awards = {
        award.application_id: award
        for award in db.session.scalars(sa.select(Award).filter_by(competition_id=competition.id))
    }
    for line in known.lines:
        if line.application_id in out or (only is not None and line.application.code != only):
            continue
        yield _story(known, line, awards[line.application_id], out)


def _known(ranking: Ranking, out: frozenset[int]) -> _Known:
    rules, bids, marks = stored_inputs(ranking)
    by_application: dict[str, list[Mark]] = {}
    for mark in marks:
        by_application.setdefault(mark.application, []).append(mark)
    lines = db.session.scalars(
        sa.select(RankingLine)
        .options(
            joinedload(RankingLine.application).options(joinedload(Application.lot)),
            undefer(RankingLine.criteria),
            undefer(RankingLine.expert_totals),
        )
        .filter_by(ranking_id=ranking.id)
        .order_by(RankingLine.position)
    ).all()
    return _Known(
        rules=rules,
        bids={bid.code: bid for bid in bids},
        marks=by_application,
        trace=ranking.trace,
        lines=lines,
        names={_engine_code(line): line.application.code or "" for line in lines},
        hidden_lots=frozenset(line.lot_id for line in lines if line.application_id in out),
    )


def _engine_code(line: RankingLine) -> str:
    return line.application.imported_code or line.application.code or ""


def _story(known: _Known, line: RankingLine, award: Award, out: frozenset[int]) -> Story:
    bid = known.bids[_engine_code(line)]
    hides = line.lot_id in known.hidden_lots
    money = [] if hides else money_story(known.rules, bid, known.trace)
    return Story(
        award=award,
        application=line.application,
        line=line,
        score=score_story(known.rules, bid, known.marks.get(bid.code, ())),
        place=tuple(_place(known, line, out)),
        money=tuple(_in_own_codes(step, known.names) for step in money),
        hides_money=hides,
        titles={one.code: one.title or one.code for one in known.rules.criteria},
        maxima={one.code: str(one.max) for one in known.rules.criteria},
    )


def _place(known: _Known, line: RankingLine, out: frozenset[int]) -> list[Told]:
    of_lot = [other for other in known.lines if other.lot_id == line.lot_id and other.place is not None]
    better = sum(1 for other in of_lot if line.place is not None and (other.place or 0) < line.place)
    equal = [line, *(other for other in of_lot if other is not line and other.score_exact == line.score_exact)]
    rule = line.separated_by
    told = [
        (other.application.code or "", _deciding(known, other, rule) if rule is not None else "")
        for other in equal
        if other.application_id not in out
    ]
    lot = line.application.lot.title if line.application.lot is not None and known.rules.lots else ""
    return place_story(line.place if line.status == "ranked" else None, better, lot, told, rule)


def _deciding(known: _Known, line: RankingLine, rule: str) -> str:
    """What an application has where the tie chain looked."""
    kind, _sep, name = rule.partition(":")
    if kind == "criterion":
        exact = line.criteria.get(name, {}).get("combined")
    elif kind == "worst_expert":
        totals = [(parse_decimal(text), text) for text in line.expert_totals.values() if is_decimal(text)]
        worst = (min if known.rules.direction == "higher" else max)(totals, default=None)
        exact = worst[1] if worst is not None else None
    else:
        exact = known.bids[_engine_code(line)].cell(name)
        if name.endswith("_kop") and exact.isdigit():
            return number_text(int(exact))
    return exact.replace(".", ",") if exact and is_decimal(exact) else exact or "–"


def _in_own_codes(step: Told, names: Mapping[str, str]) -> Told:
    """The engine may know applications by the codes of a file."""
    values = {
        key: ", ".join(names.get(one, one) for one in value.split(", ")) if key in ("application", "codes") else value
        for key, value in step.values.items()
    }
    return replace(step, values=values)
