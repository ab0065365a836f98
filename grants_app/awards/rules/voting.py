"""Quorum and majority as arithmetic of whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

VOTING_OFFICES = ("chair", "deputy", "member")
OFFICE_LABELS = {
    "chair": "Chair of the commission",
    "deputy": "Deputy chair",
    "member": "Member of the commission",
    "secretary": "Secretary of the commission",
}
PRESENCE_LABELS = {"room": "In the room", "online": "Online", "absent": "Absent"}
CHOICES = {"for": "For", "against": "Against", "abstain": "Abstains"}
# Who has not voted by then is counted as present without a vote.
VOTING_TIME = timedelta(minutes=5)
COMPLAINT_DAYS = 30
# Written into the minutes and the public record, which are in Ukrainian.
TIE_REASON = "Член комісії належить до організації-заявника"
REGISTER_REASON = "Конфлікт інтересів записано в реєстрі конкурсу"
ANSWER_DAYS = 10  # working days in which the applicant accepts or declines


@dataclass(frozen=True)
class Quorum:
    """Whether an item may be voted: seats that vote, of them without a conflict, of these present, and how many needed.

    >>> Quorum(seats=9, eligible=8, present=6, parts=2, of=3).needed
    6
    >>> Quorum(seats=9, eligible=8, present=5, parts=2, of=3).is_met
    False
    """

    seats: int
    eligible: int
    present: int
    parts: int
    of: int

    @property
    def needed(self) -> int:
        """The least number that is the share of those who may vote on this item."""
        return -(-self.eligible * self.parts // self.of)

    @property
    def is_met(self) -> bool:
        """Present members without a conflict reach the share; nobody is no quorum."""
        return self.present > 0 and self.present * self.of >= self.eligible * self.parts


@dataclass(frozen=True)
class Verdict:
    """A closed vote: counts, the majority needed, whether it is adopted and whether the chair's vote decided a tie."""

    for_count: int
    against_count: int
    abstain_count: int
    needed: int
    is_adopted: bool
    by_chair: bool


def verdict(choices: Mapping[int, str], *, present: int, presiding_id: int | None) -> Verdict:
    """More than half of those present; equal numbers for and against are decided by who presides.

    >>> verdict({1: "for", 2: "for", 3: "against"}, present=3, presiding_id=1).is_adopted
    True
    >>> verdict({1: "for", 2: "against"}, present=2, presiding_id=1).by_chair
    True
    """
    counts = {choice: sum(given == choice for given in choices.values()) for choice in CHOICES}
    needed = present // 2 + 1
    is_tie = counts["for"] == counts["against"] > 0
    by_chair = is_tie and presiding_id is not None and choices.get(presiding_id) == "for"
    return Verdict(
        for_count=counts["for"],
        against_count=counts["against"],
        abstain_count=counts["abstain"],
        needed=needed,
        is_adopted=counts["for"] >= needed or by_chair,
        by_chair=by_chair,
    )
