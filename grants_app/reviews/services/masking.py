"""Masked copies: edited and approved by the secretary, answer by answer or all at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.core import clock, words
from grants_app.core.errors import EditConflict, InvalidInput, NotAllowed, NotFound
from grants_app.database import db, lock
from grants_app.journal.services import digest_of, record
from grants_app.reviews.models import MaskedAnswer
from grants_app.reviews.policy.masking import why_not_mask
from grants_app.reviews.queries import masking
from grants_app.reviews.queries.masking import CopyRow
from grants_app.reviews.rules import masking as rules

MEANWHILE = "The answer or its copy has changed meanwhile. Look at it again"
LONGEST_COPY = 6_000


def save_copy(
    application: Application, question: str, texts: Mapping[str, str] | None, *, seen: str, is_approved: bool, by: User
) -> MaskedAnswer:
    """Keep the copy of one part and approve it, or keep it as a draft. Without `texts` it is taken as it is shown.

    `seen` is the fingerprint of what the person looked at. Raises EditConflict when the answer or its copy is another
    one now, InvalidInput for a text that is missing or too long.
    """
    application = _locked(application, by)
    row = _row(application, question)
    if fingerprint(row) != seen:
        raise EditConflict(MEANWHILE)
    if row.is_file:
        value: Any = True
    else:
        value = row.value if texts is None else _edited(row, texts)
    return _store(application, row, value, is_approved=is_approved, by=by)


def approve_all(application: Application, *, seen: str, by: User) -> int:
    """Approve every copy as it is shown, files left alone; answers how many. `seen` as in `save_copy`, of all parts."""
    application = _locked(application, by)
    rows = [row for row in masking.copy_rows(application) if not row.is_file]
    if fingerprint_of_all(rows) != seen:
        raise EditConflict(MEANWHILE)
    waiting = [row for row in rows if not row.is_approved]
    for row in waiting:
        _store(application, row, row.value, is_approved=True, by=by)
    return len(waiting)


def close_file(application: Application, question: str, *, by: User) -> None:
    """Take back that a document is safe: experts no longer see it."""
    application = _locked(application, by)
    if not question.startswith(rules.FILE):
        raise NotFound()
    found = db.session.scalar(sa.select(MaskedAnswer).filter_by(application_id=application.id, question=question))
    if found is None:
        raise NotFound()
    found.is_approved = False
    _note(application, question, "close_file", by)


def fingerprint(row: CopyRow) -> str:
    """What a person looks at when they approve: the answer, its copy and the version of the copy."""
    return digest_of([row.question, row.digest, row.value, row.version])[:32]


def fingerprint_of_all(rows: list[CopyRow]) -> str:
    """The same of the whole page."""
    return digest_of([fingerprint(row) for row in rows])[:32]


def _locked(application: Application, by: User) -> Application:
    found = db.session.scalar(lock(sa.select(Application).filter_by(id=application.id)))
    if found is None:
        raise NotFound()
    refusal = why_not_mask(by, found)
    if refusal is not None:
        raise NotAllowed(refusal)
    return found


def _row(application: Application, question: str) -> CopyRow:
    found = next((row for row in masking.copy_rows(application) if row.question == question), None)
    if found is None:
        raise NotFound()
    return found


def _edited(row: CopyRow, texts: Mapping[str, str]) -> Any:
    """The copy in the shape of the answer, with the texts that were typed."""
    typed = {cell.name: words.unify(texts.get(cell.name, cell.copy)).strip() for cell in row.cells}
    for cell in row.cells:
        if not typed[cell.name]:
            raise InvalidInput("Write what experts will read: a mask is a text too", field=cell.name)
        if words.count(typed[cell.name]) > LONGEST_COPY:
            facts = {"most": LONGEST_COPY}
            raise InvalidInput("The copy is longer than %(most)s characters", field=cell.name, facts=facts)
    if isinstance(row.value, str):
        return typed["text"]
    value = [dict(one) for one in row.value]
    for cell in row.cells:
        number, _dash, code = cell.name.partition("-")
        value[int(number)][code] = typed[cell.name]
    return value


def _store(application: Application, row: CopyRow, value: Any, *, is_approved: bool, by: User) -> MaskedAnswer:
    query = sa.select(MaskedAnswer).filter_by(application_id=application.id, question=row.question)
    copy = db.session.scalar(query)
    if copy is None:
        copy = MaskedAnswer(application_id=application.id, question=row.question)
        db.session.add(copy)
    copy.value = value
    copy.source_digest = row.digest
    copy.is_approved = is_approved
    copy.made_at = clock.now()
    copy.made_by_id = by.id
    db.session.flush()
    _note(application, row.question, "approve_copy" if is_approved else "edit_copy", by)
    return copy


def _note(application: Application, question: str, step: str, by: User) -> None:
    facts = {"part": "file" if question.startswith(rules.FILE) else question}
    record(
        thing="application",
        code=application.journal_code,
        scope=application.journal_scope,
        step=step,
        by=by,
        facts=facts,
    )
