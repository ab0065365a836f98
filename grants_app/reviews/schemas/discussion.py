"""Columns of discussions, named once for page, JSON, CSV, XLSX and PDF."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from grants_app.web.columns import Columns, Moment, Number, Points, Text, Word


class ThreadSchema(Columns):
    """Discussions of a competition."""

    application_code = Text(label=_l("Application"), width=1.8)
    application = Text(label=_l("Project"), width=4)
    state = Word(label=_l("State"))
    spread_text = Points(label=_l("Spread"))
    message_count = Number(label=_l("Messages"))
    opened_at = Moment(label=_l("Opened"))
    outcome = Text(label=_l("Outcome"), width=4)


class MessageSchema(Columns):
    """Messages of one discussion."""

    at = Moment(label=_l("When"))
    author = Word(label=_l("Who"))
    text = Text(label=_l("Message"), width=7)
