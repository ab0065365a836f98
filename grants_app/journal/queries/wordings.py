"""Letters of the product as rows: what they are, whose words are in force, every version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.journal.models import LetterTemplate, Notice
from grants_app.journal.queries.letters import open_letters
from grants_app.journal.queries.words import people_names
from grants_app.journal.registry import LANGUAGES, LetterKind, letter_kind, letter_kinds

STAGE_LABELS = {
    "accounts": "People and organisations",
    "competitions": "Competitions",
    "applications": "Applications",
    "reviews": "Expert review",
    "awards": "Decision",
    "vouchers": "Vouchers",
    "journal": "Letters",
}


@dataclass(frozen=True)
class WordsRow:
    """A letter on the list: whose words are in force and who changed them last."""

    name: str
    subject: str
    stage: str
    when: str
    to: str
    own: tuple[str, ...]  # languages with the city's own words
    changed_at: datetime | None
    changed_by: str


@dataclass(frozen=True)
class VersionRow:
    """A version of the words of a letter in one language."""

    lang: str
    number: int
    subject: str
    body: str
    is_shipped: bool
    at: datetime
    by: str


def words_rows(lang: str) -> list[WordsRow]:
    """Every letter of the product, by stage; subjects in the reader's language."""
    rows = db.session.scalars(sa.select(LetterTemplate).order_by(LetterTemplate.number)).all()
    newest = {(row.name, row.lang): row for row in rows}
    names = people_names([row.by_id for row in newest.values()])
    return [_words_row(kind, lang, newest, names) for kind in letter_kinds()]


def _words_row(kind: LetterKind, lang: str, newest: dict[tuple[str, str], LetterTemplate], names: Any) -> WordsRow:
    versions = [newest[kind.name, one] for one in LANGUAGES if (kind.name, one) in newest]
    last = max(versions, key=lambda row: row.at, default=None)
    own = newest.get((kind.name, lang))
    return WordsRow(
        name=kind.name,
        subject=own.subject if own is not None else kind.shipped(lang)[0],
        stage=STAGE_LABELS.get(kind.stage, kind.stage),
        when=kind.about.when,
        to=kind.about.to,
        own=tuple(row.lang for row in versions if not row.is_shipped),
        changed_at=last.at if last is not None else None,
        changed_by=names.get(last.by_id or 0, "") if last is not None else "",
    )


def kind_named(name: str) -> LetterKind:
    """A letter of the list. Raises NotFound."""
    kind = letter_kind(name)
    if kind is None:
        raise NotFound
    return kind


def versions_of(name: str) -> list[VersionRow]:
    """Every version, the newest first."""
    query = sa.select(LetterTemplate).filter_by(name=name).order_by(LetterTemplate.at.desc(), LetterTemplate.id.desc())
    rows = db.session.scalars(query).all()
    names = people_names([row.by_id for row in rows])
    return [
        VersionRow(row.lang, row.number, row.subject, row.body, row.is_shipped, row.at, names.get(row.by_id or 0, ""))
        for row in rows
    ]


def last_letter(name: str, lang: str, viewer: Any) -> Notice | None:
    """The last letter of this kind that the viewer may read and whose facts are known."""
    query = (
        sa.select(Notice)
        .where(Notice.template == name, Notice.lang == lang, Notice.facts.is_not(None), *open_letters(viewer))
        .order_by(Notice.id.desc())
        .limit(1)
    )
    found: Notice | None = db.session.scalar(query)
    return found
