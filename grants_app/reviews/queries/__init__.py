"""What the stage reads: sheets of experts, progress for the secretary, conflicts, marks for the engine."""

from grants_app.reviews.queries.conflicts import competing_people, conflict_facts, ties_of
from grants_app.reviews.queries.marks import engine_rules, lot_code, score_records, totals_of
from grants_app.reviews.queries.people import ExpertRow, eligible_experts, expert_rows

__all__ = [
    "ExpertRow",
    "competing_people",
    "conflict_facts",
    "eligible_experts",
    "engine_rules",
    "expert_rows",
    "lot_code",
    "score_records",
    "ties_of",
    "totals_of",
]
