"""Lines of the project budget as an expert would leave them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grants_app.applications.models import BudgetRow
from grants_app.applications.queries import form_for
from grants_app.reviews.models import Assignment
from grants_app.reviews.queries.reading import Reading, ReadLine


@dataclass(frozen=True)
class LineView:
    """A line that asks for the city's money; `category` is a msgid."""

    number: int
    item: str
    category: str
    asked_kop: int
    left_kop: int
    reason: str

    @property
    def cut_kop(self) -> int:
        """What is taken out."""
        return self.asked_kop - self.left_kop

    @property
    def is_struck(self) -> bool:
        """Whether nothing is left."""
        return self.left_kop == 0


def line_views(assignment: Assignment, reading: Reading | None = None) -> tuple[LineView, ...]:
    """Lines with city money in the order of the budget; texts are those of `reading`, where one is given."""
    rows = assignment.application.budget_rows
    texts: Sequence[BudgetRow | ReadLine] = (
        rows if reading is None or len(reading.budget) != len(rows) else reading.budget
    )
    labels = form_for(assignment.application).category_labels
    advice = {one.budget_row_id: one for one in assignment.line_advice}
    found = []
    for number, (row, text) in enumerate(zip(rows, texts, strict=True), start=1):
        if not row.city_kop:
            continue
        said = advice.get(row.id)
        left = row.city_kop if said is None else said.city_kop
        label = labels.get(row.category, row.category)
        found.append(LineView(number, text.item, label, row.city_kop, left, said.reason if said else ""))
    return tuple(found)
