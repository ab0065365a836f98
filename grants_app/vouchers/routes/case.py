"""One voucher from request to payment: the same page for organisation, consultant, operator and finance."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.core.errors import DomainError, NotFound
from grants_app.core.identifiers import grouped
from grants_app.database import unit_of_work
from grants_app.lifecycle import VoucherState
from grants_app.permissions import Permission
from grants_app.vouchers import documents, policy, queries
from grants_app.vouchers.forms import (
    ActForm,
    ClaimForm,
    PaymentForm,
    ReasonForm,
    ScopeForm,
    SignForm,
    request_form,
)
from grants_app.vouchers.models import Voucher
from grants_app.vouchers.routes.blueprint import blueprint, lang, service_title
from grants_app.vouchers.rules import AREAS
from grants_app.vouchers.services import claim as claims
from grants_app.vouchers.services import delivery
from grants_app.vouchers.services import request as requests
from grants_app.web.access import requires, signed_in
from grants_app.web.errors import put_on_form
from grants_app.web.export import download, draw
from grants_app.web.fields import Form
from grants_app.web.formatting import day_short

Answer = str | Response | tuple[str, int]


@blueprint.get("/request/<string:code>")
@requires(Permission.VOUCHER_REQUEST)
def new_request(code: str) -> str:
    """The form of a request to one programme."""
    return _request_page(code, None)


@blueprint.post("/request/<string:code>")
@requires(Permission.VOUCHER_REQUEST)
def send_request(code: str) -> Answer:
    """Send the request."""
    programme = queries.programme_by_code(code)
    offers = {offer.service.code: offer.service for offer in queries.offers_of(programme)}
    form = request_form([(key, service_title(service, lang())) for key, service in offers.items()])
    if form.validate_on_submit():
        marks = {area: int(form[f"area_{area}"].data) for area, _ in AREAS}
        try:
            with unit_of_work() as unit:
                voucher = requests.request_voucher(
                    programme,
                    _own_organisation(),
                    offers[form["service"].data],
                    need=form["need"].data,
                    self_assessment=marks,
                    by=current_user,
                )
                unit.answer = url_for("vouchers.case", key=voucher.key)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _request_page(code, form), 422


@blueprint.get("/cases/<string:key>")
@signed_in
def case(key: str) -> str:
    """Where the voucher stands, whose turn it is and till when."""
    return _case_page(queries.case_for(current_user, key))


@blueprint.get("/cases/<string:key>/<any(certificate, scope, act):paper>.pdf")
@signed_in
def paper(key: str, paper: str) -> Response:
    """A paper of the case as PDF."""
    voucher = queries.case_for(current_user, key)
    title = service_title(voucher.service, "uk")
    if paper == "certificate" and voucher.code is not None and _may_see_code(voucher):
        return download(draw(documents.certificate(voucher, title)), "pdf", f"voucher-{voucher.number}")
    if paper == "scope" and voucher.scope is not None:
        return download(draw(documents.scope_document(voucher, voucher.scope, title)), "pdf", f"scope-{voucher.number}")
    if paper == "act" and voucher.act is not None and voucher.scope is not None:
        document = documents.act_document(voucher, voucher.act, voucher.scope.consultant.name, title)
        return download(draw(document), "pdf", f"act-{voucher.number}")
    raise NotFound


@blueprint.post("/cases/<string:key>/scope")
@requires(Permission.VOUCHER_REQUEST)
def propose_scope(key: str) -> Answer:
    """The head proposes and signs the scope of work."""
    voucher = queries.case_for(current_user, key)
    form = _scope_form(voucher)

    def act(data: dict[str, Any]) -> None:
        consultant = queries.consultant_by_code(data["consultant"])
        delivery.propose_scope(
            voucher,
            consultant,
            description=data["description"],
            hours_milli=data["hours"],
            rate_kop=data["rate"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            by=current_user,
        )

    return _carry_out(voucher, form, act, "scope_form")


@blueprint.post("/cases/<string:key>/scope/sign")
@requires(Permission.VOUCHER_WORK)
def sign_scope(key: str) -> Answer:
    """The consultant signs the scope."""
    voucher = queries.case_for(current_user, key)
    return _carry_out(
        voucher,
        SignForm(),
        lambda data: delivery.sign_scope(voucher, by=current_user, digest=data["digest"]),
        "sign_form",
    )


@blueprint.post("/cases/<string:key>/act")
@requires(Permission.VOUCHER_WORK)
def file_act(key: str) -> Answer:
    """The consultant draws up the act."""
    voucher = queries.case_for(current_user, key)

    def act(data: dict[str, Any]) -> None:
        delivery.file_act(
            voucher,
            number=data["number"],
            day=data["day"],
            content=data["content"],
            hours_milli=data["hours"],
            by=current_user,
        )

    return _carry_out(voucher, ActForm(), act, "act_form")


@blueprint.post("/cases/<string:key>/act/sign")
@requires(Permission.VOUCHER_REQUEST)
def sign_act(key: str) -> Answer:
    """The head confirms the services."""
    voucher = queries.case_for(current_user, key)
    return _carry_out(
        voucher,
        SignForm(),
        lambda data: delivery.sign_act(voucher, by=current_user, digest=data["digest"]),
        "sign_form",
    )


@blueprint.post("/cases/<string:key>/claim")
@requires(Permission.VOUCHER_REQUEST)
def submit_claim(key: str) -> Answer:
    """The head claims the compensation."""
    voucher = queries.case_for(current_user, key)

    def act(data: dict[str, Any]) -> None:
        claims.submit_claim(
            voucher,
            invoice_number=data["invoice_number"],
            invoice_day=data["invoice_day"],
            payee_iban=data["payee_iban"],
            copayment_proof=data["copayment_proof"],
            rating=int(data["rating"]),
            feedback=data["feedback"],
            by=current_user,
        )

    return _carry_out(voucher, ClaimForm(), act, "claim_form")


@blueprint.post("/cases/<string:key>/<any(issue, approve):verb>")
@requires(Permission.VOUCHER_ISSUE, Permission.VOUCHER_CHECK)
def decide(key: str, verb: str) -> Answer:
    """The operator issues a voucher, or a second person approves its claim."""
    voucher = queries.case_for(current_user, key)

    def act(_data: dict[str, Any]) -> None:
        if verb == "issue":
            requests.issue_voucher(voucher, by=current_user)
        elif voucher.claim is not None:
            claims.approve_claim(voucher.claim, by=current_user)
        else:
            raise NotFound

    return _carry_out(voucher, Form(), act, "plain_form")


@blueprint.post("/cases/<string:key>/<any(refuse, cancel, block, unblock, return, reject):verb>")
@requires(Permission.VOUCHER_ISSUE, Permission.VOUCHER_CHECK)
def decide_with_reason(key: str, verb: str) -> Answer:
    """Steps that need a reason."""
    voucher = queries.case_for(current_user, key)

    def act(data: dict[str, Any]) -> None:
        if verb in {"return", "reject"}:
            if voucher.claim is None:
                raise NotFound
            step = claims.return_claim if verb == "return" else claims.reject_claim
            step(voucher.claim, by=current_user, reason=data["reason"])
            return
        steps = {
            "refuse": requests.refuse_voucher,
            "cancel": requests.cancel_voucher,
            "block": requests.block_voucher,
            "unblock": requests.unblock_voucher,
        }
        steps[verb](voucher, by=current_user, reason=data["reason"])

    return _carry_out(voucher, ReasonForm(), act, "reason_form", verb=verb)


@blueprint.post("/cases/<string:key>/pay")
@requires(Permission.VOUCHER_PAY)
def pay(key: str) -> Answer:
    """Finance records the payment."""
    voucher = queries.case_for(current_user, key)

    def act(data: dict[str, Any]) -> None:
        if voucher.claim is None:
            raise NotFound
        claims.pay_claim(voucher.claim, reference=data["reference"], by=current_user)

    return _carry_out(voucher, PaymentForm(), act, "payment_form")


def _carry_out(voucher: Voucher, form: Form, act: Any, name: str, *, verb: str = "") -> Answer:
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                act(form.data)
                unit.answer = url_for("vouchers.case", key=voucher.key)
            return redirect(unit.answer)
        except NotFound:
            raise
        except DomainError as error:
            put_on_form(form, error)
    return _case_page(queries.case_for(current_user, voucher.key), failed_verb=verb, **{name: form}), 422


def _own_organisation() -> Any:
    for membership in current_user.memberships:
        if membership.ended_at is None and not policy.why_not_request(current_user, membership.organisation_id):
            return membership.organisation
    raise NotFound


def _request_page(code: str, form: Form | None) -> str:
    programme = queries.programme_by_code(code)
    offers = queries.offers_of(programme)
    if form is None:
        form = request_form([(offer.service.code, service_title(offer.service, lang())) for offer in offers])
    return render_template(
        "vouchers/request.html",
        programme=programme,
        offers=offers,
        form=form,
        areas=AREAS,
        organisation=_own_organisation(),
    )


def _scope_form(voucher: Voucher) -> ScopeForm:
    form = ScopeForm(obj=voucher.scope) if request.method == "GET" else ScopeForm()
    form.consultant.choices = [
        (consultant.code, consultant.name)
        for consultant in queries.consultants()
        if voucher.service.code in consultant.services and not policy.why_related(consultant, voucher)
    ]
    return form


def _may_see_code(voucher: Voucher) -> bool:
    return voucher.organisation_id in current_user.organisation_ids or current_user.can(Permission.VOUCHER_ISSUE)


def _case_page(voucher: Voucher, *, failed_verb: str = "", **forms: Form) -> str:
    is_consultant = voucher.scope is not None and voucher.scope.consultant.user_id == current_user.id
    may_act = not policy.why_not_act_for_organisation(current_user, voucher)
    offered: dict[str, Form | None] = dict.fromkeys(
        ("scope_form", "sign_form", "act_form", "claim_form", "reason_form", "payment_form", "plain_form")
    )
    if may_act and voucher.state is VoucherState.ISSUED:
        offered["scope_form"] = _scope_form(voucher)
    digest = _digest_to_sign(voucher, is_consultant=is_consultant, may_act=may_act)
    if digest:
        offered["sign_form"] = SignForm(formdata=None, digest=digest)
    if is_consultant and voucher.state is VoucherState.BOOKED:
        offered["act_form"] = ActForm(formdata=None)
    if may_act and voucher.state is VoucherState.DELIVERED and (voucher.claim is None or voucher.claim.reason):
        offered["claim_form"] = ClaimForm(formdata=None, obj=voucher.claim)
    if current_user.can(Permission.VOUCHER_ISSUE) or current_user.can(Permission.VOUCHER_CHECK):
        offered["reason_form"] = ReasonForm(formdata=None)
    if voucher.claim is not None and not policy.why_not_pay(current_user, voucher.claim):
        offered["payment_form"] = PaymentForm(formdata=None)
    offered.update(forms)
    failed = next((form for form in forms.values() if form.errors), None)
    return render_template(
        "vouchers/case.html",
        voucher=voucher,
        service=service_title(voucher.service, lang()),
        code=grouped(voucher.code) if voucher.code and _may_see_code(voucher) else "",
        areas=AREAS,
        steps=_steps(voucher),
        failed=failed,
        failed_verb=failed_verb,
        why_not_check=policy.why_not_check(current_user, voucher.claim) if voucher.claim else None,
        why_not_pay=policy.why_not_pay(current_user, voucher.claim) if voucher.claim else None,
        sums=claims.expected_compensation(voucher) if voucher.act is not None else None,
        may_issue=current_user.can(Permission.VOUCHER_ISSUE),
        may_check=current_user.can(Permission.VOUCHER_CHECK),
        may_pay=current_user.can(Permission.VOUCHER_PAY),
        is_consultant=is_consultant,
        last_day=queries.last_day,
        **offered,
    )


def _digest_to_sign(voucher: Voucher, *, is_consultant: bool, may_act: bool) -> str:
    if is_consultant and voucher.state is VoucherState.ISSUED and voucher.scope is not None:
        return voucher.scope.content_digest
    if may_act and voucher.state is VoucherState.BOOKED and voucher.act is not None:
        return voucher.act.content_digest
    return ""


def _steps(voucher: Voucher) -> list[dict[str, str]]:
    """The path of a voucher: what is done, what is now, what comes."""
    order = [
        (gettext("Requested"), voucher.requested_at),
        (gettext("Issued"), voucher.issued_at),
        (gettext("Scope signed by both"), voucher.scope.consultant_signed_at if voucher.scope else None),
        (gettext("Act signed by both"), voucher.act.ngo_signed_at if voucher.act else None),
        (gettext("Claim checked"), voucher.claim.checked_at if voucher.claim else None),
        (gettext("Compensation paid"), voucher.claim.paid_at if voucher.claim else None),
    ]
    done = sum(1 for _, moment in order if moment is not None)
    ended = voucher.state in {VoucherState.REFUSED, VoucherState.EXPIRED, VoucherState.CANCELLED}
    result = []
    for index, (label, moment) in enumerate(order):
        state = "done" if moment is not None else "now" if index == done and not ended else "next"
        result.append({"label": label, "when": day_short(moment) if moment is not None else "", "state": state})
    return result
