"""Attached documents: several at once, each answered by name; photographed pages joined; papers of the library.

Bytes first and then the row; type by content; downloads never shown inside the site.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, cast

from flask import flash, jsonify, redirect, render_template, url_for
from flask_babel import get_locale, gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from grants_app.accounts.queries.library import document_for, document_rows
from grants_app.applications import policy, queries, rules, services
from grants_app.applications.forms.papers import LibraryForm, PhotosForm, UploadForm, kinds_of, photos_form, upload_form
from grants_app.applications.models import Application
from grants_app.applications.queries.content import expired_files
from grants_app.applications.routes.blueprint import (
    blueprint,
    error_words,
    guest_or_person,
    own_application,
    person,
    storage,
    words,
)
from grants_app.applications.routes.presence import presence_here
from grants_app.applications.rules.files import MAX_TOTAL_MB
from grants_app.applications.services import uploads_late
from grants_app.core.errors import DomainError, InvalidInput, ManyErrors, NotAllowed, NotFound
from grants_app.core.inspection import Paper, clean_name, inspect
from grants_app.core.storage import Stored
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web.access import requires, signed_in
from grants_app.web.drafts import wants_json
from grants_app.web.errors import put_on_form
from grants_app.web.files import MEGABYTE, hand_out, largest_file_mb, takes_files
from grants_app.web.photos import in_order, join_photos

Page = str | Response | tuple[str | Response, int]
PHOTO_KINDS = frozenset({"jpg", "png"})


@dataclass(frozen=True)
class Outcome:
    """What became of one file: its name, and what is wrong with it ("" when it is attached)."""

    name: str
    fault: str = ""


@blueprint.get("/<string:code>/files")
@requires(Permission.APPLICATION_EDIT)
def files(code: str) -> Page:
    """What is attached, and the ways to attach more."""
    return _page(own_application(code))


@blueprint.post("/<string:code>/files")
@requires(Permission.APPLICATION_EDIT)
@takes_files
def upload(code: str) -> Page:
    """Attach the files that suit and tell of each other one why not; a script gets the same as JSON."""
    application = own_application(code)
    form = upload_form(queries.form_for(application))
    if not form.validate_on_submit():
        return _refused(application, form, [])
    outcomes = _attach_all(application, form.kind.data or "", form.file.data)
    faults = [one for one in outcomes if one.fault]
    if wants_json():
        answer = jsonify(outcomes=[{"name": one.name, "fault": one.fault} for one in outcomes])
        return answer, 422 if faults else 200
    for one in outcomes:
        if not one.fault:
            flash(gettext("The document “%(name)s” is attached", name=one.name), "ok")
    if faults:
        return _refused(application, form, faults)
    return redirect(url_for("applications.files", code=code))


@blueprint.post("/<string:code>/files/photos")
@requires(Permission.APPLICATION_EDIT)
@takes_files
def join_pages(code: str) -> Page:
    """Join photographed pages into one PDF, in the wanted order, and attach it."""
    application = own_application(code)
    form = photos_form(queries.form_for(application))
    try:
        if form.validate_on_submit():
            _refuse_closed(application)
            paper, body = _joined(form)
            stored = storage().put(io.BytesIO(body), limit=largest_file_mb() * MEGABYTE)
            with unit_of_work() as unit:
                unit.answer = url_for("applications.files", code=code)
                services.add_attachment(
                    application, form.kind.data or "", paper.name, paper.media_type, stored, by=person()
                )
            flash(gettext("The pages are joined and attached: “%(name)s”", name=paper.name), "ok")
            return redirect(unit.answer)
    except (InvalidInput, ManyErrors, NotAllowed) as error:
        put_on_form(form, error)
    return _page(application, photos=form), 422


@blueprint.post("/<string:code>/files/library")
@requires(Permission.APPLICATION_EDIT)
def attach_from_library(code: str) -> Page:
    """Attach a paper of the organisation's library with one press."""
    application = own_application(code)
    form = LibraryForm()
    form.kind.choices = kinds_of(queries.form_for(application))
    if application.organisation is None or not form.validate_on_submit():
        raise NotFound()
    try:
        with unit_of_work() as unit:
            document = document_for(application.organisation, form.document.data or "")
            services.attach_from_library(application, form.kind.data or "", document, by=person())
            unit.answer = url_for("applications.files", code=code)
    except InvalidInput as error:
        put_on_form(form, error)
        return _page(application, library=form), 422
    flash(gettext("The document is attached from the library"), "ok")
    return redirect(unit.answer)


@blueprint.post("/<string:code>/files/<string:file_code>/remove")
@requires(Permission.APPLICATION_EDIT)
def remove_file(code: str, file_code: str) -> Page:
    """Take a document off."""
    application = own_application(code)
    with unit_of_work() as unit:
        services.remove_attachment(application, file_code, by=person())
        unit.answer = url_for("applications.files", code=code)
    flash(gettext("The document is removed"), "ok")
    return redirect(unit.answer)


@blueprint.get("/<string:code>/files/<string:file_code>")
@signed_in
def download_file(code: str, file_code: str) -> Page:
    """The bytes of a document, always as an attachment; what signs an application only for its authors and checkers."""
    viewer = guest_or_person()
    application = queries.application_for(viewer, code)
    is_author = queries.is_author(viewer, application)
    if not is_author and queries.is_veiled(viewer, application.competition):
        raise NotFound()
    open_files = queries.attachments_of(application)
    if is_author or queries.may_read_signatures(viewer):
        open_files += queries.signature_files_of(application)
    for attachment in open_files:
        if attachment.code == file_code:
            return hand_out(attachment.sha256, name=attachment.file_name, media_type=attachment.media_type)
    raise NotFound()


def taken(file: FileStorage) -> tuple[Paper, Stored]:
    """One file looked into and stored. Raises InvalidInput (field "file") that names it."""
    limit = largest_file_mb()
    # Cut one byte over the limit while it came: more than that is never in memory.
    body = file.stream.read(limit * MEGABYTE + 1)
    paper = inspect(file.filename or "", body, limit_mb=limit)
    file.stream.seek(0)
    return paper, storage().put(cast("BinaryIO", file.stream), limit=limit * MEGABYTE)


def _attach_all(application: Application, kind: str, sent: Sequence[FileStorage]) -> list[Outcome]:
    """Attach what suits, in one transaction; a file that does not suit keeps none of the others back."""
    reason = _why_not_upload(application)
    if reason is not None:
        return [Outcome(clean_name(file.filename or ""), gettext(reason)) for file in sent]
    outcomes: list[Outcome | tuple[Paper, Stored]] = []
    for file in sent:
        try:
            outcomes.append(taken(file))
        except DomainError as error:
            outcomes.append(Outcome(clean_name(file.filename or "") or "?", error_words(error)))
    if all(isinstance(one, Outcome) for one in outcomes):
        return [one for one in outcomes if isinstance(one, Outcome)]
    with unit_of_work() as unit:
        unit.answer = url_for("applications.files", code=application.journal_code)
        return [one if isinstance(one, Outcome) else _attach(application, kind, *one) for one in outcomes]


def _attach(application: Application, kind: str, paper: Paper, stored: Stored) -> Outcome:
    try:
        services.add_attachment(application, kind, paper.name, paper.media_type, stored, by=person())
    except DomainError as error:  # refused before anything was written: the unit goes on with the next file
        return Outcome(paper.name, error_words(error))
    return Outcome(paper.name)


def _joined(form: PhotosForm) -> tuple[Paper, bytes]:
    limit = largest_file_mb()
    photos: list[BinaryIO] = []
    for place in in_order(len(form.photos.data), form.order.data or ""):
        file = form.photos.data[place]
        paper = inspect(file.filename or "", file.stream.read(limit * MEGABYTE + 1), limit_mb=limit)
        if paper.kind not in PHOTO_KINDS:
            facts = {"name": paper.name}
            raise InvalidInput("“%(name)s” is no photo. Attach it as a document", field="photos", facts=facts)
        photos.append(file.stream)
    title = form.name.data or clean_name(form.photos.data[0].filename or "").rpartition(".")[0]
    body = join_photos(photos, lang=str(get_locale()), title=title)
    return inspect(f"{title}.pdf", body, limit_mb=limit), body


def _refuse_closed(application: Application) -> None:
    reason = _why_not_upload(application)
    if reason is not None:
        raise NotAllowed(reason)


def _why_not_upload(application: Application) -> str | None:
    """A file may outlast the sending where the call gives minutes for it."""
    if uploads_late.is_for_sent(application):
        return uploads_late.why_not_late(application, person())
    return why_not_attach(application)


def why_not_attach(application: Application) -> str | None:
    """Why the person may attach nothing now; nothing is written to the disk for somebody who may not."""
    correction = queries.correction_of(application)
    if correction is not None and rules.FILES_ITEM in correction.questions:
        return policy.why_not_correct(person(), application, correction)
    return policy.why_not_edit(person(), application)


def _refused(application: Application, form: UploadForm, faults: Sequence[Outcome]) -> tuple[str | Response, int]:
    if wants_json():
        told = [sentence for errors in form.errors.values() for sentence in errors]
        return jsonify(outcomes=[], message=" ".join(map(str, told))), 422
    form.file.errors = [*form.file.errors, *(one.fault for one in faults)]
    return _page(application, upload=form), 422


def _page(
    application: Application,
    *,
    upload: UploadForm | None = None,
    photos: PhotosForm | None = None,
    library: FlaskForm | None = None,
) -> str:
    asked, answers = queries.form_for(application), queries.answers_of(application)
    attached = queries.attachments_of(application)
    missing = rules.missing_files(asked, [file.kind for file in attached], answers)
    wanted = next((kind.code for kind in asked.files if kind.label in {one.label for one in missing}), "")
    return render_template(
        "applications/files.html",
        application=application,
        form=upload or upload_form(asked, wanted),
        photos_form=photos or photos_form(asked, wanted),
        library_form=library,
        files=[(file, asked.file_labels.get(file.kind, file.kind)) for file in attached],
        library=_library(application, {file.sha256 for file in attached}),
        kinds=[(choice.value, choice.label) for choice in kinds_of(asked)],
        missing=[one.label for one in missing],
        expired=[words(one.message, dict(one.facts)) for one in expired_files(application, attached)],
        reason=why_not_attach(application),
        limit_mb=largest_file_mb(),
        total_mb=MAX_TOTAL_MB,
        used_kb=(sum(file.size for file in attached) + 1023) // 1024,
        most=rules.MAX_FILES,
        present=presence_here(application),
    )


def _library(application: Application, attached: set[str]) -> list[dict[str, object]]:
    """Papers of the library with the kind as which each would be attached, and whether it is here already."""
    if application.organisation_id is None:
        return []
    known = {choice.value for choice in kinds_of(queries.form_for(application))}
    fallback = "other" if "other" in known else ""
    return [
        {"row": row, "kind": row.kind if row.kind in known else fallback, "is_attached": row.sha256 in attached}
        for row in document_rows(application.organisation_id)
    ]
