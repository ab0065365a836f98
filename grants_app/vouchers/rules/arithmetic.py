"""Arithmetic and fixed lists of the vouchers (domain section 8)."""

from __future__ import annotations

from dataclasses import dataclass

from grants_app.core.money import line_total, portion_kop

# Areas of the organisation's self-assessment, scored 1-5: code and msgid.
AREAS: tuple[tuple[str, str], ...] = (
    ("mission", "Mission and strategy"),
    ("governance", "Governance and accountability"),
    ("team", "Team and volunteers"),
    ("finance", "Finance and fundraising"),
    ("projects", "Project management"),
    ("communication", "Communication and visibility"),
    ("partnership", "Partnership and advocacy"),
    ("digital", "Digital tools and safety"),
)
DECISION_WORKING_DAYS = 10
CODE_BODY = 27  # signs of a 31-letter alphabet: 133 bits; the check character makes 28 = seven groups of four


@dataclass(frozen=True)
class Compensation:
    """What a claim pays: the least of face value and the compensated share, and which of them decided."""

    eligible_kop: int
    amount_kop: int
    own_part_kop: int
    deciding_limit: str


def compensation(
    *, face_kop: int, compensated_bp: int, hours_milli: int, total_kop: int, max_rate_kop: int
) -> Compensation:
    """Amount of a claim in kopiykas: min(face, share × eligible cost); eligible = min(act, hours × ceiling rate).

    >>> compensation(
    ...     face_kop=2_000_000, compensated_bp=8000, hours_milli=20_000, total_kop=2_000_000, max_rate_kop=120_000
    ... )
    Compensation(eligible_kop=2000000, amount_kop=1600000, own_part_kop=400000, deciding_limit='share')
    """
    eligible_kop = min(total_kop, line_total(hours_milli, max_rate_kop))
    share_kop = portion_kop(eligible_kop, compensated_bp)
    amount_kop = min(face_kop, share_kop)
    return Compensation(eligible_kop, amount_kop, total_kop - amount_kop, "face" if face_kop < share_kop else "share")
