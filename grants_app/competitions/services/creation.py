"""A competition begins: from a preset, as a copy of an earlier one, or from the engine's rules of a file."""

from __future__ import annotations

import copy
import re
from datetime import date, datetime

import sqlalchemy as sa

from grants_app.competitions.models import CommissionSeat, Competition, Criterion, Lot, Priority
from grants_app.competitions.rules import PRESETS, Preset, bands_of
from grants_app.competitions.services.intake import IntakeSetting
from grants_app.competitions.services.settings import AdmissionSetting, PanelSetting, editable, saved
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db
from grants_app.journal.services import Actor, record
from grants_app.permissions import Permission
from scoring import Rules

_CODE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*", re.ASCII)
_COPIED = (
    "summary",
    "legal_basis",
    "who_may_apply",
    "what_is_paid",
    "contact",
    "correction_days",
    *AdmissionSetting.__dataclass_fields__,
    "preset",
    "scoring_by",
    "experts_per_application",
    "justification_min",
    "divergence_bp",
    *PanelSetting.__dataclass_fields__,
    *IntakeSetting.__dataclass_fields__,
    "engine",
    "form_text",
)


def create_competition(
    *,
    code: str,
    title: str,
    year: int,
    preset: str = "misto_zmistiv",
    by: Actor,
    is_imported: bool = False,
) -> Competition:
    """A draft with the criteria, scale and rules of a preset. Raises InvalidInput for a taken or odd code."""
    _refuse_stranger(by)
    if preset not in PRESETS:
        raise InvalidInput("Choose a set of criteria", field="preset")
    chosen = PRESETS[preset]
    competition = _draft(code, title, year, by)
    competition.preset, competition.scoring_by = preset, chosen.scoring_by
    competition.experts_per_application = chosen.experts_per_application
    competition.engine = copy.deepcopy(chosen.engine)
    competition.is_imported = is_imported
    competition.criteria = _criteria(chosen)
    competition.lots = [
        Lot(position=index, code=lot.code, title=lot.title.uk, fund_kop=0, engine={})
        for index, lot in enumerate(chosen.lots, 1)
    ]
    _begun(competition, by, {"preset": preset})
    return competition


def copy_competition(source: Competition, *, code: str, title: str, year: int, by: Actor) -> Competition:
    """A draft with everything of an earlier competition but its money lines and decisions.

    The form and the settings of the intake come along; dates are proposed, moved by the years between.
    """
    _refuse_stranger(by)
    competition = _draft(code, title, year, by)
    for name in _COPIED:
        setattr(competition, name, copy.deepcopy(getattr(source, name)))
    propose_dates(competition, source)
    competition.copied_from_id = source.id
    competition.lots = [
        Lot(
            position=lot.position,
            code=lot.code,
            title=lot.title,
            fund_kop=lot.fund_kop,
            minimum_kop=lot.minimum_kop,
            maximum_kop=lot.maximum_kop,
            engine=copy.deepcopy(lot.engine),
        )
        for lot in source.lots
    ]
    competition.priorities = [
        Priority(position=each.position, code=each.code, title=each.title) for each in source.priorities
    ]
    competition.criteria = [_copied_criterion(each) for each in source.criteria]
    competition.seats = [CommissionSeat(user=seat.user, office=seat.office) for seat in source.seats]
    _begun(competition, by, {"copied_from": source.code})
    return competition


def propose_dates(competition: Competition, source: Competition) -> None:
    """The calendar of the earlier competition, moved by whole years; the organizer changes what does not suit."""
    years = competition.year - source.year
    if years <= 0:
        return
    for name in ("intake_from", "intake_until", "scoring_until"):
        moment = getattr(source, name)
        if moment is not None:
            on_the_wall = clock.kyiv(moment)
            day = _moved(on_the_wall.date(), years)
            setattr(competition, name, datetime.combine(day, on_the_wall.time(), tzinfo=clock.KYIV))
    for name in ("results_by", "project_from", "project_until"):
        day = getattr(source, name)
        setattr(competition, name, None if day is None else _moved(day, years))


def _moved(day: date, years: int) -> date:
    """The same day of a later year; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def adopt_rules(competition: Competition, rules: Rules, *, by: Actor) -> None:
    """Take criteria, lots and rules from the engine's form (the file door). The draft's own are replaced."""
    found = editable(competition, by)
    document = rules.to_json()
    found.engine = {key: value for key, value in document.items() if key not in {"criteria", "lots"}}
    found.criteria, found.lots = [], []
    db.session.flush()  # codes of the old rows are free before new rows take them
    found.criteria = [
        Criterion(
            position=index,
            code=each.code,
            title=each.title or each.code,
            question="",
            bands=bands_of(format(each.min, "f"), format(each.max, "f"), format(each.step, "f")),
            minimum=format(each.min, "f"),
            maximum=format(each.max, "f"),
            step=format(each.step, "f"),
            weight=format(each.weight, "f"),
            pass_mark=None if each.pass_mark is None else format(each.pass_mark, "f"),
            counted=each.counted,
        )
        for index, each in enumerate(rules.criteria, 1)
    ]
    found.lots = [
        Lot(
            position=index,
            code=lot.code,
            title=lot.code,
            fund_kop=lot.fund_kop,
            minimum_kop=lot.minimum_kop,
            maximum_kop=lot.maximum_kop,
            engine={
                key: value
                for key, value in lot.to_json().items()
                if key in {"pass_mark", "criteria_weights", "spend_min_kop", "spend_max_kop"} and value is not None
            },
        )
        for index, lot in enumerate(rules.lots, 1)
    ]
    saved(found, "rules", by)


def _draft(code: str, title: str, year: int, by: Actor) -> Competition:
    if not _CODE.fullmatch(code) or not 3 <= len(code) <= 20:
        raise InvalidInput(
            "Enter a code of 3 to 20 capital Latin letters, digits and hyphens, for example 2027-SKP", field="code"
        )
    if not title.strip():
        raise InvalidInput("Enter the title of the competition", field="title")
    if not 2000 <= year <= 2100:
        raise InvalidInput("Enter a year, for example 2027", field="year")
    if db.session.scalar(sa.select(Competition.id).filter_by(code=code)) is not None:
        raise InvalidInput("This code is taken: choose another", field="code")
    return Competition(
        code=code, title=title, year=year, created_by_id=by.actor_id, created_at=clock.now(), notes=[], engine={}
    )


def _begun(competition: Competition, by: Actor, facts: dict[str, object]) -> None:
    db.session.add(competition)
    db.session.flush()
    record(
        thing="competition",
        code=competition.code,
        scope=competition.code,
        step="create",
        by=by,
        to_state=competition.state,
        facts=facts,
    )


def _criteria(preset: Preset) -> list[Criterion]:
    return [
        Criterion(
            position=index,
            code=each.code,
            title=each.title.uk,
            question=each.question.uk,
            bands=bands_of(each.minimum, each.maximum, each.step),
            minimum=each.minimum,
            maximum=each.maximum,
            step=each.step,
            weight=each.weight,
            pass_mark=each.pass_mark,
            counted=True,
        )
        for index, each in enumerate(preset.criteria, 1)
    ]


def _copied_criterion(source: Criterion) -> Criterion:
    names = ("position code title question minimum maximum step weight pass_mark counted").split()
    return Criterion(**{name: getattr(source, name) for name in names}, bands=copy.deepcopy(source.bands))


def _refuse_stranger(by: Actor) -> None:
    if not by.can(Permission.COMPETITION_EDIT):
        raise NotAllowed("Only the organizer of competitions may do this")
