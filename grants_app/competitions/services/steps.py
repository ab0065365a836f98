"""The steps that belong to the announcement: announce, open by the clock, prolong, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from grants_app.budget.models import BudgetLine
from grants_app.budget.services import change_limit, create_line
from grants_app.competitions import policy, queries
from grants_app.competitions.models import Competition
from grants_app.competitions.rules.form import form_text
from grants_app.competitions.services.amendments import form_digest, keep_version
from grants_app.competitions.services.settings import NEWER, locked
from grants_app.core import clock
from grants_app.core.errors import EditConflict, InvalidInput, ManyErrors, NotAllowed, WrongState
from grants_app.database import db, lock
from grants_app.journal.services import SYSTEM, Actor, advance, canonical
from grants_app.lifecycle import COMPETITION
from grants_app.lifecycle import CompetitionState as C
from grants_app.permissions import Permission


def announce(
    competition: Competition, *, by: Actor, short_intake_reason: str | None = None, version: int | None = None
) -> None:
    """Fix the rules and the form with their digests (version 1 of the call), reserve every lot's fund, announce.

    The funds are taken under the lots' lines of the city's budget.

    Raises ManyErrors with one InvalidInput for each unmet guard (field: theme of the settings), NotAllowed,
    WrongState, EditConflict, OverBudget when another announcement took the money first. An intake under 30 days needs
    `short_intake_reason`, which is published.
    """
    found = locked(competition)
    if not by.can(Permission.COMPETITION_ANNOUNCE):
        raise NotAllowed("Only the organizer of competitions may do this")
    if found.state is not C.DRAFT:
        raise WrongState("The competition has been announced already")
    if version is not None and found.version != version:
        raise EditConflict(NEWER)
    _lock_lines(found)
    unmet = policy.unmet_guards(found, short_intake_reason=short_intake_reason)
    if unmet:
        raise ManyErrors([*unmet])
    rules = queries.engine_rules(found)
    if _is_short(found):
        _publish_note(found, "short_intake", str(short_intake_reason))
    found.rules_text, found.rules_hash = canonical(rules.to_json()), rules.digest
    found.form_text, found.form_version = form_text(queries.form_of(found)), 1
    found.announced_at = clock.now()
    version = keep_version(found, by=by, reason="", changes=[])
    _open_lines(found, by)
    advance(
        found,
        "announce",
        by=by,
        reason=short_intake_reason or None,
        facts={
            "rules_hash": rules.digest,
            "form_digest": form_digest(version),
            "fund_kop": queries.fund_kop(found),
        },
    )
    db.session.flush()


def record_openings(now: datetime) -> list[str]:
    """The clock's step: announced competitions whose intake has begun are recorded as open. Codes of those."""
    due = db.session.scalars(
        lock(
            sa.select(Competition)
            .where(Competition.state == C.ANNOUNCED, Competition.intake_from <= now)
            .order_by(Competition.id)
        )
    ).all()
    for competition in due:
        advance(competition, "open", by=SYSTEM)
    return [competition.code for competition in due]


def prolong(
    competition: Competition,
    until: datetime,
    *,
    by: Actor,
    reason: str,
    scoring_until: datetime | None = None,
    results_by: date | None = None,
) -> None:
    """Move the end of the intake, before it comes, with a published reason; later dates move along when given.

    Raises NotAllowed after the deadline, InvalidInput (fields until, reason, scoring_until).
    """
    found = locked(competition)
    why = policy.why_not_prolong(by, found, clock.now())
    if why is not None:
        raise NotAllowed(why)
    before = found.intake_until
    if before is None or until <= before:
        raise InvalidInput("The new end must be later than the present one", field="until")
    if not reason.strip():
        raise InvalidInput("Give the reason: it will be recorded and published", field="reason")
    found.intake_until = until
    found.scoring_until = scoring_until or found.scoring_until
    found.results_by = results_by or found.results_by
    if not found.is_imported and not policy.is_calendar_in_order(found):
        raise InvalidInput("Move the end of scoring and the day of results too", field="scoring_until")
    _publish_note(found, "prolong", reason, {"from": before.isoformat(), "to": until.isoformat()})
    advance(found, "prolong", by=by, reason=reason, facts={"from": before.isoformat(), "to": until.isoformat()})


def cancel(competition: Competition, *, by: Actor, reason: str) -> None:
    """Call the competition off with a published reason; the money of its lots returns to the city's lines."""
    found = locked(competition)
    why = policy.why_not_cancel(by, found)
    if why is not None:
        raise WrongState(why) if found.state not in COMPETITION.step("cancel").sources else NotAllowed(why)
    if not reason.strip():
        raise InvalidInput("Give the reason: it will be recorded and published", field="reason")
    _lock_lines(found)
    for lot in found.lots:
        if lot.budget_line is not None:
            change_limit(lot.budget_line, 0, by=by, reason=reason)
    _publish_note(found, "cancel", reason)
    advance(found, "cancel", by=by, reason=reason)


def _lock_lines(competition: Competition) -> None:
    """Hold the lines to be decided on, in order of their ids, so that two announcements cannot wait on each other."""
    ids = {lot.source_line_id for lot in competition.lots} | {lot.budget_line_id for lot in competition.lots}
    known = [line_id for line_id in ids if line_id is not None]
    if known:
        db.session.scalars(lock(sa.select(BudgetLine).where(BudgetLine.id.in_(known)).order_by(BudgetLine.id))).all()


def _open_lines(competition: Competition, by: Actor) -> None:
    for lot in competition.lots:
        source = lot.source_line
        lot.budget_line = create_line(
            code=f"{competition.code}-{lot.code}"[:60],
            title=f"{competition.title}: {lot.title}"[:300],
            year=competition.year,
            source="city" if source is None else source.source,
            limit_kop=lot.fund_kop,
            by=by,
            parent=source,
            kpkvk=None if source is None else source.kpkvk,
        )


def _is_short(competition: Competition) -> bool:
    return any(not guard.is_met for guard in policy.guards(competition) if guard.message == policy.SHORT_INTAKE)


def _publish_note(competition: Competition, step: str, reason: str, more: Mapping[str, Any] | None = None) -> None:
    note = {"at": clock.now().isoformat(), "step": step, "reason": reason.strip(), "from": None, "to": None}
    competition.notes = [*competition.notes, {**note, **(more or {})}]
