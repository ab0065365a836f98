"""Forms with rows (lots, priorities, criteria) and the rules of ranking and awarding."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from grants_app.competitions.forms.fields import BandsField, NumberTextField, ShareBandsField, choice
from grants_app.competitions.forms.plain import NEEDED, SettingsForm
from grants_app.competitions.rules import COLUMN_TIES
from grants_app.web.fields import KopField, LineField, MaxCharacters, RowForm, ShareField, TextField, WholeField

TIE_LINKS = 5


class LotForm(RowForm):
    """A lot."""

    row_name = _l("Lot")
    code = HiddenField()
    title = LineField(_l("Title of the lot"), [MaxCharacters(200)])
    fund_kop = KopField(_l("Fund of the lot"))
    minimum_kop = KopField(_l("Smallest grant"), [Optional()])
    maximum_kop = KopField(_l("Largest grant"), [Optional()])
    source_line = SelectField(_l("Line of the city’s budget"), choices=[])

    def is_blank(self) -> bool:
        """Nothing was typed."""
        return not (self.title.data or self.fund_kop.data or self.minimum_kop.data or self.maximum_kop.data)


class LotsForm(SettingsForm):
    """Lots with their money."""

    lots = FieldList(
        FormField(LotForm),
        label=_l("Lots"),
        description=_l("Each lot has a fund and a list of its own. An empty row is left out"),
    )

    def offer(self, lines: list[tuple[str, str]]) -> LotsForm:
        """Fill the choice of budget lines in every row."""
        options = [choice("", _l("Choose"))] + [choice(code, label) for code, label in lines]
        for entry in self.lots.entries:
            entry.form.source_line.choices = options
        return self


class PriorityForm(RowForm):
    """A priority direction."""

    row_name = _l("Priority")
    code = HiddenField()
    title = LineField(_l("Priority"), [MaxCharacters(300)])

    def is_blank(self) -> bool:
        """Nothing was typed."""
        return not self.title.data


class PrioritiesForm(SettingsForm):
    """Priority directions; applicants choose one."""

    priorities = FieldList(
        FormField(PriorityForm), label=_l("Priorities"), description=_l("Applicants choose one of them")
    )


class CriterionForm(RowForm):
    """A criterion with its scale and guidance."""

    row_name = _l("Criterion")
    code = HiddenField()
    title = LineField(_l("Criterion"), [MaxCharacters(300)])
    question = TextField(_l("Question to the expert"), [MaxCharacters(1000)])
    weight = NumberTextField(_l("Weight"))
    minimum = NumberTextField(_l("Lowest mark"))
    maximum = NumberTextField(_l("Highest mark"))
    step = NumberTextField(_l("Step of marks"))
    pass_mark = NumberTextField(
        _l("Pass mark of this criterion"), [Optional()], description=_l("Leave empty if there is none")
    )
    bands = BandsField(
        _l("What the marks mean"),
        [Optional()],
        description=_l("One band a line: marks, colon, words; experts and applicants read it beside the scale"),
    )

    def is_blank(self) -> bool:
        """Nothing that matters was typed."""
        return not (self.title.data or self.weight.data or self.question.data)


class CriteriaForm(SettingsForm):
    """Criteria in the order of the review sheet."""

    criteria = FieldList(FormField(CriterionForm), label=_l("Criteria"))


class RulesForm(SettingsForm):
    """Admission, ranking, ties and the way from a list to money."""

    own_share_min_bp = ShareField(_l("Smallest own share of the whole cost"), [InputRequired(NEEDED)])
    inkind_max_bp = ShareField(_l("Largest part in kind within the own share"), [InputRequired(NEEDED)])
    registered_months_min = WholeField(
        _l("Months since registration, at least"),
        [InputRequired(NEEDED), NumberRange(0, 120, _l("Enter a number from 0 to 120"))],
    )
    applications_per_organisation = WholeField(
        _l("Applications of one organisation, at most"),
        [InputRequired(NEEDED), NumberRange(1, 50, _l("Enter a number from 1 to 50"))],
    )
    expert_total = RadioField(
        _l("Total of an expert"),
        choices=[
            choice("normalised", _l("Weighted share of the highest marks, 0 to 100")),
            choice("points", _l("Sum of the points times weights")),
            choice("weighted_mean", _l("Weighted mean of the marks")),
        ],
        validators=[InputRequired(NEEDED)],
    )
    combine = RadioField(
        _l("Total of an application"),
        choices=[
            choice("mean", _l("Mean of the experts")),
            choice("sum", _l("Sum of the experts, if all have scored")),
            choice("median", _l("Median, from five experts")),
            choice("trimmed", _l("Mean without the highest and the lowest, from five experts")),
        ],
        validators=[InputRequired(NEEDED)],
    )
    min_experts = WholeField(
        _l("Fewest reviews for a place in the ranking"),
        [InputRequired(NEEDED), NumberRange(1, 30, _l("Enter a number from 1 to 30"))],
    )
    pass_mark = NumberTextField(
        _l("Pass mark"), [Optional()], description=_l("In the unit of the total; leave empty if there is none")
    )
    tie_breaks = FieldList(
        SelectField(choices=[]),
        label=_l("When totals are equal"),
        description=_l("Compared from the first to the last, until one separates the applications"),
        min_entries=TIE_LINKS,
        max_entries=TIE_LINKS,
    )
    allocation_rule = RadioField(
        _l("From the list to the money"),
        choices=[
            choice("marginal", _l("Down the list; the first that does not fit gets the remainder if it is enough")),
            choice("stop", _l("Down the list until the first that does not fit")),
            choice("skip", _l("Down the list, passing over those that do not fit")),
            choice("bands", _l("The share of the request depends on the score")),
        ],
        validators=[InputRequired(NEEDED)],
    )
    marginal_bp = ShareField(
        _l("The remainder is enough from this share of the request"),
        [InputRequired(NEEDED)],
    )
    bands = ShareBandsField(
        _l("Shares by score"),
        [Optional()],
        description=_l("One a line: score, colon, per cent, for example 80: 100"),
    )
    pool_leftover = BooleanField(_l("What lots have left goes to the best unfunded of all lots"))
    cap_per_applicant_kop = KopField(_l("Most money for one organisation"), [Optional()])

    def offer(self, criteria: list[tuple[str, str]]) -> RulesForm:
        """Fill the links of the tie chain."""
        options = [choice("", _l("Nothing more"))]
        options += [choice(f"criterion:{code}", _l("Higher mark: %(title)s", title=title)) for code, title in criteria]
        options += [choice(f"column:{column}", _l(label)) for column, (_, label) in COLUMN_TIES.items()]
        options.append(choice("worst_expert:", _l("Higher total of the strictest expert")))
        for number, entry in enumerate(self.tie_breaks.entries, 1):
            entry.choices = options
            entry.label.text = _l("Comparison %(number)s", number=number)
        return self


@lru_cache(maxsize=32)
def rules_kind(categories: tuple[tuple[str, str], ...]) -> type[RulesForm]:
    """The rules with one share field for each cost category of the form, so that every ceiling has its own label."""
    shares = type("CeilingsForm", (RowForm,), {code: ShareField(_l(label)) for code, label in categories})
    ceilings = FormField(
        shares,
        label=_l("Ceilings of cost categories"),
        description=_l("Share of the whole cost; empty means no ceiling"),
    )
    return type("CompetitionRulesForm", (RulesForm,), {"ceilings": ceilings})


def tie_text(link: dict[str, str]) -> str:
    """A link of rules.json as the value of the choice."""
    return f"{link['by']}:{link.get('code') or link.get('column') or ''}"


def tie_link(text: str) -> dict[str, str]:
    """The choice as a link of rules.json."""
    by, _, name = text.partition(":")
    if by == "criterion":
        return {"by": by, "code": name, "direction": "higher"}
    if by == "column":
        return {"by": by, "column": name, "direction": COLUMN_TIES[name][0]}
    return {"by": "worst_expert", "direction": "higher"}


def filled(field_list: Any) -> list[tuple[int, Any]]:
    """Rows that somebody filled, with their places in the form."""
    return [(index, entry.form) for index, entry in enumerate(field_list.entries) if not entry.form.is_blank()]
