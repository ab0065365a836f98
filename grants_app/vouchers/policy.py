"""Whether this person may do it to this voucher: an English msgid of the reason, or nothing."""

from __future__ import annotations

from grants_app.accounts.models import User
from grants_app.journal.services import Actor
from grants_app.permissions import Permission, Role
from grants_app.vouchers.models import Claim, Consultant, Voucher

PARTY = "A party to the service cannot check its claim"


def why_not_request(user: User, organisation_id: int) -> str | None:
    """Only the head asks for a voucher."""
    if user.role_in(organisation_id) is not Role.NGO_HEAD:
        return "Only the head of the organisation may do this"
    return None


def why_not_act_for_organisation(user: User, voucher: Voucher) -> str | None:
    """Scope, act and claim are signed by the head."""
    return why_not_request(user, voucher.organisation_id)


def why_not_serve(user: User, consultant: Consultant | None) -> str | None:
    """A consultant signs for himself only."""
    if consultant is None or consultant.user_id != user.id:
        return "This is the consultant’s step"
    return None


def why_not_check(user: User, claim: Claim) -> str | None:
    """The checker is neither the issuer nor a party."""
    if not user.can(Permission.VOUCHER_CHECK):
        return "Your role does not allow this step"
    if user.id == claim.voucher.issued_by_id:
        return "You issued this voucher: another person checks the claim"
    if user.id in {claim.submitted_by_id, claim.consultant.user_id} or _is_holder(user, claim.voucher):
        return PARTY
    return None


def why_not_pay(user: User, claim: Claim) -> str | None:
    """The payer is neither the issuer nor the checker."""
    if not user.can(Permission.VOUCHER_PAY):
        return "Your role does not allow this step"
    if user.id in {claim.voucher.issued_by_id, claim.checked_by_id}:
        return "Payment is recorded by a third person: not the issuer and not the checker"
    if user.id in {claim.submitted_by_id, claim.consultant.user_id} or _is_holder(user, claim.voucher):
        return PARTY
    return None


def why_not_supervise(user: Actor, voucher: Voucher) -> str | None:
    """Nobody refuses, blocks, releases or cancels the voucher of an organisation of their own."""
    return PARTY if isinstance(user, User) and _is_holder(user, voucher) else None


def _is_holder(user: User, voucher: Voucher) -> bool:
    return user.role_in(voucher.organisation_id) is not None


def why_related(consultant: Consultant, voucher: Voucher) -> str | None:
    """Related parties: the consultant belongs to the organisation that holds the voucher."""
    if (
        voucher.organisation_id in consultant.user.organisation_ids
        or consultant.tax_code == voucher.organisation.edrpou
    ):
        return "The consultant is connected with this organisation"
    return None
