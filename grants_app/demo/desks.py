"""What goes on around the competitions: questions about a call, papers kept once, organisations that let themselves be
found, somebody who asks to join."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import sqlalchemy as sa

from grants_app.accounts.rules.profile import Governing
from grants_app.accounts.services import PasswordHash, create_user, joining, library, profile
from grants_app.accounts.services.library import DocumentFacts
from grants_app.competitions.models import CallQuestion
from grants_app.competitions.services import asking
from grants_app.database import db
from grants_app.demo.cast import DOMAIN, Club
from grants_app.demo.stage import Stage
from grants_app.permissions import Role

LISTED = 16
QUESTIONS = (
    (
        "Чи можна врахувати працю волонтерів у власному внеску і як її оцінити?",
        "Так, як негрошовий внесок: години помножте на середню погодинну оплату такої роботи у місті й назвіть джерело "
        "числа в обґрунтуванні рядка. Негрошовий внесок не може перевищувати половини власного.",
    ),
    (
        "Чи може одна особа бути в командах двох проєктів різних організацій?",
        "Може. Укажіть, скільки часу вона приділить кожному проєкту: експерти дивляться на спроможність команди.",
    ),
)
WAITING = "Чи приймете ви копію статуту, засвідчену керівником, а не нотаріусом?"


def papers(stage: Stage, day: date, members: list[Club]) -> None:
    """The first organisations keep their statutes and certificates in the library; one certificate ends soon."""
    stage.at(day, 12)
    for club in members[:3]:
        stage.do(partial(_keep, stage, club, "statute", "Статут, чинна редакція", None))
    ends = day + timedelta(days=60)
    stage.do(partial(_keep, stage, members[0], "no_debt", "Довідка про відсутність боргу", ends))


def directory(stage: Stage, day: date, members: list[Club]) -> None:
    """Most organisations agree to be listed in public; the first names its governing people for the check of ties."""
    stage.at(day, 13)
    for club in members[:LISTED]:
        stage.do(partial(_agree, stage, club))
    first = members[0]
    people = [Governing(first.head, "голова правління"), Governing("Потап Жолудь", "засновник")]

    def name() -> None:
        organisation = stage.organisation(first.edrpou)
        profile.set_governing(organisation, people, version=organisation.version, by=stage.user(first.login))

    stage.do(name)


def questions(stage: Stage, code: str, day: date, members: list[Club]) -> None:
    """Two questions about the call are answered in public, a third one waits."""
    for index, (text, reply) in enumerate(QUESTIONS):
        stage.at(day + timedelta(days=index), 10)
        stage.do(partial(_ask, stage, code, text, members[5 + index]))
        stage.at(day + timedelta(days=index), 16)
        stage.do(partial(_answer, stage, text, reply))
    stage.at(day + timedelta(days=len(QUESTIONS)), 11)
    stage.do(partial(_ask, stage, code, WAITING, members[8]))


def newcomer(stage: Stage, day: date, club: Club, password: PasswordHash) -> None:
    """Somebody asks to be let into an organisation that has an account already; its head has not decided yet."""
    stage.at(day, 9, 30)
    address = f"newcomer@{DOMAIN}"
    stage.do(partial(create_user, address, "Севастян Груша", password=password, roles=[], by=stage.user("admin")))
    stage.do(
        lambda: joining.ask_to_join(
            club.edrpou, Role.NGO_ACCOUNTANT, "Веду облік організації з вересня.", by=stage.user("newcomer")
        )
    )


def _keep(stage: Stage, club: Club, kind: str, title: str, until: date | None) -> None:
    facts = DocumentFacts(kind, title, until, f"{kind}.pdf", "application/pdf")
    library.add_document(stage.organisation(club.edrpou), facts, stage.paper, by=stage.user(club.login))


def _agree(stage: Stage, club: Club) -> None:
    profile.agree_to_directory(stage.organisation(club.edrpou), by=stage.user(club.login))


def _ask(stage: Stage, code: str, text: str, club: Club) -> None:
    asking.ask(stage.competition(code), text, by=stage.user(club.login))


def _answer(stage: Stage, text: str, reply: str) -> None:
    question = db.session.scalars(sa.select(CallQuestion).filter_by(text=text)).one()
    asking.answer(question, question.published_text, reply, by=stage.user("secretary"))
