"""Letters that did not arrive, on the page of whoever caused them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.core.errors import DomainError
from grants_app.database import unit_of_work
from grants_app.journal import queries
from grants_app.journal import returned as services
from grants_app.journal.forms import AddressForm
from grants_app.journal.routes.blueprint import blueprint
from grants_app.journal.services import why_not_again
from grants_app.permissions import Permission
from grants_app.web.access import signed_in
from grants_app.web.errors import put_on_form
from grants_app.web.panels import DueItem


def due(user: Any) -> Iterable[DueItem]:
    """Letters that came back wait for the person who caused them."""
    count = queries.undelivered_count(user)
    if count:
        what = ngettext("%(num)d letter was not delivered", "%(num)d letters were not delivered", count)
        why = _("The receiver does not know what you wrote: correct the address or try again")
        yield DueItem(None, what, url_for("journal.undelivered"), why, _("Look through"))


@blueprint.get("/undelivered")
@signed_in
def undelivered() -> str:
    """Letters caused by this person that did not arrive, with the reason in words."""
    return render_template(
        "journal/undelivered.html",
        rows=queries.undelivered_rows(current_user),
        for_city=current_user.can(Permission.OUTBOX_RELEASE),
    )


@blueprint.get("/undelivered/<int:number>")
@signed_in
def undelivered_letter(number: int) -> str:
    """One of them: what it says, why it came back, where it may go instead."""
    found = queries.undelivered(number, current_user)
    return _page(number, AddressForm(email=found.email))


@blueprint.post("/undelivered/<int:number>")
@signed_in
def send_again(number: int) -> Response | tuple[str, int]:
    """Send it again, to the same address or to a corrected one."""
    queries.undelivered(number, current_user)
    form = AddressForm()
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                fresh = queries.undelivered(number, current_user)
                services.send_again(fresh, email=form.email.data or "", by=current_user)
                unit.answer = url_for("journal.undelivered")
            flash(_("The letter will be tried again within a minute"), "ok")
            return redirect(unit.answer)
    except DomainError as error:
        put_on_form(form, error)
    return _page(number, form), 422


def _page(number: int, form: AddressForm) -> str:
    found = queries.undelivered(number, current_user)
    return render_template(
        "journal/undelivered_letter.html",
        row=queries.letter_row(found),
        form=form,
        fixed=services.why_not_redirect(current_user, found),
        cut=why_not_again(found),
    )
