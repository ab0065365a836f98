"""The radar over stored applications: what it marks, that it repeats nothing, and to whom its marks are shown."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import queries, services
from grants_app.applications.models import Answer, Application, Flag
from grants_app.applications.queries import considered_without, flags
from grants_app.applications.queries.radar import PaymentSource, payment_sources
from grants_app.applications.rules.radar import Payment
from grants_app.applications.services.radar import ask_for_radar, decide_flag
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound
from grants_app.database import db, unit_of_work
from grants_app.journal.jobs import do_job, queued_jobs
from grants_app.journal.models import Job
from grants_app.lifecycle import FlagState
from tests.support.admissions import checking
from tests.support.applications import close, new_head, organisation_of, submitted_application
from tests.support.calls import Call
from tests.support.visitors import visit_as

NEED = " ".join(f"потреба{n}" for n in range(40))


def _look(call: Call) -> Job:
    with unit_of_work():
        job = ask_for_radar(call.competition, by=call.secretary)
        code = job.code
    assert do_job(code)
    return db.session.scalars(sa.select(Job).filter_by(code=code)).one()


def _flags(application: Application) -> list[Flag]:
    return list(db.session.scalars(sa.select(Flag).filter_by(application_id=application.id).order_by(Flag.kind)))


def _alike(call: Call, *heads: User) -> tuple[Application, Application]:
    """Two applications of strangers with one text and one price list; the formal check runs."""
    given = [*heads, None, None]
    first = submitted_application(call.competition, given[0], rationale=NEED, contact_phone="+380000000001")
    second = submitted_application(
        call.competition,
        given[1],
        rationale=f"{NEED} і ще",
        contact_phone="+380000000002",
        governing_people=[{"name": "Інша Людина", "office": "голова"}],
    )
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, call.secretary)
    return first, second


def test_near_identical_text_is_marked_on_both_sides_once(call: Call) -> None:
    first, second = _alike(call)
    job = _look(call)
    assert (job.status, job.progress_done) == ("done", job.progress_total)
    seen = [(flag.kind, flag.other_code) for flag in _flags(first)]
    assert ("text", second.code) in seen
    assert ("text", first.code) in [(flag.kind, flag.other_code) for flag in _flags(second)]
    before = {flag.code for flag in _flags(first)}
    _look(call)
    assert {flag.code for flag in _flags(first)} == before


def test_judged_mark_stays_judged_and_an_open_one_that_is_gone_goes(call: Call) -> None:
    first, second = _alike(call)
    _look(call)
    (mark,) = [flag for flag in _flags(first) if flag.kind == "text"]
    with pytest.raises(InvalidInput), unit_of_work():
        decide_flag(mark, is_confirmed=False, reason=" ", by=call.secretary)
    with unit_of_work():
        decide_flag(mark, is_confirmed=False, reason="Спільний проєкт двох організацій", by=call.secretary)
    with unit_of_work():
        for answer in db.session.scalars(sa.select(type(second.answers[0])).filter_by(question="rationale")):
            if answer.application_id == second.id:
                answer.value = "Зовсім інше"
    _look(call)
    kept = [flag for flag in _flags(first) if flag.kind == "text"]
    assert [(flag.code, flag.state, flag.note) for flag in kept] == [
        (mark.code, FlagState.DISMISSED, "Спільний проєкт двох організацій")
    ]
    assert [flag for flag in _flags(second) if flag.kind == "text"] == []


def _corrected(call: Call, application: Application, head: User, text: str) -> None:
    """The application comes back for its need, and is sent again with another text."""
    with unit_of_work():
        services.return_for_correction(application, ["rationale"], "Опишіть потребу", by=call.secretary)
    with unit_of_work():
        services.save_correction(application, {"rationale": text}, by=head)
    with unit_of_work():
        services.send_correction(application, by=head)


def test_correction_calls_the_radar_again_and_its_marks_say_what_is_gone(app: Flask, call: Call) -> None:
    head = new_head()
    first, second = _alike(call, head)
    for code in queued_jobs():
        do_job(code)
    (mark,) = [flag for flag in _flags(first) if flag.kind == "text"]
    with unit_of_work():
        decide_flag(mark, is_confirmed=True, reason="Один текст на двох", by=call.secretary)
    assert _hint(first) == (False, "A mark of the radar is confirmed")
    _corrected(call, first, head, "Зовсім інша потреба")
    (waiting,) = queued_jobs()
    assert _hint(first) == (False, "A mark of the radar is confirmed")
    do_job(waiting)
    db.session.expire_all()
    (mark,) = [flag for flag in _flags(first) if flag.kind == "text"]
    assert (mark.state, mark.gone_at is not None) == (FlagState.CONFIRMED, True)
    assert [flag for flag in _flags(second) if flag.kind == "text"] == []
    assert _hint(first) == (True, "Answer of the applicant on other budgets")
    client = visit_as(app, call.secretary)
    assert "Доказу більше немає" in client.get(f"/applications/{first.code}/flags/{mark.code}").text
    # The other side takes the old text up: the mark is seen again.
    (answer,) = db.session.scalars(sa.select(Answer).filter_by(application_id=first.id, question="rationale"))
    with unit_of_work():
        answer.value = NEED
    _look(call)
    db.session.expire_all()
    assert mark.gone_at is None


def test_correction_and_withdrawal_ask_for_one_look_that_has_not_begun(call: Call) -> None:
    head, other = new_head(), new_head()
    first, second = _alike(call, head, other)
    assert len(queued_jobs()) == 1  # asked for by the beginning of the check
    do_job(queued_jobs()[0])
    _corrected(call, first, head, "Зовсім інша потреба")
    with unit_of_work():
        services.withdraw(second, "Передумали", other)
    assert len(queued_jobs()) == 1
    # Nobody's own: an applicant does not learn from a job how many marks there are.
    assert db.session.scalars(sa.select(Job.owner_id).order_by(Job.id.desc())).first() is None


def _hint(application: Application) -> tuple[bool | None, str]:
    rows = queries.requirement_rows(application)
    (hint,) = [row.hint for row in rows if row.requirement.code == "double_funding"]
    return hint.is_kept, hint.message


def test_connected_applicants_and_repeated_project_are_marked(call: Call) -> None:
    head = new_head()
    first = submitted_application(call.competition, head)
    second = submitted_application(call.competition, governing_people=[{"name": "Тестова Олена", "office": "голова"}])
    close(call.competition)
    _look(call)
    kinds = {flag.kind: flag for flag in _flags(first)}
    assert set(kinds) == {"cost", "linked", "repeat"}
    assert [one["place"] for one in kinds["linked"].evidence] == [
        "The same full name in both organisations",
        "The same phone",
    ]
    assert kinds["repeat"].other_code == second.code


def test_payment_of_another_stage_is_marked_for_those_who_may_read_it(app: Flask, call: Call) -> None:
    head = new_head()
    (application,) = checking(call, 1, [head])
    edrpou = organisation_of(head).edrpou
    readers = {call.secretary.id}
    payment_sources["trial"] = PaymentSource(
        "trial",
        "Voucher",
        lambda codes: [Payment("trial", "T-1", edrpou, "Послуги тренерки", 700_000)] if edrpou in codes else [],
        lambda viewer, code: viewer.id in readers,
    )
    try:
        _look(call)
        (mark,) = [flag for flag in _flags(application) if flag.kind == "payment"]
        assert [row.code for row in flags.flag_rows(call.secretary, call.competition)] == [mark.code]
        readers.clear()
        assert flags.flag_rows(call.secretary, call.competition) == []
    finally:
        del payment_sources["trial"]


def test_sealed_competition_is_not_looked_at(call: Call) -> None:
    submitted_application(call.competition)
    with pytest.raises(NotAllowed, match="sealed"), unit_of_work():
        ask_for_radar(call.competition, by=call.secretary)


def test_mark_is_closed_to_whoever_may_not_read_one_of_the_sides(app: Flask, call: Call) -> None:
    first, second = _alike(call)
    _look(call)
    (mark,) = [flag for flag in _flags(first) if flag.kind == "text"]
    address = f"/applications/{first.code}/flags/{mark.code}"
    assert visit_as(app, call.secretary).get(address).status_code == 200
    hidden: set[int] = {second.id}

    def hides(viewer: object, competition_id: int | None) -> frozenset[int]:
        return frozenset(hidden)

    considered_without.append(hides)
    try:
        assert [row.application for row in flags.flag_rows(call.secretary, call.competition)] == []
        with pytest.raises(NotFound):
            flags.flag_for(call.secretary, first, mark.code)
        assert visit_as(app, call.secretary).get(address).status_code == 404
        page = visit_as(app, call.secretary).get(f"/applications/{first.code}/formal-check").text
        assert (f"{second.code}" in page, NEED in page) == (False, True)
        assert mark.code in flags.withheld_flags(call.secretary)
    finally:
        considered_without.remove(hides)
    assert visit_as(app, call.organizer).post(f"{address}/confirm", data={"reason": "Так"}).status_code == 403
    assert visit_as(app, new_head()).get(address).status_code == 403


def test_page_of_a_mark_takes_a_decision_with_its_reason(app: Flask, call: Call) -> None:
    first, second = _alike(call)
    _look(call)
    (mark,) = [flag for flag in _flags(first) if flag.kind == "text"]
    client = visit_as(app, call.secretary)
    address = f"/applications/{first.code}/flags/{mark.code}"
    assert "<mark" in client.get(address).text
    assert client.post(f"{address}/confirm", data={"reason": ""}).status_code == 422
    assert client.post(f"{address}/confirm", data={"reason": "Один автор"}).status_code == 302
    db.session.expire_all()
    assert (mark.state, mark.note, mark.decided_by_id) == (FlagState.CONFIRMED, "Один автор", call.secretary.id)
    page = client.get(f"/applications/register/{call.competition.code}/flags?state=confirmed").text
    assert (f"{first.code}" in page, f"{second.code}" in page) == (True, True)


@pytest.mark.parametrize("both", [True, False], ids=["both", "one"])
def test_mark_is_decided_on_both_sides_when_asked(app: Flask, call: Call, both: bool) -> None:
    first, second = _alike(call)
    _look(call)
    (mark,) = [flag for flag in _flags(first) if flag.kind == "text"]
    client = visit_as(app, call.secretary)
    data = {"reason": "Один автор"} | ({"both": "y"} if both else {})
    assert client.post(f"/applications/{first.code}/flags/{mark.code}/confirm", data=data).status_code == 302
    db.session.expire_all()
    (mirror,) = [flag for flag in _flags(second) if flag.kind == "text"]
    assert (mirror.state, mirror.note) == ((FlagState.CONFIRMED, "Один автор") if both else (FlagState.OPEN, ""))


def test_list_of_marks_asks_for_a_look(app: Flask, call: Call) -> None:
    _alike(call)
    client = visit_as(app, call.secretary)
    before = db.session.scalar(sa.select(sa.func.count(Job.id)))
    answer = client.post(f"/applications/register/{call.competition.code}/flags/look")
    assert (answer.status_code, db.session.scalar(sa.select(sa.func.count(Job.id)))) == (302, (before or 0) + 1)
