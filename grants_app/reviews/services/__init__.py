"""What is done in the review: opening, assigning, declaring, scoring; each in the caller's unit of work."""

from grants_app.reviews.services.assigning import (
    apply_assignment,
    assign,
    propose_assignment,
    take_back,
)
from grants_app.reviews.services.declaring import (
    declare_conflict,
    declare_doubt,
    declare_impartial,
    decline,
)
from grants_app.reviews.services.experts import begin_profile, save_profile
from grants_app.reviews.services.opening import open_review, prolong_scoring, remind_experts
from grants_app.reviews.services.proposal import Proposal, Shortage
from grants_app.reviews.services.scoring import reopen_review, save_review, submit_review
from grants_app.reviews.services.totals import recount

__all__ = [
    "Proposal",
    "Shortage",
    "apply_assignment",
    "assign",
    "begin_profile",
    "declare_conflict",
    "declare_doubt",
    "declare_impartial",
    "decline",
    "open_review",
    "prolong_scoring",
    "propose_assignment",
    "recount",
    "remind_experts",
    "reopen_review",
    "save_profile",
    "save_review",
    "submit_review",
    "take_back",
]
