"""How every number of an application in the list came about: the engine's stored steps, filtered for the reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, undefer

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.awards.models import Award, Ranking, RankingLine
from grants_app.awards.queries.access import current_ranking
from grants_app.awards.queries.seen_places import SeenPlaces, seen_places
from grants_app.awards.rules.explanation import money_steps, score_steps
from grants_app.competitions.models import Competition
from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.reviews.queries import engine_rules
from grants_app.reviews.queries.veiled import veiled_words
from scoring import Rules

Step = Mapping[str, Any]


@dataclass(frozen=True)
class Story:
    """The steps to each number of one application. `hides_money`: its lot has an application kept from the reader."""

    award: Award
    application: Application
    line: RankingLine
    place_shown: int | None  # as the reader counts it
    reason: str  # of a departure from the rule, in the words that the reader may read
    score: Sequence[Step]
    criteria: Sequence[Step]
    place: Sequence[Step]
    money: Sequence[Step]
    hides_money: bool
    titles: Mapping[str, str]
    maxima: Mapping[str, str]
    lots: Mapping[str, str]
    codes: Mapping[str, str]  # product's codes by the engine's


def story_of(competition: Competition, application_code: str, out: frozenset[int] = frozenset()) -> Story:
    """The story of one application. Raises NotFound where it is not ranked or is considered without the reader."""
    for story in _stories(competition, out, application_code):
        return story
    raise NotFound


def stories_of(competition: Competition, out: frozenset[int] = frozenset()) -> dict[str, Story]:
    """The stories of all applications by code, in the order of the list."""
    return {story.application.code or "": story for story in _stories(competition, out, None)}


def veiled_stories(stories: Sequence[Story], viewer: User | None, competition: Competition) -> list[Story]:
    """The stories as a person may read them from whom the call hides its applicants."""
    if viewer is None:
        return list(stories)
    reasons = veiled_words([story.reason for story in stories], viewer, competition)
    return [replace(story, reason=told) for story, told in zip(stories, reasons, strict=True)]


@dataclass(frozen=True)
class _Known:
    """What all stories of a competition share."""

    rules: Rules
    trace: Sequence[Step]
    codes: Mapping[str, str]
    lots: Mapping[str, str]
    seen: SeenPlaces  # what is considered without the reader


def _stories(competition: Competition, out: frozenset[int], only: str | None) -> Iterable[Story]:
    ranking = current_ranking(competition)
    if ranking is None:
        return
    known = _known(competition, ranking, out)
    query = (
        sa.select(RankingLine, Award)
        .join(Award, Award.application_id == RankingLine.application_id)
        .join(Application, Application.id == RankingLine.application_id)
        .options(
            joinedload(RankingLine.application).options(joinedload(Application.lot)),
            undefer(RankingLine.criteria),
            undefer(RankingLine.expert_totals),
            undefer(RankingLine.steps),
        )
        .filter(RankingLine.ranking_id == ranking.id, RankingLine.application_id.not_in(out))
        .order_by(RankingLine.position)
    )
    if only is not None:
        query = query.filter(Application.code == only)
    for line, award in db.session.execute(query):
        yield _story(known, line, award)


def _known(competition: Competition, ranking: Ranking, out: frozenset[int]) -> _Known:
    rows = db.session.execute(
        sa.select(Application.code, Application.imported_code)
        .join(RankingLine, RankingLine.application_id == Application.id)
        .filter(RankingLine.ranking_id == ranking.id)
    ).all()
    return _Known(
        rules=engine_rules(competition),
        trace=ranking.trace,
        codes={row.imported_code or row.code or "": row.code or "" for row in rows},
        lots={lot.code: lot.title for lot in competition.lots},
        seen=seen_places(ranking, out),
    )


def _story(known: _Known, line: RankingLine, award: Award) -> Story:
    bid = line.application
    steps = known.seen.steps(line)
    score, criteria, place = score_steps(steps, by_total=known.rules.order == "total_then_combine")
    hides = known.seen.hides(line.lot_id)
    lot = bid.lot.code if bid.lot is not None and known.rules.lots else ""
    return Story(
        award=award,
        application=bid,
        line=line,
        reason=award.reason or "",
        place_shown=known.seen.place(line.lot_id, award.place),
        score=score,
        criteria=criteria,
        place=place if line.status == "ranked" else [],
        money=[] if hides else money_steps(lot, bid.imported_code or bid.code or "", known.trace),
        hides_money=hides,
        titles={one.code: one.title or one.code for one in known.rules.criteria},
        maxima={one.code: str(one.max) for one in known.rules.criteria},
        lots=known.lots,
        codes=known.codes,
    )
