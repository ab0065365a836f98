"""Forms of the review: the sheet is made from the criteria of its competition, the rules are asked in the services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from grants_app.core import words
from grants_app.reviews.queries import SheetView
from grants_app.reviews.rules import (
    CONFLICT_REASONS,
    LONGEST_TEXT,
    RECOMMENDATIONS,
    SheetInput,
    points_field,
    reason_field,
)
from grants_app.web.fields import Form, KopField, KyivInstantField, LineField, MaxCharacters, TextField

_NEEDED = _l("Fill this in")


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


def form_of(view: SheetView) -> SheetForm:
    """The form of a sheet with its stored values; a POST fills it with what was typed."""
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
    return _form(tuple(criterion.code for criterion in view.criteria), stored)


def form_of_names(sent: Iterable[str]) -> SheetForm:
    """The form of a request, with the criteria that it names."""
    prefix = points_field("")
    return _form(tuple(name.removeprefix(prefix) for name in sent if name.startswith(prefix)), {})


def _form(codes: tuple[str, ...], stored: dict[str, Any]) -> SheetForm:
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
    form: SheetForm = type("CriteriaForm", (SheetForm,), fields)(data=stored)
    return form


class DeclarationForm(Form):
    """The answer about conflicts of interest."""

    answer = RadioField(
        _l("Do you have a conflict of interest with this application?"),
        choices=[
            SelectChoice("none", _l("No: I declare that I am impartial and will keep the text confidential")),
            SelectChoice("conflict", _l("Yes: another expert should score it")),
            SelectChoice("doubt", _l("I am not sure: let the secretary decide")),
            SelectChoice("busy", _l("No conflict, but I cannot score it for another reason")),
        ],
        validate_choice=False,
    )
    reason = RadioField(
        _l("Reason"),
        choices=[SelectChoice(code, _l(label)) for code, label in CONFLICT_REASONS.items()],
        validate_choice=False,
        validators=[Optional()],
        description=_l("Only the secretary reads it, and it is not published"),
    )
    details = TextField(
        _l("Explanation, if you want to give one"),
        [MaxCharacters(1000)],
        description=_l("Only the secretary reads it"),
    )


class ReasonForm(Form):
    """A reason for a step of the secretary."""

    reason = TextField(_l("Reason"), [DataRequired(_l("Give the reason: it is recorded")), MaxCharacters(1000)])


class AssignForm(Form):
    """An expert for one application."""

    expert = RadioField(
        _l("Expert"), choices=[], validate_choice=False, validators=[DataRequired(_l("Choose an expert"))]
    )
    reason = LineField(_l("Reason, if it is a replacement or an extra review"), [MaxCharacters(300)])


class ProlongForm(Form):
    """A later end of scoring."""

    until = KyivInstantField(_l("New end of scoring"), [DataRequired(_l("Enter the day and the hour"))])
    reason = TextField(_l("Reason"), [DataRequired(_l("Give the reason: experts will read it")), MaxCharacters(1000)])


class ExpertForm(Form):
    """What the assignment needs to know about an expert."""

    workplace = LineField(_l("Workplace"), [MaxCharacters(300)])
    workplace_edrpou = LineField(
        _l("ЄДРПОУ of the workplace"),
        [MaxCharacters(8)],
        description=_l("Eight digits; an application of this organisation is never offered to the expert"),
    )
    fields_known = SelectMultipleField(
        _l("Fields of expertise"),
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    is_available = BooleanField(_l("Can be asked now"))
