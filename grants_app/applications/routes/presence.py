"""Who writes beside one: a small POST of a page that stands open, answered by a sentence for its reader."""

from __future__ import annotations

from collections.abc import Sequence

from flask import jsonify, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from grants_app.applications import queries, rules, services
from grants_app.applications.models import Application
from grants_app.applications.routes.blueprint import blueprint, own_application, person
from grants_app.core.words import one_line
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web.access import requires

LIST, CHECK, CORRECTIONS = "list", "check", "corrections"


@blueprint.post("/<string:code>/presence")
@requires(Permission.APPLICATION_EDIT)
def presence(code: str) -> Response:
    """Note that the person has this page open (none: they left it) and say who else writes.

    Nothing is written where nobody could read it: in an organisation of one person.
    """
    application, viewer = own_application(code), person()
    if len(queries.people_of(application)) < 2:
        return jsonify(sentence="")
    form = queries.form_for(application)
    page = _known(form, one_line(request.form.get("page", "")))
    with unit_of_work():
        services.see(application.id, page, viewer)
        others = queries.present_people(application, but=viewer)
    return jsonify(sentence=presence_words(form, others))


def presence_here(application: Application) -> str:
    """Who else writes in the application that the page of this person shows."""
    others = queries.present_people(application, but=person())
    return presence_words(queries.form_for(application), others)


def presence_words(form: rules.Form, others: Sequence[queries.Writer]) -> str:
    """«Олена Соловей зараз у розділі „Мета“», one sentence a person."""
    return " ".join(_sentence(form, one) for one in others)


def _sentence(form: rules.Form, one: queries.Writer) -> str:
    section = form.section(one.page)
    if section is not None:
        return gettext("%(name)s is now in the section “%(section)s”.", name=one.name, section=gettext(section.title))
    if one.page == CHECK:
        return gettext("%(name)s is checking the answers now.", name=one.name)
    if one.page == CORRECTIONS:
        return gettext("%(name)s has the corrections open now.", name=one.name)
    return gettext("%(name)s has the list of sections open now.", name=one.name)


def _known(form: rules.Form, page: str) -> str:
    if page in {"", CHECK, CORRECTIONS} or form.section(page) is not None:
        return page
    return LIST
