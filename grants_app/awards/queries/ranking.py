"""The ranked list as the commission and, after publication, everybody reads it: stored totals, one page of rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import Organisation, User
from grants_app.applications.models import Application
from grants_app.awards.models import Award, Ranking, RankingLine
from grants_app.awards.queries.access import current_ranking, is_staff, recused_applications
from grants_app.awards.queries.seen_places import SeenPlaces, seen_places
from grants_app.awards.rules.words import DEPARTURES, FUNDED, standing
from grants_app.competitions.models import CommissionSeat, Competition, Lot
from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.permissions import Permission
from grants_app.reviews.models import AdviceReport
from grants_app.reviews.queries.veiled import veiled_words, without_applicants

PAGE_ROWS = 250
SORTS = ("place", "-score", "score", "-requested", "requested", "-spread", "spread")
# What the filter by state takes: its key, and the standings it gathers.
STATE_FILTERS = {
    "money": FUNDED,
    "reserve": ("reserve", "tie_at_cut"),
    "skipped": ("skipped",),
    "below": ("below_pass_mark", "insufficient"),
}


@dataclass(frozen=True)
class Choice:
    """Filter, order and page of the list."""

    lot: str = ""
    state: str = ""
    sort: str = "place"
    page: int = 1
    all_rows: bool = False


@dataclass(frozen=True, slots=True)
class RankedRow:
    """A row of the ranked list; sums in kopiykas, scores and marks exact text."""

    position: int
    place: int | None
    code: str
    number: int | None
    title: str
    organisation: str
    edrpou: str
    lot: str
    score: str | None
    marks: str
    spread: str | None
    strip: str
    requested_kop: int
    rule_kop: int
    proposed_kop: int
    running_kop: int | None
    standing: str
    reserve_place: int | None
    separated_by: str | None
    tied_with: list[str]
    departure: str | None
    reason: str | None
    own_share_bp: int

    @property
    def note(self) -> str:
        """What is said beside the title: tie rule or departure, as stored words for exports."""
        if self.departure is not None:
            return f"{DEPARTURES[self.departure]}: {self.reason}"
        return self.separated_by or ""


@dataclass(frozen=True)
class RankingPage:
    """One page of the list with the totals of its lots and the words of its rules."""

    competition: Competition
    made_at: datetime
    rules_hash: str
    input_hash: str
    rows: list[RankedRow]
    count: int
    balances: list[dict[str, Any]]
    lots: list[Lot]
    choice: Choice
    hidden: int  # rows considered without this viewer
    criteria: Mapping[str, str] = field(default_factory=dict)
    pass_mark: str | None = None
    allocation: str = ""
    zone: frozenset[str] = frozenset()  # advice: awards that hang on who happened to score; no row depends on it

    @property
    def last_page(self) -> int:
        """Number of the last page."""
        return max(1, -(-self.count // PAGE_ROWS))


def ranking_page(code: str, viewer: User, choice: Choice) -> RankingPage:
    """The ranked list for a person of the commission's desk.

    Raises NotFound where there is no such competition for this viewer, or it is not with the commission yet.
    """
    seat = sa.exists().where(CommissionSeat.competition_id == Competition.id, CommissionSeat.user_id == viewer.id)
    found = db.session.execute(
        sa.select(Competition, Ranking, seat, AdviceReport.zone)
        .join(Ranking, sa.and_(Ranking.competition_id == Competition.id, Ranking.is_current.is_(True)))
        .outerjoin(AdviceReport, AdviceReport.competition_id == Competition.id)
        .filter(Competition.code == code)
    ).first()
    if found is None or not viewer.can(Permission.RANKING_READ) or not (is_staff(viewer) or found[2]):
        raise NotFound
    competition, ranking = found[0], found[1]
    out = recused_applications(viewer, competition.id)
    page = page_of(competition, ranking, choice, out)
    rows = without_applicants(page.rows, viewer, competition, blank=("organisation", "edrpou"))
    reasons = veiled_words([row.reason or "" for row in rows], viewer, competition)
    rows = [replace(row, reason=told) if row.reason else row for row, told in zip(rows, reasons, strict=True)]
    # The border of funding is a matter of the whole list: who is out of a part of it is not told where it runs.
    return replace(page, rows=rows, zone=frozenset() if out else frozenset(found[3] or ()))


def page_of(competition: Competition, ranking: Ranking, choice: Choice, out: frozenset[int]) -> RankingPage:
    """The page itself; of `out` neither rows are shown, nor sums and places from which theirs could be read."""
    seen = seen_places(ranking, out)
    lots = list(db.session.scalars(sa.select(Lot).filter_by(competition_id=competition.id).order_by(Lot.position)))
    rows, count = _rows(ranking, lots, choice, out)
    balances = [balance for balance in ranking.balances if not choice.lot or balance["lot"] == choice.lot]
    if out:
        hidden_lots = {lot.code for lot in lots if seen.hides(lot.id)}
        balances = [balance for balance in balances if balance["lot"] not in hidden_lots]
        rows = _as_seen(rows, seen, {lot.code: lot.id for lot in lots})
    rules = json.loads(competition.rules_text or "{}")
    return RankingPage(
        competition=competition,
        made_at=ranking.made_at,
        rules_hash=ranking.rules_hash,
        input_hash=ranking.input_hash,
        rows=rows,
        count=count,
        balances=balances,
        lots=lots,
        choice=choice,
        hidden=len(out),
        criteria={each["code"]: each["title"] for each in rules.get("criteria", [])},
        pass_mark=rules.get("pass_mark"),
        allocation=rules.get("allocation", {}).get("rule", ""),
    )


def _rows(ranking: Ranking, lots: list[Lot], choice: Choice, out: frozenset[int]) -> tuple[list[RankedRow], int]:
    line, award, bid, body = RankingLine, Award, Application, Organisation
    conditions = [line.ranking_id == ranking.id]
    if choice.lot:
        conditions.append(line.lot_id.in_([lot.id for lot in lots if lot.code == choice.lot]))
    if choice.state in STATE_FILTERS:
        conditions.append(_standing_is(choice.state))
    if out:
        conditions.append(line.application_id.not_in(out))
    query = (
        sa.select(
            line.position, line.place, line.status, bid.code, bid.register_number, bid.title, body.short_name,
            body.edrpou,
            line.lot_id, line.score_text, line.marks_text, line.spread_text, line.strip, award.requested_kop,
            award.rule_kop, award.proposed_kop, award.running_kop, award.outcome, award.reserve_place,
            line.separated_by, line.tied_with, award.departure, award.reason, bid.own_share_bp,
        )
        .select_from(line)
        .join(bid, bid.id == line.application_id)
        .join(award, award.application_id == bid.id)
        .outerjoin(body, body.id == bid.organisation_id)
        .filter(*conditions)
        .order_by(*_order(choice.sort))
    )  # fmt: skip
    codes = {lot.id: lot.code for lot in lots}
    if not choice.all_rows:
        query = query.limit(PAGE_ROWS).offset((choice.page - 1) * PAGE_ROWS)
    found = db.session.execute(query).all()
    rows = [_ranked_row(row, codes) for row in found]
    return rows, len(rows) if choice.all_rows else _count(conditions, with_awards=choice.state in STATE_FILTERS)


def _ranked_row(row: Any, codes: Mapping[int, str]) -> RankedRow:
    """A row of the statement, which has no type of its own."""
    return RankedRow(
        position=row.position,
        place=row.place if row.status == "ranked" else None,
        code=row.code or "",
        number=row.register_number,
        title=row.title,
        organisation=row.short_name or "",
        edrpou=row.edrpou or "",
        lot=codes.get(row.lot_id, ""),
        score=row.score_text,
        marks=row.marks_text,
        spread=row.spread_text,
        strip=row.strip,
        requested_kop=row.requested_kop,
        rule_kop=row.rule_kop,
        proposed_kop=row.proposed_kop,
        running_kop=row.running_kop,
        standing=standing(row.outcome, row.proposed_kop, row.rule_kop, row.requested_kop),
        reserve_place=row.reserve_place,
        separated_by=row.separated_by,
        tied_with=row.tied_with,
        departure=row.departure,
        reason=row.reason,
        own_share_bp=row.own_share_bp,
    )


def _count(conditions: list[sa.ColumnElement[bool]], *, with_awards: bool) -> int:
    """Rows on all pages: asked apart, because a count beside the page's columns makes the database read every row."""
    counted = sa.select(sa.func.count()).select_from(RankingLine)
    if with_awards:
        counted = counted.join(Award, Award.application_id == RankingLine.application_id)
    return int(db.session.scalar(counted.filter(*conditions)) or 0)


def _order(sort: str) -> list[Any]:
    spread = sa.cast(RankingLine.spread_text, sa.Numeric)
    columns = {"score": RankingLine.score_micro, "requested": Award.requested_kop, "spread": spread}
    column = columns.get(sort.removeprefix("-"))
    if column is None:
        return [RankingLine.position]
    # Rows without a score come last in both orders (the databases differ about NULL).
    ordered = column.desc() if sort.startswith("-") else column.asc()
    return [column.is_(None), ordered, RankingLine.position]


def _standing_is(state: str) -> sa.ColumnElement[bool]:
    nothing = Award.proposed_kop == 0
    conditions = {
        "money": Award.proposed_kop > 0,
        "skipped": sa.and_(nothing, Award.rule_kop > 0),
        "reserve": sa.and_(nothing, Award.rule_kop == 0, Award.outcome.in_(("reserve", "not_fitting", "tie_at_cut"))),
        "below": Award.outcome.in_(("below_pass_mark", "insufficient")),
    }
    return conditions[state]


def _as_seen(rows: list[RankedRow], seen: SeenPlaces, lot_ids: Mapping[str, int]) -> list[RankedRow]:
    """The rows for a reader who is out of some: places of their own list, no sums that count what is hidden."""
    found = []
    for row in rows:
        lot_id = lot_ids.get(row.lot)
        found.append(
            replace(
                row,
                place=seen.place(lot_id, row.place),
                reserve_place=seen.reserve(lot_id, row.reserve_place),
                separated_by=seen.separated_by(row.position, row.separated_by),
                running_kop=None if seen.hides(lot_id) else row.running_kop,
            )
        )
    return found


@dataclass(frozen=True)
class DecidedRow:
    """A row of the list of winners or of the reserve."""

    place: int | None
    organisation: str
    edrpou: str
    title: str
    code: str
    score: str | None
    requested_kop: int
    approved_kop: int | None
    running_kop: int | None
    own_share_bp: int
    lot: str
    reserve_place: int | None
    decision: str | None
    reason: str | None
    criteria: dict[str, str]


def decided_rows(
    competition: Competition, decision: str | None = None, out: frozenset[int] = frozenset()
) -> list[DecidedRow]:
    """Applications with the decision about them, in the order of the list, with the means of every criterion.

    Before the signature the proposals stand in for the decision. Of `out` neither rows are shown, nor sums and places
    from which theirs could be read.
    """
    seen = seen_places(current_ranking(competition), out) if out else SeenPlaces()
    line, award, bid, body = RankingLine, Award, Application, Organisation
    query = (
        sa.select(
            award.place, body.name, body.edrpou, bid.title, bid.code, line.score_text, award.requested_kop,
            award.approved_kop, award.proposed_kop, award.running_kop, bid.own_share_bp, Lot.title.label("lot"),
            award.reserve_place, award.decision, award.reason, line.criteria, award.outcome, award.rule_kop,
            award.lot_id,
        )
        .select_from(award)
        .join(bid, bid.id == award.application_id)
        .join(line, line.application_id == bid.id)
        .join(Ranking, sa.and_(Ranking.id == line.ranking_id, Ranking.is_current.is_(True)))
        .outerjoin(body, body.id == bid.organisation_id)
        .outerjoin(Lot, Lot.id == award.lot_id)
        .filter(award.competition_id == competition.id)
        .order_by(award.position)
    )  # fmt: skip
    if out:
        query = query.filter(award.application_id.not_in(out))
    rows = [
        DecidedRow(
            place=seen.place(row.lot_id, row.place),
            organisation=row.name or "",
            edrpou=row.edrpou or "",
            title=row.title,
            code=row.code or "",
            score=row.score_text,
            requested_kop=row.requested_kop,
            approved_kop=row.approved_kop or row.proposed_kop or None,
            running_kop=None if seen.hides(row.lot_id) else row.running_kop,
            own_share_bp=row.own_share_bp,
            lot=row.lot or "",
            reserve_place=seen.reserve(row.lot_id, row.reserve_place),
            decision=row.decision or _expected(row),
            reason=row.reason,
            criteria={code: cell["combined"] or "" for code, cell in (row.criteria or {}).items()},
        )
        for row in db.session.execute(query)
    ]
    return [row for row in rows if decision is None or row.decision == decision]


def _expected(row: Any) -> str:
    """The decision that a proposal leads to: rows come from a statement and have no type."""
    word = standing(row.outcome, row.proposed_kop, row.rule_kop, row.requested_kop)
    if word in FUNDED:
        return "awarded"
    return {"below_pass_mark": "below_pass_mark", "reserve": "reserve", "tie_at_cut": "reserve"}.get(
        word, "not_awarded"
    )
