"""Assignments, invitations of experts, conflicts of interest, discussions."""

from __future__ import annotations

from grants_app.core.state_machine import Machine, State, Step
from grants_app.permissions import Permission as P


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
        Step(
            "end_by_conflict",
            (N.PROPOSED, N.ACCEPTED, N.IN_PROGRESS, N.DONE),
            N.DECLINED_COI,
            None,
            "Conflict of interest confirmed",
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
        Step(
            "revise",
            (N.DONE,),
            N.IN_PROGRESS,
            P.REVIEW_SUBMIT,
            "Review opened by the expert after the discussion",
            needs_reason=True,
        ),
        Step("recall", (N.DONE,), N.IN_PROGRESS, P.REVIEW_SUBMIT, "Review recalled by the expert"),
        Step(
            "abstain",
            (N.ACCEPTED, N.IN_PROGRESS),
            N.DECLINED_BUSY,
            P.REVIEW_SUBMIT,
            "Expert abstained",
            needs_reason=True,
        ),
    ),
)


class InvitationState(State):
    """«Запрошення експерта» to the panel of one competition."""

    INVITED = "invited", "Answer awaited", "yellow"
    ACCEPTED = "accepted", "Agreed to score", "green"
    DECLINED = "declined", "Declined", "grey"
    LAPSED = "lapsed", "No answer in time", "red"
    WITHDRAWN = "withdrawn", "Invitation withdrawn", "grey"
    REMOVED = "removed", "Removed from the panel", "red"


H = InvitationState
INVITATION = Machine(
    thing="panel_invitation",
    initial=H.INVITED,
    finals=(),
    steps=(
        Step("accept", (H.INVITED,), H.ACCEPTED, None, "Invitation accepted, agreement signed"),
        Step("decline", (H.INVITED, H.ACCEPTED), H.DECLINED, None, "Invitation declined"),
        Step("lapse", (H.INVITED,), H.LAPSED, None, "The term of the answer has passed"),
        # While an answer is awaited too: the letter was lost or the term moves; the earlier link stops working.
        Step(
            "invite_again",
            (H.INVITED, H.LAPSED, H.DECLINED, H.WITHDRAWN, H.REMOVED),
            H.INVITED,
            P.REVIEW_ASSIGN,
            "Invite again",
        ),
        Step("withdraw", (H.INVITED, H.LAPSED, H.DECLINED), H.WITHDRAWN, P.REVIEW_ASSIGN, "Withdraw the invitation"),
        # Who has agreed and may not go on: what they have finished stays and counts, the rest is given to others.
        Step("remove", (H.ACCEPTED,), H.REMOVED, P.REVIEW_ASSIGN, "Remove from the panel", needs_reason=True),
    ),
)


class ConflictState(State):
    """«Конфлікт інтересів» of a person with an application."""

    OPEN = "open", "The chair decides", "yellow"
    CONFIRMED = "confirmed", "Conflict confirmed", "red"
    DISMISSED = "dismissed", "No conflict", "grey"


F = ConflictState
CONFLICT = Machine(
    thing="conflict",
    initial=F.OPEN,
    finals=(F.CONFIRMED, F.DISMISSED),
    steps=(
        Step("stand", (F.OPEN,), F.CONFIRMED, None, "Conflict declared by the person"),
        # The chair, or about the chair the deputy: the stage's policy knows who of the commission decides on whom.
        Step("confirm", (F.OPEN,), F.CONFIRMED, None, "Confirm the conflict", needs_reason=True),
        Step("dismiss", (F.OPEN,), F.DISMISSED, None, "Find no conflict", needs_reason=True),
    ),
)


class DiscussionState(State):
    """«Обговорення» of one application by its experts."""

    OPEN = "open", "Discussion open", "yellow"
    CLOSED = "closed", "Discussion closed", "grey"


D = DiscussionState
DISCUSSION = Machine(
    thing="discussion",
    initial=D.OPEN,
    finals=(),
    steps=(
        Step("close", (D.OPEN,), D.CLOSED, P.REVIEW_ASSIGN, "Close the discussion", needs_reason=True),
        Step("reopen", (D.CLOSED,), D.OPEN, None, "Discussion opened again"),
    ),
)
