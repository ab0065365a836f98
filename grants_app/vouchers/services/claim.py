"""The claim: submitted with its proofs, checked by a second person, paid by a third, once."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from stdnum import iban as _iban

from grants_app.accounts.models import User
from grants_app.budget import services as budget
from grants_app.core import clock, figures
from grants_app.core.errors import InvalidInput, NotAllowed, WrongState
from grants_app.core.figures import Figure
from grants_app.database import db, lock
from grants_app.journal.services import advance
from grants_app.lifecycle import ClaimState, VoucherState
from grants_app.vouchers import policy
from grants_app.vouchers.models import Claim, ProgrammeService, Voucher
from grants_app.vouchers.rules import Compensation, compensation
from grants_app.vouchers.services.letters import tell_organisation
from grants_app.vouchers.services.request import locked_voucher


def expected_compensation(voucher: Voucher) -> Compensation:
    """What the act of this voucher will bring: the least of face value and share, within the catalogue's ceiling."""
    if voucher.act is None:
        raise WrongState("The consultant has not drawn up the act yet")
    offer = db.session.scalars(
        sa.select(ProgrammeService).filter_by(programme_id=voucher.programme_id, service_id=voucher.service_id)
    ).one()
    return compensation(
        face_kop=voucher.face_kop,
        compensated_bp=voucher.compensated_bp,
        hours_milli=voucher.act.hours_milli,
        total_kop=voucher.act.total_kop,
        max_rate_kop=offer.max_rate_kop,
    )


def submit_claim(
    voucher: Voucher,
    *,
    invoice_number: str,
    invoice_day: date,
    payee_iban: str,
    copayment_proof: str,
    rating: int,
    feedback: str,
    by: User,
) -> Claim:
    """The head claims the compensation for a delivered service; the amount is computed, never typed.

    Raises InvalidInput by field; a returned claim may be sent again with corrections.
    """
    voucher = locked_voucher(voucher.id)
    if reason := policy.why_not_act_for_organisation(by, voucher):
        raise NotAllowed(reason)
    if voucher.state is not VoucherState.DELIVERED or voucher.act is None:
        raise WrongState("The claim follows the act of services signed by both")
    _check_papers(voucher, invoice_number, invoice_day, payee_iban)
    if not 1 <= rating <= 5:
        raise InvalidInput("Mark the service from 1 to 5", field="rating")
    sums = expected_compensation(voucher)
    if sums.own_part_kop > 0 and not copayment_proof:
        raise InvalidInput("Name the payment document of the organisation’s own part", field="copayment_proof")
    claim = voucher.claim or Claim(voucher_id=voucher.id, state=ClaimState.DRAFT)
    if claim.state not in {ClaimState.DRAFT, ClaimState.RETURNED}:
        raise WrongState("The claim has been sent already")
    claim.consultant_id = voucher.act.consultant_id
    claim.invoice_number, claim.invoice_day = invoice_number, invoice_day
    claim.payee_iban, claim.copayment_proof = _iban.compact(payee_iban), copayment_proof
    claim.eligible_kop, claim.amount_kop, claim.deciding_limit = (
        sums.eligible_kop,
        sums.amount_kop,
        sums.deciding_limit,
    )
    claim.rating, claim.feedback = rating, feedback
    claim.submitted_at, claim.submitted_by_id = clock.now(), by.id
    db.session.add(claim)
    claim.voucher = voucher
    advance(claim, "submit", by=by, facts={"amount_kop": sums.amount_kop, "invoice": invoice_number})
    return claim


def return_claim(claim: Claim, *, by: User, reason: str) -> None:
    """Send the claim back with what to mend."""
    claim = _checked(claim, by)
    advance(claim, "return", by=by, reason=reason)
    claim.reason = reason
    tell_organisation(claim.voucher, "claim_returned", reason=reason)


def approve_claim(claim: Claim, *, by: User) -> None:
    """A second person confirms papers and amount."""
    claim = _checked(claim, by)
    claim.checked_at, claim.checked_by_id = clock.now(), by.id
    advance(claim, "approve", by=by, facts={"amount_kop": claim.amount_kop})
    tell_organisation(claim.voucher, "claim_approved", amount=Figure(figures.money_exact, claim.amount_kop))


def reject_claim(claim: Claim, *, by: User, reason: str) -> None:
    """Refuse for good; the voucher is cancelled and its money returns to the fund."""
    claim = _checked(claim, by)
    claim.checked_at, claim.checked_by_id = clock.now(), by.id
    advance(claim, "reject", by=by, reason=reason)
    claim.reason = reason
    voucher = claim.voucher
    advance(voucher, "reject_claim", by=by, reason=reason)
    voucher.reason, voucher.ended_at = reason, clock.now()
    budget.release(
        voucher.programme.budget_line, voucher.face_kop, thing="voucher", code=voucher.journal_code, by=by, note=reason
    )
    tell_organisation(voucher, "claim_rejected", reason=reason)


def pay_claim(claim: Claim, *, reference: str, by: User) -> None:
    """Record the payment: the voucher is used, once; what the face value exceeds the payment returns to the fund."""
    voucher = locked_voucher(claim.voucher_id)
    claim = _locked_claim(claim.id)
    if reason := policy.why_not_pay(by, claim):
        raise NotAllowed(reason)
    if not reference:
        raise InvalidInput("Give the number of the payment document", field="reference")
    claim.paid_at, claim.paid_by_id, claim.payment_reference = clock.now(), by.id, reference
    advance(claim, "pay", by=by, facts={"amount_kop": claim.amount_kop})
    advance(voucher, "redeem", by=by)
    voucher.ended_at = clock.now()
    line = voucher.programme.budget_line
    budget.spend(line, claim.amount_kop, thing="voucher", code=voucher.journal_code, by=by, note=reference)
    rest_kop = voucher.face_kop - claim.amount_kop
    if rest_kop:
        budget.release(line, rest_kop, thing="voucher", code=voucher.journal_code, by=by, note="not used")
    tell_organisation(voucher, "claim_paid", amount=Figure(figures.money_exact, claim.amount_kop))


def _locked_claim(claim_id: int) -> Claim:
    found: Claim = db.session.scalars(lock(sa.select(Claim).filter_by(id=claim_id))).one()
    return found


def _checked(claim: Claim, by: User) -> Claim:
    locked_voucher(claim.voucher_id)
    claim = _locked_claim(claim.id)
    if reason := policy.why_not_check(by, claim):
        raise NotAllowed(reason)
    return claim


def _check_papers(voucher: Voucher, invoice_number: str, invoice_day: date, payee_iban: str) -> None:
    assert voucher.act is not None  # checked by the caller
    if not invoice_number:
        raise InvalidInput("Give the number of the invoice", field="invoice_number")
    if invoice_day > clock.today() or invoice_day < clock.kyiv(voucher.issued_at or clock.now()).date():
        raise InvalidInput(
            "The invoice must be dated after the voucher was issued and not in the future", field="invoice_day"
        )
    compact = _iban.compact(payee_iban)
    if not (compact.startswith("UA") and len(compact) == 29 and _iban.is_valid(compact)):
        raise InvalidInput("Check the IBAN: UA and 27 digits, the check digits must agree", field="payee_iban")
    twin = db.session.scalar(
        sa.select(Claim).filter_by(consultant_id=voucher.act.consultant_id, invoice_number=invoice_number)
    )
    if twin is not None and twin.voucher_id != voucher.id:
        raise InvalidInput("This invoice has been claimed under another voucher", field="invoice_number")
