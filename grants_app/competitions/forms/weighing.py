"""Forms of the help with weights: the order of the criteria, what their swings are worth, comparisons in pairs."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import InputRequired, NumberRange

from grants_app.competitions.forms.fields import choice, from_to
from grants_app.competitions.forms.plain import NEEDED, SettingsForm
from grants_app.web.fields import WholeField

TIMES = {
    "9": _l("matters utterly more (9)"),
    "7": _l("matters far more (7)"),
    "5": _l("matters clearly more (5)"),
    "3": _l("matters a little more (3)"),
    "1": _l("matters as much (1)"),
    "1/3": _l("matters a little less (1/3)"),
    "1/5": _l("matters clearly less (1/5)"),
    "1/7": _l("matters far less (1/7)"),
    "1/9": _l("matters utterly less (1/9)"),
}


class WeighingForm(SettingsForm):
    """Questions about the criteria by their number; `weighing_form` adds them."""

    def numbers(self, name: str) -> list[int]:
        """Whole numbers typed for the criteria, in their order."""
        return [field.data for field in self if field.name.startswith(f"{name}_")]

    def comparisons(self) -> dict[tuple[int, int], Fraction]:
        """How many times the first of each pair matters more, by positions from 0."""
        found = {}
        for field in self:
            if field.name.startswith("pair_"):
                _, first, second = field.name.split("_")
                found[int(first) - 1, int(second) - 1] = Fraction(field.data)
        return found


def weighing_form(method: str, titles: list[str], version: int, *, from_request: bool) -> WeighingForm:
    """The form of a method for criteria of these titles, begun with their present order."""
    fields = {"order": _places, "swing": _swings, "pairs": _pairs}[method](titles)
    kind: type[WeighingForm] = type("CriteriaWeighingForm", (WeighingForm,), fields)
    values: dict[str, Any] = {f"place_{number}": number for number in range(1, len(titles) + 1)}
    return kind(data={**values, "version": str(version)}, **({} if from_request else {"formdata": None}))


def _places(titles: list[str]) -> dict[str, Any]:
    return {f"place_{number}": _whole(title, 1, len(titles)) for number, title in enumerate(titles, 1)}


def _swings(titles: list[str]) -> dict[str, Any]:
    return {f"swing_{number}": _whole(title, 0, 100) for number, title in enumerate(titles, 1)}


def _whole(title: str, least: int, most: int) -> WholeField:
    return WholeField(title, [InputRequired(NEEDED), NumberRange(least, most, from_to(least, most))])


def _pairs(titles: list[str]) -> dict[str, Any]:
    options = [choice(value, label) for value, label in TIMES.items()]
    return {
        f"pair_{first + 1}_{second + 1}": SelectField(
            gettext("“%(first)s” beside “%(second)s”", first=titles[first], second=titles[second]),
            choices=options,
            default="1",
        )
        for first, second in combinations(range(len(titles)), 2)
    }
