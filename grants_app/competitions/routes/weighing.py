"""Help with the weights of criteria: the organizer answers, the engine proposes, nothing changes until it is taken."""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.competitions import policy
from grants_app.competitions.forms.weighing import WeighingForm, weighing_form
from grants_app.competitions.models import Competition
from grants_app.competitions.routes.blueprint import blueprint, competition_or_404
from grants_app.competitions.rules import wording
from grants_app.competitions.services import weighing as services
from grants_app.core.errors import DomainError, EditConflict
from grants_app.database import unit_of_work
from grants_app.permissions import Permission
from grants_app.web import formatting
from grants_app.web.access import requires
from grants_app.web.context import select_language
from grants_app.web.errors import put_on_form

Answer = str | Response | tuple[str, int]
_METHODS = "any(order,swing,pairs)"
METHODS = {"order": _l("By their order"), "swing": _l("By points"), "pairs": _l("In pairs")}


@blueprint.get(f"/competitions/<string:code>/weights/<{_METHODS}:method>")
@requires(Permission.COMPETITION_EDIT)
def weights(code: str, method: str) -> str:
    """The questions of a method."""
    competition = competition_or_404(code)
    return _page(competition, method, _form(competition, method, from_request=False))


@blueprint.post(f"/competitions/<string:code>/weights/<{_METHODS}:method>")
@requires(Permission.COMPETITION_EDIT)
def weigh(code: str, method: str) -> Answer:
    """Show the weights that follow from the answers, or take them over into the criteria."""
    competition = competition_or_404(code)
    form = _form(competition, method, from_request=True)
    why_not = _why_not(competition, method)
    if why_not is not None or not form.validate_on_submit():
        return _page(competition, method, form), 422
    try:
        proposed = _PROPOSE[method](form)
        if request.form.get("then") != "take":
            return _page(competition, method, form, proposed)
        with unit_of_work() as unit:
            services.take_weights(competition, proposed, by=current_user, version=form.seen_version)
            unit.answer = url_for("competitions.settings", code=code, theme="criteria", saved=1)
        return redirect(unit.answer)
    except DomainError as error:
        put_on_form(form, error)
        return _page(competition, method, form), 409 if isinstance(error, EditConflict) else 422


_PROPOSE: dict[str, Callable[[WeighingForm], tuple[str, ...]]] = {
    "order": lambda form: services.weights_of_order(form.numbers("place")),
    "swing": lambda form: services.weights_of_swings(form.numbers("swing")),
    "pairs": lambda form: services.weights_of_pairs(_count(form), form.comparisons()),
}


def _count(form: WeighingForm) -> int:
    """How many criteria are compared: the last pair is that of the last two."""
    return max(second for _, second in form.comparisons()) + 1


def _titles(competition: Competition) -> list[str]:
    return [wording(one.title, select_language()) for one in services.weighed_criteria(competition)]


def _form(competition: Competition, method: str, *, from_request: bool) -> WeighingForm:
    titles = _titles(competition)
    if method == "pairs" and len(titles) > services.MOST_COMPARED:
        titles = []
    return weighing_form(method, titles, competition.version, from_request=from_request)


def _why_not(competition: Competition, method: str) -> str | None:
    return policy.why_not_edit(current_user, competition) or services.why_not_weigh(
        competition, in_pairs=method == "pairs"
    )


def _page(competition: Competition, method: str, form: WeighingForm, proposed: tuple[str, ...] = ()) -> str:
    criteria = services.weighed_criteria(competition)
    rows = [
        {"title": title, "now": formatting.number(one.weight), "proposed": formatting.number(weight)}
        for title, one, weight in zip(_titles(competition), criteria, proposed, strict=False)
    ]
    return render_template(
        "competitions/weights.html",
        competition=competition,
        method=method,
        form=form,
        rows=rows,
        why_not=_why_not(competition, method),
        methods=[
            {
                "label": label,
                "url": url_for("competitions.weights", code=competition.code, method=name),
                "is_current": name == method,
            }
            for name, label in METHODS.items()
        ],
    )
