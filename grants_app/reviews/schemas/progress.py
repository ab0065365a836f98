"""Columns of the tables that leave the review, named once for page, JSON, CSV, XLSX and PDF."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from grants_app.web.columns import Columns, Moment, Number, Points, Text, Word


class ProgressSchema(Columns):
    """Pace of the experts."""

    names_people = True

    expert = Text(label=_l("Expert"), width=3)
    expert_code = Text(label=_l("Code"), width=1.2)
    done_count = Number(label=_l("Finished"))
    begun_count = Number(label=_l("Begun"))
    waiting_count = Number(label=_l("Not begun"))
    all_count = Number(label=_l("Assigned in all"))
    last_action_at = Moment(label=_l("Last action"))
    missing_count = Number(label=_l("Will be missing"))


class MissingSchema(Columns):
    """Reviews that are not there yet."""

    names_people = True

    application_code = Text(label=_l("Application"), width=1.8)
    application = Text(label=_l("Project"), width=4)
    expert = Text(label=_l("Expert"), width=3)
    expert_code = Text(label=_l("Code"), width=1.2)
    state = Word(label=_l("State"))
    assigned_at = Moment(label=_l("Assigned"))


class DivergenceSchema(Columns):
    """Spread of the experts' totals."""

    application_code = Text(label=_l("Application"), width=1.8)
    application = Text(label=_l("Project"), width=4)
    lot = Text(label=_l("Lot"), width=2)
    review_count = Number(label=_l("Reviews"))
    totals_text = Text(label=_l("Totals of experts"), width=2.4)
    score_text = Points(label=_l("Score"))
    spread_text = Points(label=_l("Spread"))
    limit_text = Points(label=_l("Limit of spread"))


def summary_schema(criteria: list[tuple[str, str]]) -> type[Columns]:
    """Columns of the summary sheet of one competition: a column for each criterion, in order."""
    columns: dict[str, Any] = {
        "application_code": Text(label=_l("Application"), width=1.8),
        "application": Text(label=_l("Project"), width=3),
        "expert_code": Text(label=_l("Expert"), width=1.2),
    }
    for number, (code, title) in enumerate(criteria, start=1):
        columns[f"criterion_{number}"] = Points(label=f"{number}. {title}", width=1.2, data_key=code)
    columns["total_text"] = Points(label=_l("Score"))
    return type("SummarySchema", (Columns,), columns)
