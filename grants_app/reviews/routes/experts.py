"""The pool of experts and their profiles: the secretary's pages, and the expert's own."""

from __future__ import annotations

from dataclasses import asdict
from types import SimpleNamespace

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from grants_app.accounts.models import User
from grants_app.core.errors import DomainError, EditConflict, NotFound
from grants_app.core.wholes import whole
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.reviews import queries, services
from grants_app.reviews.documents.experts import pool_frame
from grants_app.reviews.forms import ExpertForm
from grants_app.reviews.models import ExpertProfile
from grants_app.reviews.queries.people import PoolChoice, profile_of
from grants_app.reviews.routes.blueprint import Answer, blueprint, lang, viewer
from grants_app.reviews.routes.invitations import own_rows
from grants_app.reviews.rules.experts import LANGUAGES
from grants_app.reviews.schemas.experts import PoolSchema
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form
from grants_app.web.export import respond

# What both versions are compared by when two people saved; lists are shown by the form itself.
_COMPARED = ("workplace", "workplace_edrpou", "away_from", "away_until", "most_applications", "address", "iban")


@blueprint.get("/experts")
@requires(Permission.REVIEW_ASSIGN)
def pool() -> str:
    """Everybody who may score, with fields, workplace and load."""
    choice = _choice()
    return render_template(
        "reviews/experts.html",
        rows=queries.expert_rows(viewer(), choice),
        fields=dict(queries.known_fields()),
        language_words=LANGUAGES,
        choice=choice,
        chosen={name: value for name, value in asdict(choice).items() if value},
    )


@blueprint.get("/experts.<any(json,csv,xlsx,pdf):suffix>")
@requires(Permission.REVIEW_ASSIGN)
def pool_file(suffix: str) -> Response:
    """The pool as it is on the screen; addresses and accounts never leave."""
    fields = dict(queries.known_fields())
    rows = [
        SimpleNamespace(
            **asdict(row),
            fields_text=", ".join(fields.get(code, code) for code in row.fields_known),
            languages_text=", ".join(gettext(LANGUAGES.get(code, code)) for code in row.languages),
            availability="Yes" if row.is_available else "No",
        )
        for row in queries.expert_rows(viewer(), _choice())
    ]
    frame = pool_frame(lang=lang())
    return respond(rows, PoolSchema, suffix, file_name="experts", document=frame)


@blueprint.post("/experts")
@requires(Permission.REVIEW_ASSIGN)
def describe() -> Answer:
    """Begin the profile of an expert who has none yet."""
    with unit_of_work() as unit:
        profile = services.begin_profile(request.form.get("email", ""), by=viewer())
        unit.answer = url_for("reviews.profile", code=profile.code)
    return redirect(unit.answer)


@blueprint.get("/experts/<string:code>")
@requires(Permission.REVIEW_ASSIGN)
def profile(code: str) -> str:
    """The profile of one expert."""
    found = _found(code)
    return _page(found, found.user, _stored_form(found))


@blueprint.post("/experts/<string:code>")
@requires(Permission.REVIEW_ASSIGN)
def save_profile(code: str) -> Answer:
    """Save the profile of one expert."""
    found = _found(code)
    return _save(found, found.user, url_for("reviews.pool"))


@blueprint.get("/profile")
@requires(Permission.REVIEW_SUBMIT)
def own_profile() -> str:
    """«Мій профіль експерта»: what the assignment and the search for conflicts know of the person."""
    found = profile_of(viewer())
    return _page(found, viewer(), _stored_form(found))


@blueprint.post("/profile")
@requires(Permission.REVIEW_SUBMIT)
def save_own_profile() -> Answer:
    """Save one's own profile."""
    return _save(profile_of(viewer()), viewer(), url_for("reviews.own_profile"))


def _save(found: ExpertProfile | None, person: User, after: str) -> Answer:
    known = queries.known_fields()
    form = ExpertForm().offer(known)
    clash: list[tuple[str, str, str]] = []
    email = person.email
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.save_profile(email, form.facts(known), by=viewer(), version=_version(form))
                unit.answer = after
            flash(gettext("The profile is saved"), "ok")
            return redirect(unit.answer)
        except EditConflict as error:
            put_on_form(form, error)
            clash = _differences(form, person)
        except DomainError as error:
            put_on_form(form, error)
    return _page(found, person, form, clash), 409 if clash else 422


def _differences(form: ExpertForm, person: User) -> list[tuple[str, str, str]]:
    """What the other has saved and what was typed here; saving again is then a choice made with both in sight."""
    stored = profile_of(person)
    form.version.data = str(stored.version) if stored is not None else "0"
    pairs = [(form[name], getattr(stored, name, None), form[name].data) for name in _COMPARED]
    found = [(str(field.label.text), _told(theirs), _told(mine)) for field, theirs, mine in pairs if theirs != mine]
    return found or [(gettext("Lists and choices"), gettext("changed"), gettext("as below"))]


def _told(value: object) -> str:
    return "–" if value in (None, "") else str(value)


def _version(form: ExpertForm) -> int:
    found = whole(form.version.data)
    return -1 if found is None else found


def _choice() -> PoolChoice:
    given = request.args
    availability = given.get("availability", "")
    return PoolChoice(
        text=given.get("text", "").strip()[:100],
        field=given.get("field", "")[:40],
        language=given.get("language", "")[:10],
        availability=availability if availability in ("free", "away") else "",
    )


def _found(code: str) -> ExpertProfile:
    found = queries.profile_by_code(code)
    if found is None:
        raise NotFound()
    return found


def _stored_form(found: ExpertProfile | None) -> ExpertForm:
    form = ExpertForm(obj=found, formdata=None)
    if found is None:
        form.is_available.data = True
        form.languages.data = ["uk"]
        form.version.data = "0"
    return form.offer(queries.known_fields())


def _page(
    found: ExpertProfile | None, person: User, form: ExpertForm, clash: list[tuple[str, str, str]] | None = None
) -> str:
    is_own = person.id == viewer().id
    return render_template(
        "reviews/expert.html",
        profile=found,
        person=person,
        form=form,
        clash=clash or [],
        is_own=is_own,
        invitations=own_rows(person) if is_own else [],
    )
