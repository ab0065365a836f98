"""Public account, reports of one competition, and the partnership plan."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.core import clock
from grants_app.core.errors import DomainError
from grants_app.database import unit_of_work
from grants_app.permissions import Permission, Role
from grants_app.reports import services
from grants_app.reports.forms import FactForm
from grants_app.reports.queries import competitions, plan
from grants_app.reports.schemas import CompetitionSummarySchema, FunnelSchema, PlanSchema
from grants_app.vouchers.queries import programme_rows
from grants_app.web import formatting, panels
from grants_app.web.access import public, requires
from grants_app.web.context import select_language
from grants_app.web.errors import put_on_form
from grants_app.web.export import Block, Document, respond
from grants_app.web.panels import NavEntry, Panel

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
Answer = str | Response | tuple[str, int]


def init_app(app: Flask) -> None:
    """Register the pages, the words of the bar and the money on the start page."""
    app.register_blueprint(blueprint)
    desk = frozenset(
        {
            Role.ORGANIZER.value,
            Role.SECRETARY.value,
            Role.AUDITOR.value,
            Role.VOUCHER_OPERATOR.value,
            Role.FINANCE.value,
        }
    )
    panels.register_nav(
        NavEntry("Results and money", "reports.index", 40),
        NavEntry("Partnership plan", "reports.plan_page", 45),
        NavEntry("Reports", "reports.index", 90, desk),
    )
    panels.register("start", "reports", _start_panel)


@blueprint.get("")
@public
def index() -> str:
    """The public account: competitions, projects, money, vouchers."""
    rows = competitions.summary_rows()
    return render_template(
        "reports/index.html",
        rows=rows,
        programmes=programme_rows(with_drafts=False),
        years=sorted({row.year for row in rows}),
        totals={
            "awarded_kop": sum(row.awarded_kop for row in rows),
            "awarded_count": sum(row.awarded_count for row in rows),
            "applications": sum(row.applications for row in rows),
        },
    )


@blueprint.get("/competitions.<any(json, csv, xlsx, pdf):suffix>")
@public
def index_file(suffix: str) -> Response:
    """Published competitions as a file."""
    rows = competitions.summary_rows()
    return respond(
        rows,
        CompetitionSummarySchema,
        suffix,
        file_name="competitions",
        document=_document(_("Competitions and money")),
    )


@blueprint.get("/competitions/<string:code>")
@public
def competition(code: str) -> str:
    """The funnel and the money of one competition."""
    found = competitions.competition_for_report(code, desk=_is_desk())
    return render_template(
        "reports/competition.html",
        competition=found,
        funnel=competitions.funnel_rows(found),
        lots=competitions.lot_rows(found),
        is_published=found.state in competitions.PUBLISHED,
    )


@blueprint.get("/competitions/<string:code>/funnel.<any(json, csv, xlsx, pdf):suffix>")
@public
def competition_file(code: str, suffix: str) -> Response:
    """The funnel as a file."""
    found = competitions.competition_for_report(code, desk=_is_desk())
    rows = competitions.funnel_rows(found)
    document = _document(found.title, caption=found.code)
    return respond(rows, FunnelSchema, suffix, file_name=f"{code}-funnel", document=document)


@blueprint.get("/plan")
@public
def plan_page() -> str:
    """All measures of the partnership plan with their expected results and what has been reached."""
    first, last = _years()
    rows = plan.measure_rows(first, last, select_language())
    found = [item for measure in rows for item in measure.indicators]
    return render_template(
        "reports/plan.html",
        measures=rows,
        years=plan.years_offered(),
        first=first,
        last=last,
        counted=[item for item in found if item.is_counted],
        reached=sum(item.standing == "reached" for item in found),
        with_target=sum(item.target is not None for item in found),
        may_edit=current_user.is_authenticated and current_user.can(Permission.PLAN_FACT_EDIT),
    )


@blueprint.get("/plan.<any(json, csv, xlsx, pdf):suffix>")
@public
def plan_file(suffix: str) -> Response:
    """The indicators as a file."""
    first, last = _years()
    rows = plan.indicator_rows(first, last, select_language())
    document = _document(_("Partnership plan: indicators"), caption=f"{first}–{last}")
    return respond(rows, PlanSchema, suffix, file_name=f"plan-{first}-{last}", document=document)


@blueprint.get("/plan/<string:code>")
@requires(Permission.PLAN_FACT_EDIT)
def fact(code: str) -> str:
    """An indicator: what was entered, and the form of a new fact."""
    return _fact_page(code, FactForm(year=clock.today().year))


@blueprint.post("/plan/<string:code>")
@requires(Permission.PLAN_FACT_EDIT)
def enter_fact(code: str) -> Answer:
    """Enter what was reached, with evidence."""
    indicator = plan.indicator_by_code(code)
    form = FactForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.enter_fact(
                    indicator,
                    year=form.year.data,
                    value=form.value.data,
                    evidence=form.evidence.data or "",
                    by=current_user,
                )
                unit.answer = url_for("reports.fact", code=code)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _fact_page(code, form), 422


def _fact_page(code: str, form: FactForm) -> str:
    indicator = plan.indicator_by_code(code)
    title = indicator.title_en if select_language() == "en" else indicator.title_uk
    return render_template(
        "reports/fact.html", indicator=indicator, title=title, facts=plan.facts_of(indicator), form=form
    )


def _is_desk() -> bool:
    return bool(current_user.is_authenticated and current_user.can(Permission.REPORT_DESK_READ))


def _years() -> tuple[int, int]:
    """The span asked for; unknown values fall back to the plan's own period."""
    offered = plan.years_offered()
    try:
        first, last = int(request.args.get("from", "")), int(request.args.get("to", ""))
    except ValueError:
        return plan.PLAN_YEARS
    if first not in offered or last not in offered:
        return plan.PLAN_YEARS
    return min(first, last), max(first, last)


def _document(title: str, *, caption: str = "") -> Document:
    city = current_app.config["SETTINGS"].city_name
    moment = formatting.stamp(clock.now())
    return Document(
        title=title,
        caption=caption or city,
        number=_("As of %(moment)s", moment=moment),
        blocks=[Block("rows")],
        foot=city,
        landscape=True,
    )


def _start_panel(_viewer: object, _thing: object) -> Panel | None:
    rows = competitions.summary_rows()
    if not rows:
        return None
    return Panel("reports/_start.html", {"rows": rows[:3]}, order=80)
