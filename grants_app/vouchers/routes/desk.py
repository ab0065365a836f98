"""The operator's desk: programmes, requests, claims, the register."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.budget import services as budget
from grants_app.core import clock
from grants_app.core.errors import DomainError
from grants_app.database import unit_of_work
from grants_app.lifecycle import ClaimState, VoucherState
from grants_app.permissions import Permission
from grants_app.vouchers import documents, queries
from grants_app.vouchers.forms import OfferForm, ProgrammeForm, ReasonForm
from grants_app.vouchers.models import VoucherProgramme
from grants_app.vouchers.routes.blueprint import blueprint, lang, service_title
from grants_app.vouchers.schemas import VoucherRegisterSchema
from grants_app.vouchers.services import programme as programme_steps
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form
from grants_app.web.export import respond

Answer = str | Response | tuple[str, int]


@blueprint.get("/programmes")
@requires(Permission.VOUCHER_PROGRAMME_EDIT)
def programmes() -> str:
    """All programmes with their money."""
    return render_template("vouchers/programmes.html", rows=queries.programme_rows(with_drafts=True))


@blueprint.get("/programmes/new")
@requires(Permission.VOUCHER_PROGRAMME_EDIT)
def new_programme() -> str:
    """The form of a new programme."""
    form = ProgrammeForm(validity_days=183, booking_days=30, yearly=2, share=8000)
    return render_template("vouchers/programme_new.html", form=form)


@blueprint.post("/programmes/new")
@requires(Permission.VOUCHER_PROGRAMME_EDIT)
def create_programme() -> Answer:
    """Open the donor's budget line and the programme on it, in one step."""
    form = ProgrammeForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                line = budget.create_line(
                    code=f"GRANT-{form.code.data}",
                    title=f"{form.donor.data}: {form.title.data}",
                    year=form.year.data,
                    source="grant",
                    limit_kop=form.fund.data,
                    by=current_user,
                )
                programme = programme_steps.create_programme(
                    code=form.code.data,
                    title=form.title.data,
                    year=form.year.data,
                    donor=form.donor.data,
                    line=line,
                    face_kop=form.face.data,
                    compensated_bp=form.share.data,
                    ends_on=form.ends_on.data or clock.today(),
                    validity_days=form.validity_days.data,
                    booking_days=form.booking_days.data,
                    yearly_per_organisation=form.yearly.data,
                    payee=form.payee.data,
                    by=current_user,
                )
                unit.answer = url_for("vouchers.programme", code=programme.code)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return render_template("vouchers/programme_new.html", form=form), 422


@blueprint.get("/programmes/<string:code>")
@requires(Permission.VOUCHER_PROGRAMME_EDIT)
def programme(code: str) -> str:
    """A programme: its money, services with ceilings, vouchers by state."""
    return _programme_page(queries.programme_by_code(code))


@blueprint.post("/programmes/<string:code>/offers")
@requires(Permission.VOUCHER_PROGRAMME_EDIT)
def offer(code: str) -> Answer:
    """Add a service or change its ceilings."""
    found = queries.programme_by_code(code)
    form = _offer_form()
    if form.validate_on_submit():
        services = {service.code: service for service in queries.catalogue()}
        try:
            with unit_of_work() as unit:
                programme_steps.offer_service(
                    found,
                    services[form.service.data],
                    max_hours_milli=form.hours.data,
                    max_rate_kop=form.rate.data,
                    by=current_user,
                )
                unit.answer = url_for("vouchers.programme", code=code)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _programme_page(queries.programme_by_code(code), offer_form=form), 422


@blueprint.post("/programmes/<string:code>/<any(activate, suspend, close):verb>")
@requires(Permission.VOUCHER_PROGRAMME_EDIT)
def move_programme(code: str, verb: str) -> Answer:
    """Activate, suspend (with a reason) or close."""
    found = queries.programme_by_code(code)
    form = ReasonForm()
    if verb != "suspend":
        del form.reason
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                if verb == "suspend":
                    programme_steps.suspend_programme(found, by=current_user, reason=form["reason"].data)
                elif verb == "activate":
                    programme_steps.activate_programme(found, by=current_user)
                else:
                    programme_steps.close_programme(found, by=current_user)
                unit.answer = url_for("vouchers.programme", code=code)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _programme_page(queries.programme_by_code(code), reason_form=form), 422


@blueprint.get("/requests")
@requires(Permission.VOUCHER_ISSUE)
def requests() -> str:
    """Requests that wait for a decision, oldest first."""
    rows = queries.register_rows(current_user, lang(), states=(VoucherState.REQUESTED,))
    rows.sort(key=lambda row: row.requested_at)
    return render_template("vouchers/requests.html", rows=rows)


@blueprint.get("/claims")
@requires(Permission.VOUCHER_CHECK, Permission.VOUCHER_PAY)
def claims() -> str:
    """Claims to check and to pay."""
    rows = queries.register_rows(current_user, lang(), states=(VoucherState.DELIVERED,))
    waiting = [row for row in rows if row.claim_state in {ClaimState.SUBMITTED, ClaimState.APPROVED}]
    return render_template("vouchers/claims.html", rows=waiting)


@blueprint.get("/register")
@requires(Permission.VOUCHER_REGISTER_READ)
def register() -> str:
    """«Реєстр ваучерів»."""
    programme, states, state = _filters()
    rows = queries.register_rows(current_user, lang(), programme=programme, states=states)
    codes = [row.code for row in queries.programme_rows(with_drafts=True)]
    return render_template(
        "vouchers/register.html",
        rows=rows,
        codes=codes,
        programme=programme or "",
        state=state,
        states=list(VoucherState),
    )


@blueprint.get("/register.<any(json, csv, xlsx, pdf):suffix>")
@requires(Permission.VOUCHER_REGISTER_READ)
def register_file(suffix: str) -> Response:
    """The register as a file: the same rows and columns."""
    programme, states, _ = _filters()
    rows = queries.register_rows(current_user, lang(), programme=programme, states=states)
    return respond(
        rows,
        VoucherRegisterSchema,
        suffix,
        file_name="voucher-register",
        document=documents.register_document(len(rows)),
    )


def _filters() -> tuple[str | None, tuple[VoucherState, ...], str]:
    state = request.args.get("state", "")
    known = {member.value: member for member in VoucherState}
    return request.args.get("programme") or None, ((known[state],) if state in known else ()), state


def _offer_form() -> OfferForm:
    form = OfferForm()
    form.service.choices = [(service.code, service_title(service, lang())) for service in queries.catalogue()]
    return form


def _programme_page(
    found: VoucherProgramme, *, offer_form: OfferForm | None = None, reason_form: ReasonForm | None = None
) -> str:
    rows = queries.register_rows(current_user, lang(), programme=found.code)
    failed = next((form for form in (offer_form, reason_form) if form is not None and form.errors), None)
    return render_template(
        "vouchers/programme.html",
        programme=found,
        line=found.budget_line,
        offers=[(item, service_title(item.service, lang())) for item in queries.offers_of(found)],
        rows=rows,
        offer_form=offer_form or _offer_form(),
        reason_form=reason_form if reason_form is not None and "reason" in reason_form else ReasonForm(formdata=None),
        failed=failed,
        words={"reserved": gettext("Reserved for vouchers"), "spent": gettext("Paid")},
    )
