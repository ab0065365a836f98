"""The partnership plan with what has been reached: counted by the system or entered by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from grants_app.awards.models import Award
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.lifecycle import ApplicationState, AwardState, CompetitionState
from grants_app.reports.models import PlanFact, PlanIndicator, PlanMeasure
from grants_app.reports.rules import standing, target_for
from grants_app.vouchers.queries import vouchers_granted

PLAN_YEARS = (2023, 2024)  # the period of the shipped plan, as printed


@dataclass(frozen=True)
class IndicatorRow:
    """An indicator over a span of years."""

    number: str
    occurrence: int
    code: str
    title: str
    per: str
    target: int | None
    value: int | None
    standing: str
    is_counted: bool
    evidence: str
    entered_at: datetime | None


@dataclass(frozen=True)
class MeasureRow:
    """A measure as printed, with its indicators."""

    number: str
    occurrence: int
    direction: str
    task: str
    action: str
    responsible: str
    period: str
    funding: str
    expected_results: list[str]
    indicators: list[IndicatorRow]


def measure_rows(first_year: int, last_year: int, lang: str) -> list[MeasureRow]:
    """All measures of the plan with their indicators over the years, in the order of the decision."""
    query = sa.select(PlanMeasure).options(selectinload(PlanMeasure.indicators)).order_by(PlanMeasure.position)
    facts = _facts(first_year, last_year)
    counts = {name: _over(counter, first_year, last_year) for name, counter in COUNTERS.items()}
    return [
        MeasureRow(
            number=measure.number,
            occurrence=measure.occurrence,
            direction=measure.direction,
            task=measure.task,
            action=measure.action,
            responsible=", ".join(measure.responsible),
            period=measure.period,
            funding=", ".join(measure.funding_sources),
            expected_results=measure.expected_results,
            indicators=[
                _indicator(measure, item, facts.get(item.id, []), counts, years=last_year - first_year + 1, lang=lang)
                for item in measure.indicators
            ],
        )
        for measure in db.session.scalars(query)
    ]


def indicator_rows(first_year: int, last_year: int, lang: str) -> list[IndicatorRow]:
    """All indicators as one table, for export."""
    return [item for measure in measure_rows(first_year, last_year, lang) for item in measure.indicators]


def indicator_by_code(code: str) -> PlanIndicator:
    """The indicator with its measure. Raises NotFound."""
    query = sa.select(PlanIndicator).filter_by(code=code).options(joinedload(PlanIndicator.measure))
    found: PlanIndicator | None = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def facts_of(indicator: PlanIndicator) -> list[PlanFact]:
    """Everything entered for an indicator, newest first."""
    query = (
        sa.select(PlanFact)
        .filter_by(indicator_id=indicator.id)
        .options(joinedload(PlanFact.entered_by))
        .order_by(PlanFact.year.desc(), PlanFact.id.desc())
    )
    return list(db.session.scalars(query))


def years_offered() -> list[int]:
    """Years that a reader may choose: the plan's own, and every year up to the present one."""
    return list(range(PLAN_YEARS[0], max(clock.today().year, PLAN_YEARS[1]) + 1))


def contests_held(year: int) -> int:
    """Competitions whose results were published in the year."""
    first, after = _span(year)
    query = (
        sa.select(sa.func.count())
        .select_from(Competition)
        .where(Competition.published_at >= first, Competition.published_at < after)
    )
    return db.session.scalar(query) or 0


def projects_funded(year: int) -> int:
    """Projects awarded by publications of the year and not declined since."""
    first, after = _span(year)
    query = (
        sa.select(sa.func.count())
        .select_from(Award)
        .join(Competition, Award.competition_id == Competition.id)
        .where(
            Competition.published_at >= first,
            Competition.published_at < after,
            Competition.state.in_((CompetitionState.PUBLISHED, CompetitionState.COMPLETED)),
            Award.state.in_((AwardState.APPROVED, AwardState.ACCEPTED)),
            Award.application.has(state=ApplicationState.AWARDED),
            Award.approved_kop > 0,
        )
    )
    return db.session.scalar(query) or 0


COUNTERS: dict[str, Callable[[int], int]] = {
    "contests_held": contests_held,
    "projects_funded": projects_funded,
    "vouchers_granted": vouchers_granted,
}


def _over(counter: Callable[[int], int], first_year: int, last_year: int) -> int:
    return sum(counter(year) for year in range(first_year, last_year + 1))


def _facts(first_year: int, last_year: int) -> dict[int, list[PlanFact]]:
    """The newest fact of each indicator and year."""
    newest = (
        sa.select(sa.func.max(PlanFact.id))
        .where(PlanFact.year >= first_year, PlanFact.year <= last_year)
        .group_by(PlanFact.indicator_id, PlanFact.year)
    )
    found: dict[int, list[PlanFact]] = {}
    for fact in db.session.scalars(sa.select(PlanFact).where(PlanFact.id.in_(newest)).order_by(PlanFact.year)):
        found.setdefault(fact.indicator_id, []).append(fact)
    return found


def _indicator(
    measure: PlanMeasure,
    item: PlanIndicator,
    facts: list[PlanFact],
    counts: dict[str, int],
    *,
    years: int,
    lang: str,
) -> IndicatorRow:
    value = counts[item.counted_by] if item.counted_by else sum(fact.value for fact in facts) if facts else None
    target = target_for(item.target, item.per, years)
    return IndicatorRow(
        number=measure.number,
        occurrence=measure.occurrence,
        code=item.code,
        title=item.title_en if lang == "en" else item.title_uk,
        per=item.per,
        target=target,
        value=value,
        standing=standing(value, target),
        is_counted=bool(item.counted_by),
        evidence="; ".join(f"{fact.year}: {fact.evidence}" for fact in facts),
        entered_at=max((fact.entered_at for fact in facts), default=None),
    )


def _span(year: int) -> tuple[datetime, datetime]:
    return clock.start_of_day(date(year, 1, 1)), clock.start_of_day(date(year + 1, 1, 1))
