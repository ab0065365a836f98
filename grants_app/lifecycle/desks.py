"""What happens around a competition: joining an organisation, questions about a call, held letters, marks of the radar,
bulk steps."""

from __future__ import annotations

from grants_app.core.state_machine import Machine, State, Step
from grants_app.permissions import Permission as P


class JoinRequestState(State):
    """«Запит на долучення» to an organisation that has an account already."""

    ASKED = "asked", "Waits for the head", "yellow"
    ACCEPTED = "accepted", "Joined", "green"
    DECLINED = "declined", "Request declined", "grey"
    WITHDRAWN = "withdrawn", "Request withdrawn", "grey"


J = JoinRequestState
JOIN_REQUEST = Machine(
    thing="join_request",
    initial=J.ASKED,
    finals=(J.ACCEPTED, J.DECLINED, J.WITHDRAWN),
    steps=(
        # Who may decide is asked of the policy: the head, or the city where there is no head any more.
        Step("accept", (J.ASKED,), J.ACCEPTED, None, "Let the person in"),
        Step("decline", (J.ASKED,), J.DECLINED, None, "Decline the request"),
        Step("withdraw", (J.ASKED,), J.WITHDRAWN, None, "Withdraw the request"),
    ),
)


class CallQuestionState(State):
    """«Запитання про конкурс»: public once answered."""

    ASKED = "asked", "Waits for an answer", "yellow"
    ANSWERED = "answered", "Answered", "green"
    DECLINED = "declined", "Not published", "grey"


Q = CallQuestionState
CALL_QUESTION = Machine(
    thing="call_question",
    initial=Q.ASKED,
    finals=(Q.ANSWERED, Q.DECLINED),
    steps=(
        Step("answer", (Q.ASKED,), Q.ANSWERED, P.CALL_ANSWER, "Answer in public"),
        Step("decline", (Q.ASKED,), Q.DECLINED, P.CALL_ANSWER, "Do not publish the question", needs_reason=True),
    ),
)


class LetterBatchState(State):
    """«Листи однієї масової дії»: nothing leaves before somebody has seen the list."""

    HELD = "held", "Waits for release", "yellow"
    RELEASED = "released", "Released", "green"
    WITHDRAWN = "withdrawn", "Letters withdrawn", "grey"


B = LetterBatchState
LETTER_BATCH = Machine(
    thing="letter_batch",
    initial=B.HELD,
    finals=(B.RELEASED, B.WITHDRAWN),
    steps=(
        Step("release", (B.HELD,), B.RELEASED, P.OUTBOX_RELEASE, "Release the letters"),
        Step("withdraw", (B.HELD,), B.WITHDRAWN, P.OUTBOX_RELEASE, "Withdraw the letters"),
        Step("withdraw_with_step", (B.HELD,), B.WITHDRAWN, None, "Withdrawn with the step that wrote them"),
    ),
)


class FlagState(State):
    """«Позначка радара»: a likeness that a person has to judge."""

    OPEN = "open", "To be looked at", "yellow"
    CONFIRMED = "confirmed", "Confirmed", "red"
    DISMISSED = "dismissed", "No problem", "grey"


F = FlagState
FLAG = Machine(
    thing="flag",
    initial=F.OPEN,
    finals=(),
    steps=(
        Step("confirm", (F.OPEN, F.DISMISSED), F.CONFIRMED, P.FORMAL_CHECK, "Confirm the mark", needs_reason=True),
        Step("dismiss", (F.OPEN, F.CONFIRMED), F.DISMISSED, P.FORMAL_CHECK, "Dismiss the mark", needs_reason=True),
    ),
)


class BulkStepState(State):
    """«Масова дія»: may be undone as a whole for a while."""

    OPEN = "open", "Can be undone", "yellow"
    FINAL = "final", "Done", "green"
    UNDONE = "undone", "Undone", "grey"


S = BulkStepState
BULK_STEP = Machine(
    thing="bulk_step",
    initial=S.OPEN,
    finals=(S.FINAL, S.UNDONE),
    steps=(
        Step("undo", (S.OPEN,), S.UNDONE, P.FORMAL_CHECK, "Undo the step"),
        Step("settle", (S.OPEN,), S.FINAL, None, "The time for undoing has passed"),
    ),
)
