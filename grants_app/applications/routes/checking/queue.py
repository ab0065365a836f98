"""The queue of the formal check: rows by term, choice, pages, exports of what is seen, lines of the work list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from grants_app.applications.documents import queue_document
from grants_app.applications.queries import queue as queries
from grants_app.applications.queries.queue import Queue, QueueChoice
from grants_app.applications.routes.blueprint import blueprint, person
from grants_app.applications.routes.checking.bulk import bulk_rows, steps_for
from grants_app.applications.schemas import QueueSchema
from grants_app.competitions.models import Competition
from grants_app.competitions.queries import competition_by_code
from grants_app.lifecycle import CompetitionState
from grants_app.permissions import Permission
from grants_app.web import panels
from grants_app.web.access import requires
from grants_app.web.export import respond
from grants_app.web.panels import DueItem

WORDS = {
    "waiting": "Wait for the check",
    "overdue": "Overdue",
    "returned": "Returned for correction",
    "proposed": "Proposed to the commission",
    "done": "Decided",
}


@blueprint.get("/register/<string:competition_code>/queue")
@requires(Permission.FORMAL_CHECK)
def check_queue(competition_code: str) -> str:
    """What is due by when; overdue first, a page of fifty at a time."""
    competition = competition_by_code(competition_code, person())
    choice = _choice()
    found = queries.check_queue(competition, person(), choice)
    last = max(1, -(-len(found.rows) // queries.PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), last)
    query = _query(choice)
    address = url_for("applications.check_queue", competition_code=competition.code)
    rows = found.rows[(page - 1) * queries.PAGE : page * queries.PAGE]
    return render_template(
        "applications/queue.html",
        competition=competition,
        found=found,
        rows=rows,
        open_codes=queries.open_codes(rows),
        is_all_picked=request.args.get("pick") == "all",
        pick_url=f"{address}?{urlencode([*query.items(), ('page', page), ('pick', 'all')])}#queue",
        unpick_url=f"{address}?{urlencode([*query.items(), ('page', page)])}#queue",
        choice=choice,
        page=page,
        last=last,
        page_url=f"{address}?{urlencode([*query.items(), ('page', '')])}{{page}}",
        counters=_counters(competition, found, choice),
        exports=_exports(competition, choice),
        sort_urls=_sort_urls(competition, choice),
        steps=steps_for(competition),
        bulk=bulk_rows(competition),
        is_running=competition.state == CompetitionState.FORMAL_CHECK,
        blocks=panels.blocks("formal_check", person(), competition),
    )


@blueprint.get("/register/<string:competition_code>/queue.<any(json,csv,xlsx,pdf):suffix>")
@requires(Permission.FORMAL_CHECK)
def check_queue_export(competition_code: str, suffix: str) -> Response:
    """The rows of the screen, all pages of them, as a file."""
    competition = competition_by_code(competition_code, person())
    found = queries.check_queue(competition, person(), _choice())
    document = queue_document(competition, len(found.rows))
    return respond(found.rows, QueueSchema, suffix, file_name=f"queue-{competition.code}", document=document)


def due_checks(user: Any) -> Iterable[DueItem]:
    """A line for each competition in the check: how many wait, how many are late, by the nearest term."""
    if not user.can(Permission.FORMAL_CHECK):
        return
    for competition in queries.checking_competitions():
        found = queries.check_queue(competition, user, QueueChoice())
        terms = [row.due_at for row in found.rows if row.due_at is not None]
        waiting, late = found.counts.get("waiting", 0), found.counts.get("overdue", 0)
        if not waiting and not late:
            continue
        why = gettext("Applications wait for the formal check: %(count)s", count=waiting)
        if late:
            why += "; " + gettext("overdue: %(count)s", count=late)
        url = url_for("applications.check_queue", competition_code=competition.code)
        yield DueItem(min(terms, default=None), competition.title, url, why, gettext("Check"))


def _choice() -> QueueChoice:
    return QueueChoice(
        who=request.args.get("who", ""),
        state=request.args.get("state", ""),
        text=request.args.get("text", ""),
        sort=request.args.get("sort", "due"),
    )


def _query(choice: QueueChoice, **changes: str) -> dict[str, str]:
    values = {"who": choice.who, "state": choice.state, "text": choice.text, "sort": choice.sort, **changes}
    return {name: value for name, value in values.items() if value and (name, value) != ("sort", "due")}


def _address(competition: Competition, query: dict[str, str]) -> str:
    address = url_for("applications.check_queue", competition_code=competition.code)
    return f"{address}?{urlencode(query)}" if query else address


def _counters(competition: Competition, found: Queue, choice: QueueChoice) -> list[dict[str, object]]:
    items: list[dict[str, object]] = [
        {
            "label": gettext("All"),
            "count": found.total,
            "url": _address(competition, _query(choice, state="")),
            "is_current": choice.state not in WORDS,
        }
    ]
    items += [
        {
            "label": gettext(words),
            "count": found.counts[name],
            "url": _address(competition, _query(choice, state=name)),
            "is_current": choice.state == name,
        }
        for name, words in WORDS.items()
        if found.counts.get(name)
    ]
    return items


def _sort_urls(competition: Competition, choice: QueueChoice) -> dict[str, str]:
    return {
        name: _address(competition, _query(choice, sort=f"-{name}" if choice.sort == name else name))
        for name in queries.SORTS
    }


def _exports(competition: Competition, choice: QueueChoice) -> list[tuple[str, str]]:
    query = urlencode(_query(choice))
    return [
        (
            suffix.upper(),
            url_for("applications.check_queue_export", competition_code=competition.code, suffix=suffix)
            + (f"?{query}" if query else ""),
        )
        for suffix in ("pdf", "xlsx", "csv", "json")
    ]
