"""What must always be true of awards, recomputed from the rows."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.applications.models import Application
from grants_app.awards.models import Award
from grants_app.budget.models import BudgetEntry
from grants_app.competitions.models import Competition, Lot
from grants_app.database import db
from grants_app.lifecycle import AwardState


def broken_awards() -> list[str]:
    """Sentences about awards whose promise on the budget lines differs from what was approved, or funds overspent."""
    held: dict[str, int] = {}
    signs = {"reserve": 1, "release": -1}
    query = sa.select(BudgetEntry.thing_code, BudgetEntry.kind, sa.func.sum(BudgetEntry.amount_kop)).filter(
        BudgetEntry.thing == "award", BudgetEntry.kind.in_(signs)
    )
    for code, kind, amount in db.session.execute(query.group_by(BudgetEntry.thing_code, BudgetEntry.kind)):
        held[code] = held.get(code, 0) + signs[kind] * int(amount)
    problems = []
    awards = sa.select(Application.code, Award.state, Award.approved_kop).join(
        Award, Award.application_id == Application.id
    )
    for row in db.session.execute(awards):
        due = row.approved_kop or 0 if row.state is not AwardState.DECLINED else 0
        if held.get(row.code or "", 0) != due:
            problems.append(f"award {row.code}: approved {due}, promised on budget lines {held.get(row.code or '', 0)}")
    return problems + _overspent()


def _overspent() -> list[str]:
    funds = (
        sa.select(Lot.competition_id, sa.func.sum(Lot.fund_kop).label("fund")).group_by(Lot.competition_id).subquery()
    )
    query = (
        sa.select(Competition.code, sa.func.sum(Award.approved_kop), funds.c.fund)
        .join(Award, Award.competition_id == Competition.id)
        .join(funds, funds.c.competition_id == Competition.id)
        .filter(Award.state.in_((AwardState.APPROVED, AwardState.ACCEPTED)))
        .group_by(Competition.code, funds.c.fund)
    )
    return [
        f"competition {code}: awards {approved} over the fund {fund}"
        for code, approved, fund in db.session.execute(query)
        if approved > fund
    ]
