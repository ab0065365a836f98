"""From marks to the ranked list, and the commission's departures from it: private until published."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.awards import policy
from grants_app.awards.models import Award, Draw, Ranking, RankingLine
from grants_app.awards.queries.access import current_ranking
from grants_app.awards.queries.inputs import stored_inputs
from grants_app.awards.services.amounts import locked, refuse_over_fund
from grants_app.awards.services.balances import refresh
from grants_app.competitions.models import Competition, Lot
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db
from grants_app.journal.services import advance, record
from grants_app.lifecycle import ApplicationState, AwardState
from grants_app.reviews.queries import engine_rules, score_records
from grants_app.reviews.services.advice import queue_advice
from scoring import Allocation, Mark, RankingRow, Rules, ScoringError, allocate, rank
from scoring import Application as Bid
from scoring import Ranking as Ranked
from scoring.digest import canonical_json
from scoring.fingerprint import application_json, mark_json
from scoring.rounding import fixed_text, round_fraction

_STATUS_ORDER = {"ranked": 0, "below_pass_mark": 1, "insufficient": 2}
MICRO = 1_000_000


def open_decision(competition: Competition, *, by: User) -> Ranking:
    """Hand the competition over to the commission: rank, distribute by the rule, store both with their inputs.

    The advisory figures are asked for along the way; they are computed later, elsewhere, and never come back here.
    Raises NotAllowed with what is missing (reviews, undecided conflicts), InvalidInput when the engine refuses.
    """
    competition = locked(competition)
    reason = policy.why_not_open_decision(by, competition)
    if reason is not None:
        raise NotAllowed(reason)
    rules = engine_rules(competition)
    bids, marks = score_records(competition)
    ranked, allocation = _computed(rules, bids, marks)
    advance(
        competition, "open_decision", by=by, facts={"rules_hash": ranked.rules_hash, "input_hash": ranked.input_hash}
    )
    ranking = Ranking(
        competition_id=competition.id,
        rules_hash=ranked.rules_hash,
        input_hash=ranked.input_hash,
        engine_version=ranked.engine_version,
        inputs_text=canonical_json(
            {"applications": [application_json(bid) for bid in bids], "scores": [mark_json(mark) for mark in marks]}
        ),
        trace=_trace(allocation),
        made_at=clock.now(),
        made_by_id=by.id,
        is_current=True,
    )
    db.session.add(ranking)
    db.session.flush()
    _store(ranking, competition, rules, ranked, allocation)
    refresh(competition, ranking)
    queue_advice(competition, by=by)
    return ranking


def announce_draw(competition: Competition, seed: str, *, by: User) -> Draw:
    """Announce the seed of a public draw before it is drawn. Raises NotAllowed where no tie straddles the money."""
    competition = locked(competition)
    refusal = policy.why_not_announce_draw(by, competition)
    if refusal is not None:
        raise NotAllowed(refusal)
    if not seed.strip():
        raise InvalidInput("Enter the seed that was announced", field="seed")
    ranking = current_ranking(competition)
    assert ranking is not None  # the policy has seen a tie in it
    draw = Draw(ranking_id=ranking.id, seed=seed.strip(), announced_at=clock.now(), announced_by_id=by.id)
    db.session.add(draw)
    record(
        thing="competition", code=competition.code, scope=competition.code, step="announce_draw", by=by,
        facts={"seed": draw.seed},
    )  # fmt: skip
    return draw


def hold_draw(competition: Competition, *, by: User) -> None:
    """Order the tied by SHA-256 of the announced seed and their codes, and distribute the money anew."""
    competition = locked(competition)
    refusal = policy.why_not_draw(by, competition)
    if refusal is not None:
        raise NotAllowed(refusal)
    ranking = current_ranking(competition)
    assert ranking is not None  # the policy has found its announced draw
    draw = db.session.scalars(sa.select(Draw).filter_by(ranking_id=ranking.id)).one()
    rules, bids, marks = stored_inputs(ranking)
    allocation = allocate(rules, rank(rules, bids, marks), draw.seed)
    draw.drawn_at, draw.drawn_by_id = clock.now(), by.id
    ranking.trace = _trace(allocation)
    awards = awards_by_engine_code(competition)
    lines = {
        line.application_id: line
        for line in db.session.scalars(sa.select(RankingLine).filter_by(ranking_id=ranking.id))
    }
    for given in allocation.awards:
        award = awards[given.application]
        line = lines[award.application_id]
        line.outcome, line.rule_kop = given.outcome.value, given.amount_kop
        award.outcome, award.rule_kop = given.outcome.value, given.amount_kop
        if award.departure is None:
            award.proposed_kop = given.amount_kop
    _run(lines.values())
    db.session.flush()
    refuse_over_fund(competition)
    record(
        thing="competition", code=competition.code, scope=competition.code, step="draw", by=by,
        facts={"seed": draw.seed},
    )  # fmt: skip
    refresh(competition, ranking)


def awards_by_engine_code(competition: Competition) -> dict[str, Award]:
    """Awards by the code under which the engine knows their applications."""
    query = (
        sa.select(Award, Application.imported_code, Application.code)
        .join(Application, Application.id == Award.application_id)
        .filter(Award.competition_id == competition.id)
    )
    return {str(imported or code): award for award, imported, code in db.session.execute(query)}


def _computed(rules: Rules, bids: Sequence[Bid], marks: Sequence[Mark]) -> tuple[Ranked, Allocation | None]:
    try:
        ranked = rank(rules, bids, marks)
        return ranked, allocate(rules, ranked) if rules.lots else None
    except ScoringError as error:
        raise InvalidInput("The list cannot be computed: %(problem)s", facts={"problem": str(error)}) from error


def _trace(allocation: Allocation | None) -> list[dict[str, object]]:
    return [] if allocation is None else [step.to_json() for step in allocation.trace]


def _store(
    ranking: Ranking, competition: Competition, rules: Rules, ranked: Ranked, allocation: Allocation | None
) -> None:
    """Lines and proposed awards, in the order of the page: lot, ranked by place, below the pass mark, insufficient."""
    applications = {
        application.imported_code or application.code: application
        for application in db.session.scalars(
            sa.select(Application).filter(
                Application.competition_id == competition.id, Application.state == ApplicationState.ADMITTED
            )
        )
    }
    lots = {lot.code: lot for lot in competition.lots}
    given = {award.application: award for award in allocation.awards} if allocation is not None else {}
    scale = _scale(rules)
    lines: list[RankingLine] = []
    for position, row in enumerate(sorted(ranked.rows, key=lambda row: _page_order(row, lots)), 1):
        award = given.get(row.application)
        outcome = award.outcome.value if award is not None else row.status.value
        outcome = "insufficient" if row.status.value == "insufficient" else outcome
        line = _line(row, position, outcome, award.amount_kop if award is not None else 0)
        line.ranking_id, line.application_id = ranking.id, applications[row.application].id
        line.lot_id = lots[row.lot].id if row.lot in lots else None
        line.strip, line.marks_text, line.spread_text = _picture(row, rules, scale)
        lines.append(line)
        db.session.add(line)
        db.session.add(_award(line, competition.id, row.requested_kop or 0))
    _run(lines)
    db.session.flush()


def _line(row: RankingRow, position: int, outcome: str, rule_kop: int) -> RankingLine:
    facts = row.to_json()
    return RankingLine(
        position=position,
        place=row.place,
        place_overall=row.place_overall,
        status=row.status.value,
        score_text=row.score,
        score_exact=facts["score_exact"],
        score_micro=None if row.score_exact is None else round(row.score_exact * MICRO),
        experts=row.experts,
        tied_with=facts["tied_with"],
        separated_by=row.separated_by,
        criteria=facts["criteria"],
        expert_totals=facts["expert_totals"],
        steps=facts["steps"],
        outcome=outcome,
        rule_kop=rule_kop,
    )


def _award(line: RankingLine, competition_id: int, requested_kop: int) -> Award:
    return Award(
        application_id=line.application_id,
        competition_id=competition_id,
        lot_id=line.lot_id,
        state=AwardState.PROPOSED,
        place=line.place if line.status == "ranked" else None,
        position=line.position,
        requested_kop=requested_kop,
        rule_kop=line.rule_kop,
        proposed_kop=line.rule_kop,
        outcome=line.outcome,
    )


def _run(lines: Collection[RankingLine]) -> None:
    """Running sums of each lot by the rule, down the list."""
    sums: dict[int | None, int] = {}
    for line in sorted(lines, key=lambda line: line.position):
        if line.rule_kop:
            sums[line.lot_id] = sums.get(line.lot_id, 0) + line.rule_kop
        line.running_kop = sums[line.lot_id] if line.rule_kop else None


def _page_order(row: RankingRow, lots: Mapping[str, Lot]) -> tuple[object, ...]:
    lot = lots.get(row.lot)
    score = -row.score_exact if row.score_exact is not None else Fraction(0)
    place = row.place if row.place is not None else 0
    status = _STATUS_ORDER[row.status.value]
    return (lot.position if lot is not None else 0, row.lot, status, place, score, row.application)


def _scale(rules: Rules) -> tuple[Fraction, Fraction]:
    """The least and the greatest total that one expert can give."""
    if rules.expert_total == "normalised":
        return Fraction(0), Fraction(100)
    counted = [each for each in rules.criteria if each.counted]
    low = sum((Fraction(each.weight) * Fraction(each.min) for each in counted), Fraction(0))
    high = sum((Fraction(each.weight) * Fraction(each.max) for each in counted), Fraction(0))
    weight = sum((Fraction(each.weight) for each in counted), Fraction(0))
    return (low / weight, high / weight) if rules.expert_total == "weighted_mean" else (low, high)


def _picture(row: RankingRow, rules: Rules, scale: tuple[Fraction, Fraction]) -> tuple[str, str, str | None]:
    """The strip ready to draw, the marks as text and their spread."""
    totals = [Fraction(text) for text in row.expert_totals.values()]
    if not totals:
        return "", "", None
    low, high = min(scale[0], *totals), max(scale[1], *totals)

    def at(value: Fraction) -> str:
        tenths = 60 + (round(1200 * (value - low) / (high - low)) if high > low else 0)
        return f"{tenths // 10}.{tenths % 10}"

    mean = sum(totals, Fraction(0)) / len(totals)
    pass_mark = rules.pass_mark_of(row.lot)
    inside = pass_mark is not None and low <= pass_mark <= high
    strip = ";".join(
        (" ".join(at(value) for value in totals), at(mean), at(pass_mark) if pass_mark is not None and inside else "")
    )
    spread = fixed_text(round_fraction(max(totals) - min(totals), 2, "half_up"), 2)
    return strip, " ".join(row.expert_totals.values()), spread
