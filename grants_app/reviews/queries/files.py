"""A competition as the three files from which anyone can recompute it: rules.json, applications.csv, scores.csv.

Rows stand in the order of their codes and decimals in canonical form, so that what comes out, taken in and brought out
again, is the same byte for byte.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

from grants_app.competitions.models import Competition
from grants_app.reviews.queries.marks import engine_rules, score_records
from scoring import Application as Bid
from scoring import Mark

_BID_COLUMNS = ("application", "lot", "requested_kop", "smallest_kop")
_MARK_COLUMNS = ("application", "expert", "criterion", "points", "state")


def file_texts(competition: Competition) -> dict[str, str]:
    """The texts of the three files, by name."""
    bids, marks = score_records(competition)
    header = competition.imported_header or {}
    rules = json.dumps(engine_rules(competition).to_json(), ensure_ascii=False, indent=2)
    return {
        "rules.json": rules + "\n",
        "applications.csv": _bids(sorted(bids, key=lambda bid: bid.code), header.get("applications", [])),
        "scores.csv": _marks(sorted(marks, key=lambda mark: mark[:3]), header.get("scores", [])),
    }


def _bids(bids: Sequence[Bid], known: Sequence[str]) -> str:
    extra = [column for column in known if column not in _BID_COLUMNS]
    if not known:
        extra = sorted({column for bid in bids for column in bid.columns})
    columns = [*_BID_COLUMNS, *extra]
    return _table(columns, ([bid.cell(column) for column in columns] for bid in bids))


def _marks(marks: Sequence[Mark], known: Sequence[str]) -> str:
    extra = [column for column in known if column not in _MARK_COLUMNS]
    rows = []
    for mark in marks:
        further = dict(mark.columns)
        state = str(mark.state) or ("scored" if mark.points is not None else "pending")
        cells = [mark.application, mark.expert, mark.criterion, mark.points or "", state]
        rows.append([*cells, *(further.get(column, "") for column in extra)])
    return _table([*_MARK_COLUMNS, *extra], rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
