"""Pages of the review: the expert's queue, declaration and sheet; the secretary's assignment, progress and pool."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, url_for
from flask_babel import gettext, ngettext

from grants_app.accounts.models import User
from grants_app.applications.queries import also_reads, considered_without, hidden_ids
from grants_app.competitions.models import Competition
from grants_app.journal.queries import describe, withhold_by
from grants_app.lifecycle import AssignmentState, CompetitionState
from grants_app.permissions import Permission, Role
from grants_app.reviews import queries
from grants_app.reviews.queries.conflicts import withheld_codes
from grants_app.reviews.routes import (
    advice,
    assignment,
    assignment_table,
    certificates,
    conflicts,
    desk,
    discussion,
    evidence,
    expert,
    experts,
    invitations,
    leaving,
    masking,
    offline,
    packet,
    panel,
    proposal,
    sheet,
    what_if,
)
from grants_app.reviews.routes.blueprint import blueprint, comma
from grants_app.reviews.services.unread import init_unread
from grants_app.web import panels
from grants_app.web.panels import DueItem, NavEntry, Panel

__all__ = [
    "advice",
    "assignment",
    "assignment_table",
    "certificates",
    "conflicts",
    "desk",
    "discussion",
    "evidence",
    "expert",
    "experts",
    "init_app",
    "invitations",
    "leaving",
    "masking",
    "offline",
    "packet",
    "panel",
    "proposal",
    "sheet",
    "what_if",
]


def init_app(app: Flask) -> None:
    """Register the pages, the words of the bar, the work-list lines and the block on the competition's desk."""
    app.register_blueprint(blueprint)
    describe({"assignment.open_others": "Reviews of the other experts opened by the expert"})
    describe(offline.WORDS)
    describe(proposal.WORDS)
    describe(packet.WORDS)
    describe(assignment_table.WORDS)
    describe(masking.WORDS)
    masking.init_veil()
    advice.init_panels()
    what_if.init_panels()
    discussion.init_panels()
    panel.init_panels()
    panels.register_nav(
        NavEntry("My applications", "reviews.queue", 20, frozenset({Role.EXPERT.value})),
        NavEntry("Scoring", "reviews.desk", 40, frozenset({Role.SECRETARY.value, Role.CHAIR.value})),
    )
    panels.register_due("reviews", _due)
    panels.register("competition", "reviews", _competition_panel)
    if queries.is_accepted_expert not in also_reads:
        also_reads.append(queries.is_accepted_expert)
    if queries.barred_ids not in considered_without:
        considered_without.append(queries.barred_ids)
    withhold_by(withheld_codes)
    init_unread()
    conflicts.init_panels()


def _due(user: User) -> Iterable[DueItem]:
    if user.can(Permission.REVIEW_SUBMIT):
        yield from _due_of_expert(user)
    if user.can(Permission.REVIEW_ASSIGN):
        for competition in queries.open_competitions():
            yield from _due_of_secretary(competition, user)


def _due_of_expert(user: User) -> Iterable[DueItem]:
    for row in queries.my_assignments(user):
        if not row.is_open or row.is_doubted:
            continue
        if row.state == AssignmentState.PROPOSED:
            url = url_for("reviews.declaration", code=row.code)
            why, verb = gettext("First declare whether you have a conflict of interest"), gettext("Declare")
        else:
            url = url_for("reviews.sheet", code=row.code)
            why, verb = gettext("The review sheet is not finished"), gettext("Score it")
        yield DueItem(row.due_at, gettext("Score the application: %(title)s", title=row.title), url, why, verb)


def _due_of_secretary(competition: Competition, user: User) -> Iterable[DueItem]:
    hidden = hidden_ids(user, competition)
    everything, short = queries.seats_wanted(competition, hidden)
    assignment_url = url_for("reviews.board", code=competition.code)
    if short:
        what = gettext("Assign experts: %(code)s", code=competition.code)
        why = ngettext("%(num)d application lacks experts", "%(num)d applications lack experts", short)
        yield DueItem(competition.scoring_until, what, assignment_url, why, gettext("Assign"))
    if competition.state == CompetitionState.FORMAL_CHECK and everything and not short:
        what = gettext("Open expert scoring: %(code)s", code=competition.code)
        yield DueItem(None, what, assignment_url, gettext("Every application has its experts"), gettext("Open"))
    if competition.state == CompetitionState.SCORING:
        yield from _due_of_progress(competition, user)


def _due_of_progress(competition: Competition, user: User) -> Iterable[DueItem]:
    url = url_for("reviews.progress", code=competition.code)
    done, everything = queries.waiting_of(competition, hidden_ids(user, competition))
    if everything and done < everything:
        what = gettext("Collect the reviews: %(code)s", code=competition.code)
        why = gettext("%(done)s of %(all)s reviews are finished", done=done, all=everything)
        yield DueItem(competition.scoring_until, what, url, why, gettext("See progress"))
    for row in queries.divergence_rows(competition, user):
        if row.is_over:
            what = gettext("Experts diverge: %(code)s", code=row.application_code)
            why = gettext(
                "The spread is %(spread)s, the limit %(limit)s",
                spread=comma(row.spread_text),
                limit=comma(row.limit_text),
            )
            yield DueItem(competition.scoring_until, what, f"{url}#divergence", why, gettext("View"))


def _competition_panel(viewer: Any, thing: Any) -> Panel | None:
    """The state of scoring on the competition's page, for those who run it."""
    if viewer is None or not isinstance(thing, Competition) or not viewer.can(Permission.REVIEW_PROGRESS_READ):
        return None
    if thing.state not in (CompetitionState.FORMAL_CHECK, CompetitionState.SCORING):
        return None
    done, everything = queries.waiting_of(thing, hidden_ids(viewer, thing))
    return Panel("reviews/panel_competition.html", {"code": thing.code, "done": done, "all": everything}, 40)
