"""Places as a reader counts them who must not learn where an application considered without them stands.

The official place counts everybody who stands higher. A gap in the places, the number of those ahead or the tie rule
that parts two equal scores would tell such a reader where the hidden application is; so they get what the same rules
say of the applications of their own list alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from grants_app.applications.models import Application
from grants_app.awards.models import Award, Ranking, RankingLine
from grants_app.awards.queries.inputs import stored_inputs
from grants_app.database import db
from scoring import rank
from scoring.ranking import RankingRow

Step = Mapping[str, Any]
Held = Mapping[int | None, Sequence[int]]
_PLACES = ("place", "place_in_lot")
_TIES = ("tie_not_separated", "separated_by", "tied_with")


@dataclass(frozen=True)
class SeenPlaces:
    """Places that hidden applications hold, by lot; nothing hidden leaves every place as it is."""

    held: Held = field(default_factory=dict)
    held_reserve: Held = field(default_factory=dict)
    held_overall: Sequence[int] = ()
    # Lines with the score of a hidden one: what parts them from each other alone, by the position of the line.
    parted: Mapping[int, RankingRow] = field(default_factory=dict)

    def place(self, lot_id: int | None, place: int | None) -> int | None:
        """The place within a lot."""
        return _among_seen(place, self.held.get(lot_id, ()))

    def overall(self, place: int | None) -> int | None:
        """The place among all lots."""
        return _among_seen(place, self.held_overall)

    def reserve(self, lot_id: int | None, place: int | None) -> int | None:
        """The place on the reserve list of a lot."""
        return _among_seen(place, self.held_reserve.get(lot_id, ()))

    def hides(self, lot_id: int | None) -> bool:
        """Whether an application of this lot is hidden: the sums of the lot would tell of it."""
        return lot_id in self.held

    def separated_by(self, position: int, rule: str | None) -> str | None:
        """The tie rule that is said beside a line."""
        return self.parted[position].separated_by if position in self.parted else rule

    def steps(self, line: RankingLine) -> list[Step]:
        """The steps of a line with its place, and what parts it from equal scores, counted anew."""
        steps: list[Step] = list(line.steps)
        if line.position in self.parted:
            ties = [step.to_json() for step in self.parted[line.position].steps if step.key in _TIES]
            steps = [*(step for step in steps if step["key"] not in _TIES), *ties]
        return [self._step(line.lot_id, step) if step["key"] in _PLACES else step for step in steps]

    def _step(self, lot_id: int | None, step: Step) -> Step:
        place = self.place(lot_id, int(step["result"])) or 1
        return {**step, "operands": {**step["operands"], "better": str(place - 1)}, "result": str(place)}


def seen_places(ranking: Ranking | None, out: frozenset[int]) -> SeenPlaces:
    """Places for a reader without whom the applications of `out` are considered."""
    if ranking is None or not out:
        return SeenPlaces()
    line = RankingLine
    rows = db.session.execute(
        sa.select(line.lot_id, line.place, line.place_overall, line.score_micro, Award.reserve_place)
        .outerjoin(Award, Award.application_id == line.application_id)
        .filter(line.ranking_id == ranking.id, line.application_id.in_(out))
    ).all()
    held: defaultdict[int | None, list[int]] = defaultdict(list)
    reserve: defaultdict[int | None, list[int]] = defaultdict(list)
    for row in rows:
        held[row.lot_id] += [] if row.place is None else [row.place]
        reserve[row.lot_id] += [] if row.reserve_place is None else [row.reserve_place]
    overall = [row.place_overall for row in rows if row.place_overall is not None]
    scores = {(row.lot_id, row.score_micro) for row in rows if row.score_micro is not None}
    return SeenPlaces(held, reserve, overall, _parted(ranking, out, scores))


def _parted(ranking: Ranking, out: frozenset[int], scores: set[tuple[int | None, int]]) -> dict[int, RankingRow]:
    """Lines with one of these scores, ranked by the same rules without what is hidden."""
    line = RankingLine
    query = (
        sa.select(
            line.position, line.lot_id, line.score_micro,
            sa.func.coalesce(Application.imported_code, Application.code).label("code"),
        )
        .join(Application, Application.id == line.application_id)
        .filter(
            line.ranking_id == ranking.id,
            line.application_id.not_in(out),
            line.score_micro.in_([score for _lot, score in scores]),
        )
    )  # fmt: skip
    found = {row.code: row.position for row in db.session.execute(query) if (row.lot_id, row.score_micro) in scores}
    if not found:
        return {}
    rules, bids, marks = stored_inputs(ranking)
    own = [bid for bid in bids if bid.code in found], [mark for mark in marks if mark.application in found]
    return {found[row.application]: row for row in rank(rules, *own, detailed=False).rows}


def _among_seen(place: int | None, held: Sequence[int]) -> int | None:
    return None if place is None else place - sum(other < place for other in held)
