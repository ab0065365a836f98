"""The assignment as a table: out as it is seen, back in with a preview of what changes, applied when confirmed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError, EditConflict, ManyErrors
from grants_app.core.state_machine import State
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.reviews import documents
from grants_app.reviews.forms.assignment import ConfirmForm, TableForm
from grants_app.reviews.queries import board as boards
from grants_app.reviews.queries.matching import Facts, facts_of
from grants_app.reviews.routes.blueprint import Answer, blueprint, competition_of, lang, tell_of_held_letters, viewer
from grants_app.reviews.rules.assignment_table import TableLine, read_assignment
from grants_app.reviews.rules.sheet import KNOWS_THE_FIELD
from grants_app.reviews.schemas.assignment import AssignmentSchema
from grants_app.reviews.services.assignment_table import TablePlan, apply_table, note_download, plan_table
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form, sentence
from grants_app.web.export import respond
from grants_app.web.parcels import read_tables

WORDS = {"competition.export_assignment": "Table of assignments taken as a file"}


@dataclass(frozen=True)
class AssignmentRow:
    """A pair as it leaves the product; without an expert the application has nobody."""

    application_code: str
    application: str
    expert: str = ""
    email: str = ""
    expert_code: str = ""
    state: State | None = None
    fit: str = ""
    load_count: int | None = None


@blueprint.get("/<string:code>/assignment.<any(json,csv,xlsx,pdf):suffix>")
@requires(Permission.REVIEW_ASSIGN)
def assignment_export(code: str, suffix: str) -> Response:
    """Every pair that stands, and the applications that have nobody. That it was taken is noted."""
    competition = competition_of(code)
    frame = documents.table_frame(gettext("Assignment of experts"), competition, lang=lang())
    rows, person = _rows(competition), viewer()
    answer = respond(rows, AssignmentSchema, suffix, file_name=f"assignment-{code}", document=frame)
    with unit_of_work():
        note_download(competition, suffix=suffix, rows=len(rows), by=person)
    return answer


@blueprint.get("/<string:code>/assignment/upload")
@requires(Permission.REVIEW_ASSIGN)
def assignment_upload(code: str) -> str:
    """Where a table is sent."""
    return _page(competition_of(code), TableForm(formdata=None))


@blueprint.post("/<string:code>/assignment/upload")
@requires(Permission.REVIEW_ASSIGN)
def assignment_preview(code: str) -> Answer:
    """What the table would change; nothing is written."""
    competition, form = competition_of(code), TableForm()
    if not form.validate_on_submit():
        return _page(competition, form), 422
    try:
        lines = read_assignment(read_tables(form.file.data.read()))
    except DomainError as error:
        put_on_form(form, error)
        return _page(competition, form), 422
    plan = plan_table(competition, lines, viewer())
    return _page(competition, form, plan, lines=lines), 422 if plan.errors else 200


@blueprint.post("/<string:code>/assignment/confirm")
@requires(Permission.REVIEW_ASSIGN)
def assignment_confirm(code: str) -> Answer:
    """Apply the table that was shown, all or nothing."""
    competition, form = competition_of(code), ConfirmForm()
    lines = _lines(form.rows.data or "")
    if not lines or not form.validate_on_submit():
        return _page(competition, TableForm(formdata=None), told=gettext("Send the table again")), 422
    try:
        with unit_of_work() as unit:
            reason = form.reason.data or ""
            plan = apply_table(competition, lines, seen=form.basis.data or "", reason=reason, by=viewer())
            unit.answer = url_for("reviews.board", code=code)
    except (EditConflict, ManyErrors) as error:
        told = sentence(error) if isinstance(error, EditConflict) else ""
        fresh = plan_table(competition, lines, viewer())
        return _page(competition, TableForm(formdata=None), fresh, lines=lines, told=told), 409
    except DomainError as error:
        put_on_form(form, error)
        shown = plan_table(competition, lines, viewer())
        return _page(competition, TableForm(formdata=None), shown, lines=lines, confirm=form), 422
    flash(ngettext("%(num)d assignment made", "%(num)d assignments made", len(plan.added)), "ok")
    if plan.removed:
        flash(ngettext("%(num)d assignment taken back", "%(num)d assignments taken back", len(plan.removed)), "ok")
    if plan.added or plan.removed:
        tell_of_held_letters(competition)
    return redirect(unit.answer)


def _lines(text: str) -> list[TableLine]:
    """The rows that travelled with the preview; what is not such rows is no rows."""
    try:
        rows = json.loads(text)
        return [TableLine(int(row[0]), str(row[1]), str(row[2]), str(row[3])) for row in rows]
    except (ValueError, TypeError, IndexError, KeyError, OverflowError, RecursionError):
        return []


def _rows(competition: Competition) -> list[AssignmentRow]:
    person = viewer()
    facts = facts_of(competition, out=hidden_ids(person, competition))
    experts = {one.email: key for key, one in facts.people.items()}
    bids = {bid.code: key for key, bid in facts.applications.items()}
    found = []
    for row in sorted(boards.board_rows(competition, person), key=lambda one: one.code):
        seats = [seat for seat in row.seats if seat.is_active]
        found += [_row(facts, row, seat, experts.get(seat.email), bids.get(row.code)) for seat in seats]
        if not seats:
            found.append(AssignmentRow(row.code, row.title))
    return found


def _row(
    facts: Facts, row: boards.BoardRow, seat: boards.SeatOfReview, expert: int | None, bid: int | None
) -> AssignmentRow:
    fits = expert is not None and bid is not None and facts.affinity(expert, bid) == KNOWS_THE_FIELD
    return AssignmentRow(
        application_code=row.code,
        application=row.title,
        expert=seat.expert,
        email=seat.email,
        expert_code=seat.expert_code,
        state=seat.state,
        fit=gettext("fits") if fits else "",
        load_count=None if expert is None else facts.loads[expert],
    )


def _page(
    competition: Competition,
    form: TableForm,
    plan: TablePlan | None = None,
    *,
    lines: Sequence[TableLine] = (),
    confirm: ConfirmForm | None = None,
    told: str = "",
) -> str:
    ready = confirm or ConfirmForm(formdata=None)
    if plan is not None:
        ready.rows.data = json.dumps([astuple(line) for line in lines], ensure_ascii=False)
        ready.basis.data = plan.digest
    return render_template(
        "reviews/assignment_table.html",
        competition=competition,
        form=form,
        plan=plan,
        confirm=ready,
        told=told,
        errors=[] if plan is None else [(one.row, gettext(one.column), sentence(one.error)) for one in plan.errors],
        added=[]
        if plan is None
        else [
            (one.application_code, one.application_title, one.expert.full_name, one.expert.email,
             " ".join(sentence(each) for each in one.cautions) or "–")
            for one in plan.added
        ],
        removed=[]
        if plan is None
        else [
            (one.application_code, one.application_title, one.expert.full_name, one.expert.email)
            for one in plan.removed
        ],
    )  # fmt: skip
