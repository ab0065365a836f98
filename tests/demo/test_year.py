"""The demo year holds together: built through the services, explained by its entries, unbroken in its journal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import JoinRequest, Organisation, OrganisationDocument, User
from grants_app.applications.models import Application, BulkStep, Flag, LateEntry
from grants_app.applications.queries import amended_questions
from grants_app.awards.models import Award, Meeting, Publication
from grants_app.budget.models import BudgetLine
from grants_app.competitions.models import CallQuestion, CallVersion, Competition
from grants_app.competitions.queries import form_of
from grants_app.competitions.rules.form import STANDARD
from grants_app.core import clock as product_clock
from grants_app.core.storage import LocalStorage
from grants_app.database import db
from grants_app.demo.cast import SIGN_INS
from grants_app.demo.year import build
from grants_app.lifecycle import (
    ApplicationState,
    CallQuestionState,
    CompetitionState,
    ConflictState,
    DiscussionState,
    FlagState,
    InvitationState,
    ItemState,
    JoinRequestState,
)
from grants_app.reviews.models import Assignment, Conflict, Discussion, PanelInvitation, WorkCertificate
from scoring import verify_bundle
from tests.demo import reckoning
from tests.support.time import FrozenClock


@pytest.fixture
def demo_year(app: Flask, clock: FrozenClock, tmp_path: Path) -> Flask:
    clock.at("2026-11-22 12:00")
    build(LocalStorage(tmp_path / "files"), lambda _sentence: None)
    clock.at("2026-11-22 12:00")
    return app


def test_demo_year_is_whole_and_sound(demo_year: Flask) -> None:
    # One year for all questions: building it takes most of the time of the test.
    _competitions_are_as_told()
    _panel_was_asked_and_its_conflicts_are_on_record()
    _desks_have_something_to_do()
    _coming_call_asks_questions_of_the_city()
    _check_that_runs_has_marks_minutes_and_a_late_entry()
    _bundle_is_recomputed_by_the_engine()
    _each_role_has_a_sign_in()
    _no_line_is_overspent()
    reckoning.ledgers_agree_with_the_entries_of_the_budget()
    reckoning.steps_of_the_year_wrote_their_letters()
    reckoning.letters_have_their_stories()
    _commands_find_nothing_broken(demo_year)


def _competitions_are_as_told() -> None:
    states = dict(db.session.execute(sa.select(Competition.code, Competition.state)).all())
    assert states == {
        "2026-SKP": CompetitionState.PUBLISHED,
        "2026-MOL": CompetitionState.SCORING,
        "2026-SUS": CompetitionState.FORMAL_CHECK,
        "2027-SKP": CompetitionState.OPEN,
    }
    decided = db.session.scalars(sa.select(Competition).filter_by(code="2026-SKP")).one()
    submitted = db.session.scalar(
        sa.select(sa.func.count()).select_from(Application).filter_by(competition_id=decided.id)
    )
    assert (submitted, db.session.scalar(sa.select(sa.func.count()).select_from(Organisation))) == (25, 22)
    assert sum(lot.fund_kop for lot in decided.lots) == 100_000_000
    experts = sa.select(sa.func.count(sa.distinct(Assignment.expert_id))).filter_by(competition_id=decided.id)
    assert db.session.scalar(experts) == 8
    assert sum(seat.office != "secretary" for seat in decided.seats) == 7
    awarded = (
        sa.select(sa.func.count())
        .select_from(Award)
        .where(Award.application.has(state=ApplicationState.AWARDED, competition_id=decided.id))
    )
    assert (db.session.scalar(awarded) or 0) >= 10


def _commands_find_nothing_broken(demo_year: Flask) -> None:
    runner = demo_year.test_cli_runner()
    for command in (["check-invariants"], ["journal", "verify"]):
        result = runner.invoke(args=command)
        assert result.exit_code == 0, result.output


def count(model: type, **chosen: object) -> int:
    """Rows of a table that hold these values."""
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(model).filter_by(**chosen)) or 0)


def _desks_have_something_to_do() -> None:
    assert count(CallQuestion, state=CallQuestionState.ANSWERED) == 2
    assert count(CallQuestion, state=CallQuestionState.ASKED) == 1
    assert count(JoinRequest, state=JoinRequestState.ASKED) == 1
    assert count(Organisation, is_listed=True) == 16
    assert count(OrganisationDocument) == 4


def _coming_call_asks_questions_of_the_city() -> None:
    call = db.session.scalars(sa.select(Competition).filter_by(code="2027-SKP")).one()
    own = [question for code, question in form_of(call).questions.items() if code not in STANDARD.questions]
    assert [(one.kind, one.limit, one.limit_unit, one.show_if is not None) for one in own] == [
        ("many", 300, "characters", False),
        ("long", 600, "characters", True),
        ("long", 60, "words", False),
    ]
    versions = sa.select(CallVersion).filter_by(competition_id=call.id).order_by(CallVersion.number)
    first, second = db.session.scalars(versions)
    assert (first.reason, [one["what"] for one in second.changes]) == ("", ["Longest answer"])
    # Both engines: what was sent keeps the form it was sent under, the drafts are told of the change.
    of_call = sa.select(Application).filter_by(competition_id=call.id).order_by(Application.id)
    applications = list(db.session.scalars(of_call))
    assert [one.form_version for one in applications if one.state == ApplicationState.SUBMITTED] == [1, 1]
    drafts = [one for one in applications if one.state == ApplicationState.DRAFT]
    assert [list(amended_questions(one)) for one in drafts] == [[own[2].code]] * 3


def _check_that_runs_has_marks_minutes_and_a_late_entry() -> None:
    of_call = sa.select(Application).where(Application.competition.has(code="2026-SUS"))
    applications = list(db.session.scalars(of_call.order_by(Application.register_number)))
    assert [one.state for one in applications] == [
        ApplicationState.ADMITTED,
        ApplicationState.ADMITTED,
        ApplicationState.RETURNED,
        ApplicationState.RETURNED,
        ApplicationState.REJECTED,
        ApplicationState.SUBMITTED,
    ]
    ids = [one.id for one in applications]
    marks = sa.select(Flag.kind, Flag.state).where(Flag.application_id.in_(ids)).order_by(Flag.application_id)
    assert [tuple(row) for row in db.session.execute(marks)] == [
        ("text", FlagState.DISMISSED),
        ("text", FlagState.DISMISSED),
        ("cost", FlagState.CONFIRMED),
        ("cost", FlagState.OPEN),
    ]
    (entry,) = db.session.scalars(sa.select(LateEntry))
    assert (entry.application_id, entry.used_at is not None) == (ids[-1], True)
    (step,) = db.session.scalars(sa.select(BulkStep).filter_by(step="return"))
    assert step.undo_until > product_clock.now()
    (items,) = [one.items for one in db.session.scalars(sa.select(Meeting)) if one.code == "2026-SUS-M1"]
    assert [(item.decides, item.state) for item in items] == [
        ("admission", ItemState.ADOPTED),
        ("refusal", ItemState.ADOPTED),
    ]


def _panel_was_asked_and_its_conflicts_are_on_record() -> None:
    assert count(PanelInvitation, state=InvitationState.ACCEPTED) == 8
    assert count(PanelInvitation, state=InvitationState.LAPSED) == 1
    assert count(WorkCertificate) == 1
    assert count(Conflict, state=ConflictState.CONFIRMED, source="declared") == 1
    assert count(Conflict, state=ConflictState.OPEN, level="review") == 1
    assert count(Discussion, state=DiscussionState.OPEN) >= 1
    assert count(Discussion, state=DiscussionState.CLOSED) >= 1


def _bundle_is_recomputed_by_the_engine() -> None:
    text = db.session.scalars(sa.select(Publication.bundle_text)).one()
    checks = verify_bundle(json.loads(text))
    assert [check for check in checks if not check.passed] == []
    assert checks != []


def _each_role_has_a_sign_in() -> None:
    for role, email in SIGN_INS:
        person = db.session.scalars(sa.select(User).filter_by(email=email)).one()
        assert role in person.roles


def _no_line_is_overspent() -> None:
    lines = db.session.scalars(sa.select(BudgetLine)).all()
    assert [line.code for line in lines if line.reserved_kop + line.spent_kop > line.limit_kop] == []
    assert product_clock.now().year == 2026
