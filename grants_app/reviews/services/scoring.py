"""The review sheet: drafts saved as they are typed, submission that locks and counts, reopening by the secretary."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm.attributes import flag_modified

from grants_app.accounts.models import User
from grants_app.core import clock, words
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, ManyErrors, NotAllowed
from grants_app.core.figures import Figure, count
from grants_app.database import db
from grants_app.journal.services import advance, canonical, digest_of
from grants_app.lifecycle import AssignmentState
from grants_app.reviews import policy
from grants_app.reviews.models import Assignment, Review, ReviewEdition, Score
from grants_app.reviews.queries.marks import engine_rules, lot_code
from grants_app.reviews.rules import (
    LONGEST_TEXT,
    RECOMMENDATIONS,
    OffScaleError,
    SheetInput,
    clean_points,
    points_field,
    reason_field,
    weights_of,
)
from grants_app.reviews.services.cutting import (
    cut_kop,
    line_faults,
    lines_content,
    recommended_kop,
    sum_gaps,
    write_lines,
)
from grants_app.reviews.services.divergence import watch_divergence
from grants_app.reviews.services.evidence import evidence_content
from grants_app.reviews.services.letters import write_letter
from grants_app.reviews.services.rows import lock_assignment
from grants_app.reviews.services.totals import recount
from scoring.rounding import decimal_text


def save_review(assignment: Assignment, sheet: SheetInput, *, version: int, by: User) -> Review:
    """Keep the sheet as it stands, complete or not; nothing is counted.

    `version` is the version of the sheet that the person saw, 0 for an empty one. Raises EditConflict when another tab
    saved later, ManyErrors for points off the scale or texts too long, NotAllowed when the sheet is closed.
    """
    row = lock_assignment(assignment.id)
    review = _write(row, sheet, version=version, by=by)
    if row.state == AssignmentState.ACCEPTED:
        advance(row, "start", by=by)
    db.session.flush()
    return review


def submit_review(assignment: Assignment, sheet: SheetInput, *, version: int, by: User) -> Review:
    """Finish the review: everything is checked, the sheet is locked, the application's totals are counted anew.

    Raises ManyErrors naming every field that is missing (domain 3.3: all criteria scored, comments long enough,
    recommendation and sum).
    """
    row = lock_assignment(assignment.id, with_competition=True)
    review = _write(row, sheet, version=version, by=by)
    gaps = _gaps(row, sheet)
    if gaps:
        raise ManyErrors(gaps)
    review.submitted_at = clock.now()
    review.content_digest = digest_of(content_of(row))
    advance(row, "submit", by=by, facts={"digest": review.content_digest})
    totals = recount(row.application)
    review.total_text = totals.expert_totals.get(row.expert_code)
    db.session.flush()
    watch_divergence(row.application)
    return review


def submit_stored(assignment: Assignment, *, version: int, by: User) -> Review:
    """Finish the review as it was saved, for whoever has read the preview of exactly that version."""
    row = lock_assignment(assignment.id, with_competition=True)
    return submit_review(row, stored_sheet(row), version=version, by=by)


def gaps_of(assignment: Assignment) -> list[DomainError]:
    """What the stored sheet still lacks to be finished, in the order of the sheet."""
    return _gaps(assignment, stored_sheet(assignment))


def stored_sheet(row: Assignment) -> SheetInput:
    """The stored sheet in the shape in which it is typed; the sum only where it was the expert's to choose."""
    review = row.review
    if review is None:
        return SheetInput()
    codes = {criterion.id: criterion.code for criterion in row.application.competition.criteria}
    return SheetInput(
        points={codes[score.criterion_id]: score.points or "" for score in review.scores},
        reasons={codes[score.criterion_id]: score.justification for score in review.scores},
        recommendation=review.recommendation or "",
        recommended_kop=review.recommended_kop if review.recommendation == "partly" else None,
        comment_applicant=review.comment_applicant,
        comment_secretary=review.comment_secretary,
    )


def reopen_review(assignment: Assignment, reason: str, by: User) -> Assignment:
    """Open a submitted review for changes; its text is kept as an edition and it leaves the totals meanwhile."""
    row = lock_assignment(assignment.id, with_competition=True)
    refusal = policy.why_not_reopen(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    advance(row, "reopen", by=by, reason=reason)
    review = keep_edition(row, by=by, reason=reason)
    if review is not None:
        unlock(review)
    recount(row.application)
    if row.expert is not None:
        write_letter("review_reopened", row.expert, row.application.competition, row, reason=reason)
    return row


def unlock(review: Review) -> None:
    """A submitted review becomes a draft again; the caller has kept its text."""
    review.submitted_at = None
    review.content_digest = None
    review.total_text = None


def keep_edition(row: Assignment, *, by: User, reason: str) -> Review | None:
    """Store the submitted text before it is opened or withdrawn."""
    review = row.review
    if review is None or review.submitted_at is None:
        return review
    content = content_of(row)
    db.session.add(
        ReviewEdition(
            review_id=review.id,
            content=canonical(content),
            digest=digest_of(content),
            submitted_at=review.submitted_at,
            replaced_at=clock.now(),
            replaced_by_id=by.id,
            reason=reason,
        )
    )
    return review


def content_of(row: Assignment) -> dict[str, object]:
    """What a submitted review says, as it is hashed: codes, exact points, texts."""
    review = row.review
    if review is None:
        return {}
    codes = {criterion.id: criterion.code for criterion in row.application.competition.criteria}
    content: dict[str, object] = {
        "application": row.application.code,
        "expert": row.expert_code,
        "marks": {
            codes[score.criterion_id]: {
                "points": score.points,
                "state": score.mark_state,
                "justification": score.justification,
            }
            for score in review.scores
        },
        "recommendation": review.recommendation,
        "recommended_kop": review.recommended_kop,
        "comment_applicant": review.comment_applicant,
        "comment_secretary": review.comment_secretary,
    }
    # Left out where there are none: sheets submitted before these existed keep their digest.
    if row.evidence:
        content["evidence"] = evidence_content(row)
    if row.line_advice:
        content["lines"] = lines_content(row)
    return content


def _write(row: Assignment, sheet: SheetInput, *, version: int, by: User) -> Review:
    refusal = policy.why_not_score(by, row)
    if refusal is not None:
        raise NotAllowed(refusal)
    review = row.review
    stored = 0 if review is None else review.version
    if stored != version:
        raise EditConflict("This sheet was saved in another window meanwhile. Compare both and save again")
    points = _clean(row, sheet)
    # Before the sheet is touched: what is looked up here would flush it half written.
    write_lines(row, sheet)
    cut = cut_kop(row) if sheet.recommendation == "partly" else 0
    if review is None:
        # Not hung on the assignment: the cascade would flush it before its columns are filled.
        review = Review(assignment_id=row.id, saved_at=clock.now(), scores=[])
        row.review = review
    row.skipped_at = None
    review.saved_at = clock.now()
    review.recommendation = sheet.recommendation or None
    review.recommended_kop = recommended_kop(sheet, row.application.requested_kop, cut)
    review.comment_applicant = words.unify(sheet.comment_applicant).strip()
    review.comment_secretary = words.unify(sheet.comment_secretary).strip()
    _write_scores(review, row, points, sheet.reasons)
    if stored:
        flag_modified(review, "saved_at")  # two saves within one instant are two versions all the same
    db.session.flush()
    return review


def _write_scores(review: Review, row: Assignment, points: Mapping[str, str], reasons: Mapping[str, str]) -> None:
    rules = engine_rules(row.application.competition)
    asked = weights_of(rules, lot_code(row.application, rules))
    kept = {score.criterion_id: score for score in review.scores}
    for criterion in row.application.competition.criteria:
        if criterion.code not in asked:
            continue
        score = kept.get(criterion.id)
        if score is None:
            score = Score(criterion_id=criterion.id)
            review.scores.append(score)
        text = points.get(criterion.code)
        score.points = text
        score.mark_state = "pending" if text is None else "scored"
        score.justification = words.unify(reasons.get(criterion.code, "")).strip()


def _clean(row: Assignment, sheet: SheetInput) -> dict[str, str]:
    """Points as stored text; refuses what no sheet may hold, finished or not."""
    rules = engine_rules(row.application.competition)
    asked = weights_of(rules, lot_code(row.application, rules))
    errors: list[DomainError] = []
    points: dict[str, str] = {}
    unknown = (set(sheet.points) | set(sheet.reasons)) - set(asked)
    if unknown:
        raise InvalidInput("The sheet names a criterion that this competition does not have")
    for criterion in rules.criteria:
        text = sheet.points.get(criterion.code, "").strip()
        if text:
            try:
                points[criterion.code] = clean_points(text, criterion)
            except OffScaleError as error:
                facts = {
                    "low": decimal_text(criterion.min),
                    "high": decimal_text(criterion.max),
                    "step": decimal_text(criterion.step),
                }
                errors.append(InvalidInput(str(error), field=points_field(criterion.code), facts=facts))
        errors.extend(_too_long(sheet.reasons.get(criterion.code, ""), reason_field(criterion.code)))
    errors.extend(_too_long(sheet.comment_applicant, "comment_applicant"))
    errors.extend(_too_long(sheet.comment_secretary, "comment_secretary"))
    if sheet.recommendation and sheet.recommendation not in RECOMMENDATIONS:
        errors.append(InvalidInput("Choose a recommendation", field="recommendation"))
    errors.extend(line_faults(row, sheet))
    if errors:
        raise ManyErrors(errors)
    return points


def _too_long(text: str, field: str) -> list[DomainError]:
    excess = words.count(text) - LONGEST_TEXT
    if excess <= 0:
        return []
    facts = {"excess": Figure(count, excess), "limit": Figure(count, LONGEST_TEXT)}
    return [InvalidInput("Shorten the text by %(excess)s characters: %(limit)s are allowed", field=field, facts=facts)]


def _gaps(row: Assignment, sheet: SheetInput) -> list[DomainError]:
    """What a finished review lacks, in the order of the sheet."""
    competition = row.application.competition
    rules = engine_rules(competition)
    asked = weights_of(rules, lot_code(row.application, rules))
    gaps: list[DomainError] = []
    for number, criterion in enumerate((one for one in competition.criteria if one.code in asked), start=1):
        facts = {"number": number, "least": competition.justification_min}
        if not sheet.points.get(criterion.code, "").strip():
            gaps.append(InvalidInput("Score criterion %(number)s", field=points_field(criterion.code), facts=facts))
        length = words.count(sheet.reasons.get(criterion.code, "").strip())
        if length < competition.justification_min:
            sentence = "Justify criterion %(number)s: at least %(least)s characters, now %(length)s"
            gaps.append(InvalidInput(sentence, field=reason_field(criterion.code), facts={**facts, "length": length}))
    if not sheet.recommendation:
        gaps.append(InvalidInput("Choose a recommendation", field="recommendation"))
    return [*gaps, *sum_gaps(row, sheet)]
