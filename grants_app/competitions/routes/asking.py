"""Questions and answers about a call: everybody reads, applicants ask, the secretary or the organizer answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.competitions import policy
from grants_app.competitions.documents import until_words
from grants_app.competitions.forms.asking import AnswerForm, AskForm, CorrectForm, DeclineForm
from grants_app.competitions.models import CallQuestion, Competition
from grants_app.competitions.queries import asking as rows
from grants_app.competitions.routes.blueprint import blueprint, competition_or_404, reader
from grants_app.competitions.rules.asking import ANSWER_DAYS
from grants_app.competitions.services import asking as services
from grants_app.core import clock
from grants_app.core.errors import DomainError
from grants_app.database import unit_of_work
from grants_app.extensions import limiter
from grants_app.lifecycle import CallQuestionState as Q
from grants_app.permissions import Permission
from grants_app.web.access import public, requires
from grants_app.web.errors import put_on_form
from grants_app.web.panels import DueItem, Panel

Answer = str | Response | tuple[str, int]
QUESTIONS_FROM_ONE_ADDRESS = "30 per hour"


@blueprint.get("/competitions/<string:code>/asked")
@public
def asked(code: str) -> str:
    """Questions and answers, and the form of those who may ask."""
    return _page(competition_or_404(code), AskForm(formdata=None))


@blueprint.post("/competitions/<string:code>/asked")
@requires(Permission.APPLICATION_EDIT)
@limiter.limit(QUESTIONS_FROM_ONE_ADDRESS)
def ask(code: str) -> Answer:
    """Ask a question."""
    competition = competition_or_404(code)
    form = AskForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.ask(competition, form.text.data or "", by=current_user)
                unit.answer = url_for("competitions.asked", code=code)
            flash(gettext("The question is sent. The answer will appear on this page, and you will get a letter"), "ok")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _page(competition, form), 422


@blueprint.get("/competitions/<string:code>/asked/<string:question>")
@requires(Permission.CALL_ANSWER)
def answer_page(code: str, question: str) -> str:
    """One question on the desk: answer, decline or correct."""
    competition = competition_or_404(code)
    found = rows.question_of(competition, question)
    return _desk(competition, found, _answer_form(found, fresh=True))


@blueprint.post("/competitions/<string:code>/asked/<string:question>")
@requires(Permission.CALL_ANSWER)
def answer(code: str, question: str) -> Answer:
    """Publish the answer, or its correction."""
    competition = competition_or_404(code)
    found = rows.question_of(competition, question)
    form = _answer_form(found)
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                _publish(found, form)
                unit.answer = url_for("competitions.asked", code=code, _anchor=f"q-{question}")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _desk(competition, found, form), 422


@blueprint.post("/competitions/<string:code>/asked/<string:question>/decline")
@requires(Permission.CALL_ANSWER)
def decline(code: str, question: str) -> Answer:
    """Do not publish it; the person who asked learns why."""
    competition = competition_or_404(code)
    found = rows.question_of(competition, question)
    form = DeclineForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.decline(found, form.reason.data or "", by=current_user, version=form.seen_version)
                unit.answer = url_for("competitions.asked", code=code)
            flash(gettext("The question is not published; the person who asked gets the reason by letter"), "ok")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _desk(competition, found, _answer_form(found, fresh=True), form), 422


def asking_panel(_viewer: Any, competition: Competition) -> Panel | None:
    """On the page of the call: how many questions are answered, and the newest of them."""
    if competition.announced_at is None:
        return None
    answered = rows.answered_rows(competition)
    why_not = policy.why_not_ask(_ANYBODY, competition, clock.now())
    if not answered and why_not is not None:
        return None
    url = url_for("competitions.asked", code=competition.code)
    data = {"count": len(answered), "newest": answered[:3], "url": url, "is_open": why_not is None}
    return Panel("competitions/_asked_panel.html", data, order=60)


def due_questions(user: Any) -> Iterator[DueItem]:
    """Questions that wait for an answer, on the home page of those who answer."""
    if not user.can(Permission.CALL_ANSWER):
        return
    for row in rows.waiting_rows():
        yield DueItem(
            when=clock.end_of_day(row.answer_by),
            what=gettext("Question about “%(title)s”", title=row.competition_title),
            url=url_for("competitions.answer_page", code=row.competition_code, question=row.code),
            why=gettext("Applicants were promised an answer in %(days)s working days", days=ANSWER_DAYS),
            verb=gettext("Answer"),
        )


class _Anybody:
    """An applicant whoever it is: asks only whether questions are taken at all."""

    actor_id = None
    actor_label = ""

    def can(self, permission: Permission) -> bool:
        """What applicants may do."""
        return permission is Permission.APPLICATION_EDIT


_ANYBODY = _Anybody()


def _publish(question: CallQuestion, form: Any) -> None:
    shown, text = form.published_text.data or "", form.answer.data or ""
    if isinstance(form, CorrectForm):
        services.correct(
            question, shown, text, reason=form.reason.data or "", by=current_user, version=form.seen_version
        )
    else:
        services.answer(question, shown, text, by=current_user, version=form.seen_version)


def _answer_form(question: CallQuestion, *, fresh: bool = False) -> Any:
    kind = CorrectForm if question.state is Q.ANSWERED else AnswerForm
    if request.method == "POST" and not fresh:
        return kind()
    return kind(
        formdata=None,
        version=str(question.version),
        published_text=question.published_text,
        answer=question.answer if question.state is Q.ANSWERED else "",
    )


def _page(competition: Competition, form: AskForm) -> str:
    person = reader()
    now = clock.now()
    is_desk = person is not None and person.can(Permission.CALL_ANSWER)
    asks = person is not None and person.can(Permission.APPLICATION_EDIT)
    return render_template(
        "competitions/asked.html",
        competition=competition,
        form=form,
        rows=rows.answered_rows(competition),
        own=rows.own_rows(competition, person) if asks else [],
        waiting=rows.waiting_rows(competition) if is_desk else [],
        asks=asks,
        is_guest=person is None,
        is_desk=is_desk,
        why_not=policy.why_not_ask(person if asks else _ANYBODY, competition, now),  # type: ignore[arg-type]  # a reader with an account is an actor
        until=until_words(competition.intake_until) if competition.intake_until else "",
        days=ANSWER_DAYS,
    )


def _desk(competition: Competition, question: CallQuestion, form: Any, refusing: DeclineForm | None = None) -> str:
    return render_template(
        "competitions/answer.html",
        competition=competition,
        question=question,
        form=form,
        refusing=refusing or DeclineForm(formdata=None, version=str(question.version)),
        earlier=rows.earlier_of(question),
        why_not=policy.why_not_answer(current_user, competition),
        is_answered=question.state is Q.ANSWERED,
        is_declined=question.state is Q.DECLINED,
    )
