"""Awards and complaints in the ledger of their organisation, published facts in the directory."""

from __future__ import annotations

from flask import Flask

from grants_app.accounts.models import Organisation
from grants_app.accounts.queries.account import is_account_asked
from grants_app.accounts.queries.ledger import ledger_rows, public_rows
from grants_app.awards import services
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from tests.attacks.test_leak_walk import block
from tests.support.applications import organisation_of
from tests.support.decisions import Case, decide, publish
from tests.support.visitors import new_person, visit_as


def kinds(viewer: object, organisation: Organisation) -> list[tuple[str, int | None]]:
    db.session.rollback()
    return sorted((line.kind, line.given_kop) for line in ledger_rows(viewer, organisation))  # type: ignore[arg-type]


def test_decision_stands_in_the_ledger_only_when_it_is_published(app: Flask, case: Case) -> None:
    boss, organizer = case.heads["перша"], case.organizer
    organisation = organisation_of(boss)
    decide(case)
    viewers = (boss, organizer, case.secretary, new_person(Role.ADMIN), new_person(Role.AUDITOR))
    for viewer in viewers:
        assert "Award" not in [kind for kind, _sum in kinds(viewer, organisation)]
    assert public_rows(organisation) == []
    publish(case)
    for viewer in viewers:
        assert ("Award", 4_000_000) in kinds(viewer, organisation)
    assert [(line.kind, line.given_kop) for line in public_rows(organisation)] == [("Award", 4_000_000)]
    assert public_rows(organisation_of(case.heads["п’ята"])) == []


def test_award_waits_for_its_answer_and_then_asks_for_the_account(app: Flask, case: Case) -> None:
    boss = case.heads["перша"]
    organisation = organisation_of(boss)
    decide(case)
    publish(case)
    award = next(line for line in ledger_rows(boss, organisation) if line.kind == "Award")
    assert (award.due_at, award.owed) == (case.award("перша").answer_until, "Accept or decline the award")
    assert is_account_asked(organisation.id) is False
    with unit_of_work():
        services.accept_award(case.award("перша"), by=boss)
    assert is_account_asked(organisation.id) is True
    assert is_account_asked(organisation_of(case.heads["друга"]).id) is False
    page = visit_as(app, boss).get("/home").text
    assert f"/accounts/organisation/{organisation.edrpou}/account" in page


def test_declined_award_gives_nothing(app: Flask, case: Case) -> None:
    boss = case.heads["перша"]
    decide(case)
    publish(case)
    with unit_of_work():
        services.decline_award(case.award("перша"), reason="Немає співфінансування", by=boss)
    assert ("Award", 0) in kinds(boss, organisation_of(boss))
    assert public_rows(organisation_of(boss)) == []


def test_complaint_for_its_authors_and_the_staff(app: Flask, case: Case) -> None:
    boss = case.heads["п’ята"]
    organisation = organisation_of(boss)
    decide(case)
    publish(case)
    with unit_of_work():
        services.file_complaint(case.application("п’ята"), "Не згодні", by=boss)
    conflicted = new_person(Role.SECRETARY)
    block(case.application("п’ята"), conflicted)
    seen = {
        "boss": boss, "secretary": case.secretary, "admin": new_person(Role.ADMIN), "conflicted": conflicted,
    }  # fmt: skip
    told = {name: "Complaint" in [kind for kind, _ in kinds(viewer, organisation)] for name, viewer in seen.items()}
    assert told == {"boss": True, "secretary": True, "admin": False, "conflicted": False}


def test_directory_shows_published_awards(app: Flask, case: Case) -> None:
    boss = case.heads["перша"]
    organisation = organisation_of(boss)
    with unit_of_work():
        found = db.session.get(Organisation, organisation.id)
        found.is_listed, found.listed_at, found.about = True, product_clock.now(), "Про нас"
    address = f"/organisations/{organisation.edrpou}"
    title = case.application("перша").title
    decide(case)
    assert title not in visit_as(app, None).get(address).text
    publish(case)
    assert title in visit_as(app, None).get(address).text
