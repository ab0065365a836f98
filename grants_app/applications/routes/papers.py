"""Attached documents: type by content, bytes first and then the row, downloads never shown inside the site."""

from __future__ import annotations

import io
from urllib.parse import quote

from flask import Response as FileResponse
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from grants_app.applications import policy, queries, rules, services
from grants_app.applications.forms import UploadForm, upload_form
from grants_app.applications.models import Application, Attachment
from grants_app.applications.routes.blueprint import (
    blueprint,
    guest_or_person,
    own_application,
    person,
    storage,
    upload_limit_mb,
)
from grants_app.applications.rules.files import inspect
from grants_app.core.errors import DomainError, NotFound
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web.access import requires, signed_in
from grants_app.web.errors import put_on_form


@blueprint.get("/<string:code>/files")
@requires(Permission.APPLICATION_EDIT)
def files(code: str) -> str:
    """What is attached, and the form to attach more."""
    application = own_application(code)
    return _page(application, upload_form(queries.form_for(application)))


@blueprint.post("/<string:code>/files")
@requires(Permission.APPLICATION_EDIT)
def upload(code: str) -> Response | tuple[str, int]:
    """Look into the file, store its bytes, then write the row."""
    application = own_application(code)
    form = upload_form(queries.form_for(application))
    if not form.validate_on_submit():
        return _page(application, form), 422
    limit = upload_limit_mb()
    reason = _why_not(application)
    try:
        body = form.file.data.stream.read(limit * 1024 * 1024 + 1)
        name, media_type = inspect(form.file.data.filename or "", body, limit_mb=limit)
        # Nothing is written to the disk for somebody who may not attach it.
        stored = storage().put(io.BytesIO(body), limit=limit * 1024 * 1024) if reason is None else None
        with unit_of_work() as unit:
            if stored is None:
                raise DomainError(str(reason))
            services.add_attachment(application, form.kind.data, name, media_type, stored, by=person())
            unit.answer = url_for("applications.files", code=code)
    except DomainError as error:
        put_on_form(form, error)
        return _page(application, form), 422
    flash(gettext("The document “%(name)s” is attached", name=name), "ok")
    return redirect(unit.answer)


@blueprint.post("/<string:code>/files/<string:file_code>/remove")
@requires(Permission.APPLICATION_EDIT)
def remove_file(code: str, file_code: str) -> Response:
    """Take a document off."""
    application = own_application(code)
    with unit_of_work() as unit:
        services.remove_attachment(application, file_code, by=person())
        unit.answer = url_for("applications.files", code=code)
    flash(gettext("The document is removed"), "ok")
    return redirect(unit.answer)


@blueprint.get("/<string:code>/files/<string:file_code>")
@signed_in
def download_file(code: str, file_code: str) -> Response:
    """The bytes of a document, always as an attachment."""
    viewer = guest_or_person()
    application = queries.application_for(viewer, code)
    if not queries.is_author(viewer, application) and queries.is_veiled(viewer, application.competition):
        raise NotFound()
    for attachment in queries.attachments_of(application):
        if attachment.code == file_code:
            return _answer(attachment)
    raise NotFound()


def _answer(attachment: Attachment) -> Response:
    response = FileResponse(storage().read(attachment.sha256), content_type=attachment.media_type)
    plain = attachment.file_name.encode("ascii", "ignore").decode().replace('"', "") or "file"
    name = quote(attachment.file_name)
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{name}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _why_not(application: Application) -> str | None:
    correction = queries.correction_of(application)
    if correction is not None and rules.FILES_ITEM in correction.questions:
        return policy.why_not_correct(person(), application, correction)
    return policy.why_not_edit(person(), application)


def _page(application: Application, form: UploadForm) -> str:
    asked, answers = queries.form_for(application), queries.answers_of(application)
    attached = queries.attachments_of(application)
    return render_template(
        "applications/files.html",
        application=application,
        form=form,
        files=[(file, asked.file_labels.get(file.kind, file.kind)) for file in attached],
        missing=[one.label for one in rules.missing_files(asked, [file.kind for file in attached], answers)],
        reason=_why_not(application),
        limit_mb=upload_limit_mb(),
        most=rules.MAX_FILES,
    )
