"""Forms of the pool of experts: the profile that the person and the secretary keep."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from grants_app.reviews.rules.experts import LANGUAGES, MOST_ORGANISATIONS, TIES, ProfileFacts
from grants_app.web.fields import DayField, EdrpouCheck, Form, LineField, MaxCharacters, RowForm, WholeField


class NeededInRow:
    """A row that says anything must say this too; a blank row is no organisation and is left out."""

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        if not field.data and not form.is_blank():
            raise ValidationError(str(self.message))


class OrganisationRow(RowForm):
    """An organisation that the expert has to do with."""

    name = LineField(_l("Organisation"), [NeededInRow(_l("Enter the name of the organisation")), MaxCharacters(300)])
    edrpou = LineField(_l("EDRPOU code"), [Optional(), EdrpouCheck()], description=_l("Eight digits"))
    role = SelectField(
        _l("What ties you"),
        [NeededInRow(_l("Choose what ties you with the organisation"))],
        choices=[SelectChoice("", _l("Choose")), *(SelectChoice(value, _l(label)) for value, label in TIES.items())],
        validate_choice=False,
        default="",
    )

    def is_blank(self) -> bool:
        """Whether nothing is written in the row."""
        return not (self.name.data or self.edrpou.data)


class ExpertForm(Form):
    """What the assignment needs to know about an expert."""

    version = HiddenField()
    fields_known = SelectMultipleField(
        _l("Fields of expertise"),
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    languages = SelectMultipleField(
        _l("Languages in which applications can be read"),
        choices=[SelectChoice(value, _l(label)) for value, label in LANGUAGES.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    is_available = BooleanField(_l("Can be asked now"))
    away_from = DayField(_l("Away from"), [Optional()])
    away_until = DayField(
        _l("Away until"), [Optional()], description=_l("The last day away. Leave empty if it is not known")
    )
    most_applications = WholeField(
        _l("Most applications in one competition"), [Optional()], description=_l("Leave empty if there is no limit")
    )
    workplace = LineField(_l("Workplace"), [Optional(), MaxCharacters(300)])
    workplace_edrpou = LineField(
        _l("EDRPOU of the workplace"),
        [Optional(), EdrpouCheck()],
        description=_l("Eight digits; an application of this organisation is never offered to the expert"),
    )
    organisations = FieldList(
        FormField(OrganisationRow),
        _l("Organisations: boards, founders, members"),
        description=_l("Applications of these organisations are not offered to the expert"),
        max_entries=MOST_ORGANISATIONS,
    )
    address = LineField(
        _l("Home address"),
        [Optional(), MaxCharacters(300)],
        description=_l("Only compared with addresses of applicants. Seen by the expert and the secretary alone"),
    )
    iban = LineField(
        _l("IBAN"),
        [Optional(), MaxCharacters(42)],
        description=_l("Only compared with accounts of applicants. Seen by the expert and the secretary alone"),
    )

    def offer(self, known: list[tuple[str, str]]) -> ExpertForm:
        """Fill the choice of fields with the priorities of all competitions, and bring a row to write in."""
        self.fields_known.choices = [SelectChoice(code, title) for code, title in known]
        if not self.organisations.entries:
            self.organisations.append_entry()
        return self

    def facts(self, known: list[tuple[str, str]]) -> ProfileFacts:
        """What was typed as plain values; a field that no competition knows is dropped."""
        codes = {code for code, _ in known}
        rows = [
            {"name": row.form.name.data, "edrpou": row.form.edrpou.data or "", "role": row.form.role.data}
            for row in self.organisations.entries
            if not row.form.is_blank()
        ]
        return ProfileFacts(
            workplace=self.workplace.data or "",
            workplace_edrpou=self.workplace_edrpou.data or "",
            fields_known=[code for code in self.fields_known.data or [] if code in codes],
            languages=list(self.languages.data or []),
            is_available=bool(self.is_available.data),
            away_from=self.away_from.data,
            away_until=self.away_until.data,
            most_applications=self.most_applications.data,
            organisations=rows,
            address=self.address.data or "",
            iban=self.iban.data or "",
        )
