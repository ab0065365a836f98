"""Discussion of diverging reviews: opened by the divergence itself, led to a consensus sheet, closed with an outcome.

Points never change here: an expert opens the own review with a reason, its former edition is kept, and submits it anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.core import clock, words
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, ManyErrors, NotAllowed
from grants_app.core.figures import Figure, count
from grants_app.database import db, lock
from grants_app.journal.services import advance, digest_of, record
from grants_app.reviews.models import Assignment, Discussion, DiscussionMessage, Review
from grants_app.reviews.policy import discussion as policy
from grants_app.reviews.queries import discussion as threads
from grants_app.reviews.queries.deciders import may_hear, secretaries_for
from grants_app.reviews.queries.marks import engine_rules, lot_code
from grants_app.reviews.rules import OffScaleError, SheetInput, clean_points, points_field, reason_field, weights_of
from grants_app.reviews.rules.discussion import (
    CHAIR,
    LONGEST_MESSAGE,
    MEMBER,
    SECRETARY,
    VISIBILITIES,
    mentions_in,
)
from grants_app.reviews.services.divergence import open_thread, submitted_panel, write_letter
from grants_app.reviews.services.rows import lock_application, lock_assignment
from grants_app.reviews.services.scoring import keep_edition, save_review, stored_sheet, unlock
from grants_app.reviews.services.totals import recount
from scoring import Criterion
from scoring.rounding import decimal_text

_OFFICE = {"secretary": SECRETARY, "chair": CHAIR, "member": MEMBER}


def open_discussion(application: Application, by: User) -> Discussion:
    """Open a discussion though the reviews are within the limit. Raises NotAllowed."""
    application = lock_application(application.id)
    refusal = policy.why_not_open(by, application)
    if refusal is not None:
        raise NotAllowed(refusal)
    spread = threads.spreads(application.competition, application=application).get(application.id)
    found = threads.discussion_of(application)
    return open_thread(application, found, reason="asked", spread_text=spread.spread_text if spread else None, by=by)


def say(discussion: Discussion, text: str, visibility: str, by: User) -> DiscussionMessage:
    """Add a message under the person's code or office; whoever it names gets a letter.

    Raises InvalidInput for an empty or too long text, or for a name that nobody here has.
    """
    thread = _locked(discussion)
    refusal = policy.why_not_say(by, thread)
    if refusal is not None:
        raise NotAllowed(refusal)
    part = threads.part_of(by, thread.application) or ""
    text = words.unify(text).strip()
    _check_message(text, visibility, part)
    named = _named(thread, text)
    label = own_label(thread.application, part, by)
    message = DiscussionMessage(
        discussion_id=thread.id,
        author_id=by.id,
        author_label=label,
        visibility=visibility,
        text=text,
        mentions=sorted(named),
        at=clock.now(),
    )
    db.session.add(message)
    db.session.flush()
    record(
        thing="discussion",
        code=thread.journal_code,
        scope=thread.journal_scope,
        step="say",
        by=by,
        facts={"message": message.code, "visibility": visibility, "digest": digest_of(text)},
    )
    for people in named.values():
        for person in people:
            if person.id != by.id:
                write_letter("discussion_mention", person, thread.application, author=label)
    return message


def name_lead(discussion: Discussion, expert_code: str, by: User) -> Discussion:
    """Name the expert of the panel who writes the consensus sheet; they get a letter."""
    thread = _locked(discussion)
    refusal = policy.why_not_lead(by, thread)
    if refusal is not None:
        raise NotAllowed(refusal)
    chosen = next((one for one in submitted_panel(thread.application) if one.expert_code == expert_code), None)
    if chosen is None or chosen.expert is None:
        raise InvalidInput("Choose an expert who has submitted a review", field="lead")
    thread.lead_id = chosen.expert_id
    record(
        thing="discussion",
        code=thread.journal_code,
        scope=thread.journal_scope,
        step="name_lead",
        by=by,
        facts={"expert": expert_code},
    )
    write_letter("discussion_lead", chosen.expert, thread.application)
    return thread


def write_consensus(discussion: Discussion, sheet: SheetInput, text: str, *, version: int, by: User) -> Discussion:
    """Propose points for the whole panel. They count nothing: each expert takes them over or keeps the own ones.

    Raises EditConflict when the sheet was saved elsewhere meanwhile, ManyErrors naming each criterion.
    """
    thread = _locked(discussion)
    refusal = policy.why_not_write_consensus(by, thread)
    if refusal is not None:
        raise NotAllowed(refusal)
    if thread.version != version:
        raise EditConflict("This sheet was saved in another window meanwhile. Compare both and save again")
    thread.consensus = {"marks": _agreed(thread.application, sheet), "text": words.unify(text).strip()}
    thread.consensus_at = clock.now()
    record(
        thing="discussion",
        code=thread.journal_code,
        scope=thread.journal_scope,
        step="write_consensus",
        by=by,
        facts={"digest": digest_of(thread.consensus)},
    )
    for one in submitted_panel(thread.application):
        if one.expert is not None and one.expert_id != by.id:
            write_letter("discussion_consensus", one.expert, thread.application)
    return thread


def revise_review(assignment: Assignment, reason: str, by: User) -> Assignment:
    """Open one's own submitted review for changes after the discussion; its former edition is kept.

    The review leaves the totals until it is submitted again. Raises NotAllowed, InvalidInput without a reason.
    """
    row = lock_assignment(assignment.id, with_competition=True)
    refusal = policy.why_not_revise(by, row, threads.discussion_of(row.application))
    if refusal is not None:
        raise NotAllowed(refusal)
    advance(row, "revise", by=by, reason=reason)
    review = keep_edition(row, by=by, reason=reason)
    if review is not None:
        unlock(review)
    recount(row.application)
    return row


def adopt_consensus(assignment: Assignment, reason: str, by: User) -> Review:
    """Take the consensus points into the own review as a draft: the expert reads it and submits it anew."""
    thread = threads.discussion_of(assignment.application)
    if thread is None or not thread.consensus:
        raise NotAllowed("There is no consensus sheet yet")
    row = revise_review(assignment, reason, by)
    marks = thread.consensus["marks"]
    review = row.review
    if review is None:
        raise NotAllowed("The review is not submitted")
    own = stored_sheet(row)
    sheet = replace(
        own,
        points={code: mark["points"] for code, mark in marks.items()},
        reasons={code: _joined(own.reasons.get(code, ""), mark["justification"]) for code, mark in marks.items()},
    )
    return save_review(row, sheet, version=review.version, by=by)


def close_discussion(discussion: Discussion, outcome: str, by: User) -> Discussion:
    """Close with an outcome in words, which stands in the journal as the reason. Raises NotAllowed, InvalidInput."""
    thread = _locked(discussion)
    refusal = policy.why_not_lead(by, thread)
    if refusal is not None:
        raise NotAllowed(refusal)
    outcome = words.unify(outcome).strip()
    thread.outcome = outcome
    thread.closed_at = clock.now()
    thread.closed_by_id = by.id
    advance(thread, "close", by=by, reason=outcome)
    return thread


def own_label(application: Application, part: str, by: User) -> str:
    """How the person is called in the discussion: an expert by code, the others by their office."""
    if part != "expert":
        return _OFFICE[part]
    own = threads.own_assignment(by, application)
    return "" if own is None else own.expert_code


def _locked(discussion: Discussion) -> Discussion:
    return db.session.scalars(
        lock(sa.select(Discussion).filter_by(id=discussion.id)).execution_options(populate_existing=True)
    ).one()


def _check_message(text: str, visibility: str, part: str) -> None:
    if not text:
        raise InvalidInput("Write the message", field="text")
    excess = words.count(text) - LONGEST_MESSAGE
    if excess > 0:
        facts = {"excess": Figure(count, excess), "limit": Figure(count, LONGEST_MESSAGE)}
        sentence = "Shorten the text by %(excess)s characters: %(limit)s are allowed"
        raise InvalidInput(sentence, field="text", facts=facts)
    if visibility not in VISIBILITIES or (part == "member" and visibility != "commission"):
        raise InvalidInput("Choose who will read the message", field="visibility")


def _named(thread: Discussion, text: str) -> dict[str, list[User]]:
    """People of the discussion whom the text names, by label. Raises InvalidInput for a name that nobody here has."""
    application = thread.application
    panel = {one.expert_code: one.expert for one in submitted_panel(application)}
    found: dict[str, list[User]] = {}
    for label in mentions_in(text):
        expert = panel.get(label)
        if label == SECRETARY:
            found[label] = secretaries_for(application)
        elif label == CHAIR:
            chairs = [seat.user for seat in application.competition.seats if seat.office == "chair"]
            found[label] = [one for one in chairs if may_hear(application, one)]
        elif expert is not None:
            found[label] = [expert]
        else:
            raise InvalidInput("Nobody here is called @%(name)s", field="text", facts={"name": label})
    return found


def _agreed(application: Application, sheet: SheetInput) -> dict[str, dict[str, str]]:
    """Points and justifications of every criterion of the sheet; each gap and each wrong mark by its field."""
    rules = engine_rules(application.competition)
    asked = weights_of(rules, lot_code(application, rules))
    errors: list[DomainError] = []
    marks: dict[str, dict[str, str]] = {}
    for number, criterion in enumerate((one for one in rules.criteria if one.code in asked), start=1):
        text = sheet.points.get(criterion.code, "").strip()
        why = words.unify(sheet.reasons.get(criterion.code, "")).strip()
        try:
            if not text:
                raise InvalidInput(
                    "Score criterion %(number)s", field=points_field(criterion.code), facts={"number": number}
                )
            marks[criterion.code] = {"points": clean_points(text, criterion), "justification": why}
        except OffScaleError as error:
            errors.append(InvalidInput(str(error), field=points_field(criterion.code), facts=_scale(criterion)))
        except InvalidInput as error:
            errors.append(error)
        errors.extend(_justified(why, number, criterion.code, application.competition.justification_min))
    if errors:
        raise ManyErrors(errors)
    return marks


def _justified(why: str, number: int, code: str, least: int) -> list[DomainError]:
    length = words.count(why)
    if length >= least:
        return []
    facts: Mapping[str, object] = {"number": number, "least": least, "length": length}
    sentence = "Justify criterion %(number)s: at least %(least)s characters, now %(length)s"
    return [InvalidInput(sentence, field=reason_field(code), facts=dict(facts))]


def _scale(criterion: Criterion) -> dict[str, object]:
    return {
        "low": decimal_text(criterion.min),
        "high": decimal_text(criterion.max),
        "step": decimal_text(criterion.step),
    }


def _joined(own: str, agreed: str) -> str:
    return agreed if own in ("", agreed) else f"{agreed}\n\n{own}"
