"""Columns of the table of spreads: page and files say the same."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from grants_app.web.columns import Columns, Number, Points, Text


class SpreadSchema(Columns):
    """Spread of the experts by application: no mean, no order."""

    code = Text(label=_l("Code"), width=1.8)
    title = Text(label=_l("Application"), width=5)
    count = Number(label=_l("Experts"))
    deviation = Points(label=_l("Standard deviation"))
    spread = Points(label=_l("Spread"))
    words = Text(label=_l("In words"), width=3)
