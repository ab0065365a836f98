"""Publication, the public result, the applicant's answer, letters, reports, and what holds at the end."""

from __future__ import annotations

import json

from flask import Flask

from scoring import verify_bundle
from tests.journeys import ngo
from tests.journeys.conductor import Conductor
from tests.journeys.organizer import CODE, LINE
from tests.journeys.visitor import Visitor


def publishes(organizer: Visitor) -> None:
    """Everything turns public at once, after the code is typed."""
    organizer.open(f"/awards/{CODE}/publication", "Publication")
    organizer.fill(code="2027-WRONG")
    organizer.press("Publish everything")
    organizer.sees("Error:")
    organizer.fill(code=CODE)
    organizer.press("Publish everything")
    organizer.open(f"/awards/{CODE}/publication", "Publication")
    organizer.does_not_see("Publish everything")


def everybody_sees(guest: Visitor, titles: list[str], *figures: str) -> None:
    """The public page, its files, and a bundle that the engine recomputes."""
    guest.open(f"/awards/{CODE}", "Results")
    guest.sees(*titles, *figures)
    guest.does_not_see("Ірина Барвінок")
    bundle = guest.download(f"/awards/{CODE}/bundle.json", b"{")
    checks = verify_bundle(json.loads(bundle))
    assert checks != []
    assert [check for check in checks if not check.passed] == []
    for page, name in (("winners", "List of winners"), ("reserve", "Reserve list")):
        guest.open(f"/awards/{CODE}/{page}", name)
        guest.does_not_see("90.00")
        guest.download(f"/awards/{CODE}/{page}.pdf", b"%PDF-")


def accepts(conductor: Conductor, code: str) -> None:
    """The letter tells the sum and the terms of complaint; the organisation accepts."""
    letters = conductor.letters_to(ngo.HEAD)
    assert any("40 000" in letter.replace("\xa0", " ") and "скарг" in letter for letter in letters)
    head = conductor.person(ngo.HEAD)
    head.open("/home", "Waiting for me")
    head.open(f"/awards/decision/{code}", "40 000")
    head.press("Accept the money")
    head.open(f"/awards/decision/{code}", "40 000")
    head.does_not_see("Accept the money")


def reports(conductor: Conductor) -> None:
    """Funnel and money for everybody, the plan with what the system counted, the journal for the auditor."""
    guest = conductor.guest()
    guest.open("/reports")
    guest.sees("170 000")
    guest.open(f"/reports/competitions/{CODE}")
    guest.sees("240 000", "100 000", "70 000", "30 000")
    guest.download(f"/reports/competitions/{CODE}/funnel.xlsx", b"PK")
    guest.open("/reports/plan", "Partnership plan: measures and results")
    guest.download("/reports/plan.pdf", b"%PDF-")
    finance = conductor.person("finance")
    finance.open(f"/budget/{LINE}")
    finance.sees("200 000", f"{CODE}-small", f"{CODE}-large")
    auditor = conductor.person("auditor")
    auditor.open("/journal")
    auditor.sees(CODE)


def holds(app: Flask) -> None:
    """Counters follow from their entries, and the chain of the journal is unbroken."""
    runner = app.test_cli_runner()
    for command in (["check-invariants"], ["journal", "verify"]):
        result = runner.invoke(args=command)
        assert result.exit_code == 0, result.output
