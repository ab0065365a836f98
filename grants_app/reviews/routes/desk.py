"""The secretary's desk: competitions under review, pace of the experts, divergence, reviews of an application."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import sqlalchemy as sa
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids, may_read_in
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError, InvalidInput, NotAllowed, NotFound
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import CompetitionState
from grants_app.permissions import Permission
from grants_app.reviews import documents, policy, queries, services
from grants_app.reviews.documents.summary import with_steps
from grants_app.reviews.forms import ProlongForm, ReasonForm
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries.veiled import without_applicants
from grants_app.reviews.routes.blueprint import (
    Answer,
    application_of,
    blueprint,
    comma,
    competition_of,
    lang,
    said,
    viewer,
)
from grants_app.reviews.rules import RECOMMENDATIONS, shown_points
from grants_app.reviews.schemas import DivergenceSchema, MissingSchema, ProgressSchema, summary_schema
from grants_app.web.access import requires
from grants_app.web.columns import Columns
from grants_app.web.errors import put_on_form
from grants_app.web.export import download, draw, respond

_AFTER_HANDOVER = (
    CompetitionState.DELIBERATION,
    CompetitionState.DECIDED,
    CompetitionState.PUBLISHED,
    CompetitionState.COMPLETED,
)
TABLES = "any(progress,missing,divergence)"


@blueprint.get("/desk")
@requires(Permission.REVIEW_ASSIGN, Permission.REVIEW_PROGRESS_READ)
def desk() -> str:
    """«Оцінювання»: competitions whose review is prepared or under way."""
    rows = [
        {"competition": one, "done": counts[0], "all": counts[1]}
        for one in queries.open_competitions()
        if may_read_in(viewer(), one)
        for counts in [queries.waiting_of(one, hidden_ids(viewer(), one))]
    ]
    return render_template("reviews/desk.html", rows=rows, may_assign=viewer().can(Permission.REVIEW_ASSIGN))


@blueprint.get("/<string:code>/progress")
@requires(Permission.REVIEW_PROGRESS_READ)
def progress(code: str) -> str:
    """Pace, missing reviews, spreads over the limit."""
    return _progress(competition_of(code), ProlongForm(formdata=None))


@blueprint.get(f"/<string:code>/<{TABLES}:table>.<any(json,csv,xlsx,pdf):suffix>")
@requires(Permission.REVIEW_PROGRESS_READ)
def export(code: str, table: str, suffix: str) -> Response:
    """One of the tables of the page, the same rows."""
    competition, person = competition_of(code), viewer()
    rows: list[object]
    schema: type[Columns]
    if table == "divergence":
        _refuse_marks(competition)
        rows, schema = list(_divergence(competition, person)), DivergenceSchema
        title = gettext("Divergence of experts")
    elif table == "missing":
        rows, schema = list(_missing(competition, person)), MissingSchema
        title = gettext("Missing reviews")
    else:
        rows, schema = list(queries.progress_rows(competition, person)), ProgressSchema
        title = gettext("Pace of experts")
    frame = documents.table_frame(title, competition, lang=lang())
    return respond(rows, schema, suffix, file_name=f"{table}-{code}", document=frame, scope=code)


@blueprint.post("/<string:code>/prolong")
@requires(Permission.COMPETITION_RUN)
def prolong(code: str) -> Answer:
    """Move the end of scoring."""
    competition = competition_of(code)
    form = ProlongForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                until = form.until.instant()
                if until is None:
                    raise InvalidInput("Enter the day and the hour", field="until")
                services.prolong_scoring(competition, until, form.reason.data or "", viewer())
                unit.answer = url_for("reviews.progress", code=code)
            flash(gettext("The end of scoring is moved. Release the letters to the experts under “Letters”"), "ok")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _progress(competition_of(code), form), 422


@blueprint.post("/<string:code>/remind")
@requires(Permission.COMPETITION_RUN)
def remind(code: str) -> Answer:
    """Remind every expert who has something left."""
    competition = competition_of(code)
    with unit_of_work() as unit:
        count = services.remind_experts(competition, viewer())
        unit.answer = url_for("reviews.progress", code=code)
    flash(
        ngettext(
            "%(num)d reminder is written. Release it under “Letters”",
            "%(num)d reminders are written. Release them under “Letters”",
            count,
        )
        if count
        else gettext("Nobody has anything left to score"),
        "ok",
    )
    return redirect(unit.answer)


@blueprint.get("/<string:code>/reviews")
@requires(Permission.REVIEW_PROGRESS_READ)
def reviews(code: str) -> str:
    """All reviews of one application, criteria by experts."""
    return _reviews(code, ReasonForm(formdata=None))


@blueprint.post("/<string:code>/experts/<string:expert>/reopen")
@requires(Permission.REVIEW_ASSIGN)
def reopen(code: str, expert: str) -> Answer:
    """Open a submitted review for changes, with the reason."""
    assignment = assignment_of(code, expert)
    form = ReasonForm()
    if form.validate_on_submit():
        with unit_of_work() as unit:
            services.reopen_review(assignment, form.reason.data or "", viewer())
            unit.answer = url_for("reviews.reviews", code=code)
        flash(gettext("The review is open for changes. The letter is in the outbox"), "ok")
        return redirect(unit.answer)
    return _reviews(code, form, failed=expert), 422


@blueprint.get("/<string:code>/experts/<string:expert>/sheet.pdf")
@requires(Permission.SCORE_AUTHOR_READ)
def paper(code: str, expert: str) -> Response:
    """«Оціночний лист» of an expert, for the secretary."""
    assignment = assignment_of(code, expert)
    _refuse_marks(assignment.application.competition)
    view = queries.sheet_for(assignment, viewer(), with_name=True)
    document = documents.review_sheet(assignment.application, view, lang=lang(), with_note=True)
    return download(draw(document), "pdf", f"review-{code}-{expert}")


@blueprint.get("/<string:code>/summary.<any(json,csv,xlsx,pdf):suffix>")
@requires(Permission.RANKING_READ)
def summary(code: str, suffix: str) -> Response:
    """«Зведений оціночний лист», experts by code; only after scoring was handed over."""
    competition = competition_of(code)
    if competition.state not in _AFTER_HANDOVER:
        raise NotAllowed("The summary sheet opens when scoring is handed over to the commission")
    criteria, found = queries.summary_rows(competition, hidden_ids(viewer(), competition))
    rows = without_applicants(found, viewer(), competition, code="application_code", title="application")
    frame = documents.table_frame(gettext("Summary sheet of scores"), competition, lang=lang())
    if suffix == "pdf":
        frame = with_steps(frame, competition, rows)
    table = [_flat(criteria, row) for row in rows]
    return respond(table, summary_schema(criteria), suffix, file_name=f"summary-{code}", document=frame)


def _missing(competition: Competition, person: User) -> list[queries.MissingRow]:
    """Missing reviews, their applicants hidden where they are hidden from this person."""
    rows = queries.missing_rows(competition, person)
    return without_applicants(rows, person, competition, code="application_code", title="application")


def _divergence(competition: Competition, person: User) -> list[queries.DivergenceRow]:
    """Spreads, likewise."""
    rows = queries.divergence_rows(competition, person)
    return without_applicants(rows, person, competition, code="application_code", title="application")


def _flat(criteria: list[tuple[str, str]], row: queries.SummaryRow) -> SimpleNamespace:
    cells = {
        f"criterion_{number}": _mark(row.points.get(one)) for number, (one, _title) in enumerate(criteria, start=1)
    }
    return SimpleNamespace(
        application_code=row.application_code,
        application=row.application,
        expert_code=gettext("mean") if row.is_mean else row.expert_code,
        total_text=row.total_text,
        **cells,
    )


def _mark(text: str | None) -> str | None:
    return gettext(documents.MARK_WORDS[text]) if text in documents.MARK_WORDS else text


def assignment_of(application_code: str, expert_code: str) -> Assignment:
    """The assignment of that pair of codes. Raises NotFound."""
    application = application_of(application_code)
    found = db.session.scalar(sa.select(Assignment).filter_by(application_id=application.id, expert_code=expert_code))
    if found is None:
        raise NotFound()
    return found


def _refuse_marks(competition: Competition) -> None:
    reason = policy.why_not_see_marks(viewer(), competition)
    if reason is not None:
        raise NotAllowed(reason)


def _progress(competition: Competition, form: ProlongForm) -> str:
    person = viewer()
    hidden = policy.why_not_see_marks(person, competition)
    rows = queries.progress_rows(competition, person)
    return render_template(
        "reviews/progress.html",
        competition=competition,
        rows=rows,
        done_count=sum(row.done_count for row in rows),
        all_count=sum(row.all_count for row in rows),
        missing=_missing(competition, person),
        divergence=[] if hidden else _divergence(competition, person),
        marks_hidden=said(hidden),
        form=form,
        may_assign=person.can(Permission.REVIEW_ASSIGN),
        is_open=policy.why_not_assign(person, competition) is None,
        why_not_prolong=said(policy.why_not_prolong(person, competition)),
        has_summary=competition.state in _AFTER_HANDOVER and person.can(Permission.RANKING_READ),
        comma=comma,
    )


def _matrix(application: Application, views: list[queries.SheetView]) -> list[tuple[str, list[str], str]]:
    """Criteria by experts: title, points of each submitted sheet, mean."""
    if not views:
        return []
    return [
        (
            f"{one.number}. {one.title}",
            [comma(view.criteria[one.number - 1].points) if view.is_submitted else "–" for view in views],
            comma(_mean(application.criterion_means.get(one.code))),
        )
        for one in views[0].criteria
    ]


def _mean(text: str | None) -> str | None:
    """A stored mean to two places: thirds have no end."""
    return None if text is None else shown_points(Fraction(text))


def _cut_lines(views: list[queries.SheetView]) -> list[tuple[queries.LineView, list[queries.LineView | None]]]:
    """Lines of the budget that somebody cuts: what was asked, and what each submitted sheet leaves."""
    if not views:
        return []
    rows = []
    for place, line in enumerate(views[0].lines):
        left = [view.lines[place] if view.is_submitted else None for view in views]
        if any(one is not None and (one.cut_kop or one.reason) for one in left):
            rows.append((line, left))
    return rows


def _reviews(code: str, form: ReasonForm, *, failed: str = "") -> str:
    application, person = application_of(code), viewer()
    _refuse_marks(application.competition)
    names = queries.sees_authors(person)
    found = queries.reviews_of(application)
    sheets = [(one, queries.sheet_for(one, person, with_name=names)) for one in found]
    return render_template(
        "reviews/reviews.html",
        application=application,
        competition=application.competition,
        sheets=sheets,
        matrix=_matrix(application, [view for _one, view in sheets]),
        lines=_cut_lines([view for _one, view in sheets]),
        reasons={one.expert_code: said(policy.why_not_reopen(person, one)) for one in found},
        may_reopen=person.can(Permission.REVIEW_ASSIGN),
        names=names,
        form=form,
        failed=failed,
        recommendations=RECOMMENDATIONS,
        comma=comma,
    )
