"""Discussion of diverging reviews: opened by the rule, read by levels, led to a consensus, closed before handover."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.awards import policy as awards_policy
from grants_app.competitions.models import Competition
from grants_app.core import clock as product_clock
from grants_app.core.errors import EditConflict, InvalidInput, ManyErrors, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.lifecycle import AssignmentState, DiscussionState
from grants_app.permissions import Role
from grants_app.reviews import queries, services
from grants_app.reviews.models import Discussion, ReviewEdition
from grants_app.reviews.queries import discussion as threads
from grants_app.reviews.rules import SheetInput
from grants_app.reviews.rules.discussion import mentions_in
from grants_app.reviews.services import discussion as talk
from grants_app.web.errors import sentence
from tests.support.panel import REASON, Panel, assignment_of, full_sheet, opened_panel, submitted
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

TEXT = "Поясніть, будь ласка, бал за третім критерієм."


def diverging(clock: FrozenClock, *, rule: str = "discuss", experts: int = 4) -> tuple[Panel, Application]:
    """A panel of three whose reviews of the one application stand far apart; the fourth expert has nothing to score."""
    panel = opened_panel(clock, applications=1, experts=experts)
    with unit_of_work():  # announced with this rule: frozen since, so not through the object
        db.session.execute(sa.update(Competition).values(divergence_rule=rule))
    application = panel.applications[0]
    submitted(application, panel.experts[0], "9")
    submitted(application, panel.experts[1], "3")
    submitted(application, panel.experts[2], "6")
    return panel, application


def thread_of(application: Application) -> Discussion:
    """The thread, read anew."""
    found = threads.discussion_of(application)
    assert found is not None
    return found


def open_others(application: Application, *experts: User) -> None:
    """Experts open the reviews of the others."""
    with unit_of_work():
        for expert in experts:
            assignment_of(application, expert).others_opened_at = product_clock.now()


def said(application: Application, text: str, visibility: str, by: User) -> None:
    """A message by that person."""
    with unit_of_work():
        talk.say(thread_of(application), text, visibility, by)


def test_divergence_over_the_limit_opens_a_thread_and_writes_to_the_panel(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock)
    thread = thread_of(application)
    assert (thread.state, thread.reason, thread.spread_text) == (DiscussionState.OPEN, "divergence", "60")
    letters = db.session.scalars(sa.select(Notice).filter_by(template="discussion_opened")).all()
    assert {one.recipient_id for one in letters} == {one.id for one in panel.experts[:2]}  # the third came later


def test_divergence_exactly_at_the_limit_opens_nothing(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    submitted(panel.applications[0], panel.experts[0], "8")
    submitted(panel.applications[0], panel.experts[1], "5")  # 30 points of 100: the limit itself
    assert threads.discussion_of(panel.applications[0]) is None


def test_divergence_opens_nothing_where_the_call_asks_for_nothing(app: Flask, clock: FrozenClock) -> None:
    _panel, application = diverging(clock, rule="none")
    assert threads.discussion_of(application) is None


def test_extra_expert_is_wanted_until_one_is_assigned(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock, rule="extra_expert")
    assert threads.wants_extra(panel.competition) == {application.id}
    letter = db.session.scalars(sa.select(Notice).filter_by(template="discussion_extra")).all()
    assert {one.recipient_id for one in letter} == {panel.secretary.id}
    assert queries.seats_wanted(panel.competition) == (1, 1)
    with unit_of_work():
        assert services.assign(application, panel.experts[3], panel.secretary).is_extra
    assert threads.wants_extra(panel.competition) == frozenset()
    assert threads.extra_ids(panel.competition) == {application.id}
    assert queries.seats_wanted(panel.competition) == (1, 0)


def test_expert_beyond_the_announced_number_is_no_extra_one_before_reviews_diverge(
    app: Flask, clock: FrozenClock
) -> None:
    panel = opened_panel(clock, applications=1, experts=4)
    with unit_of_work():
        db.session.execute(sa.update(Competition).values(divergence_rule="extra_expert"))
        more = services.assign(panel.applications[0], panel.experts[3], panel.secretary)
    assert not more.is_extra


def test_handover_waits_for_the_outcome(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock)
    asked = awards_policy.why_not_open_decision(panel.secretary, panel.competition)
    assert asked == "Discussions of diverging reviews are still open: close each with its outcome"
    with unit_of_work():
        talk.close_discussion(thread_of(application), "Експерти лишаються при своїх балах.", panel.secretary)
    assert awards_policy.why_not_open_decision(panel.secretary, panel.competition) is None
    assert thread_of(application).state == DiscussionState.CLOSED


def test_handover_waits_for_the_extra_expert(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock, rule="extra_expert")
    with unit_of_work():
        talk.close_discussion(thread_of(application), "Потрібен третій експерт.", panel.secretary)
    asked = awards_policy.why_not_open_decision(panel.secretary, panel.competition)
    assert asked == "Reviews of some applications diverge and the announced rule asks for one more expert"


def test_expert_reads_only_after_opening_the_others(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock)
    assert threads.part_of(panel.experts[0], application) is None
    open_others(application, panel.experts[0])
    assert threads.part_of(panel.experts[0], application) == "expert"
    assert threads.part_of(panel.experts[3], application) is None
    assert threads.part_of(panel.secretary, application) == "secretary"
    assert threads.part_of(new_person(Role.COMMISSION_MEMBER), application) is None
    assert threads.part_of(new_person(Role.ADMIN), application) is None


def test_messages_are_read_by_their_levels(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock)
    first, second = panel.experts[:2]
    open_others(application, first, second)
    said(application, "Лише секретареві.", "secretary", first)
    said(application, "Усім експертам.", "panel", first)
    thread = thread_of(application)

    def read(person: User) -> list[str]:
        part = threads.part_of(person, application)
        assert part is not None
        labels = frozenset({talk.own_label(application, part, person)})
        return [one.text for one in threads.messages_for(person, part, thread, labels)]

    assert read(first) == ["Лише секретареві.", "Усім експертам."]
    assert read(second) == ["Усім експертам."]
    assert read(panel.secretary) == ["Лише секретареві.", "Усім експертам."]


def test_mention_sends_a_letter_and_opens_the_message_to_the_named(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock)
    first, second = panel.experts[:2]
    open_others(application, first, second)
    code = assignment_of(application, second).expert_code
    said(application, f"@{code.lower()}, {TEXT}", "secretary", first)
    letters = db.session.scalars(sa.select(Notice).filter_by(template="discussion_mention")).all()
    assert [one.recipient_id for one in letters] == [second.id]
    thread = thread_of(application)
    assert len(threads.messages_for(second, "expert", thread, frozenset({code}))) == 1
    assert threads.messages_for(second, "expert", thread, frozenset({"E-0000"})) == []


@pytest.mark.parametrize(
    ("text", "visibility", "field"),
    [
        ("   ", "panel", "text"),
        ("слово " * 1000, "panel", "text"),
        ("@E-ZZZZ, поясніть", "panel", "text"),
        (TEXT, "everybody", "visibility"),
    ],
)
def test_message_is_refused_at_its_field(
    app: Flask, clock: FrozenClock, text: str, visibility: str, field: str
) -> None:
    panel, application = diverging(clock)
    with pytest.raises(InvalidInput) as refused, unit_of_work():
        talk.say(thread_of(application), text, visibility, panel.secretary)
    assert refused.value.field == field


def test_long_message_is_told_in_characters(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock)
    with pytest.raises(InvalidInput) as refused, unit_of_work():
        talk.say(thread_of(application), "а" * 5_200, "panel", panel.secretary)
    with app.test_request_context("/?lang=en"):
        assert sentence(refused.value) == "Shorten the text by 1,200 characters: 4,000 are allowed"


def test_revising_keeps_the_former_edition_and_leaves_the_totals(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock)
    expert = panel.experts[1]
    assignment = assignment_of(application, expert)
    with pytest.raises(NotAllowed), unit_of_work():
        talk.revise_review(assignment, "Зрозумів показники інакше.", expert)
    open_others(application, expert)
    with unit_of_work():
        talk.revise_review(assignment_of(application, expert), "Зрозумів показники інакше.", expert)
    assignment = assignment_of(application, expert)
    assert assignment.state == AssignmentState.IN_PROGRESS
    assert db.session.get_one(Application, application.id).review_count == 2
    kept = db.session.scalars(sa.select(ReviewEdition)).one()
    assert kept.reason == "Зрозумів показники інакше."
    assert assignment.review is not None
    with unit_of_work():
        services.submit_review(assignment, full_sheet(application, "7"), version=assignment.review.version, by=expert)
    assert db.session.get_one(Application, application.id).score_text == "73.33"


def test_revising_is_refused_without_a_reason_and_after_the_discussion(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock)
    expert = panel.experts[1]
    open_others(application, expert)
    with pytest.raises(InvalidInput), unit_of_work():
        talk.revise_review(assignment_of(application, expert), "  ", expert)
    with unit_of_work():
        talk.close_discussion(thread_of(application), "Без змін.", panel.secretary)
    with pytest.raises(NotAllowed), unit_of_work():
        talk.revise_review(assignment_of(application, expert), "Запізно", expert)


def test_consensus_counts_nothing_until_an_expert_takes_it_over(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock, rule="consensus")
    first, second = panel.experts[:2]
    open_others(application, first, second)
    with unit_of_work():
        talk.name_lead(thread_of(application), assignment_of(application, first).expert_code, panel.secretary)
    sheet = full_sheet(application, "6")
    with unit_of_work():
        talk.write_consensus(
            thread_of(application), sheet, "Пропоную 6.", version=thread_of(application).version, by=first
        )
    assert db.session.get_one(Application, application.id).score_text == "60.00"  # mean of 90, 30 and 60: nothing moved
    with unit_of_work():
        talk.adopt_consensus(assignment_of(application, second), "Погоджуюся з ведучим.", second)
    assignment = assignment_of(application, second)
    assert assignment.state == AssignmentState.IN_PROGRESS
    assert assignment.review is not None
    assert {score.points for score in assignment.review.scores} == {"6"}
    assert all(score.justification.startswith(REASON) for score in assignment.review.scores)
    with unit_of_work():
        services.submit_review(assignment, full_sheet(application, "6"), version=assignment.review.version, by=second)
    assert db.session.get_one(Application, application.id).score_text == "70.00"


def test_consensus_is_refused_to_others_and_with_gaps(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock, rule="consensus")
    first, second = panel.experts[:2]
    open_others(application, first, second)
    with unit_of_work():
        talk.name_lead(thread_of(application), assignment_of(application, first).expert_code, panel.secretary)
    thread = thread_of(application)
    with pytest.raises(NotAllowed), unit_of_work():
        talk.write_consensus(thread, full_sheet(application, "6"), "", version=thread.version, by=second)
    with pytest.raises(ManyErrors) as gaps, unit_of_work():
        talk.write_consensus(thread_of(application), SheetInput(), "", version=thread.version, by=first)
    assert len(gaps.value.errors) == 2 * len(application.competition.criteria)
    with pytest.raises(EditConflict), unit_of_work():
        talk.write_consensus(thread_of(application), full_sheet(application, "6"), "", version=0, by=first)


def test_closed_thread_opens_again_only_with_another_spread(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock)
    expert = panel.experts[1]
    open_others(application, expert)
    with unit_of_work():
        talk.revise_review(assignment_of(application, expert), "Перечитав кошторис.", expert)
    with unit_of_work():
        talk.close_discussion(thread_of(application), "Чекаємо на зміну.", panel.secretary)
    assignment = assignment_of(application, expert)
    assert assignment.review is not None
    with unit_of_work():
        services.submit_review(assignment, full_sheet(application, "3"), version=assignment.review.version, by=expert)
    assert thread_of(application).state == DiscussionState.CLOSED
    with unit_of_work():
        services.reopen_review(assignment_of(application, expert), "Ще раз", panel.secretary)
    assignment = assignment_of(application, expert)
    assert assignment.review is not None
    with unit_of_work():
        services.submit_review(assignment, full_sheet(application, "2"), version=assignment.review.version, by=expert)
    thread = thread_of(application)
    assert (thread.state, thread.spread_text, thread.closed_at) == (DiscussionState.OPEN, "70", None)


def test_journal_keeps_digests_of_messages_only(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock)
    said(application, TEXT, "panel", panel.secretary)
    bodies = db.session.scalars(sa.select(JournalEntry.body).filter_by(thing="discussion")).all()
    assert len(bodies) == 2
    assert not any("Поясніть" in body for body in bodies)


def test_names_in_a_text_are_read_as_labels() -> None:
    assert mentions_in("@E-7KQ4 і @секретар, та @e-7kq4; пошта a@b.example") == ["E-7KQ4", "Secretary"]


def test_pages_of_the_discussion_open_to_their_people_only(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock)
    path = f"/reviews/{application.code}/discussion"
    first, second, _third, fourth = panel.experts
    with unit_of_work():
        db.session.get_one(User, second.id).full_name = "Упізнавана Експертка"
    client = visit_as(app, first)
    assert client.get(path).status_code == 302
    open_others(application, first, second)
    page = client.get(path)
    assert page.status_code == 200
    assert "Упізнавана Експертка" not in page.text
    for outsider in (fourth, new_person(Role.ADMIN), new_person(Role.EXPERT), panel.heads[0]):
        client = visit_as(app, outsider)
        assert client.get(path).status_code in (403, 404)
        assert client.get(f"{path}.json").status_code in (403, 404)
    client = visit_as(app, panel.secretary)
    assert "Упізнавана Експертка" in client.get(path).text


def test_message_is_added_through_the_page_once(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock)
    path = f"/reviews/{application.code}/discussion"
    open_others(application, panel.experts[0])
    client = visit_as(app, panel.experts[0])
    sent = {"text": TEXT, "visibility": "panel", "form_key": "k-1"}
    assert client.post(f"{path}/messages", data=sent).status_code == 302
    assert client.post(f"{path}/messages", data=sent).status_code == 302
    assert [one["text"] for one in client.get(f"{path}.json").json["rows"]] == [TEXT]
    refused = client.post(f"{path}/messages", data={"text": "@E-ZZZZ", "visibility": "panel"})
    assert (refused.status_code, "@E-ZZZZ" in refused.text) == (422, True)


def test_whole_way_through_the_pages(app: Flask, clock: FrozenClock) -> None:
    panel, application = diverging(clock, rule="consensus")
    first, second = panel.experts[:2]
    open_others(application, first, second)
    path = f"/reviews/{application.code}/discussion"
    client = visit_as(app, panel.secretary)
    assert client.get(f"/reviews/{panel.competition.code}/discussions").status_code == 200
    assert len(client.get(f"/reviews/{panel.competition.code}/discussions.json").json["rows"]) == 1
    code = assignment_of(application, first).expert_code
    assert client.post(f"{path}/lead", data={"lead": "E-0000"}).status_code == 422
    assert client.post(f"{path}/lead", data={"lead": code}).status_code == 302
    client = visit_as(app, second)
    assert client.get(f"{path}/consensus").status_code == 404
    client = visit_as(app, first)
    assert client.get(f"{path}/consensus").status_code == 200
    sheet = {"version": str(thread_of(application).version), "text": "Пропоную 6."}
    assert client.post(f"{path}/consensus", data=sheet).status_code == 422
    for criterion in application.competition.criteria:
        sheet |= {f"points_{criterion.code}": "6", f"reason_{criterion.code}": REASON}
    assert client.post(f"{path}/consensus", data=sheet).status_code == 302
    assert client.post(f"{path}/consensus", data=sheet | {"text": "Інше"}).status_code == 409
    client = visit_as(app, second)
    assert client.post(f"{path}/adopt", data={"reason": ""}).status_code == 422
    assert client.post(f"{path}/adopt", data={"reason": "Згода"}).status_code == 302
    client = visit_as(app, panel.secretary)
    assert client.post(f"{path}/close", data={"outcome": ""}).status_code == 422
    assert client.post(f"{path}/close", data={"outcome": "Узгоджено 6."}).status_code == 302
    assert client.post(f"{path}/open").status_code == 302
    assert client.post(f"{path}/open").status_code == 403  # it is open
