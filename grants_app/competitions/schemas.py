"""Columns of the tables of competitions: the page, JSON, CSV, XLSX and PDF are the same."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from grants_app.web.columns import Columns, Day, Money, Number, Points, Share, Text, Word


class CompetitionSchema(Columns):
    """The list of competitions."""

    code = Text(label=_l("Code"), width=2)
    title = Text(label=_l("Competition"), width=4)
    year = Number(label=_l("Year"))
    state = Word(label=_l("State"))
    fund_kop = Money(label=_l("Fund, UAH"))
    minimum_kop = Money(label=_l("Smallest grant, UAH"))
    maximum_kop = Money(label=_l("Largest grant, UAH"))
    own_share_min_bp = Share(label=_l("Own share, at least"))
    intake_first_day = Day(label=_l("Intake from"))
    intake_last_day = Day(label=_l("Intake until"))
    results_by = Day(label=_l("Results by"))


class CriterionSchema(Columns):
    """Criteria in the announcement."""

    title = Text(label=_l("Criterion"), width=5)
    question = Text(label=_l("Question to the expert"), width=5)
    scale = Text(label=_l("Scale"), width=1.3)
    weight = Points(label=_l("Weight"))
    pass_mark = Points(label=_l("At least"))


class LotSchema(Columns):
    """Lots in the announcement."""

    title = Text(label=_l("Lot"), width=4)
    fund_kop = Money(label=_l("Fund, UAH"))
    minimum_kop = Money(label=_l("Smallest grant, UAH"))
    maximum_kop = Money(label=_l("Largest grant, UAH"))


class AnnexSchema(Columns):
    """The form on paper: what is asked, and how it is answered."""

    number = Text(label=_l("No."), width=0.8)
    label_text = Text(label=_l("Question"), width=5)
    answer_text = Text(label=_l("The answer"), width=4)


class AnnexPartsSchema(AnnexSchema):
    """The same of a section that has options or columns."""

    parts_lines = Text(label=_l("Options or columns"), width=5)


class FormFileSchema(Columns):
    """A question of the form, in words."""

    section = Text(label=_l("Section"), width=3)
    number = Text(label=_l("No."), width=0.8)
    label = Text(label=_l("Question"), width=4)
    answer = Text(label=_l("The answer"), width=2)
    required = Text(label=_l("Required"), width=1.6)
    reader = Text(label=_l("Who reads it"), width=1.8)
    condition = Text(label=_l("When it is asked"), width=2.4)
    hint = Text(label=_l("Hint"), width=2.4)
    parts_text = Text(label=_l("Options or columns"), width=4)
    code = Text(label=_l("Code"), width=2)


class TermSchema(Columns):
    """A limit of days."""

    what = Text(label=_l("What for"), width=5)
    since = Text(label=_l("Counted from"), width=4)
    days = Text(label=_l("How long"), width=2.5)
