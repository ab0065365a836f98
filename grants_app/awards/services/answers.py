"""After publication: the applicant accepts or declines, freed money goes down the reserve list in order."""

from __future__ import annotations

from fractions import Fraction

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.awards import policy
from grants_app.awards.models import Award
from grants_app.awards.queries.access import current_ranking
from grants_app.awards.queries.inputs import stored_inputs
from grants_app.awards.rules.letters import LETTERS
from grants_app.awards.services.amounts import locked
from grants_app.awards.services.balances import refresh
from grants_app.awards.services.decision import lot_lines, release_award, reserve_award
from grants_app.awards.services.publication import answer_until, heads_of
from grants_app.competitions.models import Competition, Lot
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db, lock
from grants_app.journal.letters import link_to
from grants_app.journal.services import advance, notify_user
from grants_app.reviews.queries import engine_rules
from grants_app.reviews.queries.deciders import secretaries_for
from scoring import Allocation, Candidate, Outcome, rank
from scoring import Award as Given
from scoring import release as release_by_rule


def accept_award(award: Award, *, agrees_to_smaller: bool = False, by: User) -> None:
    """Accept the money; a sum smaller than requested needs express consent.

    Raises NotAllowed (not the head, term ended, answered), InvalidInput (field "agrees") without the consent.
    """
    award = _locked_award(award)
    _refuse(policy.why_not_answer(by, award))
    if award.needs_consent and not agrees_to_smaller:
        raise InvalidInput("Agree to the smaller sum and to revising the project budget", field="agrees")
    award.answered_at, award.answered_by_id = clock.now(), by.id
    advance(award, "accept", by=by, facts={"approved_kop": award.approved_kop, "smaller": award.needs_consent})
    _tell_secretaries(award, "award_accepted")


def decline_award(award: Award, *, reason: str, by: User) -> None:
    """Decline the money: it is free again for the reserve list. Raises InvalidInput without a reason.

    The competition is held first: whoever opens the reserve holds the line and asks for the awards, in this order.
    """
    locked(award.competition)
    award = _locked_award(award)
    _refuse(policy.why_not_answer(by, award))
    if not reason.strip():
        raise InvalidInput("Say why you decline: it helps the city to plan", field="reason")
    award.answered_at, award.answered_by_id, award.answer_reason = clock.now(), by.id, reason.strip()
    advance(award, "decline", by=by, reason=reason.strip(), facts={"released_kop": award.approved_kop})
    release_award(award, by=by)
    _tell_secretaries(award, "award_declined")


def release_to_reserve(competition: Competition, lot: Lot, *, by: User) -> list[Award]:
    """Give what is free in a lot to its reserve list, by the competition's rule and in its order.

    Answers the awards made; their heads get letters. Raises NotAllowed, InvalidInput when nobody can be funded.
    """
    competition = locked(competition)
    _refuse(policy.why_not_release(by, competition))
    lines = lot_lines(competition)
    line = lines.get(lot.id)
    ranking = current_ranking(competition)
    if line is None or ranking is None:
        raise NotAllowed("The lot has no budget line: its money was never opened")
    rules, bids, marks = stored_inputs(ranking)
    ranked = rank(rules, bids, marks)
    awards = _awards_by_code(competition)
    candidates = [
        Candidate(
            row.application, row.lot, row.place, row.score_exact or Fraction(0), row.requested_kop or 0,
            row.smallest_kop, row.applicant, row.status.value,
        )
        for row in ranked
    ]  # fmt: skip
    given = release_by_rule(
        engine_rules(competition), candidates, _as_decided(awards, candidates, ranked.rules_hash, ranked.input_hash),
        lot=lot.code, amount_kop=line.free_kop,
    )  # fmt: skip
    made = [(awards[each.application], each.amount_kop) for each in given.awards if each.amount_kop > 0]
    if not made:
        raise InvalidInput("What is free is not enough for anybody on the reserve list")
    until = answer_until()
    for award, amount_kop in made:
        reserve_award(award, amount_kop, lines, by=by)
        award.rule_kop = award.proposed_kop = award.approved_kop = amount_kop
        award.outcome = "funded" if amount_kop == award.requested_kop else "partial"
        award.departure = award.reason = award.reason_by_id = None
        award.decision, award.reserve_place = "awarded", None
        award.approved_at = award.notified_at = clock.now()
        award.approved_by_id, award.answer_until = by.id, until
        advance(award, "approve", by=by, facts={"approved_kop": amount_kop, "from_reserve": True})
        advance(award.application, "award", by=by)
        _tell(award)
    db.session.flush()
    refresh(competition, ranking)
    return [award for award, _ in made]


def _as_decided(awards: dict[str, Award], candidates: list[Candidate], rules_hash: str, input_hash: str) -> Allocation:
    """The decision as it stands, in the engine's form: who holds what, and who still waits."""
    rows = []
    for candidate in candidates:
        award = awards[candidate.application]
        held = award.approved_kop or 0 if award.state.value != "declined" else 0
        waits = award.decision == "reserve"
        outcome = Outcome.RESERVE if waits else Outcome.FUNDED if held else Outcome.BELOW_PASS_MARK
        rows.append(Given(candidate.application, candidate.lot, candidate.place, held, outcome))
    return Allocation(
        awards=tuple(rows), lots=(), pool=None, trace=(), draw_seed=None, rules_hash=rules_hash, input_hash=input_hash
    )


def _awards_by_code(competition: Competition) -> dict[str, Award]:
    query = lock(sa.select(Award).filter(Award.competition_id == competition.id).order_by(Award.position))
    awards = {award.application_id: award for award in db.session.scalars(query)}
    names = sa.select(Application.id, Application.imported_code, Application.code).filter_by(
        competition_id=competition.id
    )
    return {row.imported_code or row.code: awards[row.id] for row in db.session.execute(names) if row.id in awards}


def _tell(award: Award) -> None:
    for head in heads_of(award.application):
        notify_user(
            head,
            LETTERS,
            "award_released",
            facts={
                "title": award.application.title,
                "code": award.journal_code,
                "amount_kop": award.approved_kop or 0,
                "requested_kop": award.requested_kop,
                "answer_by": clock.last_day(award.answer_until) if award.answer_until else "",
                "link": link_to(f"/awards/decision/{award.journal_code}"),
            },
            thing="award",
            code=award.journal_code,
            scope=award.journal_scope,
        )


def _tell_secretaries(award: Award, name: str) -> None:
    organisation = award.application.organisation
    for secretary in secretaries_for(award.application):
        notify_user(
            secretary,
            LETTERS,
            name,
            facts={
                "code": award.journal_code,
                "organisation": organisation.name if organisation is not None else "",
                "amount_kop": award.approved_kop or 0,
                "reason": award.answer_reason or "",
                "link": link_to(f"/awards/decision/{award.journal_code}"),
            },
            thing="award",
            code=award.journal_code,
            scope=award.journal_scope,
        )


def _locked_award(award: Award) -> Award:
    found: Award = db.session.scalars(lock(sa.select(Award).filter_by(id=award.id))).one()
    return found


def _refuse(reason: str | None) -> None:
    if reason is not None:
        raise NotAllowed(reason)
