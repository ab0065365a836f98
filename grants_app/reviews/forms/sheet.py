"""The form of the review sheet, made from the criteria of its competition; the rules are asked in the services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from grants_app.core import words
from grants_app.reviews.queries import SheetView
from grants_app.reviews.rules import (
    LONGEST_TEXT,
    RECOMMENDATIONS,
    SheetInput,
    points_field,
    reason_field,
)
from grants_app.web.fields import Form, KopField, MaxCharacters, TextField


class ScaleField(StringField):
    """Points as typed or chosen; the service reads them against the scale."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Trimmed text; no choice is an empty text, never 0."""
        self.data = words.one_line(valuelist[0])[:40] if valuelist else ""


class SheetForm(Form):
    """The sheet of one competition: `form_of` adds its criteria, then the recommendation and the comments."""

    version = HiddenField(default="0")

    codes: tuple[str, ...] = ()

    def points_of(self, code: str) -> Any:
        """The field with the points of a criterion."""
        return self[points_field(code)]

    def reason_of(self, code: str) -> Any:
        """The field with the justification of a criterion."""
        return self[reason_field(code)]

    def seen_version(self) -> int:
        """The version of the sheet that the person had on the screen; a broken one matches nothing."""
        text = str(self.version.data or "0")
        return int(text) if text.isascii() and text.isdigit() else -1

    def sheet(self) -> SheetInput:
        """What was typed, as the service takes it."""
        return SheetInput(
            points={code: self.points_of(code).data or "" for code in self.codes},
            reasons={code: self.reason_of(code).data or "" for code in self.codes},
            recommendation=self["recommendation"].data or "",
            recommended_kop=self["recommended_kop"].data,
            comment_applicant=self["comment_applicant"].data or "",
            comment_secretary=self["comment_secretary"].data or "",
        )


def form_of(view: SheetView, *, is_stored: bool = False) -> SheetForm:
    """The form of a sheet with its stored values; a POST fills it with what was typed, unless `is_stored`."""
    stored: dict[str, Any] = {
        "version": str(view.version),
        "recommendation": view.recommendation,
        "recommended_kop": view.recommended_kop if view.recommendation == "partly" else None,
        "comment_applicant": view.comment_applicant,
        "comment_secretary": view.comment_secretary,
    }
    for criterion in view.criteria:
        stored[points_field(criterion.code)] = criterion.points or ""
        stored[reason_field(criterion.code)] = criterion.justification
    source = {"formdata": None} if is_stored else {}
    return _form(tuple(criterion.code for criterion in view.criteria), stored, **source)


def form_of_names(sent: Iterable[str]) -> SheetForm:
    """The form of a request, with the criteria that it names."""
    prefix = points_field("")
    return _form(tuple(name.removeprefix(prefix) for name in sent if name.startswith(prefix)), {})


def _form(codes: tuple[str, ...], stored: dict[str, Any], **source: Any) -> SheetForm:
    fields: dict[str, Any] = {"codes": codes}
    for code in codes:
        fields[points_field(code)] = ScaleField(_l("Points"))
        fields[reason_field(code)] = TextField(_l("Justification"), [MaxCharacters(LONGEST_TEXT)])
    # Made after the criteria: the error summary follows the order in which fields were made.
    fields["recommendation"] = RadioField(
        _l("Recommendation"),
        choices=[SelectChoice(code, _l(label)) for code, label in RECOMMENDATIONS.items()],
        validate_choice=False,
    )
    fields["recommended_kop"] = KopField(_l("Recommended sum, UAH"), [Optional()])
    fields["comment_applicant"] = TextField(_l("Comment for the applicant"), [MaxCharacters(LONGEST_TEXT)])
    fields["comment_secretary"] = TextField(_l("Note for the secretary"), [MaxCharacters(LONGEST_TEXT)])
    form: SheetForm = type("CriteriaForm", (SheetForm,), fields)(data=stored, **source)
    return form
