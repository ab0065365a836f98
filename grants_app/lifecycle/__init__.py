"""The whole procedure as tables: every state and every step (domain section 3), a file for each stage.

Buttons, checks, diagrams and tests are derived from here; `journal.advance` alone moves a thing along them.
"""

from grants_app.core.state_machine import Machine, State
from grants_app.lifecycle.decision import (
    AWARD,
    COMPLAINT,
    ITEM,
    MEETING,
    AwardState,
    ComplaintState,
    ItemState,
    MeetingState,
)
from grants_app.lifecycle.intake import APPLICATION, COMPETITION, ApplicationState, CompetitionState
from grants_app.lifecycle.review import (
    ASSIGNMENT,
    CONFLICT,
    DISCUSSION,
    INVITATION,
    AssignmentState,
    ConflictState,
    DiscussionState,
    InvitationState,
)
from grants_app.lifecycle.vouchers import (
    CLAIM,
    CONSULTANT,
    PROGRAMME,
    VOUCHER,
    ClaimState,
    ConsultantState,
    ProgrammeState,
    VoucherState,
)

MACHINES: dict[type[State], Machine] = {
    CompetitionState: COMPETITION,
    ApplicationState: APPLICATION,
    AssignmentState: ASSIGNMENT,
    InvitationState: INVITATION,
    ConflictState: CONFLICT,
    DiscussionState: DISCUSSION,
    MeetingState: MEETING,
    ItemState: ITEM,
    AwardState: AWARD,
    ProgrammeState: PROGRAMME,
    VoucherState: VOUCHER,
    ClaimState: CLAIM,
    ConsultantState: CONSULTANT,
    ComplaintState: COMPLAINT,
}

__all__ = [
    "APPLICATION",
    "ASSIGNMENT",
    "AWARD",
    "CLAIM",
    "COMPETITION",
    "COMPLAINT",
    "CONFLICT",
    "CONSULTANT",
    "DISCUSSION",
    "INVITATION",
    "ITEM",
    "MACHINES",
    "MEETING",
    "PROGRAMME",
    "VOUCHER",
    "ApplicationState",
    "AssignmentState",
    "AwardState",
    "ClaimState",
    "CompetitionState",
    "ComplaintState",
    "ConflictState",
    "ConsultantState",
    "DiscussionState",
    "InvitationState",
    "ItemState",
    "MeetingState",
    "ProgrammeState",
    "VoucherState",
]
