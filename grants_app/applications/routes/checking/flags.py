"""Marks of the radar: the list of a competition, the evidence of one with both texts, the decision on it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from grants_app.applications.forms import ReasonForm
from grants_app.applications.models import Flag
from grants_app.applications.queries import flags as queries
from grants_app.applications.queries.content import is_sealed
from grants_app.applications.queries.flags import FlagView
from grants_app.applications.queries.radar import last_look
from grants_app.applications.routes.blueprint import blueprint, desk_application, person
from grants_app.applications.rules.likeness import LEAST_WORDS, LIKE_BP
from grants_app.applications.services.radar import ask_for_radar, decide_flag
from grants_app.competitions.queries import competition_by_code
from grants_app.core.errors import DomainError
from grants_app.database import unit_of_work
from grants_app.lifecycle import FlagState
from grants_app.permissions import Permission
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form


@blueprint.get("/register/<string:competition_code>/flags")
@requires(Permission.FORMAL_CHECK)
def flags(competition_code: str) -> str:
    """Every mark of a competition that this person may read, with the time of the last look."""
    competition = competition_by_code(competition_code, person())
    state = request.args.get("state", "")
    state = state if state in {one.value for one in FlagState} else ""
    rows, job = queries.flag_rows(person(), competition), last_look(competition)
    return render_template(
        "applications/flags.html",
        competition=competition,
        rows=[row for row in rows if not state or row.state.value == state],
        counters=_counters(competition_code, [row.state.value for row in rows], state),
        job=job,
        may_see_job=job is not None and (job.owner_id == person().id or person().can(Permission.JOURNAL_READ)),
        is_sealed=is_sealed(competition),
        threshold_bp=LIKE_BP,
        least_words=LEAST_WORDS,
    )


@blueprint.post("/register/<string:competition_code>/flags/look")
@requires(Permission.FORMAL_CHECK)
def look_around(competition_code: str) -> Response:
    """Ask the radar to look once more."""
    competition = competition_by_code(competition_code, person())
    with unit_of_work() as unit:
        ask_for_radar(competition, by=person())
        unit.answer = url_for("applications.flags", competition_code=competition_code)
    flash(gettext("The radar looks around. You may leave this page: the work goes on"), "ok")
    return redirect(unit.answer)


@blueprint.get("/<string:code>/flags/<string:flag>")
@requires(Permission.FORMAL_CHECK)
def flag(code: str, flag: str) -> str:
    """One mark: both places side by side, equal words marked."""
    view = queries.flag_for(person(), desk_application(code), flag)
    return _page(code, view, ReasonForm(formdata=None, reason=view.flag.note))


@blueprint.post("/<string:code>/flags/<string:flag>/<any(confirm,dismiss):step>")
@requires(Permission.FORMAL_CHECK)
def decide_on_flag(code: str, flag: str, step: str) -> Response | tuple[str, int]:
    """Confirm the mark or dismiss it, with the reason."""
    view, form = queries.flag_for(person(), desk_application(code), flag), ReasonForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                for mark in _pair(view) if "both" in request.form else [view.flag]:
                    decide_flag(mark, is_confirmed=step == "confirm", reason=form.reason.data or "", by=person())
                unit.answer = url_for("applications.formal_check", code=code)
            flash(gettext("The mark is confirmed") if step == "confirm" else gettext("The mark is dismissed"), "ok")
            return redirect(unit.answer)
        except DomainError as error:
            if error.field is None:
                raise
            put_on_form(form, error)
    return _page(code, view, form), 422


def _pair(view: FlagView) -> list[Flag]:
    """The mark, and that of the other application while nobody has judged it."""
    mirror = view.mirror
    return [view.flag] if mirror is None or mirror.state is not FlagState.OPEN else [view.flag, mirror]


def _page(code: str, view: FlagView, form: ReasonForm) -> str:
    return render_template(
        "applications/flag.html",
        view=view,
        application=view.flag.application,
        form=form,
        may_confirm=view.flag.state != FlagState.CONFIRMED,
        may_dismiss=view.flag.state != FlagState.DISMISSED,
        threshold_bp=LIKE_BP,
    )


def _counters(competition_code: str, states: list[str], current: str) -> list[dict[str, object]]:
    address = url_for("applications.flags", competition_code=competition_code)
    items: list[dict[str, object]] = [
        {"label": gettext("All"), "count": len(states), "url": address, "is_current": not current}
    ]
    items += [
        {
            "label": gettext(state.label),
            "count": states.count(state.value),
            "url": f"{address}?state={state.value}",
            "is_current": current == state.value,
        }
        for state in FlagState
        if state.value in states
    ]
    return items
