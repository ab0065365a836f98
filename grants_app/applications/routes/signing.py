"""Signing outside the account: the form to print or to sign with a key, the scan, the container."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext

from grants_app.accounts.services import second_factor
from grants_app.applications import policy, queries
from grants_app.applications.documents import form_to_sign
from grants_app.applications.forms.signing import ContainerForm, ScanForm
from grants_app.applications.models import Application
from grants_app.applications.queries.signing import SignatureRow
from grants_app.applications.routes.blueprint import blueprint, own_application, person
from grants_app.applications.routes.papers import Page, taken
from grants_app.applications.rules.signing import MODE_HINTS, QES, SCAN, SIGNATURE_MODES, printed_mark
from grants_app.applications.services import signing as services
from grants_app.core.errors import DomainError, InvalidInput, ManyErrors, NotAllowed
from grants_app.database import request_key, unit_of_work
from grants_app.lifecycle import ApplicationState
from grants_app.permissions import Permission
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form
from grants_app.web.export import download, draw
from grants_app.web.fields import Form
from grants_app.web.files import largest_file_mb, storage_of, takes_files
from grants_app.web.sealing import seal_of


@dataclass(frozen=True)
class SigningFacts:
    """What the page «check and submit» says of the ways to sign."""

    hints: dict[str, str]
    prepared: dict[str, SignatureRow]
    digest: str
    is_outside: bool  # some mode is prepared on the page of signing
    has_second_factor: bool

    def is_current(self, mode: str) -> bool:
        """Whether the prepared scan or container is over the content as it stands."""
        return mode in self.prepared and self.prepared[mode].digest == self.digest


def signing_facts(application: Application) -> SigningFacts:
    """The same for templates; nothing is computed where the call asks only for a press."""
    modes = queries.modes_of(application.competition)
    is_outside = bool({SCAN, QES} & set(modes))
    return SigningFacts(
        hints={mode: gettext(MODE_HINTS[mode]) for mode in modes},
        prepared=queries.prepared_rows(application) if is_outside else {},
        digest=queries.signing_digest(application) if is_outside else "",
        is_outside=is_outside,
        has_second_factor=person().totp_sealed is not None,
    )


def choice_of(form: Form) -> services.Choice:
    """How the head signs, from the page «check and submit»."""
    if "mode" not in form:
        return services.Choice()
    code = (form["code"].data or "") if "code" in form else ""
    return services.Choice(form["mode"].data or "", code, seal_of(current_app))


def count_wrong_code(error: DomainError) -> None:
    """A wrong code of the second factor counts towards the lock, though the sending is refused as a whole."""
    errors = error.errors if isinstance(error, ManyErrors) else [error]
    if any(one.field == "code" for one in errors):
        request_key.set(None)
        with unit_of_work():
            second_factor.note_wrong_code(person())


@blueprint.get("/<string:code>/signing")
@requires(Permission.APPLICATION_EDIT)
def signing(code: str) -> Page:
    """The form to sign, what has been signed, and whether it is still over the content as it stands."""
    return _page(own_application(code), ScanForm(), ContainerForm())


@blueprint.get("/<string:code>/signing.pdf")
@requires(Permission.APPLICATION_EDIT)
def signing_pdf(code: str) -> Page:
    """The whole application with its digest and the place of the signature."""
    application = own_application(code)
    digest = queries.signing_digest(application)
    return download(draw(form_to_sign(application, digest)), "pdf", f"to-sign-{printed_mark(digest)}")


@blueprint.post("/<string:code>/signing/scan")
@requires(Permission.APPLICATION_EDIT)
@takes_files
def attach_scan(code: str) -> Page:
    """Keep the scan; its printed mark must be that of the content as it stands."""
    application, form = own_application(code), ScanForm()
    try:
        if form.validate_on_submit():
            _refuse_closed(application)
            paper, stored = taken(form.scan.data)
            with unit_of_work() as unit:
                services.attach_scan(application, paper, stored, form.printed.data or "", by=person())
                unit.answer = url_for("applications.signing", code=code)
            flash(gettext("The signed form is attached"), "ok")
            return redirect(unit.answer)
    except (InvalidInput, NotAllowed) as error:
        put_on_form(form, _at(error, "scan"))
    return _page(application, form, ContainerForm(formdata=None)), 422


@blueprint.post("/<string:code>/signing/container")
@requires(Permission.APPLICATION_EDIT)
@takes_files
def attach_container(code: str) -> Page:
    """Keep the container; who signed is read from its certificates, whether it is valid says a verifier."""
    application, form = own_application(code), ContainerForm()
    try:
        if form.validate_on_submit():
            _refuse_closed(application)
            paper, stored = taken(form.container.data)
            body = storage_of(current_app).read(stored.sha256)
            digest = queries.signing_digest(application)
            original = draw(form_to_sign(application, digest))
            with unit_of_work() as unit:
                services.attach_container(
                    application, paper, stored, body=body, original=original, digest=digest, by=person()
                )
                unit.answer = url_for("applications.signing", code=code)
            flash(gettext("The container with the signature is attached"), "ok")
            return redirect(unit.answer)
    except (InvalidInput, NotAllowed) as error:
        put_on_form(form, _at(error, "container"))
    return _page(application, ScanForm(formdata=None), form), 422


def _at(error: DomainError, field: str) -> DomainError:
    """A refusal of the file stands at the field by which it came."""
    if error.field == "file":
        error.field = field
    return error


def _refuse_closed(application: Application) -> None:
    reason = policy.why_not_sign(person(), application)
    if reason is not None:
        raise NotAllowed(reason)


def _page(application: Application, scan: ScanForm, container: ContainerForm) -> str:
    facts = signing_facts(application)
    modes = queries.modes_of(application.competition)
    return render_template(
        "applications/signing.html",
        application=application,
        form=scan,
        container_form=container,
        modes=[mode for mode in modes if mode in {SCAN, QES}],
        mode_labels=SIGNATURE_MODES,
        signing=facts,
        mark=printed_mark(facts.digest) if facts.digest else "",
        missing=[one for one in queries.missing_of(application) if one.section != "declarations"],
        reason=policy.why_not_sign(person(), application),
        is_returned=application.state == ApplicationState.RETURNED,
        limit_mb=largest_file_mb(),
    )
