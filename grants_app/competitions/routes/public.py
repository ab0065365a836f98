"""What everybody may read: the list, the page of a competition, its announcement, rules and calendar."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext

from grants_app.competitions import documents, queries
from grants_app.competitions.documents.wordings import admission_sentences, money_sentences
from grants_app.competitions.models import Competition
from grants_app.competitions.queries import CompetitionRow
from grants_app.competitions.queries.example import worked_example
from grants_app.competitions.queries.published import AmendmentRow, amendment_rows
from grants_app.competitions.routes.blueprint import blueprint, city_name, competition_or_404, reader
from grants_app.competitions.schemas import CompetitionSchema
from grants_app.core import clock
from grants_app.core.errors import NotFound
from grants_app.core.wholes import whole
from grants_app.permissions import Permission
from grants_app.web import panels
from grants_app.web.access import public
from grants_app.web.context import select_language
from grants_app.web.export import download, draw, respond
from grants_app.web.formatting import day_short

GROUP_LABELS = {"open": "Open now", "upcoming": "To come", "past": "Past", "draft": "Drafts"}


@blueprint.get("/competitions")
@public
def index() -> str:
    """Open, coming and past competitions."""
    viewer = reader()
    rows = _chosen_rows()
    bands = [(gettext(GROUP_LABELS[group]), [row for row in rows if row.group == group]) for group in queries.GROUPS]
    return render_template(
        "competitions/index.html",
        bands=[(label, found) for label, found in bands if found],
        count=len(rows),
        groups=[(name, gettext(label)) for name, label in GROUP_LABELS.items() if name != "draft" or _is_staff()],
        chosen=_choice(),
        years=queries.years(),
        exports=[(suffix.upper(), _export_url(suffix)) for suffix in ("pdf", "xlsx", "csv", "json")],
        may_create=viewer is not None and viewer.can(Permission.COMPETITION_EDIT),
    )


@blueprint.get("/competitions.<any(json,csv,xlsx,pdf):suffix>")
@public
def export(suffix: str) -> Response:
    """The same rows as a file."""
    chosen = _choice()
    told = [str(value) for value in (chosen["year"], chosen["q"]) if value]
    if chosen["group"]:
        told.insert(0, gettext(GROUP_LABELS[str(chosen["group"])]))
    document = documents.list_document(gettext("Competitions"), ", ".join(told))
    return respond(_chosen_rows(), CompetitionSchema, suffix, file_name="competitions", document=document)


@blueprint.get("/competitions/<string:code>")
@public
def show(code: str) -> str:
    """Everything about one competition."""
    competition = competition_or_404(code)
    now, lang = clock.now(), select_language()
    blocks = panels.blocks("competition", reader(), competition)
    example = worked_example(competition)
    return render_template(
        "competitions/show.html",
        competition=competition,
        state=queries.shown_state(competition, now),
        fund_kop=queries.fund_kop(competition),
        lots=queries.lot_rows(competition, lang),
        criteria=queries.criterion_rows(competition, lang),
        uses_percent=queries.uses_percent(competition),
        panel_sentences=documents.panel_sentences(competition),
        sentences=documents.ranking_sentences(competition),
        notes=[(one["step"], documents.note_sentence(one)) for one in competition.notes if one["step"] != "amend"],
        amendments=[_amendment(row, competition) for row in amendment_rows(competition)],
        admission_sentences=admission_sentences(competition),
        money_sentences=money_sentences(competition),
        example=documents.example_sheet(competition, example) if example else None,
        example_sentences=documents.example_sentences(example) if example else [],
        example_legend=documents.example_legend(competition),
        seats=queries.seat_rows(competition),
        until=documents.until_words(competition.intake_until) if competition.intake_until else "",
        steps=calendar_steps(competition, now),
        blocks=[block for block in blocks if block.order >= 20],
        actions=[block for block in blocks if block.order < 20],
        is_staff=_is_staff(),
    )


@blueprint.get("/competitions/<string:code>.pdf")
@public
def announcement(code: str) -> Response:
    """«Оголошення про конкурс»."""
    competition = competition_or_404(code)
    return download(draw(documents.announcement(competition, organizer=city_name())), "pdf", competition.code)


@blueprint.get("/competitions/<string:code>/rules.json")
@public
def rules(code: str) -> Response:
    """The fixed rules, letter for letter as they were hashed."""
    competition = competition_or_404(code)
    if competition.rules_text is None:
        raise NotFound
    return download(competition.rules_text.encode(), "json", f"{competition.code}-rules")


@blueprint.get("/competitions/<string:code>/calendar.ics")
@public
def calendar(code: str) -> Response:
    """The dates for people's own calendars."""
    competition = competition_or_404(code)
    text = documents.calendar_text(competition, url=url_for("competitions.show", code=code, _external=True))
    response = Response(text, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{competition.code}.ics"'
    return response


def _amendment(row: AmendmentRow, competition: Competition) -> dict[str, Any]:
    heading = documents.amendment_heading(row)
    rows = [list(each) for each in documents.change_rows(row, competition)]
    return {"number": row.number, "heading": heading, "reason": row.reason, "rows": rows}


def calendar_steps(competition: Competition, now: datetime) -> list[dict[str, str]]:
    """The way of an application through this competition, with its dates."""

    def till(moment: datetime | None) -> str:
        return gettext("until %(day)s", day=day_short(clock.last_day(moment))) if moment else "–"

    results = gettext("by %(day)s", day=day_short(competition.results_by)) if competition.results_by else "–"
    spans = [
        (gettext("Intake"), till(competition.intake_until), competition.intake_until),
        (gettext("Check and scoring"), till(competition.scoring_until), competition.scoring_until),
        (
            gettext("Decision and results"),
            results,
            clock.end_of_day(competition.results_by) if competition.results_by else None,
        ),
        (
            gettext("Projects and reports"),
            till(clock.end_of_day(competition.project_until)) if competition.project_until else "–",
            clock.end_of_day(competition.project_until) if competition.project_until else None,
        ),
    ]
    has_begun = competition.intake_from is not None and now >= competition.intake_from
    items, is_now_given = [], not has_begun
    for label, when, end in spans:
        is_past = has_begun and end is not None and now >= end
        state = "done" if is_past else ("next" if is_now_given else "now")
        is_now_given = is_now_given or state == "now"
        items.append({"label": label, "when": when, "state": state})
    return items


def _is_staff() -> bool:
    return queries.is_staff(reader())


def _choice() -> dict[str, str | int | None]:
    year = request.args.get("year", "")
    group = request.args.get("group", "")
    return {
        "group": group if group in GROUP_LABELS else None,
        "year": whole(year) if len(year) == 4 else None,
        "q": request.args.get("q", "").strip()[:100] or None,
    }


def _chosen_rows() -> list[CompetitionRow]:
    chosen = _choice()
    return queries.competition_rows(
        reader(),
        group=None if chosen["group"] is None else str(chosen["group"]),
        year=chosen["year"] if isinstance(chosen["year"], int) else None,
        text=None if chosen["q"] is None else str(chosen["q"]),
    )


def _export_url(suffix: str) -> str:
    chosen: dict[str, Any] = {name: value for name, value in _choice().items() if value is not None}
    return url_for("competitions.export", suffix=suffix, **chosen)
