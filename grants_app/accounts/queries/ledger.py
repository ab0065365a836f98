"""The ledger of an organisation: everything it asked, got, owes and reported. Later stages bring their lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from grants_app.accounts.models import Organisation, User
from grants_app.core import clock
from grants_app.core.state_machine import State
from grants_app.permissions import Permission


@dataclass(frozen=True)
class LedgerLine:
    """One line. `kind` is an English msgid; money in kopiykas, None where a line has no such sum.

    `endpoint` with `values` is the page of the thing, when this viewer may open it; `due_at` an exclusive term until
    which the organisation owes something, said by `owed` (msgid).
    """

    at: datetime
    kind: str
    title: str
    code: str
    state: State | None = None
    asked_kop: int | None = None
    given_kop: int | None = None
    own_kop: int | None = None
    paid_kop: int | None = None
    due_at: datetime | None = None
    owed: str = ""
    endpoint: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def year(self) -> int:
        """The year of the line on a Kyiv calendar."""
        return clock.kyiv(self.at).year


@dataclass(frozen=True)
class YearTotal:
    """What a year brought."""

    year: int
    asked_kop: int
    given_kop: int
    own_kop: int
    paid_kop: int
    line_count: int


Source = Callable[[User, Organisation], Iterable[LedgerLine]]
# Later stages add lines as this viewer may see them: the organisation's own people, or staff under the same truth as
# everywhere (nothing sealed, nothing undecided, nothing considered without the viewer).
ledger_sources: list[Source] = []
# … and published facts of an organisation, for the public directory.
public_sources: list[Callable[[Organisation], Iterable[LedgerLine]]] = []


def ledger_rows(viewer: User, organisation: Organisation) -> list[LedgerLine]:
    """Every line that the viewer may see, the newest first."""
    return _ordered(line for source in ledger_sources for line in source(viewer, organisation))


def public_rows(organisation: Organisation) -> list[LedgerLine]:
    """Published facts alone, the newest first."""
    return _ordered(line for source in public_sources for line in source(organisation))


@dataclass(frozen=True)
class LedgerShort:
    """The ledger in one line, for those who consider an application of the organisation."""

    edrpou: str
    applications: int
    given_kop: int
    paid_kop: int
    owed: int  # how many terms run


def ledger_short(viewer: User, organisation: Organisation | None) -> LedgerShort | None:
    """What the organisation asked, got and owes, of the lines that the viewer may see; None for whom it is closed."""
    if organisation is None or not viewer.can(Permission.ORGANISATION_REGISTER_READ):
        return None
    lines, now = ledger_rows(viewer, organisation), clock.now()
    return LedgerShort(
        edrpou=organisation.edrpou,
        applications=sum(line.kind == "Application" for line in lines),
        given_kop=sum(line.given_kop or 0 for line in lines),
        paid_kop=sum(line.paid_kop or 0 for line in lines),
        owed=sum(line.due_at is not None and line.due_at > now for line in lines),
    )


def year_totals(lines: Iterable[LedgerLine]) -> list[YearTotal]:
    """Sums by year, the newest first."""
    by_year: dict[int, list[LedgerLine]] = {}
    for line in lines:
        by_year.setdefault(line.year, []).append(line)
    return [
        YearTotal(
            year=year,
            asked_kop=sum(line.asked_kop or 0 for line in found),
            given_kop=sum(line.given_kop or 0 for line in found),
            own_kop=sum(line.own_kop or 0 for line in found),
            paid_kop=sum(line.paid_kop or 0 for line in found),
            line_count=len(found),
        )
        for year, found in sorted(by_year.items(), reverse=True)
    ]


def _ordered(lines: Iterable[LedgerLine]) -> list[LedgerLine]:
    return sorted(lines, key=lambda line: (line.at, line.kind, line.code), reverse=True)
