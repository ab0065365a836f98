"""Words of the application that an expert marks and attaches to a criterion."""

from __future__ import annotations

from dataclasses import dataclass

from grants_app.accounts.models import User
from grants_app.competitions.models import Criterion
from grants_app.core import clock, words
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound
from grants_app.database import db
from grants_app.journal.services import advance
from grants_app.lifecycle import AssignmentState
from grants_app.reviews import policy
from grants_app.reviews.models import Assignment, Evidence
from grants_app.reviews.queries.evidence import quotable_texts
from grants_app.reviews.queries.marks import engine_rules, lot_code
from grants_app.reviews.queries.reading import reading_of
from grants_app.reviews.rules import LONGEST_QUOTE, MOST_QUOTES, find_quote, weights_of
from grants_app.reviews.services.rows import lock_assignment


@dataclass(frozen=True)
class Quote:
    """Words as they were selected; `question` and `near` say where, an empty question looks through the whole text."""

    words: str
    question: str = ""
    near: int = 0


def mark_evidence(assignment: Assignment, quote: Quote, *, criterion: str, by: User) -> Evidence:
    """Attach words of the application to a criterion; marking the same words twice is one mark.

    The words must stand in the text as this expert reads it. Raises InvalidInput when they do not, are too long, or
    the criterion has enough marks; NotAllowed when the sheet is closed.
    """
    row = _open_row(assignment, by)
    asked = _criterion(row, criterion)
    question, start, text = _place(row, quote)
    own = [one for one in row.evidence if one.criterion_id == asked.id]
    for one in own:
        if (one.question, one.start) == (question, start):
            one.quote = text  # the selection was widened or narrowed from the same place
            return one
    if len(own) >= MOST_QUOTES:
        raise InvalidInput(
            "One criterion takes at most %(limit_count)s marked places. Remove one first",
            field="quote",
            facts={"limit_count": MOST_QUOTES},
        )
    found = Evidence(criterion_id=asked.id, question=question, quote=text, start=start, made_at=clock.now())
    row.evidence.append(found)
    if row.state == AssignmentState.ACCEPTED:
        advance(row, "start", by=by)
    db.session.flush()
    return found


def remove_evidence(assignment: Assignment, code: str, by: User) -> None:
    """Take a mark away; one that is gone already needs nothing."""
    row = _open_row(assignment, by)
    for one in list(row.evidence):
        if one.code == code:
            row.evidence.remove(one)


def evidence_content(row: Assignment) -> list[dict[str, object]]:
    """Marked words as they are hashed: by criterion and place."""
    codes = {criterion.id: criterion.code for criterion in row.application.competition.criteria}
    found = sorted((codes[one.criterion_id], one.question, one.start, one.quote) for one in row.evidence)
    return [
        {"criterion": criterion, "question": question, "start": start, "quote": quote}
        for criterion, question, start, quote in found
    ]


def _open_row(assignment: Assignment, by: User) -> Assignment:
    row = lock_assignment(assignment.id)
    refusal = policy.why_not_score(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    return row


def _criterion(row: Assignment, code: str) -> Criterion:
    competition = row.application.competition
    rules = engine_rules(competition)
    if code in weights_of(rules, lot_code(row.application, rules)):
        for one in competition.criteria:
            if one.code == code:
                return one
    raise InvalidInput("The sheet names a criterion that this competition does not have", field="criterion")


def _place(row: Assignment, quote: Quote) -> tuple[str, int, str]:
    """Question, place and the exact words of the answer."""
    wanted = words.unify(quote.words).strip()
    if not wanted:
        raise InvalidInput("Select the words in the text of the application", field="quote")
    if len(wanted) > LONGEST_QUOTE:
        facts = {"limit_count": LONGEST_QUOTE, "length": len(wanted)}
        sentence = "Select at most %(limit_count)s characters, now %(length)s"
        raise InvalidInput(sentence, field="quote", facts=facts)
    texts = quotable_texts(reading_of(row.application))
    if quote.question and quote.question not in texts:
        raise NotFound()
    for question, text in texts.items():
        if quote.question not in ("", question):
            continue
        found = find_quote(text, wanted, quote.near)
        if found is not None:
            return question, found[0], text[found[0] : found[1]]
    raise InvalidInput("These words are not in the application", field="quote")
