"""Consultants: their work list and profile, and their accreditation by the operator."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.core.errors import DomainError
from grants_app.database import unit_of_work
from grants_app.lifecycle import ConsultantState
from grants_app.permissions import Permission
from grants_app.vouchers import queries
from grants_app.vouchers.forms import ConsultantForm, ReasonForm
from grants_app.vouchers.routes.blueprint import blueprint, lang, service_title
from grants_app.vouchers.services import programme as steps
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form

Answer = str | Response | tuple[str, int]


@blueprint.get("/work")
@requires(Permission.VOUCHER_WORK)
def work() -> str:
    """Scopes to sign and services to deliver."""
    rows = queries.register_rows(current_user, lang())
    return render_template("vouchers/work.html", rows=rows, consultant=queries.consultant_of(current_user))


@blueprint.get("/profile")
@requires(Permission.VOUCHER_WORK)
def profile() -> str:
    """The profile, or the form that asks for accreditation."""
    return _profile_page(_consultant_form())


@blueprint.post("/profile")
@requires(Permission.VOUCHER_WORK)
def apply() -> Answer:
    """Ask for accreditation."""
    form = _consultant_form()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                steps.apply_as_consultant(
                    current_user,
                    name=form.name.data or "",
                    tax_code=form.tax_code.data or "",
                    about=form.about.data or "",
                    services=form.services.data or [],
                )
                unit.answer = url_for("vouchers.profile")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _profile_page(form), 422


@blueprint.get("/accreditation")
@requires(Permission.VOUCHER_PROGRAMME_EDIT)
def accreditation() -> str:
    """Consultants by state, with what the operator can do."""
    return _accreditation_page(None)


@blueprint.post("/accreditation/<string:code>/accredit")
@requires(Permission.VOUCHER_PROGRAMME_EDIT)
def accredit(code: str) -> Response:
    """Put a consultant on the list."""
    consultant = queries.consultant_by_code(code)
    with unit_of_work() as unit:
        steps.accredit(consultant, by=current_user)
        unit.answer = url_for("vouchers.accreditation")
    return redirect(unit.answer)


@blueprint.post("/accreditation/<string:code>/suspend")
@requires(Permission.VOUCHER_PROGRAMME_EDIT)
def suspend(code: str) -> Answer:
    """Take a consultant off the list, with a reason."""
    consultant = queries.consultant_by_code(code)
    form = ReasonForm()
    if form.validate_on_submit():
        with unit_of_work() as unit:
            steps.suspend_consultant(consultant, by=current_user, reason=form.reason.data or "")
            unit.answer = url_for("vouchers.accreditation")
        return redirect(unit.answer)
    return _accreditation_page(form, code), 422


def _accreditation_page(form: ReasonForm | None, failed_code: str = "") -> str:
    titles = {service.code: service_title(service, lang()) for service in queries.catalogue()}
    found = queries.consultants(states=tuple(ConsultantState))
    return render_template(
        "vouchers/accreditation.html",
        consultants=found,
        titles=titles,
        reason_form=form or ReasonForm(formdata=None),
        failed=form,
        failed_code=failed_code,
    )


def _consultant_form() -> ConsultantForm:
    form = ConsultantForm()
    form.services.choices = [(service.code, service_title(service, lang())) for service in queries.catalogue()]
    return form


def _profile_page(form: ConsultantForm) -> str:
    titles = {service.code: service_title(service, lang()) for service in queries.catalogue()}
    return render_template(
        "vouchers/profile.html", form=form, consultant=queries.consultant_of(current_user), titles=titles
    )
