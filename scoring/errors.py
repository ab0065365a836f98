"""Refusals: input from which no official number may be computed."""

from __future__ import annotations


class ScoringError(ValueError):
    """Input that the rules of the competition do not allow.

    Parameters
    ----------
    message : str
        One sentence for the person who has to correct the input.
    file, line, column : str, int, str, optional
        Where the fault stands; the functions over plain data leave file and line empty
        and the readers of files fill them in.
    index : int, optional
        Position (from 0) of the faulty row in the sequence that was handed over.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        line: int | None = None,
        column: str = "",
        index: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.index = index

    def __str__(self) -> str:
        """Place and reason in one line, without line breaks from the input."""
        where = [self.file] if self.file else []
        if self.line is not None:
            where.append(f"line {self.line}")
        if self.column:
            where.append(self.column if self.line is None else f"column {self.column}")
        place = ", ".join(where)
        text = f"{place}: {self.message}" if place else self.message
        return " ".join(text.split())


class RulesError(ScoringError):
    """The rules of a competition contradict the format or themselves; `column` is the path of the key."""


class MarkError(ScoringError):
    """A mark that the rules do not allow: off the scale, off the step, twice, or beside a recusal."""


class ApplicationError(ScoringError):
    """An application whose lot, sums or columns the rules do not allow."""


class RankingError(ScoringError):
    """A ranked list that cannot be walked, or marks that cannot be ranked as the rules demand."""


class BundleError(ScoringError):
    """A public bundle that lacks a part or is not of the format."""


class FileError(ScoringError):
    """A file that cannot be read or is not a table or document of the format."""


class PairError(ScoringError):
    """A pair of expert and application that cannot enter the assignment."""


class TermsError(PairError):
    """A line of the experts' or the applications' list of an assignment; `of` says of which."""

    def __init__(self, message: str, *, of: str, column: str = "", index: int | None = None) -> None:
        super().__init__(message, column=column, index=index)
        self.of = of
