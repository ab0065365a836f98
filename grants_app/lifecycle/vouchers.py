"""Voucher programmes, vouchers, claims, consultants."""

from __future__ import annotations

from grants_app.core.state_machine import Machine, State, Step
from grants_app.permissions import Permission as P


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
