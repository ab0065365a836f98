"""Reviewing without HTTP: who may, when, what is stored, what is counted."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import Membership
from grants_app.applications.models import Application
from grants_app.competitions.models import CommissionSeat
from grants_app.core import clock as product_clock
from grants_app.core.errors import EditConflict, InvalidInput, ManyErrors, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.lifecycle import ApplicationState, AssignmentState, CompetitionState
from grants_app.permissions import Role
from grants_app.reviews import queries, services
from grants_app.reviews.models import Assignment, ExpertProfile, ReviewEdition
from grants_app.reviews.rules.experts import ProfileFacts
from grants_app.reviews.services import Proposal, Shortage
from tests.support.panel import (
    Panel,
    assignment_of,
    full_sheet,
    new_panel,
    opened_panel,
    set_state,
    submitted,
    totals,
)
from tests.support.refusals import refused
from tests.support.time import FrozenClock
from tests.support.visitors import new_person

# -- opening ---------------------------------------------------------------------------------------------------


def test_open_review_refused_without_experts(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2)
    with pytest.raises(ManyErrors) as caught, unit_of_work():
        services.open_review(panel.competition, panel.secretary)
    assert [str(one) for one in caught.value.errors] == [
        "Assign 3 experts to each application. Too few have: 2027-SKP-0001, 2027-SKP-0002"
    ]
    assert panel.competition.state is CompetitionState.FORMAL_CHECK


def test_open_review_refused_while_an_application_is_undecided(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2)
    set_state(panel.applications[1], ApplicationState.CORRECTED)
    with pytest.raises(ManyErrors) as caught, unit_of_work():
        services.open_review(panel.competition, panel.secretary)
    assert str(caught.value.errors[0]) == "Applications not yet admitted or rejected: 1"


def test_open_review_refused_after_the_end_of_scoring(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock)
    with unit_of_work():
        for bid in panel.applications:
            for expert in panel.experts:
                services.assign(bid, expert, panel.secretary)
    clock.at("2027-04-21 00:00")
    with pytest.raises(ManyErrors) as caught, unit_of_work():
        services.open_review(panel.competition, panel.secretary)
    assert [one.message for one in caught.value.errors] == [
        "The end of scoring is not set or has passed. Set it in the calendar"
    ]


def test_open_review_writes_one_letter_to_each_expert(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2)
    letters = db.session.scalars(sa.select(Notice).filter_by(template="review_opened").order_by(Notice.id)).all()
    assert [letter.email for letter in letters] == [expert.email for expert in panel.experts]
    assert letters[0].subject == "Оцініть заявки до 23:59 20.04.2027: 2027-SKP"
    assert "(2)" in letters[0].body


def test_open_review_twice_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    with pytest.raises(ManyErrors), unit_of_work():
        services.open_review(panel.competition, panel.secretary)


# -- assigning and conflicts -----------------------------------------------------------------------------------


def test_expert_code_is_random_and_the_same_for_all_applications(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2)
    codes = {
        expert.id: {assignment_of(bid, expert).expert_code for bid in panel.applications} for expert in panel.experts
    }
    assert [len(found) for found in codes.values()] == [1, 1, 1]
    assert len(set().union(*codes.values())) == 3


def test_assign_twice_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    with refused(InvalidInput, "This expert is assigned to this application already", "expert"):
        services.assign(panel.applications[0], panel.experts[0], panel.secretary)


def test_assign_by_an_expert_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock)
    with refused(NotAllowed, "Only the secretary assigns experts"):
        services.assign(panel.applications[0], panel.experts[0], panel.experts[0])


def test_assign_a_member_of_a_competing_organisation_refused_everywhere(app: Flask, clock: FrozenClock) -> None:
    """An expert whose own organisation competes scores nothing in this call, not only not its application."""
    panel = new_panel(clock)
    expert = panel.experts[0]
    _join(panel.applications[1], expert.id)
    for bid in panel.applications:
        with refused(NotAllowed, "An organisation of this person competes here", "expert"):
            services.assign(bid, expert, panel.secretary)


def test_assign_a_former_member_needs_a_reason_for_that_application_only(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock)
    expert = panel.experts[0]
    _join(panel.applications[1], expert.id, has_left=True)
    with refused(InvalidInput, "Say why this person may score in spite of the possible conflict", "reason"):
        services.assign(panel.applications[1], expert, panel.secretary)
    with unit_of_work():
        services.assign(panel.applications[0], expert, panel.secretary)
        services.assign(panel.applications[1], expert, panel.secretary, reason="Не працює там уже десять років")
    assert assignment_of(panel.applications[0], expert).state is AssignmentState.PROPOSED
    assert assignment_of(panel.applications[1], expert).state is AssignmentState.PROPOSED


def test_assign_by_workplace_phone_and_name_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=4)
    bid = panel.applications[0]
    assert bid.organisation is not None
    with unit_of_work():
        db.session.add(ExpertProfile(user_id=panel.experts[0].id, workplace_edrpou=bid.organisation.edrpou))
        panel.experts[1].phone = "050 111 00 00"
        panel.experts[2].full_name = "вигадана  тренерка"
        panel.experts[3].email = "NGO1@example.org"
    assert queries.competing_people(panel.competition, panel.experts) == {
        panel.experts[0].id: "The workplace of this person competes here"
    }
    ties = [[tie.what for tie in queries.conflict_facts(expert, bid)] for expert in panel.experts]
    assert ties == [
        ["works for the applicant"],
        ["has the same phone as the applicant"],
        ["has the same name as a person of the project team"],
        ["has the same e-mail as the applicant"],
    ]
    for expert in panel.experts:
        with pytest.raises(NotAllowed), unit_of_work():
            services.assign(bid, expert, panel.secretary)


def test_assign_a_voting_member_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock)
    with unit_of_work():
        db.session.add(
            CommissionSeat(competition_id=panel.competition.id, user_id=panel.experts[0].id, office="member")
        )
    with refused(NotAllowed, "This person votes in the commission of this competition", "expert"):
        services.assign(panel.applications[0], panel.experts[0], panel.secretary)


def test_assign_somebody_who_is_no_expert_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock)
    stranger = new_person(Role.FINANCE)
    with refused(NotAllowed, "This person is not an expert", "expert"):
        services.assign(panel.applications[0], stranger, panel.secretary)


def test_take_back_needs_a_reason_and_cannot_be_assigned_again(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    assignment = assignment_of(panel.applications[0], panel.experts[0])
    with refused(InvalidInput, "Give the reason: it will be recorded and published", "reason"):
        services.take_back(assignment, " ", panel.secretary)
    with unit_of_work():
        services.take_back(assignment, "Хвороба", panel.secretary)
    assert assignment.state is AssignmentState.REMOVED
    with refused(InvalidInput, "This expert had this application and it ended: “%(state)s”", "expert"):
        services.assign(panel.applications[0], panel.experts[0], panel.secretary)


# -- the proposal ----------------------------------------------------------------------------------------------


def test_proposal_is_complete_even_and_free_of_conflicts(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=4, experts=5)
    barred = panel.experts[0]
    with unit_of_work():
        barred.phone = "050 111 00 00"  # of the first applicant
    proposal = services.propose_assignment(panel.competition)
    assert isinstance(proposal, Proposal)
    loads = {expert.id: 0 for expert in panel.experts}
    seats = {bid.code: 0 for bid in panel.applications}
    for addition in proposal.additions:
        loads[addition.expert_id] += 1
        seats[addition.application_code] += 1
    assert set(seats.values()) == {3}
    assert (min(loads.values()), max(loads.values())) == (2, 3) == (proposal.load_min, proposal.load_max)
    assert (barred.id, panel.applications[0].code) not in {
        (one.expert_id, one.application_code) for one in proposal.additions
    }
    assert proposal.is_optimal
    assert services.propose_assignment(panel.competition) == proposal


def test_proposal_prefers_experts_of_the_field(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=6)
    with unit_of_work():
        for index, expert in enumerate(panel.experts):
            field = panel.competition.priorities[index % 2].code
            db.session.add(ExpertProfile(user_id=expert.id, fields_known=[field]))
    proposal = services.propose_assignment(panel.competition)
    assert isinstance(proposal, Proposal)
    assert proposal.fitting_count == 6


def test_proposal_keeps_what_is_assigned(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=4)
    with unit_of_work():
        services.assign(panel.applications[0], panel.experts[3], panel.secretary)
    proposal = services.propose_assignment(panel.competition)
    assert isinstance(proposal, Proposal)
    assert (proposal.kept_count, len(proposal.additions)) == (1, 5)
    with unit_of_work():
        assert services.apply_assignment(panel.competition, proposal, panel.secretary) == 5
    rows = queries.board_rows(panel.competition, panel.secretary)
    assert [(len(row.seats), row.missing_count) for row in rows] == [(3, 0), (3, 0)]


def test_proposal_applied_twice_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock)
    proposal = services.propose_assignment(panel.competition)
    assert isinstance(proposal, Proposal)
    with unit_of_work():
        services.apply_assignment(panel.competition, proposal, panel.secretary)
    with refused(EditConflict, "The assignments have changed since this proposal. Look at a new one"):
        services.apply_assignment(panel.competition, proposal, panel.secretary)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Assignment)) == 6


def test_shortage_names_applications_and_conflicts_and_assigns_nothing(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=3)
    with unit_of_work():
        panel.experts[0].phone = "050 111 00 00"
    shortage = services.propose_assignment(panel.competition)
    assert isinstance(shortage, Shortage)
    assert (shortage.applications, shortage.slots_missing) == (("2027-SKP-0001",), 1)
    found = [(one.expert_name, one.application_code, one.why) for one in shortage.conflicts]
    assert found == [(panel.experts[0].full_name, "2027-SKP-0001", "has the same phone as the applicant")]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Assignment)) == 0


# -- declarations ----------------------------------------------------------------------------------------------


def test_sheet_closed_before_the_declaration(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment = assignment_of(bid, expert)
    with refused(NotAllowed, "First declare your impartiality: then the application opens"):
        services.save_review(assignment, full_sheet(bid), version=0, by=expert)
    assert not queries.is_accepted_expert(expert, bid)


def test_conflict_closes_the_application_and_tells_the_secretary(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment = assignment_of(bid, expert)
    with unit_of_work():
        services.declare_conflict(assignment, "Родич у команді", expert)
    assert assignment.state is AssignmentState.DECLINED_COI
    assert bid.code not in [row.code for row in queries.my_assignments(expert)]
    letter = db.session.scalars(sa.select(Notice).filter_by(template="conflict_declared")).one()
    assert letter.email == panel.secretary.email
    # Neither the letter nor the journal carries the personal reason.
    entry = db.session.scalars(sa.select(JournalEntry).filter_by(step="declare_conflict")).one()
    assert ("Родич" in letter.body, "Родич" in entry.body) == (False, False)


def test_conflict_after_submission_leaves_the_count(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid = panel.applications[0]
    marks = ("4", "8", "9")
    for expert, points in zip(panel.experts, marks, strict=True):
        submitted(bid, expert, points)
    assert totals(bid) == (3, "70.00", 70_000_000)
    with unit_of_work():
        services.declare_conflict(assignment_of(bid, panel.experts[0]), "work", panel.experts[0])
    assert totals(bid) == (2, "85.00", 85_000_000)
    edition = db.session.scalars(sa.select(ReviewEdition)).one()
    assert '"points":"4"' in edition.content
    _bids, records = queries.score_records(panel.competition)
    own = assignment_of(bid, panel.experts[0]).expert_code
    assert {(mark.points, mark.state) for mark in records if mark.expert == own and mark.application == bid.code} == {
        (None, "recused")
    }


def test_declare_conflict_twice_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    assignment, expert = assignment_of(panel.applications[0], panel.experts[0]), panel.experts[0]
    with unit_of_work():
        services.declare_conflict(assignment, "work", expert)
    with refused(NotAllowed, "This assignment has ended"):
        services.declare_conflict(assignment, "work", expert)


def test_doubt_leaves_the_application_closed_until_decided(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    assignment = assignment_of(bid, expert)
    with refused(InvalidInput, "Describe what you doubt: the chair will decide", "details"):
        services.declare_doubt(assignment, "", expert)
    with unit_of_work():
        services.declare_doubt(assignment, "Колись разом навчалися", expert)
    assert (assignment.state, assignment.doubted_at) == (AssignmentState.PROPOSED, product_clock.now())
    with refused(NotAllowed, "The chair decides on your doubt first. Until then the application stays closed"):
        services.declare_impartial(assignment, expert)
    assert assignment.state is AssignmentState.PROPOSED


# -- profiles --------------------------------------------------------------------------------------------------


def test_profile_saved_for_experts_only(app: Flask, clock: FrozenClock) -> None:
    panel: Panel = new_panel(clock)
    facts = ProfileFacts(
        workplace="Бібліотека", workplace_edrpou="14360570", fields_known=["culture"], is_available=False
    )
    with unit_of_work():
        profile = services.save_profile(panel.experts[0].email, facts, by=panel.secretary)
    assert (profile.workplace, profile.fields_known, profile.is_available) == ("Бібліотека", ["culture"], False)
    assert panel.experts[0].id not in [person.id for person in queries.eligible_experts(panel.competition)]
    with refused(InvalidInput, "Check the EDRPOU code: the check digit does not agree", "workplace_edrpou"):
        services.save_profile(panel.experts[0].email, replace(facts, workplace_edrpou="12345679"), by=panel.secretary)


def _join(application: Application, user_id: int, *, has_left: bool = False) -> None:
    with unit_of_work():
        db.session.add(
            Membership(
                user_id=user_id,
                organisation_id=application.organisation_id,
                role=Role.NGO_MEMBER,
                since=product_clock.now(),
                ended_at=product_clock.now() if has_left else None,
            )
        )
