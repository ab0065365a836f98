"""The walk down the ranked lists: who is paid, who does not fit, what is tied at the cut, what the pool still pays.

One :class:`Walk` decides one allocation. Its only inputs are the rules, the candidates and the seed of the draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from scoring.explain import Step, step
from scoring.funding import WHOLE_BP, Band, Lot
from scoring.ranking import Status
from scoring.rules import Rules


class Outcome(StrEnum):
    """What the walk decides about one application."""

    FUNDED = "funded"
    PARTIAL = "partial"
    POOLED = "pooled"
    RESERVE = "reserve"
    BELOW_PASS_MARK = "below_pass_mark"
    NOT_FITTING = "not_fitting"
    TIE_AT_CUT = "tie_at_cut"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One line of a ranked list as money is given along it; sums in kopiykas.

    ``score`` is exact; ``status`` is ``ranked`` or the reason why it is not.
    """

    application: str
    lot: str
    place: int | None
    score: Fraction | None
    requested_kop: int
    smallest_kop: int | None = None
    applicant: str = ""
    status: str = Status.RANKED.value

    @property
    def owner(self) -> tuple[str, str]:
        """Whose cap it counts against; without an applicant the application stands for itself."""
        return ("applicant", self.applicant) if self.applicant else ("application", self.application)


@dataclass(frozen=True, slots=True)
class LotBalance:
    """Money of one lot, or of the pool; the pool's spending is not in the lots'."""

    code: str
    fund_kop: int
    spent_kop: int

    @property
    def left_kop(self) -> int:
        """What is not awarded."""
        return self.fund_kop - self.spent_kop

    def to_json(self) -> dict[str, object]:
        """Plain data of the balance."""
        return {
            "code": self.code,
            "fund_kop": self.fund_kop,
            "spent_kop": self.spent_kop,
            "left_kop": self.left_kop,
        }


class Walk:
    """The state of one allocation while it is made.

    Parameters
    ----------
    rules : Rules
    candidates : sequence of Candidate
        Checked: eligible ones have a place and a score.
    draw_seed : str or None
    held : dict owner -> int, optional
        Kopiykas that count against the cap already.
    """

    def __init__(
        self,
        rules: Rules,
        candidates: Sequence[Candidate],
        draw_seed: str | None,
        held: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        self.rules = rules
        self.rule = rules.allocation
        self.draw_seed = draw_seed
        self.awards: dict[str, tuple[int, Outcome]] = {}
        self.pool: LotBalance | None = None
        self._lots: dict[str, Lot] = {lot.code: lot for lot in rules.lots}
        self._left = {lot.code: lot.fund_kop for lot in rules.lots}
        self._stopped: set[str] = set()
        self._held = dict(held or {})
        self._notes: dict[str, list[Step]] = {lot.code: [] for lot in rules.lots}
        self._pool_notes: list[Step] = []
        self._needs = {one.application: self._need(one) for one in candidates}
        self._eligible = [one for one in candidates if self._admit(one)]

    def run(self) -> None:
        """Walk all lots, then the pool where the rules have one."""
        for lot in self.rules.lots:
            self.note(lot.code, step("lot_opened", lot=lot.code, fund_kop=lot.fund_kop, rule=self.rule.rule))
        order = {lot.code: index for index, lot in enumerate(self.rules.lots)}
        ordered = sorted(self._eligible, key=lambda one: (one.place or 0, self._badness(one), order[one.lot]))
        for _, same_place in groupby(ordered, key=lambda one: one.place):
            by_lot: dict[str, list[Candidate]] = {}
            for one in same_place:
                by_lot.setdefault(one.lot, []).append(one)
            for lot_code, members in by_lot.items():
                self._take(lot_code, sorted(members, key=lambda one: one.application))
        for lot in self.rules.lots:
            spent = lot.fund_kop - self._left[lot.code]
            facts = {"lot": lot.code, "fund_kop": lot.fund_kop, "spent_kop": spent}
            self.note(lot.code, step("lot_closed", self._left[lot.code], **facts))
        if self.rule.pool_leftover:
            self._walk_pool()

    def note(self, lot_code: str, one: Step) -> None:
        """Add a step to the trace of a lot."""
        self._notes[lot_code].append(one)

    def balances(self) -> tuple[LotBalance, ...]:
        """Money of every lot without the pool, in the order of the rules."""
        return tuple(LotBalance(lot.code, lot.fund_kop, lot.fund_kop - self._left[lot.code]) for lot in self.rules.lots)

    def trace(self) -> tuple[Step, ...]:
        """All steps: lot by lot, then the pool."""
        return (*(one for notes in self._notes.values() for one in notes), *self._pool_notes)

    # -- before the walk -----------------------------------------------------------------------------------------

    def _badness(self, one: Candidate) -> Fraction:
        score = one.score if one.score is not None else Fraction(0)
        return -score if self.rules.direction == "higher" else score

    def _need(self, one: Candidate) -> int:
        """What the application receives if there is money: its request, or its band's share of it."""
        if self.rule.rule != "bands" or one.score is None:
            return one.requested_kop
        band = self._band(one.score)
        return 0 if band is None else one.requested_kop * band.share_bp // WHOLE_BP

    def _band(self, score: Fraction) -> Band | None:
        reached = [band for band in self.rule.bands if self.rules.reaches(score, Fraction(band.start))]
        best = max if self.rules.direction == "higher" else min
        return best(reached, key=lambda band: band.start, default=None)

    def _admit(self, one: Candidate) -> bool:
        reason = "" if one.status == Status.RANKED else one.status
        limit = self.rules.pass_mark_of(one.lot)
        if not reason and one.score is not None and not self.rules.reaches(one.score, limit):
            reason = "below the pass mark"
        if reason:
            self.awards[one.application] = (0, Outcome.BELOW_PASS_MARK)
            self.note(one.lot, step("not_eligible", application=one.application, reason=reason.replace("_", " ")))
            return False
        if not self._needs[one.application]:
            self.awards[one.application] = (0, Outcome.NOT_FITTING)
            key = "below_bands" if one.requested_kop else "asks_nothing"
            self.note(one.lot, step(key, application=one.application))
            return False
        self.awards[one.application] = (0, Outcome.RESERVE)
        return True

    # -- inside a lot --------------------------------------------------------------------------------------------

    def _take(self, lot_code: str, members: Iterable[Candidate]) -> None:
        """Decide about applications that share a place in a lot."""
        if lot_code in self._stopped:
            return
        able = [one for one in members if not self._is_over_cap(one, self._notes[lot_code])]
        if sum(self._needs[one.application] for one in able) <= self._left[lot_code]:
            self._pay_all(lot_code, able)
        elif len(able) == 1:
            self._pass_by(able[0])
        elif any(self._could_be_paid(one) for one in able):
            self._take_tied(lot_code, able, stops=True)
        else:
            for one in able:
                self._refuse(one)
            self._stop(lot_code)

    def _pay_all(self, lot_code: str, members: Sequence[Candidate]) -> None:
        """Pay applications that fit together, but for those that only clash under their applicant's cap."""
        clashing = self._clashing(members)
        for one in members:
            if one not in clashing:
                self._pay(one)
        if clashing:
            self._take_tied(lot_code, clashing, stops=False)

    def _take_tied(self, lot_code: str, members: Sequence[Candidate], *, stops: bool) -> None:
        notes = self._notes[lot_code]
        if self.draw_seed is not None:
            for one in self._drawn(members, notes):
                self._take(lot_code, [one])
            return
        codes = ", ".join(one.application for one in members)
        needs = sum(self._needs[one.application] for one in members)
        facts = {"applications": codes, "place": members[0].place, "need_kop": needs}
        notes.append(step("tie_at_cut", **facts, left_kop=self._left[lot_code]))
        for one in members:
            self.awards[one.application] = (0, Outcome.TIE_AT_CUT)
        if stops:
            self._stop(lot_code)

    def _drawn(self, members: Sequence[Candidate], notes: list[Step]) -> list[Candidate]:
        """Order a tie by the public draw."""

        def lot_number(one: Candidate) -> str:
            return hashlib.sha256(f"{self.draw_seed}{one.application}".encode()).hexdigest()

        ordered = sorted(members, key=lambda one: (lot_number(one), one.application))
        told = ", ".join(f"{one.application} {lot_number(one)}" for one in ordered)
        notes.append(step("draw", told, seed=self.draw_seed))
        return ordered

    def _is_over_cap(self, one: Candidate, notes: list[Step]) -> bool:
        cap = self.rule.cap_per_applicant_kop
        reached = self._held.get(one.owner, 0) + self._needs[one.application]
        if cap is None or reached <= cap:
            return False
        self.awards[one.application] = (0, Outcome.NOT_FITTING)
        need = self._needs[one.application]
        facts = {"application": one.application, "need_kop": need, "held_kop": reached - need}
        notes.append(step("over_cap", **facts, reached_kop=reached, cap_kop=cap))
        return True

    def _clashing(self, members: Sequence[Candidate]) -> list[Candidate]:
        """Members whose applicant fits under the cap with each of them, but not with all."""
        cap = self.rule.cap_per_applicant_kop
        if cap is None:
            return []
        wanted: dict[tuple[str, str], int] = {}
        for one in members:
            wanted[one.owner] = wanted.get(one.owner, 0) + self._needs[one.application]
        return [one for one in members if self._held.get(one.owner, 0) + wanted[one.owner] > cap]

    def _pay(self, one: Candidate) -> None:
        need, left = self._needs[one.application], self._left[one.lot]
        band = self._band(one.score) if self.rule.rule == "bands" and one.score is not None else None
        if band is not None:
            facts = {"application": one.application, "start": band.start, "share_bp": band.share_bp}
            self.note(one.lot, step("band_share", need, **facts, requested_kop=one.requested_kop))
        facts = {"application": one.application, "place": one.place}
        self.note(one.lot, step("funded", need, **facts, left_kop=left, after_kop=left - need))
        self._give(one, need, Outcome.FUNDED if need == one.requested_kop else Outcome.PARTIAL)
        self._left[one.lot] -= need

    def _give(self, one: Candidate, amount_kop: int, outcome: Outcome) -> None:
        self.awards[one.application] = (amount_kop, outcome)
        self._held[one.owner] = self._held.get(one.owner, 0) + amount_kop

    def _pass_by(self, one: Candidate) -> None:
        """Decide about a single application that does not fit."""
        left, need = self._left[one.lot], self._needs[one.application]
        if self.rule.rule == "marginal" and self._takes_remainder(one):
            facts = {"application": one.application, "place": one.place, "need_kop": need}
            self.note(one.lot, step("remainder_paid", left, **facts, least_kop=self._least_remainder(one)))
            self._give(one, left, Outcome.PARTIAL)
            self._left[one.lot] = 0
        else:
            self._refuse(one)
        self._stop(one.lot)

    def _refuse(self, one: Candidate) -> None:
        left = self._left[one.lot]
        facts = {"application": one.application, "place": one.place, "need_kop": self._needs[one.application]}
        self.note(one.lot, step("not_fitting", **facts, left_kop=left))
        if self.rule.rule == "marginal":
            self.note(one.lot, step("remainder_too_small", left_kop=left, **self._remainder_facts(one)))
        self.awards[one.application] = (0, Outcome.NOT_FITTING)

    def _stop(self, lot_code: str) -> None:
        """Stop the lot's walk, unless the rule goes on to smaller ones."""
        if self.rule.rule != "skip" and lot_code not in self._stopped:
            self._stopped.add(lot_code)
            self.note(lot_code, step("lot_stopped", lot=lot_code))

    def _least_remainder(self, one: Candidate) -> int:
        """The smallest remainder that may be paid: a share of the request, the useful minimum, the lot's minimum."""
        share = -(-one.requested_kop * self.rule.marginal_bp // WHOLE_BP)
        return max(share, one.smallest_kop or 0, self._lots[one.lot].minimum_kop or 0, 1)

    def _remainder_facts(self, one: Candidate) -> dict[str, object]:
        """What the smallest remainder is made of."""
        return {
            "application": one.application,
            "least_kop": self._least_remainder(one),
            "requested_kop": one.requested_kop,
            "marginal_bp": self.rule.marginal_bp,
            "share_kop": -(-one.requested_kop * self.rule.marginal_bp // WHOLE_BP),
            "smallest_kop": one.smallest_kop or 0,
            "minimum_kop": self._lots[one.lot].minimum_kop or 0,
        }

    def _takes_remainder(self, one: Candidate) -> bool:
        return self._left[one.lot] >= self._least_remainder(one)

    def _could_be_paid(self, one: Candidate) -> bool:
        fits = self._needs[one.application] <= self._left[one.lot]
        return fits or (self.rule.rule == "marginal" and self._takes_remainder(one))

    # -- over all lots -------------------------------------------------------------------------------------------

    def _walk_pool(self) -> None:
        """Give what the lots have left to the best unfunded of all lots, with skip."""
        outside = set(self.rule.pool_without_lots)
        fund = left = sum(money for lot_code, money in self._left.items() if lot_code not in outside)
        self._pool_notes.append(step("pool_opened", fund))
        waiting = [one for one in self._eligible if one.lot not in outside and not self.awards[one.application][0]]
        waiting.sort(key=lambda one: (self._badness(one), one.application))
        for _, same_score in groupby(waiting, key=self._badness):
            for members in _by_place(list(same_score)):
                left = self._take_from_pool(members, left)
        self._pool_notes.append(step("pool_closed", left))
        self.pool = LotBalance("", fund, fund - left)

    def _take_from_pool(self, members: Sequence[Candidate], left: int) -> int:
        """Decide about applications of one score; return what is left of the pool."""
        able = [one for one in members if not self._is_over_cap(one, self._pool_notes)]
        if sum(self._needs[one.application] for one in able) <= left and not self._clashing(able):
            for one in able:
                left = self._pay_from_pool(one, left)
        elif len(able) == 1 or not any(self._needs[one.application] <= left for one in able):
            for one in able:
                facts = {"application": one.application, "need_kop": self._needs[one.application], "left_kop": left}
                self._pool_notes.append(step("pool_not_fitting", **facts))
        elif self.draw_seed is not None:
            for one in _in_order_of_places(self._drawn(able, self._pool_notes)):
                left = self._take_from_pool([one], left)
        else:
            codes = ", ".join(one.application for one in able)
            places = ", ".join(sorted({str(one.place) for one in able}))
            needs = sum(self._needs[one.application] for one in able)
            facts = {"applications": codes, "place": places, "need_kop": needs}
            self._pool_notes.append(step("tie_at_cut", **facts, left_kop=left))
            for one in able:
                self.awards[one.application] = (0, Outcome.TIE_AT_CUT)
        return left

    def _pay_from_pool(self, one: Candidate, left: int) -> int:
        need = self._needs[one.application]
        facts = {"application": one.application, "left_kop": left, "after_kop": left - need}
        self._pool_notes.append(step("pooled", need, **facts))
        self._give(one, need, Outcome.POOLED)
        return left - need


def _by_place(members: list[Candidate]) -> list[list[Candidate]]:
    """Split applications of one score and one lot by their places; of several lots they are equal."""
    if len({one.lot for one in members}) > 1:
        return [members]
    members.sort(key=lambda one: (one.place or 0, one.application))
    return [list(group) for _, group in groupby(members, key=lambda one: one.place)]


def _in_order_of_places(drawn: Sequence[Candidate]) -> list[Candidate]:
    """Keep the turns that a draw gave to each lot, but let a lot's better place go first."""
    queues: dict[str, list[Candidate]] = {}
    for one in drawn:
        queues.setdefault(one.lot, []).append(one)
    for queue in queues.values():
        queue.sort(key=lambda one: one.place or 0)  # equal places stay in the order of the draw
    return [queues[one.lot].pop(0) for one in drawn]
