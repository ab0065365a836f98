"""What an organisation does through its cabinet."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.conductor import Conductor
from tests.journeys.organizer import CODE, TITLE
from tests.journeys.visitor import Visitor

EDRPOU = "99900016"
NAME = "ГО «Дзвінкий двір»"
HEAD = "head@dvir.example"
COLLEAGUE = "colleague@dvir.example"
PASSWORD = "горобина-над-річкою-48"
PROJECT = "Школа дворових медіаторів"
PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
SECTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("experience", {"capacity": "Двоє працівників, вісім волонтерів."}),
    ("governing", {"governing_people-0-name": "Соловей Ірина", "governing_people-0-office": "голова"}),
    (
        "rationale",
        {
            "rationale": "За рік мешканці подали 1 240 звернень про сусідські суперечки.",
            "goal": "Двадцять дворів самі розв’язують спори.",
            "target_groups-0-group": "Підлітки дворів",
            "target_groups-0-direct": "60",
        },
    ),
    (
        "plan",
        {
            "tasks-0-task": "Підготувати медіаторів",
            "activities-0-what": "Навчальні зустрічі",
            "activities-0-start_on": "2027-05-10",
            "activities-0-end_on": "2027-06-10",
            "activities-0-place": "Школа № 1",
            "activities-0-responsible": "Ірина Соловей",
        },
    ),
    (
        "results",
        {
            "indicators-0-kind": "product",
            "indicators-0-indicator": "Проведено зустрічей",
            "indicators-0-unit": "шт.",
            "indicators-0-target": "12",
            "indicators-0-verified": "Списки учасників",
        },
    ),
    ("team", {"team-0-name": "Ірина Соловей", "team-0-role": "координаторка"}),
    (
        "lasting",
        {
            "strategy_link": "Ціль 2 стратегії міста",
            "communication": "Сторінка організації, міська газета",
            "sustainability": "Клуб медіаторів працюватиме далі",
            "risks-0-risk": "Погода",
            "risks-0-mitigation": "Зала поруч",
        },
    ),
    ("other-funding", {"other_public_funding": "no"}),
)


def registers(conductor: Conductor) -> None:
    """The head registers the organisation and confirms the address from the letter."""
    head = conductor.guest()
    head.open("/accounts/register", "Register an organisation")
    head.fill(full_name="Ірина Соловей", email=HEAD, password=PASSWORD, again=PASSWORD, phone="+380501112233")
    head.fill(
        edrpou="40000017",
        name="Громадська організація «Дзвінкий двір»",
        short_name=NAME,
        registered_on="2020-01-15",
        head_name="Соловей Ірина Петрівна",
        legal_address="м. Надбузьк, вул. Вигадана, 1",
        consent="yes",
    )
    head.press("Register")
    head.sees("Check the EDRPOU code: it has eight digits and the last one must agree")
    head.fill(edrpou=EDRPOU, password=PASSWORD, again=PASSWORD)
    head.press("Register")
    head.heading("Look into your mail")
    head.open(conductor.link_to(HEAD, "/accounts/confirm/"), "Confirm your address")
    head.press("Confirm and sign in")
    conductor.people[HEAD] = conductor.people.pop("guest")


def invites_colleague(conductor: Conductor) -> None:
    """A colleague gets a letter, opens an account and belongs to the organisation."""
    head = conductor.person(HEAD)
    head.open(f"/accounts/organisation/{EDRPOU}", NAME)
    head.fill(email=COLLEAGUE, role="ngo_member")
    head.press("Send the invitation")
    head.sees(COLLEAGUE)
    colleague = conductor.guest()
    colleague.open(conductor.link_to(COLLEAGUE, "/accounts/invitations/"), "Invitation")
    colleague.sees("Дзвінкий двір")
    colleague.fill(full_name="Христина Іволга", password=PASSWORD, again=PASSWORD)
    colleague.press("Open an account and accept")
    conductor.people[COLLEAGUE] = conductor.people.pop("guest")
    colleague.open(f"/accounts/organisation/{EDRPOU}", NAME)
    colleague.sees("Христина Іволга", "Ірина Соловей")


def starts(head: Visitor) -> str:
    """From the public page of the competition to a task list; the address of the draft."""
    head.open("/competitions", "Competitions")
    head.follow(TITLE)
    head.press("Apply")
    head.heading("Start an application")
    head.sees("Дзвінкий двір")
    head.press("Start the application")
    head.heading("Application without a title")
    return re.sub(r"https?://[^/]+", "", head.page.url)


def writes(colleague: Visitor, draft: str) -> None:
    """Section by section; the first answers by what the page saves as one types."""
    _saves_as_typed(colleague, draft)
    for slug, values in SECTIONS:
        colleague.open(f"{draft}/sections/{slug}")
        colleague.fill(**values)
        colleague.press("Save and return to the list")
    colleague.heading(PROJECT)


def _saves_as_typed(colleague: Visitor, draft: str) -> None:
    colleague.open(f"{draft}/sections/organisation")
    colleague.fill(
        contact_name="Христина Іволга",
        contact_phone="+380501112233",
        contact_email="ngo@dvir.example",
    )
    colleague.press("Save and return to the list")
    colleague.open(f"{draft}/sections/summary")
    with colleague.page.expect_response(re.compile("/sections/summary/autosave$")) as answer:
        colleague.fill(title=PROJECT)
    assert answer.value.status == 200
    colleague.open(f"{draft}/sections/summary")
    assert colleague.page.locator("main [name=title]").input_value() == PROJECT
    colleague.page.locator("main label", has_text="Малі гранти").click()
    colleague.page.locator("main label", has_text="Згуртованість сусідів").click()
    colleague.fill(
        summary="Навчимо підлітків мирити сусідів.",
        start_on="2027-05-02",
        end_on="2027-11-30",
        location="Мікрорайон Вигаданий",
    )
    colleague.press("Save and return to the list")


def budgets(colleague: Visitor, draft: str) -> None:
    """Two rows; the totals and the own share are computed, never typed."""
    colleague.open(f"{draft}/budget", "Project budget")
    rows = (
        ("services", "Тренерки", "година", "40", "1 000", "40 000", ""),
        ("materials", "Папір і друк", "набір", "20", "800", "", "16 000"),
    )
    for number, (category, item, unit, qty, price, city, own) in enumerate(rows):
        colleague.fill(
            **{
                f"rows-{number}-category": category,
                f"rows-{number}-item": item,
                f"rows-{number}-unit": unit,
                f"rows-{number}-qty": qty,
                f"rows-{number}-price": price,
                f"rows-{number}-city": city,
                f"rows-{number}-own_cash": own,
            }
        )
    colleague.fill(smallest="30 000", smallest_dropped="Дві зустрічі з дванадцяти")
    colleague.press("Save the budget")
    colleague.open(f"{draft}/budget", "Project budget")
    colleague.sees("56 000", "40 000", "16 000", "28,57")


def attaches(colleague: Visitor, draft: str, folder: Path) -> None:
    """The decision of the board."""
    paper = folder / "рішення правління.pdf"
    paper.write_bytes(PAPER)
    colleague.open(f"{draft}/files", "Attached documents")
    colleague.fill(kind="decision")
    colleague.page.locator("main [name=file]").set_input_files(paper)
    colleague.click("Attach")
    expect(colleague.page.locator("[data-uploads-attached]")).to_contain_text("рішення правління.pdf")


def submits(head: Visitor, draft: str) -> str:
    """The head checks the answers, declares, submits; the code of the application."""
    head.open(draft, PROJECT)
    head.press("Check all answers")
    head.sees("Навчальні зустрічі", "40 000")
    for box in head.page.locator("main form input[type=checkbox]").all():
        box.check(force=True)
    head.press("Submit the application")
    found = re.search(rf"{CODE}-[0-9A-Z]+", head.page.locator("h1").inner_text())
    assert found is not None
    head.sees(found[0], "40 000", "given when the intake ends")
    head.download(f"/applications/{found[0]}/receipt.pdf", b"%PDF-")
    return found[0]


def corrects(conductor: Conductor, code: str) -> None:
    """A letter names the defect; only that answer opens; the head sends it back."""
    letters = conductor.letters_to(HEAD)
    assert any("Не вказано, де відбуватимуться заняття." in letter for letter in letters)
    head = conductor.person(HEAD)
    head.open("/home", "Waiting for me")
    head.open(f"/applications/{code}/corrections", "Corrections")
    assert head.page.locator("main [name=title]").count() == 0
    head.fill(capacity="Двоє працівників. Заняття у власній кімнаті на вул. Вигаданій, 1.")
    head.press("Save the corrections")
    head.press("Send the corrections")
    head.open(f"/applications/{code}", PROJECT)
