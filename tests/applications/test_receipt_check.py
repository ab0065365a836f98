"""Anybody checks a receipt by its code and digest, and learns nothing that is not theirs to learn."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import services
from grants_app.applications.models import Application, Submission
from grants_app.competitions.models import Competition
from grants_app.database import db, unit_of_work
from tests.support.applications import close, new_head, organisation_of, submitted_application
from tests.support.calls import Call
from tests.support.papers import words_of
from tests.support.visitors import visit_as


@pytest.fixture
def sent(app: Flask, call: Call) -> tuple[Application, User, str]:
    """A submitted application, its head, and the address on its receipt."""
    head = new_head()
    application = submitted_application(call.competition, head)
    return application, head, f"/r/{application.code}/{application.content_digest}"


def test_receipt_is_genuine_and_tells_only_itself_while_the_intake_runs(
    app: Flask, sent: tuple[Application, User, str]
) -> None:
    application, head, address = sent
    page = app.test_client().get(address)
    secrets = (organisation_of(head).name, organisation_of(head).edrpou, application.title, "Стан зараз")
    assert (page.status_code, "Підтвердження справжнє" in page.text) == (200, True)
    assert (application.code or "") in page.text
    assert "12:00:00" in page.text
    assert [text for text in secrets if text in page.text] == []
    # The staff of the city learns no more here.
    assert visit_as(app, head).get(address).status_code == 200


@pytest.mark.parametrize("digits", [16, 40, 64])
def test_beginning_of_the_digest_is_enough(app: Flask, sent: tuple[Application, User, str], digits: int) -> None:
    application, _head, _address = sent
    digest = (application.content_digest or "")[:digits]
    typed = " ".join(digest[place : place + 4] for place in range(0, len(digest), 4)).upper()
    answer = app.test_client().get("/r", query_string={"code": (application.code or "").lower(), "digest": typed})
    assert (answer.status_code, answer.location) == (302, f"/r/{application.code}/{digest}")
    assert app.test_client().get(answer.location).status_code == 200


def test_whatever_is_wrong_is_answered_alike(app: Flask, sent: tuple[Application, User, str]) -> None:
    application, _head, address = sent
    digest = application.content_digest or ""
    wrong = "0" * 64 if digest[0] != "0" else "1" * 64
    pages = {
        app.test_client().get(f"/r/{code}/{one}").text.split("<main")[1].replace(code, "").replace(one, "")
        for code, one in (
            (application.code or "", wrong),
            (application.code or "", digest[:15]),
            (application.code or "", digest[:-1] + ("0" if digest[-1] != "0" else "1")),
            ("2027-SKP-ZZZZ", digest),
            (application.key, digest),
        )
    }
    assert len(pages) == 1
    assert app.test_client().get(f"/r/{application.code}/{wrong}").status_code == 404
    assert app.test_client().get(address + "ff").status_code == 404
    assert app.test_client().get("/r", query_string={"code": application.code}).status_code == 200


def test_after_the_intake_it_says_what_the_register_says(
    app: Flask, call: Call, sent: tuple[Application, User, str]
) -> None:
    _application, head, address = sent
    close(call.competition)
    page = app.test_client().get(address).text
    assert (organisation_of(head).name in page, "Стан зараз" in page) == (True, True)
    with unit_of_work():
        db.session.execute(
            sa.update(Competition).where(Competition.id == call.competition.id).values(blind_phases=["scoring"])
        )
    db.session.expire_all()
    blind = app.test_client().get(address).text
    assert (organisation_of(head).name in blind, "Підтвердження справжнє" in blind) == (False, True)


def test_recalled_application_is_said_to_be_in_no_register_only_after_the_intake(
    app: Flask, call: Call, sent: tuple[Application, User, str]
) -> None:
    application, head, address = sent
    with unit_of_work():
        services.recall(application, head)
    during = app.test_client().get(address).text
    assert ("Підтвердження справжнє" in during, "немає в реєстрі" in during) == (True, False)
    close(call.competition)
    after = app.test_client().get(address).text
    assert ("немає в реєстрі" in after, organisation_of(head).name in after) == (True, False)


def test_first_receipt_stays_genuine_after_corrections(
    app: Flask, call: Call, sent: tuple[Application, User, str]
) -> None:
    application, head, first = sent
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, call.secretary)
        services.return_for_correction(application, ["goal"], "Уточніть", by=call.secretary)
    with unit_of_work():
        services.save_correction(application, {"goal": "Нова мета"}, by=head)
        services.send_correction(application, by=head)
    second = db.session.scalars(sa.select(Submission.digest).order_by(Submission.id.desc())).first()
    pages = [app.test_client().get(address).text for address in (first, f"/r/{application.code}/{second}")]
    assert ["Пізніший вміст" in page for page in pages] == [True, False]
    assert ["Виправлення заявки" in page for page in pages] == [False, True]


def test_paper_carries_the_address_of_its_check(app: Flask, sent: tuple[Application, User, str]) -> None:
    application, head, address = sent
    client = visit_as(app, head)
    assert f'href="{address}"' in client.get(f"/applications/{application.code}/receipt").text
    paper = words_of(client.get(f"/applications/{application.code}/receipt.pdf").data)
    assert address in paper.replace("\n", "").replace(" ", "")


def test_receipt_says_how_far_the_application_is(app: Flask, call: Call, sent: tuple[Application, User, str]) -> None:
    application, head, _address = sent
    client, page = visit_as(app, head), f"/applications/{application.code}"

    def now() -> str:
        """The step that runs, as the receipt and the application itself tell it."""
        steps = {
            shown.split('aria-current="step"')[1].split("</li>")[0] if 'aria-current="step"' in shown else ""
            for shown in (client.get(page).text, client.get(f"{page}/receipt").text)
        }
        return steps.pop() if len(steps) == 1 else f"told apart: {steps}"

    assert "Прийом закінчується" in now()
    close(call.competition)
    assert "Секретар перевіряє документи" in now()
    with unit_of_work():
        services.withdraw(application, "Передумали", head)
    assert now() == ""
