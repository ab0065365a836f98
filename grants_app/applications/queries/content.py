"""One application as content: answers, budget lines, limits, what is missing, the text that is read and frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import OrganisationDocument
from grants_app.applications import rules
from grants_app.applications.models import Answer, Application, Attachment, BudgetRow, LateEntry
from grants_app.applications.rules import Limits, Line, Missing, Period
from grants_app.applications.rules import budget as budget_rules
from grants_app.applications.rules.files import SIGNATURE_KINDS
from grants_app.competitions.models import CallVersion, Competition
from grants_app.competitions.queries import form_of
from grants_app.competitions.rules.form import read_form
from grants_app.core import clock, figures
from grants_app.database import db
from grants_app.lifecycle import CompetitionState

# A late entry ends with the beginning of the formal check: from then on all are checked by one register.
TAKING_STATES = frozenset({CompetitionState.ANNOUNCED, CompetitionState.OPEN, CompetitionState.CLOSED})
FORMAT = "grants-application-v1"


@dataclass(frozen=True)
class AnswerText:
    """A question with its answer in words; `lines` holds the rows of a repeating group, one text a row.

    The same rows stand as a table: `heads` are msgids, and so are the cells of `msgid_columns`.
    """

    code: str
    label: str
    text: str
    lines: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    msgid_columns: tuple[int, ...] = ()
    is_choice: bool = False  # the text (or each line) is one of the form's own options: a msgid


@dataclass(frozen=True)
class SectionText:
    """A section with its answers, for those who read an application."""

    slug: str
    title: str
    answers: tuple[AnswerText, ...]


def is_over(competition: Competition, now: datetime | None = None) -> bool:
    """Whether the intake has ended: from then on the public list and the register numbers exist."""
    if competition.intake_closed_at is not None or competition.is_imported:
        return True
    until = competition.intake_until
    return until is not None and (now or clock.now()) >= until


def is_sealed(competition: Competition, now: datetime | None = None) -> bool:
    """Whether texts are still closed to everybody but their authors: till the end of intake, where the call says so.

    A call that does not seal lets its desks read what was submitted, never a draft; everybody else waits for the end.
    """
    return competition.seals_applications and not is_over(competition, now)


def late_seal(competition: Competition) -> datetime | None:
    """Until when texts stay closed to the desks after the intake, where the call seals: the last late term that runs.

    Whoever applies late must find the others as sealed as they found each other. The formal check ends all late terms.
    """
    if not competition.seals_applications or competition.state not in TAKING_STATES or not is_over(competition):
        return None
    query = sa.select(sa.func.max(LateEntry.until)).where(
        LateEntry.competition_id == competition.id,
        LateEntry.used_at.is_(None),
        LateEntry.ended_at.is_(None),
        LateEntry.until > clock.now(),
    )
    return db.session.scalar(query)


def is_closed_to_desks(competition: Competition) -> bool:
    """Whether nobody but their authors reads applications yet: sealed, or while somebody may still apply late."""
    return is_sealed(competition) or late_seal(competition) is not None


def running_codes() -> list[str]:
    """Codes of competitions whose intake has not ended: until then the journal tells nothing of applications."""
    return list(db.session.scalars(sa.select(Competition.code).where(*_running())))


def sealed_codes() -> list[str]:
    """Codes of competitions whose applications are closed to everybody but their authors now (see `is_sealed`)."""
    query = sa.select(Competition.code).where(Competition.seals_applications.is_(True), *_running())
    return list(db.session.scalars(query))


def _running() -> list[sa.ColumnElement[bool]]:
    return [
        Competition.intake_closed_at.is_(None),
        Competition.is_imported.is_(False),
        sa.or_(Competition.intake_until.is_(None), Competition.intake_until > clock.now()),
    ]


def form_for(application: Application) -> rules.Form:
    """The form that the application answers: the version it was sent under, a draft the newest one."""
    competition = application.competition
    sent = application.form_version
    if sent is None or sent == competition.form_version:
        return form_of(competition)
    query = sa.select(CallVersion.form_text).filter_by(competition_id=competition.id, number=sent)
    return read_form(db.session.scalar(query))


def period_of(competition: Competition) -> Period:
    """The term of projects."""
    return Period(competition.project_from, competition.project_until)


def limits_of(application: Application) -> Limits:
    """Limits of the budget: of the competition, and of the lot when one is chosen."""
    competition, lot = application.competition, application.lot
    return Limits(
        minimum_kop=lot.minimum_kop if lot else None,
        maximum_kop=lot.maximum_kop if lot else None,
        own_share_min_bp=competition.own_share_min_bp,
        inkind_max_bp=competition.inkind_max_bp,
        ceilings=competition.category_ceilings,
        categories=form_for(application).category_labels,
    )


def answers_of(application: Application) -> dict[str, Any]:
    """Answers by question, read from the database now."""
    rows = db.session.execute(sa.select(Answer.question, Answer.value).filter_by(application_id=application.id))
    return {row.question: row.value for row in rows}


def asked_answers_of(application: Application) -> dict[str, Any]:
    """Answers that count: those to questions that are asked with these answers, by the form of the application."""
    return asked_answers(form_for(application), answers_of(application))


def asked_answers(form: rules.Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The same of given answers; what stands behind a hidden question is kept in the draft and read by nobody."""
    shown = form.is_shown(answers)
    return {code: value for code, value in answers.items() if code in shown}


def versions_of(application: Application) -> dict[str, int]:
    """The version of each answer; 0 stands for none yet."""
    rows = db.session.execute(sa.select(Answer.question, Answer.version).filter_by(application_id=application.id))
    return {row.question: row.version for row in rows}


def lines_of(application: Application) -> list[Line]:
    """Budget lines as typed."""
    rows = db.session.scalars(
        sa.select(BudgetRow).filter_by(application_id=application.id, is_gone=False).order_by(BudgetRow.position)
    )
    return [line_of(row) for row in rows]


def line_of(row: BudgetRow) -> Line:
    """A stored budget row as a plain line."""
    return Line(
        category=row.category,
        item=row.item,
        unit=row.unit,
        qty_milli=row.qty_milli,
        price_kop=row.price_kop,
        city_kop=row.city_kop,
        own_cash_kop=row.own_cash_kop,
        own_inkind_kop=row.own_inkind_kop,
        other_kop=row.other_kop,
        justification=row.justification,
        least_kop=row.least_kop,
    )


def attachments_of(application: Application) -> list[Attachment]:
    """Attached papers in the order they came; files by which the head signed are told apart (`signature_files_of`)."""
    query = sa.select(Attachment).where(
        Attachment.application_id == application.id, Attachment.kind.not_in(SIGNATURE_KINDS)
    )
    return list(db.session.scalars(query.order_by(Attachment.id)))


def signature_files_of(application: Application) -> list[Attachment]:
    """Scans and containers by which the head signed: for the authors and for whoever checks."""
    query = sa.select(Attachment).where(
        Attachment.application_id == application.id, Attachment.kind.in_(SIGNATURE_KINDS)
    )
    return list(db.session.scalars(query.order_by(Attachment.id)))


def missing_of(application: Application) -> list[Missing]:
    """Everything that keeps the application from being sent, in the order of the task list."""
    form, values = form_for(application), answers_of(application)
    answers = missing_answers(application, values)
    lines = lines_of(application)
    budget = [
        Missing("budget", "budget", finding.message, "Project budget", finding.facts, is_error=bool(lines))
        for finding in budget_rules.broken(lines, limits_of(application), application.smallest_kop)
    ]
    attached = attachments_of(application)
    files = [
        *rules.missing_files(form, [file.kind for file in attached], values),
        *expired_files(application, attached),
    ]
    order = [section.slug for section in form.all_sections]
    return sorted([*answers, *budget, *files], key=lambda missing: order.index(missing.section))


def expired_files(application: Application, attached: Sequence[Attachment]) -> list[Missing]:
    """Papers whose term, as the library knows it, ends before the day of the submission (of a draft: today)."""
    numbers = [file.document_id for file in attached if file.document_id is not None]
    if not numbers:
        return []
    query = sa.select(OrganisationDocument.id, OrganisationDocument.valid_until)
    terms = {row.id: row.valid_until for row in db.session.execute(query.where(OrganisationDocument.id.in_(numbers)))}
    papers = [(file.kind, file.file_name, terms.get(file.document_id or 0)) for file in attached]
    day = clock.kyiv(application.submitted_at or clock.arrival()).date()
    return rules.expired_files(form_for(application), papers, day)


def missing_answers(application: Application, answers: Mapping[str, Any]) -> list[Missing]:
    """Missing and contradicting answers alone."""
    competition = application.competition
    return rules.missing_answers(
        form_for(application), answers, period_of(competition), priorities=bool(competition.priorities)
    )


def frozen_content(application: Application) -> dict[str, Any]:
    """The whole content that a submission freezes; plain values only, so that its digest can be recomputed."""
    organisation = application.organisation
    return {
        "format": FORMAT,
        "code": application.code,
        "competition": application.competition.code,
        "organisation": None
        if organisation is None
        else {
            "edrpou": organisation.edrpou,
            "name": organisation.name,
            "registered_on": organisation.registered_on.isoformat(),
            "head_name": organisation.head_name,
            "legal_address": organisation.legal_address,
        },
        "answers": asked_answers_of(application),
        "budget": [_frozen_line(line) for line in lines_of(application)],
        "smallest_kop": application.smallest_kop,
        "files": [
            {"kind": file.kind, "name": file.file_name, "size": file.size, "sha256": file.sha256}
            for file in [*attachments_of(application), *signature_files_of(application)]
        ],
    }


def _frozen_line(line: Line) -> dict[str, Any]:
    return {**{name: getattr(line, name) for name in line.__dataclass_fields__}, "total_kop": line.total_kop}


def application_text(
    application: Application,
    *,
    audience: str = "experts",
    answers: Mapping[str, Any] | None = None,
    lang: str = "uk",
) -> list[SectionText]:
    """Sections with answers in words. audience: "public" (published answers), "experts", or "staff" (everything).

    `answers` stand in place of the stored ones (masked copies); `lang` is that of sums and days.

    Choices are English msgids where they come from the form, and titles of the competition where they come from it.
    """
    allowed = {"public": {"public"}, "experts": {"public", "experts"}}.get(audience, {"public", "experts", "staff"})
    answers = answers_of(application) if answers is None else answers
    names = {
        "lot": application.lot.title if application.lot else "",
        "priority": application.priority.title if application.priority else "",
    }
    sections, form = [], form_for(application)
    shown = form.is_shown(answers)
    for section in form.sections:
        texts = tuple(
            answer_text(
                with_gone_options(application, question, answers.get(question.code)),
                answers.get(question.code),
                names,
                lang=lang,
            )
            for question in section.questions
            if question.audience in allowed and question.code in shown
        )
        if texts:
            sections.append(SectionText(section.slug, section.title, texts))
    return sections


def gone_options(question: rules.Question, value: Any) -> list[str]:
    """Codes that were chosen and that the form does not offer any more."""
    if question.source or not question.options or question.kind not in {"choice", "many"}:
        return []
    known = {code for code, _label in question.options}
    chosen = value if isinstance(value, list) else [value]
    return [one for one in chosen if isinstance(one, str) and one and one not in known]


def with_gone_options(application: Application, question: rules.Question, value: Any) -> rules.Question:
    """The question with the options of earlier versions that were chosen, so that people read words and no codes."""
    gone = gone_options(question, value)
    if not gone:
        return question
    of_call = sa.select(CallVersion.form_text).filter_by(competition_id=application.competition_id)
    labels: dict[str, str] = {}
    for text in db.session.scalars(of_call.order_by(CallVersion.number)):
        earlier = read_form(text).questions.get(question.code)
        labels.update(earlier.options if earlier is not None else ())
    return replace(question, options=(*question.options, *((one, labels[one]) for one in gone if one in labels)))


def answer_words(
    question: rules.Question, value: Any, names: Mapping[str, str] | None = None, *, lang: str = "uk"
) -> tuple[str, tuple[str, ...]]:
    """An answer as text and, for a repeating group, as one line a row."""
    if rules.is_empty(value):
        return "", ()
    if isinstance(value, list) != (question.kind in {"rows", "many"}):
        return str(value), ()
    if question.kind == "rows":
        return "", tuple(_row_words(question, row, lang) for row in value)
    if question.source:
        return (names or {}).get(question.code) or str(value), ()
    if question.kind == "declaration":
        return "Yes", ()
    if question.kind == "many":
        return "", tuple(dict(question.options).get(str(one), str(one)) for one in value)
    return _cell_words(question, value, lang), ()


def answer_text(question: rules.Question, value: Any, names: Mapping[str, str], *, lang: str = "uk") -> AnswerText:
    """A question with its answer in words."""
    text, lines = answer_words(question, value, names, lang=lang)
    return AnswerText(
        question.code,
        question.label,
        text,
        lines,
        heads=tuple(cell.label for cell in question.cells),
        rows=tuple(tuple(_cell_words(cell, row.get(cell.code), lang) for cell in question.cells) for row in value or ())
        if question.kind == "rows" and isinstance(value, list)
        else (),
        is_choice=bool(question.options) or question.kind == "declaration",
        msgid_columns=tuple(index for index, cell in enumerate(question.cells) if cell.kind == "choice"),
    )


def _row_words(question: rules.Question, row: Mapping[str, Any], lang: str) -> str:
    words = (_cell_words(cell, row.get(cell.code), lang) for cell in question.cells if cell.kind != "choice")
    return " · ".join(word for word in words if word)


def _cell_words(cell: rules.Cell | rules.Question, value: Any, lang: str) -> str:
    if value in (None, ""):
        return ""
    if not _is_of_kind(cell, value):
        return str(value)
    if cell.kind == "money":
        return figures.hryvnias(value, lang)
    if cell.kind == "date":
        return figures.day(date.fromisoformat(value), lang)
    return dict(cell.options).get(str(value), str(value))


def _is_of_kind(cell: rules.Cell | rules.Question, value: Any) -> bool:
    """An answer given before the organizer changed the kind of the question is shown as it was typed."""
    if cell.kind in {"money", "number"}:
        return type(value) is int
    if cell.kind == "date":
        try:
            return bool(date.fromisoformat(value))
        except (TypeError, ValueError):
            return False
    return True
