"""The published formats read once more, slowly and plainly: places and awards from dictionaries of text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]
Rules = Mapping[str, Any]


def rounded(value: Fraction, places: int, mode: str) -> Fraction:
    scaled = abs(value) * 10**places
    whole = scaled.numerator // scaled.denominator
    rest = scaled - whole
    if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and (mode == "half_up" or whole % 2)):
        whole += 1
    return Fraction(whole if value >= 0 else -whole, 10**places)


def staged(rules: Rules, after: str, value: Fraction) -> Fraction:
    for stage in rules["rounding"]:
        if stage["after"] == after:
            return rounded(value, stage["places"], stage["mode"])
    return value


def combined(rules: Rules, values: Sequence[Fraction]) -> Fraction | None:
    kept = sorted(values)
    if rules["combine"] in ("trimmed", "median") and len(kept) < 5:
        return None
    if rules["combine"] == "trimmed":
        kept = kept[rules["trim"] :][: max(0, len(kept) - 2 * rules["trim"])]
    if rules["combine"] == "median":
        kept = [kept[len(kept) // 2]] if len(kept) % 2 else kept[len(kept) // 2 - 1 : len(kept) // 2 + 1]
    if not kept:
        return None
    return sum(kept) if rules["combine"] == "sum" else sum(kept, Fraction(0)) / len(kept)


def reaches(rules: Rules, value: Fraction, limit: str | None) -> bool:
    if limit is None:
        return True
    return value >= Fraction(limit) if rules["direction"] == "higher" else value <= Fraction(limit)


def lot_of(rules: Rules, code: str) -> Row:
    return next((lot for lot in rules["lots"] if lot["code"] == code), {})


@dataclass
class Line:
    application: str
    lot: str
    columns: Row
    experts: int = 0
    score: Fraction | None = None
    status: str = "insufficient"
    criteria: dict[str, Fraction | None] = field(default_factory=dict)
    totals: dict[str, Fraction] = field(default_factory=dict)
    chain: list[Any] = field(default_factory=list)
    place: int | None = None
    place_overall: int | None = None
    tied_with: list[str] = field(default_factory=list)
    separated_by: str | None = None


def _line(rules: Rules, row: Row, marks: Mapping[str, Mapping[str, Fraction]]) -> Line:
    lot = lot_of(rules, row["lot"])
    own = lot.get("criteria_weights")
    weights = {c["code"]: Fraction(c["weight"] if own is None else own.get(c["code"], "0")) for c in rules["criteria"]}
    counted = [c for c in rules["criteria"] if c["counted"] and (own is None or c["code"] in own)]
    whole = sum(weights[c["code"]] for c in counted)

    def part(criterion: Row, value: Fraction, many: int = 1) -> Fraction:
        weight = weights[criterion["code"]]
        if rules["expert_total"] == "points":
            return weight * value
        if rules["expert_total"] == "weighted_mean":
            return weight * value / whole
        low, high = Fraction(criterion["min"]), Fraction(criterion["max"])
        return weight * (value - many * low) / (high - low) * 100 / whole

    line = Line(row["application"], row["lot"], row)
    complete = {e: m for e, m in marks.items() if all(c["code"] in m for c in counted)}
    line.totals = {
        e: staged(rules, "expert_total", sum(part(c, m[c["code"]]) for c in counted)) for e, m in complete.items()
    }
    by_total = rules["order"] == "total_then_combine"
    counting = complete if by_total else marks
    found: list[Fraction | None] = []
    for criterion in rules["criteria"]:
        values = [m[criterion["code"]] for m in counting.values() if criterion["code"] in m]
        value = combined(rules, values) if values else None
        line.criteria[criterion["code"]] = None if value is None else staged(rules, "criterion_combined", value)
        if criterion in counted:
            many = len(values) if rules["combine"] == "sum" else 1
            inside = line.criteria[criterion["code"]]
            found.append(None if inside is None else staged(rules, "criterion_weighted", part(criterion, inside, many)))
    if by_total:
        line.experts = enough = len(complete)
        value = combined(rules, list(line.totals.values())) if complete else None
    else:
        line.experts = sum(any(c["code"] in m for c in counted) for m in marks.values())
        enough = min(sum(c["code"] in m for m in marks.values()) for c in counted)
        value = (
            None if any(one is None for one in found) else sum((one for one in found if one is not None), Fraction(0))
        )
    relevant = [c for c in rules["criteria"] if not c["counted"] or c in counted]
    lacking = any(c["pass_mark"] is not None and line.criteria[c["code"]] is None for c in relevant)
    if value is None or enough < rules["min_experts"] or lacking:
        return line
    line.score = staged(rules, "total", value + Fraction(row.get("fixed_points") or "0"))
    limit = lot.get("pass_mark") if lot.get("pass_mark") is not None else rules["pass_mark"]
    passed = reaches(rules, line.score, limit) and all(
        c["pass_mark"] is None
        or line.criteria[c["code"]] is None
        or reaches(rules, line.criteria[c["code"]], c["pass_mark"])
        for c in rules["criteria"]
    )
    line.status = "ranked" if passed else "below_pass_mark"
    return line


def _is_number(text: str) -> bool:
    try:
        Fraction(text)
    except ValueError:
        return False
    return "/" not in text and "e" not in text.lower()


def _chain(rules: Rules, lines: Sequence[Line]) -> None:
    """What each link compares, worst last: (missing, value turned so that less is better)."""
    for link in [{"by": "score", "direction": rules["direction"]}, *rules["tie_breaks"]]:
        texts = [str(line.columns.get(link.get("column", ""), "") or "") for line in lines]
        numbers = all(_is_number(text) for text in texts if text)
        for line, text in zip(lines, texts, strict=True):
            worst = min if rules["direction"] == "higher" else max
            value: Any = {
                "score": line.score,
                "criterion": line.criteria.get(link.get("code", "")),
                "worst_expert": worst(line.totals.values(), default=None),
                "column": None if not text else Fraction(text) if numbers else text,
            }[link["by"]]
            line.chain.append((value, link["direction"] == "higher"))


def _better(one: Line, other: Line) -> int | None:
    """Index of the link by which `one` stands before `other`, negative the other way round, None when tied."""
    for index, ((mine, higher), (theirs, _)) in enumerate(zip(one.chain, other.chain, strict=True)):
        if mine == theirs:
            continue
        if mine is None or theirs is None:
            return index + 1 if theirs is None else -index - 1
        return index + 1 if (mine > theirs) == higher else -index - 1
    return None


def ranked(rules: Rules, applications: Sequence[Row], scores: Sequence[Row]) -> dict[str, Line]:
    """Every line by application, from the rows of the files."""
    marks: dict[str, dict[str, dict[str, Fraction]]] = {row["application"]: {} for row in applications}
    for row in scores:
        if row["points"] and row["state"] in ("", "scored"):
            marks[row["application"]].setdefault(row["expert"], {})[row["criterion"]] = Fraction(row["points"])
    lines = [_line(rules, row, marks[row["application"]]) for row in applications]
    _chain(rules, lines)
    listed = [line for line in lines if line.score is not None]
    for line in listed:
        before = [other for other in listed if other is not line and (_better(other, line) or 0) > 0]
        line.place_overall = 1 + len(before)
        line.place = 1 + sum(other.lot == line.lot for other in before)
    for line in listed:
        mine = [other for other in listed if other is not line and other.lot == line.lot and other.score == line.score]
        line.tied_with = sorted(other.application for other in mine if other.place == line.place)
        above = [other for other in mine if (other.place or 0) < (line.place or 0)]
        below = [other for other in mine if (other.place or 0) > (line.place or 0)]
        beside = (
            max(above, key=lambda other: other.place or 0)
            if above
            else min(below, key=lambda other: other.place or 0, default=None)
        )
        if beside is not None:
            link = rules["tie_breaks"][abs(_better(line, beside) or 0) - 2]
            line.separated_by = ":".join(
                [link["by"], link["code" if link["by"] == "criterion" else "column"]]
                if link["by"] != "worst_expert"
                else [link["by"]]
            )
    return {line.application: line for line in lines}


class Money:
    """The walk of one list, place by place over all lots, then the pool."""

    def __init__(self, rules: Rules, rows: Sequence[Row], seed: str | None) -> None:
        self.rules, self.plan, self.seed = rules, rules["allocation"], seed
        self.left = {lot["code"]: lot["fund_kop"] for lot in rules["lots"]}
        self.open = dict.fromkeys(self.left, True)
        self.awards: dict[str, tuple[int, str]] = {}
        self.held: dict[str, int] = {}
        self.rows = [row for row in rows if self._takes_part(row)]

    def _takes_part(self, row: Row) -> bool:
        lot = lot_of(self.rules, row["lot"])
        limit = lot["pass_mark"] if lot["pass_mark"] is not None else self.rules["pass_mark"]
        if row["status"] not in ("", "ranked") or not reaches(self.rules, Fraction(row["score"]), limit):
            self.awards[row["application"]] = (0, "below_pass_mark")
            return False
        self.awards[row["application"]] = (0, "reserve" if self.need(row) else "not_fitting")
        return self.need(row) > 0

    def need(self, row: Row) -> int:
        asked: int = row["requested_kop"]
        if self.plan["rule"] != "bands":
            return asked
        reached = [band for band in self.plan["bands"] if reaches(self.rules, Fraction(row["score"]), band["from"])]
        sign = 1 if self.rules["direction"] == "higher" else -1
        best = max(reached, key=lambda band: sign * Fraction(band["from"]), default=None)
        return 0 if best is None else asked * int(best["share_bp"]) // 10_000

    def _fits_cap(self, rows: Sequence[Row]) -> bool:
        cap = self.plan["cap_per_applicant_kop"]
        owner = self._owner(rows[0])
        return cap is None or self.held.get(owner, 0) + sum(self.need(row) for row in rows) <= cap

    def _owner(self, row: Row) -> str:
        return f"who {row['applicant']}" if row["applicant"] else f"what {row['application']}"

    def _pay(self, row: Row, amount: int, outcome: str) -> None:
        self.awards[row["application"]] = (amount, outcome)
        self.held[self._owner(row)] = self.held.get(self._owner(row), 0) + amount

    def _remainder(self, row: Row) -> bool:
        if self.plan["rule"] != "marginal":
            return False
        lot, left = lot_of(self.rules, row["lot"]), self.left[row["lot"]]
        enough = left * 10_000 >= row["requested_kop"] * self.plan["marginal_bp"]
        return left > 0 and enough and left >= (row["smallest_kop"] or 0) and left >= (lot["minimum_kop"] or 0)

    def run(self) -> dict[str, tuple[int, str]]:
        def turn(row: Row) -> tuple[Any, ...]:
            score = Fraction(row["score"])
            order = [lot["code"] for lot in self.rules["lots"]].index(row["lot"])
            return row["place"], -score if self.rules["direction"] == "higher" else score, order

        waiting = sorted(self.rows, key=turn)
        for place, lot in dict.fromkeys((row["place"], row["lot"]) for row in waiting):
            if self.open[lot]:
                self._place([row for row in waiting if (row["place"], row["lot"]) == (place, lot)])
        if self.plan["pool_leftover"]:
            self._pool()
        return self.awards

    def _place(self, rows: Sequence[Row]) -> None:
        rows = self._under_the_cap(rows)
        left = self.left[rows[0]["lot"]] if rows else 0
        if sum(self.need(row) for row in rows) <= left:
            clash = self._clash(rows)
            for row in rows:
                if row not in clash:
                    self._full(row)
            if clash:
                self._undecided(clash, stops=False)
        elif len(rows) > 1 and any(self.need(row) <= left or self._remainder(row) for row in rows):
            self._undecided(rows, stops=True)
        else:
            self._unpaid(rows, left)

    def _unpaid(self, rows: Sequence[Row], left: int) -> None:
        """One that does not fit may take the remainder; several of a place never share it."""
        lot = rows[0]["lot"]
        for row in rows:
            self.awards[row["application"]] = (0, "not_fitting")
        if len(rows) == 1 and self._remainder(rows[0]):
            self._pay(rows[0], left, "partial")
            self.left[lot] = 0
        self.open[lot] = self.plan["rule"] == "skip"

    def _under_the_cap(self, rows: Sequence[Row]) -> list[Row]:
        for row in rows:
            if not self._fits_cap([row]):
                self.awards[row["application"]] = (0, "not_fitting")
        return [row for row in rows if self._fits_cap([row])]

    def _clash(self, rows: Sequence[Row]) -> list[Row]:
        """Those whose applicant's cap does not hold all of his that stand here."""
        return [
            row for row in rows if not self._fits_cap([one for one in rows if self._owner(one) == self._owner(row)])
        ]

    def _full(self, row: Row) -> None:
        self.left[row["lot"]] -= self.need(row)
        self._pay(row, self.need(row), "funded" if self.need(row) == row["requested_kop"] else "partial")

    def _by_lot_number(self, rows: Sequence[Row]) -> list[Row]:
        return sorted(rows, key=lambda row: hashlib.sha256((str(self.seed) + row["application"]).encode()).hexdigest())

    def _undecided(self, rows: Sequence[Row], *, stops: bool) -> None:
        if self.seed is not None:
            for row in self._by_lot_number(rows):
                if self.open[row["lot"]]:
                    self._place([row])
            return
        for row in rows:
            self.awards[row["application"]] = (0, "tie_at_cut")
        if stops:
            self.open[rows[0]["lot"]] = self.plan["rule"] == "skip"

    def _pool(self) -> None:
        lots = [code for code in self.left if code not in self.plan["pool_without_lots"]]
        self.pool = sum(self.left[code] for code in lots)
        sign = -1 if self.rules["direction"] == "higher" else 1
        waiting = [row for row in self.rows if row["lot"] in lots and not self.awards[row["application"]][0]]
        for score in sorted({sign * Fraction(row["score"]) for row in waiting}):
            rows = [row for row in waiting if sign * Fraction(row["score"]) == score]
            if len({row["lot"] for row in rows}) > 1:
                self._pool_group(rows)
            else:
                for place in sorted({row["place"] for row in rows}):
                    self._pool_group([row for row in rows if row["place"] == place])

    def _pool_group(self, rows: Sequence[Row]) -> None:
        rows = self._under_the_cap(rows)
        if sum(self.need(row) for row in rows) <= self.pool and not self._clash(rows):
            for row in rows:
                self.pool -= self.need(row)
                self._pay(row, self.need(row), "pooled")
        elif len(rows) > 1 and any(self.need(row) <= self.pool for row in rows):
            self._pool_tie(rows)

    def _pool_tie(self, rows: Sequence[Row]) -> None:
        if self.seed is None:
            for row in rows:
                self.awards[row["application"]] = (0, "tie_at_cut")
            return
        queues = {
            lot: sorted((r for r in self._by_lot_number(rows) if r["lot"] == lot), key=lambda r: r["place"])
            for lot in {r["lot"] for r in rows}
        }
        for lot in [row["lot"] for row in self._by_lot_number(rows)]:
            self._pool_group([queues[lot].pop(0)])
