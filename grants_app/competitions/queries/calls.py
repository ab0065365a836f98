"""Reading competitions: who sees which, their rules for the engine, their calendar."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from grants_app.accounts.models import User
from grants_app.budget.models import BudgetLine
from grants_app.competitions.models import CommissionSeat, Competition, DayOff, Priority
from grants_app.competitions.rules import OFFICES, VOTING_OFFICES, wording
from grants_app.competitions.rules.form import Form, read_form
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotFound
from grants_app.database import db, ukrainian_key
from grants_app.lifecycle import CompetitionState as C
from grants_app.permissions import Permission
from scoring import Rules, RulesError

# Where a call stands for a reader: open now, to come, or over.
GROUPS = ("open", "upcoming", "past", "draft")


class Viewer(Protocol):
    """Anybody who reads; a guest is None."""

    def can(self, permission: Permission) -> bool: ...


@dataclass(frozen=True)
class CompetitionRow:
    """A competition in a list; money in kopiykas, `state` as the clock makes it."""

    code: str
    title: str
    year: int
    state: C
    group: str
    fund_kop: int
    minimum_kop: int | None
    maximum_kop: int | None
    own_share_min_bp: int
    announced_at: datetime | None
    intake_from: datetime | None
    intake_until: datetime | None
    intake_first_day: date | None
    intake_last_day: date | None
    results_by: date | None


@dataclass(frozen=True)
class CriterionRow:
    """A criterion as the announcement prints it; decimals as text."""

    title: str
    question: str
    scale: str
    weight: str
    pass_mark: str | None
    bands: list[dict[str, str]]


@dataclass(frozen=True)
class LotRow:
    """A lot as the announcement prints it."""

    title: str
    fund_kop: int
    minimum_kop: int | None
    maximum_kop: int | None


@dataclass(frozen=True)
class SeatRow:
    """A seat of the commission; `office` is a code, `office_label` its msgid."""

    user_id: int
    name: str
    email: str
    office: str
    office_label: str


def is_staff(viewer: Viewer | None) -> bool:
    """Whether the reader sees drafts and desks."""
    return viewer is not None and bool(getattr(viewer, "is_authenticated", True)) and _can_read_staff(viewer)


def _can_read_staff(viewer: Viewer) -> bool:
    can = getattr(viewer, "can", None)
    return can is not None and bool(can(Permission.COMPETITION_STAFF_READ))


def competition_by_code(code: str, viewer: Viewer | None) -> Competition:
    """The competition of that code; what was never announced exists for staff alone. Raises NotFound."""
    competition = db.session.scalar(
        sa.select(Competition)
        .filter_by(code=code)
        .options(
            selectinload(Competition.lots), selectinload(Competition.priorities), selectinload(Competition.criteria)
        )
    )
    if competition is None or (competition.announced_at is None and not is_staff(viewer)):
        raise NotFound
    return competition


def shown_state(competition: Competition, now: datetime) -> C:
    """The state as a reader should see it: instants open and close the intake, the recorded state follows later."""
    state = competition.state
    if state not in {C.ANNOUNCED, C.OPEN} or competition.intake_from is None or competition.intake_until is None:
        return state
    if now < competition.intake_from:
        return C.ANNOUNCED
    return C.OPEN if now < competition.intake_until else C.CLOSED


def form_of(competition: Competition) -> Form:
    """The form of the competition as it stands now; parsed once for each stored text."""
    return read_form(competition.form_text)


def is_intake_open(competition: Competition, now: datetime) -> bool:
    """Whether applications are taken at this instant; the end is exclusive, the recorded state decides nothing."""
    return competition.state in {C.ANNOUNCED, C.OPEN} and shown_state(competition, now) is C.OPEN


def competition_rows(
    viewer: Viewer | None, *, group: str | None = None, year: int | None = None, text: str | None = None
) -> list[CompetitionRow]:
    """Competitions this reader may see: open by deadline, upcoming by start, then past and drafts, newest first."""
    query = sa.select(Competition).options(selectinload(Competition.lots))
    if not is_staff(viewer):
        query = query.where(Competition.announced_at.is_not(None))
    if year is not None:
        query = query.filter_by(year=year)
    now = clock.now()
    rows = [_row(competition, now) for competition in db.session.scalars(query)]
    if group in GROUPS:
        rows = [row for row in rows if row.group == group]
    if text:
        wanted = text.casefold()
        rows = [row for row in rows if wanted in row.title.casefold() or wanted in row.code.casefold()]
    return sorted(rows, key=_list_order)


def _row(competition: Competition, now: datetime) -> CompetitionRow:
    minima = [lot.minimum_kop for lot in competition.lots if lot.minimum_kop is not None]
    maxima = [lot.maximum_kop for lot in competition.lots if lot.maximum_kop is not None]
    state = shown_state(competition, now)
    return CompetitionRow(
        code=competition.code,
        title=competition.title,
        year=competition.year,
        state=state,
        group={C.OPEN: "open", C.ANNOUNCED: "upcoming", C.DRAFT: "draft"}.get(state, "past"),
        fund_kop=fund_kop(competition),
        minimum_kop=min(minima, default=None),
        maximum_kop=max(maxima, default=None),
        own_share_min_bp=competition.own_share_min_bp,
        announced_at=competition.announced_at,
        intake_from=competition.intake_from,
        intake_until=competition.intake_until,
        intake_first_day=None if competition.intake_from is None else clock.kyiv(competition.intake_from).date(),
        intake_last_day=None if competition.intake_until is None else clock.last_day(competition.intake_until),
        results_by=competition.results_by,
    )


def _list_order(row: CompetitionRow) -> tuple[int, float, str]:
    moment = {"open": row.intake_until, "upcoming": row.intake_from}.get(row.group)
    return GROUPS.index(row.group), moment.timestamp() if moment is not None else float(-row.year), row.code


def years() -> list[int]:
    """Years in which there were competitions, newest first."""
    return list(db.session.scalars(sa.select(Competition.year).distinct().order_by(Competition.year.desc())))


def fund_kop(competition: Competition) -> int:
    """The money of all lots."""
    return sum(lot.fund_kop for lot in competition.lots)


def engine_rules(competition: Competition) -> Rules:
    """The rules as the engine takes them: what was frozen at announcement, before that what the settings say now.

    Raises InvalidInput (field "rules") while the settings of a draft contradict each other.
    """
    try:
        if competition.rules_text is not None:
            return Rules.from_json(json.loads(competition.rules_text))
        return Rules.from_json(rules_document(competition))
    except RulesError as error:
        raise InvalidInput(
            "The rules contradict themselves: %(problem)s", field="rules", facts={"problem": str(error)}
        ) from error


def rules_document(competition: Competition) -> dict[str, Any]:
    """rules.json of the settings as they stand now."""
    return {
        **competition.engine,
        "criteria": [
            {
                "code": criterion.code,
                "title": criterion.title,
                "min": criterion.minimum,
                "max": criterion.maximum,
                "step": criterion.step,
                "weight": criterion.weight,
                "pass_mark": criterion.pass_mark,
                "counted": criterion.counted,
            }
            for criterion in competition.criteria
        ],
        "lots": [
            {
                "code": lot.code,
                "fund_kop": lot.fund_kop,
                "minimum_kop": lot.minimum_kop,
                "maximum_kop": lot.maximum_kop,
                "pass_mark": None,
                "criteria_weights": None,
                "spend_min_kop": None,
                "spend_max_kop": None,
                **lot.engine,
            }
            for lot in competition.lots
        ],
    }


def criterion_rows(competition: Competition, lang: str) -> list[CriterionRow]:
    """Criteria in the order of the review sheet, preset texts in the reader's language."""
    return [
        CriterionRow(
            title=wording(each.title, lang),
            question=wording(each.question, lang),
            scale=f"{each.minimum}–{each.maximum}",
            weight=each.weight,
            pass_mark=each.pass_mark,
            bands=[{**band, "text": wording(band["text"], lang)} for band in each.bands],
        )
        for each in competition.criteria
    ]


def lot_rows(competition: Competition, lang: str) -> list[LotRow]:
    """Lots in order."""
    return [
        LotRow(wording(lot.title, lang), lot.fund_kop, lot.minimum_kop, lot.maximum_kop) for lot in competition.lots
    ]


def weights_sum(competition: Competition) -> Decimal:
    """Sum of the weights of the counted criteria; NaN while one of them is not a number."""
    try:
        return sum((Decimal(each.weight) for each in competition.criteria if each.counted), Decimal(0))
    except InvalidOperation:
        return Decimal("NaN")


def points_maximum(competition: Competition) -> Decimal:
    """What one expert can give at most where points are added as they are."""
    return sum(
        (Decimal(each.weight) * Decimal(each.maximum) for each in competition.criteria if each.counted), Decimal(0)
    )


def uses_percent(competition: Competition) -> bool:
    """Whether weights are shares of 100 (not multipliers of points)."""
    return competition.engine.get("expert_total") != "points"


def days_off() -> frozenset[date]:
    """Days on which no term ends, beside Saturdays and Sundays."""
    return frozenset(db.session.scalars(sa.select(DayOff.day)))


def day_off_rows(year: int) -> list[DayOff]:
    """The city's days off of a year."""
    query = sa.select(DayOff).where(DayOff.day.between(date(year, 1, 1), date(year, 12, 31))).order_by(DayOff.day)
    return list(db.session.scalars(query))


def seat_rows(competition: Competition) -> list[SeatRow]:
    """The commission in the order of offices, then by name."""
    query = (
        sa.select(CommissionSeat.user_id, CommissionSeat.office, User.full_name, User.email)
        .join(User, User.id == CommissionSeat.user_id)
        .where(CommissionSeat.competition_id == competition.id)
    )
    order = list(OFFICES)
    rows = [
        SeatRow(user_id, name, email, office, OFFICES[office])
        for user_id, office, name, email in db.session.execute(query)
    ]
    return sorted(rows, key=lambda row: (order.index(row.office), row.name))


def voters_count(competition: Competition) -> int:
    """Members who vote (the secretary does not)."""
    return sum(row.office in VOTING_OFFICES for row in seat_rows(competition))


def known_fields() -> list[tuple[str, str]]:
    """Codes and titles of the priorities of all competitions, the newest title of each code: fields of expertise."""
    found: dict[str, str] = {}
    for row in db.session.execute(sa.select(Priority.code, Priority.title).order_by(Priority.id.desc())):
        found.setdefault(row.code, row.title)
    return sorted(found.items(), key=lambda pair: ukrainian_key(pair[1]))


def city_lines(year: int) -> list[BudgetLine]:
    """Lines of the city's budget that lots of that year may be paid from."""
    query = (
        sa.select(BudgetLine)
        .where(BudgetLine.source == "city", BudgetLine.year == year, BudgetLine.parent_id.is_(None))
        .order_by(BudgetLine.code)
    )
    return list(db.session.scalars(query))
