"""Forms of the discussion: a message, the lead, the consensus sheet, opening the own review, closing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from grants_app.reviews.forms.sheet import ScaleField, VersionForm
from grants_app.reviews.queries import SheetView
from grants_app.reviews.rules import LONGEST_TEXT, SheetInput, points_field, reason_field
from grants_app.reviews.rules.discussion import LONGEST_MESSAGE, VISIBILITIES
from grants_app.web.fields import Form, MaxCharacters, TextField


class MessageForm(Form):
    """A message and who will read it."""

    text = TextField(
        _l("Message"),
        [DataRequired(_l("Write the message")), MaxCharacters(LONGEST_MESSAGE)],
        description=_l("Name a person to send them a letter: @E-… for an expert, @secretary, @chair"),
    )
    visibility = RadioField(
        _l("Who will read it"),
        choices=[SelectChoice(code, _l(label)) for code, label in VISIBILITIES.items()],
        default="panel",
        validate_choice=False,
    )


class LeadForm(Form):
    """The expert who writes the consensus sheet."""

    lead = RadioField(_l("Lead of the discussion"), choices=[], validate_choice=False)


class ReviseForm(Form):
    """Why an expert opens the own review after the discussion."""

    reason = TextField(
        _l("Why you change your review"),
        [DataRequired(_l("Give the reason: it is recorded")), MaxCharacters(1000)],
        description=_l("The commission reads it. The former version of your review is kept"),
    )


class OutcomeForm(Form):
    """What the discussion ended with."""

    outcome = TextField(
        _l("Outcome"),
        [DataRequired(_l("Write what the discussion ended with")), MaxCharacters(1000)],
        description=_l("Stands in the journal and in the papers of the commission"),
    )


class ConsensusForm(VersionForm):
    """The consensus sheet: points and a justification for each criterion, a text for the panel."""

    codes: tuple[str, ...] = ()

    def points_of(self, code: str) -> Any:
        """The field with the points of a criterion."""
        return self[points_field(code)]

    def reason_of(self, code: str) -> Any:
        """The field with the justification of a criterion."""
        return self[reason_field(code)]

    def sheet(self) -> SheetInput:
        """What was typed, as the service takes it."""
        return SheetInput(
            points={code: self.points_of(code).data or "" for code in self.codes},
            reasons={code: self.reason_of(code).data or "" for code in self.codes},
        )


def consensus_form(view: SheetView, stored: Mapping[str, Any] | None, version: int) -> ConsensusForm:
    """The form of a consensus sheet with what is stored; a POST fills it with what was typed."""
    marks = (stored or {}).get("marks", {})
    values: dict[str, Any] = {"version": str(version), "text": (stored or {}).get("text", "")}
    fields: dict[str, Any] = {"codes": tuple(one.code for one in view.criteria)}
    for one in view.criteria:
        fields[points_field(one.code)] = ScaleField(_l("Points"))
        fields[reason_field(one.code)] = TextField(_l("Justification"), [MaxCharacters(LONGEST_TEXT)])
        values[points_field(one.code)] = marks.get(one.code, {}).get("points", "")
        values[reason_field(one.code)] = marks.get(one.code, {}).get("justification", "")
    fields["text"] = TextField(_l("To the panel"), [MaxCharacters(LONGEST_TEXT)])
    form: ConsensusForm = type("CriteriaConsensusForm", (ConsensusForm,), fields)(data=values)
    return form
