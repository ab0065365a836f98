"""The chair signs the decision: sums become promises of the city's money, in one order, never over a fund."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.awards import policy
from grants_app.awards.models import Award
from grants_app.awards.queries.access import current_ranking
from grants_app.awards.queries.decision import decision_guards
from grants_app.awards.rules.words import FUNDED
from grants_app.awards.services.amounts import locked
from grants_app.awards.services.balances import refresh
from grants_app.budget.models import BudgetEntry, BudgetLine
from grants_app.budget.services import release, reserve
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.errors import DomainError, InvalidInput, ManyErrors, NotAllowed, OverBudget
from grants_app.database import db, lock
from grants_app.journal.services import Actor, advance


def sign_decision(competition: Competition, *, by: User) -> None:
    """Sign the commission's decision: every award is approved and reserved on its lot's budget line.

    Raises NotAllowed, ManyErrors with every unmet condition, OverBudget when a line does not hold the sums.
    """
    competition = locked(competition)
    refusal = policy.why_not_decide(by, competition)
    if refusal is not None:
        raise NotAllowed(refusal)
    guards = decision_guards(competition)
    unmet: list[DomainError] = [InvalidInput(guard.message) for guard in guards if not guard.is_met]
    if unmet:
        raise ManyErrors(unmet)
    awards = list(
        db.session.scalars(lock(sa.select(Award).filter_by(competition_id=competition.id).order_by(Award.position)))
    )
    lines = lot_lines(competition)
    now = clock.now()
    competition.decided_at = now
    funded = [award for award in awards if award.proposed_kop > 0]
    total_kop = sum(award.proposed_kop for award in funded)
    advance(competition, "decide", by=by, facts={"awards": len(funded), "total_kop": total_kop})
    # What the pool gives is paid last, from what the lots have left.
    for award in sorted(funded, key=lambda award: (award.outcome == "pooled", award.position)):
        reserve_award(award, award.proposed_kop, lines, by=by)
        award.approved_kop, award.approved_at, award.approved_by_id = award.proposed_kop, now, by.id
        advance(award, "approve", by=by, facts={"approved_kop": award.proposed_kop})
    _settle(awards)
    db.session.flush()
    ranking = current_ranking(competition)
    if ranking is not None:
        refresh(competition, ranking)


def lot_lines(competition: Competition) -> dict[int, BudgetLine]:
    """Budget lines of the lots by lot, all held, the older first, so that two decisions never wait for each other."""
    by_lot = {lot.id: lot.budget_line_id for lot in competition.lots if lot.budget_line_id is not None}
    query = lock(sa.select(BudgetLine).filter(BudgetLine.id.in_(by_lot.values())).order_by(BudgetLine.id))
    found = {line.id: line for line in db.session.scalars(query)}
    return {lot_id: found[line_id] for lot_id, line_id in by_lot.items()}


def reserve_award(award: Award, amount_kop: int, lines: dict[int, BudgetLine], *, by: Actor) -> None:
    """Promise the sum on the lot's line; an award from the pool takes what other lots of the competition have left."""
    own = lines.get(award.lot_id or 0)
    if own is None:
        raise NotAllowed("The lot has no budget line: its money was never opened")
    left = amount_kop
    if award.outcome == "pooled":
        for line in [own, *(line for line in lines.values() if line is not own)]:
            part = min(left, line.free_kop)
            if part > 0:
                reserve(line, part, thing="award", code=award.journal_code, by=by)
                left -= part
        if left:
            raise OverBudget(
                "The decision exceeds the limit of the lot by %(excess)s. Lower the sum or postpone the item",
                facts={"excess": left, "excess_kop": left},
            )
        return
    reserve(own, left, thing="award", code=award.journal_code, by=by)


def release_award(award: Award, *, by: Actor) -> int:
    """Take the promise back on every line that holds it; answers the sum that is free again."""
    query = (
        sa.select(BudgetEntry.line_id, BudgetEntry.kind, sa.func.sum(BudgetEntry.amount_kop))
        .filter(BudgetEntry.thing == "award", BudgetEntry.thing_code == award.journal_code)
        .group_by(BudgetEntry.line_id, BudgetEntry.kind)
        .order_by(BudgetEntry.line_id)
    )
    held: dict[int, int] = {}
    for line_id, kind, amount in db.session.execute(query):
        held[line_id] = held.get(line_id, 0) + (int(amount) if kind == "reserve" else -int(amount))
    for line_id, amount in sorted(held.items()):
        if amount > 0:
            line = db.session.scalars(lock(sa.select(BudgetLine).filter_by(id=line_id))).one()
            release(line, amount, thing="award", code=award.journal_code, by=by)
    return sum(held.values())


def awards_in_order(competition: Competition) -> list[Award]:
    """Awards of a competition with their applications, in the order of the list."""
    query = (
        sa.select(Award)
        .options(joinedload(Award.application).joinedload(Application.organisation), joinedload(Award.lot))
        .filter(Award.competition_id == competition.id)
        .order_by(Award.position)
    )
    return list(db.session.scalars(query))


def _settle(awards: list[Award]) -> None:
    """The decision about each application, and places on the reserve list of each lot."""
    places: dict[int | None, int] = {}
    for award in awards:
        award.decision = _decision(award)
        if award.decision == "reserve":
            places[award.lot_id] = places.get(award.lot_id, 0) + 1
            award.reserve_place = places[award.lot_id]


def _decision(award: Award) -> str:
    if award.proposed_kop > 0:
        return "awarded"
    if award.outcome == "below_pass_mark":
        return "below_pass_mark"
    if award.departure == "skip" or award.outcome in {*FUNDED, "insufficient"}:
        return "not_awarded"
    return "reserve"
