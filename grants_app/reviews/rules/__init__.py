"""What the review knows without the database: the sheet and its numbers, conflicts, letters."""

from grants_app.reviews.rules.conflicts import (
    CONFLICT_REASONS,
    same_phone,
    same_text,
)
from grants_app.reviews.rules.letters import (
    LETTERS,
)
from grants_app.reviews.rules.sheet import (
    KEPT,
    KNOWS_ANOTHER,
    KNOWS_THE_FIELD,
    LONGEST_TEXT,
    MICRO,
    MOST_RADIOS,
    RECOMMENDATIONS,
    OffScaleError,
    RunningTotal,
    SheetInput,
    clean_points,
    diverges,
    points_field,
    reason_field,
    running_total,
    scale_of,
    shown_points,
    span_of,
    weights_of,
)

__all__ = [
    "CONFLICT_REASONS",
    "KEPT",
    "KNOWS_ANOTHER",
    "KNOWS_THE_FIELD",
    "LETTERS",
    "LONGEST_TEXT",
    "MICRO",
    "MOST_RADIOS",
    "RECOMMENDATIONS",
    "OffScaleError",
    "RunningTotal",
    "SheetInput",
    "clean_points",
    "diverges",
    "points_field",
    "reason_field",
    "running_total",
    "same_phone",
    "same_text",
    "scale_of",
    "shown_points",
    "span_of",
    "weights_of",
]
