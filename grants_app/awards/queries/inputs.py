"""The engine's inputs exactly as they were ranked, read back from where the ranking keeps them."""

from __future__ import annotations

import json

from grants_app.awards.models import Ranking
from grants_app.reviews.queries import engine_rules
from scoring import Application as Bid
from scoring import Mark, Rules


def stored_inputs(ranking: Ranking) -> tuple[Rules, list[Bid], list[Mark]]:
    """The engine's inputs exactly as they were ranked."""
    content = json.loads(ranking.inputs_text)
    bids = [_bid(row) for row in content["applications"]]
    marks = [_mark(row) for row in content["scores"]]
    return engine_rules(ranking.competition), bids, marks


def _bid(row: dict[str, object]) -> Bid:
    own = {"application", "lot", "requested_kop", "smallest_kop"}
    requested, smallest = row.get("requested_kop"), row.get("smallest_kop")
    return Bid(
        code=str(row["application"]),
        lot=str(row["lot"]),
        requested_kop=requested if isinstance(requested, int) else None,
        smallest_kop=smallest if isinstance(smallest, int) else None,
        columns={name: str(value) for name, value in row.items() if name not in own},
    )


def _mark(row: dict[str, str]) -> Mark:
    own = ("application", "expert", "criterion", "points", "state")
    extra = tuple((name, value) for name, value in row.items() if name not in own)
    return Mark(row["application"], row["expert"], row["criterion"], row["points"] or None, row["state"], extra)
