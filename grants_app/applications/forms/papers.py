"""Forms of papers: files to attach, photographed pages, a paper of the library."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import MultipleFileField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice

from grants_app.applications import rules
from grants_app.applications.rules.files import SIGNATURE_KINDS
from grants_app.web.fields import Form, LineField, MaxCharacters


class SomeFiles:
    """At least one file was chosen; browsers send an empty part when none was."""

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: Any, field: MultipleFileField) -> None:
        field.data = [one for one in field.data or [] if getattr(one, "filename", "")]
        if not field.data:
            raise ValidationError(str(self.message))


class UploadForm(Form):
    """Documents to attach, several at once as one kind."""

    kind = SelectField(lazy_gettext("Document"), choices=list, validate_choice=False)
    file = MultipleFileField(lazy_gettext("Files"), [SomeFiles(lazy_gettext("Choose a file"))])


class PhotosForm(Form):
    """Photographed pages of one document; `order` says which photo comes first when it is not the order of sending."""

    kind = SelectField(lazy_gettext("Document"), choices=list, validate_choice=False, id="photos-kind")
    photos = MultipleFileField(lazy_gettext("Photos of the pages"), [SomeFiles(lazy_gettext("Choose the photos"))])
    order = LineField(lazy_gettext("Order of the pages"), [MaxCharacters(200)])
    name = LineField(lazy_gettext("Name of the document"), [MaxCharacters(120)])


class LibraryForm(Form):
    """As which kind a paper of the library is attached."""

    kind = SelectField(lazy_gettext("Document"), choices=list, validate_choice=False)
    document = LineField(lazy_gettext("Document of the library"))


def upload_form(asked: rules.Form, missing: str = "") -> UploadForm:
    """The form of attaching, with the papers of the competition; the first missing one is chosen beforehand."""
    form = UploadForm(data={"kind": missing})
    form.kind.choices = kinds_of(asked)
    return form


def photos_form(asked: rules.Form, missing: str = "") -> PhotosForm:
    """The same for photographed pages."""
    form = PhotosForm(data={"kind": missing})
    form.kind.choices = kinds_of(asked)
    return form


def kinds_of(asked: rules.Form) -> list[SelectChoice]:
    """Kinds of papers to choose from; what signs the application is attached on the page of signing."""
    return [SelectChoice(kind.code, gettext(kind.label)) for kind in asked.files if kind.code not in SIGNATURE_KINDS]
