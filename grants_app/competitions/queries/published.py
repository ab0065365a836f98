"""What was published about a call after its announcement: amendments with their reasons, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from grants_app.competitions.models import CallVersion, Competition
from grants_app.competitions.rules.form import Form, read_form
from grants_app.database import db


@dataclass(frozen=True)
class AmendmentRow:
    """An amendment: its number, reason, what it changed, and the form it brought."""

    number: int
    at: datetime
    reason: str
    changes: Sequence[Mapping[str, Any]]
    form: Form
    before: Form


def amendment_rows(competition: Competition) -> list[AmendmentRow]:
    """Amendments of the call, newest first; the announcement itself is version 1 and amends nothing."""
    query = sa.select(CallVersion).filter_by(competition_id=competition.id).order_by(CallVersion.number)
    versions = list(db.session.scalars(query))
    return [
        AmendmentRow(
            new.number, new.at, new.reason, new.changes, read_form(new.form_text), read_form(old.form_text)
        )
        for old, new in pairwise(versions)
    ][::-1]  # fmt: skip
