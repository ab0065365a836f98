"""What a divergence of submitted reviews sets in motion: the discussion, its letters, the call for one more expert."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.core import clock
from grants_app.database import db
from grants_app.journal.letters import link_to
from grants_app.journal.services import SYSTEM, Actor, advance, notify_user, record
from grants_app.lifecycle import AssignmentState, DiscussionState
from grants_app.reviews.models import Assignment, Discussion
from grants_app.reviews.queries import discussion as threads
from grants_app.reviews.queries.conflicts import is_kept_out
from grants_app.reviews.queries.deciders import secretaries_for
from grants_app.reviews.rules.discussion import DISCUSSION_LETTERS


def watch_divergence(application: Application) -> Discussion | None:
    """After a review is submitted: open the discussion that the announced rule asks for; the caller holds the row.

    With the rule «one more expert» the secretary gets a letter too. A thread that was closed opens again only when the
    spread has become another one.
    """
    competition = application.competition
    if competition.divergence_rule == "none":
        return None
    spread = threads.spreads(competition, application=application).get(application.id)
    if spread is None or not spread.is_over:
        return None
    found = threads.discussion_of(application)
    if found is not None and (found.state == DiscussionState.OPEN or found.spread_text == spread.spread_text):
        return found
    if competition.divergence_rule == "extra_expert" and application.id in threads.wants_extra(competition):
        for secretary in secretaries_for(application):
            write_letter("discussion_extra", secretary, application, path=f"/reviews/{application.code}/experts")
    return open_thread(application, found, reason="divergence", spread_text=spread.spread_text, by=SYSTEM)


def open_thread(
    application: Application, found: Discussion | None, *, reason: str, spread_text: str | None, by: Actor
) -> Discussion:
    """Open the thread, or the one there was once more; every expert who has submitted gets a letter."""
    if found is None:
        found = Discussion(
            competition_id=application.competition_id,
            application_id=application.id,
            application=application,
            state=DiscussionState.OPEN,
            reason=reason,
            spread_text=spread_text,
            opened_at=clock.now(),
            opened_by_id=by.actor_id,
        )
        db.session.add(found)
        db.session.flush()
        record(
            thing="discussion",
            code=found.journal_code,
            scope=found.journal_scope,
            step="open",
            by=by,
            to_state=DiscussionState.OPEN,
            facts={"reason": reason},
        )
    else:
        found.reason, found.spread_text = reason, spread_text
        found.closed_at = found.closed_by_id = None
        advance(found, "reopen", by=by)
    for one in submitted_panel(application):
        if one.expert is not None:
            write_letter("discussion_opened", one.expert, application)
    return found


def submitted_panel(application: Application) -> list[Assignment]:
    """Experts who have submitted and whom no conflict of interest keeps out."""
    query = sa.select(Assignment).filter(
        Assignment.application_id == application.id,
        Assignment.state == AssignmentState.DONE,
        ~is_kept_out(Assignment.expert_id, Assignment.application_id),
    )
    return list(db.session.scalars(query.order_by(Assignment.expert_code)))


def write_letter(name: str, to: User, application: Application, *, path: str = "", **facts: object) -> None:
    """Queue a letter of the discussion in the receiver's language."""
    competition = application.competition
    notify_user(
        to,
        DISCUSSION_LETTERS,
        name,
        facts={
            "application": application.code,
            "title": competition.title,
            "link": link_to(path or f"/reviews/{application.code}/discussion"),
            **facts,
        },
        thing="discussion",
        code=application.journal_code,
        scope=competition.code,
    )
