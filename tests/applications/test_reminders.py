"""Owners of unsent drafts are reminded; a moved or cancelled deadline is told to everybody who applies."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import Membership, User
from grants_app.accounts.services import end_membership
from grants_app.applications import services
from grants_app.applications.models import Application, DraftReminder
from grants_app.applications.services.reminders import remind_owners
from grants_app.competitions import services as competitions
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.journal.delivery import send_waiting
from grants_app.journal.digest import gather_digests
from grants_app.journal.models import Notice
from grants_app.journal.queries import batch_letters, batch_rows, letter_rows
from grants_app.journal.queries.batches import batch as batch_of
from grants_app.permissions import Role
from tests.support.applications import close, draft_application, new_head, organisation_of, submitted_application
from tests.support.calls import Call, announced_call
from tests.support.letters import release_all
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as


def until(call: Call) -> str:
    """The end of the intake, on a Kyiv clock."""
    found = call.competition.intake_until
    assert found is not None
    return found.isoformat()


def before(call: Call, clock: FrozenClock, **parts: float) -> None:
    """Stand so long before the end of the intake."""
    end = db.session.merge(call.competition).intake_until
    assert end is not None
    clock.at(end - timedelta(**parts))


def kinds() -> list[str]:
    """Reminders that went, in order."""
    db.session.rollback()
    return list(db.session.scalars(sa.select(DraftReminder.kind).order_by(DraftReminder.id)))


def letters(name: str) -> list[Notice]:
    """Letters of a kind."""
    db.session.rollback()
    return list(db.session.scalars(sa.select(Notice).filter(Notice.template.startswith(name)).order_by(Notice.id)))


def test_drafts_reminded_at_seven_days_two_days_and_three_hours(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    head = new_head()
    member = new_person(Role.NGO_MEMBER, organisation=organisation_of(head))
    draft_application(call.competition, head, title="Школа", goal="")
    before(call, clock, days=7, seconds=1)
    assert remind_owners() == 0
    for parts in ({"days": 7}, {"days": 2}, {"hours": 3}):
        before(call, clock, **parts)
        assert remind_owners() == 1
        assert remind_owners() == 0
    assert kinds() == ["7d", "2d", "3h"]
    found = letters("draft_reminder")
    assert [notice.email for notice in found] == [head.email, member.email] * 3
    assert [notice.template for notice in found[::2]] == ["draft_reminder", "draft_reminder", "draft_reminder_3h"]
    assert "Подає заявку лише керівник організації" in found[0].body
    assert "Незавершених розділів: 1 із" in found[0].body
    assert found[0].subject.startswith("Лишилося 7 днів: подайте заявку до 31 березня 2027 року, 23:59")


def test_after_a_pause_of_the_clock_only_the_nearest_reminder_goes(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    draft_application(call.competition, new_head())
    before(call, clock, hours=2)
    assert remind_owners() == 1
    assert remind_owners() == 0
    assert kinds() == ["3h"]


def test_prolonged_intake_is_reminded_anew(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    draft_application(call.competition, new_head())
    before(call, clock, days=2)
    assert remind_owners() == 1
    prolong(call)
    assert remind_owners() == 0
    before(call, clock, days=2)
    assert remind_owners() == 1
    assert kinds() == ["2d", "2d"]


def test_sent_deleted_cancelled_and_younger_drafts_are_not_reminded(app: Flask, clock: FrozenClock) -> None:
    call, other = announced_call(), announced_call(code="2027-OTHER")
    submitted_application(call.competition)
    draft_application(other.competition, new_head())
    with unit_of_work():
        competitions.cancel(other.competition, by=other.organizer, reason="Немає коштів")
    before(call, clock, days=6)
    draft_application(call.competition, new_head())
    assert remind_owners() == 0
    before(call, clock, days=-1)
    assert remind_owners() == 0
    assert kinds() == []


def test_reminder_stands_in_no_list_while_bids_are_sealed(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    draft_application(call.competition, new_head())
    before(call, clock, days=2)
    remind_owners()
    assert letter_rows(call.secretary)[1] == 0


def prolong(call: Call) -> None:
    """Three days more, with later terms moved along."""
    found = db.session.merge(call.competition)
    end, scoring, results = found.intake_until, found.scoring_until, found.results_by
    assert end is not None
    assert scoring is not None
    assert results is not None
    with unit_of_work():
        competitions.prolong(
            found,
            end + timedelta(days=3),
            by=call.organizer,
            reason="Не працював сайт",
            scoring_until=scoring + timedelta(days=7),
            results_by=results + timedelta(days=7),
        )


def test_prolonging_tells_owners_of_drafts_and_of_sent_ones_after_the_release(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    drafting, sent = new_head(), new_head()
    draft_application(call.competition, drafting)
    submitted_application(call.competition, sent)
    send_waiting()
    prolong(call)
    assert send_waiting() == 0
    assert {notice.email for notice in letters("competition_prolonged")} == {
        call.organizer.email, drafting.email, sent.email,
    }  # fmt: skip
    assert "Не працював сайт" in letters("competition_prolonged")[0].body
    assert release_all(call.secretary) == 1
    assert send_waiting() == 3


def test_list_of_a_prolonged_intake_tells_nobody_who_applies(app: Flask, clock: FrozenClock) -> None:
    """With and without applications the secretary sees one letter: the organizer's copy."""
    seen = []
    for code, applicants in (("2027-FULL", 2), ("2027-NONE", 0)):
        call = announced_call(code=code)
        for _number in range(applicants):
            draft_application(call.competition, new_head())
        prolong(call)
        [row] = [row for row in batch_rows(call.secretary) if row.scope == code]
        listed = batch_letters(batch_of(row.code, call.secretary), call.secretary)
        assert [letter.email for letter in listed] == [call.organizer.email]
        page = visit_as(app, call.secretary).get(f"/journal/batches/{row.code}?lang=en").text
        assert "Further letters are sealed" in page
        seen.append((row.count, row.is_sealed, [letter.email == call.organizer.email for letter in listed]))
    assert seen[0] == seen[1] == (1, True, [True])


def test_release_of_a_sealed_list_sends_the_sealed_letters_too(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    draft_application(call.competition, new_head())
    prolong(call)
    [row] = batch_rows(call.secretary)
    [copy] = batch_letters(batch_of(row.code, call.secretary), call.secretary)
    visitor = visit_as(app, call.secretary)
    visitor.post(f"/journal/batches/{row.code}/release", data={"form_key": "one", "letter": [copy.id]})
    assert send_waiting() == 2


def test_cancelling_tells_everybody_whose_application_is_under_way(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    drafting, sent, withdrawn = new_head(), new_head(), new_head()
    draft_application(call.competition, drafting)
    submitted_application(call.competition, sent)
    gone = submitted_application(call.competition, withdrawn)
    with unit_of_work():
        services.withdraw(gone, "Передумали", withdrawn)
    close(call.competition)
    with unit_of_work():
        competitions.cancel(db.session.merge(call.competition), by=call.organizer, reason="Немає коштів")
    assert {notice.email for notice in letters("competition_cancelled")} == {
        call.organizer.email, drafting.email, sent.email,
    }  # fmt: skip
    assert "скаргу можна подати" in letters("competition_cancelled")[0].body
    assert send_waiting()
    assert not any(notice.sent_at for notice in letters("competition_cancelled"))


def test_recall_and_withdrawal_write_letters(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    head = new_head()
    bid = submitted_application(call.competition, head)
    with unit_of_work():
        services.recall(bid, head)
    [recalled] = letters("application_recalled")
    assert (recalled.email, "31.03.2027 23:59" in recalled.body) == (head.email, True)
    other = submitted_application(call.competition, new_head())
    with unit_of_work():
        services.withdraw(other, "Передумали", other.organisation.memberships[0].user)  # type: ignore[union-attr]
    assert ["Передумали" in notice.body for notice in letters("application_withdrawn")] == [True]


def test_two_workers_remind_of_a_draft_once(app: Flask, clock: FrozenClock) -> None:
    """The second one looks after the first has written: the row under the lock decides, not the look before it."""
    from grants_app.applications.services import reminders

    call = announced_call()
    draft_application(call.competition, new_head())
    before(call, clock, days=2)
    due = reminders._due(product_clock.now())
    assert remind_owners() == 1
    for number, end, distance in due:
        with unit_of_work():
            assert reminders._remind(number, end, distance) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DraftReminder)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Application)) == 1


def daily(*people: User) -> None:
    """Readers of one letter a day."""
    with unit_of_work():
        for one in people:
            db.session.get_one(User, one.id).letters_by = "daily"


def test_reminder_that_waits_is_not_delivered_after_the_sending(app: Flask, clock: FrozenClock) -> None:
    """Written in the evening for the letter of the next morning; the application is sent in the night."""
    call = announced_call()
    head, other = new_head(), new_head()
    daily(head, other)
    ready = draft_application(call.competition, head)
    draft_application(call.competition, other)
    before(call, clock, days=2)
    assert remind_owners() == 2
    with unit_of_work():
        services.submit_application(db.session.merge(ready), by=db.session.merge(head))
    clock.forward(days=1)
    assert gather_digests("https://grants.example.org/accounts/profile") == 1
    told = {notice.email: "Лишилося" in notice.body for notice in letters("daily_digest")}
    assert told == {other.email: True}


def test_reminder_of_a_moved_term_is_not_delivered(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    head = new_head()
    daily(head)
    draft_application(call.competition, head)
    before(call, clock, days=7)
    assert remind_owners() == 1
    prolong(call)
    clock.forward(days=1)
    assert gather_digests("https://grants.example.org/accounts/profile") == 0
    assert [notice.withdrawn_at is not None for notice in letters("draft_reminder")] == [True]


def test_letter_of_the_day_is_not_for_somebody_who_was_put_out(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    head = new_head()
    member = new_person(Role.NGO_MEMBER, organisation=organisation_of(head))
    daily(head, member)
    draft_application(call.competition, head)
    before(call, clock, days=7)
    assert remind_owners() == 1
    with unit_of_work():
        found = db.session.scalars(sa.select(Membership).filter_by(user_id=member.id)).one()
        end_membership(found, by=db.session.merge(head))
    clock.forward(days=1)
    assert gather_digests("https://grants.example.org/accounts/profile") == 1
    assert [notice.email for notice in letters("daily_digest")] == [head.email]
