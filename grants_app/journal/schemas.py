"""Columns of the journal as a table file."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from grants_app.web.columns import Columns, Moment, Number, Text


class JournalSchema(Columns):
    """A line of the journal."""

    seq = Number(label=_l("No."))
    at = Moment(label=_l("When"))
    who = Text(label=_l("Who"), width=2)
    thing = Text(label=_l("What"), width=1.6)
    code = Text(label=_l("Code"), width=1.8)
    step = Text(label=_l("Action"), width=2)
    before = Text(label=_l("State before"), width=1.5)
    after = Text(label=_l("State after"), width=1.5)
    reason = Text(label=_l("Reason"), width=3)
    request_id = Text(label=_l("Request number"), width=1.6)
