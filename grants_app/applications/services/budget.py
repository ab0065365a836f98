"""The project budget as it is written: lines whose sums are computed, kept by the place of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from grants_app.accounts.models import User
from grants_app.applications import policy, queries, rules
from grants_app.applications.models import Application, BudgetRow, Correction
from grants_app.applications.queries.content import line_of
from grants_app.applications.rules import Line
from grants_app.applications.rules import budget as budget_rules
from grants_app.applications.rules.budget_diff import placed
from grants_app.applications.services.loading import lock_application, lock_budget, refuse_if
from grants_app.core.errors import EditConflict, InvalidInput, NotAllowed
from grants_app.database import db
from grants_app.journal.services import digest_of

LARGEST_KOP = 10**13
LONGEST_CATEGORY = 30


def budget_digest(application: Application) -> str:
    """The digest of the stored budget, by which a second editor is noticed."""
    return _digest(queries.lines_of(application), application.smallest_kop)


def save_budget(
    application: Application,
    rows: Sequence[Line],
    by: User,
    *,
    smallest_kop: int | None = None,
    base: str | None = None,
) -> list[rules.Finding]:
    """Store the budget of a draft with its computed sums; returns the rules that it breaks, which bar submission only.

    `base` is the digest of the budget the person was reading. Raises EditConflict when another one is stored now,
    InvalidInput for lines that are no lines at all.
    """
    application = lock_application(application)
    refuse_if(policy.why_not_edit(by, application))
    return _save(application, rows, smallest_kop, base)


def save_corrected_budget(
    application: Application,
    rows: Sequence[Line],
    *,
    by: User,
    smallest_kop: int | None = None,
    base: str | None = None,
) -> list[rules.Finding]:
    """Store the corrected budget, if the budget was named. Raises NotAllowed otherwise."""
    application = lock_application(application)
    _refuse_unopened(application, queries.correction_of(application), by)
    return _save(application, rows, smallest_kop, base)


def autosave_budget(
    code: str, rows: Sequence[Line], by: User, *, smallest_kop: int | None, base: str | None
) -> tuple[Application, str, bool]:
    """Keep the lines while they are typed, of a draft or of a budget that is open for correction.

    Returns the application, locked, the digest of what stands there now, and whether anything was written: the same
    lines sent twice are no second editor, whatever `base` says. The rules are not asked: nobody reads them while
    typing. One question finds, locks and reads everything; one writes the lines that moved, one the sums.
    """
    application, correction = lock_budget(code, by)
    if correction is not None and rules.BUDGET_ITEM in correction.questions:
        _refuse_unopened(application, correction, by)
    else:
        refuse_if(policy.why_not_edit(by, application))
    if application.budget_digest == _digest(rows, smallest_kop):
        return application, application.budget_digest, False
    stored = list(application.budget_rows)
    if application.budget_digest != _digest([line_of(row) for row in stored], application.smallest_kop):
        stored = _stored(application)
    written, gone = _compared(application, stored, rows, smallest_kop, base)
    if written:
        before = {row.position: line_of(row) for row in stored}
        _put(application, written, {place: before[place] for place in gone})
    elif gone:
        _clear(application, gone)
    return application, _summed(application, rows, smallest_kop), True


def _refuse_unopened(application: Application, correction: Correction | None, by: User) -> None:
    refuse_if(policy.why_not_correct(by, application, correction))
    if correction is None or rules.BUDGET_ITEM not in correction.questions:
        raise NotAllowed("Only the named questions are open for correction")


def _save(
    application: Application, rows: Sequence[Line], smallest_kop: int | None, base: str | None
) -> list[rules.Finding]:
    written, gone = _compared(application, _stored(application), rows, smallest_kop, base)
    _clear(application, gone)
    if written:
        _put(application, written, {})
    _summed(application, rows, smallest_kop)
    return budget_rules.broken(rows, queries.limits_of(application), smallest_kop)


def _stored(application: Application) -> list[BudgetRow]:
    query = sa.select(BudgetRow).filter_by(application_id=application.id, is_gone=False).order_by(BudgetRow.position)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _digest(lines: Sequence[Line], smallest_kop: int | None) -> str:
    return digest_of([[asdict(line) for line in lines], smallest_kop])


def _compared(
    application: Application,
    stored: Sequence[BudgetRow],
    lines: Sequence[Line],
    smallest_kop: int | None,
    base: str | None,
) -> tuple[dict[int, Line], list[int]]:
    """What is to be written into which place, and which places become empty; the same budget costs nothing.

    Raises EditConflict when another budget was stored since `base` was read, InvalidInput for lines that are none.
    """
    before = [line_of(row) for row in stored]
    if base is not None and base != _digest(before, application.smallest_kop):
        raise EditConflict("While you were writing, another person changed the budget. Compare and choose")
    _refuse_odd_lines(lines, smallest_kop)
    return placed([row.position for row in stored], before, lines)


def _summed(application: Application, lines: Sequence[Line], smallest_kop: int | None) -> str:
    """The sums of the lines that stand there now; returns their digest. Lines read before are read again."""
    sums, digest = budget_rules.totals(lines), _digest(lines, smallest_kop)
    application.requested_kop, application.total_cost_kop = sums.requested_kop, sums.total_cost_kop
    application.own_cash_kop, application.own_inkind_kop = sums.own_cash_kop, sums.own_inkind_kop
    application.other_kop, application.own_share_bp = sums.other_kop, sums.own_share_bp
    application.smallest_kop, application.budget_digest = smallest_kop, digest
    db.session.flush()
    db.session.expire(application, ["budget_rows"])
    for state in db.session.identity_map.all_states():
        if state.class_ is BudgetRow and state.dict.get("application_id") == application.id:
            db.session.expunge(state.obj())
    return digest


def _clear(application: Application, gone: Sequence[int]) -> None:
    """Remove the lines at these places, and those that were taken away while something else was written."""
    statement = sa.delete(BudgetRow).filter_by(application_id=application.id)
    statement = statement.where(sa.or_(BudgetRow.position.in_(gone), BudgetRow.is_gone))
    db.session.execute(statement, execution_options={"synchronize_session": False})


def _put(application: Application, written: dict[int, Line], gone: dict[int, Line]) -> None:
    """Lines into their places, whether something stood there or not, and others taken away, in one statement."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    rows = [
        {
            **asdict(line),
            "application_id": application.id,
            "position": place,
            "total_kop": line.total_kop,
            "is_gone": place in gone,
        }
        for place, line in {**gone, **written}.items()
    ]
    statement = insert(BudgetRow).values(rows)
    columns = {name: statement.excluded[name] for name in rows[0] if name not in {"application_id", "position"}}
    statement = statement.on_conflict_do_update(index_elements=["application_id", "position"], set_=columns)
    db.session.execute(statement)


def _refuse_odd_lines(rows: Sequence[Line], smallest_kop: int | None) -> None:
    if len(rows) > budget_rules.MAX_ROWS:
        raise InvalidInput(
            "At most %(limit_count)s rows are allowed, now %(now)s",
            field="budget",
            facts={"limit_count": budget_rules.MAX_ROWS, "now": len(rows)},
        )
    for number, line in enumerate(rows, 1):
        amounts = (
            line.qty_milli,
            line.price_kop,
            line.city_kop,
            line.own_cash_kop,
            line.own_inkind_kop,
            line.other_kop,
            line.least_kop or 0,
        )
        if len(line.category) > LONGEST_CATEGORY:
            raise InvalidInput("Row %(row)s: choose the category", field="budget", facts={"row": number})
        if any(amount > LARGEST_KOP for amount in (*amounts, line.total_kop)):
            raise InvalidInput("Row %(row)s: the amount is too large", field="budget", facts={"row": number})
        if any(type(amount) is not int or amount < 0 for amount in (*amounts, line.total_kop)):
            raise InvalidInput("Row %(row)s: amounts are from zero up", field="budget", facts={"row": number})
    if smallest_kop is not None and smallest_kop < 0:
        raise InvalidInput("Enter an amount in hryvnias", field="smallest_kop")
