"""The secretary's desk: registers of competitions, the journal of registration, the public list."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from grants_app.applications import policy, queries, services
from grants_app.applications.documents import paper_rows, register_document
from grants_app.applications.queries import Register, RegisterChoice, RegisterRow, late_entry
from grants_app.applications.queries.content import is_over, late_seal
from grants_app.applications.routes.blueprint import blueprint, person
from grants_app.applications.schemas import PaperRegisterSchema, PublicRegisterSchema, RegisterSchema
from grants_app.applications.services import intake
from grants_app.competitions.models import Competition
from grants_app.competitions.queries import competition_by_code
from grants_app.database import unit_of_work
from grants_app.lifecycle import ApplicationState, CompetitionState
from grants_app.permissions import Permission
from grants_app.web.access import public, requires
from grants_app.web.columns import Columns
from grants_app.web.export import Document, respond

PAGE = 100  # rows of a page; exports give all
DESK = (Permission.APPLICATION_REGISTER_READ, Permission.FORMAL_CHECK)


@blueprint.get("/desk")
@requires(*DESK)
def desk() -> str:
    """Competitions with their registers; while bids are sealed a count is all that is told."""
    return render_template("applications/desk.html", rows=queries.desk_rows(person()))


@blueprint.get("/register/<string:competition_code>")
@requires(*DESK, Permission.RANKING_READ)
def register(competition_code: str) -> str:
    """The register with counters, choice of rows and exports."""
    competition = competition_by_code(competition_code, person())
    choice = _choice()
    found = queries.register_rows(competition, person(), choice)
    waiting = [row.code for row in found.rows if row.state in {ApplicationState.SUBMITTED, ApplicationState.CORRECTED}]
    is_checking = competition.state == CompetitionState.FORMAL_CHECK
    late_rows = late_entry.unused_late_rows(competition) if found.counts or not found.is_sealed else []
    has_running = any(row.state == "running" for row in late_rows)
    last = max(1, -(-len(found.rows) // PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), last)
    return render_template(
        "applications/register.html",
        competition=competition,
        register=found,
        rows=found.rows[(page - 1) * PAGE : page * PAGE],
        page=page,
        last=last,
        page_url=_page_url(competition, choice),
        choice=choice,
        lots=[(lot.title, lot.title) for lot in competition.lots],
        counters=_counters(competition, found, choice),
        exports=_exports("applications.register_export", competition, choice),
        sort_urls=_sort_urls("applications.register", competition, choice),
        may_check=person().can(Permission.FORMAL_CHECK),
        next_url=url_for("applications.formal_check", code=waiting[0]) if waiting and is_checking else None,
        may_start=is_over(competition)
        and competition.state in {CompetitionState.OPEN, CompetitionState.ANNOUNCED, CompetitionState.CLOSED},
        start_reason=policy.why_not_begin_check(competition, has_running),
        late_rows=late_rows,
        late_seal=late_seal(competition) if has_running else None,
    )


@blueprint.get("/register/<string:competition_code>.<any(json,csv,xlsx,pdf):suffix>")
@requires(*DESK, Permission.RANKING_READ)
def register_export(competition_code: str, suffix: str) -> Response:
    """The rows of the screen as a file."""
    competition = competition_by_code(competition_code, person())
    found = queries.register_rows(competition, person(), _choice())
    document = register_document(competition, len(found.rows))
    return _file(found.rows, RegisterSchema, suffix, name=f"register-{competition.code}", document=document)


@blueprint.post("/register/<string:competition_code>/start-check")
@requires(Permission.FORMAL_CHECK)
def start_check(competition_code: str) -> Response:
    """Close the intake if the clock has not done it yet, and begin the formal check."""
    competition = competition_by_code(competition_code, person())
    with unit_of_work() as unit:
        intake.close_for_check(competition)
        services.start_formal_check(competition, person())
        unit.answer = url_for("applications.register", competition_code=competition_code)
    flash(gettext("The formal check has begun"), "ok")
    return redirect(unit.answer)


@blueprint.get("/public/<string:competition_code>")
@public
def public_list(competition_code: str) -> str:
    """Who applied: after the intake, for everybody."""
    competition = competition_by_code(competition_code, None)
    choice = _choice()
    found = queries.public_rows(competition, choice)
    return render_template(
        "applications/public_list.html",
        competition=competition,
        register=found,
        choice=choice,
        lots=[(lot.title, lot.title) for lot in competition.lots],
        exports=_exports("applications.public_export", competition, choice),
        sort_urls=_sort_urls("applications.public_list", competition, choice),
        is_over=is_over(competition),
        late_rows=late_entry.unused_late_rows(competition),
        is_veiled=queries.is_veiled(None, competition),
    )


@blueprint.get("/public/<string:competition_code>.<any(json,csv,xlsx,pdf):suffix>")
@public
def public_export(competition_code: str, suffix: str) -> Response:
    """The public list as a file."""
    competition = competition_by_code(competition_code, None)
    found = queries.public_rows(competition, _choice())
    document = register_document(competition, len(found.rows), is_public=True)
    return _file(found.rows, PublicRegisterSchema, suffix, name=f"applications-{competition.code}", document=document)


def _file(
    rows: Sequence[RegisterRow], schema: type[Columns], suffix: str, *, name: str, document: Document
) -> Response:
    """The rows as a file; on paper what belongs together stands in one cell."""
    if suffix == "pdf":
        return respond(paper_rows(rows), PaperRegisterSchema, suffix, file_name=name, document=document)
    return respond(rows, schema, suffix, file_name=name, document=document)


def _choice() -> RegisterChoice:
    return RegisterChoice(
        state=request.args.get("state", ""),
        lot=request.args.get("lot", ""),
        text=request.args.get("text", ""),
        sort=request.args.get("sort", "number"),
    )


def _page_url(competition: Competition, choice: RegisterChoice) -> str:
    """The address of a page of the register, with the place of its number."""
    query = urlencode([*_query(choice).items(), ("page", "")])
    return f"{url_for('applications.register', competition_code=competition.code)}?{query}{{page}}"


def _query(choice: RegisterChoice, **changes: str) -> dict[str, str]:
    values = {"state": choice.state, "lot": choice.lot, "text": choice.text, "sort": choice.sort, **changes}
    return {name: value for name, value in values.items() if value and (name, value) != ("sort", "number")}


def _counters(competition: Competition, found: Register, choice: RegisterChoice) -> list[dict[str, object]]:
    items: list[dict[str, object]] = [
        {
            "label": gettext("All"),
            "count": found.total,
            "url": _address("applications.register", competition, _query(choice, state="")),
            "is_current": choice.state not in {state.value for state in found.counts},
        }
    ]
    for state in ApplicationState:
        if found.counts.get(state):
            items.append(
                {
                    "label": gettext(state.label),
                    "count": found.counts[state],
                    "url": _address("applications.register", competition, _query(choice, state=state.value)),
                    "is_current": choice.state == state.value,
                }
            )
    return items


def _sort_urls(endpoint: str, competition: Competition, choice: RegisterChoice) -> dict[str, str]:
    names = ("number", "time", "organisation", "title", "amount", "state")
    return {
        name: _address(endpoint, competition, _query(choice, sort=f"-{name}" if choice.sort == name else name))
        for name in names
    }


def _exports(endpoint: str, competition: Competition, choice: RegisterChoice) -> list[tuple[str, str]]:
    query = urlencode(_query(choice))
    return [
        (
            suffix.upper(),
            url_for(endpoint, competition_code=competition.code, suffix=suffix) + (f"?{query}" if query else ""),
        )
        for suffix in ("pdf", "xlsx", "csv", "json")
    ]


def _address(endpoint: str, competition: Competition, query: dict[str, str]) -> str:
    address = url_for(endpoint, competition_code=competition.code)
    return f"{address}?{urlencode(query)}" if query else address
