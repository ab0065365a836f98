"""The pool of experts and their profiles."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from wtforms.fields.choices import SelectChoice

from grants_app.core.errors import InvalidInput, NotFound
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.reviews import queries, services
from grants_app.reviews.forms import ExpertForm
from grants_app.reviews.models import ExpertProfile
from grants_app.reviews.routes.blueprint import Answer, blueprint, viewer
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form


@blueprint.get("/experts")
@requires(Permission.REVIEW_ASSIGN)
def pool() -> str:
    """Everybody who may score, with fields, workplace and load."""
    return render_template("reviews/experts.html", rows=queries.expert_rows(), fields=dict(queries.known_fields()))


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
    return _page(found, _form(found))


@blueprint.post("/experts/<string:code>")
@requires(Permission.REVIEW_ASSIGN)
def save_profile(code: str) -> Answer:
    """Save the profile."""
    form = _form(_found(code))
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.save_profile(
                    _found(code).user.email,
                    workplace=form.workplace.data or "",
                    workplace_edrpou=form.workplace_edrpou.data or "",
                    fields_known=_known(form),
                    is_available=bool(form.is_available.data),
                    by=viewer(),
                )
                unit.answer = url_for("reviews.pool")
            flash(gettext("The profile is saved"), "ok")
            return redirect(unit.answer)
        except InvalidInput as error:
            put_on_form(form, error)
    return _page(_found(code), form), 422


def _known(form: ExpertForm) -> list[str]:
    return [code for code in form.fields_known.data or [] if code in dict(queries.known_fields())]


def _found(code: str) -> ExpertProfile:
    found = queries.profile_by_code(code)
    if found is None:
        raise NotFound()
    return found


def _form(found: ExpertProfile) -> ExpertForm:
    form = ExpertForm(obj=found)
    form.fields_known.choices = [SelectChoice(code, title) for code, title in queries.known_fields()]
    return form


def _page(found: ExpertProfile, form: ExpertForm) -> str:
    return render_template("reviews/expert.html", profile=found, person=found.user, form=form)
