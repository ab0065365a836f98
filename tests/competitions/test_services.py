"""Announcing freezes the rules and reserves the money; the clock alone opens and closes the intake."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from grants_app.budget.queries import broken_lines
from grants_app.competitions import policy, queries, services
from grants_app.competitions.models import Competition, FrozenRulesError
from grants_app.competitions.rules import BUDGET_CATEGORIES, PRESETS
from grants_app.competitions.rules.form import STANDARD
from grants_app.core import clock as product_clock
from grants_app.core.errors import (
    EditConflict,
    InvalidInput,
    ManyErrors,
    NotAllowed,
    NotFound,
)
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import CompetitionState as C
from grants_app.permissions import Role
from scoring import Application, Mark, Rules, allocate, rank
from scoring.digest import digest_text
from tests.support.calls import FUND_KOP, Call, announced_call, new_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person


def _themes(error: ManyErrors) -> list[str | None]:
    return [single.field for single in error.errors]


@pytest.mark.parametrize("preset", PRESETS)
def test_preset_makes_rules_the_engine_takes(app: Flask, clock: FrozenClock, preset: str) -> None:
    organizer = new_person(Role.ORGANIZER)
    with unit_of_work():
        competition = services.create_competition(code="2027-X", title="Проба", year=2027, preset=preset, by=organizer)
    rules = queries.engine_rules(competition)
    assert Rules.from_json(rules.to_json()) == rules
    assert [band for criterion in competition.criteria for band in criterion.bands[:1] if not band["text"]] == []
    assert {len(criterion.bands) for criterion in competition.criteria} == {4}
    assert queries.weights_sum(competition) == 100 or not queries.uses_percent(competition)


def test_preset_maxima_are_those_of_the_sources(app: Flask) -> None:
    organizer = new_person(Role.ORGANIZER)
    found = {}
    for preset in PRESETS:
        with unit_of_work():
            competition = services.create_competition(
                code=f"P-{preset.upper().replace('_', '-')}", title="Проба", year=2027, preset=preset, by=organizer
            )
        if not queries.uses_percent(competition):
            found[preset] = int(queries.points_maximum(competition))
    assert found == {"cmu1049": 40, "sumy6": 30, "ucf2020": 100, "prag": 100, "horizon3": 15}


def test_announce_freezes_rules_and_reserves_fund(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    competition = call.competition
    assert competition.state is C.ANNOUNCED
    assert competition.rules_text is not None
    assert digest_text(competition.rules_text) == competition.rules_hash
    assert [lot.fund_kop for lot in queries.engine_rules(competition).lots] == [40_000_000, 60_000_000]
    assert (call.line.reserved_kop, call.line.free_kop) == (FUND_KOP, FUND_KOP)
    assert [lot.budget_line.limit_kop for lot in competition.lots if lot.budget_line] == [40_000_000, 60_000_000]
    assert broken_lines() == []


def test_settings_after_announcement_refused(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    competition, by = call.competition, call.organizer
    hash_before = competition.rules_hash
    calendar = services.CalendarSetting(None, None, None, None, None, None)
    changes = [
        lambda: services.update_basics(
            competition, title="Інше", summary="", legal_basis="", who_may_apply="", what_is_paid="", contact="", by=by
        ),
        lambda: services.update_calendar(competition, calendar, by=by),
        lambda: services.update_lots(competition, [], by=by),
        lambda: services.update_priorities(competition, [], by=by),
        lambda: services.update_criteria(competition, [], by=by),
        lambda: services.update_rules(competition, engine={}, admission=services.AdmissionSetting(), by=by),
        lambda: services.update_scoring(competition, scoring_by="experts", experts_per_application=2, by=by),
        lambda: services.adopt_rules(competition, queries.engine_rules(competition), by=by),
    ]
    for change in changes:
        with pytest.raises(NotAllowed) as refused, unit_of_work():
            change()
        assert refused.value.message == policy.FROZEN
    assert competition.rules_hash == hash_before


@pytest.mark.parametrize("change", ["title", "lot", "criterion", "new criterion", "rules_text"])
def test_frozen_rules_refused_below_the_services(app: Flask, clock: FrozenClock, change: str) -> None:
    competition = announced_call().competition
    with pytest.raises(FrozenRulesError), unit_of_work():
        if change == "title":
            competition.title = "Інше"
        elif change == "lot":
            competition.lots[0].fund_kop += 1
        elif change == "criterion":
            competition.criteria[0].weight = "21"
        elif change == "rules_text":
            competition.rules_text = "{}"
        else:
            competition.criteria = competition.criteria[1:]


def test_empty_draft_lacks_every_theme(app: Flask, clock: FrozenClock) -> None:
    organizer = new_person(Role.ORGANIZER)
    with unit_of_work():
        draft = services.create_competition(code="2027-X", title="Проба", year=2027, by=organizer)
    with pytest.raises(ManyErrors) as refused, unit_of_work():
        services.announce(draft, by=organizer)
    assert _themes(refused.value) == ["basics"] * 5 + ["lots"] * 2 + ["calendar"] + ["people"] * 3


def test_weights_of_99_refused(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    settings = [
        services.CriterionSetting(each.title, "19" if each.code == "priority" else each.weight, code=each.code)
        for each in call.competition.criteria
    ]
    with unit_of_work():
        services.update_criteria(call.competition, settings, by=call.organizer)
    with pytest.raises(ManyErrors) as refused, unit_of_work():
        services.announce(call.competition, by=call.organizer)
    assert [(each.field, each.facts) for each in refused.value.errors] == [("criteria", {"sum": "99"})]


def test_second_editor_refused(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    seen = call.competition.version
    with unit_of_work():
        services.update_priorities(
            call.competition, [services.PrioritySetting("Одна")], by=call.organizer, version=seen
        )
    with pytest.raises(EditConflict), unit_of_work():
        services.update_priorities(call.competition, [], by=call.organizer, version=seen)
    assert [priority.title for priority in call.competition.priorities] == ["Одна"]


def test_draft_hidden_from_everybody_but_staff(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    head = new_person(Role.NGO_HEAD)
    assert queries.competition_by_code(call.competition.code, call.organizer).id == call.competition.id
    for viewer in (None, head):
        assert queries.competition_rows(viewer) == []
        with pytest.raises(NotFound):
            queries.competition_by_code(call.competition.code, viewer)
    with unit_of_work():
        services.announce(call.competition, by=call.organizer)
    assert [row.code for row in queries.competition_rows(head)] == [call.competition.code]


def test_copy_takes_rules_but_no_money_and_proposes_dates_a_year_later(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    with unit_of_work():
        copied = services.copy_competition(
            call.competition, code="2028-SKP", title="Далі", year=2028, by=call.organizer
        )
    assert queries.engine_rules(copied) == queries.engine_rules(call.competition)
    assert [priority.code for priority in copied.priorities] == ["culture", "green"]
    assert [(lot.budget_line, lot.source_line) for lot in copied.lots] == [(None, None), (None, None)]
    assert (copied.state, copied.rules_text) == (C.DRAFT, None)
    assert (copied.intake_from, copied.intake_until) == (
        product_clock.start_of_day(date(2028, 3, 1)),
        product_clock.end_of_day(date(2028, 3, 31)),
    )
    assert (copied.results_by, copied.project_until) == (date(2028, 5, 5), date(2028, 12, 15))
    assert len(copied.seats) == len(call.competition.seats)


def test_code_taken_refused(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    with pytest.raises(InvalidInput) as refused, unit_of_work():
        services.create_competition(code=call.competition.code, title="Ще", year=2027, by=call.organizer)
    assert refused.value.field == "code"


def test_rules_of_a_file_come_back_unchanged(app: Flask, clock: FrozenClock) -> None:
    call: Call = new_call(preset="horizon3")
    rules = queries.engine_rules(call.competition)
    with unit_of_work():
        other = services.create_competition(
            code="FILE", title="З файлу", year=2027, by=call.organizer, is_imported=True
        )
        services.adopt_rules(other, rules, by=call.organizer)
        services.announce(other, by=call.organizer)
    assert queries.engine_rules(other).lots == rules.lots
    assert queries.engine_rules(other).digest == rules.digest


def test_vinnytsia_2021_settings_are_announced(app: Flask, clock: FrozenClock, shared_data: Path) -> None:
    facts = json.loads((shared_data / "competition-facts" / "facts.json").read_text(encoding="utf-8"))
    year = next(each for each in facts["vinnytsia"] if each["year"] == 2021)
    clock.at(f"{year['announced_on']} 10:00")
    call = new_call(limit_kop=year["fund"] * 100)
    first, last = (product_clock.start_of_day(date.fromisoformat(text)) for text in year["intake"])
    with unit_of_work():
        call.competition.year = 2021
        services.update_lots(
            call.competition,
            [
                services.LotSetting(
                    "Гранти",
                    year["fund"] * 100,
                    year["min_grant"] * 100,
                    year["max_grant"] * 100,
                    "main",
                    call.line.code,
                )
            ],
            by=call.organizer,
        )
        services.update_rules(
            call.competition,
            engine={},
            admission=services.AdmissionSetting(own_share_min_bp=facts["vinnytsia"][3]["own_share_min_percent"] * 100),
            by=call.organizer,
        )
        services.update_calendar(
            call.competition,
            services.CalendarSetting(
                first,
                last + timedelta(days=1),
                last + timedelta(days=20),
                date.fromisoformat("2021-04-05"),
                date.fromisoformat("2021-04-20"),
                date.fromisoformat("2021-12-15"),
            ),
            by=call.organizer,
        )
        services.announce(call.competition, by=call.organizer)
    row = queries.competition_rows(None)[0]
    assert (row.fund_kop, row.minimum_kop, row.maximum_kop, row.own_share_min_bp) == (
        100_000_000,
        2_500_000,
        10_000_000,
        2500,
    )
    assert call.line.free_kop == 0


def test_sumy_2021_remainder_goes_to_the_last_winner(app: Flask, clock: FrozenClock, shared_data: Path) -> None:
    facts = json.loads((shared_data / "competition-facts" / "facts.json").read_text(encoding="utf-8"))["sumy_2021"]
    call = new_call(preset="sumy6")
    with unit_of_work():
        lot = services.LotSetting("Проєкти", facts["fund"] * 100, code="main", source_line=call.line.code)
        services.update_lots(call.competition, [lot], by=call.organizer)
        engine = {"allocation": {**call.competition.engine["allocation"], "marginal_bp": 3000}}
        services.update_rules(call.competition, engine=engine, admission=services.AdmissionSetting(), by=call.organizer)
        services.announce(call.competition, by=call.organizer)
    rules = queries.engine_rules(call.competition)
    asked = [award["amount"] * 100 for award in facts["awards"][:2]]
    asked.append(facts["awards"][2]["amount"] * 10000 * 100 // 3268)
    applications = [Application(f"A{index}", "main", amount) for index, amount in enumerate(asked)]
    marks = [
        Mark(f"A{index}", f"M{member}", criterion.code, str(5 - index))
        for index in range(3)
        for member in range(5)
        for criterion in rules.criteria
    ]
    awards = allocate(rules, rank(rules, applications, marks)).awards
    assert [award.amount_kop for award in awards] == [award["amount"] * 100 for award in facts["awards"]]


def test_rules_frozen_even_when_loaded_afresh(app: Flask, clock: FrozenClock) -> None:
    code = announced_call().competition.code
    db.session.expunge_all()
    with pytest.raises(FrozenRulesError), unit_of_work():
        again = db.session.query(Competition).filter_by(code=code).one()
        again.own_share_min_bp = 0


def test_cost_categories_are_those_of_the_project_budget() -> None:
    """A ceiling is looked up by the code of the category, so both lists must name them alike."""
    assert tuple(BUDGET_CATEGORIES.items()) == STANDARD.categories
