"""Rows of lists and typed words as a person may read them who must not learn who applies."""

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
from grants_app.reviews.queries.identities import identities_of
from grants_app.reviews.queries.masking import masked_titles
from grants_app.reviews.rules.masking import Identity, masker_of, may_name

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


def veiled_words(texts: Sequence[str], viewer: User, competition: Competition) -> list[str]:
    """What people typed about a call, with whoever applies in it masked while they are hidden from the viewer.

    Titles of applications give way to their masked copies, then every applicant is looked for in every text.
    """
    if not any(texts) or not is_veiled(viewer, competition):
        return list(texts)
    applications = list(db.session.scalars(sa.select(Application).filter_by(competition_id=competition.id)))
    titles = {one.id: one.title for one in applications}
    copies = masked_titles(titles)
    longest_first = sorted(titles, key=lambda key: -len(titles[key]))
    found = []
    for text in texts:
        for key in longest_first:
            text = text.replace(titles[key], copies[key]) if titles[key] else text
        found.append(text)
    everything = "\n".join(found)
    named = [who for who in identities_of(applications).values() if may_name(who, everything)]
    maskers = [masker_of(who) for who in (Identity(), *named)]
    for masker in maskers:
        found = [masker.text(text) for text in found]
    return found
