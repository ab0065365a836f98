"""What the commission may and may not do, to the kopiyka and to the second."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.awards import services
from grants_app.awards.models import AgendaItem, Award, Meeting, Minutes, Publication, Vote
from grants_app.awards.queries import broken_awards
from grants_app.awards.queries.meeting import item_view, minutes_for
from grants_app.awards.queries.voting import quorum_of
from grants_app.budget.queries import broken_lines
from grants_app.core.errors import DomainError, InvalidInput, ManyErrors, NotAllowed, OverBudget
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Notice
from grants_app.lifecycle import (
    ApplicationState,
    AssignmentState,
    AwardState,
    CompetitionState,
    ComplaintState,
    ItemState,
    MeetingState,
)
from grants_app.reviews.models import Assignment
from scoring import verify_bundle
from tests.support.decisions import (
    Bid,
    Case,
    add_item,
    adopt,
    bundle_of,
    decide,
    finish_meeting,
    open_decision,
    open_meeting,
    publish,
    rules_of,
    scored_competition,
    vote,
)
from tests.support.time import FrozenClock


def sums(case: Case) -> list[int]:
    """Proposed sums in the order of the list."""
    return list(db.session.scalars(sa.select(Award.proposed_kop).order_by(Award.position)))


# Handing over ----------------------------------------------------------------------------------------------------


def test_handing_over_ranks_and_distributes_by_the_rule(app: Flask, case: Case) -> None:
    open_decision(case)
    assert case.competition.state is CompetitionState.DELIBERATION
    assert sums(case) == [4_000_000, 4_000_000, 2_000_000, 0, 0]
    assert [case.award(name).outcome for name in case.codes] == [
        "funded",
        "funded",
        "partial",
        "reserve",
        "below_pass_mark",
    ]


def test_handing_over_refused_while_a_review_is_missing(app: Flask, case: Case) -> None:
    with unit_of_work():
        assignment = db.session.scalars(sa.select(Assignment)).first()
        db.session.execute(
            sa.update(Assignment).where(Assignment.id == assignment.id).values(state=AssignmentState.IN_PROGRESS)
        )
    with pytest.raises(NotAllowed):
        open_decision(case)
    assert case.competition.state is CompetitionState.SCORING


def test_handing_over_refused_while_a_doubt_waits(app: Flask, case: Case, clock: FrozenClock) -> None:
    with unit_of_work():
        bid = case.application("перша")
        db.session.add(
            Assignment(
                competition_id=case.competition.id, application=bid, expert_code="E9",
                state=AssignmentState.PROPOSED, assigned_at=clock.now, doubted_at=clock.now,
            )
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        open_decision(case)


def test_handing_over_happens_once(app: Flask, case: Case) -> None:
    open_decision(case)
    with pytest.raises(NotAllowed):
        open_decision(case)


# Sums ------------------------------------------------------------------------------------------------------------


def test_kopiyka_over_the_fund_refused(app: Flask, case: Case) -> None:
    open_decision(case)
    with pytest.raises(OverBudget) as refusal, unit_of_work():
        services.change_amount(case.award("третя"), 2_000_001, reason="більше", by=case.chair)
    assert refusal.value.facts["excess_kop"] == 1
    assert sums(case) == [4_000_000, 4_000_000, 2_000_000, 0, 0]


@pytest.mark.parametrize(
    ("name", "amount_kop", "reason", "field"),
    [("перша", 4_000_001, "більше", "amount"), ("перша", 3_999_999, " ", "reason"), ("п’ята", 1, "шкода", "amount")],
)
def test_sum_refused(app: Flask, case: Case, name: str, amount_kop: int, reason: str, field: str) -> None:
    open_decision(case)
    with pytest.raises(InvalidInput) as refusal, unit_of_work():
        services.change_amount(case.award(name), amount_kop, reason=reason, by=case.chair)
    assert refusal.value.field == field


def test_departure_moves_money_and_can_be_taken_back(app: Flask, case: Case) -> None:
    open_decision(case)
    with unit_of_work():
        services.depart_from_ranking(case.award("друга"), "skip", reason="Припинено", by=case.chair)
    with unit_of_work():
        services.depart_from_ranking(case.award("четверта"), "fund", reason="Замість другої", by=case.chair)
    assert sums(case) == [4_000_000, 0, 2_000_000, 3_000_000, 0]
    assert [award.running_kop for award in db.session.scalars(sa.select(Award).order_by(Award.position))] == [
        4_000_000,
        None,
        6_000_000,
        9_000_000,
        None,
    ]
    with unit_of_work():
        services.change_amount(case.award("четверта"), 0, reason="", by=case.chair)
    assert (case.award("четверта").departure, case.award("четверта").reason) == (None, None)


def test_member_without_the_role_sets_no_sum(app: Flask, case: Case) -> None:
    open_decision(case)
    with pytest.raises(NotAllowed), unit_of_work():
        services.change_amount(case.award("перша"), 1, reason="так", by=case.members[0])


def test_sum_not_changed_while_it_is_voted(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    vote(case, add_item(case, meeting), close=False)
    with pytest.raises(NotAllowed), unit_of_work():
        services.change_amount(case.award("перша"), 3_000_000, reason="менше", by=case.chair)


# Meetings and votes ----------------------------------------------------------------------------------------------


def test_meeting_numbers_without_gaps(app: Flask, case: Case, clock: FrozenClock) -> None:
    for _ in range(3):
        with unit_of_work():
            services.plan_meeting(
                case.competition, kind="online", scheduled_at=clock.now + timedelta(days=7), link="зустріч",
                by=case.secretary,
            )  # fmt: skip
    assert list(db.session.scalars(sa.select(Meeting.number).order_by(Meeting.number))) == [1, 2, 3]
    assert db.session.scalar(sa.select(sa.func.count()).filter(Notice.template == "meeting_planned")) == 18


def test_meeting_without_quorum_not_opened(app: Flask, case: Case) -> None:
    with pytest.raises(NotAllowed):
        open_meeting(case, present=[case.chair, case.deputy, case.members[0]])
    meeting = db.session.scalars(sa.select(Meeting)).one()
    assert meeting.state is MeetingState.PLANNED
    assert (quorum_of(meeting).present, quorum_of(meeting).needed) == (3, 4)


def test_vote_counts_once_and_may_change(app: Flask, case: Case) -> None:
    open_decision(case)
    item = add_item(case, open_meeting(case))
    vote(case, item, close=False)
    for choice in ("against", "against", "for"):
        with unit_of_work():
            services.cast_vote(item, choice, by=case.members[0])
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Vote)) == 5
    with unit_of_work():
        services.close_vote(item, by=case.chair)
    assert (item.for_count, item.against_count, item.abstain_count) == (5, 0, 0)


def test_vote_after_the_close_refused(app: Flask, case: Case) -> None:
    open_decision(case)
    item = add_item(case, open_meeting(case))
    vote(case, item)
    with pytest.raises(NotAllowed), unit_of_work():
        services.cast_vote(item, "against", by=case.members[0])
    assert item.for_count == 5


def test_vote_before_the_opening_and_by_absent_refused(app: Flask, case: Case) -> None:
    open_decision(case)
    item = add_item(case, open_meeting(case, present=[*case.voting[:4], case.secretary]))
    with pytest.raises(NotAllowed), unit_of_work():
        services.cast_vote(item, "for", by=case.chair)
    with unit_of_work():
        services.open_vote(item, by=case.chair)
    with pytest.raises(NotAllowed), unit_of_work():
        services.cast_vote(item, "for", by=case.voting[4])
    with pytest.raises(NotAllowed), unit_of_work():
        services.cast_vote(item, "for", by=case.secretary)


def test_vote_closed_early_only_when_all_have_voted(app: Flask, case: Case, clock: FrozenClock) -> None:
    open_decision(case)
    item = add_item(case, open_meeting(case))
    with unit_of_work():
        services.open_vote(item, by=case.chair)
    with pytest.raises(NotAllowed), unit_of_work():
        services.close_vote(item, by=case.chair)
    clock.forward(minutes=5)
    with unit_of_work():
        services.close_vote(item, by=case.chair)
    assert item.state is ItemState.NOT_ADOPTED


@pytest.mark.parametrize(("chair_choice", "state"), [("for", ItemState.ADOPTED), ("against", ItemState.NOT_ADOPTED)])
def test_even_split_decided_by_the_chair(app: Flask, case: Case, chair_choice: str, state: ItemState) -> None:
    open_decision(case)
    here = case.voting[:4]
    item = add_item(case, open_meeting(case, present=[*here, case.secretary]))
    other = "against" if chair_choice == "for" else "for"
    choices = dict(zip([who.id for who in here], [chair_choice, chair_choice, other, other], strict=True))
    vote(case, item, choices)
    assert (item.state, item.chair_decided) == (state, chair_choice == "for")


def test_recused_member_neither_votes_nor_sees(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    own, rest = add_item(case, meeting, "award", case.award("перша")), add_item(case, meeting)
    member = case.members[0]
    with unit_of_work():
        services.declare_recusal(own, reason="родич", by=member)
    assert (quorum_of(meeting, own).eligible, quorum_of(meeting, own).needed) == (4, 3)
    with unit_of_work():
        services.open_vote(own, by=case.chair)
    with pytest.raises(NotAllowed), unit_of_work():
        services.cast_vote(own, "for", by=member)
    assert item_view(own, member) is None
    for other in case.voting:
        if other is not member:
            with unit_of_work():
                services.cast_vote(own, "for", by=other)
    with unit_of_work():
        services.close_vote(own, by=case.chair)
    vote(case, rest)
    assert (own.for_count, own.present_count, rest.present_count) == (4, 4, 5)
    assert case.codes["перша"] not in rest.subject
    finish_meeting(case, meeting)
    text = minutes_for(meeting, member)[1]
    assert (case.codes["перша"] in text, case.codes["друга"] in text) == (False, True)
    with unit_of_work():
        services.sign_decision(case.competition, by=case.chair)


def test_member_recused_from_one_award_does_not_vote_on_a_list_that_holds_it(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    own = add_item(case, meeting, "award", case.award("перша"))
    with unit_of_work():
        services.declare_recusal(own, reason="", by=case.members[0])
    vote(case, own, "against")
    second = add_item(case, meeting, "award", case.award("перша"))
    assert item_view(second, case.members[0]) is None


def test_recusal_during_the_vote_takes_the_vote_back_and_may_break_the_quorum(app: Flask, case: Case) -> None:
    open_decision(case)
    here = case.voting[:4]
    item = add_item(case, open_meeting(case, present=[*here, case.secretary]))
    vote(case, item, close=False)
    for member in here[2:]:
        with unit_of_work():
            services.declare_recusal(item, reason="", by=member)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Vote)) == 2
    with unit_of_work():
        services.mark_attendance(item.meeting, {here[1].id: "absent"}, by=case.secretary)
    assert quorum_of(item.meeting, item).is_met is False
    with pytest.raises(NotAllowed), unit_of_work():
        services.close_vote(item, by=case.chair)
    assert item.state is ItemState.VOTING


def test_challenge_decided_by_the_chair_before_the_vote(app: Flask, case: Case) -> None:
    open_decision(case)
    item = add_item(case, open_meeting(case))
    with unit_of_work():
        recusal = services.challenge_member(item, case.members[1], reason="Працює у заявника", by=case.members[0])
    with pytest.raises(NotAllowed), unit_of_work():
        services.open_vote(item, by=case.chair)
    with pytest.raises(NotAllowed), unit_of_work():
        services.decide_challenge(recusal, is_upheld=True, by=case.members[0])
    with unit_of_work():
        services.decide_challenge(recusal, is_upheld=True, by=case.chair)
    assert item_view(item, case.members[1]) is None
    vote(case, item)
    assert item.present_count == 4


def test_agenda_keeps_its_numbers_without_gaps(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    first, _second, _third = (add_item(case, meeting, "general") for _ in range(3))
    with unit_of_work():
        services.take_off(first, by=case.secretary)
    assert list(db.session.scalars(sa.select(AgendaItem.number).order_by(AgendaItem.number))) == [1, 2]


def test_minutes_signed_by_the_chair_then_by_another_person(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    item = add_item(case, meeting)
    with pytest.raises(NotAllowed), unit_of_work():
        services.close_meeting(meeting, by=case.chair)
    vote(case, item)
    with unit_of_work():
        services.note_for_minutes(item, "Перший рядок\n\nдругий", by=case.secretary)
    with unit_of_work():
        services.close_meeting(meeting, by=case.chair)
    with pytest.raises(NotAllowed), unit_of_work():
        services.sign_minutes(meeting, by=case.secretary)
    for signer in (case.chair, case.secretary):
        with unit_of_work():
            services.sign_minutes(meeting, by=signer)
        with pytest.raises(NotAllowed), unit_of_work():
            services.sign_minutes(meeting, by=signer)
    minutes = db.session.scalars(sa.select(Minutes)).one()
    assert (minutes.chair_id, minutes.secretary_id) == (case.chair.id, case.secretary.id)
    assert "членів комісії з правом голосу 5, присутні 5, потрібно щонайменше 4" in minutes.text
    assert "СЛУХАЛИ: Перший рядок другий" in minutes.text
    assert minutes.text.count(" – за") == 5


# Signature -------------------------------------------------------------------------------------------------------


def test_signature_reserves_the_money_of_the_lot(app: Flask, case: Case) -> None:
    decide(case)
    line = case.competition.lots[0].budget_line
    assert line is not None
    assert (line.reserved_kop, line.free_kop) == (10_000_000, 0)
    assert [case.award(name).state for name in ("перша", "четверта")] == [AwardState.APPROVED, AwardState.PROPOSED]
    assert (broken_lines(), broken_awards()) == ([], [])


def test_signature_refused_without_a_vote(app: Flask, case: Case) -> None:
    open_decision(case)
    with pytest.raises(ManyErrors), unit_of_work():
        services.sign_decision(case.competition, by=case.chair)


def test_signature_refused_when_a_sum_changed_after_the_vote(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    vote(case, add_item(case, meeting))
    with unit_of_work():
        services.change_amount(case.award("перша"), 3_900_000, reason="менше", by=case.chair)
    finish_meeting(case, meeting)
    with pytest.raises(ManyErrors), unit_of_work():
        services.sign_decision(case.competition, by=case.chair)
    with unit_of_work():
        services.change_amount(case.award("перша"), 4_000_000, reason="", by=case.chair)
    with unit_of_work():
        services.sign_decision(case.competition, by=case.chair)
    assert case.competition.state is CompetitionState.DECIDED


def test_signature_refused_for_a_list_that_was_not_adopted(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    vote(case, add_item(case, meeting), "against")
    finish_meeting(case, meeting)
    with pytest.raises(ManyErrors), unit_of_work():
        services.sign_decision(case.competition, by=case.chair)


def test_signature_is_the_chairs(app: Flask, case: Case) -> None:
    open_decision(case)
    meeting = open_meeting(case)
    vote(case, add_item(case, meeting))
    finish_meeting(case, meeting)
    with pytest.raises(NotAllowed), unit_of_work():
        services.sign_decision(case.competition, by=case.secretary)


def tied_case() -> Case:
    """Two equal applications and money for one."""
    bids = [Bid(name, 5_000_000, {"E1": "8", "E2": "8"}) for name in ("ліва", "права")]
    return scored_competition(bids, rules_of({"lot": 5_000_000}))


def test_tie_at_the_money_drawn_by_the_announced_seed(app: Flask, clock: FrozenClock) -> None:
    case = tied_case()
    open_decision(case)
    assert sums(case) == [0, 0]
    with pytest.raises(NotAllowed), unit_of_work():
        services.hold_draw(case.competition, by=case.chair)
    with unit_of_work():
        services.announce_draw(case.competition, "індекс 1234,56", by=case.secretary)
    with pytest.raises(NotAllowed), unit_of_work():
        services.hold_draw(case.competition, by=case.chair)
    clock.forward(hours=1)
    with unit_of_work():
        services.hold_draw(case.competition, by=case.chair)
    assert sorted(sums(case)) == [0, 5_000_000]
    adopt(case)
    publish(case)
    bundle = bundle_of(case)
    assert bundle["meeting"]["draws"][0]["seed"] == "індекс 1234,56"
    assert all(check.passed for check in verify_bundle(bundle))


def test_tie_at_the_money_decided_by_a_vote(app: Flask, clock: FrozenClock) -> None:
    case = tied_case()
    open_decision(case)
    meeting = open_meeting(case)
    with pytest.raises(InvalidInput):
        vote(case, add_item(case, meeting))
    with unit_of_work():
        services.depart_from_ranking(case.award("ліва"), "fund", reason="Рішення голосуванням", by=case.chair)
    vote(case, db.session.scalars(sa.select(AgendaItem)).one())
    finish_meeting(case, meeting)
    with unit_of_work():
        services.sign_decision(case.competition, by=case.chair)
    assert [case.award(name).decision for name in ("ліва", "права")] == ["awarded", "reserve"]


# Publication and after -------------------------------------------------------------------------------------------


def test_publication_turns_everything_public_at_once(app: Flask, case: Case) -> None:
    decide(case)
    publish(case)
    assert [case.application(name).state for name in case.codes] == [
        ApplicationState.AWARDED,
        ApplicationState.AWARDED,
        ApplicationState.AWARDED,
        ApplicationState.RESERVE,
        ApplicationState.BELOW_PASS_MARK,
    ]
    letters = db.session.scalars(sa.select(Notice).filter(Notice.thing == "award").order_by(Notice.id)).all()
    assert [letter.template for letter in letters] == [
        "award_full",
        "award_full",
        "award_partial",
        "award_reserve",
        "award_refused",
    ]
    assert [letter.recipient_id for letter in letters] == [head.id for head in case.heads.values()]
    body = letters[2].body
    assert "20\u00a0000\u00a0грн із запитаних 40\u00a0000\u00a0грн" in body
    assert "Критерій results: 75,00" in body or "Критерій results: 7,5" in body
    assert ("Коментар до «Проєкт третя»" in body, "лише секретарю" in body, "E1" in body) == (True, False, False)
    assert "до 31 березня 2027 року включно" in body


def test_publication_happens_once(app: Flask, case: Case) -> None:
    decide(case)
    publish(case)
    with pytest.raises(NotAllowed):
        publish(case)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Publication)) == 1


def test_publication_before_the_signature_refused(app: Flask, case: Case) -> None:
    open_decision(case)
    with pytest.raises(NotAllowed):
        publish(case)


def test_departures_stand_in_the_bundle_with_their_reasons(app: Flask, case: Case) -> None:
    open_decision(case)
    with unit_of_work():
        services.change_amount(case.award("перша"), 3_500_000, reason="Без обладнання", by=case.chair)
    adopt(case)
    publish(case)
    bundle = bundle_of(case)
    assert bundle["meeting"]["overrides"] == [
        {"amount_kop": 3_500_000, "application": case.codes["перша"], "reason": "Без обладнання"}
    ]
    assert all(check.passed for check in verify_bundle(bundle))


@pytest.mark.parametrize("part", ["scores", "result", "meeting"])
def test_forged_bundle_does_not_verify(app: Flask, case: Case, part: str) -> None:
    decide(case)
    publish(case)
    forged = copy.deepcopy(bundle_of(case))
    if part == "scores":
        forged["scores"][0]["points"] = "1"
    elif part == "result":
        forged["result"]["awards"][0]["amount_kop"] += 1
    else:
        forged["meeting"]["draws"] = [{"seed": "підроблено"}]
    assert all(check.passed for check in verify_bundle(forged)) is False


def test_answer_term_is_exclusive(app: Flask, case: Case, clock: FrozenClock) -> None:
    decide(case)
    publish(case)
    award, head = case.award("перша"), case.heads["перша"]
    assert award.answer_until is not None
    clock.at(award.answer_until)
    with pytest.raises(NotAllowed), unit_of_work():
        services.accept_award(award, by=head)
    clock.at(award.answer_until - timedelta(seconds=1))
    with unit_of_work():
        services.accept_award(award, by=head)
    with pytest.raises(NotAllowed), unit_of_work():
        services.decline_award(award, reason="передумали", by=head)


def test_answer_is_the_heads_of_the_applicant(app: Flask, case: Case) -> None:
    decide(case)
    publish(case)
    with pytest.raises(NotAllowed), unit_of_work():
        services.accept_award(case.award("перша"), by=case.heads["друга"])


def test_declined_money_goes_down_the_reserve_in_order(app: Flask, case: Case) -> None:
    decide(case)
    publish(case)
    with pytest.raises(DomainError), unit_of_work():
        services.release_to_reserve(case.competition, case.competition.lots[0], by=case.chair)
    with unit_of_work():
        services.decline_award(case.award("перша"), reason="Немає команди", by=case.heads["перша"])
    with unit_of_work():
        made = services.release_to_reserve(case.competition, case.competition.lots[0], by=case.chair)
    assert [award.journal_code for award in made] == [case.codes["четверта"]]
    assert case.award("четверта").approved_kop == 3_000_000
    assert case.application("четверта").state is ApplicationState.AWARDED
    line = case.competition.lots[0].budget_line
    assert line is not None
    assert (line.reserved_kop, broken_lines(), broken_awards()) == (9_000_000, [], [])


def test_complaint_answered_by_who_did_not_decide(app: Flask, case: Case) -> None:
    decide(case)
    publish(case)
    head = case.heads["п’ята"]
    with pytest.raises(NotAllowed), unit_of_work():
        services.file_complaint(case.application("п’ята"), "Не згодні", by=case.heads["перша"])
    with unit_of_work():
        complaint = services.file_complaint(case.application("п’ята"), "Не згодні", by=head)
    with pytest.raises(NotAllowed), unit_of_work():
        services.decide_complaint(complaint, is_upheld=True, answer="так", by=case.organizer)
    with unit_of_work():
        services.register_complaint(complaint, by=case.secretary)
    for wrong in (case.chair, case.secretary, head):
        with pytest.raises(NotAllowed), unit_of_work():
            services.decide_complaint(complaint, is_upheld=True, answer="так", by=wrong)
    with unit_of_work():
        services.decide_complaint(complaint, is_upheld=True, answer="Оцінку не враховано", by=case.organizer)
    assert (complaint.number, complaint.state) == (1, ComplaintState.UPHELD)
    letters = db.session.scalars(sa.select(Notice.template).filter(Notice.thing == "complaint").order_by(Notice.id))
    assert list(letters) == ["complaint_filed", "complaint_registered", "complaint_decided"]


def test_complaint_term_is_exclusive(app: Flask, case: Case, clock: FrozenClock) -> None:
    decide(case)
    publish(case)
    publication = db.session.scalars(sa.select(Publication)).one()
    clock.at(publication.complaints_until)
    with pytest.raises(NotAllowed), unit_of_work():
        services.file_complaint(case.application("п’ята"), "Не згодні", by=case.heads["п’ята"])


def test_leftover_of_lots_pays_the_best_unfunded_and_never_more_than_all_funds(app: Flask, clock: FrozenClock) -> None:
    bids = [
        Bid("мала", 1_000_000, {"E1": "9", "E2": "9"}, lot="small"),
        Bid("велика", 4_000_000, {"E1": "9", "E2": "8"}, lot="large"),
        Bid("друга велика", 3_000_000, {"E1": "8", "E2": "8"}, lot="large"),
    ]
    rules = rules_of({"small": 3_000_000, "large": 5_000_000}, allocation={"rule": "stop", "pool_leftover": True})
    case = scored_competition(bids, rules)
    decide(case)
    assert [case.award(bid.name).approved_kop for bid in bids] == [1_000_000, 4_000_000, 3_000_000]
    lines = [lot.budget_line for lot in case.competition.lots]
    assert [line.reserved_kop for line in lines if line is not None] == [3_000_000, 5_000_000]
    assert (broken_lines(), broken_awards()) == ([], [])
