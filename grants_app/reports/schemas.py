"""Columns of the reports, named once for page, JSON, CSV, XLSX and PDF."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from grants_app.web.columns import Columns, Day, Money, Number, Text, Word


class FunnelSchema(Columns):
    """The funnel of a competition."""

    label = Word(label=_l("Step"), width=3)
    count = Number(label=_l("Applications"))
    requested_kop = Money(label=_l("Requested, UAH"))


class PlanSchema(Columns):
    """Indicators of the partnership plan."""

    number = Text(label=_l("Measure"), width=1)
    title = Text(label=_l("Indicator"), width=4)
    target = Number(label=_l("Target"))
    value = Number(label=_l("Reached"))
    evidence = Text(label=_l("Evidence"), width=4)


class CompetitionSummarySchema(Columns):
    """Published competitions."""

    code = Text(label=_l("Code"), width=1.4)
    title = Text(label=_l("Competition"), width=4)
    fund_kop = Money(label=_l("Fund, UAH"))
    applications = Number(label=_l("Applications"))
    awarded_count = Number(label=_l("Projects financed"))
    awarded_kop = Money(label=_l("Awarded, UAH"))
    published_on = Day(label=_l("Published"))
