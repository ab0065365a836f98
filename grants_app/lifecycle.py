"""The whole procedure as tables: every state and every step (domain section 3).

Buttons, checks, diagrams and tests are derived from here; `journal.advance` alone moves a thing along them.
"""

from __future__ import annotations

from grants_app.core.state_machine import Machine, State, Step
from grants_app.permissions import Permission as P


class CompetitionState(State):
    """«Конкурс». `open` and `closed` follow the stored instants; the clock step only records them."""

    DRAFT = "draft", "Draft", "grey"
    ANNOUNCED = "announced", "Announced", "blue"
    OPEN = "open", "Open for applications", "green"
    CLOSED = "closed", "Intake closed", "grey"
    FORMAL_CHECK = "formal_check", "Formal check", "blue"
    SCORING = "scoring", "Expert scoring", "blue"
    DELIBERATION = "deliberation", "With the commission", "purple"
    DECIDED = "decided", "Decided", "purple"
    PUBLISHED = "published", "Results published", "green"
    COMPLETED = "completed", "Completed", "grey"
    CANCELLED = "cancelled", "Cancelled", "red"


C = CompetitionState
COMPETITION = Machine(
    thing="competition",
    initial=C.DRAFT,
    finals=(C.COMPLETED, C.CANCELLED),
    steps=(
        Step("announce", (C.DRAFT,), C.ANNOUNCED, P.COMPETITION_ANNOUNCE, "Announce the competition"),
        Step("open", (C.ANNOUNCED,), C.OPEN, None, "Intake opened"),
        Step("prolong", (C.ANNOUNCED, C.OPEN), C.OPEN, P.COMPETITION_ANNOUNCE, "Prolong the intake", needs_reason=True),
        Step("close", (C.OPEN,), C.CLOSED, None, "Intake closed, register numbers given"),
        Step("start_formal_check", (C.CLOSED,), C.FORMAL_CHECK, P.COMPETITION_RUN, "Start the formal check"),
        Step("open_review", (C.FORMAL_CHECK,), C.SCORING, P.COMPETITION_RUN, "Open expert scoring"),
        Step("open_decision", (C.SCORING,), C.DELIBERATION, P.COMPETITION_RUN, "Hand over to the commission"),
        Step("decide", (C.DELIBERATION,), C.DECIDED, P.MEETING_CHAIR, "Sign the decision"),
        Step("publish", (C.DECIDED,), C.PUBLISHED, P.AWARD_PUBLISH, "Publish the results"),
        Step("complete", (C.PUBLISHED,), C.COMPLETED, P.COMPETITION_RUN, "Complete the competition"),
        Step(
            "cancel",
            (C.DRAFT, C.ANNOUNCED, C.OPEN, C.CLOSED, C.FORMAL_CHECK, C.SCORING, C.DELIBERATION),
            C.CANCELLED,
            P.COMPETITION_ANNOUNCE,
            "Cancel the competition",
            needs_reason=True,
        ),
    ),
)


class ApplicationState(State):
    """«Заявка». `published` states (awarded, reserve …) are set only by publication."""

    DRAFT = "draft", "Draft", "grey"
    SUBMITTED = "submitted", "Submitted", "blue"
    RETURNED = "returned", "Returned for correction", "yellow"
    CORRECTED = "corrected", "Corrected", "blue"
    ADMITTED = "admitted", "Admitted", "green"
    REJECTED = "rejected", "Not admitted", "red"
    AWARDED = "awarded", "Awarded", "green"
    RESERVE = "reserve", "Reserve list", "blue"
    NOT_AWARDED = "not_awarded", "Not awarded", "grey"
    BELOW_PASS_MARK = "below_pass_mark", "Below the pass mark", "grey"
    WITHDRAWN = "withdrawn", "Withdrawn", "grey"


A = ApplicationState
APPLICATION = Machine(
    thing="application",
    initial=A.DRAFT,
    finals=(A.AWARDED, A.REJECTED, A.NOT_AWARDED, A.BELOW_PASS_MARK, A.WITHDRAWN),
    steps=(
        Step("submit", (A.DRAFT,), A.SUBMITTED, P.APPLICATION_SUBMIT, "Submit the application"),
        Step("recall", (A.SUBMITTED,), A.DRAFT, P.APPLICATION_SUBMIT, "Recall for editing"),
        Step("return", (A.SUBMITTED,), A.RETURNED, P.FORMAL_CHECK, "Return for correction"),
        Step("correct", (A.RETURNED,), A.CORRECTED, P.APPLICATION_SUBMIT, "Send the corrections"),
        Step("admit", (A.SUBMITTED, A.CORRECTED), A.ADMITTED, P.FORMAL_CHECK, "Admit"),
        Step(
            "reject",
            (A.SUBMITTED, A.RETURNED, A.CORRECTED),
            A.REJECTED,
            P.FORMAL_CHECK,
            "Do not admit",
            needs_reason=True,
        ),
        Step("award", (A.ADMITTED, A.RESERVE), A.AWARDED, None, "Award published"),
        Step("keep_in_reserve", (A.ADMITTED,), A.RESERVE, None, "Reserve published"),
        Step("decline", (A.ADMITTED,), A.NOT_AWARDED, None, "Refusal published"),
        Step("fail_pass_mark", (A.ADMITTED,), A.BELOW_PASS_MARK, None, "Below the pass mark published"),
        Step(
            "withdraw",
            (A.SUBMITTED, A.RETURNED, A.CORRECTED, A.ADMITTED),
            A.WITHDRAWN,
            P.APPLICATION_SUBMIT,
            "Withdraw the application",
            needs_reason=True,
        ),
    ),
)


class AssignmentState(State):
    """«Призначення»: one expert and one application; the review sheet hangs on it."""

    PROPOSED = "proposed", "Declaration awaited", "yellow"
    ACCEPTED = "accepted", "To be scored", "blue"
    DECLINED_COI = "declined_coi", "Conflict of interest", "red"
    DECLINED_BUSY = "declined_busy", "Declined", "grey"
    IN_PROGRESS = "in_progress", "Being scored", "blue"
    DONE = "done", "Scored", "green"
    REMOVED = "removed", "Taken back", "grey"


N = AssignmentState
ASSIGNMENT = Machine(
    thing="assignment",
    initial=N.PROPOSED,
    finals=(N.DECLINED_COI, N.DECLINED_BUSY, N.REMOVED),
    steps=(
        Step("accept", (N.PROPOSED,), N.ACCEPTED, P.REVIEW_SUBMIT, "Impartiality declared"),
        Step(
            "declare_conflict",
            (N.PROPOSED, N.ACCEPTED, N.IN_PROGRESS, N.DONE),
            N.DECLINED_COI,
            P.REVIEW_SUBMIT,
            "Conflict of interest declared",
        ),
        Step("decline", (N.PROPOSED, N.ACCEPTED), N.DECLINED_BUSY, P.REVIEW_SUBMIT, "Declined"),
        Step("start", (N.ACCEPTED,), N.IN_PROGRESS, P.REVIEW_SUBMIT, "Scoring started"),
        Step("submit", (N.ACCEPTED, N.IN_PROGRESS), N.DONE, P.REVIEW_SUBMIT, "Review submitted"),
        Step("reopen", (N.DONE,), N.IN_PROGRESS, P.REVIEW_ASSIGN, "Review reopened", needs_reason=True),
        Step(
            "take_back",
            (N.PROPOSED, N.ACCEPTED, N.IN_PROGRESS),
            N.REMOVED,
            P.REVIEW_ASSIGN,
            "Assignment taken back",
            needs_reason=True,
        ),
    ),
)


class MeetingState(State):
    """«Засідання комісії»."""

    PLANNED = "planned", "Planned", "grey"
    OPEN = "open", "In session", "purple"
    CLOSED = "closed", "Closed, minutes to sign", "yellow"
    SIGNED = "signed", "Minutes signed", "green"


M = MeetingState
MEETING = Machine(
    thing="meeting",
    initial=M.PLANNED,
    finals=(M.SIGNED,),
    steps=(
        Step("open", (M.PLANNED,), M.OPEN, P.MEETING_CHAIR, "Open the meeting"),
        Step("close", (M.OPEN,), M.CLOSED, P.MEETING_CHAIR, "Close the meeting"),
        Step("sign", (M.CLOSED,), M.SIGNED, P.MEETING_CHAIR, "Sign the minutes"),
    ),
)


class ItemState(State):
    """«Питання порядку денного»."""

    WAITING = "waiting", "Not yet discussed", "grey"
    VOTING = "voting", "Vote open", "yellow"
    ADOPTED = "adopted", "Adopted", "green"
    NOT_ADOPTED = "not_adopted", "Not adopted", "red"


I = ItemState  # noqa: E741  one letter per machine, as above
ITEM = Machine(
    thing="meeting_item",
    initial=I.WAITING,
    finals=(I.ADOPTED, I.NOT_ADOPTED),
    steps=(
        Step("open_vote", (I.WAITING,), I.VOTING, P.MEETING_CHAIR, "Open the vote"),
        Step("adopt", (I.VOTING,), I.ADOPTED, P.MEETING_CHAIR, "Vote closed: adopted"),
        Step("refuse", (I.VOTING,), I.NOT_ADOPTED, P.MEETING_CHAIR, "Vote closed: not adopted"),
    ),
)


class AwardState(State):
    """«Рішення про фінансування» for one application."""

    PROPOSED = "proposed", "Proposed by the rule", "grey"
    APPROVED = "approved", "Approved", "green"
    ACCEPTED = "accepted", "Accepted by the applicant", "green"
    DECLINED = "declined", "Declined by the applicant", "grey"


W = AwardState
AWARD = Machine(
    thing="award",
    initial=W.PROPOSED,
    finals=(W.ACCEPTED, W.DECLINED),
    steps=(
        Step("approve", (W.PROPOSED,), W.APPROVED, P.MEETING_CHAIR, "Approved with the minutes"),
        Step("accept", (W.APPROVED,), W.ACCEPTED, P.AWARD_ANSWER, "Accept the money"),
        Step("decline", (W.APPROVED,), W.DECLINED, P.AWARD_ANSWER, "Decline the money"),
    ),
)


class ProgrammeState(State):
    """«Програма ваучерів»."""

    DRAFT = "draft", "Draft", "grey"
    ACTIVE = "active", "Active", "green"
    SUSPENDED = "suspended", "Suspended", "yellow"
    CLOSED = "closed", "Closed", "grey"


G = ProgrammeState
PROGRAMME = Machine(
    thing="voucher_programme",
    initial=G.DRAFT,
    finals=(G.CLOSED,),
    steps=(
        Step("activate", (G.DRAFT, G.SUSPENDED), G.ACTIVE, P.VOUCHER_PROGRAMME_EDIT, "Activate the programme"),
        Step("suspend", (G.ACTIVE,), G.SUSPENDED, P.VOUCHER_PROGRAMME_EDIT, "Suspend the programme", needs_reason=True),
        Step("close", (G.ACTIVE, G.SUSPENDED), G.CLOSED, P.VOUCHER_PROGRAMME_EDIT, "Close the programme"),
    ),
)


class VoucherState(State):
    """«Ваучер на консультаційні послуги»."""

    REQUESTED = "requested", "Requested", "blue"
    REFUSED = "refused", "Refused", "red"
    ISSUED = "issued", "Valid, not used", "green"
    BOOKED = "booked", "Scope signed", "blue"
    DELIVERED = "delivered", "Act of services signed", "blue"
    REDEEMED = "redeemed", "Used", "grey"
    EXPIRED = "expired", "Expired", "red"
    CANCELLED = "cancelled", "Cancelled", "grey"
    BLOCKED = "blocked", "Blocked for a check", "red"


V = VoucherState
VOUCHER = Machine(
    thing="voucher",
    initial=V.REQUESTED,
    finals=(V.REFUSED, V.REDEEMED, V.EXPIRED, V.CANCELLED),
    steps=(
        Step("issue", (V.REQUESTED,), V.ISSUED, P.VOUCHER_ISSUE, "Issue the voucher"),
        Step("refuse", (V.REQUESTED,), V.REFUSED, P.VOUCHER_ISSUE, "Refuse the request", needs_reason=True),
        Step("book", (V.ISSUED,), V.BOOKED, None, "Scope of work signed by both"),
        Step("deliver", (V.BOOKED,), V.DELIVERED, None, "Act of services signed by both"),
        Step("redeem", (V.DELIVERED,), V.REDEEMED, None, "Compensation paid"),
        Step("reject_claim", (V.DELIVERED,), V.CANCELLED, P.VOUCHER_CHECK, "Claim rejected", needs_reason=True),
        Step("expire", (V.ISSUED, V.BOOKED), V.EXPIRED, None, "Validity ended, money returned to the fund"),
        Step("cancel", (V.REQUESTED, V.ISSUED, V.BOOKED), V.CANCELLED, P.VOUCHER_ISSUE, "Cancel", needs_reason=True),
        Step("block", (V.ISSUED, V.BOOKED), V.BLOCKED, P.VOUCHER_CHECK, "Block", needs_reason=True),
        Step("unblock", (V.BLOCKED,), V.ISSUED, P.VOUCHER_CHECK, "Unblock", needs_reason=True),
        Step("cancel_blocked", (V.BLOCKED,), V.CANCELLED, P.VOUCHER_CHECK, "Cancel after the check", needs_reason=True),
    ),
)


class ClaimState(State):
    """«Заявка на компенсацію»."""

    DRAFT = "draft", "Draft", "grey"
    SUBMITTED = "submitted", "To be checked", "yellow"
    RETURNED = "returned", "Returned", "yellow"
    APPROVED = "approved", "Approved for payment", "blue"
    PAID = "paid", "Paid", "green"
    REJECTED = "rejected", "Rejected", "red"


L = ClaimState
CLAIM = Machine(
    thing="claim",
    initial=L.DRAFT,
    finals=(L.PAID, L.REJECTED),
    steps=(
        Step("submit", (L.DRAFT, L.RETURNED), L.SUBMITTED, None, "Claim submitted"),
        Step("return", (L.SUBMITTED,), L.RETURNED, P.VOUCHER_CHECK, "Return the claim", needs_reason=True),
        Step("approve", (L.SUBMITTED,), L.APPROVED, P.VOUCHER_CHECK, "Approve for payment"),
        Step("reject", (L.SUBMITTED, L.RETURNED), L.REJECTED, P.VOUCHER_CHECK, "Reject the claim", needs_reason=True),
        Step("pay", (L.APPROVED,), L.PAID, P.VOUCHER_PAY, "Record the payment"),
    ),
)


class ConsultantState(State):
    """«Консультант»."""

    APPLIED = "applied", "Accreditation requested", "yellow"
    ACCREDITED = "accredited", "Accredited", "green"
    SUSPENDED = "suspended", "Suspended", "grey"
    REMOVED = "removed", "Removed", "red"


K = ConsultantState
CONSULTANT = Machine(
    thing="consultant",
    initial=K.APPLIED,
    finals=(K.REMOVED,),
    steps=(
        Step("accredit", (K.APPLIED, K.SUSPENDED), K.ACCREDITED, P.VOUCHER_PROGRAMME_EDIT, "Accredit"),
        Step("suspend", (K.ACCREDITED,), K.SUSPENDED, P.VOUCHER_PROGRAMME_EDIT, "Suspend", needs_reason=True),
        Step(
            "remove",
            (K.APPLIED, K.ACCREDITED, K.SUSPENDED),
            K.REMOVED,
            P.VOUCHER_PROGRAMME_EDIT,
            "Remove",
            needs_reason=True,
        ),
    ),
)


class ComplaintState(State):
    """«Скарга»."""

    FILED = "filed", "Filed", "yellow"
    UPHELD = "upheld", "Upheld", "green"
    REJECTED = "rejected", "Rejected", "red"


B = ComplaintState
COMPLAINT = Machine(
    thing="complaint",
    initial=B.FILED,
    finals=(B.UPHELD, B.REJECTED),
    steps=(
        Step("uphold", (B.FILED,), B.UPHELD, P.AWARD_PUBLISH, "Uphold the complaint", needs_reason=True),
        Step("reject", (B.FILED,), B.REJECTED, P.AWARD_PUBLISH, "Reject the complaint", needs_reason=True),
    ),
)

MACHINES: dict[type[State], Machine] = {
    CompetitionState: COMPETITION,
    ApplicationState: APPLICATION,
    AssignmentState: ASSIGNMENT,
    MeetingState: MEETING,
    ItemState: ITEM,
    AwardState: AWARD,
    ProgrammeState: PROGRAMME,
    VoucherState: VOUCHER,
    ClaimState: CLAIM,
    ConsultantState: CONSULTANT,
    ComplaintState: COMPLAINT,
}
