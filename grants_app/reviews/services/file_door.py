"""The file door: a whole competition comes in as rules.json, applications.csv and scores.csv, all or nothing.

The files are checked by the engine that will rank them, so that what is stored here gives the same list as the files
alone. Every error names file, line and column; nothing is stored then.
"""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.competitions.services.creation import adopt_rules, create_competition
from grants_app.competitions.services.steps import announce
from grants_app.core import clock, identifiers
from grants_app.core.errors import InvalidInput
from grants_app.core.wholes import whole
from grants_app.database import db
from grants_app.journal.services import SYSTEM, Actor, advance, record
from grants_app.lifecycle import ApplicationState, AssignmentState
from grants_app.reviews.models import Assignment, Review, Score
from grants_app.reviews.queries.marks import micro
from scoring import Application as Bid
from scoring import ApplicationError, Mark, Rules, ScoringError, rank
from scoring.digest import digest
from scoring.files import read_applications, read_marks, read_rules
from scoring.fingerprint import application_json, mark_json
from scoring.marks import tabulate_marks
from scoring.rounding import decimal_text, parse_decimal

FILES = ("rules.json", "applications.csv", "scores.csv")
_CODE_BODY = 6
_STATES = ("scored", "recused", "absent", "withdrawn", "pending")


@dataclass(frozen=True)
class Luggage:
    """What the three files hold, checked against each other."""

    rules: Rules
    bids: list[Bid]
    marks: list[Mark]
    header: dict[str, list[str]]

    def preview(self) -> list[tuple[str, str]]:
        """What would come in, in pairs of words and figures."""
        states = Counter(str(mark.state) or ("scored" if mark.points else "pending") for mark in self.marks)
        return [
            ("criteria", str(len(self.rules.criteria))),
            ("lots", f"{len(self.rules.lots)}, {sum(lot.fund_kop for lot in self.rules.lots)} kop"),
            ("applications", str(len(self.bids))),
            ("experts", str(len({mark.expert for mark in self.marks}))),
            ("pairs of expert and application", str(len({(mark.expert, mark.application) for mark in self.marks}))),
            ("marks", ", ".join(f"{states[state]} {state}" for state in _STATES if states[state]) or "none"),
        ]


def read_folder(folder: Path) -> Luggage:
    """Read and check the three files of a folder. Raises ScoringError naming file, line and column."""
    rules = read_rules(folder / "rules.json")
    bids, bid_table = read_applications(folder / "applications.csv")
    marks, mark_table = read_marks(folder / "scores.csv")
    try:
        tabulate_marks(rules, marks, bids)
        rank(rules, bids, marks)
    except ApplicationError as error:
        bid_table.blame(error)
        raise
    except ScoringError as error:
        mark_table.blame(error)
        raise
    return Luggage(rules, bids, marks, {"applications": bid_table.header, "scores": mark_table.header})


def bring_in(luggage: Luggage, *, code: str, title: str, year: int, by: Actor) -> Competition:
    """Store a competition as the files tell it, in scoring, ready to be handed over to the commission.

    Writes the competition with its frozen rules and budget lines, applications, assignments, reviews and marks.
    Raises InvalidInput (field code) for a taken code.
    """
    competition = create_competition(code=code, title=title, year=year, by=by, is_imported=True)
    adopt_rules(competition, luggage.rules, by=by)
    competition.imported_header = luggage.header
    now = clock.now()
    # The files tell a past: the intake they come from is over when they arrive.
    competition.intake_from, competition.intake_until = datetime(year, 1, 1, tzinfo=clock.KYIV), now
    announce(competition, by=by)
    advance(competition, "open", by=SYSTEM)
    competition.intake_closed_at = now
    advance(competition, "close", by=SYSTEM, facts={"registered": len(luggage.bids)})
    advance(competition, "start_formal_check", by=by)
    applications = _store_bids(competition, luggage, now)
    _store_marks(competition, luggage, applications, now)
    _store_totals(luggage, applications)
    advance(competition, "open_review", by=by)
    record(
        thing="competition",
        code=code,
        scope=code,
        step="import",
        by=by,
        facts={
            "rules": luggage.rules.digest,
            "applications": digest([application_json(bid) for bid in luggage.bids]),
            "scores": digest([mark_json(mark) for mark in luggage.marks]),
        },
    )
    db.session.flush()
    return competition


def _store_bids(competition: Competition, luggage: Luggage, now: datetime) -> dict[str, Application]:
    lots = {lot.code: lot for lot in competition.lots}
    found: dict[str, Application] = {}
    taken: set[str] = set()
    for number, bid in enumerate(luggage.bids, start=1):
        body = identifiers.new_code(_CODE_BODY)
        while body in taken:
            body = identifiers.new_code(_CODE_BODY)
        taken.add(body)
        found[bid.code] = Application(
            key=secrets.token_urlsafe(16),
            code=f"{competition.code}-{body}",
            register_number=number,
            competition_id=competition.id,
            lot_id=lots[bid.lot].id if bid.lot in lots else None,
            state=ApplicationState.ADMITTED,
            title=bid.code,
            requested_kop=bid.requested_kop or 0,
            total_cost_kop=_whole(bid, "total_cost_kop"),
            own_share_bp=_whole(bid, "own_share_bp"),
            smallest_kop=bid.smallest_kop,
            created_at=now,
            submitted_at=_instant(bid) or now,
            imported_code=bid.code,
            imported_columns=dict(bid.columns),
        )
    db.session.add_all(found.values())
    db.session.flush()
    return found


def _store_marks(
    competition: Competition, luggage: Luggage, applications: dict[str, Application], now: datetime
) -> None:
    criteria = {criterion.code: criterion.id for criterion in competition.criteria}
    pairs: dict[tuple[str, str], list[Mark]] = {}
    for mark in luggage.marks:
        pairs.setdefault((mark.application, mark.expert), []).append(mark)
    assignments = {
        pair: Assignment(
            competition_id=competition.id,
            application_id=applications[pair[0]].id,
            expert_code=pair[1],
            state=AssignmentState.DONE,
            assigned_at=now,
        )
        for pair in pairs
    }
    db.session.add_all(assignments.values())
    db.session.flush()
    reviews = {
        pair: Review(assignment_id=assignment.id, saved_at=now, submitted_at=now)
        for pair, assignment in assignments.items()
    }
    db.session.add_all(reviews.values())
    db.session.flush()
    rows = [_score(reviews[pair].id, criteria, mark) for pair, marks in pairs.items() for mark in marks]
    if rows:
        db.session.execute(sa.insert(Score), rows)


def _score(review_id: int, criteria: dict[str, int], mark: Mark) -> dict[str, Any]:
    return {
        "review_id": review_id,
        "criterion_id": criteria[mark.criterion],
        "points": None if mark.points is None else decimal_text(parse_decimal(mark.points)),
        "mark_state": str(mark.state) or ("scored" if mark.points else "pending"),
        "justification": "",
        "imported_columns": dict(mark.columns) or None,
    }


def _store_totals(luggage: Luggage, applications: dict[str, Application]) -> None:
    for row in rank(luggage.rules, luggage.bids, luggage.marks).rows:
        application = applications[row.application]
        application.review_count = len(row.expert_totals)
        application.score_text, application.score_micro = row.score, micro(row.score_exact)
        application.criterion_means = {
            code: cell.combined_text for code, cell in row.criteria.items() if cell.combined_text is not None
        }


def _whole(bid: Bid, column: str) -> int:
    return whole(bid.cell(column)) or 0


def _instant(bid: Bid) -> datetime | None:
    text = bid.cell("submitted_at")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise InvalidInput("%(code)s: the instant of submission is not in ISO 8601", facts={"code": bid.code}) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=clock.KYIV)
