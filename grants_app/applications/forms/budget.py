"""The form of the project budget."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, FormField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice

from grants_app.applications import rules
from grants_app.applications.rules import Line
from grants_app.applications.rules.budget import MAX_ROWS
from grants_app.web.fields import Form, KopField, LineField, MaxCharacters, QuantityField, RowForm, TextField
from grants_app.web.row_steps import stepped

_ROW_CELL = re.compile(r"rows-(\d{1,5})-(\w{1,20})", re.ASCII)


class BudgetRowForm(RowForm):
    """A line of the budget; sums are computed, never typed."""

    # What a budget is made of is the form's; see `budget_form`.
    category = SelectField(choices=list, validate_choice=False)
    item = LineField(lazy_gettext("What is paid for"), validators=[MaxCharacters(300)])
    unit = LineField(lazy_gettext("Unit"), validators=[MaxCharacters(40)])
    qty = QuantityField(lazy_gettext("Quantity"))
    price = KopField(lazy_gettext("Price"))
    city = KopField(lazy_gettext("City"))
    own_cash = KopField(lazy_gettext("Own money"))
    own_inkind = KopField(lazy_gettext("Own in kind"))
    other = KopField(lazy_gettext("Other sources"))
    justification = TextField(lazy_gettext("Why this price and quantity"), validators=[MaxCharacters(500)])
    least = KopField(lazy_gettext("The city pays at the smallest amount"))

    def is_blank(self) -> bool:
        """Whether nothing was typed into the row."""
        return not any(field.data for field in self) and not any(field.errors for field in self)

    def line(self) -> Line:
        """The row as a plain line; an empty amount is nothing."""
        return Line(
            category=self.category.data or "",
            item=self.item.data or "",
            unit=self.unit.data or "",
            qty_milli=self.qty.data or 0,
            price_kop=self.price.data or 0,
            city_kop=self.city.data or 0,
            own_cash_kop=self.own_cash.data or 0,
            own_inkind_kop=self.own_inkind.data or 0,
            other_kop=self.other.data or 0,
            justification=self.justification.data or "",
            least_kop=self.least.data,
        )


class BudgetForm(Form):
    """The project budget; `version` is the digest of the budget that the person was reading."""

    version = HiddenField()
    smallest = KopField(lazy_gettext("Smallest useful amount"))
    smallest_dropped = TextField(
        lazy_gettext("What you give up if only the smallest useful amount is granted"), validators=[MaxCharacters(1000)]
    )

    def lines(self) -> list[Line]:
        """Lines that are not blank."""
        return [entry.form.line() for entry in self.rows if not entry.form.is_blank()]


@lru_cache(maxsize=64)
def _budget_kind(categories: tuple[tuple[str, str], ...]) -> type[BudgetForm]:
    def offered() -> list[SelectChoice]:
        return [SelectChoice("", "–"), *(SelectChoice(code, gettext(text)) for code, text in categories)]

    row = type("CategoryRowForm", (BudgetRowForm,), {"category": SelectField(choices=offered, validate_choice=False)})
    return type("CategoryBudgetForm", (BudgetForm,), {"rows": FieldList(FormField(row), "", max_entries=MAX_ROWS + 3)})


def budget_form(asked: rules.Form, **values: Any) -> BudgetForm:
    """The budget with the cost categories of the competition; `values` as the form takes them."""
    return _budget_kind(asked.categories)(**values)


def budget_rows_shown(lines: Sequence[Line], blank: int) -> list[dict[str, Any]]:
    """Stored lines as the form takes them, and blank rows after them."""
    shown = [
        {
            "category": line.category,
            "item": line.item,
            "unit": line.unit,
            "qty": line.qty_milli,
            "price": line.price_kop,
            "city": line.city_kop or None,
            "own_cash": line.own_cash_kop or None,
            "own_inkind": line.own_inkind_kop or None,
            "other": line.other_kop or None,
            "justification": line.justification,
            "least": line.least_kop,
        }
        for line in lines
    ]
    return [*shown, *({} for _ in range(blank))]


def stepped_budget(asked: rules.Form, sent: MultiDict[str, str]) -> BudgetForm | None:
    """The budget as it was sent with a row added, removed or moved by its button; none when no button was pressed."""
    rows = stepped(sent, {"rows"})
    if rows is None:
        return None
    form = budget_form(asked, formdata=rows)
    if not form.rows.entries:
        form.rows.append_entry()
    return form


def gathered_rows(sent: MultiDict[str, str]) -> MultiDict[str, str]:
    """The same form with blank rows behind the others, so that a row has one number on the page and in the rules."""
    rows = list(_rows_of(sent).values())
    rows.sort(key=lambda row: not any(text.strip() for text in row.values()))
    return _numbered(sent, rows)


def row_count(sent: MultiDict[str, str]) -> int:
    """How many rows were sent, blank ones too."""
    return len(_rows_of(sent))


def _rows_of(sent: MultiDict[str, str]) -> dict[int, dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    for name, text in sent.items():
        found = _ROW_CELL.fullmatch(name)
        if found:
            rows.setdefault(int(found[1]), {})[found[2]] = text
    return dict(sorted(rows.items()))


def _numbered(sent: MultiDict[str, str], rows: Sequence[Mapping[str, str]]) -> MultiDict[str, str]:
    others = [(name, text) for name, text in sent.items(multi=True) if not _ROW_CELL.fullmatch(name)]
    cells = [(f"rows-{place}-{cell}", text) for place, row in enumerate(rows) for cell, text in row.items()]
    return MultiDict([*others, *cells])
