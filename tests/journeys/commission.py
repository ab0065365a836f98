"""What the commission does: ranking, another sum with a reason, a meeting with a quorum, recusal, votes, signatures."""

from __future__ import annotations

import re

from tests.journeys.conductor import Conductor
from tests.journeys.organizer import CODE
from tests.journeys.visitor import Visitor

PRESENT = ("chair", "deputy", "member", "member2", "member3")
REASON = "Два тренери замість трьох: організація погодилася на засіданні."


def handed_over(desk: Visitor) -> None:
    """The secretary hands the scored list over."""
    desk.open(f"/awards/{CODE}/decision", "Decision of the commission")
    desk.press("Hand over to the commission")
    desk.open(f"/awards/{CODE}/ranking", "Ranking and distribution of money")


def sees_ranking(chair: Visitor, titles_in_order: list[str], *figures: str) -> None:
    """Places, scores, sums and the cut line; the same rows in every file."""
    chair.open(f"/awards/{CODE}/ranking", "Ranking and distribution of money")
    shown = chair.page.locator("main table.app-rank tbody th a").all_inner_texts()
    assert shown == titles_in_order
    chair.sees(*figures)
    for suffix, beginning in (("pdf", b"%PDF-"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf"), ("json", b"{")):
        chair.download(f"/awards/{CODE}/ranking.{suffix}", beginning)


def proposes_another_sum(chair: Visitor, code: str, title: str, amount: str) -> None:
    """Not without a reason; what was typed stays."""
    chair.open(f"/awards/{CODE}/ranking/{code}", title)
    chair.sees("Why this score", "Why this place")
    chair.fill(amount=amount)
    chair.press("Save the proposal")
    assert chair.page.locator("main [name=amount]").input_value() == amount
    chair.sees("Error:")
    chair.fill(reason=REASON)
    chair.press("Save the proposal")
    chair.sees(REASON)


def plans(desk: Visitor, question: str, application: str) -> str:
    """A meeting with two items: the application of the changed sum apart, then the list. The meeting's address."""
    desk.open(f"/awards/{CODE}/meetings", "Meetings of the commission")
    desk.press("Plan a meeting")
    desk.fill(kind="mixed", scheduled_at="2027-04-08T14:00", place="Мала зала", link="https://meet.demo.example/m")
    desk.press("Plan and invite")
    address = re.sub(r"https?://[^/]+", "", desk.page.url)
    _adds(desk, address, "award", question, application)
    _adds(desk, address, "ranking", "Про розподіл коштів конкурсу", "")
    return address


def gathers(conductor: Conductor, address: str) -> None:
    """Without a quorum nothing opens; five of six make one."""
    chair, desk = conductor.person("chair"), conductor.person("secretary")
    chair.open(address, "№ 1")
    chair.sees("There is no quorum")
    desk.open(address)
    names = desk.page.locator("main [name^=seat_]")
    labels = [desk.page.locator(f"label[for='{field.get_attribute('id')}']").inner_text() for field in names.all()]
    for number, label in enumerate(labels):
        is_away = "Притока" in label
        is_online = "Плес" in label
        names.nth(number).select_option("absent" if is_away else "online" if is_online else "room")
    desk.press("Save attendance")
    desk.sees("There is a quorum")
    chair.open(address)
    chair.press("Open the meeting")


def votes_on(conductor: Conductor, address: str, number: int, *, recused: str = "") -> None:
    """The chair opens the vote, each present member votes, the chair closes it."""
    item = f"{address}/items/{number}"
    if recused:
        member = conductor.person(recused)
        member.open(item)
        member.fill(reason="Моя сестра працює в цій організації")
        member.press("Step back from this item")
    chair = conductor.person("chair")
    chair.open(item)
    chair.press("Open the vote")
    for login in PRESENT:
        if login != recused:
            voter = conductor.person(login)
            voter.open(item)
            voter.press("Abstain" if login == "member3" else "For")
    chair.open(item)
    chair.sees("Everybody present has voted.")
    chair.press("Close the vote")
    chair.open(item)
    chair.does_not_see("Open the vote")


def signs(conductor: Conductor, address: str) -> None:
    """The minutes are written and signed by the chair and the secretary, then the decision."""
    chair, desk = conductor.person("chair"), conductor.person("secretary")
    chair.open(address)
    chair.press("Close the meeting")
    for signer in (chair, desk):
        signer.open(f"{address}/minutes", "№ 1")
        signer.sees(REASON)
        signer.press("Sign the minutes")
    chair.download(f"{address}/minutes.pdf", b"%PDF-")
    chair.open(f"/awards/{CODE}/decision", "Decision of the commission")
    chair.press("Sign the decision")
    chair.sees("Next: the organizer publishes the results.")


def _adds(desk: Visitor, address: str, kind: str, question: str, application: str) -> None:
    desk.open(address)
    desk.press("Add a question")
    desk.fill(kind=kind, title=question, draft="Погодити.")
    if application:
        desk.fill(application=application)
    desk.press("Put on the agenda")
    desk.sees(question)
