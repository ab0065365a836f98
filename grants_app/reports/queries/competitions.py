"""The funnel and the money of competitions: nothing of awards before they are published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any  # what SUM answers differs by engine, int() follows

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from grants_app.applications.models import Application
from grants_app.awards.models import Award
from grants_app.competitions.models import Competition, Lot
from grants_app.core import clock
from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.lifecycle import ApplicationState, AwardState, CompetitionState

PUBLISHED = (CompetitionState.PUBLISHED, CompetitionState.COMPLETED)
_A = ApplicationState
# Each step of the funnel counts the applications that came at least so far.
_ADMITTED = (_A.ADMITTED, _A.AWARDED, _A.RESERVE, _A.NOT_AWARDED, _A.BELOW_PASS_MARK)
FUNNEL: tuple[tuple[str, str, tuple[ApplicationState, ...]], ...] = (
    ("submitted", "Submitted", tuple(state for state in _A if state is not _A.DRAFT)),
    ("admitted", "Admitted", _ADMITTED),
    ("rejected", "Not admitted", (_A.REJECTED,)),
    ("withdrawn", "Withdrawn", (_A.WITHDRAWN,)),
    ("awarded", "Awarded", (_A.AWARDED,)),
    ("reserve", "Reserve list", (_A.RESERVE,)),
    ("not_awarded", "Not awarded", (_A.NOT_AWARDED,)),
    ("below_pass_mark", "Below the pass mark", (_A.BELOW_PASS_MARK,)),
)


@dataclass(frozen=True)
class FunnelRow:
    """A step of the funnel with the money asked on it."""

    step: str
    label: str
    count: int
    requested_kop: int


@dataclass(frozen=True)
class LotMoneyRow:
    """A lot's fund and what the published decision made of it."""

    code: str
    title: str
    fund_kop: int
    requested_kop: int
    awarded_count: int
    awarded_kop: int
    left_kop: int


@dataclass(frozen=True)
class CompetitionSummaryRow:
    """A competition as a line of the yearly account."""

    code: str
    title: str
    year: int
    state: CompetitionState
    fund_kop: int
    applications: int
    awarded_count: int
    awarded_kop: int
    published_on: date | None


def competition_for_report(code: str, *, desk: bool) -> Competition:
    """A competition whose intake has closed (counts would betray sealed bids before); in public once published."""
    query = sa.select(Competition).filter_by(code=code).options(selectinload(Competition.lots))
    found: Competition | None = db.session.scalar(query)
    if found is None or found.intake_closed_at is None or not (desk or found.state in PUBLISHED):
        raise NotFound
    return found


def funnel_rows(competition: Competition) -> list[FunnelRow]:
    """Applications and money asked by step."""
    query = (
        sa.select(Application.state, sa.func.count(), sa.func.sum(Application.requested_kop))
        .where(Application.competition_id == competition.id)
        .group_by(Application.state)
    )
    found = {state: (count, int(total or 0)) for state, count, total in db.session.execute(query)}
    return [
        FunnelRow(
            step=step,
            label=label,
            count=sum(found.get(state, (0, 0))[0] for state in states),
            requested_kop=sum(found.get(state, (0, 0))[1] for state in states),
        )
        for step, label, states in FUNNEL
    ]


def lot_rows(competition: Competition) -> list[LotMoneyRow]:
    """The lots with asked and awarded money; awards count only once published."""
    asked = dict(
        db.session.execute(
            sa.select(Application.lot_id, sa.func.sum(Application.requested_kop))
            .where(Application.competition_id == competition.id, Application.state != ApplicationState.DRAFT)
            .group_by(Application.lot_id)
        ).all()
    )
    given = {lot_id: (count, total) for lot_id, count, total in db.session.execute(_awarded_by_lot(competition))}
    rows = []
    for lot in competition.lots:
        count, total = given.get(lot.id, (0, 0)) if competition.state in PUBLISHED else (0, 0)
        rows.append(
            LotMoneyRow(
                code=lot.code,
                title=lot.title,
                fund_kop=lot.fund_kop,
                requested_kop=int(asked.get(lot.id) or 0),
                awarded_count=count,
                awarded_kop=int(total or 0),
                left_kop=lot.fund_kop - int(total or 0),
            )
        )
    return rows


def summary_rows(*, year: int | None = None) -> list[CompetitionSummaryRow]:
    """Published competitions, newest first: the public account."""
    query = sa.select(Competition).where(Competition.state.in_(PUBLISHED)).order_by(Competition.published_at.desc())
    if year is not None:
        query = query.where(Competition.year == year)
    found = db.session.scalars(query).all()
    funds = _sums(
        sa.select(Lot.competition_id, sa.func.count(), sa.func.sum(Lot.fund_kop)).group_by(Lot.competition_id)
    )
    bids = _sums(
        sa.select(Application.competition_id, sa.func.count(), sa.func.sum(Application.requested_kop))
        .where(Application.state != ApplicationState.DRAFT)
        .group_by(Application.competition_id)
    )
    awards = _sums(
        sa.select(Award.competition_id, sa.func.count(), sa.func.sum(Award.approved_kop))
        .where(*_is_awarded())
        .group_by(Award.competition_id)
    )
    return [
        CompetitionSummaryRow(
            code=item.code,
            title=item.title,
            year=item.year,
            state=item.state,
            fund_kop=funds.get(item.id, (0, 0))[1],
            applications=bids.get(item.id, (0, 0))[0],
            awarded_count=awards.get(item.id, (0, 0))[0],
            awarded_kop=awards.get(item.id, (0, 0))[1],
            published_on=clock.kyiv(item.published_at).date() if item.published_at else None,
        )
        for item in found
    ]


def _sums(query: sa.Select[int, int, Any]) -> dict[int, tuple[int, int]]:
    return {key: (count, int(total or 0)) for key, count, total in db.session.execute(query)}


def _is_awarded() -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Award.state.in_((AwardState.APPROVED, AwardState.ACCEPTED)),
        Award.application.has(state=ApplicationState.AWARDED),
        Award.approved_kop > 0,
    )


def _awarded_by_lot(competition: Competition) -> sa.Select[int | None, int, Any]:
    return (
        sa.select(Award.lot_id, sa.func.count(), sa.func.sum(Award.approved_kop))
        .where(Award.competition_id == competition.id, *_is_awarded())
        .group_by(Award.lot_id)
    )
