"""The desk and the public list: sealed till the instant, then the same rows everywhere."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from flask import Flask
from pypdf import PdfReader

from grants_app.accounts.models import Membership, User
from grants_app.accounts.queries.ledger import ledger_short
from grants_app.applications import queries, services
from grants_app.applications.models import Application
from grants_app.core import figures
from grants_app.core.clock import now as clock_now
from grants_app.core.errors import NotAllowed
from grants_app.database import unit_of_work
from grants_app.lifecycle import ApplicationState as A
from grants_app.permissions import Role
from tests.support.applications import (
    close,
    declarations,
    draft_application,
    new_head,
    organisation_of,
    submitted_application,
    version_of,
)
from tests.support.calls import Call
from tests.support.conflicts import block
from tests.support.queries import count_queries
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

CANARY = "Канарка-7391"
STAFF = (Role.SECRETARY, Role.ORGANIZER, Role.AUDITOR, Role.EXPERT, Role.COMMISSION_MEMBER, Role.CHAIR, Role.ADMIN)


def _addresses(call: Call, *applications: Application) -> list[str]:
    code = call.competition.code
    lists = [f"/applications/{kind}/{code}" for kind in ("register", "public")]
    exports = [f"{address}.{suffix}" for address in lists for suffix in ("json", "csv")]
    own = [f"/applications/{name}{page}" for one in applications for name in (one.key, one.code) if name
           for page in ("", "/formal-check", "/changes", "/return", "/receipt", "/print")]  # fmt: skip
    return [*lists, *exports, *own, "/applications/desk", f"/competitions/{code}", "/home"]


@pytest.mark.sqlite_only
def test_sealed_canary_shows_nowhere_before_the_instant_and_everywhere_after(
    app: Flask, call: Call, clock: FrozenClock
) -> None:
    sent = submitted_application(call.competition, title=CANARY, summary=CANARY)
    draft = draft_application(call.competition, new_head(), title=f"{CANARY} чернетка")
    people = [None, *(new_person(role) for role in STAFF)]
    clock.at(call.competition.intake_until - timedelta(seconds=1))
    for visitor in [visit_as(app, person) for person in people]:
        for address in _addresses(call, sent, draft):
            answer = visitor.get(address)
            assert CANARY not in answer.text, address
            assert str(sent.code) not in answer.text or address.startswith(f"/applications/{sent.code}"), address
    assert queries.register_rows(call.competition, call.secretary).total == 0
    close(call.competition)
    secretary = visit_as(app, call.secretary)
    shown = [address for address in _addresses(call, sent, draft) if CANARY in secretary.get(address).text]
    code, key = call.competition.code, sent.key
    expected = [f"/applications/{kind}/{code}" for kind in ("register", "public")]
    expected += [f"{address}.{suffix}" for address in expected[:2] for suffix in ("json", "csv")]
    expected += [f"/applications/{name}{page}" for name in (key, sent.code)
                 for page in ("", "/formal-check", "/changes", "/return")]  # fmt: skip
    assert sorted(shown) == sorted(expected)
    assert CANARY in visit_as(app, None).get(f"/applications/{sent.code}").text
    assert visit_as(app, None).get(f"/applications/{draft.key}").status_code == 404


@pytest.mark.sqlite_only
def test_public_card_shows_published_answers_only(app: Flask, call: Call) -> None:
    sent = submitted_application(call.competition, rationale=CANARY, contact_name=f"{CANARY} особа")
    close(call.competition)
    guest = visit_as(app, None).get(f"/applications/{sent.code}")
    assert (guest.status_code, CANARY in guest.text) == (200, False)
    member = visit_as(app, call.members[0]).get(f"/applications/{sent.code}").text
    assert (CANARY in member, f"{CANARY} особа" in member) == (True, False)
    secretary = visit_as(app, call.secretary).get(f"/applications/{sent.code}").text
    assert f"{CANARY} особа" in secretary


@pytest.mark.sqlite_only
def test_register_exports_equal_the_screen(app: Flask, call: Call, clock: FrozenClock) -> None:
    applications = []
    for title in ("Ґанок", "Яблуко", "Аптека"):
        clock.forward(minutes=1)
        applications.append(submitted_application(call.competition, title=title))
    close(call.competition)
    visitor, address = visit_as(app, call.secretary), f"/applications/register/{call.competition.code}"
    rows = json.loads(visitor.get(f"{address}.json?sort=title").text)["rows"]
    assert [row["title"] for row in rows] == ["Аптека", "Ґанок", "Яблуко"]
    assert [row["number"] for row in rows] == [3, 1, 2]
    chosen = json.loads(visitor.get(f"{address}.json?text=ябл").text)["rows"]
    assert [row["code"] for row in chosen] == [applications[1].code]
    lines = visitor.get(f"{address}.csv").data.decode("utf-8-sig").splitlines()
    assert (len(lines), lines[1].split(";")[1]) == (4, applications[0].code)
    paper = PdfReader(io.BytesIO(visitor.get(f"{address}.pdf").data)).pages[0].extract_text()
    sent = figures.second(applications[0].submitted_at, "uk")
    # What belongs together stands in one cell; what is left away is named.
    assert [part in paper for part in (f"{applications[0].code}\n{sent}", "Ґанок\nМалі гранти")] == [True, True]
    assert "Лише там: власний внесок, спосіб підписання, хто підписав." in paper.replace("\n", " ")
    assert visitor.get(f"{address}.xlsx").data[:2] == b"PK"
    assert visitor.get(f"{address}?state=submitted&lot=Малі+гранти&sort=-amount&junk=1").status_code == 200
    guest = visit_as(app, None).get(f"/applications/public/{call.competition.code}.json?sort=-number")
    assert [row["number"] for row in json.loads(guest.text)["rows"]] == [3, 2, 1]


@pytest.mark.sqlite_only
def test_register_asks_the_same_number_of_times_for_any_length(app: Flask, call: Call) -> None:
    submitted_application(call.competition)
    visitor, address = visit_as(app, call.secretary), f"/applications/register/{call.competition.code}"
    close(call.competition)
    with count_queries() as one:
        assert visitor.get(address).status_code == 200
    with unit_of_work():
        first = call.competition.intake_closed_at
    assert first is not None
    with count_queries() as again:
        assert visitor.get(f"{address}?sort=-title").status_code == 200
    assert len(one) == len(again) <= 10


@pytest.mark.sqlite_only
@pytest.mark.parametrize("role", [Role.EXPERT, Role.NGO_HEAD, Role.FINANCE, Role.ADMIN, None])
def test_desk_closed_to_others(app: Flask, call: Call, role: Role | None) -> None:
    sent = submitted_application(call.competition)
    close(call.competition)
    visitor = visit_as(app, None if role is None else new_person(role))
    for address in ("/applications/desk", f"/applications/register/{call.competition.code}",
                    f"/applications/{sent.code}/formal-check"):  # fmt: skip
        assert visitor.get(address).status_code == (302 if role is None else 403), address


@pytest.mark.sqlite_only
def test_secretary_goes_from_register_to_return_and_admission(app: Flask, call: Call, clock: FrozenClock) -> None:
    head = new_head()
    application = submitted_application(call.competition, head)
    second = submitted_application(call.competition)
    secretary, author = visit_as(app, call.secretary), visit_as(app, head)
    code = call.competition.code
    clock.at(call.competition.intake_until)
    assert "sealed" not in secretary.get(f"/applications/register/{code}").text
    assert secretary.post(f"/applications/register/{code}/start-check").status_code == 403  # a queue may still stand
    clock.forward(minutes=2)
    assert secretary.post(f"/applications/register/{code}/start-check").status_code == 302
    assert sorted([application.register_number, second.register_number]) == [1, 2]
    address = f"/applications/{application.code}"
    verdicts = {f"{row.requirement.code}-verdict": "meets" for row in queries.requirement_rows(application)}
    refused = secretary.post(f"{address}/formal-check", data={**verdicts, "complete-verdict": "defect"})
    assert (refused.status_code, "complete-note" in refused.text) == (422, True)
    noted = {**verdicts, "complete-verdict": "defect", "complete-note": "Немає підпису на рішенні"}
    assert secretary.post(f"{address}/formal-check", data=noted).status_code == 302
    letter = secretary.get(f"{address}/return")
    assert (letter.status_code, "Немає підпису на рішенні" in letter.text) == (200, True)
    empty = secretary.post(f"{address}/return", data={"letter": "Виправте", "days": "5"})
    assert (empty.status_code, "Виправте" in empty.text) == (422, True)
    sent = secretary.post(f"{address}/return", data={"letter": "Виправте", "days": "5", "questions": ["files", "goal"]})
    assert (sent.status_code, application.state) == (302, A.RETURNED)
    page = author.get(f"{address}/corrections")
    assert (page.status_code, 'name="goal"' in page.text, 'name="title"' in page.text) == (200, True, False)
    forged = {"goal": "Нова мета", "title": "Підроблена", "version": version_of(page.text)}
    assert author.post(f"{address}/corrections", data=forged).status_code == 302
    assert (application.title, queries.answers_of(application)["goal"]) == ("Школа дворових медіаторів", "Нова мета")
    assert author.post(f"{address}/sections/summary", data={"title": "Підроблена"}).status_code == 403
    assert author.post(f"{address}/budget", data={"rows-0-item": "Підроблене"}).status_code == 403
    assert author.get(f"{address}/files").status_code == 200
    assert author.post(f"{address}/corrections/send").status_code == 302
    assert application.state == A.CORRECTED
    assert "Нова мета" in secretary.get(f"{address}/changes").text
    assert secretary.post(f"{address}/admit").status_code == 403
    assert secretary.post(f"{address}/formal-check", data=verdicts).status_code == 302
    answer = secretary.post(f"{address}/admit")
    assert (answer.status_code, answer.location, application.state) == (
        302,
        f"/applications/{second.code}/formal-check",
        A.ADMITTED,
    )
    assert secretary.post(f"/applications/{second.code}/reject", data={"reason": "", "clause": ""}).status_code == 422
    done = secretary.post(f"/applications/{second.code}/reject", data={"reason": "Запізно", "clause": "п. 11"})
    assert (done.status_code, second.state) == (302, A.REJECTED)
    assert author.get(address).status_code == 200


@pytest.mark.sqlite_only
def test_work_list_of_author_and_secretary(app: Flask, call: Call, clock: FrozenClock) -> None:
    head = new_head()
    draft = draft_application(call.competition, head)
    sent_by = new_head()
    submitted_application(call.competition, sent_by)
    assert f"/applications/{draft.key}" in visit_as(app, head).get("/home").text
    assert "/applications/register/" not in visit_as(app, call.secretary).get("/home").text
    close(call.competition)
    assert f"/applications/register/{call.competition.code}" in visit_as(app, call.secretary).get("/home").text
    assert f"/applications/{draft.key}" not in visit_as(app, head).get("/home").text


@pytest.mark.sqlite_only
def test_competition_page_offers_to_apply_then_shows_who_did(app: Flask, call: Call) -> None:
    code = call.competition.code
    start, listed = f"/applications/start/{code}", f"/applications/public/{code}"
    before = visit_as(app, None).get(f"/competitions/{code}").text
    assert (start in before, listed in before) == (True, False)
    close(call.competition)
    after = visit_as(app, None).get(f"/competitions/{code}").text
    assert (start in after, listed in after) == (False, True)


def test_submission_of_recalled_application_is_numbered_by_the_last_instant(call: Call, clock: FrozenClock) -> None:
    early, late = new_head(), new_head()
    first = submitted_application(call.competition, early)
    clock.forward(minutes=5)
    second = submitted_application(call.competition, late)
    clock.forward(minutes=5)
    with unit_of_work():
        services.recall(first, early)
    with unit_of_work():
        services.save_answers(first, declarations(), None, early)
        services.submit_application(first, early)
    close(call.competition)
    assert (first.register_number, second.register_number) == (2, 1)


def test_desk_counts_and_starts_nothing_before_the_instant(call: Call, clock: FrozenClock) -> None:
    submitted_application(call.competition)
    clock.at(call.competition.intake_until - timedelta(seconds=1))
    assert desk_counts(call.secretary) == [(1, 0, False)]
    clock.forward(seconds=1)
    assert desk_counts(call.secretary) == [(1, 0, True)]


def test_desk_counts_nothing_that_is_considered_without_the_person(call: Call, clock: FrozenClock) -> None:
    hidden = submitted_application(call.competition)
    tied, free = call.secretary, new_person(Role.SECRETARY)
    block(hidden, tied)
    close(call.competition)
    assert (desk_counts(tied), desk_counts(free)) == ([(0, 0, True)], [(1, 0, True)])


def desk_counts(viewer: User) -> list[tuple[int, int, bool]]:
    """What the list of registers counts for this person."""
    return [(row.total, row.waiting, row.can_start) for row in queries.desk_rows(viewer)]


def test_person_of_the_applicant_does_not_check_the_own_application(app: Flask, call: Call) -> None:
    head = new_head()
    application = submitted_application(call.competition, head)
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, call.secretary)
        call.secretary.memberships.append(
            Membership(organisation=organisation_of(head), role=Role.NGO_MEMBER, since=clock_now())
        )
    with pytest.raises(NotAllowed, match="another person checks"), unit_of_work():
        services.check_requirement(application, "complete", "meets", by=call.secretary)


def test_ledger_stands_in_one_line_beside_the_check(app: Flask, call: Call) -> None:
    head = new_head()
    application = submitted_application(call.competition, head)
    close(call.competition)
    page = visit_as(app, call.secretary).get(f"/applications/{application.code}/formal-check").text
    line = "1 заявка, надано 0 грн, виплачено 0 грн, зобов’язань немає"
    assert line in page.replace("\u00a0", " ")
    assert f"/accounts/organisation/{organisation_of(head).edrpou}/ledger" in page
    # Only whoever reads the register of organisations.
    short = ledger_short(call.secretary, application.organisation)
    assert (short is not None, ledger_short(call.members[0], application.organisation)) == (True, None)
