"""The form of a call in words: every question before anybody has begun, with its limits, its reader and when it is
asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext, ngettext

from grants_app.competitions import queries
from grants_app.competitions.models import Competition
from grants_app.competitions.rules import wording
from grants_app.competitions.rules.form import (
    AUDIENCES,
    QUESTION_KINDS,
    Cell,
    Condition,
    FileKind,
    Form,
    Question,
    Section,
)
from grants_app.web.context import select_language
from grants_app.web.formatting import money, share_exact


@dataclass(frozen=True)
class FormLine:
    """A question, a paper, a declaration or a cost category as the reader sees it; texts in their language."""

    number: str
    section: str
    label: str
    answer: str
    required: str
    reader: str
    condition: str
    hint: str
    parts: tuple[str, ...] = ()
    code: str = ""

    @property
    def parts_text(self) -> str:
        """Columns or options in one cell."""
        return "; ".join(self.parts)

    @property
    def parts_lines(self) -> str:
        """Columns or options one under the other."""
        return "\n".join(f"– {one}" for one in self.parts)

    @property
    def label_text(self) -> str:
        """The question with when it is asked and its hint, line by line."""
        return "\n".join(filter(None, (self.label, self.condition, self.hint)))

    @property
    def answer_text(self) -> str:
        """What the answer must be and who reads it, line by line."""
        return "\n".join(filter(None, (self.answer, self.required, self.reader)))


@dataclass(frozen=True)
class FormPart:
    """A section of the form with its lines."""

    number: str
    title: str
    hint: str
    lines: tuple[FormLine, ...]


def form_parts(competition: Competition) -> list[FormPart]:
    """The form of the call as it stands now, part by part: sections, papers, declarations."""
    form = listed(queries.form_of(competition), competition)
    parts = []
    for number, section in enumerate(form.sections, start=1):
        lines = [_line(f"{number}.{index}", section, one, competition, form) for index, one in _asked(section)]
        if section.page == "budget":
            lines = [*_categories(f"{number}", section, competition, form), *lines]
        if section.page == "files":
            lines = [*_papers(f"{number}", section, form), *lines]
        parts.append(FormPart(str(number), gettext(section.title), _hint(section), tuple(lines)))
    last = str(len(parts) + 1)
    section = form.declaration_section
    declared = tuple(_line(f"{last}.{index}", section, one, competition, form) for index, one in _asked(section))
    return [*parts, FormPart(last, gettext(section.title), gettext("The head ticks each of them"), declared)]


def form_lines(competition: Competition) -> list[FormLine]:
    """The same without parts, for files."""
    return [line for part in form_parts(competition) for line in part.lines]


def form_as_text(competition: Competition) -> str:
    """The whole form as plain text, to be copied and filled in elsewhere."""
    blocks = []
    for part in form_parts(competition):
        lines = [f"{part.number}. {part.title}"]
        for line in part.lines:
            lines.append(f"{line.number}. {line.label} ({'; '.join(filter(None, (line.answer, line.required)))})")
            lines += [f"   – {text}" for text in (line.condition, line.hint, *line.parts) if text]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def condition_words(tree: Condition, form: Form, numbers: Mapping[str, str] | None = None) -> str:
    """When a question is asked, as half a sentence: «if the answer to “…” is “Yes”» without the «if».

    `numbers` (question code -> number) says it shorter where the numbers stand beside the questions.
    """
    if "all" in tree:
        return gettext(" and ").join(_nested(part, form, numbers) for part in tree["all"])
    if "any" in tree:
        return gettext(" or ").join(_nested(part, form, numbers) for part in tree["any"])
    if "not" in tree:
        denied = tree["not"]
        if "is" in denied or "one_of" in denied:
            asked, told = _asked_of(denied, form, numbers), _values(denied, form)
            return gettext("the answer to %(question)s is not %(values)s", question=asked, values=told)
        return gettext("not so: %(condition)s", condition=_nested(denied, form, numbers))
    return _leaf_words(tree, form, _asked_of(tree, form, numbers))


def listed(form: Form, competition: Competition) -> Form:
    """The form with the lots and priorities of the call as options of the questions that choose among them."""
    options = {
        "lots": tuple((lot.code, wording(lot.title, select_language())) for lot in competition.lots),
        "priorities": tuple((one.code, one.title) for one in competition.priorities),
    }

    def offered(question: Question) -> Question:
        return replace(question, options=options[question.source]) if question.source in options else question

    sections = (replace(one, questions=tuple(offered(each) for each in one.questions)) for one in form.sections)
    return replace(form, sections=tuple(sections))


def _leaf_words(leaf: Condition, form: Form, asked: str) -> str:
    if "answered" in leaf:
        if leaf["answered"]:
            return gettext("%(question)s is answered", question=asked)
        return gettext("%(question)s is not answered", question=asked)
    question = form.questions[leaf["question"]]
    if "at_least" in leaf:
        return gettext("%(question)s is %(amount)s or more", question=asked, amount=_amount(question, leaf["at_least"]))
    if "at_most" in leaf:
        return gettext("%(question)s is %(amount)s or less", question=asked, amount=_amount(question, leaf["at_most"]))
    return gettext("the answer to %(question)s is %(values)s", question=asked, values=_values(leaf, form))


def _asked_of(leaf: Condition, form: Form, numbers: Mapping[str, str] | None) -> str:
    """The question of a test: its number where there are numbers, else its words."""
    code = leaf["question"]
    if numbers is not None and code in numbers:
        return numbers[code]
    return gettext("“%(value)s”", value=gettext(form.questions[code].label))


def _values(leaf: Condition, form: Form) -> str:
    values = leaf["one_of"] if "one_of" in leaf else [leaf["is"]]
    question = form.questions[leaf["question"]]
    return gettext(" or ").join(gettext("“%(value)s”", value=_value(question, value)) for value in values)


def _nested(tree: Condition, form: Form, numbers: Mapping[str, str] | None) -> str:
    words = condition_words(tree, form, numbers)
    return f"({words})" if {"all", "any"} & set(tree) else words


def _value(question: Question, value: Any) -> str:
    if value is True:
        return gettext("Yes")
    return gettext(dict(question.options).get(str(value), str(value)))


def _amount(question: Question, value: int) -> str:
    return money(value) if question.kind == "money" else str(value)


def _asked(section: Section) -> list[tuple[int, Question]]:
    return list(enumerate(section.questions, start=1))


def _hint(section: Section) -> str:
    return gettext(section.hint) if section.hint else ""


def _line(number: str, section: Section, question: Question, competition: Competition, form: Form) -> FormLine:
    return FormLine(
        number=number,
        section=gettext(section.title),
        label=gettext(question.label),
        answer=bounds_words(question),
        required=_required(question.required),
        reader=_reader(question.audience),
        condition=_condition(question, form),
        hint=gettext(question.hint) if question.hint else "",
        parts=tuple(_options(question, competition) or [_cell(cell) for cell in question.cells]),
        code=question.code,
    )


def _reader(audience: str) -> str:
    return gettext(AUDIENCES[audience])


def _required(is_required: bool) -> str:
    return gettext("required") if is_required else gettext("optional")


def _condition(asked: Question | FileKind, form: Form) -> str:
    if asked.show_if is None:
        return ""
    words = condition_words(asked.show_if, form, _numbers(form))
    return gettext("Asked only if %(condition)s", condition=words)


def _numbers(form: Form) -> dict[str, str]:
    sections = enumerate(form.sections, start=1)
    return {one.code: f"{number}.{index}" for number, section in sections for index, one in _asked(section)}


def bounds_words(asked: Question | Cell) -> str:
    """The kind of an answer and how much of it there may be."""
    kind = gettext(QUESTION_KINDS[asked.kind])
    if asked.kind in {"text", "long"}:
        unit = getattr(asked, "limit_unit", "characters")
        limit = (
            ngettext("up to %(num)d word", "up to %(num)d words", asked.limit)
            if unit == "words"
            else ngettext("up to %(num)d character", "up to %(num)d characters", asked.limit)
        )
        return f"{kind}, {limit}"
    if isinstance(asked, Question) and asked.kind == "rows":
        least = (
            gettext("from %(least)s to %(most)s rows", least=asked.min_rows, most=asked.max_rows)
            if asked.min_rows
            else ngettext("up to %(num)d row", "up to %(num)d rows", asked.max_rows)
        )
        return f"{kind}, {least}"
    return kind


def _options(question: Question, competition: Competition) -> list[str]:
    if question.source == "lots":
        return [wording(lot.title, select_language()) for lot in competition.lots]
    if question.source == "priorities":
        return [each.title for each in competition.priorities]
    return [gettext(label) for _code, label in question.options]


def _cell(cell: Cell) -> str:
    parts = [gettext(cell.label), bounds_words(cell)]
    if cell.options:
        parts.append(gettext(" or ").join(gettext(label) for _code, label in cell.options))
    return f"{parts[0]} ({', '.join([*parts[1:], _required(cell.required)])})"


def _categories(number: str, section: Section, competition: Competition, form: Form) -> list[FormLine]:
    ceilings = competition.category_ceilings
    first, last = (ord("a"), 26) if select_language() == "en" else (ord("а"), 32)
    lines = []
    for index, (code, label) in enumerate(form.categories, start=1):
        most = (
            gettext("at most %(share)s of the whole cost", share=share_exact(ceilings[code]))
            if code in ceilings
            else ""
        )
        lines.append(
            FormLine(
                f"{number}.{chr(first + index - 1) if index <= last else index}",
                gettext(section.title),
                gettext(label),
                gettext("Cost category"),
                "",
                _reader("public"),
                most,
                "",
                code=code,
            )
        )
    return lines


def _papers(number: str, section: Section, form: Form) -> list[FormLine]:
    return [
        FormLine(
            f"{number}.{index}",
            gettext(section.title),
            gettext(kind.label),
            gettext("File"),
            _required(kind.required),
            _reader("staff" if kind.in_library else "experts"),
            _condition(kind, form),
            _paper_hint(kind),
            code=kind.code,
        )
        for index, kind in enumerate(form.files, start=1)
    ]


def _paper_hint(kind: FileKind) -> str:
    term = gettext("Must be valid on the day of submission") if kind.must_be_valid else ""
    return ". ".join(text for text in (gettext(kind.hint) if kind.hint else "", term) if text)
