"""The register of conflicts: how lines come in, who decides, what follows, who reads what."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import CommissionSeat
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.journal.services import SYSTEM
from grants_app.lifecycle import AssignmentState, CompetitionState, ConflictState
from grants_app.permissions import Role
from grants_app.reviews import queries, services
from grants_app.reviews.models import Assignment, Conflict
from grants_app.reviews.queries.conflict_lines import conflict_rows, late_lines
from grants_app.reviews.queries.deciders import deciders
from tests.support.panel import Panel, assignment_of, declared, full_sheet, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

WORDS = "Особисте: колишня дружина керівника"


def lines() -> list[tuple[str, str, str, ConflictState]]:
    """Everything in the register: source, level, kind, state."""
    rows = db.session.scalars(sa.select(Conflict).order_by(Conflict.id))
    return [(one.source, one.level, one.kind, one.state) for one in rows]


def only_line() -> Conflict:
    """The one line of the register."""
    return db.session.scalars(sa.select(Conflict)).one()


def letters() -> list[tuple[str, str]]:
    """Letters about conflicts: template and receiver."""
    query = sa.select(Notice.template, Notice.email).where(Notice.template.startswith("conflict")).order_by(Notice.id)
    return [(row.template, row.email) for row in db.session.execute(query)]


def raised(panel: Panel, person: User, by: User, *, kind: str = "family") -> Conflict:
    """A report about somebody and the first application."""
    with unit_of_work():
        return services.raise_conflict(panel.applications[0], person, kind=kind, details=WORDS, by=by)


def decided(line: Conflict, by: User, *, is_confirmed: bool = True) -> None:
    """The decision."""
    with unit_of_work():
        services.decide_conflict(line, is_confirmed=is_confirmed, reason="Перевірено за реєстром", by=by)


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


# -- who reads what --------------------------------------------------------------------------------------------


def test_register_hides_words_from_auditors_and_the_journal(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    line = raised(panel, panel.experts[0], panel.heads[0])
    decided(line, panel.call.chair)
    code = panel.competition.code
    auditor = visit_as(app, new_person(Role.AUDITOR))
    address = f"/reviews/{code}/conflicts/{line.code}"
    shown = {who: client.get(address).text for who, client in (
        ("auditor", auditor), ("secretary", visit_as(app, panel.secretary)), ("chair", visit_as(app, panel.call.chair)),
    )}  # fmt: skip
    assert {who: WORDS in text for who, text in shown.items()} == {"auditor": False, "secretary": True, "chair": True}
    bodies = " ".join(db.session.scalars(sa.select(JournalEntry.body).where(JournalEntry.thing == "conflict")))
    assert ("Особисте" in bodies, "Перевірено" in bodies, (panel.applications[0].code or "") in bodies) == (False,) * 3
    assert "details_digest" in bodies
    for suffix in ("json", "csv", "xlsx", "pdf"):
        answer = auditor.get(f"/reviews/{code}/conflicts.{suffix}")
        assert (answer.status_code, WORDS in answer.text if suffix in ("json", "csv") else False) == (200, False)


def test_register_names_experts_only_where_names_are_open(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    with unit_of_work():
        expert.full_name = "Названа Експертка"
    expert_code = assignment_of(bid, expert).expert_code
    with unit_of_work():
        services.declare_conflict(assignment_of(bid, expert), WORDS, expert, kind="work")
    raised(panel, panel.experts[1], panel.heads[0])
    with unit_of_work():
        panel.experts[1].full_name = "Інша Експертка"
    other_code = assignment_of(bid, panel.experts[1]).expert_code
    shown = {
        who: sorted(row.person for row in conflict_rows(panel.competition, person))
        for who, person in (
            ("secretary", panel.secretary), ("chair", panel.call.chair), ("auditor", new_person(Role.AUDITOR)),
        )
    }  # fmt: skip
    assert shown == {
        "secretary": sorted(["Названа Експертка", "Інша Експертка"]),
        "chair": sorted([expert_code, "Інша Експертка"]),
        "auditor": sorted([expert_code, other_code]),
    }


def test_register_shows_no_line_of_ones_own(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    raised(panel, panel.secretary, panel.heads[0])
    raised(panel, panel.experts[0], panel.heads[1])
    assert len(conflict_rows(panel.competition, panel.call.chair)) == 2
    assert len(conflict_rows(panel.competition, panel.secretary)) == 1
    line = db.session.scalars(sa.select(Conflict).filter_by(person_id=panel.secretary.id)).one()
    decided(line, panel.call.chair)
    assert conflict_rows(panel.competition, panel.secretary) == []
    client = visit_as(app, panel.secretary)
    code = panel.competition.code
    page = client.get(f"/reviews/{code}/conflicts?lang=en").text
    assert ("You have a conflict of interest with some application here" in page, WORDS in page) == (True, False)
    assert client.get(f"/reviews/{code}/conflicts.json").get_json()["rows"] == []
    assert client.get(f"/reviews/{code}/conflicts/annex.pdf").status_code == 404
    assert client.get(f"/reviews/{panel.applications[0].code}/conflicts/raise").status_code == 404
    journal = visit_as(app, new_person(Role.AUDITOR)).get("/journal").text
    assert line.code in journal


def test_register_chosen_and_sorted(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    decided(raised(panel, panel.experts[0], panel.heads[0]), panel.call.chair, is_confirmed=False)
    with unit_of_work():
        services.declare_doubt(assignment_of(panel.applications[1], panel.experts[1]), WORDS, panel.experts[1])
    client = visit_as(app, panel.secretary)
    code = panel.competition.code

    def shown(query: str) -> list[Any]:
        return [row["state"] for row in client.get(f"/reviews/{code}/conflicts.json?{query}").get_json()["rows"]]

    assert shown("sort=application") == ["dismissed", "open"]
    assert shown("sort=-application") == ["open", "dismissed"]
    assert shown("state=open") == ["open"]
    assert shown("source=raised") == ["dismissed"]
    assert shown(f"text={panel.applications[1].code}") == ["open"]
    assert client.get(f"/reviews/{code}/conflicts?state=confirmed").status_code == 200


# -- pages -----------------------------------------------------------------------------------------------------


def test_applicant_challenges_an_expert_by_code_on_the_page(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid = panel.applications[0]
    code = assignment_of(bid, panel.experts[0]).expert_code
    client = visit_as(app, panel.heads[0])
    address = f"/reviews/{bid.code}/conflicts/raise"
    assert address in client.get(f"/applications/{bid.code}").text
    page = client.get(address)
    assert (page.status_code, panel.experts[0].email in page.text) == (200, False)
    data = {"person": "", "expert_code": code.lower(), "reason": "family", "details": WORDS}
    answer = client.post(address, data=data)
    assert (answer.status_code, answer.location) == (302, f"/applications/{bid.code}")
    assert (only_line().person_id, only_line().raised_by_id) == (panel.experts[0].id, panel.heads[0].id)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"expert_code": "E-0000"}, "No expert of this competition has this code"),
        ({"expert_code": ""}, "Choose the person"),
        ({"reason": ""}, "Choose the reason"),
        ({"details": ""}, "Say what you know: the chair decides by it"),
        ({"person": "me", "expert_code": ""}, "Choose the person"),
        ({"person": "me"}, "Name one person: choose from the list, or enter a code"),
    ],
)
def test_report_refused_keeps_what_was_typed(
    app: Flask, clock: FrozenClock, changes: dict[str, str], sentence: str
) -> None:
    panel = opened_panel(clock)
    bid = panel.applications[0]
    code = assignment_of(bid, panel.experts[0]).expert_code
    data = {"person": "", "expert_code": code, "reason": "family", "details": WORDS, **changes}
    answer = visit_as(app, panel.heads[0]).post(f"/reviews/{bid.code}/conflicts/raise?lang=en", data=data)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert (data["details"] in answer.text, lines()) == (True, [])


def test_report_by_a_guest_asks_to_sign_in(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    answer = visit_as(app, None).get(f"/reviews/{panel.applications[0].code}/conflicts/raise")
    assert answer.status_code == 302


def test_member_of_the_commission_challenged_by_name_on_the_page(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, member = panel.applications[0], panel.call.members[0]
    with unit_of_work():
        member.full_name = "Названий Член"
    client = visit_as(app, panel.experts[0])
    address = f"/reviews/{bid.code}/conflicts/raise"
    page = client.get(address).text
    key = next(part for part in page.split("<option") if "Названий Член" in part).split('value="')[1].split('"')[0]
    data = {"person": key, "expert_code": "", "reason": "money", "details": WORDS}
    assert client.post(address, data=data).status_code == 302
    assert only_line().person_id == member.id


def test_decision_by_page(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    line = raised(panel, panel.experts[0], panel.heads[0])
    client = visit_as(app, panel.call.chair)
    address = f"/reviews/{panel.competition.code}/conflicts/{line.code}"
    assert address in client.get("/home").text
    assert client.post(address, data={"verdict": "confirm", "reason": ""}).status_code == 422
    assert client.post(address, data={"verdict": "maybe", "reason": "Так"}).status_code == 422
    answer = client.post(address, data={"verdict": "confirm", "reason": "Так, родич"})
    assert (answer.status_code, only_line().state) == (302, ConflictState.CONFIRMED)
    assert address not in client.get("/home").text
    assert client.post(address, data={"verdict": "dismiss", "reason": "Ні"}).status_code == 403


def test_register_closed_to_who_may_not_read_it(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    line = raised(panel, panel.experts[0], panel.heads[0])
    code = panel.competition.code
    addresses = [f"/reviews/{code}/conflicts", f"/reviews/{code}/conflicts.csv", f"/reviews/{code}/conflicts/annex.pdf"]
    for person in (panel.experts[1], panel.heads[0], panel.call.organizer, panel.call.members[1]):
        client = visit_as(app, person)
        assert [client.get(address).status_code for address in addresses] == [403, 403, 403]
        assert client.get(f"/reviews/{code}/conflicts/{line.code}").status_code in (403, 404)
        assert client.post(f"/reviews/{code}/conflicts/find").status_code == 403


def test_find_by_page(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    with unit_of_work():
        panel.call.members[0].phone = "0501110000"
    client = visit_as(app, panel.secretary)
    answer = client.post(f"/reviews/{panel.competition.code}/conflicts/find")
    assert (answer.status_code, len(lines())) == (302, 1)
    annex = client.get(f"/reviews/{panel.competition.code}/conflicts/annex.pdf")
    assert (annex.status_code, annex.data[:5]) == (200, b"%PDF-")


def test_letter_does_not_go_to_a_secretary_who_is_out(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock)
    bid, expert = panel.applications[0], panel.experts[0]
    raised(panel, panel.secretary, panel.secretary, kind="work")
    other = new_person(Role.SECRETARY)
    with unit_of_work():
        services.declare_conflict(assignment_of(bid, expert), WORDS, expert, kind="work")
    assert letters() == [("conflict_declared", other.email)]
    assert declared(panel.applications[1], expert).state is AssignmentState.ACCEPTED
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Assignment)) == 6
    assert full_sheet(bid).recommendation == "fund"
