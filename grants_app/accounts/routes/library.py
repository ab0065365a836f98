"""The library of an organisation: its papers with their terms, uploading, replacing, taking out, downloading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from grants_app.accounts.forms.library import DocumentForm
from grants_app.accounts.models import Organisation
from grants_app.accounts.queries import library as queries
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.organisation import sections_of
from grants_app.accounts.routes.sign_in import Page, me
from grants_app.accounts.services import library as services
from grants_app.core import clock
from grants_app.core.errors import DomainError, InvalidInput
from grants_app.core.inspection import TOO_LARGE, clean_name, inspect
from grants_app.core.storage import Stored
from grants_app.database import unit_of_work
from grants_app.web import formatting
from grants_app.web.access import signed_in
from grants_app.web.errors import put_on_form
from grants_app.web.files import MEGABYTE, hand_out, largest_file_mb, storage_of, takes_files
from grants_app.web.panels import DueItem, Panel


@blueprint.get("/accounts/organisation/<string:edrpou>/documents")
@signed_in
def documents(edrpou: str) -> Page:
    """Papers in force with their terms, earlier versions below, the form of one more."""
    return _page(queries.library_organisation(edrpou, current_user), DocumentForm())


@blueprint.post("/accounts/organisation/<string:edrpou>/documents")
@signed_in
@takes_files
def add_document(edrpou: str) -> Page:
    """Put a paper into the library."""
    found = queries.library_organisation(edrpou, current_user)
    form = DocumentForm()
    try:
        if form.validate_on_submit():
            facts, stored = _received(form)
            with unit_of_work() as unit:
                services.add_document(found, facts, stored, by=me())
                unit.answer = url_for("accounts.documents", edrpou=edrpou)
            flash(_("The document “%(name)s” is in the library", name=facts.title or facts.file_name), "ok")
            return redirect(unit.answer)
    except DomainError as error:
        put_on_form(form, error)
    return _page(found, form), 422


@blueprint.get("/accounts/organisation/<string:edrpou>/documents/<string:code>/replace")
@signed_in
def replace_document(edrpou: str, code: str) -> Page:
    """The form of a new version."""
    found = queries.library_organisation(edrpou, current_user)
    earlier = queries.document_for(found, code)
    form = DocumentForm(data={"kind": earlier.kind, "title": earlier.title})
    return render_template("accounts/replace_document.html", form=form, organisation=found, document=earlier)


@blueprint.post("/accounts/organisation/<string:edrpou>/documents/<string:code>/replace")
@signed_in
@takes_files
def replace_document_post(edrpou: str, code: str) -> Page:
    """Put the new version in its place; applications keep the earlier one."""
    found = queries.library_organisation(edrpou, current_user)
    earlier = queries.document_for(found, code)
    form = DocumentForm()
    try:
        if form.validate_on_submit():
            facts, stored = _received(form)
            with unit_of_work() as unit:
                services.replace_document(found, code, facts, stored, by=me())
                unit.answer = url_for("accounts.documents", edrpou=edrpou)
            flash(_("The new version is in its place. Submitted applications keep the earlier one"), "ok")
            return redirect(unit.answer)
    except InvalidInput as error:
        put_on_form(form, error)
    page = render_template("accounts/replace_document.html", form=form, organisation=found, document=earlier)
    return page, 422


@blueprint.post("/accounts/organisation/<string:edrpou>/documents/<string:code>/end")
@signed_in
def end_document(edrpou: str, code: str) -> Page:
    """Take a paper out of the library."""
    found = queries.library_organisation(edrpou, current_user)
    with unit_of_work() as unit:
        services.end_document(found, code, by=me())
        unit.answer = url_for("accounts.documents", edrpou=edrpou)
    flash(_("The document is out of the library. Applications that used it keep it"), "ok")
    return redirect(unit.answer)


@blueprint.get("/accounts/organisation/<string:edrpou>/documents/<string:code>")
@signed_in
def download_document(edrpou: str, code: str) -> Page:
    """The bytes of a paper, for the people of the organisation."""
    found = queries.library_organisation(edrpou, current_user)
    document = queries.document_for(found, code)
    return hand_out(document.sha256, name=document.file_name, media_type=document.media_type)


def due_documents(user: Any) -> Iterable[DueItem]:
    """Papers that run out soon or are over, on the list of what waits."""
    if not user.organisation_ids:
        return
    for document in queries.expiring_documents(user.organisation_ids):
        assert document.valid_until is not None
        is_over = document.valid_until < clock.today()
        day = formatting.day_short(document.valid_until)
        why = _("It was valid until %(day)s", day=day) if is_over else _("It is valid until %(day)s", day=day)
        yield DueItem(
            clock.start_of_day(document.valid_until),
            _("Renew the document: %(title)s", title=document.title or document.file_name),
            url_for("accounts.replace_document", edrpou=document.organisation.edrpou, code=document.code),
            why,
            _("Renew"),
        )


def library_panel(viewer: Any, found: Organisation) -> Panel | None:
    """The way to the library on the page of the organisation, for its people alone."""
    if viewer is None or viewer.role_in(found.id) is None:
        return None
    rows = queries.document_rows(found.id)
    expiring = sum(row.state in {"soon", "expired"} for row in rows)
    data = {"url": url_for("accounts.documents", edrpou=found.edrpou), "count": len(rows), "expiring": expiring}
    return Panel("accounts/_library_panel.html", data, order=5)


def _received(form: DocumentForm) -> tuple[services.DocumentFacts, Stored]:
    """The paper as it is kept, its bytes already stored."""
    limit = largest_file_mb()
    file = form.file.data
    body = file.stream.read(limit * MEGABYTE + 1)
    if len(body) > limit * MEGABYTE:
        facts = {"name": clean_name(file.filename or ""), "most": limit}
        raise InvalidInput(TOO_LARGE, field="file", facts=facts)
    paper = inspect(file.filename or "", body, limit_mb=limit)
    file.stream.seek(0)
    stored = storage_of(current_app).put(file.stream, limit=limit * MEGABYTE)
    described = services.DocumentFacts(
        kind=form.kind.data or "",
        title=form.title.data or "",
        valid_until=form.valid_until.data,
        file_name=paper.name,
        media_type=paper.media_type,
    )
    return described, stored


def _page(found: Organisation, form: DocumentForm) -> str:
    return render_template(
        "accounts/documents.html",
        form=form,
        organisation=found,
        sections=sections_of(found, me()),
        rows=queries.document_rows(found.id),
        earlier=queries.document_rows(found.id, ended=True),
        limit_mb=largest_file_mb(),
    )
