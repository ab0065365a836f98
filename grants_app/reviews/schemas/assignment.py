"""Columns of the assignment that leaves the product; the same headings are recognised when it comes back."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from grants_app.web.columns import Columns, Number, Text, Word


class AssignmentSchema(Columns):
    """One row for each pair; an application without experts has one row with nobody."""

    application_code = Text(label=_l("Application"), width=1.8)
    application = Text(label=_l("Project"), width=3.5)
    expert = Text(label=_l("Expert"), width=2.4)
    email = Text(label=_l("E-mail"), width=2.4)
    expert_code = Text(label=_l("Code"), width=1.1)
    state = Word(label=_l("State"), width=1.5)
    fit = Text(label=_l("Knows the field"), width=1.1)
    load_count = Number(label=_l("Load"))
