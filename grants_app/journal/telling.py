"""Who is told of what: for every step of every state table the letters that it writes, or why it writes none.

A test walks the tables of the lifecycle along this one, so that no step is added in silence.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Silent:
    """A step that writes no letter, and why that is right."""

    why: str


Told = tuple[str, ...] | Silent

OWN_ACT = Silent("Whoever acts sees the answer on the page; nobody else has to do anything")
DESK = Silent("An inner step of the desk: it stands in its work list")
PUBLIC = Silent("The public page of the call says it, on the day that was announced")
BEFOREHAND = Silent("Nothing is told of a decision before it is published")
WITH_BATCH = Silent("Letters of the bulk step are withdrawn with it: nobody had been told")
IN_ROOM = Silent("The commission is in session and sees it")

STEPS: dict[str, dict[str, Told]] = {
    "competition": {
        "announce": PUBLIC,
        "open": PUBLIC,
        "prolong": ("competition_prolonged",),
        "close": PUBLIC,
        "start_formal_check": PUBLIC,
        "open_review": ("review_opened",),
        "open_decision": Silent("The commission gets the invitation to its meeting (meeting_planned)"),
        "decide": BEFOREHAND,
        "publish": ("award_full", "award_partial", "award_reserve", "award_refused"),
        "complete": PUBLIC,
        "cancel": ("competition_cancelled",),
    },
    "application": {
        "submit": ("application_received", "late_application_received"),
        "recall": ("application_recalled",),
        "return": ("application_returned",),
        "correct": ("application_corrected",),
        "admit": ("application_admitted",),
        "reject": ("application_rejected",),
        "admit_by_minutes": ("application_admitted_by_minutes",),
        "reject_by_minutes": ("application_rejected_by_minutes",),
        "undo_to_submitted": WITH_BATCH,
        "undo_to_corrected": WITH_BATCH,
        "undo_to_returned": WITH_BATCH,
        "award": ("award_full", "award_partial", "award_released"),
        "keep_in_reserve": ("award_reserve",),
        "decline": ("award_refused",),
        "fail_pass_mark": ("award_refused",),
        "withdraw": ("application_withdrawn",),
    },
    "join_request": {"accept": ("join_accepted",), "decline": ("join_declined",), "withdraw": OWN_ACT},
    "call_question": {"answer": ("call_question_answered",), "decline": ("call_question_declined",)},
    "letter_batch": {"release": DESK, "withdraw": DESK, "withdraw_with_step": DESK},
    "flag": {"confirm": DESK, "dismiss": DESK},
    "bulk_step": {"undo": WITH_BATCH, "settle": DESK},
    "assignment": {
        "accept": OWN_ACT,
        "declare_conflict": ("conflict_declared",),
        "end_by_conflict": ("conflict_confirmed", "conflict_replace"),
        # With the whole panel an expert leaves every assignment: one letter says so.
        "decline": ("assignment_declined", "panel_left"),
        "start": OWN_ACT,
        "submit": OWN_ACT,
        "reopen": ("review_reopened",),
        "take_back": ("review_taken_back",),
        "revise": OWN_ACT,
        "recall": OWN_ACT,
        "abstain": ("review_abstained", "panel_left"),
    },
    "panel_invitation": {
        "accept": ("panel_accepted",),
        "decline": ("panel_declined", "panel_left"),
        "lapse": Silent("The letter of invitation named the term after which the place is free"),
        "invite_again": ("panel_invitation",),
        "withdraw": ("panel_withdrawn",),
        "remove": ("panel_removed", "panel_left"),
    },
    "conflict": {
        "stand": ("conflict_declared", "conflict_own", "conflict_late", "conflict_replace"),
        "confirm": ("conflict_confirmed", "conflict_replace"),
        "dismiss": ("conflict_cleared", "conflict_answered"),
    },
    "discussion": {
        "close": Silent("Whoever took part sees it in the thread; nothing is left to do"),
        "reopen": ("discussion_opened",),
    },
    "meeting": {"open": IN_ROOM, "close": IN_ROOM, "sign": BEFOREHAND},
    "meeting_item": {"open_vote": IN_ROOM, "adopt": IN_ROOM, "refuse": IN_ROOM},
    "award": {"approve": BEFOREHAND, "accept": ("award_accepted",), "decline": ("award_declined",)},
    "complaint": {"uphold": ("complaint_decided",), "reject": ("complaint_decided",)},
    "voucher_programme": {
        "activate": ("programme_resumed",),
        "suspend": ("programme_suspended",),
        "close": ("programme_closed",),
    },
    "voucher": {
        "issue": ("voucher_issued",),
        "refuse": ("voucher_refused",),
        "book": ("voucher_booked",),
        "deliver": Silent("The organisation signs the act itself, last; the claim is its next task"),
        "redeem": ("claim_paid",),
        "reject_claim": ("claim_rejected",),
        "expire": ("voucher_expired",),
        "cancel": ("voucher_cancelled",),
        "block": ("voucher_blocked",),
        "unblock": ("voucher_unblocked",),
        "cancel_blocked": ("voucher_cancelled",),
    },
    "claim": {
        "submit": DESK,
        "return": ("claim_returned",),
        "approve": ("claim_approved",),
        "reject": ("claim_rejected",),
        "pay": ("claim_paid",),
    },
    "consultant": {
        "accredit": ("consultant_accredited",),
        "suspend": ("consultant_suspended",),
        "remove": Silent("No page takes this step: a suspended consultant gets no new work"),
    },
}
