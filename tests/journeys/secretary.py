"""What the secretary does: formal check, assignment, scoring."""

from __future__ import annotations

from tests.journeys.organizer import CODE
from tests.journeys.visitor import Visitor

DEFECT = "Не вказано, де відбуватимуться заняття."


def sees_sealed_register(desk: Visitor, code: str) -> None:
    """Before the end of the intake the register tells how many there are, and nothing else."""
    desk.open(f"/applications/register/{CODE}", "Register of applications")
    desk.sees("Applications are sealed")
    desk.does_not_see(code)


def starts_check(desk: Visitor) -> None:
    """The register is open, with numbers in the order of arrival."""
    desk.open(f"/applications/register/{CODE}", "Register of applications")
    numbers = desk.page.locator("main tbody tr > th:first-child").all_inner_texts()
    assert numbers == ["1", "2", "3", "4", "5"]
    desk.press("Start the formal check")
    for suffix, beginning in (("pdf", b"%PDF-"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf"), ("json", b"{")):
        desk.download(f"/applications/register/{CODE}.{suffix}", beginning)


def returns(desk: Visitor, code: str) -> None:
    """A named defect goes back to the applicant with a letter."""
    _verdicts(desk, code, defects={"complete": DEFECT})
    desk.press("Return for correction: see the letter")
    desk.heading("Return for correction")
    desk.page.locator("#item-capacity").check(force=True)
    desk.fill(letter=DEFECT)
    desk.press("Return the application")
    desk.open(f"/applications/{code}/formal-check")
    desk.sees("Compare old and new")


def admits_corrected(desk: Visitor, code: str) -> None:
    """After the answer the secretary sees both texts, and admits."""
    desk.open(f"/applications/{code}/changes")
    desk.sees("Заняття у власній кімнаті")
    admits(desk, code)


def admits(desk: Visitor, code: str) -> None:
    """Every requirement is met."""
    _verdicts(desk, code, defects={})
    desk.press("Admit to scoring")
    desk.open(f"/applications/{code}/formal-check")
    desk.does_not_see("Admit to scoring")


def rejects(desk: Visitor, code: str) -> None:
    """A reason and a clause stand in the refusal."""
    _verdicts(desk, code, defects={"status": "Статут не передбачає такої діяльності"})
    desk.unfold("Do not admit")
    desk.fill(reason="Статутні цілі не охоплюють заявленої діяльності", clause="п. 3 Положення")
    desk.press("Do not admit the application")
    desk.open(f"/applications/{code}/formal-check")
    desk.sees("Статутні цілі не охоплюють заявленої діяльності")


def assigns_by_hand(desk: Visitor, code: str) -> None:
    """The first expert of the first application is chosen by the secretary."""
    desk.open(f"/reviews/{code}/experts", "Школа дворових медіаторів")
    desk.fill(expert="expert@demo.example")
    desk.press("Assign the expert")
    desk.sees("Ірина Барвінок")


def assigns_as_proposed(desk: Visitor) -> None:
    """The engine proposes balanced pairs for the rest."""
    desk.open(f"/reviews/{CODE}/assignment", "Assignment of experts")
    desk.press("Propose an assignment")
    desk.heading("Proposal of the assignment")
    desk.press("Assign as proposed")
    desk.sees("Every application has its experts")


def opens_scoring(desk: Visitor) -> None:
    """Every expert gets one letter."""
    desk.press("Open scoring")
    desk.heading("Progress of scoring")


def _verdicts(desk: Visitor, code: str, defects: dict[str, str]) -> None:
    desk.open(f"/applications/{code}/formal-check")
    names = desk.page.locator('main [name$="-verdict"]').evaluate_all("nodes => nodes.map(node => node.name)")
    for requirement in [name.removesuffix("-verdict") for name in names]:
        desk.put(f"{requirement}-verdict", "defect" if requirement in defects else "meets")
        if requirement in defects:
            desk.put(f"{requirement}-note", defects[requirement])
    desk.press("Keep the verdicts")
