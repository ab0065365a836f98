"""The city's register of organisations: the list with its exports, an organisation entered by hand."""

from __future__ import annotations

from math import ceil
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.accounts import services
from grants_app.accounts.forms import organisation_facts
from grants_app.accounts.forms.organisation import CityOrganisationForm
from grants_app.accounts.queries.joining import requests_waiting_for
from grants_app.accounts.queries.register import SORTS, Register, RegisterChoice, register_rows
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.sign_in import Page, me
from grants_app.accounts.rules import ORGANISATION_KINDS
from grants_app.accounts.rules.profile import FIELDS
from grants_app.accounts.schemas import RegisterSchema
from grants_app.core.errors import DomainError
from grants_app.core.words import one_line
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web.access import requires
from grants_app.web.columns import Column, Columns, columns_of
from grants_app.web.context import select_language
from grants_app.web.errors import put_on_form
from grants_app.web.export import SUFFIXES, Block, Document, respond
from grants_app.web.requests import page_number

PAGE_SIZE = 50
SHOWN_AT_FIRST = ("edrpou", "name", "kind", "registered_on", "district", "people_count")
ALWAYS = ("edrpou", "name")


@blueprint.get("/accounts/organisations")
@requires(Permission.ORGANISATION_REGISTER_READ)
def city_register() -> str:
    """Every organisation, chosen, sorted and with the columns that the reader wants."""
    choice, names = _choice(), _column_names()
    found = register_rows(choice)
    pages = max(ceil(len(found.rows) / PAGE_SIZE), 1)
    page = min(page_number(), pages)
    rows = found.rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    columns = [(name, column) for name, column in columns_of(RegisterSchema) if name in names]
    return render_template(
        "accounts/city_register.html",
        columns=[_heading(name, column, choice) for name, column in columns],
        rows=[_shown(row, columns) for row in rows],
        register=found,
        choice=choice,
        counters=_counters(found, choice),
        all_columns=[(name, str(column.label), name in names) for name, column in columns_of(RegisterSchema)],
        kinds=[(code, _(label)) for code, label in ORGANISATION_KINDS.items()],
        fields=[(code, _(label)) for code, label in FIELDS.items()],
        districts=[(one, one) for one in found.districts],
        page=page,
        pages=pages,
        page_url=f"{url_for('accounts.city_register')}?{urlencode([*_asked(choice), ('page', '{page}')], safe='{}')}",
        exports=[
            (suffix.upper(), f"{url_for('accounts.city_register_export', suffix=suffix)}?{urlencode(_asked(choice))}")
            for suffix in reversed(SUFFIXES)
        ],
        may_keep=current_user.can(Permission.ORGANISATION_REGISTER_EDIT),
        claims=requests_waiting_for(me()) if current_user.can(Permission.USER_MANAGE) else [],
    )


@blueprint.get("/accounts/organisations.<any(json,csv,xlsx,pdf):suffix>")
@requires(Permission.ORGANISATION_REGISTER_READ)
def city_register_export(suffix: str) -> Response:
    """The rows and columns of the screen as a file."""
    names = _column_names()
    chosen = {name: column for name, column in RegisterSchema().fields.items() if name in names}
    document = Document(
        title=_("Register of organisations"),
        blocks=[Block("rows")],
        landscape=len(chosen) > 5,
        lang=select_language(),
    )
    rows = register_rows(_choice()).rows
    schema = Columns.from_dict(dict(chosen), name="ChosenColumns")
    assert issubclass(schema, Columns)
    schema.names_people = RegisterSchema.names_people
    return respond(rows, schema, suffix, file_name="organisations", document=document)


@blueprint.get("/accounts/organisations/new")
@requires(Permission.ORGANISATION_REGISTER_EDIT)
def enter_organisation() -> str:
    """An organisation that the city enters itself."""
    return render_template("accounts/enter_organisation.html", form=CityOrganisationForm(formdata=None))


@blueprint.post("/accounts/organisations/new")
@requires(Permission.ORGANISATION_REGISTER_EDIT)
def enter_organisation_post() -> Page:
    """Store it, without people: somebody joins it later."""
    form = CityOrganisationForm()
    try:
        if form.validate_on_submit():
            facts = organisation_facts(form, form.edrpou.data)
            with unit_of_work() as unit:
                services.enter_organisation(facts, reason=form.edrpou_reason.data, by=me())
                unit.answer = url_for("accounts.organisation", edrpou=facts.edrpou)
            flash(_("The organisation is in the register"), "ok")
            return redirect(unit.answer)
    except DomainError as error:
        put_on_form(form, error)
    return render_template("accounts/enter_organisation.html", form=form), 422


def _choice() -> RegisterChoice:
    names = ("text", "kind", "field", "district", "status")
    asked = {name: one_line(request.args.get(name, ""))[:80] for name in names}
    sort = request.args.get("sort", "name")
    return RegisterChoice(**asked, sort=sort if sort.removeprefix("-") in SORTS else "name")


def _column_names() -> list[str]:
    known = [name for name, _column in columns_of(RegisterSchema)]
    asked = set(request.args.getlist("columns")) & set(known) or set(SHOWN_AT_FIRST)
    return [name for name in known if name in asked or name in ALWAYS]


def _asked(choice: RegisterChoice, **changes: str) -> list[tuple[str, str]]:
    names = ("text", "kind", "field", "district", "status", "sort")
    values = {name: changes.get(name, getattr(choice, name)) for name in names}
    pairs = [(name, value) for name, value in values.items() if value and (name, value) != ("sort", "name")]
    columns = [("columns", name) for name in _column_names()] if request.args.getlist("columns") else []
    return pairs + columns


def _heading(name: str, column: Column, choice: RegisterChoice) -> dict[str, object]:
    heading: dict[str, object] = {"key": name, "label": str(column.label), "num": column.numeric}
    if name in SORTS:
        turned = f"-{name}" if choice.sort == name else name
        heading["sort_url"] = f"{url_for('accounts.city_register')}?{urlencode(_asked(choice, sort=turned))}"
        if choice.sort.removeprefix("-") == name:
            heading["sort"] = "descending" if choice.sort.startswith("-") else "ascending"
    return heading


def _shown(row: object, columns: list[tuple[str, Column]]) -> dict[str, object]:
    cells: dict[str, object] = {name: column.shown(getattr(row, name)) for name, column in columns}
    return cells | {"is_doubtful": getattr(row, "edrpou_reason", None) is not None}


def _counters(found: Register, choice: RegisterChoice) -> list[dict[str, object]]:
    labels = {
        "": _("all"),
        "people": _("with people here"),
        "headless": _("without a head"),
        "imported": _("nobody has joined yet"),
        "listed": _("in the directory"),
        "doubtful": _("doubtful code"),
    }
    return [
        {
            "count": found.counts[status] if status else found.total,
            "label": label,
            "url": f"{url_for('accounts.city_register')}?{urlencode(_asked(choice, status=status))}",
            "is_current": choice.status == status,
        }
        for status, label in labels.items()
    ]
