"""An expert is removed from the panel: unfinished work goes to others, finished reviews stay and count."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import CommissionSeat
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.journal.services import advance
from grants_app.lifecycle import AssignmentState, InvitationState
from grants_app.permissions import Role
from grants_app.reviews import policy, services
from grants_app.reviews.models import PanelInvitation
from grants_app.reviews.queries import invitations as queries
from grants_app.reviews.rules.invitations import agreement_digest
from grants_app.reviews.services import invitations, removal
from grants_app.reviews.services import leaving as ways
from tests.reviews.test_invitations import agreed, invited
from tests.support.conflicts import block
from tests.support.panel import Panel, assignment_of, declared, new_panel, opened_panel, submitted
from tests.support.refusals import refused
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

REASON = "Не приходить на навчання експертів"


def seated(panel: Panel) -> PanelInvitation:
    """Everybody invited and agreed; the invitation of the first expert."""
    return next(agreed(row, person) for row, person in _rows(panel))


def _rows(panel: Panel) -> list[tuple[PanelInvitation, User]]:
    rows = invited(panel, *panel.experts)
    for row, person in list(zip(rows, panel.experts, strict=True))[1:]:
        agreed(row, person)
    return list(zip(rows, panel.experts, strict=True))


def removed(row: PanelInvitation, by: User, reason: str = REASON) -> removal.Removed:
    with unit_of_work():
        return removal.remove_from_panel(row, reason, by=by)


def score(application: Application) -> tuple[int, object]:
    found = db.session.get_one(Application, application.id)
    db.session.refresh(found)
    return found.review_count, found.score_micro


def test_removal_frees_what_is_unfinished_and_keeps_what_is_finished(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=3)
    row, expert = seated(panel), panel.experts[0]
    done, begun, asked = panel.applications
    submitted(done, expert, "8")
    declared(begun, expert)
    before = score(done)
    told = removed(row, panel.secretary)
    assert ({one.application_id for one in told.freed}, told.kept_count) == ({begun.id, asked.id}, 1)
    states = [assignment_of(one, expert).state for one in panel.applications]
    assert states == [AssignmentState.DONE, AssignmentState.REMOVED, AssignmentState.REMOVED]
    assert score(done) == before
    assert before[0] == 1
    db.session.expire_all()
    assert (row.state, row.decline_reason) == (InvitationState.REMOVED, REASON)
    assert visit_as(app, expert).get(f"/reviews/{begun.code}/sheet").status_code == 404


def test_removal_is_told_by_the_journal_and_by_letters(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2)
    row, expert = seated(panel), panel.experts[0]
    colleague = new_person(Role.SECRETARY)
    with unit_of_work():
        db.session.add(CommissionSeat(competition=panel.competition, user_id=colleague.id, office="secretary"))
    submitted(panel.applications[0], expert)
    removed(row, panel.secretary)
    entry = db.session.scalars(sa.select(JournalEntry).filter_by(thing="panel_invitation", step="remove")).one()
    assert (entry.actor_id, entry.reason, entry.to_state) == (panel.secretary.id, REASON, "removed")
    letters = {
        one.email: one.body
        for one in db.session.scalars(sa.select(Notice).filter(Notice.template.in_(("panel_removed", "panel_left"))))
    }
    assert sorted(letters) == sorted({expert.email, colleague.email})
    assert (REASON in letters[expert.email], "Завершених оцінок: 1" in letters[expert.email]) == (True, True)
    assert ("Заявок без цього експерта: 1" in letters[colleague.email], REASON in letters[colleague.email]) == (
        True,
        False,
    )


def test_removed_expert_changes_and_reads_nothing_any_more(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    row, expert, bid = seated(panel), panel.experts[0], panel.applications[0]
    for person in panel.experts[:2]:
        submitted(bid, person)
    removed(row, panel.secretary)
    stands = "This expert has been removed from the panel: finished reviews stand as they are"
    with refused(NotAllowed, stands):
        ways.recall_review(assignment_of(bid, expert), expert)
    assert policy.why_not_reopen(panel.secretary, assignment_of(bid, expert)) == stands
    with refused(NotAllowed, "You have been removed from the panel: the other experts’ reviews are closed to you"):
        ways.open_others(assignment_of(bid, expert), expert)
    with refused(NotAllowed, "This person has not agreed to score in this competition", "expert"):
        services.assign(panel.applications[0], expert, panel.secretary)


def test_removal_takes_effect_for_whoever_reads_the_others(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    row, expert, bid = seated(panel), panel.experts[0], panel.applications[0]
    for person in panel.experts[:2]:
        submitted(bid, person)
    with unit_of_work():
        ways.open_others(assignment_of(bid, expert), expert)
    assert policy.why_not_read_others(expert, assignment_of(bid, expert)) is None
    removed(row, panel.secretary)
    assert policy.why_not_read_others(expert, assignment_of(bid, expert)) is not None


@pytest.mark.parametrize(
    ("who", "message"),
    [
        ("expert", "Only the secretary removes experts from the panel"),
        ("organizer", "Only the secretary removes experts from the panel"),
    ],
)
def test_removal_by_another_than_the_secretary_refused(app: Flask, clock: FrozenClock, who: str, message: str) -> None:
    panel = opened_panel(clock, applications=1)
    row = seated(panel)
    by = panel.experts[1] if who == "expert" else new_person(Role.ORGANIZER)
    with refused(NotAllowed, message):
        removal.remove_from_panel(row, REASON, by=by)
    db.session.expire_all()
    assert row.state is InvitationState.ACCEPTED


def test_removal_without_a_reason_or_twice_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    row = seated(panel)
    with refused(InvalidInput, "Give the reason: it is recorded, and the expert reads it", "reason"):
        removal.remove_from_panel(row, "  ", by=panel.secretary)
    removed(row, panel.secretary)
    with refused(NotAllowed, "Only those who have agreed can be removed from the panel"):
        removal.remove_from_panel(row, REASON, by=panel.secretary)
    assert len(db.session.scalars(sa.select(Notice).filter_by(template="panel_removed")).all()) == 1


def test_removed_expert_may_be_invited_again(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=2)
    row = seated(panel)
    removed(row, panel.secretary)
    assert queries.is_removed(panel.experts[0].id, panel.competition.id)
    with unit_of_work():
        invitations.invite_again(row, respond_by=row.respond_by, by=panel.secretary)
    with unit_of_work():
        invitations.accept(row, agreement_digest(), by=panel.experts[0])
    assert not queries.is_removed(panel.experts[0].id, panel.competition.id)


def test_page_removes_and_proposes_who_takes_the_places(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2, experts=4)
    row, client = seated(panel), visit_as(app, panel.secretary)
    panel_page = f"/reviews/{panel.competition.code}/panel"
    address = f"{panel_page}/{row.code}/remove"
    empty = client.post(f"{address}?lang=en", data={"reason": ""})
    assert (empty.status_code, 'href="#reason"' in empty.text) == (422, True)
    assert visit_as(app, panel.experts[1]).post(address, data={"reason": REASON}).status_code == 403
    answer = client.post(address, data={"reason": REASON})
    assert f"/reviews/{panel.competition.code}/assignment/proposal/" in (answer.location or "")
    page = client.get(f"{answer.location}?lang=en").text
    assert "2 applications need other experts" in page
    assert panel.experts[3].full_name in page
    assert client.post(address, data={"reason": REASON}).status_code == 403
    listed = client.get(f"{panel_page}?lang=en").text
    assert ("Removed from the panel" in listed, REASON in listed) == (True, True)


def test_page_offers_no_removal_after_the_handover(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    row, client = seated(panel), visit_as(app, panel.secretary)
    page = f"/reviews/{panel.competition.code}/panel"
    assert f"{row.code}/remove" in client.get(page).text
    with unit_of_work():
        advance(panel.competition, "open_decision", by=panel.secretary)
    assert f"{row.code}/remove" not in client.get(page).text
    with refused(NotAllowed, "Scoring of this competition is over"):
        removal.remove_from_panel(row, REASON, by=panel.secretary)


def test_removal_counts_nothing_that_is_considered_without_the_secretary(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2)
    row = seated(panel)
    block(panel.applications[0], panel.secretary)
    told = removed(row, panel.secretary)
    assert (len(told.freed), told.freed_for(panel.secretary)) == (2, 1)
    entry = db.session.scalars(sa.select(JournalEntry).filter_by(thing="panel_invitation", step="remove")).one()
    assert json.loads(entry.body)["facts"] == {}
