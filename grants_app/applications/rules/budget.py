"""The project budget as arithmetic: lines, totals, own share, ceilings (domain section 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grants_app.competitions.rules.form import STANDARD
from grants_app.core import figures
from grants_app.core.errors import DomainError, InvalidInput
from grants_app.core.figures import Figure
from grants_app.core.money import line_total, meets_share, portion_kop, share_bp

SOURCES: tuple[tuple[str, str], ...] = (
    ("city", "City"),
    ("own_cash", "Own money"),
    ("own_inkind", "Own in kind"),
    ("other", "Other sources"),
)
MAX_ROWS = 100


@dataclass(frozen=True)
class Line:
    """A line as the applicant types it: everything but the sums."""

    category: str
    item: str
    qty_milli: int
    price_kop: int
    unit: str = ""
    city_kop: int = 0
    own_cash_kop: int = 0
    own_inkind_kop: int = 0
    other_kop: int = 0
    justification: str = ""
    # What the city pays here if only the smallest useful amount is granted; none: as much as in full.
    least_kop: int | None = None

    @property
    def total_kop(self) -> int:
        """Quantity times price."""
        return line_total(self.qty_milli, self.price_kop)

    @property
    def sources_kop(self) -> int:
        """What the four sources give together."""
        return self.city_kop + self.own_cash_kop + self.own_inkind_kop + self.other_kop

    @property
    def kept_kop(self) -> int:
        """What the city pays for this line at the smallest useful amount."""
        return self.city_kop if self.least_kop is None else self.least_kop


@dataclass(frozen=True)
class Totals:
    """Sums of the budget. The own share counts own money, in kind and other sources, of the total cost."""

    requested_kop: int
    own_cash_kop: int
    own_inkind_kop: int
    other_kop: int
    total_cost_kop: int

    @property
    def own_kop(self) -> int:
        """Everything that is not the city's."""
        return self.own_cash_kop + self.own_inkind_kop + self.other_kop

    @property
    def own_share_bp(self) -> int:
        """The own share, rounded down."""
        return share_bp(self.own_kop, self.total_cost_kop)


@dataclass(frozen=True)
class Limits:
    """What the competition and the chosen lot demand of a budget."""

    minimum_kop: int | None = None
    maximum_kop: int | None = None
    own_share_min_bp: int = 0
    inkind_max_bp: int = 10_000
    ceilings: Mapping[str, int] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=lambda: STANDARD.category_labels)  # code -> label


@dataclass(frozen=True)
class Finding:
    """One rule of the budget: kept or broken, with the row (from 1) it points at."""

    rule: str
    is_kept: bool
    message: str
    facts: tuple[tuple[str, object], ...] = ()
    row: int | None = None
    source: str | None = None

    def error(self) -> DomainError:
        """The broken rule as a refusal."""
        return InvalidInput(self.message, field="budget", facts=dict(self.facts))


def totals(lines: Sequence[Line]) -> Totals:
    """Column sums."""
    return Totals(
        requested_kop=sum(line.city_kop for line in lines),
        own_cash_kop=sum(line.own_cash_kop for line in lines),
        own_inkind_kop=sum(line.own_inkind_kop for line in lines),
        other_kop=sum(line.other_kop for line in lines),
        total_cost_kop=sum(line.total_kop for line in lines),
    )


def findings(lines: Sequence[Line], limits: Limits, smallest_kop: int | None = None) -> list[Finding]:
    """Every rule of the budget with its figures, kept ones too: the page shows both."""
    sums = totals(lines)
    result = [*_row_findings(lines, limits)]
    if not lines:
        return [Finding("rows", False, "Add at least one line of the budget")]
    result.extend(_amount_findings(sums, limits, smallest_kop))
    result.append(_share_finding(sums, limits))
    if sums.own_inkind_kop:
        result.append(_inkind_finding(sums, limits))
    result.extend(_ceiling_findings(lines, sums, limits))
    result.extend(_least_findings(lines, smallest_kop))
    return result


def smallest_of(lines: Sequence[Line]) -> int | None:
    """The smallest useful amount as the lines give it; none when no line says what it can do without."""
    return sum(line.kept_kop for line in lines) if any(line.least_kop is not None for line in lines) else None


@dataclass(frozen=True)
class Dropped:
    """What a line loses when only the smallest useful amount is granted; `row` counts from 1."""

    row: int
    item: str
    city_kop: int
    kept_kop: int

    @property
    def dropped_kop(self) -> int:
        """The city's money that this line gives up."""
        return self.city_kop - self.kept_kop


def dropped(lines: Sequence[Line]) -> list[Dropped]:
    """Lines that lose something at the smallest useful amount, in the order of the budget."""
    return [
        Dropped(number, line.item, line.city_kop, line.kept_kop)
        for number, line in enumerate(lines, 1)
        if line.kept_kop != line.city_kop
    ]


def broken(lines: Sequence[Line], limits: Limits, smallest_kop: int | None = None) -> list[Finding]:
    """Only the broken rules."""
    return [finding for finding in findings(lines, limits, smallest_kop) if not finding.is_kept]


def _row_findings(lines: Sequence[Line], limits: Limits) -> list[Finding]:
    found = []
    for number, line in enumerate(lines, 1):
        name = ("row", number)
        if line.category not in limits.categories:
            found.append(Finding("category", False, "Row %(row)s: choose the category", (name,), number))
        if not line.item:
            found.append(Finding("item", False, "Row %(row)s: say what is paid for", (name,), number))
        if line.total_kop == 0:
            found.append(Finding("cost", False, "Row %(row)s: enter the quantity and the price", (name,), number))
        gap = line.total_kop - line.sources_kop
        if gap:
            found.append(_gap_finding(number, line, gap))
    return found


def _gap_finding(number: int, line: Line, gap: int) -> Finding:
    message = (
        "Row %(row)s: the sources give %(available)s, but the cost is %(amount)s. Distribute %(excess)s more"
        if gap > 0
        else "Row %(row)s: the sources give %(available)s, but the cost is %(amount)s. Take away %(excess)s"
    )
    facts = (("row", number), ("available", line.sources_kop), ("amount", line.total_kop), ("excess", abs(gap)))
    return Finding("sources", False, message, facts, number, "city")


def _amount_findings(sums: Totals, limits: Limits, smallest_kop: int | None) -> list[Finding]:
    found = []
    if limits.maximum_kop is not None:
        is_kept = sums.requested_kop <= limits.maximum_kop
        message = (
            "Asked of the city %(amount)s, at most %(maximum)s is allowed"
            if is_kept
            else "The amount asked of the city must be at most %(maximum)s, and it is %(amount)s. "
            "Lower it by %(excess)s"
        )
        excess = max(sums.requested_kop - limits.maximum_kop, 0)
        facts = (("amount", sums.requested_kop), ("maximum", limits.maximum_kop), ("excess", excess))
        found.append(Finding("maximum", is_kept, message, facts))
    minimum = max(limits.minimum_kop or 1, 1)
    if sums.requested_kop < minimum:
        facts = (("amount", sums.requested_kop), ("minimum", minimum), ("excess", minimum - sums.requested_kop))
        message = "The amount asked of the city must be at least %(minimum)s, and it is %(amount)s"
        found.append(Finding("minimum", False, message, facts))
    if smallest_kop is not None and not minimum <= smallest_kop <= max(sums.requested_kop, minimum):
        facts = (("amount", smallest_kop), ("minimum", minimum), ("maximum", sums.requested_kop))
        message = "The smallest useful amount must be from %(minimum)s to %(maximum)s, and it is %(amount)s"
        found.append(Finding("smallest", False, message, facts))
    return found


def _share_finding(sums: Totals, limits: Limits) -> Finding:
    is_kept = meets_share(sums.own_kop, sums.total_cost_kop, limits.own_share_min_bp)
    facts: tuple[tuple[str, object], ...] = (
        ("share", Figure(figures.share_exact, sums.own_share_bp)),
        ("least", Figure(figures.share_exact, limits.own_share_min_bp)),
        ("amount", sums.own_kop),
    )
    if is_kept:
        return Finding("own_share", True, "Own share %(share)s (%(amount)s), at least %(least)s is needed", facts)
    message = "The own share %(share)s is less than the needed %(least)s. Move at least %(excess)s from the city to own"
    needed = -(-limits.own_share_min_bp * sums.total_cost_kop // 10_000)
    return Finding("own_share", False, message, (*facts, ("excess", needed - sums.own_kop)))


def _inkind_finding(sums: Totals, limits: Limits) -> Finding:
    # By cross-multiplication: at the ceiling exactly is kept, one kopiyka more is not.
    is_kept = sums.own_inkind_kop * 10_000 <= limits.inkind_max_bp * sums.own_kop
    facts = (
        ("amount", sums.own_inkind_kop),
        ("most", Figure(figures.share_exact, limits.inkind_max_bp)),
        ("maximum", limits.inkind_max_bp * sums.own_kop // 10_000),
    )
    if is_kept:
        return Finding("inkind", True, "In kind %(amount)s, at most %(most)s of the own share is allowed", facts)
    message = "The contribution in kind %(amount)s is more than %(most)s of the own share (%(maximum)s). Lower it"
    return Finding("inkind", False, message, facts)


def _ceiling_findings(lines: Sequence[Line], sums: Totals, limits: Limits) -> list[Finding]:
    found = []
    for category, ceiling_bp in limits.ceilings.items():
        spent = sum(line.total_kop for line in lines if line.category == category)
        if not spent:
            continue
        is_kept = spent * 10_000 <= ceiling_bp * sums.total_cost_kop
        maximum = portion_kop(sums.total_cost_kop, ceiling_bp)
        rows = [number for number, line in enumerate(lines, 1) if line.category == category]
        facts: tuple[tuple[str, object], ...] = (
            ("category", limits.categories.get(category, category)),
            ("amount", spent),
            ("most", Figure(figures.share_exact, ceiling_bp)),
            ("maximum", maximum),
            ("excess", max(spent - maximum, 1)),
            ("rows", ", ".join(map(str, rows))),
        )
        if is_kept:
            message = "“%(category)s”: %(amount)s, at most %(most)s of the cost is allowed"
            found.append(Finding(f"ceiling-{category}", True, message, facts))
        else:
            message = (
                "“%(category)s” (rows %(rows)s): %(amount)s is over the ceiling of %(most)s (%(maximum)s). "
                "Lower it by %(excess)s"
            )
            found.append(Finding(f"ceiling-{category}", False, message, facts, rows[0]))
    return found


def _least_findings(lines: Sequence[Line], smallest_kop: int | None) -> list[Finding]:
    found = []
    for number, line in enumerate(lines, 1):
        if line.least_kop is not None and line.least_kop > line.city_kop:
            facts = (("row", number), ("amount", line.least_kop), ("maximum", line.city_kop))
            message = (
                "Row %(row)s: at the smallest amount the city cannot pay more (%(amount)s) than in full (%(maximum)s)"
            )
            found.append(Finding("least", False, message, facts, number, "least"))
    by_lines = smallest_of(lines)
    if by_lines is not None and smallest_kop is not None and by_lines != smallest_kop:
        facts = (("amount", smallest_kop), ("available", by_lines), ("excess", abs(by_lines - smallest_kop)))
        message = (
            "The smallest useful amount is %(amount)s, but the lines leave %(available)s of the city’s money: "
            "they differ by %(excess)s"
        )
        found.append(Finding("smallest_lines", False, message, facts))
    return found
