"""Questions about a call and their answers in public.

Who asked stays with the row: neither the journal nor the outbox tells it, so that nobody learns who means to apply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.competitions import policy
from grants_app.competitions.models import CallQuestion, Competition
from grants_app.competitions.rules.asking import (
    ANSWER_LONGEST,
    LETTERS,
    MOST_A_DAY,
    MOST_WAITING,
    QUESTION_LONGEST,
    QUESTION_SHORTEST,
)
from grants_app.competitions.services.settings import NEWER
from grants_app.core import clock, words
from grants_app.core.errors import EditConflict, InvalidInput, NotAllowed, WrongState
from grants_app.core.identifiers import random_text
from grants_app.database import db, lock
from grants_app.journal.letters import link_to
from grants_app.journal.services import SYSTEM, Actor, advance, notify_user, record
from grants_app.lifecycle import CallQuestionState as Q

# Applications come later in the order of imports: they say who is writing one for a call.
_writers: list[Callable[[Competition], Iterable[User]]] = []


def tell_writers_by(people: Callable[[Competition], Iterable[User]]) -> None:
    """Ask `people` whom a published answer concerns: everybody with a draft or an application of that call."""
    _writers[:] = [people]


def ask(competition: Competition, text: str, *, by: User) -> CallQuestion:
    """Ask about an announced call. It is published when it is answered, without the name of who asked.

    Raises NotAllowed after the intake or for others than applicants, InvalidInput (field "text") for a text that is too
    short, too long or asked already, and where too many of the person's questions wait.
    """
    why = policy.why_not_ask(by, competition, clock.now())
    if why is not None:
        raise NotAllowed(why)
    question = _text(text, "text", QUESTION_LONGEST)
    if words.count(question) < QUESTION_SHORTEST:
        raise InvalidInput(
            "Write the question in at least %(least)s characters", field="text", facts={"least": QUESTION_SHORTEST}
        )
    _refuse_flood(competition, question, by)
    asked = CallQuestion(
        code=random_text(12),
        competition_id=competition.id,
        text=question,
        published_text=question,
        lang=by.lang,
        asked_at=clock.now(),
        asked_by_id=by.id,
        earlier=[],
    )
    db.session.add(asked)
    db.session.flush()
    # Not under the person's name: the journal is read, and who asks may be about to apply.
    record(
        thing="call_question",
        code=asked.code,
        scope=competition.code,
        step="ask",
        by=SYSTEM,
        to_state=asked.state,
    )
    return asked


def answer(question: CallQuestion, published_text: str, text: str, *, by: Actor, version: int | None = None) -> None:
    """Publish the question in the words given here, with its answer; letters to who asked and who is writing.

    Raises NotAllowed, WrongState when it was answered or declined already, EditConflict, InvalidInput by field.
    """
    found = _locked(question, version)
    _refuse_stranger(found, by)
    shown = _text(published_text, "published_text", QUESTION_LONGEST)
    words_of_answer = _text(text, "answer", ANSWER_LONGEST)
    found.published_text, found.answer = shown, words_of_answer
    found.answered_at, found.answered_by_id = clock.now(), by.actor_id
    advance(found, "answer", by=by)
    _tell(found, "call_question_answered")


def decline(question: CallQuestion, reason: str, *, by: Actor, version: int | None = None) -> None:
    """Do not publish the question; only who asked learns the reason. Raises as `answer` does."""
    found = _locked(question, version)
    _refuse_stranger(found, by)
    told = _text(reason, "reason", QUESTION_LONGEST)
    found.answered_at, found.answered_by_id = clock.now(), by.actor_id
    # The reason may repeat the question: it belongs to the letter, not to the journal that everybody may check.
    advance(found, "decline", by=by, reason="–")
    found.answer = told
    _letter(found.asked_by, found, "call_question_declined", reason=told)


def correct(
    question: CallQuestion,
    published_text: str,
    text: str,
    *,
    reason: str,
    by: Actor,
    version: int | None = None,
) -> None:
    """Correct what is published; the earlier words stay visible with the reason. Letters go out again."""
    found = _locked(question, version)
    _refuse_stranger(found, by)
    if found.state is not Q.ANSWERED:
        raise WrongState("Only a published answer can be corrected")
    shown = _text(published_text, "published_text", QUESTION_LONGEST)
    new = _text(text, "answer", ANSWER_LONGEST)
    told = _text(reason, "reason", QUESTION_LONGEST)
    if (shown, new) == (found.published_text, found.answer):
        raise InvalidInput("Nothing is changed", field="answer")
    before = {"at": _since(found), "question": found.published_text, "answer": found.answer, "reason": told}
    found.earlier = [*found.earlier, before]
    found.published_text, found.answer, found.answered_at = shown, new, clock.now()
    found.answered_by_id = by.actor_id
    record(
        thing="call_question",
        code=found.code,
        scope=found.journal_scope,
        step="correct",
        by=by,
        from_state=found.state,
        to_state=found.state,
        reason=told,
    )
    _tell(found, "call_question_corrected", reason=told)


def _since(question: CallQuestion) -> str:
    assert question.answered_at is not None
    return question.answered_at.isoformat()


def _text(text: str, field: str, longest: int) -> str:
    clean = words.unify(text).strip()
    if not clean:
        raise InvalidInput("Write the text: it is empty", field=field)
    if words.count(clean) > longest:
        raise InvalidInput(
            "Shorten by %(over)s characters: %(most)s are allowed, now %(length)s",
            field=field,
            facts={"over": words.count(clean) - longest, "most": longest, "length": words.count(clean)},
        )
    return clean


def _refuse_flood(competition: Competition, text: str, by: User) -> None:
    own = sa.select(sa.func.count()).where(
        CallQuestion.competition_id == competition.id, CallQuestion.asked_by_id == by.id
    )
    if db.session.scalar(own.where(CallQuestion.text == text)):
        raise InvalidInput("You have asked this already: the answer will stand on this page", field="text")
    waiting = db.session.scalar(own.where(CallQuestion.state == Q.ASKED)) or 0
    today = db.session.scalar(own.where(CallQuestion.asked_at > clock.now() - timedelta(days=1))) or 0
    if waiting >= MOST_WAITING or today >= MOST_A_DAY:
        raise InvalidInput("Several of your questions wait already: ask more when they are answered", field="text")


def _locked(question: CallQuestion, version: int | None) -> CallQuestion:
    found = db.session.scalars(lock(sa.select(CallQuestion).filter_by(id=question.id))).one()
    if version is not None and found.version != version:
        raise EditConflict(NEWER)
    return found


def _refuse_stranger(question: CallQuestion, by: Actor) -> None:
    why = policy.why_not_answer(by, question.competition)
    if why is not None:
        raise NotAllowed(why)


def _tell(question: CallQuestion, letter: str, **facts: str) -> None:
    """One letter a person: whoever asked, and everybody who is writing an application."""
    people = {question.asked_by.id: question.asked_by}
    for writers in _writers:
        people |= {person.id: person for person in writers(question.competition)}
    for _id, person in sorted(people.items()):
        _letter(person, question, letter, **facts)


def _letter(person: User, question: CallQuestion, letter: str, **facts: str) -> None:
    competition = question.competition
    notify_user(
        person,
        LETTERS,
        letter,
        facts={
            "title": competition.title,
            "question": question.published_text,
            "answer": question.answer,
            "link": link_to(f"/competitions/{competition.code}/asked"),
            **facts,
        },
        # The outbox shows no letter of this kind: a list of receivers would tell who is writing an application.
        thing="call_question",
        code=question.code,
        scope=competition.code,
    )
