"""Experts with differing temper, the commission and the publication of a rehearsal."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.awards.models import Award
from grants_app.competitions.models import Competition, Criterion
from grants_app.database import db
from grants_app.demo import decision, discussing
from grants_app.demo.cast import DOMAIN, EXPERTS
from grants_app.demo.stage import Stage
from grants_app.journal import jobs
from grants_app.lifecycle import ApplicationState, AssignmentState, AwardState
from grants_app.rehearsal.record import Record
from grants_app.rehearsal.setting import Plan, at_time
from grants_app.reviews.models import Assignment, PanelInvitation
from grants_app.reviews.rules import SheetInput
from grants_app.reviews.rules.invitations import agreement_digest
from grants_app.reviews.services import assigning, declaring, invitations, opening, replacement, scoring
from grants_app.reviews.services.proposal import Addition, Proposal, Shortage

# Shares of the scale by which experts are strict or mild, in the order of their logins.
TEMPERS = (Decimal(0), Decimal("-0.1"), Decimal("0.1"), Decimal(0), Decimal("0.1"), Decimal("-0.2"))
WORDS = "Вигадане обґрунтування для репетиції: написано, щоб показати, як виглядає оцінка. "


def score(stage: Stage, plan: Plan, record: Record) -> bool:
    """Experts are asked, assigned and score; False (and a fault) when there cannot be enough of them."""
    _few_experts(plan, record)
    day = plan.intake_last + timedelta(days=2)
    if stage.competition(plan.code).scoring_by != "commission":
        _invite(stage, plan)
    stage.at(day, 11)
    proposal = assigning.propose_assignment(stage.competition(plan.code))
    db.session.rollback()
    if isinstance(proposal, Shortage):
        record.fault("Experts cannot be assigned by these rules: %(problem)s", {"problem": _shortage(proposal)})
        return False
    assert isinstance(proposal, Proposal)
    stage.do(lambda: assigning.apply_assignment(stage.competition(plan.code), proposal, by=stage.user("secretary")))
    stage.do(lambda: opening.open_review(stage.competition(plan.code), by=stage.user("secretary")))
    rows = _open_rows(stage, plan)
    length = max((plan.scoring_last - day).days, 1)
    for index, row in enumerate(rows):
        if index == len(rows) // 2:
            record.moment("scoring")
        stage.at(day + timedelta(days=index * length // max(len(rows), 1)), 12 + index % 8, index * 11 % 60)
        _judge(stage, row)
        record.step()
    stage.at(plan.scoring_last, 12)
    _extra(stage, plan)
    discussing.discuss(stage, plan.code, plan.scoring_last)
    return True


def decide(stage: Stage, plan: Plan, record: Record) -> None:
    """Ranking, meeting, signature, publication; the winners answer."""
    handed = plan.scoring_last + timedelta(days=1)
    meets = max(handed, plan.results_by - timedelta(days=1))
    code = plan.code
    meeting = decision.prepare(stage, code, handed, meets)
    _do_jobs()
    record.moment("decision")
    record.step()
    decision.conclude(stage, code, meeting, meets, max(plan.results_by, meets))
    stage.at(max(plan.results_by, meets) + timedelta(days=2), 12)
    decision.accept_all(stage, code, max(plan.results_by, meets) + timedelta(days=2))
    _do_jobs()
    _figures(stage, plan, record)
    record.moment("published")
    record.step()


def _few_experts(plan: Plan, record: Record) -> None:
    known, needed = int(plan.document["experts_known"]), plan.experts - 1
    by = plan.document["settings"]["scoring_by"]
    if by != "commission" and known < needed:
        record.fault(
            "There are %(known)s experts in the register; %(count)s applications need at least %(needed)s",
            {"known": known, "count": plan.count, "needed": needed},
        )


def _invite(stage: Stage, plan: Plan) -> None:
    day = plan.intake_last + timedelta(days=1)
    stage.at(day, 9)
    logins = ["expert" if index == 0 else f"expert{index + 1}" for index in range(max(len(EXPERTS), plan.experts))]
    pool = [f"{login}@{DOMAIN}" for login in logins]
    until = at_time(day + timedelta(days=4), 0)
    stage.do(
        lambda: invitations.invite_from_pool(
            stage.competition(plan.code), pool, respond_by=until, by=stage.user("secretary")
        )
    )
    stage.at(day, 15)
    for login in logins:
        stage.do(partial(_agree, stage, plan.code, login))


def _agree(stage: Stage, code: str, login: str) -> None:
    person = stage.user(login)
    query = sa.select(PanelInvitation).filter_by(competition_id=stage.competition(code).id, user_id=person.id)
    invitations.accept(db.session.scalars(query).one(), agreement_digest(), by=person)


def _open_rows(stage: Stage, plan: Plan) -> list[tuple[int, int, int]]:
    """Assignments not begun yet: assignment, application, expert."""
    query = (
        sa.select(Assignment.id, Assignment.application_id, Assignment.expert_id)
        .join(Application, Assignment.application_id == Application.id)
        .where(
            Assignment.competition_id == stage.competition(plan.code).id, Assignment.state == AssignmentState.PROPOSED
        )
        .order_by(Application.register_number, Assignment.expert_id)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(query) if row[2] is not None]


def _judge(stage: Stage, row: tuple[int, int, int]) -> None:
    assignment_id, application_id, expert_id = row
    chance = random.Random(f"{application_id}/{expert_id}")  # the same rehearsal gives the same marks

    def declare() -> None:
        declaring.declare_impartial(db.session.get_one(Assignment, assignment_id), db.session.get_one(User, expert_id))

    def submit() -> None:
        assignment = db.session.get_one(Assignment, assignment_id)
        competition = assignment.application.competition
        strength = Decimal(4 + application_id * 5 % 6) / 10 + TEMPERS[expert_id % len(TEMPERS)]
        wants = strength >= Decimal("0.5")
        sheet = SheetInput(
            points={each.code: _mark(each, strength, chance) for each in competition.criteria},
            reasons=dict.fromkeys((each.code for each in competition.criteria), _reason(competition)),
            recommendation="fund" if wants else "refuse",
            recommended_kop=assignment.application.requested_kop if wants else None,
            comment_applicant="Вигаданий коментар для репетиції.",
        )
        version = assignment.review.version if assignment.review is not None else 0
        scoring.submit_review(assignment, sheet, version=version, by=db.session.get_one(User, expert_id))

    stage.do(declare)
    stage.do(submit)


def _mark(criterion: Criterion, strength: Decimal, chance: random.Random) -> str:
    """A mark on the criterion’s own steps near the application’s strength."""
    least, most, step = Decimal(criterion.minimum), Decimal(criterion.maximum), Decimal(criterion.step)
    wished = (most - least) * min(max(strength, Decimal(0)), Decimal(1)) / step + chance.choice((-1, 0, 0, 0, 1))
    steps = wished.quantize(Decimal(1), ROUND_HALF_UP)
    return format(min(max(least + step * steps, least), most).normalize(), "f")


def _reason(competition: Competition) -> str:
    return (WORDS * (1 + competition.justification_min // len(WORDS)))[: max(competition.justification_min, len(WORDS))]


def _extra(stage: Stage, plan: Plan) -> None:
    """Where the announced rule calls one more expert, the engine names who; several rounds if they diverge again."""
    ids = sa.select(Application.id).where(
        Application.competition_id == stage.competition(plan.code).id, Application.state == ApplicationState.ADMITTED
    )
    if stage.competition(plan.code).divergence_rule != "extra_expert":
        return
    for application_id in list(db.session.scalars(ids)):
        chosen = replacement.replacement_for(db.session.get_one(Application, application_id))
        db.session.rollback()
        if isinstance(chosen, Addition):
            stage.do(partial(_call_in, stage, application_id, chosen.expert_id))
    for row in _open_rows(stage, plan):
        _judge(stage, row)


def _call_in(stage: Stage, application_id: int, expert_id: int) -> None:
    assigning.assign(
        db.session.get_one(Application, application_id),
        db.session.get_one(User, expert_id),
        stage.user("secretary"),
        reason="Репетиція",
    )


def _figures(stage: Stage, plan: Plan, record: Record) -> None:
    competition = stage.competition(plan.code)
    given = sa.select(sa.func.count(), sa.func.sum(Award.approved_kop)).where(
        Award.competition_id == competition.id,
        Award.state.in_((AwardState.ACCEPTED, AwardState.APPROVED)),
        Award.approved_kop > 0,
    )
    count, total = db.session.execute(given).one()
    fund = sum(lot.fund_kop for lot in competition.lots)
    record.figure(awarded=int(count), awarded_kop=int(total or 0), fund_kop=fund)
    if not count:
        record.fault("Nobody got a grant: look at the pass mark and at the limits of the lots")


def _do_jobs() -> None:
    """What was asked for along the way (the advisory figures); letters stay in the outbox for ever."""
    for code in jobs.queued_jobs():
        db.session.rollback()
        jobs.do_job(code)
    db.session.rollback()


def _shortage(shortage: Shortage) -> str:
    return str(shortage)
