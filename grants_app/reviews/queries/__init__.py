"""What the stage reads: sheets of experts, progress for the secretary, conflicts, marks for the engine."""

from grants_app.reviews.queries.board import BoardRow, board_rows
from grants_app.reviews.queries.conflicts import Tie, barred_ids, competing_people, conflict_facts, ties_of
from grants_app.reviews.queries.evidence import EvidenceView, passages_of, sentences_of
from grants_app.reviews.queries.lines import LineView, line_views
from grants_app.reviews.queries.marks import engine_rules, lot_code, score_records, totals_of
from grants_app.reviews.queries.people import (
    ENDED,
    ExpertRow,
    eligible_experts,
    expert_rows,
    known_fields,
    loads_in,
    open_competitions,
    profile_by_code,
)
from grants_app.reviews.queries.progress import (
    DivergenceRow,
    MissingRow,
    ProgressRow,
    SummaryRow,
    divergence_rows,
    missing_rows,
    progress_rows,
    sees_authors,
    summary_rows,
)
from grants_app.reviews.queries.queue import QueueRow, forecasts, my_assignments, neighbours, next_of, next_open
from grants_app.reviews.queries.reading import Reading, reading_of
from grants_app.reviews.queries.sheets import (
    CriterionView,
    SheetView,
    assignment_for,
    is_accepted_expert,
    other_reviews,
    reviews_of,
    sheet_for,
)
from grants_app.reviews.queries.waiting import seats_wanted, waiting_of

__all__ = [
    "ENDED",
    "BoardRow",
    "CriterionView",
    "DivergenceRow",
    "EvidenceView",
    "ExpertRow",
    "LineView",
    "MissingRow",
    "ProgressRow",
    "QueueRow",
    "Reading",
    "SheetView",
    "SummaryRow",
    "Tie",
    "assignment_for",
    "barred_ids",
    "board_rows",
    "competing_people",
    "conflict_facts",
    "divergence_rows",
    "eligible_experts",
    "engine_rules",
    "expert_rows",
    "forecasts",
    "is_accepted_expert",
    "known_fields",
    "line_views",
    "loads_in",
    "lot_code",
    "missing_rows",
    "my_assignments",
    "neighbours",
    "next_of",
    "next_open",
    "open_competitions",
    "other_reviews",
    "passages_of",
    "profile_by_code",
    "progress_rows",
    "reading_of",
    "reviews_of",
    "score_records",
    "seats_wanted",
    "sees_authors",
    "sentences_of",
    "sheet_for",
    "summary_rows",
    "ties_of",
    "totals_of",
    "waiting_of",
]
