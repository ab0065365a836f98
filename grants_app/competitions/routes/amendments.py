"""Amending an announced call: written apart, shown as differences, published at once with a reason."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.competitions import documents, forms, policy, queries, services
from grants_app.competitions.documents.changes import change_rows
from grants_app.competitions.models import CallAmendment, Competition
from grants_app.competitions.queries.amendments import amendment_changes, amendment_of
from grants_app.competitions.queries.published import AmendmentRow
from grants_app.competitions.routes.blueprint import blueprint, competition_or_404
from grants_app.competitions.routes.settings import conflict_page, lawful_ways
from grants_app.competitions.rules.form import read_form
from grants_app.competitions.rules.form.changes import TEXTS
from grants_app.core import clock
from grants_app.core.errors import DomainError, EditConflict, NotFound
from grants_app.core.wholes import whole
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form

_GONE = "Somebody published or discarded the amendment meanwhile"
Answer = str | Response | tuple[str, int]
STEM = "/competitions/<string:code>/amendment"


@blueprint.get(STEM)
@requires(Permission.COMPETITION_ANNOUNCE)
def amendment(code: str) -> str:
    """What the amendment would change, or how to begin one."""
    competition = competition_or_404(code)
    found = amendment_of(competition)
    return _page(competition, found, forms.AmendmentForm(version="" if found is None else str(found.version)))


@blueprint.post(f"{STEM}/begin")
@requires(Permission.COMPETITION_ANNOUNCE)
def begin_amendment(code: str) -> Response:
    """Open an amendment: nobody but the staff sees it."""
    competition = competition_or_404(code)
    with unit_of_work() as unit:
        services.begin_amendment(competition, by=current_user)
        unit.answer = url_for("competitions.amendment", code=code)
    return redirect(unit.answer)


@blueprint.get(f"{STEM}/texts")
@requires(Permission.COMPETITION_ANNOUNCE)
def amended_texts(code: str) -> str:
    """Texts of the call in the amendment."""
    competition = competition_or_404(code)
    return _texts_page(competition, _texts_form(_begun(competition)))


@blueprint.post(f"{STEM}/texts")
@requires(Permission.COMPETITION_ANNOUNCE)
def save_amended_texts(code: str) -> Answer:
    """Save the texts in the amendment; when somebody saved before, both versions are shown."""
    competition = competition_or_404(code)
    form = forms.AmendedTextsForm()
    found = amendment_of(competition)
    why_not = policy.why_not_amend(current_user, competition, clock.now())
    if found is None or why_not is not None:
        return _texts_page(competition, form, why_not or _GONE), 403
    if not form.validate_on_submit():
        return _texts_page(competition, form), 422
    try:
        with unit_of_work() as unit:
            texts = {name: form[name].data for name in TEXTS}
            services.save_amended_texts(competition, texts, by=current_user, version=form.seen_version)
            unit.answer = url_for("competitions.amendment", code=code)
        return redirect(unit.answer)
    except EditConflict as error:
        stored = _texts_form(found)
        address = url_for("competitions.save_amended_texts", code=code)
        told, marker = (forms.answers(form), forms.answers(stored)), ("version", found.version)
        title = gettext("Texts of the call")
        return conflict_page(competition, title, told, error, action=address, keep_url=address, marker=marker), 409
    except DomainError as error:
        put_on_form(form, error)
        return _texts_page(competition, form), 422


@blueprint.post(f"{STEM}/publish")
@requires(Permission.COMPETITION_ANNOUNCE)
def publish_amendment(code: str) -> Answer:
    """Make the amendment the call: a note on its page, a letter to everybody who applies."""
    competition = competition_or_404(code)
    form = forms.AmendmentForm()
    if not form.validate_on_submit():
        return _page(competition, _begun(competition), form), 422
    try:
        with unit_of_work() as unit:
            services.publish_amendment(
                competition, by=current_user, reason=form.reason.data or "", version=form.seen_version
            )
            unit.answer = url_for("competitions.show", code=code)
        return redirect(unit.answer)
    except EditConflict as error:
        found = _begun(competition)
        form.version.data = str(found.version)
        put_on_form(form, error)
        return _page(competition, found, form), 409
    except DomainError as error:
        put_on_form(form, error)
        return _page(competition, _begun(competition), form), 422


@blueprint.post(f"{STEM}/discard")
@requires(Permission.COMPETITION_ANNOUNCE)
def discard_amendment(code: str) -> Response:
    """Throw the amendment away; the call stays as it is."""
    competition = competition_or_404(code)
    version = request.form.get("version", "")
    with unit_of_work() as unit:
        services.discard_amendment(competition, by=current_user, version=whole(version))
        unit.answer = url_for("competitions.show", code=code)
    return redirect(unit.answer)


def _begun(competition: Competition) -> CallAmendment:
    found = amendment_of(competition)
    if found is None:
        raise NotFound
    return found


def _page(competition: Competition, found: CallAmendment | None, form: Any) -> str:
    return render_template(
        "competitions/amendment.html",
        competition=competition,
        amendment=found,
        form=form,
        rows=[] if found is None else _rows(competition, found),
        why_not=policy.why_not_amend(current_user, competition, clock.now()),
        ways=lawful_ways(competition, is_amending=True),
        until=documents.until_words(competition.intake_until) if competition.intake_until else "",
    )


def _rows(competition: Competition, found: CallAmendment) -> list[list[str]]:
    changes = amendment_changes(competition, found)
    number = competition.form_version + 1
    row = AmendmentRow(number, found.begun_at, "", changes, read_form(found.form_text), queries.form_of(competition))
    return [list(each) for each in change_rows(row, competition)]


def _texts_form(found: CallAmendment) -> forms.AmendedTextsForm:
    return forms.AmendedTextsForm(formdata=None, data={**found.texts, "version": str(found.version)})


def _texts_page(competition: Competition, form: Any, why_not: str = "") -> str:
    """The texts to write; where the amendment is over, the reason and what was typed."""
    return render_template(
        "competitions/amended_texts.html",
        competition=competition,
        form=form,
        why_not=why_not,
        answers=[{"label": label, "value": value} for label, value in forms.answers(form).items()] if why_not else [],
    )
