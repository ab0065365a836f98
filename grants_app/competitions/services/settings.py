"""Writing the settings of a competition while it is a draft. Nothing here is possible after the announcement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from grants_app.accounts.models import User
from grants_app.budget.models import BudgetLine
from grants_app.competitions import policy, queries
from grants_app.competitions.models import CommissionSeat, Competition, Criterion, Lot, Priority
from grants_app.competitions.rules import (
    BLIND_PHASES,
    DIVERGENCE_RULES,
    OFFICES,
    OWN_FIELD,
)
from grants_app.core.errors import EditConflict, InvalidInput, NotAllowed
from grants_app.database import db, lock
from grants_app.journal.services import Actor, record

Row = TypeVar("Row", Lot, Priority, Criterion)
# The stage of applications says why a person may not sit here: an organisation of theirs competes.
barred_from_seat: list[Callable[[Competition, User], str | None]] = []
NEWER = "Somebody saved a newer version while you were working"


@dataclass(frozen=True)
class LotSetting:
    """A lot as the organizer sets it; an empty code asks for a new one. `source_line`: code of the city's line."""

    title: str
    fund_kop: int
    minimum_kop: int | None = None
    maximum_kop: int | None = None
    code: str = ""
    source_line: str = ""
    engine: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PrioritySetting:
    """A priority direction."""

    title: str
    code: str = ""


@dataclass(frozen=True)
class CriterionSetting:
    """A criterion; decimals are text."""

    title: str
    weight: str
    minimum: str = "0"
    maximum: str = "10"
    step: str = "1"
    pass_mark: str | None = None
    question: str = ""
    bands: Sequence[Mapping[str, str]] = ()
    code: str = ""
    counted: bool = True


@dataclass(frozen=True)
class CalendarSetting:
    """The calendar; instants are exclusive ends."""

    intake_from: datetime | None
    intake_until: datetime | None
    scoring_until: datetime | None
    results_by: date | None
    project_from: date | None
    project_until: date | None
    correction_days: int = 5


@dataclass(frozen=True)
class AdmissionSetting:
    """Rules of admission and of the budget form; shares in basis points."""

    own_share_min_bp: int = 2500
    inkind_max_bp: int = 5000
    registered_months_min: int = 6
    applications_per_organisation: int = 1
    category_ceilings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class PanelSetting:
    """Who may sit at an application together, what a divergence calls for, in which phases the applicant is hidden."""

    required_fields: Sequence[str] = ()
    most_per_expert: int | None = None
    kept_experts: int = 0
    divergence_rule: str = "discuss"
    blind_phases: Sequence[str] = ()


def editable(competition: Competition, by: Actor, version: int | None = None) -> Competition:
    """The competition, locked, if `by` may change its settings. Raises NotAllowed, EditConflict."""
    found = locked(competition)
    _refuse(policy.why_not_edit(by, found))
    if version is not None and found.version != version:
        raise EditConflict(NEWER)
    return found


def locked(competition: Competition) -> Competition:
    """The row, read afresh and held till the end of the unit."""
    return db.session.scalars(lock(sa.select(Competition).filter_by(id=competition.id))).one()


def update_basics(
    competition: Competition,
    *,
    title: str,
    summary: str,
    legal_basis: str,
    who_may_apply: str,
    what_is_paid: str,
    contact: str,
    by: Actor,
    version: int | None = None,
) -> None:
    """Texts of the announcement."""
    found = editable(competition, by, version)
    if not title.strip():
        raise InvalidInput("Enter the title of the competition", field="title")
    found.title, found.summary, found.legal_basis = title, summary, legal_basis
    found.who_may_apply, found.what_is_paid, found.contact = who_may_apply, what_is_paid, contact
    saved(found, "basics", by)


def update_calendar(
    competition: Competition, calendar: CalendarSetting, *, by: Actor, version: int | None = None
) -> None:
    """Dates; whether they are complete and in order is asked at announcement, order of the intake at once."""
    found = editable(competition, by, version)
    start, end = calendar.intake_from, calendar.intake_until
    if start is not None and end is not None and start >= end:
        raise InvalidInput("The end of the intake must be later than its beginning", field="intake_until")
    for name in CalendarSetting.__dataclass_fields__:
        setattr(found, name, getattr(calendar, name))
    saved(found, "calendar", by)


def update_lots(competition: Competition, lots: Sequence[LotSetting], *, by: Actor, version: int | None = None) -> None:
    """The lots as given: rows of known codes are kept, missing ones removed. Raises InvalidInput by `lots-N-field`."""
    found = editable(competition, by, version)
    lines = {line.code: line for line in db.session.scalars(sa.select(BudgetLine).filter_by(source="city"))}

    def write(lot: Lot, setting: LotSetting, place: str) -> None:
        if setting.fund_kop < 0:
            raise InvalidInput("The fund must be more than zero", field=f"{place}-fund_kop")
        if setting.minimum_kop and setting.maximum_kop and setting.minimum_kop > setting.maximum_kop:
            raise InvalidInput("The largest grant must not be below the smallest", field=f"{place}-maximum_kop")
        if setting.source_line and setting.source_line not in lines:
            raise InvalidInput("Choose a line of the city’s budget", field=f"{place}-source_line")
        lot.title, lot.fund_kop = setting.title, setting.fund_kop
        lot.minimum_kop, lot.maximum_kop = setting.minimum_kop, setting.maximum_kop
        lot.source_line = lines.get(setting.source_line)
        lot.engine = dict(setting.engine) or lot.engine or {}

    found.lots = _merged("lots", Lot, found.lots, lots, write)
    saved(found, "lots", by)


def update_priorities(
    competition: Competition, priorities: Sequence[PrioritySetting], *, by: Actor, version: int | None = None
) -> None:
    """The priority directions in the order given."""
    found = editable(competition, by, version)

    def write(priority: Priority, setting: PrioritySetting, place: str) -> None:
        priority.title = setting.title

    found.priorities = _merged("priorities", Priority, found.priorities, priorities, write)
    saved(found, "priorities", by)


def update_criteria(
    competition: Competition, criteria: Sequence[CriterionSetting], *, by: Actor, version: int | None = None
) -> None:
    """The criteria in the order given; scales are checked here, the sum of weights at announcement."""
    found = editable(competition, by, version)

    def write(criterion: Criterion, setting: CriterionSetting, place: str) -> None:
        _check_scale(setting, place)
        criterion.title, criterion.question = setting.title, setting.question
        criterion.bands = [dict(band) for band in setting.bands]
        criterion.minimum, criterion.maximum, criterion.step = setting.minimum, setting.maximum, setting.step
        criterion.weight, criterion.pass_mark, criterion.counted = setting.weight, setting.pass_mark, setting.counted

    if not criteria:
        raise InvalidInput("Add at least one criterion", field="criteria")
    found.criteria = _merged("criteria", Criterion, found.criteria, criteria, write)
    saved(found, "criteria", by)


def update_rules(
    competition: Competition,
    *,
    engine: Mapping[str, Any],
    admission: AdmissionSetting,
    by: Actor,
    version: int | None = None,
) -> None:
    """Keys of rules.json beside criteria and lots, and the rules of admission. Raises InvalidInput like the engine."""
    found = editable(competition, by, version)
    unknown = set(admission.category_ceilings) - set(queries.form_of(found).category_labels)
    if unknown:
        raise InvalidInput("There is no such cost category", field="category_ceilings")
    found.engine = {**found.engine, **engine}
    for name in AdmissionSetting.__dataclass_fields__:
        value = getattr(admission, name)
        setattr(found, name, dict(value) if isinstance(value, Mapping) else value)
    queries.engine_rules(found)
    saved(found, "rules", by)


def update_scoring(
    competition: Competition,
    *,
    scoring_by: str,
    experts_per_application: int,
    justification_min: int = 20,
    divergence_bp: int = 3000,
    panel: PanelSetting | None = None,
    by: Actor,
    version: int | None = None,
) -> None:
    """Who scores, how many experts see each application, when marks diverge; without `panel` its rules stay."""
    found = editable(competition, by, version)
    if scoring_by not in {"experts", "commission", "both"}:
        raise InvalidInput("Choose who scores", field="scoring_by")
    if experts_per_application < 1:
        raise InvalidInput("At least one expert scores each application", field="experts_per_application")
    found.scoring_by, found.experts_per_application = scoring_by, experts_per_application
    found.justification_min, found.divergence_bp = justification_min, divergence_bp
    found.engine = {
        **found.engine,
        "min_experts": min(found.engine.get("min_experts", 2), experts_per_application),
    }
    if panel is not None:
        _check_panel(panel, experts_per_application)
        found.required_fields, found.blind_phases = list(panel.required_fields), list(panel.blind_phases)
        found.most_per_expert, found.kept_experts = panel.most_per_expert, panel.kept_experts
        found.divergence_rule = panel.divergence_rule
    saved(found, "panel", by)


def _check_panel(panel: PanelSetting, experts_per_application: int) -> None:
    known = {OWN_FIELD, *(code for code, _title in queries.known_fields())}
    if not set(panel.required_fields) <= known:
        raise InvalidInput("There is no such field of expertise", field="required_fields")
    if panel.most_per_expert is not None and panel.most_per_expert < 1:
        raise InvalidInput("An expert scores at least one application", field="most_per_expert")
    if not 0 <= panel.kept_experts <= experts_per_application:
        raise InvalidInput("No more experts can be kept than score an application", field="kept_experts")
    if panel.divergence_rule not in DIVERGENCE_RULES:
        raise InvalidInput("Choose what a divergence calls for", field="divergence_rule")
    if not set(panel.blind_phases) <= set(BLIND_PHASES):
        raise InvalidInput("Choose among the phases shown", field="blind_phases")


def set_seats(
    competition: Competition, seats: Sequence[tuple[User, str]], *, by: Actor, version: int | None = None
) -> None:
    """The commission: pairs of person and office. Open until the commission has decided. Raises InvalidInput."""
    found = locked(competition)
    _refuse(policy.why_not_seat(by, found))
    if version is not None and found.version != version:
        raise EditConflict(NEWER)
    people = [person.id for person, _ in seats]
    if len(set(people)) != len(people):
        raise InvalidInput("One person holds one position in the commission", field="seats")
    if sum(office == "chair" for _, office in seats) > 1:
        raise InvalidInput("The commission has one chair", field="seats")
    kept = {seat.user_id: seat for seat in found.seats}
    chosen = []
    for person, office in seats:
        if office not in OFFICES:
            raise InvalidInput("Choose the position", field="seats")
        _refuse_barred(found, person)
        seat = kept.get(person.id) or CommissionSeat(user=person)
        seat.office = office
        chosen.append(seat)
    found.seats = chosen
    saved(found, "seats", by)


def _refuse_barred(competition: Competition, person: User) -> None:
    for why_not in barred_from_seat:
        reason = why_not(competition, person)
        if reason is not None:
            raise InvalidInput(reason, field="seats", facts={"person": person.full_name})


def saved(competition: Competition, theme: str, by: Actor) -> None:
    """Count a version, also when only lots, criteria or seats changed, and note it in the journal."""
    flag_modified(competition, "notes")
    db.session.flush()
    record(
        thing="competition",
        code=competition.code,
        scope=competition.code,
        step="settings",
        by=by,
        facts={"theme": theme, "version": competition.version},
    )


def _merged(
    name: str, kind: type[Row], rows: Sequence[Row], settings: Sequence[Any], write: Callable[[Row, Any, str], None]
) -> list[Row]:
    known = {row.code: row for row in rows}
    taken = {setting.code for setting in settings if setting.code}
    if len(taken) != sum(1 for setting in settings if setting.code):
        raise InvalidInput("A code appears twice", field=name)
    result = []
    for index, setting in enumerate(settings):
        if not setting.title.strip():
            raise InvalidInput("Enter a title", field=f"{name}-{index}-title")
        code = setting.code or _free_code(name, taken | set(known))
        taken.add(code)
        row = known.get(code) or kind(code=code)
        row.position = index + 1
        write(row, setting, f"{name}-{index}")
        result.append(row)
    return result


def _free_code(name: str, taken: set[str]) -> str:
    letter = {"lots": "lot", "priorities": "p", "criteria": "c"}[name]
    return next(code for number in range(1, 1000) if (code := f"{letter}{number}") not in taken)


def _check_scale(setting: CriterionSetting, place: str) -> None:
    numbers: dict[str, Decimal] = {}
    for name in ("minimum", "maximum", "step", "weight", "pass_mark"):
        text = getattr(setting, name)
        if text is None:
            continue
        try:
            numbers[name] = Decimal(text)
        except InvalidOperation:
            raise InvalidInput("Enter a number, for example 10 or 0.5", field=f"{place}-{name}") from None
    _refuse_scale(numbers, setting.bands, place)


def _refuse_scale(numbers: Mapping[str, Decimal], bands: Sequence[Mapping[str, str]], place: str) -> None:
    low, high = numbers["minimum"], numbers["maximum"]
    if low >= high:
        raise InvalidInput("The highest mark must be above the lowest", field=f"{place}-maximum")
    if numbers["step"] <= 0 or (high - low) % numbers["step"]:
        raise InvalidInput("The scale must be a whole number of steps", field=f"{place}-step")
    if numbers["weight"] < 0:
        raise InvalidInput("The weight must not be below zero", field=f"{place}-weight")
    if any(not low <= Decimal(band["from"]) <= Decimal(band["to"]) <= high for band in bands):
        raise InvalidInput("Bands of marks must lie on the scale, the lower mark first", field=f"{place}-bands")
    if "pass_mark" in numbers and not low <= numbers["pass_mark"] <= high:
        raise InvalidInput("The pass mark must lie on the scale", field=f"{place}-pass_mark")


def _refuse(reason: str | None) -> None:
    if reason is not None:
        raise NotAllowed(reason)
