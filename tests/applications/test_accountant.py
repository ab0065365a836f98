"""Rights in an organisation: the head signs, a member edits, the accountant keeps the budget and the documents."""

from __future__ import annotations

import io

import pytest
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import queries, services
from grants_app.applications.models import Application
from grants_app.core.errors import NotAllowed
from grants_app.database import unit_of_work
from grants_app.permissions import Role
from tests.support.applications import PDF, close, draft_application, new_head, organisation_of, version_of
from tests.support.calls import Call
from tests.support.visitors import new_person, visit_as

REFUSED = "Бухгалтер веде кошторис і документи; тексти пишуть керівник і представники"
ROW = {
    "rows-0-category": "services", "rows-0-item": "Оренда", "rows-0-qty": "1", "rows-0-price": "40 000",
    "rows-0-city": "30 000", "rows-0-own_cash": "10 000",
}  # fmt: skip


@pytest.fixture
def draft(call: Call) -> tuple[Application, User, User]:
    """A draft with its head and the accountant."""
    head = new_head()
    return (
        draft_application(call.competition, head),
        head,
        new_person(Role.NGO_ACCOUNTANT, organisation=organisation_of(head)),
    )


def test_accountant_writes_no_texts(app: Flask, draft: tuple[Application, User, User]) -> None:
    application, _head, accountant = draft
    visitor, page = visit_as(app, accountant), f"/applications/{application.key}/sections/rationale"
    shown = visitor.get(page)
    assert (shown.status_code, REFUSED in shown.text, 'name="goal"' in shown.text) == (200, True, False)
    assert visitor.get(f"{page}/autosave").json["locked"] == REFUSED
    for address in (page, f"{page}/autosave"):
        assert visitor.post(address, data={"goal": "Інша", "version": "{}"}).status_code == 403
    with pytest.raises(NotAllowed), unit_of_work():
        services.save_answers(application, {"goal": "Інша", "smallest_dropped": "Друк"}, None, accountant)
    assert queries.answers_of(application)["goal"] == "Менше сварок."


def test_member_writes_them(app: Flask, draft: tuple[Application, User, User]) -> None:
    application, head, _accountant = draft
    member = new_person(Role.NGO_MEMBER, organisation=organisation_of(head))
    with unit_of_work():
        services.save_answers(application, {"goal": "Інша"}, None, member)
    assert queries.answers_of(application)["goal"] == "Інша"


def test_accountant_keeps_budget_and_documents(app: Flask, draft: tuple[Application, User, User]) -> None:
    application, _head, accountant = draft
    visitor, address = visit_as(app, accountant), f"/applications/{application.key}"
    sent = {**ROW, "smallest": "25 000", "smallest_dropped": "Менша зала"}
    sent["version"] = version_of(visitor.get(f"{address}/budget").text)
    assert visitor.post(f"{address}/budget", data=sent).status_code == 302
    assert [line.item for line in queries.lines_of(application)] == ["Оренда"]
    assert queries.answers_of(application)["smallest_dropped"] == "Менша зала"
    paper = {"kind": "quote", "file": (io.BytesIO(PDF), "ціна.pdf")}
    assert visitor.post(f"{address}/files", data=paper).status_code == 302
    assert [file.kind for file in queries.attachments_of(application)] == ["decision", "quote"]


def test_accountant_begins_nothing(call: Call) -> None:
    head = new_head()
    accountant = new_person(Role.NGO_ACCOUNTANT, organisation=organisation_of(head))
    with pytest.raises(NotAllowed), unit_of_work():
        services.start_application(call.competition, organisation_of(head), accountant)


def test_accountant_corrects_the_budget_and_no_answer(
    app: Flask, call: Call, draft: tuple[Application, User, User]
) -> None:
    application, head, accountant = draft
    with unit_of_work():
        services.submit_application(application, head)
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, by=call.secretary)
        services.return_for_correction(application, ["goal", "budget"], "Уточніть", by=call.secretary)
    visitor, address = visit_as(app, accountant), f"/applications/{application.code}"
    page = visitor.get(f"{address}/corrections").text
    assert (REFUSED in page, 'name="goal"' in page, f'href="{address}/budget"' in page) == (True, False, True)
    visitor.post(f"{address}/corrections", data={"goal": "Інша", "version": "{}"})
    with pytest.raises(NotAllowed), unit_of_work():
        services.save_correction(application, {"goal": "Інша"}, by=accountant)
    sent = {**ROW, "version": version_of(visitor.get(f"{address}/budget").text)}
    assert visitor.post(f"{address}/budget", data=sent).status_code == 302
    assert queries.answers_of(application)["goal"] == "Менше сварок."
    assert [line.item for line in queries.lines_of(application)] == ["Оренда"]
