"""Meetings of the commission, items, awards, complaints."""

from __future__ import annotations

from grants_app.core.state_machine import Machine, State, Step
from grants_app.permissions import Permission as P


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
