"""Publication at once, and what follows it: the bundle, answers, the reserve, complaints."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.awards import services
from grants_app.awards.models import Publication
from grants_app.awards.queries import broken_awards
from grants_app.budget.queries import broken_lines
from grants_app.core.errors import DomainError, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Notice
from grants_app.lifecycle import (
    ApplicationState,
    ComplaintState,
)
from scoring import verify_bundle
from tests.support.decisions import (
    Case,
    adopt,
    bundle_of,
    decide,
    open_decision,
    publish,
)
from tests.support.time import FrozenClock


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
    assert "Критерій results: 7,5" in body
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
