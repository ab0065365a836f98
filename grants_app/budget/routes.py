"""Pages of the money: lines as a tree, movements of a line, a new line, a changed limit."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as Answered

from grants_app.budget import queries, services
from grants_app.budget.forms import LimitForm, LineForm
from grants_app.budget.models import BudgetLine
from grants_app.budget.rules import KINDS, SOURCES
from grants_app.budget.schemas import BudgetEntrySchema, BudgetLineSchema
from grants_app.core import clock
from grants_app.core.errors import DomainError, EditConflict
from grants_app.core.wholes import whole
from grants_app.database import unit_of_work
from grants_app.permissions import Permission, Role
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form
from grants_app.web.export import Block, Document, respond
from grants_app.web.panels import NavEntry, register_nav

blueprint = Blueprint("budget", __name__)
Answer = str | Answered | tuple[str, int]
SUFFIXES = ("pdf", "xlsx", "csv", "json")


def init_app(app: Flask) -> None:
    """Register the pages and their words in the bar."""
    app.register_blueprint(blueprint)
    register_nav(
        NavEntry("Budget limits", "budget.index", 40, frozenset({Role.FINANCE})),
        NavEntry("Money", "budget.index", 60, frozenset({Role.ORGANIZER, Role.AUDITOR})),
    )


@blueprint.get("/budget")
@requires(Permission.BUDGET_READ)
def index() -> str:
    """All lines, parts under their whole."""
    chosen = _choice()
    return render_template(
        "budget/index.html",
        rows=queries.line_tree(**chosen),
        chosen=chosen,
        sources=[(code, gettext(label)) for code, label in SOURCES.items()],
        labels=SOURCES,
        years=queries.line_years(),
        exports=[
            (suffix.upper(), url_for("budget.export", suffix=suffix, **{k: v for k, v in chosen.items() if v}))
            for suffix in SUFFIXES
        ],
        may_edit=current_user.can(Permission.BUDGET_EDIT),
    )


@blueprint.get("/budget.<any(json,csv,xlsx,pdf):suffix>")
@requires(Permission.BUDGET_READ)
def export(suffix: str) -> Response:
    """The same lines as a file."""
    document = Document(title=gettext("Budget lines"), blocks=[Block("rows")], landscape=True)
    rows = queries.line_tree(**_choice())
    return respond(rows, BudgetLineSchema, suffix, file_name="budget", document=document)


@blueprint.get("/budget/new")
@requires(Permission.BUDGET_EDIT)
def new_line() -> str:
    """The form of a new line."""
    return render_template("budget/new.html", form=LineForm(source="city", year=clock.today().year))


@blueprint.post("/budget/new")
@requires(Permission.BUDGET_EDIT)
def create_line() -> Answer:
    """Open a line with its limit."""
    form = LineForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.create_line(
                    code=form.code.data or "",
                    title=form.title.data or "",
                    year=form.year.data or 0,
                    source=form.source.data,
                    limit_kop=form.limit.data or 0,
                    kpkvk=form.kpkvk.data or None,
                    by=current_user,
                )
                unit.answer = url_for("budget.show", code=form.code.data)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return render_template("budget/new.html", form=form), 422


@blueprint.get("/budget/<string:code>")
@requires(Permission.BUDGET_READ)
def show(code: str) -> str:
    """A line with its movements."""
    line = queries.line_by_code(code)
    return _page(line, LimitForm(formdata=None, seen=str(line.limit_kop), limit=line.limit_kop))


@blueprint.get("/budget/<string:code>/entries.<any(json,csv,xlsx,pdf):suffix>")
@requires(Permission.BUDGET_READ)
def export_entries(code: str, suffix: str) -> Response:
    """The movements as a file."""
    line = queries.line_by_code(code)
    document = Document(title=line.title, number=line.code, blocks=[Block("rows")], landscape=True)
    return respond(queries.entry_rows(line), BudgetEntrySchema, suffix, file_name=line.code, document=document)


@blueprint.post("/budget/<string:code>/limit")
@requires(Permission.BUDGET_EDIT)
def change_limit(code: str) -> Answer:
    """Set a new limit by a decision."""
    line = queries.line_by_code(code)
    form = LimitForm()
    if not form.validate_on_submit():
        return _page(line, form), 422
    try:
        with unit_of_work() as unit:
            seen = whole(form.seen.data)
            services.change_limit(
                line, form.limit.data or 0, by=current_user, reason=form.reason.data or "", seen_kop=seen
            )
            unit.answer = url_for("budget.show", code=code)
        return redirect(unit.answer)
    except DomainError as error:
        if isinstance(error, EditConflict):
            form.seen.data = str(line.limit_kop)
        put_on_form(form, error)
        return _page(line, form), 409 if isinstance(error, EditConflict) else 422


def _page(line: BudgetLine, form: LimitForm) -> str:
    return render_template(
        "budget/show.html",
        line=line,
        source=SOURCES[line.source],
        rows=queries.entry_rows(line),
        kinds=KINDS,
        form=form,
        may_edit=current_user.can(Permission.BUDGET_EDIT),
        exports=[
            (suffix.upper(), url_for("budget.export_entries", code=line.code, suffix=suffix)) for suffix in SUFFIXES
        ],
    )


def _choice() -> dict[str, Any]:
    source, year = request.args.get("source", ""), request.args.get("year", "")
    return {
        "source": source if source in SOURCES else None,
        "year": whole(year) if len(year) == 4 else None,
    }
