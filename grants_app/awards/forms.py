"""Forms of the decision's pages: shape, units and bounds; the rules are asked in the services."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from grants_app.awards.queries.meeting import SeatRow
from grants_app.awards.rules.voting import PRESENCE_LABELS
from grants_app.awards.rules.words import KIND_LABELS, MEETING_KINDS
from grants_app.web.fields import Form, KopField, KyivInstantField, LineField, MaxCharacters, TextField

_NEEDED = _l("Fill this in")
_REASON = _l("Give the reason: it will be recorded and published")


class AmountForm(Form):
    """Another sum than the rule gives."""

    amount = KopField(_l("Sum for this project, UAH"), [InputRequired(_NEEDED)])
    reason = TextField(
        _l("Reason"),
        [MaxCharacters(1000)],
        description=_l("Needed when the sum differs from the rule; it will be published"),
    )


class MeetingForm(Form):
    """A meeting to plan."""

    kind = RadioField(
        _l("How the meeting is held"),
        choices=[SelectChoice(value, _l(label)) for value, label in MEETING_KINDS.items()],
        default="room",
    )
    scheduled_at = KyivInstantField(_l("Day and time"), [InputRequired(_NEEDED)])
    place = LineField(_l("Place"), [MaxCharacters(300)])
    link = LineField(_l("Link"), [MaxCharacters(300)])


class ItemForm(Form):
    """A question for the agenda."""

    kind = RadioField(
        _l("What is decided"), choices=[SelectChoice(value, _l(label)) for value, label in KIND_LABELS.items()]
    )
    application = SelectField(_l("Application"), default="", validate_choice=False)
    title = LineField(_l("Item"), [DataRequired(_NEEDED), MaxCharacters(300)])
    draft = TextField(_l("Draft of the decision"), [DataRequired(_NEEDED), MaxCharacters(4000)])


class ReasonForm(Form):
    """A step with a reason that may be empty: stepping back needs no public reason."""

    reason = TextField(_l("Reason (may be left empty)"), [MaxCharacters(1000)], id="recusal-reason")


class ChallengeForm(Form):
    """A challenge of a member."""

    member = SelectField(_l("Member"), [DataRequired(_l("Choose a voting member"))])
    reason = TextField(_l("Reason"), [DataRequired(_REASON), MaxCharacters(1000)], id="challenge-reason")


class NoteForm(Form):
    """A sentence for the minutes."""

    text = TextField(_l("Add to the minutes"), [DataRequired(_l("Write what was said")), MaxCharacters(2000)])


class SeedForm(Form):
    """The seed of a public draw."""

    seed = LineField(
        _l("Seed of the draw"),
        [DataRequired(_l("Enter the seed that was announced")), MaxCharacters(200)],
        description=_l("A text nobody can choose afterwards, for example the closing index of tomorrow’s exchange"),
    )


class PublishForm(Form):
    """The typed code guards against publishing by accident."""

    code = LineField(_l("Type the code of the competition"), [DataRequired(_l("Type the code of the competition"))])


class AcceptForm(Form):
    """Acceptance; a smaller sum needs the tick."""

    agrees = BooleanField(_l("We agree to the smaller sum and will revise the project budget"))


class DeclineForm(Form):
    """Declining."""

    reason = TextField(_l("Why you decline"), [DataRequired(_l("Say why you decline")), MaxCharacters(1000)])


class ComplaintForm(Form):
    """A complaint."""

    text = TextField(
        _l("What you disagree with and why"),
        [DataRequired(_l("Write what you disagree with and why")), MaxCharacters(5000)],
    )


class ComplaintDecisionForm(Form):
    """The answer to a complaint."""

    verdict = RadioField(
        _l("Decision"),
        [InputRequired(_l("Choose the decision"))],
        choices=[
            SelectChoice("uphold", _l("Uphold the complaint")),
            SelectChoice("reject", _l("Reject the complaint")),
        ],
    )
    answer = TextField(_l("Reasons"), [DataRequired(_l("Give the reasons")), MaxCharacters(5000)])


def attendance_form(seats: list[SeatRow]) -> tuple[Any, dict[str, int]]:
    """A form with one choice for each seat, and the person of each field."""
    fields: dict[str, Any] = {}
    people: dict[str, int] = {}
    for number, seat in enumerate(seats, 1):
        name = f"seat_{number}"
        people[name] = seat.user_id
        choices = [SelectChoice(value, _l(label)) for value, label in PRESENCE_LABELS.items()]
        fields[name] = SelectField(seat.name, choices=choices, default=seat.presence)
    return type("AttendanceForm", (Form,), fields)(), people
