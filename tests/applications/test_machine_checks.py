"""What the machine finds by itself: each requirement that it can check breaks by one step, and says what it saw."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from grants_app.accounts.models import OrganisationDocument
from grants_app.applications import queries
from grants_app.applications.models import Answer, Application, Attachment, BudgetRow
from grants_app.applications.queries.evidence import CHECKS, earliest_registration
from grants_app.competitions.rules.form import MACHINE_CHECKS, STANDARD
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from tests.support.applications import close, submitted_application
from tests.support.calls import Call

Breaking = Callable[[Application], None]


def _late_by_nothing(application: Application) -> None:
    application.submitted_at = application.competition.intake_until


def _a_day_too_young(application: Application) -> None:
    assert application.organisation is not None
    application.organisation.registered_on = earliest_registration(application) + timedelta(days=1)


def _without_goal(application: Application) -> None:
    db.session.execute(sa.delete(Answer).filter_by(application_id=application.id, question="goal"))


def _without_papers(application: Application) -> None:
    db.session.execute(sa.delete(Attachment).filter_by(application_id=application.id))


def _with_a_paper_that_ran_out(application: Application) -> None:
    """A paper kept in the library ended the day before the application was sent."""
    assert application.organisation_id is not None
    assert application.submitted_at is not None
    paper = db.session.scalars(sa.select(Attachment).filter_by(application_id=application.id)).first()
    assert paper is not None
    kept = OrganisationDocument(
        code="D-TRIAL",
        organisation_id=application.organisation_id,
        kind=paper.kind,
        title="Довідка",
        file_name=paper.file_name,
        media_type=paper.media_type,
        sha256=paper.sha256,
        size=paper.size,
        valid_until=product_clock.kyiv(application.submitted_at).date() - timedelta(days=1),
        uploaded_at=product_clock.now(),
        uploaded_by_id=paper.uploaded_by_id,
    )
    db.session.add(kept)
    db.session.flush()
    paper.document_id = kept.id


def _without_a_declaration(application: Application) -> None:
    (answer,) = db.session.scalars(
        sa.select(Answer).filter_by(application_id=application.id, question="declare_not_liquidated")
    )
    answer.value = False


def _changed_after_the_signature(application: Application) -> None:
    application.content_digest = "0" * 64


def _all_of_the_own_share_in_kind(application: Application) -> None:
    for row in db.session.scalars(sa.select(BudgetRow).filter_by(application_id=application.id)):
        row.own_inkind_kop, row.own_cash_kop = row.own_inkind_kop + row.own_cash_kop, 0


def _without_last_day(application: Application) -> None:
    db.session.execute(sa.delete(Answer).filter_by(application_id=application.id, question="end_on"))


def _a_kopiyka_over_the_lot(application: Application) -> None:
    assert application.lot is not None
    assert application.lot.maximum_kop is not None
    first, *others = db.session.scalars(sa.select(BudgetRow).filter_by(application_id=application.id))
    first.city_kop = application.lot.maximum_kop + 1
    for row in others:
        row.city_kop = 0


def _without_own_money(application: Application) -> None:
    for row in db.session.scalars(sa.select(BudgetRow).filter_by(application_id=application.id)):
        row.own_cash_kop = row.own_inkind_kop = 0


def _found(application: Application) -> set[str]:
    return {row.requirement.code for row in queries.requirement_rows(application) if row.hint.is_kept is False}


@pytest.mark.parametrize(
    ("breaks", "broken"),
    [
        (_late_by_nothing, {"in_time"}),
        (_a_day_too_young, {"age"}),
        (_without_goal, {"complete"}),
        (_without_papers, {"papers"}),
        (_with_a_paper_that_ran_out, {"papers"}),
        (_without_a_declaration, {"declarations"}),
        (_changed_after_the_signature, {"signature"}),
        (_without_last_day, {"complete", "period"}),
        (_a_kopiyka_over_the_lot, {"limits"}),
        (_without_own_money, {"own_share"}),
        (_all_of_the_own_share_in_kind, {"in_kind"}),
    ],
    ids=lambda one: getattr(one, "__name__", "").strip("_") or None,
)
def test_requirement_that_is_broken_is_found_and_no_other(call: Call, breaks: Breaking, broken: set[str]) -> None:
    application = submitted_application(call.competition)
    close(call.competition)
    with unit_of_work():
        breaks(application)
    db.session.expire_all()
    assert _found(application) == broken


def test_one_application_more_than_allowed_is_found_in_each_of_them(call: Call) -> None:
    allowed = call.competition.applications_per_organisation
    sent = [submitted_application(call.competition) for _ in range(allowed + 1)]
    alone = submitted_application(call.competition)
    with unit_of_work():
        for one in sent:
            one.organisation_id = sent[0].organisation_id
    assert [_found(one) for one in (*sent, alone)] == [{"per_organisation"}] * len(sent) + [set()]


def test_organisation_registered_on_the_last_allowed_day_is_old_enough(call: Call) -> None:
    application = submitted_application(call.competition)
    assert application.organisation is not None
    with unit_of_work():
        application.organisation.registered_on = earliest_registration(application)
    hints = {row.requirement.code: row.hint for row in queries.requirement_rows(application)}
    shown = earliest_registration(application).strftime("%d.%m.%Y")
    assert hints["age"].is_kept is True
    assert {name: str(fact) for name, fact in hints["age"].facts} == {"day": shown, "last": shown}


def test_every_check_can_be_chosen_for_a_requirement_and_every_choice_is_made() -> None:
    assert set(MACHINE_CHECKS) == set(CHECKS)


def test_standard_checklist_uses_every_check() -> None:
    # Only the status of the organisation is left to a person.
    assert {one.machine for one in STANDARD.requirements} == {*CHECKS, ""}
    assert [one.code for one in STANDARD.requirements if not one.machine] == ["status"]
