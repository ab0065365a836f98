"""What is written behind a hidden question is read by nobody: an applicant smuggles nothing, and betrays nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import User
from grants_app.applications import services
from grants_app.applications.models import Application, Flag, Submission
from grants_app.competitions import services as calls
from grants_app.competitions.rules.form import STANDARD, Question, Section, form_text
from grants_app.database import db, unit_of_work
from grants_app.journal.worker import work_off
from grants_app.permissions import Role
from tests.attacks.addresses import addresses
from tests.support.applications import close, draft_application, new_head
from tests.support.calls import Call, new_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

CANARY = (
    "Прихована канарка співає про те, чого ніхто не питав і не мав читати в цій заявці: партнерами будуть сусідній "
    "бібліотечний гурток, старша група дитячого хору, двоє пекарів з вулиці біля млина і всі, кого покличе сторож."
)
ASKED = Section(
    "partners",
    "project",
    "Партнери",
    (
        Question("has_partners", "Чи є партнери?", "choice", options=(("yes", "Так"), ("no", "Ні"))),
        Question("partners_text", "Хто вони?", "long", limit=2000, show_if={"question": "has_partners", "is": "yes"}),
    ),
)


@pytest.fixture
def call(app: Flask, clock: FrozenClock) -> Call:
    """A call with a question that earlier answers may hide."""
    made = new_call()
    with unit_of_work():
        made.competition.form_text = form_text(replace(STANDARD, sections=(*STANDARD.sections, ASKED)))
    with unit_of_work():
        calls.announce(made.competition, by=made.organizer)
    return made


def smuggled(call: Call, head: User) -> Application:
    """Sent, with a text that was written while its question was asked and is hidden since."""
    draft = draft_application(call.competition, head, has_partners="yes", partners_text=CANARY)
    with unit_of_work():
        services.save_answers(draft, {"has_partners": "no"}, None, head)
    with unit_of_work():
        services.submit_application(draft, head)
    return draft


@pytest.mark.sqlite_only
def test_text_behind_a_hidden_question_reaches_no_desk(app: Flask, call: Call) -> None:
    sent = [smuggled(call, new_head()) for _twice in range(2)]
    close(call.competition)
    with unit_of_work():
        services.start_formal_check(call.competition, call.secretary)
    work_off(app)
    db.session.expire_all()
    frozen = list(db.session.scalars(sa.select(Submission.content)))
    marks = [str(one) for one in db.session.scalars(sa.select(Flag.evidence))]
    assert marks != []
    assert [text for text in (*frozen, *marks) if "канарка" in text] == []
    known = {"*": [call.competition.code, sent[0].code or ""], "number": ["1"]}
    told = []
    for person in (call.secretary, new_person(Role.AUDITOR), None):
        visitor = visit_as(app, person)
        for address in addresses(app, known, suffixes=("json",)):
            if "канарка".encode() in visitor.get(address).data:
                told.append(address)
    assert told == []
