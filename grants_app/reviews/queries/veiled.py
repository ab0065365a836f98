"""Rows of lists as a person may read them who must not learn who applies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import is_veiled
from grants_app.competitions.models import Competition
from grants_app.database import db
from grants_app.reviews.queries.masking import masked_titles

Row = TypeVar("Row")


def without_applicants(
    rows: Sequence[Row],
    viewer: User,
    competition: Competition,
    *,
    code: str = "code",
    title: str = "title",
    blank: Sequence[str] = (),
) -> list[Row]:
    """The rows with masked titles and without the attributes of `blank`, while the applicant is hidden from the viewer.

    `code` and `title` are names of attributes of the rows, which are dataclasses.
    """
    if not rows or not is_veiled(viewer, competition):
        return list(rows)
    found = db.session.execute(
        sa.select(Application.id, Application.code, Application.title).filter_by(competition_id=competition.id)
    ).all()
    masked = masked_titles({one.id: one.title for one in found})
    titles = {one.code: masked[one.id] for one in found}
    empty: dict[str, Any] = dict.fromkeys(blank, "")
    return [
        replace(row, **{title: titles.get(getattr(row, code), ""), **empty})  # type: ignore[type-var]  # dataclasses
        for row in rows
    ]
