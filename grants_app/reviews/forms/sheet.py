"""The form of the review sheet, made from the criteria of its competition; the rules are asked in the services."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Optional

from grants_app.core import words
from grants_app.core.wholes import whole
from grants_app.reviews.queries import SheetView
from grants_app.reviews.rules import (
    LONGEST_LINE_REASON,
    LONGEST_TEXT,
    RECOMMENDATIONS,
    LineInput,
    SheetInput,
    line_field,
    line_reason_field,
    points_field,
    reason_field,
)
from grants_app.web.fields import Form, KopField, LineField, MaxCharacters, TextField, WholeField

_LINE = re.compile(r"line_([1-9][0-9]{0,2})")


class ScaleField(StringField):
    """Points as typed or chosen; the service reads them against the scale."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Trimmed text; no choice is an empty text, never 0."""
        self.data = words.one_line(valuelist[0])[:40] if valuelist else ""


class VersionForm(Form):
    """A step that concerns exactly the version of the sheet that the person has seen."""

    version = HiddenField(default="0")

    def seen_version(self) -> int:
        """The version of the sheet that the person had on the screen; a broken one matches nothing."""
        found = whole(str(self.version.data or "0"))
        return -1 if found is None else found


class SheetForm(VersionForm):
    """The sheet of one competition: `form_of` adds its criteria, then the recommendation and the comments."""

    codes: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()

    def points_of(self, code: str) -> Any:
        """The field with the points of a criterion."""
        return self[points_field(code)]

    def reason_of(self, code: str) -> Any:
        """The field with the justification of a criterion."""
        return self[reason_field(code)]

    def line_of(self, number: int) -> Any:
        """The field with the sum left in a line of the budget."""
        return self[line_field(number)]

    def why_of(self, number: int) -> Any:
        """The field with the reason for cutting that line."""
        return self[line_reason_field(number)]

    def sheet(self) -> SheetInput:
        """What was typed, as the service takes it."""
        return SheetInput(
            points={code: self.points_of(code).data or "" for code in self.codes},
            reasons={code: self.reason_of(code).data or "" for code in self.codes},
            recommendation=self["recommendation"].data or "",
            recommended_kop=self["recommended_kop"].data,
            comment_applicant=self["comment_applicant"].data or "",
            comment_secretary=self["comment_secretary"].data or "",
            lines={
                number: LineInput(self.line_of(number).data, self.why_of(number).data or "")
                for number in self.numbers
                if self.line_of(number).raw_data  # a line that was not sent stays as it is stored
            },
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
    for line in view.lines:
        stored[line_field(line.number)] = line.left_kop
        stored[line_reason_field(line.number)] = line.reason
    codes, numbers = tuple(one.code for one in view.criteria), tuple(line.number for line in view.lines)
    return _form(codes, numbers, stored, **({"formdata": None} if is_stored else {}))


def form_of_names(sent: Iterable[str]) -> SheetForm:
    """The form of a request, with the criteria and the lines that it names."""
    names = list(sent)
    # No mark is chosen yet and its justification is being written: radio buttons send nothing then.
    prefixes = (points_field(""), reason_field(""))
    named = [name.removeprefix(prefix) for name in names for prefix in prefixes if name.startswith(prefix)]
    codes = tuple(dict.fromkeys(named))
    numbers = tuple(int(found[1]) for name in names if (found := _LINE.fullmatch(name)))
    return _form(codes, numbers, {})


def _form(codes: tuple[str, ...], numbers: tuple[int, ...], stored: dict[str, Any], **source: Any) -> SheetForm:
    fields: dict[str, Any] = {"codes": codes, "numbers": numbers}
    for code in codes:
        fields[points_field(code)] = ScaleField(_l("Points"))
        fields[reason_field(code)] = TextField(_l("Justification"), [MaxCharacters(LONGEST_TEXT)])
    for number in numbers:
        fields[line_field(number)] = KopField(_l("Leave, UAH"), [Optional()])
        fields[line_reason_field(number)] = LineField(_l("Reason"), [MaxCharacters(LONGEST_LINE_REASON)])
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


class EvidenceForm(Form):
    """Words of the application for one criterion: as they were selected, or one of the sentences that are offered."""

    criterion = HiddenField()
    question = LineField(validators=[MaxCharacters(60)])
    start = WholeField(validators=[Optional()])
    sentence = StringField()
    quote = TextField(_l("Or paste the words yourself"))

    def said(self) -> str:
        """The words: those pasted, else the sentence that was chosen."""
        return self.quote.data or self.sentence.data or ""


class AbstainForm(Form):
    """Why an expert gives an application back without a conflict of interest."""

    reason = TextField(
        _l("Reason"),
        [DataRequired(_l("Give the reason: the secretary will look for another expert")), MaxCharacters(1000)],
    )
