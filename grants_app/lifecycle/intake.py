"""A competition and its applications."""

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
    finals=(A.AWARDED, A.NOT_AWARDED, A.BELOW_PASS_MARK, A.WITHDRAWN),
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
        # The commission's minutes decide where the call says so; the signature of the chair takes the step.
        Step("admit_by_minutes", (A.SUBMITTED, A.CORRECTED), A.ADMITTED, None, "Admitted by the commission"),
        Step(
            "reject_by_minutes",
            (A.SUBMITTED, A.RETURNED, A.CORRECTED),
            A.REJECTED,
            None,
            "Not admitted by the commission",
            needs_reason=True,
        ),
        # A bulk step is undone as a whole, by the desk that took it, before anything has left.
        Step(
            "undo_to_submitted",
            (A.ADMITTED, A.REJECTED, A.RETURNED),
            A.SUBMITTED,
            P.FORMAL_CHECK,
            "The check is undone",
        ),
        Step("undo_to_corrected", (A.ADMITTED, A.REJECTED), A.CORRECTED, P.FORMAL_CHECK, "The check is undone"),
        Step("undo_to_returned", (A.REJECTED,), A.RETURNED, P.FORMAL_CHECK, "The check is undone"),
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
