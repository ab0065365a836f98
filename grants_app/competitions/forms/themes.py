"""Each theme of the settings: how its form is filled from a competition, and how it is saved."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from grants_app.accounts.models import RoleGrant, User
from grants_app.competitions import queries, services
from grants_app.competitions.forms.plain import (
    BasicsForm,
    CalendarForm,
    IntakeForm,
    PanelForm,
    PeopleForm,
    SettingsForm,
    seat_data,
)
from grants_app.competitions.forms.rows import (
    TIE_LINKS,
    CriteriaForm,
    LotsForm,
    PrioritiesForm,
    RulesForm,
    filled,
    rules_kind,
    tie_link,
    tie_text,
)
from grants_app.competitions.models import Competition
from grants_app.competitions.rules import stored_wording, wording
from grants_app.core import clock
from grants_app.core.errors import DomainError
from grants_app.database import db
from grants_app.journal.services import Actor
from grants_app.lifecycle import CompetitionState
from grants_app.permissions import Role
from grants_app.web import formatting
from grants_app.web.errors import put_on_form, sentence
from grants_app.web.row_steps import source_of

_NESTED = re.compile(r"([a-z_]+)-(\d+)-([a-z_]+)")
_SCORING = ("scoring_by", "experts_per_application", "justification_min", "divergence_bp")


@dataclass(frozen=True)
class Theme:
    """A page of the settings."""

    kind: Callable[[Competition], type[SettingsForm]]
    values: Callable[[Competition], dict[str, Any]]
    save: Callable[[Competition, Any, Actor], None]
    offer: Callable[[Any, Competition], Any] = lambda form, _competition: form


def settings_form(
    theme: str, competition: Competition, *, from_request: bool = True, rows: MultiDict[str, str] | None = None
) -> SettingsForm:
    """The form of a theme, filled with what is stored and, when it was sent, with what was typed."""
    chosen = THEMES[theme]
    how = source_of(from_request, rows)
    form = chosen.kind(competition)(data={**chosen.values(competition), "version": str(competition.version)}, **how)
    return cast(SettingsForm, chosen.offer(form, competition))


def save(theme: str, competition: Competition, form: SettingsForm, by: Actor) -> None:
    """Hand the plain values over to the services."""
    THEMES[theme].save(competition, form, by)


def put_on_row(form: Any, error: DomainError) -> None:
    """Show a refusal «lots-1-fund_kop» at that row: empty rows were left out, so rows are counted among the filled."""
    match = _NESTED.fullmatch(error.field or "")
    if match is None or match[1] not in form:
        put_on_form(form, error)
        return
    row = filled(form[match[1]])[int(match[2])][1]
    row[match[3]].errors = [*row[match[3]].errors, sentence(error)]
    # A list of rows remembers its errors from validation: tell it of the new one.
    form[match[1]].errors = [entry.errors for entry in form[match[1]].entries]


def answers(form: Any, place: str = "") -> dict[str, str]:
    """What the form says, field by field, for showing two versions side by side or a frozen page."""
    told: dict[str, str] = {}
    for field in form:
        if field.type in {"HiddenField", "CSRFTokenField"}:
            continue
        label = f"{place}{field.label.text}"
        if hasattr(field, "entries"):
            for number, entry in enumerate(field.entries, 1):
                row = getattr(entry, "form", None)
                told.update(_row_answers(entry, f"{place}{getattr(row, 'row_name', field.label.text)} {number}: "))
        elif hasattr(field, "form"):
            told.update(answers(field.form, f"{label}: "))
        else:
            told[label] = _shown(field)
    return told


def _row_answers(entry: Any, place: str) -> dict[str, str]:
    if not hasattr(entry, "form"):
        return {place.removesuffix(": "): _shown(entry)}
    return {} if entry.form.is_blank() else answers(entry.form, place)


def _shown(field: Any) -> str:
    if hasattr(field, "iter_choices"):
        return ", ".join(str(option.label) for option in field.iter_choices() if option.selected and option.value)
    if field.type == "BooleanField":
        return "✓" if field.data else "–"
    if field.type == "DayField" and field.data is not None:
        return formatting.day_long(field.data)
    if field.type in {"KopField", "ShareField"} and field.data is not None:
        return formatting.money(field.data) if field.type == "KopField" else formatting.share_exact(field.data)
    return str(field._value())  # as the person sees it in the field


def _basics(competition: Competition) -> dict[str, Any]:
    names = ("title", "summary", "legal_basis", "who_may_apply", "what_is_paid", "contact")
    return {name: getattr(competition, name) for name in names}


def _save_basics(competition: Competition, form: Any, by: Actor) -> None:
    services.update_basics(
        competition,
        title=form.title.data,
        summary=form.summary.data,
        legal_basis=form.legal_basis.data,
        who_may_apply=form.who_may_apply.data,
        what_is_paid=form.what_is_paid.data,
        contact=form.contact.data,
        by=by,
        version=form.seen_version,
    )


def _calendar(competition: Competition) -> dict[str, Any]:
    def last_day(moment: Any) -> Any:
        return None if moment is None else clock.last_day(moment)

    return {
        "intake_from": None if competition.intake_from is None else clock.kyiv(competition.intake_from).date(),
        "intake_until": last_day(competition.intake_until),
        "scoring_until": last_day(competition.scoring_until),
        "results_by": competition.results_by,
        "project_from": competition.project_from,
        "project_until": competition.project_until,
        "correction_days": competition.correction_days,
    }


def _save_calendar(competition: Competition, form: Any, by: Actor) -> None:
    calendar = services.CalendarSetting(
        intake_from=None if form.intake_from.data is None else clock.start_of_day(form.intake_from.data),
        intake_until=None if form.intake_until.data is None else clock.end_of_day(form.intake_until.data),
        scoring_until=None if form.scoring_until.data is None else clock.end_of_day(form.scoring_until.data),
        results_by=form.results_by.data,
        project_from=form.project_from.data,
        project_until=form.project_until.data,
        correction_days=form.correction_days.data,
    )
    services.update_calendar(competition, calendar, by=by, version=form.seen_version)


def _intake(competition: Competition) -> dict[str, Any]:
    return {name: getattr(competition, name) for name in services.IntakeSetting.__dataclass_fields__}


def _save_intake(competition: Competition, form: Any, by: Actor) -> None:
    names = services.IntakeSetting.__dataclass_fields__
    setting = services.IntakeSetting(**{name: form[name].data for name in names})
    services.update_intake(competition, setting, by=by, version=form.seen_version)


def _worded(text: str) -> str:
    """A text of a preset in the editor's language; saved untouched, it stays the preset's."""
    return wording(text, formatting.language())


def _lots(competition: Competition) -> dict[str, Any]:
    rows = [
        {
            "code": lot.code,
            "title": _worded(lot.title),
            "fund_kop": lot.fund_kop,
            "minimum_kop": lot.minimum_kop,
            "maximum_kop": lot.maximum_kop,
            "source_line": lot.source_line.code if lot.source_line else "",
        }
        for lot in competition.lots
    ]
    return {"lots": _with_blank(rows, competition)}


def _offer_lines(form: LotsForm, competition: Competition) -> LotsForm:
    return form.offer(
        [
            (line.code, f"{line.code}: {formatting.money(line.free_kop)}, {line.title}")
            for line in queries.city_lines(competition.year)
        ]
    )


def _save_lots(competition: Competition, form: Any, by: Actor) -> None:
    rows = [
        services.LotSetting(
            stored_wording(row.title.data),
            row.fund_kop.data or 0,
            row.minimum_kop.data,
            row.maximum_kop.data,
            row.code.data or "",
            row.source_line.data or "",
        )
        for _, row in filled(form.lots)
    ]
    services.update_lots(competition, rows, by=by, version=form.seen_version)


def _priorities(competition: Competition) -> dict[str, Any]:
    rows = [{"code": each.code, "title": each.title} for each in competition.priorities]
    return {"priorities": _with_blank(rows, competition)}


def _save_priorities(competition: Competition, form: Any, by: Actor) -> None:
    rows = [services.PrioritySetting(row.title.data, row.code.data or "") for _, row in filled(form.priorities)]
    services.update_priorities(competition, rows, by=by, version=form.seen_version)


def _criteria(competition: Competition) -> dict[str, Any]:
    names = ("code", "weight", "minimum", "maximum", "step", "pass_mark")
    rows = [
        {
            **{name: getattr(each, name) for name in names},
            "title": _worded(each.title),
            "question": _worded(each.question),
            "bands": [{**band, "text": _worded(band["text"])} for band in each.bands],
        }
        for each in competition.criteria
    ]
    return {"criteria": _with_blank(rows, competition)}


def _save_criteria(competition: Competition, form: Any, by: Actor) -> None:
    # The page does not ask what is counted: a criterion that only informs (of a file, of a copied call) stays so.
    counted = {each.code: each.counted for each in competition.criteria}
    rows = [
        services.CriterionSetting(
            title=stored_wording(row.title.data),
            weight=row.weight.data or "0",
            minimum=row.minimum.data or "0",
            maximum=row.maximum.data or "10",
            step=row.step.data or "1",
            pass_mark=row.pass_mark.data or None,
            question=stored_wording(row.question.data),
            bands=[{**band, "text": stored_wording(band["text"])} for band in row.bands.data or []],
            code=row.code.data or "",
            counted=counted.get(row.code.data or "", True),
        )
        for _, row in filled(form.criteria)
    ]
    services.update_criteria(competition, rows, by=by, version=form.seen_version)


def _rules_kind(competition: Competition) -> type[RulesForm]:
    return rules_kind(queries.form_of(competition).categories)


def _rules(competition: Competition) -> dict[str, Any]:
    engine, allocation = competition.engine, competition.engine["allocation"]
    ties = [tie_text(link) for link in engine["tie_breaks"]][:TIE_LINKS]
    return {
        **{name: getattr(competition, name) for name in services.AdmissionSetting.__dataclass_fields__},
        "ceilings": competition.category_ceilings,
        **{name: engine[name] for name in ("expert_total", "combine", "min_experts", "pass_mark")},
        "tie_breaks": ties + [""] * (TIE_LINKS - len(ties)),
        "allocation_rule": allocation["rule"],
        **{name: allocation[name] for name in ("marginal_bp", "bands", "pool_leftover", "cap_per_applicant_kop")},
    }


def _offer_ties(form: RulesForm, competition: Competition) -> RulesForm:
    return form.offer([(each.code, _worded(each.title)) for each in competition.criteria])


def _save_rules(competition: Competition, form: Any, by: Actor) -> None:
    allocation = {
        **competition.engine["allocation"],
        "rule": form.allocation_rule.data,
        "marginal_bp": form.marginal_bp.data,
        "bands": form.bands.data or [],
        "pool_leftover": form.pool_leftover.data,
        "cap_per_applicant_kop": form.cap_per_applicant_kop.data,
    }
    engine = {
        "expert_total": form.expert_total.data,
        "combine": form.combine.data,
        "trim": 1 if form.combine.data == "trimmed" else 0,
        "min_experts": form.min_experts.data,
        "pass_mark": form.pass_mark.data or None,
        "tie_breaks": [tie_link(text) for text in dict.fromkeys(form.tie_breaks.data) if text],
        "allocation": allocation,
    }
    admission = services.AdmissionSetting(
        own_share_min_bp=form.own_share_min_bp.data,
        inkind_max_bp=form.inkind_max_bp.data,
        registered_months_min=form.registered_months_min.data,
        applications_per_organisation=form.applications_per_organisation.data,
        category_ceilings={field.short_name: field.data for field in form.ceilings.form if field.data is not None},
    )
    services.update_rules(competition, engine=engine, admission=admission, by=by, version=form.seen_version)


def _panel(competition: Competition) -> dict[str, Any]:
    names = (*services.PanelSetting.__dataclass_fields__, *_SCORING)
    return {name: getattr(competition, name) for name in names}


def _offer_fields(form: PanelForm, _competition: Competition) -> PanelForm:
    return form.offer(queries.known_fields())


def _save_panel(competition: Competition, form: Any, by: Actor) -> None:
    names = services.PanelSetting.__dataclass_fields__
    services.update_scoring(
        competition,
        **{name: form[name].data for name in _SCORING},
        panel=services.PanelSetting(**{name: form[name].data for name in names}),
        by=by,
        version=form.seen_version,
    )


def _people(competition: Competition) -> dict[str, Any]:
    return {"seats": seat_data(queries.seat_rows(competition)) or [{}]}


def _offer_people(form: PeopleForm, _competition: Competition) -> PeopleForm:
    return form.offer([(user.email, f"{user.full_name}, {user.email}") for user in _candidates()])


def _candidates() -> list[User]:
    """People with a role of the commission."""
    roles = (Role.CHAIR, Role.COMMISSION_MEMBER, Role.SECRETARY)
    granted = sa.select(RoleGrant.user_id).where(RoleGrant.role.in_(roles), RoleGrant.ended_at.is_(None))
    query = sa.select(User).where(User.id.in_(granted), User.active.is_(True)).order_by(User.full_name, User.email)
    return list(db.session.scalars(query))


def _save_people(competition: Competition, form: Any, by: Actor) -> None:
    known = {user.email: user for user in _candidates()}
    seats = [(known[row.person.data], row.office.data) for _, row in filled(form.seats) if row.person.data in known]
    services.set_seats(competition, seats, by=by, version=form.seen_version)


def _with_blank(rows: list[dict[str, Any]], competition: Competition) -> list[dict[str, Any]]:
    """An empty row where there is none yet; more of them come when they are asked for."""
    return rows or ([{}] if competition.state is CompetitionState.DRAFT else [])


THEMES: dict[str, Theme] = {
    "basics": Theme(lambda _competition: BasicsForm, _basics, _save_basics),
    "lots": Theme(lambda _competition: LotsForm, _lots, _save_lots, _offer_lines),
    "priorities": Theme(lambda _competition: PrioritiesForm, _priorities, _save_priorities),
    "criteria": Theme(lambda _competition: CriteriaForm, _criteria, _save_criteria),
    "intake": Theme(lambda _competition: IntakeForm, _intake, _save_intake),
    "calendar": Theme(lambda _competition: CalendarForm, _calendar, _save_calendar),
    "rules": Theme(_rules_kind, _rules, _save_rules, _offer_ties),
    "panel": Theme(lambda _competition: PanelForm, _panel, _save_panel, _offer_fields),
    "people": Theme(lambda _competition: PeopleForm, _people, _save_people, _offer_people),
}
