"""Steps on many applications: what will happen and the letters first, then the step, and undoing it for ten minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from grants_app.applications import queries
from grants_app.applications.forms import ReturnForm
from grants_app.applications.models import Application, BulkStep
from grants_app.applications.queries.letters import Letter, letter_of_admission, letter_of_return
from grants_app.applications.routes.blueprint import blueprint, person, words
from grants_app.applications.routes.checking.returning import items_of, term_end
from grants_app.applications.services import bulk
from grants_app.applications.services.bulk import Order
from grants_app.competitions.models import Competition
from grants_app.competitions.queries import competition_by_code
from grants_app.core import clock
from grants_app.core.errors import DomainError, NotFound
from grants_app.core.state_machine import State
from grants_app.database import db, unit_of_work
from grants_app.journal.jobs import every_minute
from grants_app.lifecycle import BulkStepState
from grants_app.permissions import Permission
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form


@dataclass(frozen=True)
class BulkRow:
    """A step on many in the list of the queue's page."""

    code: str
    step: str
    made_at: datetime
    undo_until: datetime
    state: State
    taken: int
    kept: tuple[str, ...]
    left: tuple[tuple[str, str], ...]
    batch_code: str | None
    can_undo: bool


@every_minute("applications.bulk_steps")
def settle() -> None:
    """End the time for undoing where it has passed."""
    bulk.settle_steps()


def steps_for(competition: Competition) -> list[tuple[str, str]]:
    """Steps that the competition allows: who decides on admission is its rule."""
    out = "admit" if competition.admission_by == "commission" else "propose"
    return [(code, label) for code, label in bulk.STEPS.items() if code != out]


def bulk_rows(competition: Competition) -> list[BulkRow]:
    """The last steps on many, the newest first; applications that the person may not know of are not named."""
    hidden = queries.hidden_codes(person())
    query = sa.select(BulkStep).filter_by(competition_id=competition.id).order_by(BulkStep.id.desc()).limit(5)
    return [_row(step, hidden) for step in db.session.scalars(query)]


@blueprint.get("/register/<string:competition_code>/bulk")
@requires(Permission.FORMAL_CHECK)
def bulk_page(competition_code: str) -> str:
    """What the step would do with each chosen application, and a letter as it would be received."""
    competition = competition_by_code(competition_code, person())
    form = ReturnForm(formdata=None, letter=request.args.get("letter", ""), days=competition.correction_days)
    return _page(competition, _order(competition), form)


@blueprint.post("/register/<string:competition_code>/bulk")
@requires(Permission.FORMAL_CHECK)
def bulk_now(competition_code: str) -> Response | tuple[str, int]:
    """Take the step."""
    competition = competition_by_code(competition_code, person())
    form, order = ReturnForm(), _order(competition)
    if request.form.get("then") == "preview":
        return _page(competition, order, form), 200
    if order.step != "return" or form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                step = bulk.take_step(competition, order, request.form.getlist("codes"), by=person())
                taken = sum("why" not in entry for entry in step.applications)
                unit.answer = url_for("applications.check_queue", competition_code=competition_code)
            flash(
                ngettext(
                    "Done for %(num)d application. Ten minutes to undo it",
                    "Done for %(num)d applications. Ten minutes to undo it",
                    taken,
                ),
                "ok",
            )
            return redirect(unit.answer)
        except DomainError as error:
            if error.field is None:
                raise
            put_on_form(form, error)
    return _page(competition, order, form), 422


@blueprint.post("/register/<string:competition_code>/bulk/<string:step>/undo")
@requires(Permission.FORMAL_CHECK)
def undo_bulk(competition_code: str, step: str) -> Response:
    """Undo a step for everything that nobody went on with."""
    competition = competition_by_code(competition_code, person())
    found = db.session.scalar(sa.select(BulkStep).filter_by(code=step, competition_id=competition.id))
    if found is None:
        raise NotFound()
    with unit_of_work() as unit:
        kept = bulk.undo_step(found, by=person())
        unit.answer = url_for("applications.check_queue", competition_code=competition_code)
    shown = sorted(set(kept) - queries.hidden_codes(person()))
    if shown:
        flash(gettext("Undone, but for what somebody went on with: %(codes)s", codes=", ".join(shown)), "warn")
    else:
        flash(gettext("The step is undone, its letters are withdrawn"), "ok")
    return redirect(unit.answer)


def _order(competition: Competition) -> Order:
    given = request.values
    step = given.get("step", "")
    days = given.get("days", type=int)
    return Order(
        step if step in dict(steps_for(competition)) else "verdicts",
        given.get("letter", ""),
        tuple(given.getlist("questions")),
        days or competition.correction_days,
    )


def _page(competition: Competition, order: Order, form: ReturnForm) -> str:
    chosen = _readable(competition, request.values.getlist("codes"))
    reasons = [(one, bulk.why_not(order, one, person())) for one in chosen]
    reached = [one for one, reason in reasons if reason is None]
    return render_template(
        "applications/bulk.html",
        competition=competition,
        order=order,
        label=dict(steps_for(competition))[order.step],
        form=form,
        rows=[(one, reason and words(reason)) for one, reason in reasons],
        reached=reached,
        items=items_of(reached[0], list(order.questions)) if order.step == "return" and reached else [],
        due=term_end(order.days or 0),
        letter=_letter(order, reached[0]) if reached else None,
        minutes=int(bulk.UNDO_TIME.total_seconds() // 60),
    )


def _letter(order: Order, application: Application) -> Letter | None:
    """The letter of the first application as its head would receive it."""
    if order.step == "admit":
        return letter_of_admission(application)
    if order.step == "return":
        return letter_of_return(application, order.letter, term_end(order.days or 0))
    return None


def _readable(competition: Competition, codes: list[str]) -> list[Application]:
    """The chosen applications that this person may read, in the order of the register."""
    query = (
        sa.select(Application)
        .where(
            Application.competition_id == competition.id,
            Application.code.in_(codes),
            Application.id.not_in(queries.hidden_ids(person(), competition)),
        )
        .order_by(Application.register_number, Application.code)
    )
    found = [one for one in db.session.scalars(query) if queries.is_unsealed(one)]
    if not queries.may_read_in(person(), competition):
        raise NotFound()
    return found


def _row(step: BulkStep, hidden: frozenset[str]) -> BulkRow:
    entries = [entry for entry in step.applications if entry["code"] not in hidden]
    return BulkRow(
        code=step.code,
        step=bulk.STEPS[step.step],
        made_at=step.made_at,
        undo_until=step.undo_until,
        state=step.state,
        taken=sum("why" not in entry for entry in entries),
        kept=tuple(entry["code"] for entry in entries if entry.get("outcome") == "kept"),
        left=tuple((entry["code"], entry["why"]) for entry in entries if "why" in entry),
        batch_code=step.batch_code,
        can_undo=step.state is BulkStepState.OPEN
        and clock.now() < step.undo_until
        and any(not {"why", "outcome"} & entry.keys() for entry in entries),
    )
