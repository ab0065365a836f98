"""What competitions add to other pages: open calls on the start page, the organizer's work list, words of the bar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import selectinload

from grants_app.competitions import documents, policy, queries
from grants_app.competitions.models import Competition
from grants_app.competitions.queries import CompetitionRow
from grants_app.competitions.routes.asking import asking_panel, due_questions
from grants_app.core import clock
from grants_app.database import db
from grants_app.journal.queries import describe
from grants_app.lifecycle import CompetitionState as C
from grants_app.permissions import Permission, Role
from grants_app.web import formatting
from grants_app.web.formatting import hryvnias
from grants_app.web.panels import DueItem, NavEntry, Panel, register, register_due, register_nav

THOUSAND = 100_000  # kopiykas
_WORKING = (C.CLOSED, C.FORMAL_CHECK, C.SCORING, C.DELIBERATION, C.DECIDED)
STAFF = frozenset(
    {Role.ORGANIZER, Role.SECRETARY, Role.COMMISSION_MEMBER, Role.CHAIR, Role.AUDITOR, Role.ADMIN, Role.FINANCE}
)


@dataclass(frozen=True)
class CallCard:
    """A call on the start page."""

    row: CompetitionRow
    until: str
    limits: str


def init_panels() -> None:
    """Register with the places of earlier pages."""
    register("start", "competitions", _calls)
    register("competition", "asking", asking_panel)
    register_due("competitions", _due)
    register_due("asking", due_questions)
    describe(
        {
            "call_question": "Question about a competition",
            "call_question.ask": "Question asked",
            "call_question.correct": "Answer corrected",
        }
    )
    register_nav(
        NavEntry("Competitions", "competitions.index", 10),
        NavEntry("Competitions", "competitions.index", 20, STAFF | {Role.NGO_HEAD, Role.NGO_MEMBER}),
    )


def _calls(viewer: Any, _thing: Any) -> Panel | None:
    rows = [row for row in queries.competition_rows(None) if row.group in {"open", "upcoming"}]
    if not rows:
        return None
    cards = [
        CallCard(row, documents.until_words(row.intake_until) if row.intake_until else "", _limits(row)) for row in rows
    ]
    return Panel("competitions/call_card.html", cards, order=10)


def _limits(row: CompetitionRow) -> str:
    """«25–100 тис. грн»: the span of one grant, short enough for the card."""
    least, most = row.minimum_kop, row.maximum_kop
    if least is None or most is None:
        return ""
    if least % THOUSAND or most % THOUSAND:
        return formatting.money_span(least, most)
    return gettext("UAH %(least)s–%(most)s thousand", least=hryvnias(least // 1000), most=hryvnias(most // 1000))


def _due(user: Any) -> Iterator[DueItem]:
    if not user.can(Permission.COMPETITION_ANNOUNCE):
        return
    query = (
        sa.select(Competition)
        .where(Competition.state.in_([C.DRAFT, *_WORKING]), Competition.is_imported.is_(False))
        .options(selectinload(Competition.lots), selectinload(Competition.criteria))
    )
    for competition in db.session.scalars(query):
        if competition.state is C.DRAFT:
            yield _unfinished(competition)
        elif competition.results_by is not None:
            yield DueItem(
                when=clock.end_of_day(competition.results_by),
                what=gettext("Results of “%(title)s”", title=competition.title),
                url=url_for("competitions.show", code=competition.code),
                why=gettext("The announcement promised the results by this day"),
                verb=gettext("Open the competition"),
            )


def _unfinished(competition: Competition) -> DueItem:
    count = len(policy.unmet_guards(competition))
    why = (
        ngettext("%(num)d condition is not met yet", "%(num)d conditions are not met yet", count)
        if count
        else gettext("Everything is ready to be announced")
    )
    return DueItem(
        when=competition.intake_from,
        what=gettext("Announce “%(title)s”", title=competition.title),
        url=url_for("competitions.announce_page", code=competition.code),
        why=why,
        verb=gettext("Finish the settings") if count else gettext("Announce"),
    )
