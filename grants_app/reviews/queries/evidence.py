"""The text of an application with an expert's marks in it, and the marks of each criterion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grants_app.applications.queries import AnswerText, form_for
from grants_app.core import words
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries.reading import Reading
from grants_app.reviews.rules import Piece, Span, find_quote, pieces, sentences


@dataclass(frozen=True)
class EvidenceView:
    """Marked words under their criterion; `is_found` is False when the text read now no longer holds them."""

    code: str
    quote: str
    question: str
    label: str
    is_found: bool


@dataclass(frozen=True)
class Line:
    """A line of an answer; `offset` is where it begins in the answer."""

    offset: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Passage:
    """An answer to read. One that is a choice of the form is a msgid and cannot be quoted."""

    code: str
    label: str
    is_list: bool
    is_choice: bool
    text: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class PassageSection:
    """A section of the form with its answers."""

    slug: str
    title: str
    passages: tuple[Passage, ...]


def quotable_texts(reading: Reading) -> dict[str, str]:
    """Answers by question, as they are read and quoted: unified, rows of a group one a line."""
    return {
        answer.code: _text(answer)
        for section in reading.sections
        for answer in section.answers
        if (answer.text or answer.lines) and not answer.is_choice
    }


def sentences_of(reading: Reading) -> list[tuple[str, str, list[str]]]:
    """Question, its label (a msgid) and the sentences of its answer, for choosing without a mouse."""
    labels = {answer.code: answer.label for section in reading.sections for answer in section.answers}
    return [(code, labels[code], sentences(text)) for code, text in quotable_texts(reading).items()]


def evidence_of(assignment: Assignment, reading: Reading | None = None) -> dict[int, list[EvidenceView]]:
    """Marks by criterion, in the order of the text. Without the text nothing is looked for in it."""
    texts = None if reading is None else quotable_texts(reading)
    questions = form_for(assignment.application).questions
    order = list(questions)
    found: dict[int, list[EvidenceView]] = {}
    for one in sorted(assignment.evidence, key=lambda one: (_index(order, one.question), one.start)):
        question = questions.get(one.question)
        is_found = texts is not None and _stands(texts, one.question, one.quote, one.start) is not None
        view = EvidenceView(one.code, one.quote, one.question, question.label if question else "", is_found)
        found.setdefault(one.criterion_id, []).append(view)
    return found


def passages_of(reading: Reading, assignment: Assignment) -> tuple[PassageSection, ...]:
    """The text in the order of the form; the key of a mark in it is the code of the evidence."""
    texts = quotable_texts(reading)
    spans: dict[str, list[Span]] = {}
    for one in assignment.evidence:
        place = _stands(texts, one.question, one.quote, one.start)
        if place is not None:
            spans.setdefault(one.question, []).append(Span(*place, one.code))
    return tuple(
        PassageSection(
            section.slug,
            section.title,
            tuple(
                _passage(answer, spans.get(answer.code, ()))
                for answer in section.answers
                if answer.text or answer.lines
            ),
        )
        for section in reading.sections
    )


def _passage(answer: AnswerText, spans: Sequence[Span]) -> Passage:
    text = _text(answer)
    lines: list[Line] = []
    offset = 0
    for line in text.split("\n") if answer.lines else [text]:
        lines.append(Line(offset, tuple(pieces(line, spans, offset))))
        offset += len(line) + 1
    return Passage(answer.code, answer.label, bool(answer.lines), answer.is_choice, text, tuple(lines))


def _text(answer: AnswerText) -> str:
    """The answer as one text; a row of a group is one line of it, whatever breaks were typed inside."""
    if answer.lines:
        return "\n".join(words.one_line(line) for line in answer.lines)
    return words.unify(answer.text)


def _stands(texts: Mapping[str, str], question: str, quote: str, start: int) -> tuple[int, int] | None:
    return find_quote(texts[question], quote, start) if question in texts else None


def _index(order: Sequence[str], question: str) -> int:
    return order.index(question) if question in order else len(order)
