"""Letters of bulk steps: the list, seen and released or withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.core import clock
from grants_app.core.errors import DomainError, InvalidInput
from grants_app.core.wholes import whole
from grants_app.database import unit_of_work
from grants_app.journal import batches as services
from grants_app.journal import queries
from grants_app.journal.forms import ReasonForm
from grants_app.journal.models import LetterBatch
from grants_app.journal.routes.blueprint import blueprint
from grants_app.lifecycle import LetterBatchState
from grants_app.permissions import Permission
from grants_app.web import formatting
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form
from grants_app.web.panels import DueItem

LATE_AFTER = timedelta(days=1)


def due(user: Any) -> Iterable[DueItem]:
    """«N letters wait to be released», so that they are not forgotten.

    Lists that were set aside, and those that nobody has released within a day, are also told to the organizer: the
    secretaries may be too few, away, or kept from all of these letters by conflicts of interest.
    """
    may_release = user.can(Permission.OUTBOX_RELEASE)
    if not may_release and not user.can(Permission.COMPETITION_ANNOUNCE):
        return
    for row in queries.batch_rows(user, only_held=True):
        is_late = clock.now() - row.made_at >= LATE_AFTER
        if not may_release and not row.is_set_aside and not is_late:
            continue
        # While bids are sealed, how many letters there are would say how many bids there are.
        what = (
            _("Letters wait to be released")
            if row.is_sealed
            else ngettext("%(num)d letter waits to be released", "%(num)d letters wait to be released", row.count)
        )
        why = f"{_(row.step)}: {row.scope}" if row.scope else _(row.step)
        if row.is_set_aside:
            why += "; " + _("only a secretary without a conflict of interest may release them")
        elif is_late:
            why += "; " + _("nobody has released them since %(instant)s", instant=formatting.instant(row.made_at))
        yield DueItem(None, what, url_for("journal.batch", code=row.code), why, _("Look through"))


@blueprint.get("/batches")
@requires(Permission.OUTBOX_READ)
def letter_batches() -> str:
    """Bulk steps and their letters, those that wait first."""
    return render_template("journal/batches.html", rows=queries.batch_rows(current_user))


@blueprint.get("/batches/<string:code>")
@requires(Permission.OUTBOX_READ)
def batch(code: str) -> str:
    """Every letter of one bulk step: to whom, about what, how it begins, what speaks against it."""
    return _page(queries.batch(code, current_user), ReasonForm())


@blueprint.post("/batches/<string:code>/release")
@requires(Permission.OUTBOX_RELEASE)
def release(code: str) -> Response:
    """Let the letters go, without those that were left out."""
    found = queries.batch(code, current_user)
    seen = {row.id for row in queries.batch_letters(found, current_user)}
    chosen = {whole(text) for text in request.form.getlist("letter")} - {None}
    if not chosen & seen:
        raise InvalidInput("Tick at least one letter; to send none of them, withdraw them all")
    with unit_of_work() as unit:
        services.release_batch(queries.batch(code, current_user), left_out=seen - chosen, by=current_user)
        unit.answer = url_for("journal.batch", code=code)
    flash(_("The letters are released and leave within a minute"), "ok")
    return redirect(unit.answer)


@blueprint.post("/batches/<string:code>/withdraw")
@requires(Permission.OUTBOX_RELEASE)
def withdraw(code: str) -> Response | tuple[str, int]:
    """Take all letters back: nobody gets them."""
    found, form = queries.batch(code, current_user), ReasonForm()
    try:
        if form.validate_on_submit():
            with unit_of_work() as unit:
                fresh = queries.batch(code, current_user)
                services.withdraw_batch(fresh, reason=form.reason.data or "", by=current_user)
                unit.answer = url_for("journal.batch", code=code)
            flash(_("The letters are withdrawn: nobody gets them"), "ok")
            return redirect(unit.answer)
    except DomainError as error:
        put_on_form(form, error)
    return _page(found, form), 422


def _page(found: LetterBatch, form: ReasonForm) -> str:
    refusal = None
    if not current_user.can(Permission.OUTBOX_RELEASE):
        refusal = "The secretary of the commission releases letters"
    elif found.state != LetterBatchState.HELD:
        refusal = services.DECIDED
    letters = queries.batch_letters(found, current_user)
    return render_template(
        "journal/batch.html",
        row=queries.batch_row(found, current_user),
        letters=letters,
        doubtful=sum(1 for one in letters if one.doubts),
        form=form,
        refusal=refusal,
        is_held=found.state == LetterBatchState.HELD,
    )
