"""The input of a ranking as plain data, and its fingerprint."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from scoring.digest import canonical_json, digest_text
from scoring.errors import ApplicationError
from scoring.marks import Application, Mark, MarkTable
from scoring.rules import Rules


def application_json(application: Application) -> dict[str, object]:
    """Write an application with the columns of its table; ``*_kop`` are whole numbers, all else is text.

    Raises
    ------
    ApplicationError
        A further column named ``*_kop`` holds no whole number.

    >>> application_json(Application("A", "L", 100, columns={"submitted_at": "2027-03-01T10:00:00Z"}))
    {'application': 'A', 'lot': 'L', 'requested_kop': 100, 'submitted_at': '2027-03-01T10:00:00Z'}
    """
    row: dict[str, object] = {"application": application.code, "lot": application.lot}
    row["requested_kop"] = application.requested_kop
    if application.smallest_kop is not None:
        row["smallest_kop"] = application.smallest_kop
    for column, text in application.columns.items():
        if not column.endswith("_kop"):
            row[column] = text
        elif text:
            if not text.isascii() or not text.isdigit():
                raise ApplicationError(f"{application.code}: {text[:40]!r} is no sum in kopiykas", column=column)
            row[column] = int(text)
    return row


def mark_json(mark: Mark) -> dict[str, object]:
    """Write a mark with the columns of its table, its state spelled out.

    >>> mark_json(Mark("A", "E", "c", "7"))
    {'application': 'A', 'expert': 'E', 'criterion': 'c', 'points': '7', 'state': 'scored'}
    """
    return {
        "application": mark.application,
        "expert": mark.expert,
        "criterion": mark.criterion,
        "points": mark.points or "",
        "state": str(mark.state) or ("scored" if mark.points else "pending"),
        **dict(mark.columns),
    }


class _Quoted(dict[str, str]):
    """JSON text of every string that occurs, each encoded once."""

    def __missing__(self, text: str) -> str:
        found = self[text] = canonical_json(text)
        return found


def input_hash(rules: Rules, table: MarkTable, marks: Sequence[Mark]) -> str:
    """Fingerprint the input of a ranking: rules, applications and marks, each list in the order of its codes.

    It is the hash of what :func:`application_json` and :func:`mark_json` give, without making an object of every mark.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from scoring.marks import tabulate_marks
    >>> from scoring.rules import Criterion
    >>> rules = Rules(criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),))
    >>> marks = [Mark("A", "E", "c", "7"), Mark("A", "F", "c", "8")]
    >>> table = tabulate_marks(rules, marks)
    >>> input_hash(rules, table, marks) == input_hash(rules, table, marks[::-1])
    True
    """
    rows = [application_json(application) for application in table.applications]
    quoted = _Quoted()
    scores = ",".join(
        canonical_json(mark_json(mark))
        if mark.columns
        else f'{{"application":{quoted[mark[0]]},"criterion":{quoted[mark[2]]},"expert":{quoted[mark[1]]},'
        f'"points":{quoted[mark[3] or ""]},"state":{quoted[mark[4] or ("scored" if mark[3] else "pending")]}}}'
        for mark in sorted(marks, key=itemgetter(0, 1, 2))
    )
    return digest_text(f"[{canonical_json(rules.to_json())},{canonical_json(rows)},[{scores}]]")
