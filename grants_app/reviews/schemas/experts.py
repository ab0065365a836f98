"""Columns of the pool and of the panel as they leave the system: no address, no account, no reason of a decline."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from grants_app.web.columns import Columns, Day, Moment, Number, Text, Word


class PoolSchema(Columns):
    """The pool as it is on the screen."""

    names_people = True

    name = Text(label=_l("Expert"), width=3)
    email = Text(label=_l("E-mail"), width=3)
    workplace = Text(label=_l("Workplace"), width=3)
    fields_text = Text(label=_l("Fields of expertise"), width=4)
    languages_text = Text(label=_l("Languages"), width=2)
    availability = Word(label=_l("Can be asked now"), width=1.4)
    away_from = Day(label=_l("Away from"))
    away_until = Day(label=_l("Away until"))
    most_applications = Number(label=_l("Limit"))
    open_count = Number(label=_l("To score"))
    done_count = Number(label=_l("Scored"))


class PanelSchema(Columns):
    """Who is invited to a panel and what they answered."""

    names_people = True

    name = Text(label=_l("Expert"), width=3)
    email = Text(label=_l("E-mail"), width=3)
    state = Word(label=_l("State"), width=2)
    invited_at = Moment(label=_l("Invited"))
    respond_by = Moment(label=_l("Answer before"))
    answered_at = Moment(label=_l("Answered"))
    limit_count = Number(label=_l("Limit"))
    assigned_count = Number(label=_l("Assigned"))
    done_count = Number(label=_l("Scored"))
    agreement_digest = Text(label=_l("Fingerprint of the agreement"), width=3)
