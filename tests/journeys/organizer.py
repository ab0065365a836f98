"""What the organizer and the financier do through their pages."""

from __future__ import annotations

from tests.journeys.visitor import Visitor

CODE = "2027-MIST"
TITLE = "Місто змістів: проєкти 2027 року"
LINE = "MP-2027"
PEOPLE = (
    ("chair@demo.example", "chair"),
    ("deputy@demo.example", "deputy"),
    ("member@demo.example", "member"),
    ("member2@demo.example", "member"),
    ("member3@demo.example", "member"),
    ("member4@demo.example", "member"),
    ("secretary@demo.example", "secretary"),
)


def opens_the_citys_line(finance: Visitor) -> None:
    """The financier enters the programme's money of the year."""
    finance.open("/budget/new", "New budget line")
    finance.fill(code=LINE, title="Програма громадських ініціатив", year="2027", source="city", limit="200 000")
    finance.press("Open the line")
    finance.open(f"/budget/{LINE}", "Програма громадських ініціатив")
    finance.sees("200 000")


def sets_up(organizer: Visitor) -> None:
    """From the preset: texts, two lots, priorities, calendar, rules, commission."""
    organizer.open("/competitions", "Competitions")
    organizer.press("Create a competition")
    organizer.fill(title=TITLE, code=CODE, year="2027", basis="preset:misto_zmistiv")
    organizer.press("Create the draft")
    _texts(organizer)
    _lots(organizer)
    _priorities(organizer)
    _criteria(organizer)
    _calendar(organizer)
    _rules(organizer)
    _panel(organizer)
    _people(organizer)


def announces(organizer: Visitor) -> None:
    """All conditions are met; the rules freeze."""
    organizer.open(f"/competitions/{CODE}/announce", "Announce the competition")
    organizer.sees("All conditions are met.", "200 000")
    organizer.press("Announce the competition")
    organizer.heading(TITLE)
    organizer.open(f"/competitions/{CODE}/settings/lots")
    assert organizer.page.locator("main [name='lots-0-fund_kop']").count() == 0, "the rules are frozen"


def _theme(organizer: Visitor, theme: str) -> None:
    organizer.open(f"/competitions/{CODE}/settings/{theme}")


def _save(organizer: Visitor) -> None:
    organizer.press("Save")
    organizer.sees("Saved")


def _texts(organizer: Visitor) -> None:
    _theme(organizer, "basics")
    organizer.fill(
        summary="Місто оплачує проєкти громадських організацій.",
        legal_basis="Програма підтримки громадських ініціатив",
        who_may_apply="Громадські організації та спілки.",
        what_is_paid="Послуги, матеріали, оренда.",
        contact="grants@demo.example",
    )
    _save(organizer)


def _lots(organizer: Visitor) -> None:
    _theme(organizer, "lots")
    if organizer.page.locator("main [name='lots-1-title']").count() == 0:
        organizer.click("Add a lot")
    for number, (title, fund, least, most) in enumerate(
        (("Малі гранти", "100 000", "20 000", "50 000"), ("Великі гранти", "100 000", "50 000,01", "100 000"))
    ):
        organizer.fill(
            **{
                f"lots-{number}-title": title,
                f"lots-{number}-fund_kop": fund,
                f"lots-{number}-minimum_kop": least,
                f"lots-{number}-maximum_kop": most,
                f"lots-{number}-source_line": LINE,
            }
        )
    _save(organizer)


def _priorities(organizer: Visitor) -> None:
    _theme(organizer, "priorities")
    organizer.fill(**{"priorities-0-title": "Згуртованість сусідів"})
    organizer.click("Add a priority")
    organizer.fill(**{"priorities-1-title": "Дитинство і молодь"})
    _save(organizer)


def _criteria(organizer: Visitor) -> None:
    _theme(organizer, "criteria")
    _save(organizer)


def _calendar(organizer: Visitor) -> None:
    _theme(organizer, "calendar")
    organizer.fill(
        intake_from="2027-02-01",
        intake_until="2027-03-03",
        scoring_until="2027-03-26",
        results_by="2027-04-15",
        project_from="2027-05-01",
        project_until="2027-12-10",
    )
    _save(organizer)


def _rules(organizer: Visitor) -> None:
    _theme(organizer, "rules")
    organizer.fill(own_share_min_bp="25", pass_mark="50", allocation_rule="marginal")
    _save(organizer)


def _people(organizer: Visitor) -> None:
    _theme(organizer, "people")
    for number, (email, office) in enumerate(PEOPLE):
        if organizer.page.locator(f"main [name='seats-{number}-person']").count() == 0:
            organizer.click("Add a person")
        organizer.fill(**{f"seats-{number}-person": email, f"seats-{number}-office": office})
    _save(organizer)


def _panel(organizer: Visitor) -> None:
    _theme(organizer, "panel")
    organizer.fill(scoring_by="experts", experts_per_application="2", justification_min="20")
    _save(organizer)
