"""Masked copies: from whom an applicant is hidden now, what an application says without its author, what is missing."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import User
from grants_app.applications.models import Answer, Application, Attachment, BudgetRow
from grants_app.applications.queries import form_for
from grants_app.applications.rules.files import SIGNATURE_KINDS
from grants_app.competitions.models import Competition
from grants_app.core.state_machine import State
from grants_app.database import db
from grants_app.journal.services import digest_of
from grants_app.lifecycle import ApplicationState
from grants_app.permissions import Permission
from grants_app.reviews.models import MaskedAnswer
from grants_app.reviews.queries.identities import identity_of
from grants_app.reviews.rules import masking

EXPERT, COMMISSION, PUBLIC = masking.EXPERT, masking.COMMISSION, masking.PUBLIC
_BUDGET_LABELS = (("item", "Costs"), ("unit", "Unit"), ("justification", "Justification"))


def hides_applicant(competition: Competition, viewer_kind: str) -> bool:
    """Whether the applicant is hidden now from experts, the commission or everybody."""
    if not competition.blind_phases:
        return False
    return masking.is_hidden(
        competition.blind_phases, competition.state, viewer_kind, members_score=competition.scoring_by != "experts"
    )


def titles_of_hidden(rows: Iterable[Any]) -> dict[int, str]:
    """Masked titles of the rows whose applicants are hidden from experts, by application's id.

    A row names `bid_id`, `title`, and of its competition `blind_phases`, `call_state`, `scoring_by`.
    """
    hidden = {
        row.bid_id: row.title
        for row in rows
        if row.blind_phases
        and masking.is_hidden(row.blind_phases, row.call_state, EXPERT, members_score=row.scoring_by != "experts")
    }
    return masked_titles(hidden) if hidden else {}


def hides_from(viewer: User | None, competition: Competition) -> bool:
    """The same of a person: who sits in the commission, or anybody else, experts included."""
    if viewer is not None and viewer.can(Permission.RANKING_READ):
        return hides_applicant(competition, COMMISSION)
    return hides_applicant(competition, PUBLIC)


@dataclass(frozen=True)
class Source:
    """A part of an application that may give its author away: an answer, the title, the budget's texts, a file."""

    question: str
    label: str
    value: Any
    cells: tuple[tuple[str, str], ...] = ()  # of a repeating group, those that hold texts: code and label

    @property
    def cell_codes(self) -> tuple[str, ...]:
        """Codes of the cells that hold texts."""
        return tuple(code for code, _label in self.cells)

    @property
    def digest(self) -> str:
        """Fingerprint of the text from which a copy is made."""
        return digest_of(self.value)

    @property
    def is_file(self) -> bool:
        """Whether it is an attached document, which is shown whole or not at all."""
        return self.question.startswith(masking.FILE)


def sources_of(applications: Sequence[Application]) -> dict[int, list[Source]]:
    """Everything that needs a copy, by application's id, in the order of the form; files come last."""
    ids = [application.id for application in applications]
    answers: dict[int, dict[str, Any]] = defaultdict(dict)
    for one in db.session.execute(
        sa.select(Answer.application_id, Answer.question, Answer.value).filter(Answer.application_id.in_(ids))
    ):
        answers[one.application_id][one.question] = one.value
    budgets, files = _budgets(ids), _files(applications)
    found = {}
    for application in applications:
        own = answers[application.id]
        parts = [Source(masking.TITLE, "Project title", application.title)]
        parts += [
            Source(code, question.label, own[code], masking.text_cells(question))
            for code, question in form_for(application).questions.items()
            if code != masking.TITLE and masking.needs_copy(question) and own.get(code)
        ]
        if budgets[application.id]:
            parts.append(Source(masking.BUDGET, "Project budget", budgets[application.id], _BUDGET_LABELS))
        found[application.id] = [*parts, *files[application.id]]
    return found


def _budgets(ids: Sequence[int]) -> dict[int, list[dict[str, str]]]:
    found: dict[int, list[dict[str, str]]] = defaultdict(list)
    query = sa.select(BudgetRow).filter(BudgetRow.application_id.in_(ids), BudgetRow.is_gone.is_(False))
    query = query.order_by(BudgetRow.position)
    for row in db.session.scalars(query):
        found[row.application_id].append({cell: getattr(row, cell) for cell in masking.BUDGET_CELLS})
    return found


def _files(applications: Sequence[Application]) -> dict[int, list[Source]]:
    labels = {one.id: form_for(one).file_labels for one in applications}
    found: dict[int, list[Source]] = defaultdict(list)
    query = sa.select(Attachment).where(Attachment.application_id.in_(labels))
    query = query.where(Attachment.kind.not_in(SIGNATURE_KINDS)).order_by(Attachment.id)
    for file in db.session.scalars(query):
        label = labels[file.application_id].get(file.kind, file.kind)
        found[file.application_id].append(
            Source(f"{masking.FILE}{file.code}", label, {"name": file.file_name, "sha256": file.sha256})
        )
    return found


def copies_of(applications: Iterable[Application]) -> dict[int, dict[str, MaskedAnswer]]:
    """Stored copies by application's id and question."""
    found: dict[int, dict[str, MaskedAnswer]] = defaultdict(dict)
    query = sa.select(MaskedAnswer).filter(MaskedAnswer.application_id.in_([one.id for one in applications]))
    for copy in db.session.scalars(query):
        found[copy.application_id][copy.question] = copy
    return found


def _is_good(copy: MaskedAnswer | None, source: Source) -> bool:
    return copy is not None and copy.is_approved and copy.source_digest == source.digest


@dataclass(frozen=True)
class MaskedText:
    """An application as it is read while its author is hidden."""

    title: str
    answers: Mapping[str, Any]
    budget: tuple[Mapping[str, str], ...]
    safe_files: frozenset[str]


def masked_text(application: Application) -> MaskedText:
    """Approved copies; what has none, or was changed since, is replaced by a mask, never shown."""
    sources = {source.question: source for source in sources_of([application])[application.id]}
    copies = copies_of([application]).get(application.id, {})
    shown = {
        code: copies[code].value
        if _is_good(copies.get(code), source)
        else masking.waiting_value(source.cell_codes, source.value)
        for code, source in sources.items()
        if not source.is_file
    }
    query = sa.select(Answer.question, Answer.value).filter_by(application_id=application.id)
    asked = form_for(application).questions
    kept = {
        row.question: row.value
        for row in db.session.execute(query)
        if row.question in asked and not masking.needs_copy(asked[row.question])
    }
    safe = {code for code, source in sources.items() if source.is_file and _is_good(copies.get(code), source)}
    return MaskedText(
        title=str(shown[masking.TITLE]),
        answers={**kept, **{code: value for code, value in shown.items() if code != masking.BUDGET}},
        budget=tuple(shown.get(masking.BUDGET, ())),
        safe_files=frozenset(code.removeprefix(masking.FILE) for code in safe),
    )


def masked_titles(applications: Mapping[int, str]) -> dict[int, str]:
    """Titles as they may be shown, by application's id; `applications` maps ids to the titles as they were typed."""
    query = sa.select(MaskedAnswer).filter(
        MaskedAnswer.application_id.in_(list(applications)),
        MaskedAnswer.question == masking.TITLE,
        MaskedAnswer.is_approved,
    )
    found = dict.fromkeys(applications, masking.MASKS["waiting"])
    for copy in db.session.scalars(query):
        if copy.source_digest == digest_of(applications[copy.application_id]):
            found[copy.application_id] = str(copy.value)
    return found


def shown_title(application: Application, viewer_kind: str) -> str:
    """The title for a reader of that kind."""
    if not hides_applicant(application.competition, viewer_kind):
        return application.title
    return masked_titles({application.id: application.title})[application.id]


# -- the secretary's page --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A stretch of a text beside its copy. kind: same, out, in."""

    kind: str
    text: str


@dataclass(frozen=True)
class CopyCell:
    """One text with its copy. `name` addresses it in the form; `label` is a msgid."""

    name: str
    label: str
    original: str
    copy: str
    before: tuple[Change, ...]
    after: tuple[Change, ...]

    @property
    def is_changed(self) -> bool:
        """Whether anything is masked."""
        return self.original != self.copy


@dataclass(frozen=True)
class CopyRow:
    """A part of the application on the secretary's page. state: proposed, edited, approved, void (changed since)."""

    question: str
    label: str
    cells: tuple[CopyCell, ...]
    value: Any
    state: str
    digest: str
    version: int
    is_file: bool

    @property
    def is_approved(self) -> bool:
        """Whether experts may read it."""
        return self.state == "approved"


def copy_rows(application: Application) -> list[CopyRow]:
    """Every part that needs a copy: the stored one, or the proposal of the program."""
    masker = masking.masker_of(identity_of(application))
    copies = copies_of([application]).get(application.id, {})
    return [
        _copy_row(source, copies.get(source.question), masker) for source in sources_of([application])[application.id]
    ]


def _copy_row(source: Source, copy: MaskedAnswer | None, masker: masking.Masker) -> CopyRow:
    is_current = copy is not None and copy.source_digest == source.digest
    if source.is_file:
        value: Any = bool(copy is not None and is_current and copy.is_approved)
    elif copy is not None and is_current:
        value = copy.value
    else:
        value = masker.value(source.question, source.cell_codes, source.value)
    state = "proposed" if copy is None else "void"
    if copy is not None and is_current:
        state = "approved" if copy.is_approved else "edited"
    return CopyRow(
        question=source.question,
        label=source.label,
        cells=() if source.is_file else tuple(_cells(source, value)),
        value=value if not source.is_file else source.value["name"],
        state=state,
        digest=source.digest,
        version=0 if copy is None else copy.version,
        is_file=source.is_file,
    )


def _cells(source: Source, value: Any) -> Iterable[CopyCell]:
    if isinstance(source.value, str):
        yield _cell("text", source.label, source.value, str(value))
        return
    for number, (row, masked) in enumerate(zip(source.value, value, strict=True)):
        for cell, label in source.cells:
            if row.get(cell):
                yield _cell(f"{number}-{cell}", label, str(row[cell]), str(masked.get(cell) or ""))


def _cell(name: str, label: str, original: str, copy: str) -> CopyCell:
    before, after = changes(original, copy)
    return CopyCell(name, label, original, copy, before, after)


def changes(old: str, new: str) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Both texts in stretches of whole words: what was taken out of the one, what came into the other."""
    left, right = (re.findall(r"\[█[^\]]*\]|\s+|\w+|[^\w\s]", text) for text in (old, new))
    before, after = [], []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if a < b:
            before.append(Change("same" if kind == "equal" else "out", "".join(left[a:b])))
        if c < d:
            after.append(Change("same" if kind == "equal" else "in", "".join(right[c:d])))
    return tuple(before), tuple(after)


# -- before scoring opens --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MaskingRow:
    """An application in the list of copies."""

    code: str
    title: str
    organisation: str
    state: State
    part_count: int
    approved_count: int

    @property
    def is_ready(self) -> bool:
        """Whether experts may read all of it."""
        return self.part_count == self.approved_count


def masking_rows(competition: Competition, out: frozenset[int] = frozenset()) -> list[MaskingRow]:
    """Admitted applications with how much of each is approved; files need no approval, they stay closed.

    Applications of `out` are considered without the reader.
    """
    applications = db.session.scalars(
        sa.select(Application)
        .options(joinedload(Application.organisation))
        .filter(Application.competition_id == competition.id, Application.state == ApplicationState.ADMITTED)
        .order_by(Application.code)
    ).all()
    sources, copies = sources_of(applications), copies_of(applications)
    rows = []
    for one in applications:
        if one.id in out:
            continue
        texts = [source for source in sources[one.id] if not source.is_file]
        good = sum(_is_good(copies.get(one.id, {}).get(source.question), source) for source in texts)
        name = one.organisation.short_name if one.organisation else ""
        rows.append(MaskingRow(one.code or "", one.title, name, one.state, len(texts), good))
    return rows


def codes_without_copies(competition: Competition, out: frozenset[int] = frozenset()) -> list[str]:
    """Admitted applications of a blind call whose copies are not all approved."""
    if not competition.blind_phases:
        return []
    return [row.code for row in masking_rows(competition, out) if not row.is_ready]
