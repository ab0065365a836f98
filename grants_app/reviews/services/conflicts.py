"""Lines of the register of conflicts: declared, reported, and the decision on each."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.core import clock, words
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound
from grants_app.database import db, lock
from grants_app.journal.letters import link_to, spoken
from grants_app.journal.services import SystemActor, advance, digest_of, notify_user, record
from grants_app.lifecycle import AssignmentState, CompetitionState, ConflictState
from grants_app.reviews.models import Assignment, Conflict
from grants_app.reviews.policy.conflicts import why_not_decide, why_not_raise
from grants_app.reviews.queries.deciders import deciders, secretaries_for
from grants_app.reviews.queries.people import ACTIVE
from grants_app.reviews.rules.conflict_letters import LETTERS
from grants_app.reviews.rules.conflicts import LEAST_DETAILS, LONGEST_TOGETHER, REASONS_OF_OTHERS
from grants_app.reviews.rules.ties import BLOCK, REVIEW
from grants_app.reviews.services.rows import lock_application, lock_assignment, lock_competition
from grants_app.reviews.services.scoring import keep_edition
from grants_app.reviews.services.totals import recount

_MARKS_COUNT = (CompetitionState.FORMAL_CHECK, CompetitionState.SCORING)


def declare_line(application: Application, *, kind: str, details: str, by: User) -> Conflict:
    """Note that the person has declared a conflict: it stands at once, nobody needs to decide.

    What the register asks about this pair besides is settled by it.
    """
    line = add_line(application, by, source="declared", level=BLOCK, kind=kind, details=details, by=by)
    for one in {line, *_open_lines(application, by)}:
        if one.state == ConflictState.OPEN:
            one.decided_at, one.decided_by_id = clock.now(), by.id
            advance(one, "stand", by=by)
    db.session.flush()
    return line


def doubt_line(application: Application, *, details: str, by: User) -> Conflict:
    """Note that an expert is not sure; the chair decides and gets a letter."""
    line = add_line(application, by, source="declared", level=REVIEW, kind="doubt", details=details, by=by)
    tell_deciders(line)
    return line


def raise_conflict(application: Application, person: User, *, kind: str, details: str, by: User) -> Conflict:
    """Report that somebody has a conflict with an application. About oneself it is a declaration and stands at once.

    The word of another does not keep anybody out by itself: the chair decides first, and gets a letter.
    Raises NotAllowed, InvalidInput (fields reason, details).
    """
    lock_competition(application.competition_id)
    application = lock_application(application.id)
    refusal = why_not_raise(by, application)
    if refusal is not None:
        raise NotAllowed(refusal)
    if kind not in REASONS_OF_OTHERS:
        raise InvalidInput("Choose the reason", field="reason")
    details = words.unify(details).strip()
    if person.id == by.id:
        ended = end_assignment(application, by, by=by)
        line = declare_line(application, kind=kind, details=details, by=by)
        _tell_own(line, ended)
        return line
    if words.count(details) < LEAST_DETAILS:
        raise InvalidInput("Say what you know: the chair decides by it", field="details")
    before = _stored(application, person, "raised", kind)
    if before is not None and before.state != ConflictState.OPEN:
        raise InvalidInput("The chair has decided on such a report already. Choose another reason", field="reason")
    if before is not None:
        together = f"{before.details}\n\n{details}"
        if len(together) > LONGEST_TOGETHER:
            raise InvalidInput("This is reported already and waits for the chair", field="details")
        before.details = together
        _note(before, "raise_again", by=by, details=details)
        return before
    line = add_line(application, person, source="raised", level=REVIEW, kind=kind, details=details, by=by)
    tell_deciders(line)
    db.session.flush()
    return line


def decide_conflict(conflict: Conflict, *, is_confirmed: bool, reason: str, by: User) -> Conflict:
    """Confirm: the person is out, an unfinished or submitted review leaves the totals. Dismiss: the person may go on.

    Once the ranking is made its marks stay; the line is a fact that the commission knows of. The reason goes to those
    concerned and into the register, the journal keeps its digest.
    """
    lock_competition(conflict.competition_id)
    lock_application(conflict.application_id)
    line = db.session.scalar(
        lock(sa.select(Conflict).where(Conflict.id == conflict.id)).execution_options(populate_existing=True)
    )
    if line is None:
        raise NotFound()
    refusal = why_not_decide(by, line)
    if refusal is not None:
        raise NotAllowed(refusal)
    reason = words.unify(reason).strip()
    if not reason:
        raise InvalidInput("Give the reason: those concerned will read it", field="reason")
    line.decided_at, line.decided_by_id, line.decision_reason = clock.now(), by.id, reason
    advance(line, "confirm" if is_confirmed else "dismiss", by=by, reason=f"SHA-256 {digest_of(reason)}")
    ended = None
    if is_confirmed:
        ended = end_assignment(line.application, line.person, by=by)
        _settle_others(line, reason, by)
    else:
        _reopen_doubt(line)
    _tell_decided(line, ended)
    return line


def end_assignment(
    application: Application, person: User, *, by: User, step: str = "end_by_conflict", reason: str | None = None
) -> Assignment | None:
    """End the person's part in an application because of a conflict; answers what ended, if anything.

    A submitted review is kept as an edition, leaves the totals, and its marks become recused: the person is left out
    of numerator and denominator alike. Once the ranking is made nothing is touched.
    """
    if application.competition.state not in _MARKS_COUNT:
        return None
    found = db.session.scalar(
        sa.select(Assignment.id).where(
            Assignment.application_id == application.id,
            Assignment.expert_id == person.id,
            Assignment.state.in_(ACTIVE),
        )
    )
    if found is None:
        return None
    row = lock_assignment(found, with_competition=True)
    was_done = row.state == AssignmentState.DONE
    if was_done:
        keep_edition(row, by=by, reason="conflict of interest")
    _recuse(row)
    row.ended_at = clock.now()
    if reason is not None:
        row.conflict_reason = reason
    # The reason is personal: the journal keeps only its fingerprint.
    advance(row, step, by=by, facts={} if reason is None else {"reason_digest": digest_of(reason)})
    if was_done:
        recount(row.application)
    return row


def tell_deciders(line: Conflict) -> None:
    """A letter to whoever decides, with the address of the page."""
    for person in deciders(line):
        _write("conflict_to_decide", person, line, link=link_to(_page(line)))


def tell_late(line: Conflict, expert_code: str) -> None:
    """Say that a conflict was declared when the ranking was made: to the secretary and to who leads the commission."""
    leading = {one.id: one for one in [*secretaries_for(line.application), *deciders(line)]}
    for person in leading.values():
        register = link_to(f"/reviews/{line.competition.code}/conflicts")
        _write("conflict_late", person, line, expert=expert_code, link=register)


def add_line(
    application: Application, person: User, *, source: str, level: str, kind: str, details: str, by: User | SystemActor
) -> Conflict:
    """The open line of the register about this pair for this reason; one that stands there already is that line."""
    found = _stored(application, person, source, kind)
    if found is not None:
        return found
    line = Conflict(
        competition=application.competition,
        application=application,
        person=person,
        state=ConflictState.OPEN,
        level=level,
        source=source,
        kind=kind,
        details=words.unify(details).strip(),
        raised_at=clock.now(),
        raised_by_id=by.actor_id if source != "found" else None,
    )
    db.session.add(line)
    db.session.flush()
    _note(line, {"declared": "declare", "raised": "raise", "found": "find"}[source], by=by, details=line.details)
    return line


def _note(line: Conflict, step: str, *, by: User | SystemActor, details: str) -> None:
    """Neither person nor application nor words: the journal is read by more people than the register."""
    facts: dict[str, object] = {"level": line.level, "source": line.source, "kind": line.kind}
    if details:
        facts["details_digest"] = digest_of(details)
    record(
        thing="conflict",
        code=line.journal_code,
        scope=line.journal_scope,
        step=step,
        by=by,
        to_state=line.state,
        facts=facts,
    )


def _stored(application: Application, person: User, source: str, kind: str) -> Conflict | None:
    return db.session.scalar(
        sa.select(Conflict).filter_by(application_id=application.id, person_id=person.id, source=source, kind=kind)
    )


def _open_lines(application: Application, person: User) -> Sequence[Conflict]:
    query = sa.select(Conflict).filter_by(application_id=application.id, person_id=person.id, state=ConflictState.OPEN)
    return db.session.scalars(query).all()


def _recuse(row: Assignment) -> None:
    if row.review is None:
        return
    row.review.submitted_at = None
    row.review.content_digest = None
    row.review.total_text = None
    for score in row.review.scores:
        score.points = None
        score.mark_state = "recused"
    db.session.flush()


def _settle_others(line: Conflict, reason: str, by: User) -> None:
    """A person who is out of an application need not be found out of it again for every other sign."""
    for one in _open_lines(line.application, line.person):
        one.decided_at, one.decided_by_id, one.decision_reason = clock.now(), by.id, reason
        advance(one, "confirm", by=by, reason=f"SHA-256 {digest_of(reason)}")


def _reopen_doubt(line: Conflict) -> None:
    """Let an expert who asked answer the declaration again."""
    if line.kind != "doubt":
        return
    for row in db.session.scalars(
        sa.select(Assignment).filter_by(application_id=line.application_id, expert_id=line.person_id)
    ):
        row.doubted_at = None


def _tell_decided(line: Conflict, ended: Assignment | None) -> None:
    is_confirmed = line.state == ConflictState.CONFIRMED
    reason = line.decision_reason or ""
    if is_confirmed:
        _write("conflict_confirmed", line.person, line, reason=reason)
    elif line.kind == "doubt":
        link = link_to(f"/reviews/{line.application.code}/declaration")
        _write("conflict_cleared", line.person, line, reason=reason, link=link)
    if line.raised_by is not None and line.raised_by_id != line.person_id:
        verdict = spoken(line.state.label, line.raised_by.lang)
        _write("conflict_answered", line.raised_by, line, reason=reason, verdict=verdict)
    if ended is not None:
        _tell_missing(line, ended)


def _tell_own(line: Conflict, ended: Assignment | None) -> None:
    """Who stepped out is missing: an expert to the secretary, anybody else to whoever leads the commission."""
    if ended is not None:
        _tell_missing(line, ended)
        return
    for one in deciders(line):
        _write("conflict_own", one, line, name=line.person.full_name, link=link_to(_page(line)))


def _tell_missing(line: Conflict, ended: Assignment) -> None:
    link = link_to(f"/reviews/{line.application.code}/experts")
    for secretary in secretaries_for(line.application):
        _write("conflict_replace", secretary, line, expert=ended.expert_code, link=link)


def _write(letter: str, to: User, line: Conflict, **facts: object) -> None:
    everything = {
        "code": line.competition.code,
        "title": line.competition.title,
        "application": line.application.code or "",
        **facts,
    }
    notify_user(to, LETTERS, letter, facts=everything, thing="conflict", code=line.code, scope=line.competition.code)


def _page(line: Conflict) -> str:
    return f"/reviews/{line.competition.code}/conflicts/{line.code}"
