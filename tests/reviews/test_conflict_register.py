"""The register of conflicts: how lines come in, who decides, what follows."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import CommissionSeat
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.services import SYSTEM
from grants_app.lifecycle import AssignmentState, CompetitionState, ConflictState
from grants_app.permissions import Role
from grants_app.reviews import queries, services
from grants_app.reviews.models import Conflict
from grants_app.reviews.queries.conflict_lines import late_lines
from grants_app.reviews.queries.deciders import deciders
from tests.support.conflicts import WORDS, decided, letters, lines, only_line, raised
from tests.support.panel import assignment_of, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

# -- how lines come in -----------------------------------------------------------------------------------------


def test_declared_conflict_stands_at_once(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    with unit_of_work():
        services.declare_conflict(assignment_of(bid, expert), WORDS, expert, kind="family")
    line = only_line()
    assert lines() == [("declared", "block", "family", ConflictState.CONFIRMED)]
    assert (line.person_id, line.application_id, line.details, line.decided_by_id) == (
        expert.id,
        bid.id,
        WORDS,
        expert.id,
    )
    assert letters() == [("conflict_declared", panel.secretary.email)]
    assert queries.barred_ids(expert) == {bid.id}


def test_doubt_waits_for_the_chair_and_closes_the_declaration(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment = assignment_of(bid, expert)
    with unit_of_work():
        services.declare_doubt(assignment, WORDS, expert)
    assert lines() == [("declared", "review", "doubt", ConflictState.OPEN)]
    assert letters() == [("conflict_to_decide", panel.call.chair.email), ("conflict_doubted", panel.secretary.email)]
    with pytest.raises(NotAllowed), unit_of_work():
        services.declare_impartial(assignment, expert)
    page = visit_as(app, expert).get(f"/reviews/{bid.code}/declaration")
    assert (page.status_code, 'value="none"' in page.text, 'value="conflict"' in page.text) == (200, False, True)
    decided(only_line(), panel.call.chair, is_confirmed=False)
    assert letters()[2:] == [("conflict_cleared", expert.email)]
    with unit_of_work():
        services.declare_impartial(assignment, expert)
    assert assignment_of(bid, expert).state is AssignmentState.ACCEPTED


def test_confirmed_doubt_ends_the_assignment_and_asks_for_another_expert(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1, experts=4)
    bid, expert = panel.applications[0], panel.experts[0]
    with unit_of_work():
        services.declare_doubt(assignment_of(bid, expert), WORDS, expert)
    decided(only_line(), panel.call.chair)
    assert assignment_of(bid, expert).state is AssignmentState.DECLINED_COI
    assert letters()[2:] == [("conflict_confirmed", expert.email), ("conflict_replace", panel.secretary.email)]
    assert visit_as(app, expert).get(f"/reviews/{bid.code}/declaration").status_code == 404
    home = visit_as(app, panel.secretary).get("/home?lang=en").text
    assert f"Assign a replacement: {bid.code}" in home
    register = visit_as(app, panel.secretary).get(f"/reviews/{panel.competition.code}/conflicts?lang=en").text
    assert f"proposed: {panel.experts[3].full_name}" in register


def test_doubt_answered_by_the_expert_settles_the_question(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    with unit_of_work():
        services.declare_doubt(assignment_of(bid, expert), WORDS, expert)
    with unit_of_work():
        services.declare_conflict(assignment_of(bid, expert), "Таки працював там", expert, kind="work")
    assert lines() == [
        ("declared", "review", "doubt", ConflictState.CONFIRMED),
        ("declared", "block", "work", ConflictState.CONFIRMED),
    ]


def test_submitted_review_leaves_the_totals_when_the_chair_confirms(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid = panel.applications[0]
    for expert, points in zip(panel.experts, ("4", "8", "9"), strict=True):
        submitted(bid, expert, points)
    raised(panel, panel.experts[0], panel.heads[0])
    assert (bid.review_count, bid.score_text) == (3, "70.00")
    decided(only_line(), panel.call.chair)
    stored = db.session.get_one(Application, bid.id)
    assert (stored.review_count, stored.score_text) == (2, "85.00")
    assert assignment_of(bid, panel.experts[0]).state is AssignmentState.DECLINED_COI


def test_raised_conflict_keeps_out_only_when_confirmed(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, member, head = panel.applications[0], panel.call.members[0], panel.heads[0]
    line = raised(panel, member, head)
    assert lines() == [("raised", "review", "family", ConflictState.OPEN)]
    assert hidden_ids(member, panel.competition) == frozenset()
    assert letters() == [("conflict_to_decide", panel.call.chair.email)]
    decided(line, panel.call.chair)
    assert hidden_ids(member, panel.competition) == {bid.id}
    assert letters()[1:] == [("conflict_confirmed", member.email), ("conflict_answered", head.email)]


def test_raised_conflict_dismissed_leaves_everything(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    line = raised(panel, panel.experts[0], panel.heads[0])
    decided(line, panel.call.chair, is_confirmed=False)
    assert lines() == [("raised", "review", "family", ConflictState.DISMISSED)]
    assert assignment_of(panel.applications[0], panel.experts[0]).state is AssignmentState.PROPOSED
    assert letters()[1:] == [("conflict_answered", panel.heads[0].email)]


def test_raised_twice_is_one_line_with_both_words(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    raised(panel, panel.experts[0], panel.heads[0])
    with unit_of_work():
        services.raise_conflict(
            panel.applications[0], panel.experts[0], kind="family", details="Бачив їх разом", by=panel.heads[1]
        )
    assert only_line().details == f"{WORDS}\n\nБачив їх разом"
    decided(only_line(), panel.call.chair, is_confirmed=False)
    with pytest.raises(InvalidInput), unit_of_work():
        services.raise_conflict(
            panel.applications[0], panel.experts[0], kind="family", details="Бачив їх разом", by=panel.heads[1]
        )


def test_raised_many_times_stays_readable_for_who_decides(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    raised(panel, expert, panel.heads[0])
    long, kept = "Бачив їх разом. " * 60, WORDS
    for _ in range(5):
        with unit_of_work():
            services.raise_conflict(bid, expert, kind="family", details=long, by=panel.heads[1])
        kept = f"{kept}\n\n{long.strip()}"
    with pytest.raises(InvalidInput) as caught, unit_of_work():
        services.raise_conflict(bid, expert, kind="family", details=long, by=panel.heads[1])
    assert (caught.value.message, caught.value.field) == ("This is reported already and waits for the chair", "details")
    assert only_line().details == kept


@pytest.mark.parametrize(
    ("kind", "details", "field"),
    [("unknown", WORDS, "reason"), ("family", "", "details"), ("family", "так", "details")],
)
def test_raised_conflict_with_bad_input_refused(
    app: Flask, clock: FrozenClock, kind: str, details: str, field: str
) -> None:
    panel = opened_panel(clock)
    with pytest.raises(InvalidInput) as caught, unit_of_work():
        services.raise_conflict(panel.applications[0], panel.experts[0], kind=kind, details=details, by=panel.heads[0])
    assert (caught.value.field, lines()) == (field, [])


def test_secretary_reports_themselves_and_is_out(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    raised(panel, panel.secretary, panel.secretary, kind="work")
    assert lines() == [("declared", "block", "work", ConflictState.CONFIRMED)]
    assert hidden_ids(panel.secretary) == {panel.applications[0].id}
    assert letters() == [("conflict_own", panel.call.chair.email)]


def test_expert_who_reports_themselves_is_replaced(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    raised(panel, panel.experts[0], panel.experts[0])
    assert assignment_of(panel.applications[0], panel.experts[0]).state is AssignmentState.DECLINED_COI
    assert letters() == [("conflict_replace", panel.secretary.email)]


def test_found_ties_are_written_once_and_block_at_once(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    member = panel.call.members[0]
    with unit_of_work():
        member.phone = "0501110000"
    with unit_of_work():
        counts = [services.find_conflicts(panel.competition, panel.secretary) for _ in range(2)]
    assert counts == [1, 0]
    assert lines() == [("found", "block", "phone", ConflictState.OPEN)]
    assert hidden_ids(member, panel.competition) == {panel.applications[0].id}
    assert letters() == [("conflicts_found", panel.call.chair.email)]
    decided(only_line(), panel.call.chair, is_confirmed=False)
    assert hidden_ids(member, panel.competition) == frozenset()
    with unit_of_work():
        assert services.find_conflicts(panel.competition, SYSTEM) == 0


def test_found_ties_are_written_when_the_formal_check_ends(app: Flask, clock: FrozenClock) -> None:
    auditor = new_person(Role.AUDITOR)
    with unit_of_work():
        auditor.email = "ngo2@example.org"
    panel = opened_panel(clock)
    assert [(one.person_id, one.application_id, one.kind) for one in db.session.scalars(sa.select(Conflict))] == [
        (auditor.id, panel.applications[1].id, "email")
    ]


def test_find_refused_to_who_neither_assigns_nor_decides(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    with pytest.raises(NotAllowed), unit_of_work():
        services.find_conflicts(panel.competition, panel.call.members[0])


# -- who decides -----------------------------------------------------------------------------------------------


def test_chair_decides_but_not_about_themselves(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    chair, deputy = panel.call.chair, panel.call.members[0]
    assert deciders(raised(panel, panel.experts[0], panel.heads[0])) == [chair]
    about_chair = raised(panel, chair, panel.heads[0])
    assert deciders(about_chair) == []
    with pytest.raises(NotAllowed) as caught, unit_of_work():
        services.decide_conflict(about_chair, is_confirmed=False, reason="Ні", by=chair)
    assert str(caught.value) == "You cannot decide about yourself"
    with unit_of_work():
        seat = db.session.scalars(sa.select(CommissionSeat).filter_by(user_id=deputy.id)).one()
        seat.office = "deputy"
    assert deciders(about_chair) == [deputy]
    page = visit_as(app, deputy).get(f"/reviews/{panel.competition.code}/conflicts/{about_chair.code}")
    assert page.status_code == 200
    assert visit_as(app, chair).get(page.request.path).status_code == 404
    decided(about_chair, deputy)
    assert hidden_ids(chair, panel.competition) == {panel.applications[0].id}


def test_member_with_the_right_of_the_chair_decides_without_a_deputy(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    other_chair = new_person(Role.CHAIR)
    assert deciders(raised(panel, panel.call.chair, panel.heads[0])) == [other_chair]


def test_who_reported_does_not_decide_while_another_can(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    chair = panel.call.chair
    line = raised(panel, panel.experts[0], chair)
    assert deciders(line) == [chair]
    other_chair = new_person(Role.CHAIR)
    assert deciders(line) == [other_chair]


def test_who_is_out_of_the_application_does_not_decide_on_it(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    raised(panel, panel.call.chair, panel.call.chair, kind="work")
    line = raised(panel, panel.experts[0], panel.heads[0])
    assert deciders(line) == []
    assert (
        visit_as(app, panel.call.chair).get(f"/reviews/{panel.competition.code}/conflicts/{line.code}").status_code
        == 404
    )


@pytest.mark.parametrize("who", ["secretary", "expert"])
def test_decision_of_others_refused(app: Flask, clock: FrozenClock, who: str) -> None:
    panel = opened_panel(clock)
    line = raised(panel, panel.experts[0], panel.heads[0])
    person = {"secretary": panel.secretary, "expert": panel.experts[1]}[who]
    with pytest.raises(NotAllowed), unit_of_work():
        services.decide_conflict(line, is_confirmed=True, reason="Так", by=person)


def test_decision_twice_and_without_reason_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    line = raised(panel, panel.experts[0], panel.heads[0])
    with pytest.raises(InvalidInput) as caught, unit_of_work():
        services.decide_conflict(line, is_confirmed=True, reason="  ", by=panel.call.chair)
    assert caught.value.field == "reason"
    decided(line, panel.call.chair)
    with pytest.raises(NotAllowed), unit_of_work():
        services.decide_conflict(line, is_confirmed=False, reason="Передумала", by=panel.call.chair)
    assert only_line().state is ConflictState.CONFIRMED


def test_confirmed_line_settles_the_other_signs_of_the_pair(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    member = panel.call.members[0]
    with unit_of_work():
        member.phone = "0501110000"
        member.email = "ngo1@example.org"
    with unit_of_work():
        services.find_conflicts(panel.competition, SYSTEM)
    found = db.session.scalars(sa.select(Conflict).order_by(Conflict.id)).all()
    decided(found[0], panel.call.chair)
    assert [one.state for one in db.session.scalars(sa.select(Conflict))] == [ConflictState.CONFIRMED] * 2


# -- after the handover ----------------------------------------------------------------------------------------


def test_conflict_after_the_handover_leaves_marks_and_tells_the_commission(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    bid, expert = panel.applications[0], panel.experts[0]
    for one in panel.experts:
        submitted(bid, one, "8")
    with unit_of_work():
        panel.competition.state = CompetitionState.DELIBERATION
    with unit_of_work():
        services.declare_conflict(assignment_of(bid, expert), WORDS, expert, kind="work")
    assert lines() == [("declared", "block", "work", ConflictState.CONFIRMED)]
    assert assignment_of(bid, expert).state is AssignmentState.DONE
    assert (bid.review_count, bid.score_text) == (3, "80.00")
    assert sorted(letters()) == sorted(
        [("conflict_late", panel.secretary.email), ("conflict_late", panel.call.chair.email)]
    )
    assert visit_as(app, expert).get(f"/reviews/{bid.code}/sheet").status_code == 404
    assert [one.application_id for one in late_lines(panel.competition)] == [bid.id]
