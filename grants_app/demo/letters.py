"""What goes wrong with letters in any year: an answer that had to be corrected, an address that does not exist."""

from __future__ import annotations

from datetime import date
from functools import partial

import sqlalchemy as sa

from grants_app.competitions.models import CallQuestion
from grants_app.competitions.services import asking
from grants_app.database import db
from grants_app.demo.stage import Stage
from grants_app.journal.models import Notice
from grants_app.journal.queries import TRIES

REASON = "У першій відповіді не сказано, скільки проєктів може вести одна особа."
CORRECTED = (
    "Може, але не більше ніж у двох. Вкажіть, скільки часу вона приділить кожному проєкту: експерти дивляться на "
    "спроможність команди."
)
REFUSAL = "SMTPRecipientsRefused: {'%s': (550, b'5.1.1 no such mailbox')}"


def correct_answer(stage: Stage, code: str, day: date) -> None:
    """The second public answer of a call is corrected with a reason; its earlier words stay on the page."""
    stage.at(day, 18)
    stage.do(partial(_correct, stage, code))


def refuse_letter(stage: Stage, scope: str) -> None:
    """A mail server has refused the last letter of admission of a call: it waits on the secretary's page."""
    stage.do(partial(_refuse, scope))


def _correct(stage: Stage, code: str) -> None:
    of_call = sa.select(CallQuestion).filter_by(competition_id=stage.competition(code).id).order_by(CallQuestion.id)
    question = db.session.scalars(of_call.where(CallQuestion.answered_at.is_not(None))).all()[-1]
    asking.correct(question, question.published_text, CORRECTED, reason=REASON, by=stage.user("secretary"))


def _refuse(scope: str) -> None:
    admitted = sa.select(Notice).filter_by(template="application_admitted", scope=scope).order_by(Notice.id.desc())
    letter = db.session.scalars(admitted.limit(1)).one()
    letter.attempts, letter.failure = TRIES, REFUSAL % letter.email
