"""The register of organisations from a table: the file, what it would change, the change itself."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from grants_app.accounts import services
from grants_app.accounts.forms.register_table import RegisterConfirmForm, RegisterFileForm
from grants_app.accounts.routes.blueprint import blueprint
from grants_app.accounts.routes.sign_in import me
from grants_app.accounts.rules import NONPROFIT_CODES, ORGANISATION_KINDS
from grants_app.accounts.rules.profile import FIELDS
from grants_app.accounts.rules.register_table import HEADINGS, Read, RegisterLine, read_register
from grants_app.accounts.services.city_register import FieldChange, ImportPlan, RowChange
from grants_app.core import clock
from grants_app.core.errors import DomainError, EditConflict, InvalidInput
from grants_app.core.tables import Table
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form, sentence
from grants_app.web.parcels import REFUSALS, read_tables

Answer = str | Response | tuple[str, int]
SHOWN = 100  # of each kind of rows; the numbers are of all
MOST_ROWS = 10_000
LARGEST_ROWS = 1_800_000  # what travels with the preview, packed
LARGEST_UNPACKED = 24 * 1024 * 1024


@blueprint.get("/accounts/organisations/import")
@requires(Permission.ORGANISATION_REGISTER_EDIT)
def import_register() -> str:
    """Where a table is sent."""
    return _page(RegisterFileForm(formdata=None))


@blueprint.post("/accounts/organisations/import")
@requires(Permission.ORGANISATION_REGISTER_EDIT)
def import_preview() -> Answer:
    """What the table would add and change; nothing is written."""
    form = RegisterFileForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        read = _read(form.file.data.read())
        plan = services.plan_import(read.lines, read.errors, overwrite=form.overwrite.data, by=me())
        packed = pack(plan.touching)
    except DomainError as error:
        put_on_form(form, error)
        return _page(form), 422
    return _page(form, plan, packed=packed, overwrite=form.overwrite.data), 422 if plan.errors else 200


@blueprint.post("/accounts/organisations/import/confirm")
@requires(Permission.ORGANISATION_REGISTER_EDIT)
def import_confirm() -> Answer:
    """Write the table that was shown, all of it or nothing."""
    form = RegisterConfirmForm()
    lines = unpack(form.rows.data or "")
    if not lines or not form.validate_on_submit():
        return _page(RegisterFileForm(formdata=None), told=_("Send the table again")), 422
    overwrite = form.overwrite.data == "1"
    try:
        with unit_of_work() as unit:
            plan = services.carry_out(lines, overwrite=overwrite, seen=form.basis.data or "", by=me())
            unit.answer = url_for("accounts.city_register")
    except EditConflict as error:
        fresh = services.plan_import(lines, (), overwrite=overwrite, by=me())
        page = _page(
            RegisterFileForm(formdata=None), fresh, packed=pack(lines), overwrite=overwrite, told=sentence(error)
        )
        return page, 409
    flash(ngettext("%(num)d organisation added", "%(num)d organisations added", len(plan.added)), "ok")
    flash(ngettext("%(num)d organisation changed", "%(num)d organisations changed", len(plan.changed)), "ok")
    return redirect(unit.answer)


def pack(lines: Sequence[RegisterLine]) -> str:
    """The rows for the hidden field of the preview. Raises InvalidInput (file) where they are too many for a form."""
    text = json.dumps([[line.number, line.values] for line in lines], ensure_ascii=False, separators=(",", ":"))
    packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
    if len(packed) > LARGEST_ROWS:
        raise InvalidInput("There is too much text for one go: send the table in two parts", field="file")
    return packed


def unpack(packed: str) -> list[RegisterLine]:
    """The rows that travelled with the preview, read like a file once more; what is not such rows is no rows."""
    try:
        unpacking = zlib.decompressobj()
        body = unpacking.decompress(base64.b64decode(packed, validate=True), LARGEST_UNPACKED)
        if unpacking.unconsumed_tail:
            return []
        rows = json.loads(body)
        return services.checked_again([(int(number), dict(values)) for number, values in rows], today=clock.today())
    except (binascii.Error, zlib.error, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return []


def _read(body: bytes) -> Read:
    try:
        tables: list[Table] = read_tables(body)
    except InvalidInput as error:
        if error is REFUSALS["kind"]:
            raise InvalidInput("The file is neither XLSX nor CSV", field="file") from error
        if error is REFUSALS["large"]:
            raise InvalidInput("The file is too large: send at most 10,000 rows", field="file") from error
        raise
    if any(len(table.rows) > MOST_ROWS + 20 for table in tables):
        raise InvalidInput("The file is too large: send at most 10,000 rows", field="file")
    return read_register(tables, today=clock.today())


def _page(
    form: RegisterFileForm,
    plan: ImportPlan | None = None,
    *,
    packed: str = "",
    overwrite: bool = False,
    told: str = "",
) -> str:
    confirm = RegisterConfirmForm(formdata=None)
    if plan is not None:
        confirm.rows.data, confirm.basis.data = packed, plan.digest
        confirm.overwrite.data = "1" if overwrite else "0"
    return render_template(
        "accounts/import_register.html",
        form=form,
        plan=plan,
        confirm=confirm,
        told=told,
        shown=SHOWN,
        errors=[] if plan is None else _errors(plan),
        added=[] if plan is None else [_added(line) for line in plan.added[:SHOWN]],
        changed=[] if plan is None else [row for one in plan.changed[:SHOWN] for row in _changed(one)],
    )


def _errors(plan: ImportPlan) -> list[tuple[object, ...]]:
    return [(one.row, _(one.column), one.place or "–", sentence(one.error)) for one in plan.errors[:SHOWN]]


def _added(line: RegisterLine) -> tuple[object, ...]:
    values = line.values
    return line.number, values["edrpou"], values.get("name", ""), _spoken("registered_on", values["registered_on"])


def _changed(change: RowChange) -> list[tuple[object, ...]]:
    return [
        (change.row, f"{change.edrpou} {change.name}", _(HEADINGS[one.name]), _old(one), _spoken(one.name, one.new))
        for one in change.changes
    ]


def _old(change: FieldChange) -> str:
    return _spoken(change.name, change.old) or "–"


def _spoken(name: str, value: object) -> str:
    if isinstance(value, tuple | list):
        return "; ".join(_(FIELDS[code]) for code in value if code in FIELDS)
    text = str(value)
    if name == "kind":
        return _(ORGANISATION_KINDS.get(text, text))
    if name == "nonprofit_code":
        return _(NONPROFIT_CODES.get(text, text))
    return ".".join(reversed(text.split("-"))) if name == "registered_on" and text else text
