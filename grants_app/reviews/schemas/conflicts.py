"""Columns of the register of conflicts: as staff take it, and as the minutes carry it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from grants_app.web.columns import Columns, Moment, Text, Word


class AnnexSchema(Columns):
    """What the annex to the minutes shows: no words of anybody."""

    application_code = Text(label=_l("Application"), width=1.8)
    person = Text(label=_l("Person"), width=2)
    source = Word(label=_l("How it became known"), width=1.8)
    kind = Word(label=_l("What ties them"), width=3)
    state = Word(label=_l("Decision"))
    decided_by = Text(label=_l("Decided by"), width=1.8)
    raised_at = Moment(label=_l("Noted"), width=1.4)
    decided_at = Moment(label=_l("Decided"), width=1.4)


class ConflictSchema(Columns):
    """The whole line."""

    names_people = True

    application_code = Text(label=_l("Application"), width=1.8)
    application = Text(label=_l("Project"), width=3)
    person = Text(label=_l("Person"), width=2)
    source = Word(label=_l("How it became known"), width=1.8)
    kind = Word(label=_l("What ties them"), width=2.4)
    level = Word(label=_l("Level"), width=1.6)
    state = Word(label=_l("Decision"))
    decided_by = Text(label=_l("Decided by"), width=1.8)
    decision_reason = Text(label=_l("Reason of the decision"), width=2.4)
    raised_at = Moment(label=_l("Noted"), width=1.4)
    decided_at = Moment(label=_l("Decided"), width=1.4)
