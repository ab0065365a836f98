"""A budget from elsewhere: a pasted block or a file, shown as it was understood, then put into the table."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext, lazy_gettext, ngettext
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice

from grants_app.applications import policy, queries, rules, services
from grants_app.applications.models import Application
from grants_app.applications.routes.blueprint import blueprint, own_application, person, words
from grants_app.applications.routes.money import is_opened, save_lines
from grants_app.applications.rules import budget as budget_rules
from grants_app.applications.rules.budget_reading import ORDER, ReadBudget, ReadRow, read_budget, table_of_text
from grants_app.core.errors import DomainError, InvalidInput
from grants_app.core.tables import Table
from grants_app.core.words import search_form
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web import formatting
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form
from grants_app.web.fields import Form
from grants_app.web.parcels import LARGEST_TABLES, REFUSALS, read_tables

LONGEST_BLOCK = 200_000
COLUMN_WORDS = {
    "category": "Category",
    "item": "What is paid for",
    "unit": "Unit",
    "qty": "Quantity",
    "price": "Price",
    "cost": "Cost",
    "city": "City",
    "own_cash": "Own money",
    "own_inkind": "Own in kind",
    "other": "Other sources",
    "justification": "Justification",
    "least": "At the smallest amount",
}
# What the reader of files says of score sheets is said of budgets here.
_FILE_WORDS = {
    "kind": "The file is neither XLSX nor CSV. Save the budget in one of these formats",
    "large": "The file is too large for a budget",
}


class ImportForm(Form):
    """The block or the file, and what becomes of the rows that stand in the table."""

    text = TextAreaField(lazy_gettext("Rows copied from Excel or Word"))
    file = FileField(lazy_gettext("Or a file: XLSX or CSV"))
    mode = RadioField(lazy_gettext("Rows that are in the budget now"), default="add", validate_choice=False)
    version = HiddenField()


@blueprint.get("/<string:code>/budget/import")
@requires(Permission.APPLICATION_EDIT)
def budget_import(code: str) -> str:
    """Where a block is pasted or a file chosen."""
    application = own_application(code)
    form = _form()
    return _page(application, form, None)


@blueprint.post("/<string:code>/budget/import")
@requires(Permission.APPLICATION_EDIT)
def preview_budget(code: str) -> str | tuple[str, int]:
    """What was understood, cell by cell; nothing is written."""
    application, form = own_application(code), _form()
    try:
        read = _read(form, application)
    except DomainError as error:
        put_on_form(form, error)
        return _page(application, form, None), 422
    form.version.data = services.budget_digest(application)
    form.version.raw_data = [form.version.data]
    return _page(application, form, read)


@blueprint.post("/<string:code>/budget/import/put")
@requires(Permission.APPLICATION_EDIT)
def put_budget(code: str) -> Response | tuple[str, int]:
    """Put the understood rows into the budget, behind the present ones or in their place."""
    application, form = own_application(code), _form()
    try:
        read = _read(form, application)
        with unit_of_work() as unit:
            present = queries.lines_of(application) if form.mode.data != "replace" else []
            lines = [*present, *read.lines]
            smallest = budget_rules.smallest_of(lines)
            save_lines(
                application,
                lines,
                smallest=application.smallest_kop if smallest is None else smallest,
                base=form.version.data or "",
            )
            unit.answer = url_for("applications.budget", code=code)
    except DomainError as error:
        put_on_form(form, DomainError(error.message, facts=error.facts))
        return _page(application, form, None), 422
    flash(ngettext("%(num)d row is put into the budget", "%(num)d rows are put into the budget", len(read.rows)), "ok")
    return redirect(unit.answer)


def _form() -> ImportForm:
    form = ImportForm()
    form.mode.choices = [
        SelectChoice("add", gettext("stay, the new ones follow them")),
        SelectChoice("replace", gettext("are replaced by the new ones")),
    ]
    return form


def _read(form: ImportForm, application: Application) -> ReadBudget:
    """Rows of the block or of the file. Raises InvalidInput (fields text, file)."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        table = _table_of_file(upload.stream.read(LARGEST_TABLES + 1))
    else:
        text = form.text.data or ""
        if len(text) > LONGEST_BLOCK:
            raise InvalidInput("The block is too long for a budget", field="text")
        table = table_of_text(text)
    read = read_budget(table, _category_names(application))
    if not read.rows:
        raise InvalidInput("Paste rows of a table or choose a file", field="text")
    if len(read.rows) > budget_rules.MAX_ROWS:
        facts = {"limit_count": budget_rules.MAX_ROWS, "now": len(table.rows)}
        raise InvalidInput("At most %(limit_count)s rows are allowed, now %(now)s", field="text", facts=facts)
    return read


def _table_of_file(body: bytes) -> Table:
    try:
        tables = read_tables(body)
    except InvalidInput as error:
        kind = next((name for name, one in REFUSALS.items() if one is error), "")
        raise InvalidInput(_FILE_WORDS.get(kind, error.message), field="file") from error
    return next((table for table in tables if table.rows), Table("", []))


def _category_names(application: Application) -> dict[str, str]:
    """Folded names of the categories in both languages, and their codes."""
    labels = queries.form_for(application).category_labels
    names = {search_form(code): code for code in labels}
    for lang in ("uk", "en"):
        with force_locale(lang):
            names |= {search_form(gettext(label)): code for code, label in labels.items()}
    return names


def _page(application: Application, form: ImportForm, read: ReadBudget | None) -> str:
    labels = queries.form_for(application).category_labels
    opened = is_opened(application)
    return render_template(
        "applications/budget_import.html",
        application=application,
        form=form,
        read=read,
        rows=[] if read is None else [(row.number, _shown(row.line, labels), _unread(row)) for row in read.rows],
        heads=[(code, COLUMN_WORDS[code]) for code in _columns(read)],
        columns=[] if read is None else [(head, COLUMN_WORDS[code]) for head, code in read.columns if head],
        errors=[]
        if read is None
        else [(one.row, one.place, words(one.message, dict(one.facts))) for one in read.errors],
        categories=list(labels.values()) if read and any(one.cell == "category" for one in read.errors) else [],
        block="" if read is None else _block(read, labels),
        most_rows=budget_rules.MAX_ROWS,
        reason=None if opened else policy.why_not_edit(person(), application),
    )


def _unread(row: ReadRow) -> dict[str, str]:
    """What stood in the cells that could not be read, by column."""
    return {one.cell: str(one.facts.get("text", "")) for one in row.errors if one.cell != "cost"}


def _columns(read: ReadBudget | None) -> list[str]:
    if read is None:
        return []
    used = {code for _head, code in read.columns} | {"cost"}
    return [code for code in ORDER if code in used]


def _shown(line: rules.Line, labels: dict[str, str]) -> dict[str, str]:
    texts = _texts(line)
    texts["category"] = gettext(labels[line.category]) if line.category in labels else ""
    texts["cost"] = formatting.typed_sum(line.total_kop)
    return texts


def _texts(line: rules.Line) -> dict[str, str]:
    amounts = {
        "price": line.price_kop,
        "city": line.city_kop,
        "own_cash": line.own_cash_kop,
        "own_inkind": line.own_inkind_kop,
        "other": line.other_kop,
    }
    return {
        "category": line.category,
        "item": line.item,
        "unit": line.unit,
        "qty": formatting.typed_quantity(line.qty_milli) if line.qty_milli else "",
        **{code: formatting.typed_sum(kop) if kop else "" for code, kop in amounts.items()},
        "justification": line.justification,
        "least": "" if line.least_kop is None else formatting.typed_sum(line.least_kop),
    }


def _block(read: ReadBudget, labels: dict[str, str]) -> str:
    """The understood rows as a block of our own, which the next press sends back and the server reads again."""
    rows = [["" if code == "cost" else _texts(row.line)[code] for code in ORDER] for row in read.rows]
    return "\n".join("\t".join(row) for row in [list(ORDER), *rows])
