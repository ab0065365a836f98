"""What is done in the review: opening, assigning, declaring, scoring; each in the caller's unit of work."""

from grants_app.reviews.services.assigning import (
    apply_assignment,
    assign,
    propose_assignment,
    take_back,
)
from grants_app.reviews.services.conflicts import decide_conflict, raise_conflict
from grants_app.reviews.services.declaring import (
    declare_conflict,
    declare_doubt,
    declare_impartial,
    decline,
)
from grants_app.reviews.services.evidence import Quote, mark_evidence, remove_evidence
from grants_app.reviews.services.experts import begin_profile, save_profile
from grants_app.reviews.services.finding import find_conflicts
from grants_app.reviews.services.leaving import abstain, open_others, recall_review, skip
from grants_app.reviews.services.opening import open_review, prolong_scoring, remind_experts
from grants_app.reviews.services.proposal import Proposal, Shortage
from grants_app.reviews.services.scoring import gaps_of, reopen_review, save_review, submit_review, submit_stored
from grants_app.reviews.services.totals import recount

__all__ = [
    "Proposal",
    "Quote",
    "Shortage",
    "abstain",
    "apply_assignment",
    "assign",
    "begin_profile",
    "decide_conflict",
    "declare_conflict",
    "declare_doubt",
    "declare_impartial",
    "decline",
    "find_conflicts",
    "gaps_of",
    "mark_evidence",
    "open_others",
    "open_review",
    "prolong_scoring",
    "propose_assignment",
    "raise_conflict",
    "recall_review",
    "recount",
    "remind_experts",
    "remove_evidence",
    "reopen_review",
    "save_profile",
    "save_review",
    "skip",
    "submit_review",
    "submit_stored",
    "take_back",
]
