"""The proposal: every rule of the panel is kept, small cases agree with trying everything, changes are noticed."""

from __future__ import annotations

import json
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import combinations, product
from threading import Barrier

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.competitions.rules import OWN_FIELD
from grants_app.competitions.services import copy_competition
from grants_app.core.errors import EditConflict, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, LetterBatch, Notice
from grants_app.lifecycle import ApplicationState, AssignmentState, ConflictState, LetterBatchState
from grants_app.permissions import Role
from grants_app.reviews import services
from grants_app.reviews.documents import assignment as wordings
from grants_app.reviews.models import Assignment, Conflict, ExpertProfile
from grants_app.reviews.rules.matching import Wish
from grants_app.reviews.services import Proposal, Shortage
from grants_app.reviews.services.assigning import create
from grants_app.reviews.services.proposal import Remedy, find_proposal
from tests.support.assignments import active_pairs, broken_rules, describe, set_rules, tie
from tests.support.panel import Panel, assignment_of, declared, new_panel, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.visitors import new_person


def proposed(panel: Panel, mode: str = "sum", **wish: int) -> Proposal:
    found = find_proposal(panel.competition, Wish(mode, **wish))
    assert isinstance(found, Proposal), found
    return found


def applied(panel: Panel, found: Proposal) -> int:
    with unit_of_work():
        return services.apply_assignment(panel.competition, found, panel.secretary)


# -- the rules of the panel ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["sum", "fair", "random"])
def test_applied_proposal_keeps_every_rule(app: Flask, clock: FrozenClock, mode: str) -> None:
    panel = new_panel(clock, applications=6, experts=9)
    set_rules(panel.competition, most_per_expert=4, required_fields=[OWN_FIELD] if mode != "random" else [])
    for number, expert in enumerate(panel.experts):
        describe(expert, ("culture", "green")[number % 2], workplace="Бібліотека" if number < 2 else "", most=3)
    tie(panel.experts[4], panel.applications[0])
    found = proposed(panel, mode, limit_bp=8_000, seed=7)
    assert applied(panel, found) == 18
    assert broken_rules(panel.competition) == []
    assert (found.load_min, found.load_max) == (2, 2)
    assert len(active_pairs(panel.competition)) == 18


def test_checker_sees_a_broken_rule(app: Flask, clock: FrozenClock) -> None:
    """The independent checker can fail: the same rules, broken below the services."""
    panel = new_panel(clock, applications=1, experts=3)
    set_rules(panel.competition, required_fields=["green"], most_per_expert=1)
    describe(panel.experts[0], "culture", workplace="Бібліотека")
    describe(panel.experts[1], workplace="Бібліотека")
    with unit_of_work():
        for expert in panel.experts[:2]:
            create(panel.competition, panel.applications[0], expert, panel.secretary)
    tie(panel.experts[0], panel.applications[0])
    assert sorted(broken_rules(panel.competition)) == [
        "2027-SKP-0001: 2 experts",
        f"2027-SKP-0001: conflict with {panel.experts[0].id}",
        "2027-SKP-0001: nobody knows green",
        "2027-SKP-0001: one workplace twice",
    ]


def test_standing_work_is_kept_whatever_the_rules_say_now(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=3, experts=6)
    bid = panel.applications[0]
    with unit_of_work():
        for expert in panel.experts[:2]:
            services.assign(bid, expert, panel.secretary)
        services.assign(panel.applications[1], panel.experts[0], panel.secretary)
    before = active_pairs(panel.competition)
    for expert in (*panel.experts[:2], panel.experts[5]):
        # Known only now: two of them sit at one application. The third would fit the second application best.
        describe(expert, "green", workplace="Бібліотека")
    tie(panel.experts[0], bid)
    found = proposed(panel)
    assert (found.kept_count, len(found.additions)) == (3, 6)
    colleague = {one.application_code for one in found.additions if one.expert_id == panel.experts[5].id}
    assert colleague <= {panel.applications[2].code}
    assert {one.expert_id for one in found.additions} & {expert.id for expert in panel.experts[:2]} == set()
    applied(panel, found)
    assert before < active_pairs(panel.competition)


def test_submitted_and_begun_work_is_never_moved(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=6)
    with unit_of_work():
        for expert in panel.experts[:3]:
            services.assign(panel.applications[0], expert, panel.secretary)
            services.assign(panel.applications[1], expert, panel.secretary)
        services.open_review(panel.competition, panel.secretary)
    submitted(panel.applications[0], panel.experts[0])
    declared(panel.applications[1], panel.experts[0])
    with unit_of_work():
        services.take_back(assignment_of(panel.applications[1], panel.experts[1]), "Хвороба", panel.secretary)
    before = active_pairs(panel.competition)
    found = proposed(panel)
    assert len(found.additions) == 1
    applied(panel, found)
    after = active_pairs(panel.competition)
    assert (before < after, len(after - before)) == (True, 1)
    assert assignment_of(panel.applications[0], panel.experts[0]).state is AssignmentState.DONE
    assert broken_rules(panel.competition) == []


def test_extra_expert_is_one_seat_more(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=6)
    applied(panel, proposed(panel))
    bid = panel.applications[0]
    holders = {expert for expert, one in active_pairs(panel.competition) if one == bid.id}
    extra = next(expert for expert in panel.experts if expert.id not in holders)
    with unit_of_work():
        services.assign(bid, extra, panel.secretary).is_extra = True
    assert proposed(panel).additions == ()
    with unit_of_work():
        lost = db.session.get_one(User, min(holders))
        services.take_back(assignment_of(bid, lost), "Хвороба", panel.secretary)
    assert [one.application_code for one in proposed(panel).additions] == [bid.code]


def test_doubtful_pair_is_used_last_and_shown(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=1, experts=4)
    for expert in panel.experts:
        describe(expert, "culture")
    _register(panel, panel.experts[0], level="review")
    found = proposed(panel)
    assert panel.experts[0].id not in {one.expert_id for one in found.additions}
    tie(panel.experts[1], panel.applications[0])
    found = proposed(panel)
    assert [(one.expert_id, one.is_doubtful) for one in found.additions if one.is_doubtful] == [
        (panel.experts[0].id, True)
    ]
    with app.test_request_context("/?lang=en"):
        assert wordings.limit_sentences(found)[-1] == (
            "1 pair has a possible conflict on which the chair has not decided."
        )


def test_confirmed_conflict_is_never_proposed(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=1, experts=3)
    _register(panel, panel.experts[0], level="block")
    found = find_proposal(panel.competition)
    assert isinstance(found, Shortage)
    assert [(one.expert_id, one.why) for one in found.conflicts] == [
        (panel.experts[0].id, "stands in the register of conflicts")
    ]


def test_experts_of_the_last_application_are_kept(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=3, experts=7)
    set_rules(panel.competition, kept_experts=2)
    veterans = panel.experts[4:6]
    _earlier_application(panel, panel.applications[1], veterans)
    found = proposed(panel)
    kept = {(one.application_code, one.expert_id) for one in found.additions if one.is_previous}
    assert kept == {(panel.applications[1].code, expert.id) for expert in veterans}
    assert found.certificate.kept_previous == 2


# -- brute force ----------------------------------------------------------------------------------------------


@pytest.mark.sqlite_only
@pytest.mark.parametrize("seed", range(8))
def test_small_cases_agree_with_trying_everything(app: Flask, clock: FrozenClock, seed: int) -> None:
    """Three applications, five experts, two seats: the best sum with loads as even as they can be."""
    chance = random.Random(seed)
    panel = new_panel(clock, applications=3, experts=5)
    set_rules(panel.competition, experts_per_application=2, required_fields=[OWN_FIELD] if seed % 2 else [])
    fields, places = [], []
    for expert in panel.experts:
        fields.append(set(chance.sample(["culture", "green"], chance.choice([0, 1, 1, 2]))))
        places.append(chance.choice(["", "", "Бібліотека"]))
        describe(expert, *sorted(fields[-1]), workplace=places[-1])
    barred = {(chance.randrange(5), 0), (chance.randrange(5), 1)}
    for expert, bid in barred:
        _register(panel, panel.experts[expert], level="block", bid=panel.applications[bid])
    wanted = [bid.priority.code for bid in panel.applications if bid.priority is not None]
    best = _best(fields, places, barred, wanted, needs_field=bool(seed % 2))
    found = find_proposal(db.session.get_one(Competition, panel.competition.id))
    if best is None:
        assert isinstance(found, Shortage)
        return
    assert isinstance(found, Proposal)
    assert (found.load_max - found.load_min, found.certificate.fit) == best
    applied(panel, found)
    assert broken_rules(panel.competition) == []


def _best(
    fields: list[set[str]], places: list[str], barred: set[tuple[int, int]], wanted: list[str], *, needs_field: bool
) -> tuple[int, float] | None:
    """The smallest spread of loads that is possible and the best fit with it."""

    def fits(table: tuple[int, ...], bid: int) -> bool:
        known = [places[one] for one in table if places[one]]
        has_field = not needs_field or any(wanted[bid] in fields[one] for one in table)
        return has_field and len(known) == len(set(known)) and not any((one, bid) in barred for one in table)

    tables = [[table for table in combinations(range(5), 2) if fits(table, bid)] for bid in range(3)]
    found = []
    for choice in product(*tables):
        loads = Counter(one for table in choice for one in table)
        spread = max(loads.values()) - min(loads.get(one, 0) for one in range(5))
        fit = sum(4 if wanted[bid] in fields[one] else 1 for bid, table in enumerate(choice) for one in table)
        found.append((spread, -fit))
    return (min(found)[0], -min(found)[1]) if found else None


# -- shortage and what would help ------------------------------------------------------------------------------


def test_shortage_says_that_one_more_expert_of_a_field_would_help(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=6)
    set_rules(panel.competition, required_fields=["green"])
    for expert in panel.experts:
        describe(expert, "culture")
    found = find_proposal(panel.competition)
    assert isinstance(found, Shortage)
    assert {code for code, _ in found.fields} == {bid.code for bid in panel.applications}
    assert found.remedies == (Remedy("experts", 1, ("green",)), Remedy("rule", rule="fields"))
    with app.test_request_context("/?lang=en"):
        sentences = wordings.remedy_sentences(found.remedies, {"green": "Зелене місто"})
    assert sentences[0] == "1 more expert who knows «Зелене місто» and has no conflict."
    describe_field = db.session.get_one(ExpertProfile, panel.experts[0].id)
    with unit_of_work():
        describe_field.fields_known = ["culture", "green"]
    assert isinstance(find_proposal(panel.competition), Proposal)


def test_shortage_by_limits_and_workplaces(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=4, experts=4)
    set_rules(panel.competition, most_per_expert=2)
    found = find_proposal(panel.competition)
    assert isinstance(found, Shortage)
    assert (found.slots_missing, found.remedies) == (4, (Remedy("experts", 2), Remedy("rule", rule="limits")))
    set_rules(panel.competition, most_per_expert=None)
    for expert in panel.experts[:3]:
        describe(expert, workplace="Бібліотека")
    found = find_proposal(panel.competition)
    assert isinstance(found, Shortage)
    assert Remedy("rule", rule="organisations") in found.remedies


def test_shortage_of_a_draw_names_its_limit_and_no_rule_that_stands_in_nobodys_way(
    app: Flask, clock: FrozenClock
) -> None:
    panel = new_panel(clock, applications=2, experts=3)
    for number, expert in enumerate(panel.experts):
        describe(expert, workplace=f"Бібліотека {number}")
    found = find_proposal(panel.competition, Wish("random", limit_bp=5_000, seed=3))
    assert isinstance(found, Shortage)
    assert found.remedies == (Remedy("limit", 10_000), Remedy("experts", 3))
    with app.test_request_context("/?lang=en"):
        sentence = wordings.remedy_sentences(found.remedies, {})[0]
    assert sentence == "A highest probability of a pair of 100.0% for the draw."


# -- modes ----------------------------------------------------------------------------------------------------


def test_draw_repeats_with_its_seed_and_is_journalled(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=4, experts=12)
    first, again = (proposed(panel, "random", limit_bp=5_000, seed=2027) for _ in range(2))
    others = {proposed(panel, "random", limit_bp=5_000, seed=seed).digest for seed in range(1, 5)}
    assert first == again
    assert len(others | {first.digest}) > 1
    applied(panel, first)
    entry = db.session.scalars(sa.select(JournalEntry).filter_by(step="apply_assignment")).one()
    facts = json.loads(entry.body)["facts"]
    assert (facts["mode"], facts["seed"], facts["limit_bp"], facts["digest"]) == ("random", 2027, 5_000, first.digest)
    assert broken_rules(panel.competition) == []


def test_fair_mode_lifts_the_worst_served(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=6)
    for number, expert in enumerate(panel.experts):
        describe(expert, "culture" if number < 4 else "green")
    found = proposed(panel, "fair")
    assert found.certificate.worst_fit == 9  # two who know «green» and one who does not
    with app.test_request_context("/?lang=en"):
        sentences = wordings.certificate_sentences(found)
    assert sentences[0] == "All 6 places are filled."
    assert sentences[1] == "Everybody has 1 application."
    assert sentences[2].startswith("The fit of the worst-served application cannot be higher than 9 (proved)")


def test_connected_design_is_preferred_and_told(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=6, experts=4)
    found = proposed(panel)
    assert (found.certificate.is_connected, found.certificate.components) == (True, 1)
    with app.test_request_context("/?lang=en"):
        assert (
            "Experts are joined into one group by applications in common, "
            "so strict and lenient ones can be told apart later." in wordings.certificate_sentences(found)
        )


# -- changes meanwhile ---------------------------------------------------------------------------------------


def test_proposal_refused_when_anything_has_changed(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=5)
    found = proposed(panel)
    tie(panel.experts[0], panel.applications[0])
    with pytest.raises(EditConflict):
        applied(panel, found)
    assert active_pairs(panel.competition) == set()
    found = proposed(panel)
    with unit_of_work():
        services.assign(panel.applications[1], panel.experts[0], panel.secretary)
    with pytest.raises(EditConflict):
        applied(panel, found)
    assert len(active_pairs(panel.competition)) == 1


def test_letters_of_a_step_on_many_wait_for_release_while_scoring_is_open(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2, experts=5)
    with unit_of_work():
        for bid in panel.applications:
            services.take_back(assignment_of(bid, panel.experts[0]), "Хвороба", panel.secretary)
    assert applied(panel, proposed(panel)) == 2
    with unit_of_work():
        reminded = services.remind_experts(panel.competition, panel.secretary)
    query = sa.select(LetterBatch.step, LetterBatch.state, Notice.template)
    query = query.join(Notice, Notice.batch_id == LetterBatch.id).where(LetterBatch.step != "Open expert scoring")
    assert Counter(tuple(row) for row in db.session.execute(query)) == {
        ("Assignment of experts", LetterBatchState.HELD, "review_assigned"): 2,
        ("Reminder to the experts", LetterBatchState.HELD, "review_reminder"): reminded,
    }
    assert reminded == len({expert for expert, _application in active_pairs(panel.competition)})


def test_applied_by_an_expert_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=1, experts=3)
    found = proposed(panel)
    with pytest.raises(NotAllowed), unit_of_work():
        services.apply_assignment(panel.competition, found, panel.experts[0])


def test_two_secretaries_apply_at_once(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=4, experts=8)
    found, other = proposed(panel), proposed(panel, "fair")
    second = new_person(Role.SECRETARY)
    competition_id, start = panel.competition.id, Barrier(2)

    def apply(pair: tuple[Proposal, int]) -> str:
        with app.app_context():
            competition = db.session.get_one(Competition, competition_id)
            by = db.session.get_one(User, pair[1])
            start.wait(timeout=30)
            try:
                with unit_of_work():
                    return str(services.apply_assignment(competition, pair[0], by))
            except EditConflict:
                return "changed"

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(apply, [(found, panel.secretary.id), (other, second.id)]))
    assert sorted(answers) == ["12", "changed"]
    assert broken_rules(panel.competition) == []
    assert len(active_pairs(panel.competition)) == 12


def _register(panel: Panel, person: User, *, level: str, bid: Application | None = None) -> None:
    application = bid or panel.applications[0]
    with unit_of_work():
        line = Conflict(
            competition_id=panel.competition.id,
            application_id=application.id,
            person_id=person.id,
            level=level,
            source="raised",
            kind="other",
            state=ConflictState.OPEN,
            raised_at=application.created_at,
        )
        db.session.add(line)
        db.session.flush()


def _earlier_application(panel: Panel, bid: Application, experts: list[User]) -> None:
    """An application of the same organisation a year before, scored by these people."""
    with unit_of_work():
        earlier = copy_competition(
            panel.competition, code="2026-SKP", title="Торік", year=2026, by=panel.call.organizer
        )
        earlier.seats = []
        application = Application(
            key="earlier",
            code="2026-SKP-0001",
            competition=earlier,
            organisation=bid.organisation,
            state=ApplicationState.NOT_AWARDED,
            title="Торішня школа",
            created_at=bid.created_at - timedelta(days=365),
            submitted_at=bid.created_at - timedelta(days=365),
        )
        db.session.add(application)
        db.session.flush()
        for number, expert in enumerate(experts):
            db.session.add(
                Assignment(
                    competition_id=earlier.id,
                    application=application,
                    expert=expert,
                    expert_code=f"E-{number}",
                    state=AssignmentState.DONE,
                    assigned_at=application.submitted_at,
                )
            )
