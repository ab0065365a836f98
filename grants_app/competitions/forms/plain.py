"""Forms without rows: a new competition, its texts, calendar, people, the steps, a day off."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from grants_app.competitions.forms.fields import choice, from_to
from grants_app.competitions.rules import (
    ADMISSION_BY,
    BLIND_PHASES,
    DIVERGENCE_RULES,
    MOST_GRACE_MINUTES,
    OFFICES,
    OWN_FIELD,
    PRESETS,
    SIGNATURE_MODES,
)
from grants_app.core.wholes import whole
from grants_app.web.fields import (
    DayField,
    Form,
    LineField,
    MaxCharacters,
    RowForm,
    ShareField,
    TextField,
    WholeField,
)

NEEDED = _l("Fill this in")


class NewForm(Form):
    """A new competition: from a set of criteria, or as a copy of an earlier one."""

    code = LineField(
        _l("Code"),
        [DataRequired(_l("Enter a code, for example 2027-SKP")), MaxCharacters(20)],
        description=_l("Capital Latin letters, digits and hyphens; it appears in addresses and documents"),
    )
    title = LineField(_l("Title"), [DataRequired(_l("Enter the title of the competition")), MaxCharacters(200)])
    year = WholeField(_l("Budget year"), [InputRequired(_l("Enter a year, for example 2027"))])
    basis = RadioField(_l("Start from"), choices=[], validators=[InputRequired(_l("Choose what to start from"))])

    def offer(self, copies: list[tuple[str, str]], lang: str) -> NewForm:
        """Fill the choices: presets, then earlier competitions."""
        presets = [choice(f"preset:{each.code}", getattr(each.title, lang)) for each in PRESETS.values()]
        self.basis.choices = presets + [choice(f"copy:{code}", title) for code, title in copies]
        return self


class SettingsForm(Form):
    """Base of the settings: the version that the person saw travels with the form."""

    version = HiddenField()

    @property
    def seen_version(self) -> int | None:
        """The version the form was rendered from."""
        return whole(self.version.data)


class BasicsForm(SettingsForm):
    """Texts of the announcement."""

    title = LineField(_l("Title"), [DataRequired(_l("Enter the title of the competition")), MaxCharacters(200)])
    summary = TextField(
        _l("What the competition is for"), [MaxCharacters(1000)], description=_l("Stands first on the public page")
    )
    legal_basis = TextField(
        _l("Legal basis"), [MaxCharacters(500)], description=_l("Decision of the council, programme, procedure")
    )
    who_may_apply = TextField(_l("Who may apply"), [MaxCharacters(2000)])
    what_is_paid = TextField(_l("What is paid and what is not"), [MaxCharacters(2000)])
    contact = LineField(_l("Contact"), [MaxCharacters(300)], description=_l("Telephone, e-mail, hours"))


class NeededLater(Optional):
    """A draft is saved without it, an announcement is not made: so it is not called optional."""

    field_flags: ClassVar[dict[str, bool]] = {}


class CalendarForm(SettingsForm):
    """Days; every last day counts till midnight in Kyiv."""

    intake_from = DayField(_l("First day of the intake"), [NeededLater()])
    intake_until = DayField(
        _l("Last day of the intake"),
        [NeededLater()],
        description=_l("Applications are taken until midnight of this day"),
    )
    scoring_until = DayField(_l("Last day of scoring"), [NeededLater()])
    results_by = DayField(_l("Results are published by"), [NeededLater()])
    project_from = DayField(_l("Projects begin no earlier than"), [NeededLater()])
    project_until = DayField(_l("Projects end no later than"), [NeededLater()])
    correction_days = WholeField(
        _l("Working days to correct defects"),
        [InputRequired(NEEDED), NumberRange(1, 30, _l("Enter 1 to 30 working days"))],
    )


class IntakeForm(SettingsForm):
    """How applications are signed, kept closed and checked."""

    signature_modes = SelectMultipleField(
        _l("How the head of an organisation may sign"),
        choices=[choice(code, _l(label)) for code, label in SIGNATURE_MODES.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("Applicants choose among the ways that you allow"),
        validators=[InputRequired(_l("Choose at least one way of signing"))],
    )
    seals_applications = BooleanField(
        _l("Keep applications closed to everybody until the intake ends"),
        description=_l("Nobody opens a text earlier, the administrator included; only numbers are shown"),
    )
    upload_grace_minutes = WholeField(
        _l("Minutes in which an upload that began in time may still end"),
        [InputRequired(NEEDED), NumberRange(0, MOST_GRACE_MINUTES, _l("Enter a number from 0 to 60"))],
        description=_l("0: a file counts only if all of it arrived before the deadline"),
    )
    admission_by = RadioField(
        _l("Who decides whether an application is admitted"),
        choices=[choice(code, _l(label)) for code, label in ADMISSION_BY.items()],
        validators=[InputRequired(NEEDED)],
    )


class SeatForm(RowForm):
    """A person and an office."""

    person = SelectField(_l("Person"), choices=[])
    office = SelectField(
        _l("Position in the commission"),
        choices=[choice("", _l("Choose"))] + [choice(code, _l(label)) for code, label in OFFICES.items()],
    )

    def is_blank(self) -> bool:
        """Nothing chosen."""
        return not self.person.data and not self.office.data


class PeopleForm(SettingsForm):
    """The commission."""

    seats = FieldList(
        FormField(SeatForm), label=_l("Commission"), description=_l("A chair, a secretary and at least five who vote")
    )

    def offer(self, people: list[tuple[str, str]]) -> PeopleForm:
        """Fill the choice of persons in every row."""
        options = [choice("", _l("Choose"))] + [choice(email, label) for email, label in people]
        for entry in self.seats.entries:
            entry.form.person.choices = options
        return self


class PanelForm(SettingsForm):
    """Who scores each application and how."""

    scoring_by = RadioField(
        _l("Who scores"),
        choices=[
            choice("experts", _l("Experts")),
            choice("commission", _l("Members of the commission")),
            choice("both", _l("Experts and members of the commission")),
        ],
        validators=[InputRequired(NEEDED)],
    )
    experts_per_application = WholeField(
        _l("How many people score each application"),
        [InputRequired(NEEDED), NumberRange(1, 30, _l("Enter a number from 1 to 30"))],
    )
    justification_min = WholeField(
        _l("Fewest characters of a justification"),
        [InputRequired(NEEDED), NumberRange(0, 1000, from_to(0, 1000))],
    )
    divergence_bp = ShareField(
        _l("Marks diverge when they are further apart than, per cent of the scale"), [InputRequired(NEEDED)]
    )
    divergence_rule = RadioField(
        _l("What a divergence calls for"),
        choices=[choice(code, _l(label)) for code, label in DIVERGENCE_RULES.items()],
        description=_l("Applicants read this rule in the announcement"),
        validators=[InputRequired(NEEDED)],
    )
    required_fields = SelectMultipleField(
        _l("Fields from which at least one expert of each application must come"),
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("Leave empty if any expert may score any application"),
    )
    most_per_expert = WholeField(
        _l("Most applications that one expert scores"),
        [Optional(), NumberRange(1, 1000, from_to(1, 1000))],
        description=_l("Leave empty to share applications as evenly as possible"),
    )
    kept_experts = WholeField(
        _l("How many experts of the applicant’s last application score the new one too"),
        [InputRequired(NEEDED), NumberRange(0, 30, _l("Enter a number from 0 to 30"))],
        description=_l("0: previous experts have no preference"),
    )
    blind_phases = SelectMultipleField(
        _l("When the name of the applicant is hidden"),
        choices=[choice(code, _l(label)) for code, label in BLIND_PHASES.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("Experts then read an edited copy without names and contacts"),
    )

    def offer(self, fields: list[tuple[str, str]]) -> PanelForm:
        """Fill the choice of fields: the application's own priority, then all that are known."""
        own = choice(OWN_FIELD, _l("The priority that the application itself has chosen"))
        self.required_fields.choices = [own] + [choice(code, title) for code, title in fields]
        return self


class AnnounceForm(SettingsForm):
    """The last act of the organizer before the public."""

    short_intake_reason = TextField(
        _l("Why the intake is shorter than 30 days"), [MaxCharacters(1000)], description=_l("It will be published")
    )


class ProlongForm(Form):
    """A later end of the intake."""

    until = DayField(_l("New last day of the intake"), [InputRequired(_l("Enter the new last day"))])
    scoring_until = DayField(_l("New last day of scoring"), [Optional()])
    results_by = DayField(_l("Results are published by"), [Optional()])
    reason = TextField(
        _l("Reason"),
        [DataRequired(_l("Give the reason: it will be recorded and published")), MaxCharacters(1000)],
        description=_l("It will be published"),
    )


class CancelForm(Form):
    """Calling the competition off."""

    reason = TextField(
        _l("Reason"),
        [DataRequired(_l("Give the reason: it will be recorded and published")), MaxCharacters(1000)],
        description=_l("It will be published"),
    )
    sure = BooleanField(
        _l("I understand that a cancelled competition cannot be resumed"),
        [InputRequired(_l("Confirm that you understand"))],
    )


class AmendedTextsForm(SettingsForm):
    """Texts of an announced call that an amendment may change."""

    title = LineField(_l("Title"), [DataRequired(_l("Enter the title of the competition")), MaxCharacters(200)])
    summary = TextField(_l("What the competition is for"), [MaxCharacters(1000)])
    who_may_apply = TextField(_l("Who may apply"), [MaxCharacters(2000)])
    what_is_paid = TextField(_l("What is paid and what is not"), [MaxCharacters(2000)])
    contact = LineField(_l("Contact"), [MaxCharacters(300)])


class AmendmentForm(SettingsForm):
    """The reason with which an amendment is published."""

    reason = TextField(
        _l("Reason"),
        [DataRequired(_l("Give the reason: it will be recorded and published")), MaxCharacters(1000)],
        description=_l("It will be published, and sent to everybody who is writing or has sent an application"),
    )


class DayOffForm(Form):
    """A day on which no term ends."""

    day = DayField(_l("Day"), [InputRequired(_l("Enter the day"))])
    title = LineField(_l("Why it is off"), [MaxCharacters(120)])


def seat_data(rows: list[Any]) -> list[dict[str, str]]:
    """Rows of the commission as the form takes them."""
    return [{"person": row.email, "office": row.office} for row in rows]
