"""The city's calendar of working days."""

from __future__ import annotations

from datetime import date, timedelta

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.competitions import forms, queries, services
from grants_app.competitions.routes.blueprint import blueprint
from grants_app.competitions.services.days import effect_of
from grants_app.core import clock
from grants_app.core.errors import DomainError, InvalidInput, NotFound
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form

Answer = str | Response | tuple[str, int]
_ALLOWED = (Permission.COMPETITION_EDIT, Permission.USER_MANAGE)


@blueprint.get("/competitions/working-days")
@requires(*_ALLOWED)
def working_days() -> str:
    """Days off of a year."""
    return _page(forms.DayOffForm(formdata=None))


@blueprint.get("/competitions/working-days/effect")
@requires(*_ALLOWED)
def day_off_effect() -> Answer:
    """What a new day off would change, before it is saved."""
    if not request.args:
        return redirect(url_for("competitions.working_days"))
    form = forms.DayOffForm(request.args)
    day = form.day.data
    if day is None or not all(field.validate(form) for field in (form.day, form.title)):
        return _page(form), 422
    if day in queries.days_off():
        put_on_form(form, InvalidInput("This day is off already", field="day"))
        return _page(form), 422
    return render_template(
        "competitions/day_off_effect.html", form=form, day=day, moved=effect_of(day, current_user)
    )  # fmt: skip


@blueprint.post("/competitions/working-days")
@requires(*_ALLOWED)
def add_day_off() -> Answer:
    """Add a day off."""
    form = forms.DayOffForm()
    day = form.day.data
    if form.validate_on_submit() and day is not None:
        try:
            with unit_of_work() as unit:
                services.add_day_off(day, form.title.data or "", by=current_user)
                unit.answer = url_for("competitions.working_days", year=day.year)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _page(form), 422


@blueprint.post("/competitions/working-days/<string:day>/remove")
@requires(*_ALLOWED)
def remove_day_off(day: str) -> Answer:
    """Make it a working day again."""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        raise NotFound from None
    with unit_of_work() as unit:
        services.remove_day_off(found, by=current_user)
        unit.answer = url_for("competitions.working_days", year=found.year)
    return redirect(unit.answer)


def _page(form: forms.DayOffForm) -> str:
    asked = request.args.get("year", "")
    year = (
        int(asked[:5]) if asked.isascii() and asked.isdigit() and 2000 <= int(asked[:5]) <= 2100 else clock.today().year
    )
    rows = queries.day_off_rows(year)
    return render_template(
        "competitions/working_days.html",
        form=form,
        year=year,
        rows=rows,
        working_count=_working_days(year, queries.days_off()),
    )


def _working_days(year: int, off: frozenset[date]) -> int:
    first = date(year, 1, 1)
    days = (first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days))
    return sum(clock.is_working_day(day, off) for day in days)
