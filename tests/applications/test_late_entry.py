"""Late entries: one organisation, on record, once, till its own term; nobody else gains a second."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import policy, queries, services
from grants_app.applications.models import Application, LateEntry
from grants_app.applications.queries import late_entry as late_queries
from grants_app.applications.services import late_entry as late
from grants_app.applications.services.intake import close_for_check
from grants_app.applications.services.radar import ask_for_radar
from grants_app.competitions.models import Competition
from grants_app.core import clock as product_clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db, unit_of_work
from grants_app.journal.delivery import send_waiting
from grants_app.journal.letters import without_secrets
from grants_app.journal.models import JournalEntry, Notice
from grants_app.lifecycle import ApplicationState as A
from grants_app.permissions import Role
from tests.support.applications import close, draft_application, new_head, organisation_of, submitted_application
from tests.support.calls import Call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

REASON = "Три доби не було світла в усьому районі"


def give(call: Call, head: User, **hours: float) -> late.Given:
    """A code for the organisation of the head, till some hours after now."""
    edrpou = organisation_of(head).edrpou
    with unit_of_work():
        return late.give_late_entry(
            call.competition, edrpou, REASON, product_clock.now() + timedelta(**hours), by=call.organizer
        )


def enter(secret: str, head: User) -> None:
    with unit_of_work():
        late.enter_late_code(secret, by=head)


def send(application: Application, head: User) -> None:
    with unit_of_work():
        services.submit_application(application, head)


def test_late_entry_lets_one_organisation_in_till_its_term(call: Call, clock: FrozenClock) -> None:
    head, rival = new_head(), new_head()
    ours, theirs = draft_application(call.competition, head), draft_application(call.competition, rival)
    first = submitted_application(call.competition)
    close(call.competition)
    given = give(call, head, hours=24)
    assert policy.why_not_submit(head, ours) == policy.INTAKE_OVER  # given, not entered yet
    enter(given.secret.lower().replace("-", " "), head)
    assert [policy.why_not_submit(head, ours), policy.why_not_submit(rival, theirs)] == [None, policy.INTAKE_OVER]
    clock.forward(hours=23, minutes=59, seconds=59)
    send(ours, head)
    assert (ours.state, ours.register_number, first.register_number) == (A.SUBMITTED, 2, 1)
    entry = db.session.scalars(sa.select(LateEntry)).one()
    assert (entry.used_at, entry.application_id) == (clock.now, ours.id)


def test_late_entry_ends_at_its_second(call: Call, clock: FrozenClock) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    close(call.competition)
    enter(give(call, head, hours=1).secret, head)
    clock.forward(hours=1)
    with pytest.raises(NotAllowed), unit_of_work():
        services.submit_application(draft, head)
    assert (draft.state, draft.title) == (A.DRAFT, "Школа дворових медіаторів")


def test_late_entry_counts_once(call: Call) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    close(call.competition)
    given = give(call, head, hours=5)
    enter(given.secret, head)
    enter(given.secret, head)  # a second press changes nothing
    send(draft, head)
    assert policy.why_not_recall(head, draft) is not None
    with pytest.raises(NotAllowed), unit_of_work():
        late.enter_late_code(given.secret, by=head)
    with unit_of_work():
        services.withdraw(draft, "Передумали", head)
    with pytest.raises(NotAllowed), unit_of_work():
        services.start_application(call.competition, organisation_of(head), head)


def test_late_code_is_of_no_use_to_others(call: Call) -> None:
    head, stranger = new_head(), new_head()
    close(call.competition)
    given = give(call, head, hours=5)
    for text in (given.secret, "", "AAAA-AAAA", given.secret[:-1] + "2"):
        with pytest.raises(InvalidInput) as caught, unit_of_work():
            late.enter_late_code(text, by=stranger)
        assert caught.value.message == late.WRONG_CODE
    member = new_person(Role.NGO_MEMBER, organisation=organisation_of(head))
    with pytest.raises(NotAllowed, match="head"), unit_of_work():
        late.enter_late_code(given.secret, by=member)
    assert db.session.scalars(sa.select(LateEntry.opened_at)).all() == [None]


def test_late_entry_is_given_by_the_organizer_alone_with_a_reason(call: Call, clock: FrozenClock) -> None:
    head = new_head()
    end = call.competition.intake_until
    assert end is not None
    edrpou, later = organisation_of(head).edrpou, end + timedelta(days=1)
    for by in (call.secretary, call.chair, head, new_person(Role.ADMIN)):
        with pytest.raises(NotAllowed), unit_of_work():
            late.give_late_entry(call.competition, edrpou, REASON, later, by=by)
    wrong: list[tuple[str, str, str, datetime | None]] = [
        ("reason", edrpou, "  ", later),
        ("edrpou", "12345678", REASON, later),
        ("until", edrpou, REASON, None),
        ("until", edrpou, REASON, end),
        ("until", edrpou, REASON, call.competition.scoring_until),
    ]
    for field, code, reason, until in wrong:
        with pytest.raises(InvalidInput) as caught, unit_of_work():
            late.give_late_entry(call.competition, code, reason, until, by=call.organizer)
        assert caught.value.field == field
    assert db.session.scalar(sa.select(sa.func.count(LateEntry.id))) == 0


def test_late_entry_taken_back_closes_at_once(call: Call) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    close(call.competition)
    given = give(call, head, hours=5)
    enter(given.secret, head)
    with unit_of_work():
        late.end_late_entry(call.competition, given.entry.code, "Помилка", by=call.organizer)
    assert policy.why_not_edit(head, draft) == policy.INTAKE_OVER
    letters = [notice.template for notice in db.session.scalars(sa.select(Notice).order_by(Notice.id))]
    assert letters == ["late_entry_given", "late_entry_ended"]
    steps = [
        (one.thing, one.step)
        for one in db.session.scalars(sa.select(JournalEntry).order_by(JournalEntry.seq))
        if one.thing_code == given.entry.code
    ]
    assert steps == [("late_entry", "give"), ("application", "late_code"), ("late_entry", "end")]


def test_late_entry_code_stands_in_the_letter_and_in_no_outbox(app: Flask, call: Call) -> None:
    """Whoever reads the outbox sees that a code went out, and when, never the code; the text that is kept lacks it."""
    head = new_head()
    close(call.competition)
    secret = give(call, head, hours=5).secret
    letter = db.session.scalars(sa.select(Notice).filter_by(template="late_entry_given")).one()
    pages = [f"/journal/outbox/{letter.id}", "/journal/outbox"]
    readers = [visit_as(app, who) for who in (call.organizer, call.secretary, new_person(Role.AUDITOR))]
    waiting = [reader.get(page).text for reader in readers for page in pages]
    post = app.extensions["mailman"]
    post.outbox = []  # where the backend of the tests puts what left
    assert send_waiting() == 1
    db.session.refresh(letter)
    gone = [reader.get(page).text for reader in readers for page in pages]
    assert [(secret in text, letter.subject in text) for text in waiting + gone] == [(False, True)] * 12
    assert (f"Код: {secret}\n" in post.outbox[0].body, secret in letter.body) == (True, False)
    assert "Код: ····-····-····-····\n" in letter.body
    assert (letter.facts or {}).get("secret") is None
    assert REASON in letter.body


@pytest.mark.parametrize("code", ["VK7M-4QRT-8HJK", "ZSTJ-C6ZY-P8QK-TCAW-7GDQ-PXY8-69DS", "2345-6789-2345-6780"])
def test_codes_that_are_no_secret_stay_readable_in_letters(code: str) -> None:
    assert without_secrets(f"Код: {code}.") == f"Код: {code}."


def test_formal_check_waits_for_a_late_entry_and_bars_new_ones(call: Call, clock: FrozenClock) -> None:
    head = new_head()
    close(call.competition)
    clock.forward(minutes=5)
    given = give(call, head, hours=5)
    with pytest.raises(NotAllowed, match="late entry"), unit_of_work():
        close_for_check(call.competition)
    with unit_of_work():
        late.end_late_entry(call.competition, given.entry.code, "Не потрібен", by=call.organizer)
    with unit_of_work():
        close_for_check(call.competition)
        services.start_formal_check(call.competition, call.secretary)
    with pytest.raises(NotAllowed), unit_of_work():
        late.give_late_entry(
            call.competition, organisation_of(head).edrpou, REASON, clock.now + timedelta(hours=1), by=call.organizer
        )


def test_late_entry_stands_in_the_register_with_its_reason(app: Flask, call: Call, clock: FrozenClock) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    early = submitted_application(call.competition)
    close(call.competition)
    enter(give(call, head, hours=5).secret, head)
    clock.forward(hours=1)
    send(draft, head)
    assert [late_queries.late_reason(one) for one in (draft, early)] == [REASON, None]
    hint = next(row.hint for row in queries.requirement_rows(draft) if row.requirement.code == "in_time")
    assert hint is not None
    assert (hint.is_kept, dict(hint.facts)["reason"]) == (True, REASON)
    rows = queries.register_rows(call.competition, call.secretary).rows
    assert [(row.number, row.note) for row in rows] == [(1, ""), (2, REASON)]
    code = call.competition.code
    exported = visit_as(app, None).get(f"/applications/public/{code}.json").get_json()
    assert [row["note"] for row in (exported["rows"] if isinstance(exported, dict) else exported)] == ["", REASON]
    assert REASON in visit_as(app, None).get(f"/applications/public/{code}").text
    other = give(call, new_head(), hours=1)
    shown = late_queries.unused_late_rows(call.competition)
    assert [(row.code, row.state, row.reason) for row in shown] == [(other.entry.code, "running", REASON)]


def test_late_entries_are_told_to_nobody_before_the_deadline(app: Flask, call: Call) -> None:
    head = new_head()
    draft_application(call.competition, head)
    give(call, head, days=40)
    assert late_queries.unused_late_rows(call.competition) == []
    assert REASON not in visit_as(app, None).get(f"/applications/public/{call.competition.code}").text


def test_late_entry_pages_from_giving_to_sending(app: Flask, call: Call, clock: FrozenClock) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    close(call.competition)
    organizer, author = visit_as(app, call.organizer), visit_as(app, head)
    address = f"/applications/late-entries/{call.competition.code}"
    assert organizer.post(address, data={"edrpou": "1", "until": "", "reason": ""}).status_code == 422
    filled = {"edrpou": organisation_of(head).edrpou, "until": "2027-04-02T12:00", "reason": REASON, "form_key": "k1"}
    answer = organizer.post(address, data=filled)
    assert answer.status_code == 200
    secret = answer.text.split('id="secret">')[1].split("<")[0]
    again = organizer.post(address, data=filled)
    assert (again.status_code, secret in again.text) == (302, False)
    assert secret not in organizer.get(address).text
    assert author.post("/applications/late-entry", data={"code": "X"}).status_code == 422
    entered = author.post("/applications/late-entry", data={"code": secret})
    assert (entered.status_code, entered.location) == (302, f"/applications/{draft.key}")
    page = author.get(entered.location).text
    assert "02.04.2027" in page
    assert author.post(f"/applications/{draft.key}/sections/summary").status_code != 403
    ticks = {one.code: "y" for one in queries.form_for(draft).declarations}
    assert author.post(f"/applications/{draft.key}/submit", data=ticks).status_code == 302
    db.session.refresh(draft)
    assert (draft.state, draft.register_number) == (A.SUBMITTED, 1)


def test_texts_are_sealed_anew_while_a_late_entry_runs(app: Flask, call: Call, clock: FrozenClock) -> None:
    head = new_head()
    ours, theirs = draft_application(call.competition, head), submitted_application(call.competition)
    close(call.competition)
    readers = [visit_as(app, who) for who in (call.secretary, call.organizer, new_person(Role.AUDITOR), None)]
    address, register = f"/applications/{theirs.code}", f"/applications/register/{call.competition.code}"

    def seen(code: str | None = theirs.code) -> list[tuple[bool, bool]]:
        """Who reads what only experts and desks read, and what everybody reads after an intake."""
        pages = [reader.get(f"/applications/{code}").text for reader in readers]
        return [("Є приміщення й команда" in page, "Менше сварок" in page) for page in pages]

    opened, sealed = [(True, True)] * 3 + [(False, True)], [(False, False)] * 4
    assert seen() == opened
    given = give(call, head, hours=5)
    enter(given.secret, head)
    assert seen() == sealed
    assert readers[0].get(f"{address}/formal-check").status_code == 404
    page = readers[0].get(register).text
    assert ("Тексти запечатано" in page, f'href="{address}' in page, f"{theirs.code}" in page) == (True, False, True)
    with pytest.raises(NotAllowed, match="late entry"), unit_of_work():
        ask_for_radar(call.competition, by=call.secretary)
    send(ours, head)
    assert [seen(), seen(ours.code)] == [opened] * 2
    give(call, new_head(), hours=5)  # whose code nobody has entered yet
    assert [seen(), seen(ours.code)] == [sealed] * 2
    clock.forward(hours=5)
    assert seen() == opened


def test_call_that_does_not_seal_keeps_its_texts_open(app: Flask, call: Call) -> None:
    with unit_of_work():
        db.session.execute(sa.update(Competition).values(seals_applications=False))
    db.session.expire_all()
    theirs = submitted_application(call.competition)
    close(call.competition)
    give(call, new_head(), hours=5)
    desk = visit_as(app, call.secretary)
    assert desk.get(f"/applications/{theirs.code}").status_code == 200
    assert "Тексти запечатано" not in desk.get(f"/applications/register/{call.competition.code}").text
