"""Discussion of an application: the thread, its lead, the consensus sheet, opening the own review."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import sqlalchemy as sa
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.rules import DIVERGENCE_RULES
from grants_app.core.errors import DomainError, EditConflict, NotFound
from grants_app.database import db, unit_of_work
from grants_app.journal.queries import describe
from grants_app.lifecycle import AssignmentState
from grants_app.permissions import Permission
from grants_app.reviews import documents, queries
from grants_app.reviews.forms import ReasonForm
from grants_app.reviews.forms.discussion import (
    ConsensusForm,
    LeadForm,
    MessageForm,
    OutcomeForm,
    ReviseForm,
    consensus_form,
)
from grants_app.reviews.models import Discussion
from grants_app.reviews.policy import discussion as policy
from grants_app.reviews.policy import why_not_see_marks
from grants_app.reviews.queries import discussion as threads
from grants_app.reviews.routes.blueprint import Answer, blueprint, comma, competition_of, lang, said, viewer
from grants_app.reviews.rules.discussion import CHAIR, SECRETARY, VISIBILITIES
from grants_app.reviews.schemas.discussion import MessageSchema, ThreadSchema
from grants_app.reviews.services import discussion as services
from grants_app.web import panels
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form
from grants_app.web.export import respond
from grants_app.web.fields import Form
from grants_app.web.panels import DueItem

F = TypeVar("F", bound=Form)
_ANYBODY = (
    Permission.REVIEW_SUBMIT,
    Permission.REVIEW_ASSIGN,
    Permission.REVIEW_PROGRESS_READ,
    Permission.RANKING_READ,
)
_RUNNERS = (Permission.REVIEW_ASSIGN, Permission.REVIEW_PROGRESS_READ)
_JOURNAL = {
    "discussion": "Discussion of reviews",
    "discussion.open": "Discussion opened",
    "discussion.say": "Message in the discussion",
    "discussion.name_lead": "Lead of the discussion named",
    "discussion.write_consensus": "Consensus sheet written",
}


def init_panels() -> None:
    """Register the words of the journal and the lines of the work list."""
    describe(_JOURNAL)
    panels.register_due("discussions", _due)


def _due(user: User) -> Iterable[DueItem]:
    if not user.can(Permission.REVIEW_SUBMIT):
        return
    for code, title in threads.waiting_for(user):
        yield DueItem(
            None,
            gettext("Discuss the reviews: %(title)s", title=title),
            url_for("reviews.discussion", code=code),
            gettext("The experts of this application diverge"),
            gettext("Open the discussion"),
        )


@blueprint.get("/<string:code>/discussions")
@requires(*_RUNNERS)
def discussions(code: str) -> str:
    """Discussions of the competition: open ones first."""
    competition = competition_of(code)
    _refuse_scorer(code)
    return render_template(
        "reviews/discussions.html",
        competition=competition,
        rows=threads.thread_rows(competition, viewer()),
        rule=DIVERGENCE_RULES[competition.divergence_rule],
        comma=comma,
    )


@blueprint.get("/<string:code>/discussions.<any(json,csv,xlsx,pdf):suffix>")
@requires(*_RUNNERS)
def export_discussions(code: str, suffix: str) -> Response:
    """The same list."""
    competition = competition_of(code)
    _refuse_scorer(code)
    frame = documents.table_frame(gettext("Discussions of reviews"), competition, lang=lang())
    rows = threads.thread_rows(competition, viewer())
    return respond(rows, ThreadSchema, suffix, file_name=f"discussions-{code}", document=frame)


@blueprint.get("/<string:code>/discussion")
@requires(*_ANYBODY)
def discussion(code: str) -> Answer:
    """The thread of one application, for those who take part in it."""
    application = _application(code)
    if threads.part_of(viewer(), application) is None:
        return _to_own_review(application)
    return _page(application)


@blueprint.get("/<string:code>/discussion.<any(json,csv,xlsx,pdf):suffix>")
@requires(*_ANYBODY)
def export_discussion(code: str, suffix: str) -> Response:
    """The messages that this reader sees."""
    application = _application(code)
    part, thread = _part(application), _thread(application)
    rows = threads.messages_for(viewer(), part, thread, _labels(application, part))
    title = gettext("Discussion of %(code)s", code=code)
    frame = documents.table_frame(title, application.competition, lang=lang(), landscape=False)
    return respond(rows, MessageSchema, suffix, file_name=f"discussion-{code}", document=frame)


@blueprint.post("/<string:code>/discussion/open")
@requires(Permission.REVIEW_ASSIGN)
def open_discussion(code: str) -> Answer:
    """Open a discussion by hand."""
    application = _application(code)
    _part(application)
    with unit_of_work() as unit:
        services.open_discussion(application, viewer())
        unit.answer = url_for("reviews.discussion", code=code)
    flash(gettext("The discussion is open. Letters to the experts are in the outbox"), "ok")
    return redirect(unit.answer)


@blueprint.post("/<string:code>/discussion/messages")
@requires(*_ANYBODY)
def say(code: str) -> Answer:
    """Add a message."""
    form = MessageForm()
    return _act(
        code,
        form,
        lambda thread: services.say(thread, form.text.data or "", form.visibility.data or "", viewer()),
        gettext("The message is added"),
    )


@blueprint.post("/<string:code>/discussion/lead")
@requires(Permission.REVIEW_ASSIGN)
def name_lead(code: str) -> Answer:
    """Name who writes the consensus sheet."""
    form = LeadForm()
    return _act(
        code,
        form,
        lambda thread: services.name_lead(thread, form.lead.data or "", viewer()),
        gettext("The lead is named. The letter is in the outbox"),
    )


@blueprint.post("/<string:code>/discussion/close")
@requires(Permission.REVIEW_ASSIGN)
def close_discussion(code: str) -> Answer:
    """Close with an outcome."""
    form = OutcomeForm()
    return _act(
        code,
        form,
        lambda thread: services.close_discussion(thread, form.outcome.data or "", viewer()),
        gettext("The discussion is closed"),
    )


@blueprint.post("/<string:code>/discussion/revise")
@requires(Permission.REVIEW_SUBMIT)
def revise(code: str) -> Answer:
    """Open the own review for changes."""
    return _revise(code, services.revise_review, gettext("Your review is open. Change it and finish it again"))


@blueprint.post("/<string:code>/discussion/adopt")
@requires(Permission.REVIEW_SUBMIT)
def adopt(code: str) -> Answer:
    """Take the consensus points into the own review."""
    told = gettext("The consensus points stand in your review. Read it and finish it again")
    return _revise(code, services.adopt_consensus, told)


@blueprint.get("/<string:code>/discussion/consensus")
@requires(Permission.REVIEW_SUBMIT)
def consensus(code: str) -> str:
    """The consensus sheet, for its lead."""
    application = _application(code)
    thread = _led(application)
    return _consensus_page(application, thread, _consensus_form(application, thread))


@blueprint.post("/<string:code>/discussion/consensus")
@requires(Permission.REVIEW_SUBMIT)
def write_consensus(code: str) -> Answer:
    """Propose the points to the panel."""
    application = _application(code)
    thread = _led(application)
    form = _consensus_form(application, thread)
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                text = form["text"].data or ""
                services.write_consensus(thread, form.sheet(), text, version=form.seen_version(), by=viewer())
                unit.answer = url_for("reviews.discussion", code=code)
            flash(gettext("The consensus sheet is proposed. Letters to the panel are in the outbox"), "ok")
            return redirect(unit.answer)
        except (EditConflict, StaleDataError):
            thread = _led(_application(code))
            form.version.data = str(thread.version)
            return _consensus_page(application, thread, form, has_clash=True), 409
        except DomainError as error:
            put_on_form(form, error)
    return _consensus_page(_application(code), _led(_application(code)), form), 422


def _application(code: str) -> Application:
    query = (
        sa.select(Application)
        .options(joinedload(Application.competition), joinedload(Application.lot))
        .filter_by(code=code)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    return found


def _part(application: Application) -> str:
    part = threads.part_of(viewer(), application)
    if part is None:
        raise NotFound()
    return part


def _thread(application: Application) -> Discussion:
    found = threads.discussion_of(application)
    if found is None:
        raise NotFound()
    return found


def _led(application: Application) -> Discussion:
    _part(application)
    thread = _thread(application)
    if thread.lead_id != viewer().id:
        raise NotFound()
    return thread


def _to_own_review(application: Application) -> Answer:
    """Whoever has not opened the others' reviews goes to the own sheet, where that is done. Raises NotFound."""
    own = threads.own_assignment(viewer(), application)
    if own is None:
        raise NotFound()
    if own.state == AssignmentState.DONE:
        flash(gettext("The discussion opens together with the other experts’ reviews"), "info")
    return redirect(url_for("reviews.sheet", code=application.code))


def _refuse_scorer(code: str) -> None:
    """Nothing of the discussions for a person who still scores in this competition."""
    if why_not_see_marks(viewer(), competition_of(code)) is not None:
        raise NotFound()


def _labels(application: Application, part: str) -> frozenset[str]:
    office = {"secretary": SECRETARY, "chair": CHAIR}.get(part)
    label = office or (services.own_label(application, part, viewer()) if part == "expert" else "")
    return frozenset({label} if label else ())


def _act(code: str, form: Form, act: Callable[[Discussion], object], told: str) -> Answer:
    application = _application(code)
    _part(application)
    thread = _thread(application)
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                act(thread)
                unit.answer = url_for("reviews.discussion", code=code)
            flash(told, "ok")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _page(_application(code), failed=form), 422


def _revise(code: str, act: Callable[..., object], told: str) -> Answer:
    application = _application(code)
    own = threads.own_assignment(viewer(), application)
    if own is None:
        raise NotFound()
    form = ReviseForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                act(own, form.reason.data or "", viewer())
                unit.answer = url_for("reviews.sheet", code=code)
            flash(told, "ok")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    _part(_application(code))
    return _page(_application(code), failed=form), 422


def _page(application: Application, *, failed: Form | None = None) -> str:
    person, part = viewer(), _part(application)
    thread = threads.discussion_of(application)
    own = threads.own_assignment(person, application)
    names = queries.sees_authors(person) and part == "secretary"
    panel = threads.panel_of(application, person, with_names=names)
    lead_form = failed if isinstance(failed, LeadForm) else LeadForm(formdata=None)
    lead_form["lead"].choices = [
        (one.expert_code, f"{one.expert_code} {one.name}".strip()) for one in panel if one.state == AssignmentState.DONE
    ]
    spread = threads.spreads(application.competition, application=application).get(application.id)
    return render_template(
        "reviews/discussion.html",
        application=application,
        competition=application.competition,
        thread=thread,
        part=part,
        panel=panel,
        spread=spread,
        messages=[] if thread is None else threads.messages_for(person, part, thread, _labels(application, part)),
        visibilities=VISIBILITIES,
        rule=DIVERGENCE_RULES[application.competition.divergence_rule],
        message_form=_form(MessageForm, failed),
        lead_form=lead_form,
        revise_form=_form(ReviseForm, failed),
        outcome_form=_form(OutcomeForm, failed),
        failed=failed if failed is not None else ReasonForm(formdata=None),
        why_not_open=said(policy.why_not_open(person, application)),
        why_not_say=None if thread is None else said(policy.why_not_say(person, thread)),
        why_not_lead=None if thread is None else said(policy.why_not_lead(person, thread)),
        why_not_revise=None if own is None else said(policy.why_not_revise(person, own, thread)),
        has_own=own is not None,
        is_lead=thread is not None and thread.lead_id == person.id,
        agreed=_agreed_rows(application, thread),
        comma=comma,
    )


def _form(kind: type[F], failed: Form | None) -> F:
    return failed if isinstance(failed, kind) else kind(formdata=None)


def _agreed_rows(application: Application, thread: Discussion | None) -> list[tuple[str, str, str]]:
    """Criterion, points, justification of the consensus sheet."""
    if thread is None or not thread.consensus:
        return []
    marks = thread.consensus["marks"]
    return [
        (f"{number}. {one.title}", comma(marks[one.code]["points"]), marks[one.code]["justification"])
        for number, one in enumerate((one for one in application.competition.criteria if one.code in marks), start=1)
    ]


def _consensus_form(application: Application, thread: Discussion) -> ConsensusForm:
    own = queries.assignment_for(viewer(), application.code or "")
    return consensus_form(queries.sheet_for(own, viewer()), thread.consensus, thread.version)


def _consensus_page(
    application: Application, thread: Discussion, form: ConsensusForm, *, has_clash: bool = False
) -> str:
    own = queries.assignment_for(viewer(), application.code or "")
    return render_template(
        "reviews/consensus.html",
        application=application,
        competition=application.competition,
        thread=thread,
        view=queries.sheet_for(own, viewer()),
        form=form,
        agreed=_agreed_rows(application, thread),
        has_clash=has_clash,
        comma=comma,
    )
