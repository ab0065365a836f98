"""What a form is made of: sections, questions, cells of repeating rows. Labels and hints are English msgids."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One cell of a repeating row. kind: text | long | choice | date | number | money."""

    code: str
    label: str
    kind: str = "text"
    required: bool = True
    limit: int = 300
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Question:
    """One question of the form.

    kind: text (a line) | long | choice | date | number | rows | declaration. `source` names the list of the competition
    that a choice is made from ("lots", "priorities"). `audience`: "public" answers are published, "experts" are read by
    experts and the commission, "staff" only by the secretary, who needs them for the check of conflicts.
    """

    code: str
    label: str
    kind: str
    hint: str = ""
    required: bool = True
    limit: int = 300
    options: tuple[tuple[str, str], ...] = ()
    source: str = ""
    cells: tuple[Cell, ...] = ()
    min_rows: int = 0
    max_rows: int = 0
    audience: str = "experts"


@dataclass(frozen=True)
class Section:
    """One page of the form. `page` is "questions", or names the page that is not a list of questions."""

    slug: str
    group: str
    title: str
    questions: tuple[Question, ...] = ()
    hint: str = ""
    page: str = "questions"


@dataclass(frozen=True)
class Requirement:
    """One requirement of the formal check with its clause; `question` is what a defect opens for correction."""

    code: str
    label: str
    clause: str
    question: str
    defect: str


@dataclass(frozen=True)
class FileKind:
    """A paper that is attached to an application."""

    code: str
    label: str
    required: bool = False
