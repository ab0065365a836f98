"""Why a person may not do a step of the review; None means they may. The reasons are English msgids."""

from grants_app.reviews.policy.assigning import why_not_assign, why_not_expert, why_not_reopen, why_not_take_back
from grants_app.reviews.policy.opening import (
    gaps_before_review,
    short_of_experts,
    why_not_open_review,
    why_not_prolong,
)
from grants_app.reviews.policy.scoring import (
    ENDED_ALREADY,
    NOT_SCORING,
    NOT_YOURS,
    SUBMITTED,
    TERM_OVER,
    why_not_abstain,
    why_not_declare,
    why_not_declare_conflict,
    why_not_decline,
    why_not_open_others,
    why_not_read_others,
    why_not_recall,
    why_not_score,
    why_not_see,
    why_not_see_marks,
)

__all__ = [
    "ENDED_ALREADY",
    "NOT_SCORING",
    "NOT_YOURS",
    "SUBMITTED",
    "TERM_OVER",
    "gaps_before_review",
    "short_of_experts",
    "why_not_abstain",
    "why_not_assign",
    "why_not_declare",
    "why_not_declare_conflict",
    "why_not_decline",
    "why_not_expert",
    "why_not_open_others",
    "why_not_open_review",
    "why_not_prolong",
    "why_not_read_others",
    "why_not_recall",
    "why_not_reopen",
    "why_not_score",
    "why_not_see",
    "why_not_see_marks",
    "why_not_take_back",
]
