"""Sums that the commission sets otherwise than the rule: always with a reason, never over the lot's fund."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.awards import policy
from grants_app.awards.models import Award
from grants_app.awards.queries.access import current_ranking
from grants_app.awards.services.balances import refresh
from grants_app.competitions.models import Competition
from grants_app.core.errors import InvalidInput, NotAllowed, OverBudget
from grants_app.database import db, lock
from grants_app.journal.services import record


def locked(competition: Competition) -> Competition:
    """The competition, held till the end of the unit: everything of this stage is decided under this lock."""
    found: Competition = db.session.scalars(lock(sa.select(Competition).filter_by(id=competition.id))).one()
    return found


def change_amount(award: Award, amount_kop: int, *, reason: str, by: User) -> None:
    """Propose another sum than the rule gives; the rule's own sum takes the departure back.

    Raises NotAllowed (state, role, an open vote), InvalidInput (more than asked, no reason, below the pass mark),
    OverBudget when the lot's fund does not hold it, by a kopiyka even.
    """
    competition = locked(award.competition)
    db.session.refresh(award, with_for_update=True)
    refusal = policy.why_not_change(by, award)
    if refusal is not None:
        raise NotAllowed(refusal)
    is_departure = amount_kop != award.rule_kop
    _check_amount(award, amount_kop, reason, is_departure=is_departure)
    _check_fund(award, amount_kop)
    before_kop = award.proposed_kop
    award.proposed_kop = amount_kop
    award.departure = _departure(award, amount_kop) if is_departure else None
    award.reason = reason.strip() if is_departure else None
    award.reason_by_id = by.id if is_departure else None
    db.session.flush()
    record(
        thing="award",
        code=award.journal_code,
        scope=competition.code,
        step="change_amount",
        by=by,
        reason=reason.strip() or None,
        facts={"from_kop": before_kop, "to_kop": amount_kop, "rule_kop": award.rule_kop},
    )
    ranking = current_ranking(competition)
    if ranking is not None:
        refresh(competition, ranking)


def depart_from_ranking(award: Award, action: str, *, reason: str, by: User, amount_kop: int | None = None) -> None:
    """Fund an application that the rule leaves out, or skip one that it funds; always with a reason."""
    if action not in {"fund", "skip"}:
        raise InvalidInput("Choose whether to fund or to skip", field="action")
    if action == "skip":
        change_amount(award, 0, reason=reason, by=by)
    else:
        change_amount(award, award.requested_kop if amount_kop is None else amount_kop, reason=reason, by=by)


def _departure(award: Award, amount_kop: int) -> str:
    if amount_kop == 0:
        return "skip"
    return "fund" if award.rule_kop == 0 else "amount"


def _check_amount(award: Award, amount_kop: int, reason: str, *, is_departure: bool) -> None:
    if amount_kop < 0 or amount_kop > award.requested_kop:
        raise InvalidInput(
            "The sum must be at most what was requested: %(limit)s",
            field="amount",
            facts={"limit": award.requested_kop},
        )
    if amount_kop and award.outcome in {"below_pass_mark", "insufficient"}:
        raise InvalidInput("Applications below the pass mark are never funded", field="amount")
    minimum = award.lot.minimum_kop if award.lot is not None else None
    if amount_kop and minimum is not None and amount_kop < minimum:
        raise InvalidInput("The smallest grant of the lot is %(minimum)s", field="amount", facts={"minimum": minimum})
    if is_departure and not reason.strip():
        raise InvalidInput("Give the reason: it will be recorded and published", field="reason")


def _check_fund(award: Award, amount_kop: int) -> None:
    """The lot's fund holds every proposal of the lot; what the pool gives must fit into all funds together."""
    rows = db.session.execute(
        sa.select(Award.id, Award.lot_id, Award.outcome, Award.proposed_kop, Award.rule_kop).filter_by(
            competition_id=award.competition_id
        )
    ).all()
    funds = {lot.id: lot.fund_kop for lot in award.competition.lots}
    others = [row for row in rows if row.id != award.id]
    in_lot = sum(row.proposed_kop for row in others if row.lot_id == award.lot_id and row.outcome != "pooled")
    excess = in_lot + amount_kop - funds.get(award.lot_id or 0, 0) if award.outcome != "pooled" else 0
    everywhere = sum(row.proposed_kop for row in others) + amount_kop - sum(funds.values())
    if max(excess, everywhere) > 0:
        raise OverBudget(
            "The decision exceeds the limit of the lot by %(excess)s. Lower the sum or postpone the item",
            field="amount",
            facts={"excess": max(excess, everywhere), "excess_kop": max(excess, everywhere)},
        )


def refuse_over_fund(competition: Competition) -> None:
    """Whether departures still fit after the rule's own sums moved. Raises OverBudget."""
    for award in db.session.scalars(
        sa.select(Award).filter(Award.competition_id == competition.id, Award.departure.is_not(None))
    ):
        _check_fund(award, award.proposed_kop)
