"""Tables of the review: experts, assignments, sheets, conflicts, discussion, masked copies, advice."""

from grants_app.reviews.models.advice import AdviceReport
from grants_app.reviews.models.assignments import Assignment
from grants_app.reviews.models.conflicts import Conflict
from grants_app.reviews.models.discussion import Discussion, DiscussionMessage
from grants_app.reviews.models.experts import ExpertProfile, PanelInvitation, WorkCertificate
from grants_app.reviews.models.masking import MaskedAnswer, TieStatement
from grants_app.reviews.models.packets import PacketUpload
from grants_app.reviews.models.sheets import Evidence, LineAdvice, Review, ReviewEdition, Score

__all__ = [
    "AdviceReport",
    "Assignment",
    "Conflict",
    "Discussion",
    "DiscussionMessage",
    "Evidence",
    "ExpertProfile",
    "LineAdvice",
    "MaskedAnswer",
    "PacketUpload",
    "PanelInvitation",
    "Review",
    "ReviewEdition",
    "Score",
    "TieStatement",
    "WorkCertificate",
]
