"""The reviewer's packet: what goes into it, and what a filled score sheet would change in the stored ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.core import figures
from grants_app.core.errors import NotFound
from grants_app.database import db
from grants_app.lifecycle import AssignmentState
from grants_app.reviews.models import Assignment, PacketUpload, Review
from grants_app.reviews.queries.conflicts import is_kept_out
from grants_app.reviews.queries.marks import SCORED_STATES, engine_rules, lot_code
from grants_app.reviews.queries.masking import EXPERT, Change, changes, shown_title
from grants_app.reviews.queries.people import ENDED
from grants_app.reviews.queries.sheets import HIDDEN_STAGES
from grants_app.reviews.rules import RECOMMENDATIONS, packet, weights_of
from scoring import Criterion

OPENED = (AssignmentState.ACCEPTED, AssignmentState.IN_PROGRESS, AssignmentState.DONE)


def packet_competition(viewer: User, code: str) -> Competition:
    """The competition in which the person scores. Raises NotFound for everybody else, the secretary included."""
    query = (
        sa.select(Competition)
        .join(Assignment, Assignment.competition_id == Competition.id)
        .filter(
            Competition.code == code,
            Competition.state.not_in(HIDDEN_STAGES),
            Assignment.expert_id == viewer.id,
            Assignment.state.not_in(ENDED),
            ~is_kept_out(Assignment.expert_id, Assignment.application_id),
        )
    )
    found = db.session.scalars(query.limit(1)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def packet_assignments(viewer: User, competition: Competition) -> Sequence[Assignment]:
    """The person's own assignments whose applications are open to them, by code."""
    query = (
        sa.select(Assignment)
        .join(Assignment.application)
        .join(Application.competition)
        .options(
            contains_eager(Assignment.application).options(
                contains_eager(Application.competition),
                joinedload(Application.organisation),
                joinedload(Application.lot),
                joinedload(Application.priority),
                selectinload(Application.budget_rows),
            ),
            joinedload(Assignment.review).options(selectinload(Review.scores)),
            joinedload(Assignment.expert),
        )
        .filter(
            Assignment.competition_id == competition.id,
            Assignment.expert_id == viewer.id,
            Assignment.state.in_(OPENED),
            ~is_kept_out(Assignment.expert_id, Assignment.application_id),
            Application.state.in_(SCORED_STATES),
        )
        .order_by(Application.code)
    )
    return db.session.scalars(query).unique().all()


def undeclared_count(viewer: User, competition: Competition) -> int:
    """Assignments that wait for the declaration: they are not in the packet."""
    query = sa.select(sa.func.count()).filter(
        Assignment.competition_id == competition.id,
        Assignment.expert_id == viewer.id,
        Assignment.state == AssignmentState.PROPOSED,
    )
    return int(db.session.scalar(query) or 0)


def asked_of(assignments: Sequence[Assignment]) -> dict[str, dict[str, Criterion]]:
    """Criteria by which each application is scored, by codes."""
    found: dict[str, dict[str, Criterion]] = {}
    for one in assignments:
        rules = engine_rules(one.application.competition)
        weights = weights_of(rules, lot_code(one.application, rules))
        found[one.application.code or ""] = {each.code: each for each in rules.criteria if each.code in weights}
    return found


def upload_for(viewer: User, code: str) -> PacketUpload:
    """The person's own upload. Raises NotFound."""
    query = (
        sa.select(PacketUpload).options(joinedload(PacketUpload.competition)).filter_by(code=code, expert_id=viewer.id)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True)
class FieldChange:
    """A field that would change: `label` is a msgid, `of` its criterion; with `is_word` the values are msgids too."""

    label: str
    of: str
    is_word: bool
    old: str
    new: str
    before: tuple[Change, ...]
    after: tuple[Change, ...]


@dataclass(frozen=True)
class PreviewRow:
    """What the file would change in one application's sheet."""

    code: str
    title: str
    version: int
    is_finished: bool
    is_newer: bool  # the stored sheet was saved after the packet had been made
    saved_at: datetime | None
    changes: tuple[FieldChange, ...]

    @property
    def will_change(self) -> bool:
        """Whether confirming writes anything here."""
        return bool(self.changes) and not self.is_finished


def preview_rows(upload: PacketUpload, assignments: Sequence[Assignment], lang: str = "uk") -> list[PreviewRow]:
    """The file beside the stored sheets, application by application; nothing is written.

    An application that has been taken from the expert meanwhile is left out: nothing of it may be read or changed.
    """
    return [
        _preview_row(one, packet.PacketEntry(**upload.content[one.application.code]), lang)
        for one in assignments
        if one.application.code in upload.content
    ]


def _preview_row(assignment: Assignment, entry: packet.PacketEntry, lang: str) -> PreviewRow:
    review = assignment.review
    stored = 0 if review is None else review.version
    return PreviewRow(
        code=assignment.application.code or "",
        title=shown_title(assignment.application, EXPERT),
        version=stored,
        is_finished=assignment.state == AssignmentState.DONE,
        is_newer=entry.version is not None and entry.version != stored,
        saved_at=None if review is None else review.saved_at,
        changes=tuple(_changes(assignment, entry, lang)),
    )


def _changes(assignment: Assignment, entry: packet.PacketEntry, lang: str) -> list[FieldChange]:
    review = assignment.review
    marks = {} if review is None else {score.criterion_id: score for score in review.scores}
    found = []
    for criterion in assignment.application.competition.criteria:
        mark = marks.get(criterion.id)
        pairs = (
            ("Points", (mark.points or "") if mark else "", entry.points.get(criterion.code)),
            ("Justification", mark.justification if mark else "", entry.reasons.get(criterion.code)),
        )
        for label, old, new in pairs:
            if new is not None and new != old:
                shown = [figures.digits(one, lang) if label == "Points" else one for one in (old, new)]
                found.append(_change(label, *shown, of=criterion.title))
    return [*found, *_advice_changes(review, entry, lang), *_comment_changes(review, entry)]


def _advice_changes(review: Review | None, entry: packet.PacketEntry, lang: str) -> list[FieldChange]:
    old = (review.recommendation if review else None) or ""
    new = entry.recommendation or old
    found = []
    if new != old:
        found.append(_change("Recommendation", RECOMMENDATIONS.get(old, ""), RECOMMENDATIONS[new], is_word=True))
    stored = review.recommended_kop if review is not None and old == "partly" else None
    # The sum counts only with the recommendation of a smaller one; elsewhere it follows from the request.
    if new == "partly" and entry.recommended_kop is not None and entry.recommended_kop != stored:
        shown = "" if stored is None else figures.hryvnias_exact(stored, lang)
        found.append(_change("Recommended sum, UAH", shown, figures.hryvnias_exact(entry.recommended_kop, lang)))
    return found


def _comment_changes(review: Review | None, entry: packet.PacketEntry) -> list[FieldChange]:
    pairs = (
        ("Comment for the applicant", review.comment_applicant if review else "", entry.comment_applicant),
        ("Note for the secretary", review.comment_secretary if review else "", entry.comment_secretary),
    )
    return [_change(label, old, new) for label, old, new in pairs if new is not None and new != old]


def _change(label: str, old: str, new: str, *, of: str = "", is_word: bool = False) -> FieldChange:
    before, after = changes(old, new)
    return FieldChange(label, of, is_word, old, new, before, after)


def merged(stored: Any, entry: packet.PacketEntry) -> dict[str, Any]:
    """The fields of a sheet after the file: what it says over what is stored (`stored` is a SheetInput)."""
    advice = entry.recommendation or stored.recommendation
    amount = entry.recommended_kop if entry.recommended_kop is not None else stored.recommended_kop
    return {
        "points": _over(stored.points, entry.points),
        "reasons": _over(stored.reasons, entry.reasons),
        "recommendation": advice,
        "recommended_kop": amount if advice == "partly" else None,
        "comment_applicant": stored.comment_applicant if entry.comment_applicant is None else entry.comment_applicant,
        "comment_secretary": stored.comment_secretary if entry.comment_secretary is None else entry.comment_secretary,
    }


def _over(stored: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    return {**stored, **said}
