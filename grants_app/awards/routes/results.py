"""The decision for everybody: results, winners, reserve, score sheets, minutes, bundle; and the desk of publication."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from flask import Response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import undefer

from grants_app.awards import documents, policy, services
from grants_app.awards.documents.explanation import story_papers
from grants_app.awards.forms import PublishForm
from grants_app.awards.models import Publication
from grants_app.awards.queries.access import (
    desk_competition,
    is_public,
    is_staff,
    office_of,
    public_competition,
    recused_applications,
)
from grants_app.awards.queries.decision import decision_guards
from grants_app.awards.queries.explanation import stories_of, veiled_stories
from grants_app.awards.queries.meeting import held_meetings
from grants_app.awards.queries.ranking import DecidedRow, decided_rows
from grants_app.awards.routes.blueprint import Answer, blueprint, person, reader, said, visible_competition
from grants_app.awards.rules.voting import CHOICES
from grants_app.awards.rules.words import DECISIONS
from grants_app.awards.schemas import ReserveSchema, WinnersSchema, as_seen
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.errors import DomainError, NotFound
from grants_app.database import db, unit_of_work
from grants_app.permissions import Permission
from grants_app.reviews.queries.veiled import without_applicants
from grants_app.web import formatting
from grants_app.web.access import public, requires
from grants_app.web.errors import put_on_form
from grants_app.web.export import download, draw, respond

SUFFIXES = ("pdf", "xlsx", "csv", "json")


@blueprint.get("/<string:competition>")
@public
def results(competition: str) -> str:
    """The public page of results; before publication only when they are due."""
    found = public_competition(competition)
    if not is_public(found):
        return render_template("awards/results_awaited.html", competition=found)
    rows = decided_rows(found)
    publication = _publication(found)
    meetings = held_meetings(found)
    return render_template(
        "awards/results.html",
        competition=found,
        outcome=outcome_sentence(rows),
        winners=[row for row in rows if row.decision == "awarded"],
        others=_groups(rows),
        criteria=_criteria(found),
        means={row.code: {code: formatting.mean(mean) for code, mean in row.criteria.items()} for row in rows},
        publication=publication,
        complain_by=clock.last_day(publication.complaints_until) if publication is not None else None,
        meetings=meetings,
        votes=[(meeting, item, _votes(item)) for meeting in meetings for item in meeting.items if item.closed_at],
        command=f"python -m scoring verify {found.code}-bundle.json",
        checks=documents.check_rows(),
        prefix=url_for("awards.explanation", competition=found.code, application="-").removesuffix("-/explanation"),
        exports={name: _links(f"awards.{name}_export", found) for name in ("winners", "reserve")},
    )


@blueprint.get("/engine.zip")
@public
def engine() -> Response:
    """The engine of the list as it runs here: its source, for anybody who wants to compute the list anew."""
    response = Response(documents.engine_archive(), content_type="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="scoring-engine.zip"'
    return response


@blueprint.get("/<string:competition>/winners")
@public
def winners(competition: str) -> str:
    """«Перелік переможців»."""
    return render_template("awards/winners.html", **_list(competition, "awarded", "winners", _("List of winners")))


@blueprint.get("/<string:competition>/winners.<any(json,csv,xlsx,pdf):suffix>")
@public
def winners_export(competition: str, suffix: str) -> Response:
    """The same rows as a file."""
    found, hidden = visible_competition(competition)
    rows = _decided(found, "awarded", hidden)
    document = documents.list_document(
        found, _("List of winners"), sentences=[outcome_sentence(rows)], is_partial=bool(hidden)
    )
    columns = as_seen(WinnersSchema, hidden)
    return respond(rows, columns, suffix, file_name=f"{competition}-winners", document=document)


@blueprint.get("/<string:competition>/reserve")
@public
def reserve(competition: str) -> str:
    """«Резервний список»."""
    return render_template("awards/reserve.html", **_list(competition, "reserve", "reserve", _("Reserve list")))


@blueprint.get("/<string:competition>/reserve.<any(json,csv,xlsx,pdf):suffix>")
@public
def reserve_export(competition: str, suffix: str) -> Response:
    """The same rows as a file."""
    found, hidden = visible_competition(competition)
    rows = _decided(found, "reserve", hidden)
    document = documents.list_document(found, _("Reserve list"), sentences=[], is_partial=bool(hidden))
    columns = as_seen(ReserveSchema, hidden)
    return respond(rows, columns, suffix, file_name=f"{competition}-reserve", document=document)


@blueprint.post("/<string:competition>/reserve/<string:lot>/release")
@requires(Permission.MEETING_CHAIR)
def release(competition: str, lot: str) -> Answer:
    """Give what is free in a lot to its reserve list, in order."""
    found = desk_competition(person(), competition)
    chosen = next((each for each in found.lots if each.code == lot), None)
    if chosen is None:
        raise NotFound
    with unit_of_work() as unit:
        services.release_to_reserve(found, chosen, by=person())
        unit.answer = url_for("awards.reserve", competition=competition)
    return redirect(unit.answer)


@blueprint.get("/<string:competition>/score-sheets.pdf")
@public
def score_sheets(competition: str) -> Response:
    """«Зведені оціночні листи»."""
    found, hidden = visible_competition(competition)
    rows = _decided(found, None, hidden)
    stories = veiled_stories(list(stories_of(found, hidden).values()), reader(), found)
    steps = {story.application.code or "": story_papers(story) for story in stories}
    document = documents.summary_sheets(found, rows, dict(_criteria(found)), steps=steps, is_partial=bool(hidden))
    return download(draw(document), "pdf", f"{competition}-score-sheets")


@blueprint.get("/<string:competition>/minutes")
@public
def minutes_list(competition: str) -> str:
    """Minutes of the competition's meetings."""
    found, _hidden = visible_competition(competition)
    return render_template("awards/minutes_list.html", competition=found, meetings=held_meetings(found))


@blueprint.get("/<string:competition>/bundle.json")
@public
def bundle(competition: str) -> Response:
    """The public bundle, byte for byte as it was frozen at publication."""
    found = public_competition(competition)
    publication = _publication(found, with_bundle=True)
    if publication is None or not is_public(found):
        raise NotFound
    return download(publication.bundle_text.encode(), "json", f"{competition}-bundle")


@blueprint.get("/<string:competition>/publication")
@requires(Permission.RANKING_READ)
def publication(competition: str) -> str:
    """What turns public, what stays hidden, what is missing."""
    return _publication_page(desk_competition(person(), competition), PublishForm())


@blueprint.post("/<string:competition>/publication")
@requires(Permission.AWARD_PUBLISH)
def publish(competition: str) -> Answer:
    """Everything at once."""
    found = desk_competition(person(), competition)
    form = PublishForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                services.publish(found, typed_code=form.code.data, by=person())
                unit.answer = url_for("awards.results", competition=competition)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _publication_page(found, form), 422


def outcome_sentence(rows: list[DecidedRow]) -> str:
    """«21 заявка, 15 проєктів, 1 272 500 грн»."""
    funded = [row for row in rows if row.decision == "awarded"]
    total = formatting.money(sum(row.approved_kop or 0 for row in funded))
    told = ngettext("%(num)d application", "%(num)d applications", len(rows))
    won = ngettext("%(num)d project awarded money", "%(num)d projects awarded money", len(funded))
    return f"{told}, {won}, {total}"


def _list(code: str, decision: str, name: str, title: str) -> dict[str, Any]:
    found, hidden = visible_competition(code)
    rows = _decided(found, decision, hidden)
    user = reader()
    has_desk = user is not None and (is_staff(user) or office_of(user, found.id) is not None)  # also once published
    return {
        "competition": found,
        "title": title,
        "rows": rows,
        "is_desk": has_desk,
        "outcome": outcome_sentence(rows),
        "exports": _links(f"awards.{name}_export", found),
        "releases": _releases(found) if name == "reserve" else [],
        "hidden": len(hidden),
    }


def _decided(competition: Competition, decision: str | None, hidden: frozenset[int]) -> list[DecidedRow]:
    """The rows as who looks may read them: without applicants while these are hidden from them."""
    rows, user = decided_rows(competition, decision, hidden), reader()
    if user is None:
        return rows
    return without_applicants(rows, user, competition, blank=("organisation", "edrpou"))


def _releases(competition: Competition) -> list[tuple[Any, int]]:
    """Lots with free money whose reserve the reader may open."""
    user = reader()
    if user is None or policy.why_not_release(user, competition) is not None:
        return []
    return [(lot, lot.budget_line.free_kop) for lot in competition.lots if lot.budget_line and lot.budget_line.free_kop]


def _links(endpoint: str, competition: Competition) -> list[tuple[str, str]]:
    return [(suffix.upper(), url_for(endpoint, competition=competition.code, suffix=suffix)) for suffix in SUFFIXES]


def _groups(rows: list[DecidedRow]) -> list[tuple[str, list[DecidedRow]]]:
    titles = {
        "reserve": _("Reserve list"),
        "not_awarded": _("Not awarded"),
        "below_pass_mark": _("Below the pass mark"),
    }
    found = [(title, [row for row in rows if row.decision == key]) for key, title in titles.items()]
    return [(title, group) for title, group in found if group]


def _criteria(competition: Competition) -> list[tuple[str, str]]:
    rules = json.loads(competition.rules_text or "{}")
    return [(each["code"], each["title"]) for each in rules.get("criteria", [])]


def _votes(item: Any) -> list[tuple[str, str]]:
    return sorted((vote.user.full_name, _(CHOICES[vote.choice])) for vote in item.votes)


def _publication(competition: Competition, *, with_bundle: bool = False) -> Publication | None:
    query = sa.select(Publication).filter_by(competition_id=competition.id)
    return db.session.scalar(query.options(undefer(Publication.bundle_text)) if with_bundle else query)


def _publication_page(competition: Competition, form: PublishForm) -> str:
    hidden = recused_applications(person(), competition.id)
    rows = _decided(competition, None, hidden)
    counts = [(_(label.label), sum(row.decision == key for row in rows)) for key, label in DECISIONS.items()]
    return render_template(
        "awards/publication.html",
        competition=competition,
        form=form,
        outcome=outcome_sentence(rows),
        counts=counts,
        guards=decision_guards(competition, hidden),
        is_decided=competition.decided_at is not None,
        is_published=is_public(competition),
        why_not=said(policy.why_not_publish(person(), competition)),
    )
