"""Calls that hide their applicants: masked copies for the secretary, ties and documents for experts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from flask import Response as FileResponse
from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import VeiledText, hidden_ids, is_veiled, veiled_texts, veiled_titles, veils
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, NotFound
from grants_app.database import unit_of_work
from grants_app.lifecycle import AssignmentState
from grants_app.permissions import Permission
from grants_app.reviews import queries
from grants_app.reviews.forms.masking import CopyForm, TiesForm, copy_form, ties_form
from grants_app.reviews.policy.masking import WORKING, why_not_mask
from grants_app.reviews.queries import masking, statements
from grants_app.reviews.queries.packet import packet_competition
from grants_app.reviews.queries.reading import masked_lines
from grants_app.reviews.routes.blueprint import Answer, application_of, blueprint, competition_of, said, viewer
from grants_app.reviews.services import masking as services
from grants_app.reviews.services.statements import state_ties
from grants_app.web import panels
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form
from grants_app.web.files import storage_of
from grants_app.web.panels import DueItem, Panel

WORDS = {
    "application.approve_copy": "Masked copy approved",
    "application.edit_copy": "Masked copy edited",
    "application.close_file": "Document closed to experts again",
    "tie_statement": "Ties named by an expert",
    "tie_statement.state": "Ties named by an expert",
}


def init_veil() -> None:
    """Tell the earlier pages from whom applicants are hidden, and give them the masked texts."""
    panels.register("competition", "masking", _panel)
    panels.register_due("masking", _due)
    if masking.hides_from not in veils:
        veils.append(masking.hides_from)
        veiled_texts.append(_veiled)
        veiled_titles.append(lambda titles: masking.masked_titles(dict(titles)))


@blueprint.app_template_filter("title_shown")
def title_shown(application: Application) -> str:
    """The title as the person who looks may read it: masked while the applicant is hidden from them."""
    person: User | None = viewer() if current_user.is_authenticated else None
    if not is_veiled(person, application.competition):
        return application.title
    return masking.masked_titles({application.id: application.title})[application.id]


@blueprint.app_template_filter("applicant_shown")
def applicant_shown(application: Application) -> str:
    """The short name of the applicant, or nothing while it is hidden from the person who looks."""
    if application.organisation is None or is_veiled(viewer(), application.competition):
        return ""
    return application.organisation.short_name


def _panel(person: Any, thing: Any) -> Panel | None:
    """The way to the copies on the competition's page, for the secretary."""
    if person is None or not isinstance(thing, Competition) or not person.can(Permission.REVIEW_ASSIGN):
        return None
    if not thing.blind_phases or thing.state not in WORKING:
        return None
    return Panel("reviews/panel_masking.html", {"code": thing.code}, 41)


def _due(person: User) -> Iterable[DueItem]:
    """Copies that keep a call from being scored."""
    if not person.can(Permission.REVIEW_ASSIGN):
        return
    for competition in queries.open_competitions():
        codes = masking.codes_without_copies(competition, hidden_ids(person, competition))
        if codes and competition.state in WORKING:
            what = gettext("Approve masked copies: %(code)s", code=competition.code)
            why = ngettext(
                "%(num)d application has no approved copy", "%(num)d applications have no approved copy", len(codes)
            )
            url = url_for("reviews.masking_list", code=competition.code)
            yield DueItem(competition.scoring_until, what, url, why, gettext("Approve"))


def _veiled(application: Application) -> VeiledText:
    text = masking.masked_text(application)
    # Whoever may not learn the applicant now reads the same lines; the kind of the reader says nothing more.
    return VeiledText(text.title, text.answers, masked_lines(application, text))


@blueprint.get("/masking/<string:code>")
@requires(Permission.REVIEW_ASSIGN)
def masking_list(code: str) -> str:
    """Applications of a call that hides its applicants, with how much of each is approved."""
    competition = _blind(code)
    rows = masking.masking_rows(competition, hidden_ids(viewer(), competition))
    return render_template(
        "reviews/masking_list.html",
        competition=competition,
        rows=rows,
        ready_count=sum(row.is_ready for row in rows),
    )


def _blind(code: str) -> Competition:
    competition = competition_of(code)
    if not competition.blind_phases:
        raise NotFound()
    return competition


@blueprint.get("/<string:code>/masking")
@requires(Permission.REVIEW_ASSIGN)
def masked(code: str) -> str:
    """Every part beside its copy, with what was changed marked in both."""
    return _page(_application(code))


@blueprint.post("/<string:code>/masking")
@requires(Permission.REVIEW_ASSIGN)
def approve_copies(code: str) -> Answer:
    """Approve all copies as they are shown."""
    application = _application(code)
    try:
        with unit_of_work() as unit:
            count = services.approve_all(application, seen=request.form.get("seen", ""), by=viewer())
            unit.answer = url_for("reviews.masked", code=code)
    except EditConflict:
        return _page(_application(code), problem=gettext(services.MEANWHILE)), 409
    flash(ngettext("%(num)d copy is approved", "%(num)d copies are approved", count), "ok")
    return redirect(unit.answer)


@blueprint.get("/<string:code>/masking/<string:question>")
@requires(Permission.REVIEW_ASSIGN)
def masked_answer(code: str, question: str) -> str:
    """One part to edit by hand."""
    application, row = _part(code, question)
    return _edit(application, row, copy_form(row.cells, services.fingerprint(row)))


@blueprint.post("/<string:code>/masking/<string:question>")
@requires(Permission.REVIEW_ASSIGN)
def save_copy(code: str, question: str) -> Answer:
    """Keep the copy as typed: approved, or as a draft."""
    application, row = _part(code, question)
    form = copy_form(row.cells, services.fingerprint(row))
    if form.validate_on_submit():
        texts = {cell.name: form[cell.name].data or "" for cell in row.cells}
        try:
            with unit_of_work() as unit:
                approve = request.form.get("then") != "keep"
                seen = form.seen.data or ""
                services.save_copy(application, question, texts, seen=seen, is_approved=approve, by=viewer())
                unit.answer = url_for("reviews.masked", code=code) + f"#c-{question}"
            flash(gettext("The copy is approved") if approve else gettext("The copy is kept, not approved yet"), "ok")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
            if isinstance(error, EditConflict):
                application, row = _part(code, question)
                form.seen.data = services.fingerprint(row)
                return _edit(application, row, form), 409
    return _edit(application, row, form), 422


@blueprint.post("/<string:code>/masking/<string:question>/approve")
@requires(Permission.REVIEW_ASSIGN)
def approve_copy(code: str, question: str) -> Answer:
    """Approve one copy as it is shown, or say that a document names nobody."""
    application = _application(code)
    try:
        with unit_of_work() as unit:
            seen = request.form.get("seen", "")
            services.save_copy(application, question, None, seen=seen, is_approved=True, by=viewer())
            unit.answer = url_for("reviews.masked", code=code) + f"#c-{question}"
    except EditConflict:
        return _page(_application(code), problem=gettext(services.MEANWHILE)), 409
    return redirect(unit.answer)


@blueprint.post("/<string:code>/masking/<string:question>/close")
@requires(Permission.REVIEW_ASSIGN)
def close_file(code: str, question: str) -> Answer:
    """A document is not safe after all."""
    application = _application(code)
    with unit_of_work() as unit:
        services.close_file(application, question, by=viewer())
        unit.answer = url_for("reviews.masked", code=code) + f"#c-{question}"
    return redirect(unit.answer)


def _application(code: str) -> Application:
    application = application_of(code)
    if not application.competition.blind_phases:
        raise NotFound()
    return application


def _part(code: str, question: str) -> tuple[Application, masking.CopyRow]:
    application = _application(code)
    row = next((one for one in masking.copy_rows(application) if one.question == question and not one.is_file), None)
    if row is None:
        raise NotFound()
    return application, row


def _page(application: Application, *, problem: str = "") -> str:
    rows = masking.copy_rows(application)
    texts = [row for row in rows if not row.is_file]
    return render_template(
        "reviews/masking.html",
        application=application,
        competition=application.competition,
        rows=[(row, services.fingerprint(row)) for row in texts],
        files=[(row, services.fingerprint(row)) for row in rows if row.is_file],
        seen_all=services.fingerprint_of_all(texts),
        waiting_count=sum(not row.is_approved for row in texts),
        why_not=said(why_not_mask(viewer(), application)),
        problem=problem,
    )


def _edit(application: Application, row: masking.CopyRow, form: CopyForm) -> str:
    return render_template(
        "reviews/masking_edit.html",
        application=application,
        competition=application.competition,
        row=row,
        form=form,
        why_not=said(why_not_mask(viewer(), application)),
    )


# -- experts ---------------------------------------------------------------------------------------------------


@blueprint.get("/ties/<string:code>")
@requires(Permission.REVIEW_SUBMIT)
def ties(code: str) -> str:
    """All applicants of the competition, to name those with whom one has ties."""
    competition = _blind_for(viewer(), code)
    return _ties(competition, ties_form(statements.applicants_of(competition)))


@blueprint.post("/ties/<string:code>")
@requires(Permission.REVIEW_SUBMIT)
def name_ties(code: str) -> Answer:
    """Note the ties; the applications of those organisations leave the expert's list."""
    competition = _blind_for(viewer(), code)
    form = ties_form(statements.applicants_of(competition))
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                count = state_ties(competition, frozenset(form.organisations.data or ()), viewer())
                unit.answer = url_for("reviews.queue")
            named = ngettext("%(num)d organisation is noted", "%(num)d organisations are noted", count)
            flash(named if count else gettext("It is noted that you have no ties"), "ok")
            return redirect(unit.answer)
        except InvalidInput as error:
            put_on_form(form, error)
    return _ties(competition, form), 422


def _blind_for(person: User, code: str) -> Competition:
    competition = packet_competition(person, code)
    if not masking.hides_applicant(competition, masking.EXPERT):
        raise NotFound()
    return competition


def _ties(competition: Competition, form: TiesForm) -> str:
    return render_template(
        "reviews/ties.html",
        competition=competition,
        form=form,
        statement=statements.statement_of(viewer(), competition),
    )


@blueprint.get("/<string:code>/files/<string:file>")
@requires(Permission.REVIEW_SUBMIT)
def read_file(code: str, file: str) -> Response:
    """An attached document for the expert who reads the application; in a blind phase only one that names nobody."""
    assignment = queries.assignment_for(viewer(), code)
    if assignment.state == AssignmentState.PROPOSED:
        raise NotFound()
    found = next((one for one in queries.reading_of(assignment.application).attachments if one.code == file), None)
    if found is None:
        raise NotFound()
    response = FileResponse(storage_of(current_app).read(found.sha256), content_type=found.media_type)
    plain = found.file_name.encode("ascii", "ignore").decode().replace('"', "") or "file"
    name = quote(found.file_name)
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{name}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
