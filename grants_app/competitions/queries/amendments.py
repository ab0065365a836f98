"""Versions of an announced call, and the amendment that is being written."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from grants_app.competitions.models import CallAmendment, CallVersion, Competition
from grants_app.competitions.queries.calls import form_of
from grants_app.competitions.rules.form import Form, read_form
from grants_app.competitions.rules.form.changes import TEXTS, Change, changes_between
from grants_app.competitions.rules.form.editing import codes_of
from grants_app.database import db
from grants_app.lifecycle import CompetitionState


def amendment_of(competition: Competition) -> CallAmendment | None:
    """The amendment that is being written, if there is one."""
    return db.session.scalar(sa.select(CallAmendment).filter_by(competition_id=competition.id))


def working_form(competition: Competition) -> Form:
    """The form that the organizer is working on: of the amendment when one is begun, else of the call."""
    amendment = None if competition.state is CompetitionState.DRAFT else amendment_of(competition)
    return form_of(competition) if amendment is None else read_form(amendment.form_text)


def call_texts(competition: Competition) -> dict[str, Any]:
    """The texts that a version of the call keeps."""
    return {name: getattr(competition, name) for name in TEXTS}


def amendment_changes(competition: Competition, amendment: CallAmendment) -> list[Change]:
    """What the amendment would change."""
    new = read_form(amendment.form_text)
    return changes_between(call_texts(competition), amendment.texts, form_of(competition), new)


def known_codes(competition: Competition) -> frozenset[str]:
    """Codes that parts of this call's form have or ever had: a new part never takes over answers of another."""
    texts = db.session.scalars(sa.select(CallVersion.form_text).filter_by(competition_id=competition.id))
    forms = [form_of(competition), working_form(competition), *(read_form(text) for text in texts)]
    return frozenset().union(*(codes_of(form) for form in forms))
