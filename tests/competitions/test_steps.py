"""The steps of a call: announcing with its money, opening by the clock, prolonging, cancelling."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask

from grants_app.accounts.models import User
from grants_app.budget.queries import broken_lines, line_by_code, line_tree
from grants_app.budget.services import reserve
from grants_app.competitions import policy, queries, services
from grants_app.competitions.models import Competition
from grants_app.competitions.rules.form import STANDARD, form_text
from grants_app.core import clock as product_clock
from grants_app.core.errors import (
    DomainError,
    InvalidInput,
    ManyErrors,
    NotAllowed,
    OverBudget,
    WrongState,
)
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry
from grants_app.journal.services import digest_of
from grants_app.lifecycle import CompetitionState as C
from tests.support.calls import FUND_KOP, announced_call, new_call
from tests.support.time import FrozenClock


def test_announce_without_money_refused_by_one_kopiyka(app: Flask, clock: FrozenClock) -> None:
    call = new_call(limit_kop=FUND_KOP - 1)
    with pytest.raises(ManyErrors) as refused, unit_of_work():
        services.announce(call.competition, by=call.organizer)
    assert [one.field for one in refused.value.errors] == ["lots"]
    assert (call.competition.state, call.line.reserved_kop) == (C.DRAFT, 0)


def test_second_announcement_on_the_same_money_refused(app: Flask, clock: FrozenClock) -> None:
    call = announced_call(limit_kop=FUND_KOP)
    with unit_of_work():
        second = services.copy_competition(
            call.competition, code="2027-B", title="Другий", year=2027, by=call.organizer
        )
        lots = [
            services.LotSetting(lot.title, lot.fund_kop, lot.minimum_kop, lot.maximum_kop, lot.code, call.line.code)
            for lot in second.lots
        ]
        services.update_lots(second, lots, by=call.organizer)
    guard = next(each for each in policy.guards(second) if "available" in each.facts)
    assert (guard.is_met, guard.facts["available"]) == (False, 0)


def test_short_intake_needs_a_published_reason(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    calendar = services.CalendarSetting(
        call.competition.intake_from,
        (call.competition.intake_from or clock.now) + timedelta(days=20),
        call.competition.scoring_until,
        call.competition.results_by,
        call.competition.project_from,
        call.competition.project_until,
    )
    with unit_of_work():
        services.update_calendar(call.competition, calendar, by=call.organizer)
    with pytest.raises(ManyErrors) as refused, unit_of_work():
        services.announce(call.competition, by=call.organizer)
    assert [each.facts for each in refused.value.errors] == [{"least": 30, "days": 20}]
    with unit_of_work():
        services.announce(call.competition, by=call.organizer, short_intake_reason="Бюджет затвердили пізно")
    assert [(note["step"], note["reason"]) for note in call.competition.notes] == [
        ("short_intake", "Бюджет затвердили пізно")
    ]


def test_announce_twice_refused(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    with pytest.raises(WrongState), unit_of_work():
        services.announce(call.competition, by=call.organizer)
    assert call.line.reserved_kop == FUND_KOP


def test_announce_by_secretary_refused(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    with pytest.raises(NotAllowed), unit_of_work():
        services.announce(call.competition, by=call.secretary)


def test_intake_open_between_its_instants_whatever_is_recorded(app: Flask, clock: FrozenClock) -> None:
    clock.at("2027-02-20 10:00")
    competition = announced_call().competition
    start, end = competition.intake_from, competition.intake_until
    assert start is not None
    assert end is not None
    second = timedelta(seconds=1)
    moments = [start - second, start, end - second, end, end + second]
    assert competition.state is C.ANNOUNCED
    assert [queries.is_intake_open(competition, moment) for moment in moments] == [False, True, True, False, False]
    assert [queries.shown_state(competition, moment) for moment in moments] == [
        C.ANNOUNCED,
        C.OPEN,
        C.OPEN,
        C.CLOSED,
        C.CLOSED,
    ]


def test_clock_records_openings_once(app: Flask, clock: FrozenClock) -> None:
    clock.at("2027-02-20 10:00")
    competition = announced_call().competition
    with unit_of_work():
        before = services.record_openings(product_clock.now())
    clock.at("2027-03-01 00:00")
    with unit_of_work():
        first = services.record_openings(product_clock.now())
    with unit_of_work():
        again = services.record_openings(product_clock.now())
    assert (before, first, again) == ([], [competition.code], [])
    assert competition.state is C.OPEN


def test_prolong_until_a_later_day(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    end = call.competition.intake_until
    assert end is not None
    clock.at(end - timedelta(seconds=1))
    with unit_of_work():
        services.prolong(call.competition, end + timedelta(days=5), by=call.organizer, reason="Замало заявок")
    assert call.competition.intake_until == end + timedelta(days=5)
    assert call.competition.notes[-1]["to"] == (end + timedelta(days=5)).isoformat()


@pytest.mark.parametrize(
    ("seconds", "days", "reason", "refusal"),
    [
        (0, 5, "Замало заявок", NotAllowed),  # the deadline itself is too late
        (1, 5, "Замало заявок", NotAllowed),
        (-1, 0, "Замало заявок", InvalidInput),  # not later than now
        (-1, 5, "  ", InvalidInput),
        (-1, 25, "Замало заявок", InvalidInput),  # runs over the end of scoring
    ],
)
def test_prolong_refused(
    app: Flask, clock: FrozenClock, seconds: int, days: int, reason: str, refusal: type[DomainError]
) -> None:
    call = announced_call()
    end = call.competition.intake_until
    assert end is not None
    clock.at(end + timedelta(seconds=seconds))
    with pytest.raises(refusal), unit_of_work():
        services.prolong(call.competition, end + timedelta(days=days), by=call.organizer, reason=reason)
    assert (call.competition.intake_until, call.competition.notes) == (end, [])


def test_cancel_returns_the_money(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    with unit_of_work():
        services.cancel(call.competition, by=call.organizer, reason="Програму скасовано")
    assert call.competition.state is C.CANCELLED
    assert call.line.reserved_kop == 0
    assert {row.limit_kop for row in line_tree() if row.code != call.line.code} == {0}
    assert broken_lines() == []


def test_cancel_with_promised_money_refused(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    lot_line = call.competition.lots[0].budget_line
    assert lot_line is not None
    with unit_of_work():
        reserve(lot_line, 1, thing="award", code="X", by=call.organizer)
    with pytest.raises(NotAllowed), unit_of_work():
        services.cancel(call.competition, by=call.organizer, reason="Програму скасовано")
    assert call.competition.state is C.ANNOUNCED


def test_cancel_without_reason_refused(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    with pytest.raises(InvalidInput), unit_of_work():
        services.cancel(call.competition, by=call.organizer, reason=" ")


def test_two_announcements_at_once_share_no_money(app: Flask, clock: FrozenClock) -> None:
    """One fund, two competitions that each need all of it, two organizers who press together."""
    call = new_call(limit_kop=FUND_KOP)
    with unit_of_work():
        twin = services.copy_competition(call.competition, code="2027-B", title="Другий", year=2027, by=call.organizer)
        services.update_lots(
            twin,
            [
                services.LotSetting(lot.title, lot.fund_kop, lot.minimum_kop, lot.maximum_kop, lot.code, call.line.code)
                for lot in twin.lots
            ],
            by=call.organizer,
        )
        services.update_calendar(
            twin,
            services.CalendarSetting(
                *(getattr(call.competition, name) for name in services.CalendarSetting.__dataclass_fields__)
            ),
            by=call.organizer,
        )
    ids, by_id, start = [call.competition.id, twin.id], call.organizer.id, Barrier(2)

    def press(competition_id: int) -> str:
        start.wait()
        with app.app_context():
            try:
                with unit_of_work():
                    found, by = db.session.get_one(Competition, competition_id), db.session.get_one(User, by_id)
                    services.announce(found, by=by)
                return "announced"
            except (ManyErrors, OverBudget):
                return "refused"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(press, ids))
    db.session.rollback()
    line = line_by_code(call.line.code)
    assert (answers, line.free_kop) == (["announced", "refused"], 0)
    assert broken_lines() == []


def test_announcement_is_in_the_journal_with_its_digest(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    entry = db.session.query(JournalEntry).filter_by(thing="competition", step="announce").one()
    body = json.loads(entry.body)
    assert (entry.thing_code, entry.from_state, entry.to_state, entry.actor) == (
        call.competition.code,
        "draft",
        "announced",
        f"user:{call.organizer.id}",
    )
    assert body["facts"] == {
        "rules_hash": call.competition.rules_hash,
        "form_digest": digest_of(form_text(STANDARD)),
        "fund_kop": FUND_KOP,
    }
