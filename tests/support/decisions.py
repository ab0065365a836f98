"""A competition whose experts have scored, made of plain rows: what the stage of decisions starts from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.awards import services
from grants_app.awards.models import AgendaItem, Award, Meeting
from grants_app.budget.services import create_line
from grants_app.competitions.models import CommissionSeat, Competition, Criterion, Lot
from grants_app.core import clock
from grants_app.core.identifiers import new_code
from grants_app.database import db, unit_of_work
from grants_app.journal.services import SYSTEM
from grants_app.lifecycle import ApplicationState, AssignmentState, CompetitionState
from grants_app.permissions import Role
from grants_app.reviews.models import Assignment, Review, Score
from scoring import Rules
from scoring.digest import canonical_json
from tests.support.visitors import new_person


@dataclass(frozen=True)
class Bid:
    """An application: marks by expert code, each a text for every criterion or one text for all."""

    name: str
    requested_kop: int
    marks: Mapping[str, str | Sequence[str]]
    lot: str = "lot"
    smallest_kop: int | None = None
    total_cost_kop: int | None = None


@dataclass
class Case:
    """The competition with the people around it."""

    competition: Competition
    chair: User
    deputy: User
    members: list[User]
    secretary: User
    organizer: User
    heads: dict[str, User] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)

    def award(self, name: str) -> Award:
        """The award of an application by its name."""
        query = sa.select(Award).join(Application).filter(Application.code == self.codes[name])
        return db.session.scalars(query).one()

    def application(self, name: str) -> Application:
        """An application by its name."""
        return db.session.scalars(sa.select(Application).filter_by(code=self.codes[name])).one()

    @property
    def voting(self) -> list[User]:
        """Everybody who votes."""
        return [self.chair, self.deputy, *self.members]


def rules_of(
    funds: Mapping[str, int], criteria: Sequence[str] = ("results", "budget"), **changes: Any
) -> dict[str, Any]:
    """rules.json with 0-10 criteria of equal weight; keyword arguments replace its keys."""
    maximum = changes.pop("maximum", "10")
    minimum_kop = changes.pop("minimum_kop", None)
    allocation = {
        "rule": "marginal", "marginal_bp": 3000, "pool_leftover": False, "pool_without_lots": [],
        "cap_per_applicant_kop": None, "bands": [], "pool_kop": None, **changes.pop("allocation", {}),
    }  # fmt: skip
    return {
        "rules_version": 1,
        "direction": "higher",
        "criteria": [
            {
                "code": code, "title": f"Критерій {code}", "min": "0", "max": maximum, "step": "1", "weight": "1",
                "pass_mark": None, "counted": True,
            }
            for code in criteria
        ],
        "expert_total": "normalised",
        "order": "total_then_combine",
        "combine": "mean",
        "trim": 0,
        "min_experts": 2,
        "rounding": [{"after": "total", "places": 2, "mode": "half_up"}],
        "pass_mark": "60",
        "tie_breaks": [],
        "allocation": allocation,
        "lots": [
            {
                "code": code, "fund_kop": fund, "minimum_kop": minimum_kop, "maximum_kop": None, "pass_mark": None,
                "criteria_weights": None, "spend_min_kop": None, "spend_max_kop": None,
            }
            for code, fund in funds.items()
        ],
        **changes,
    }  # fmt: skip


def scored_competition(
    bids: Sequence[Bid], rules: Mapping[str, Any], *, code: str = "2027-TST", members: int = 3, experts: int = 2
) -> Case:
    """A competition in expert scoring with every review submitted, a commission of chair, deputy and members."""
    case = Case(
        competition=Competition(),
        chair=new_person(Role.CHAIR),
        deputy=new_person(Role.COMMISSION_MEMBER),
        members=[new_person(Role.COMMISSION_MEMBER) for _ in range(members)],
        secretary=new_person(Role.SECRETARY),
        organizer=new_person(Role.ORGANIZER),
    )
    for number, person in enumerate([*case.voting, case.secretary, case.organizer], 1):
        _rename(person, f"Особа {number:02d} Вигадана")
    case.heads = {bid.name: new_person(Role.NGO_HEAD) for bid in bids}
    with unit_of_work():
        case.competition = _competition(code, rules, case, experts)
        for number, bid in enumerate(bids, 1):
            case.codes[bid.name] = _application(case, bid, number)
    return case


def open_decision(case: Case) -> None:
    """Hand the competition over to the commission."""
    with unit_of_work():
        services.open_decision(case.competition, by=case.secretary)


def open_meeting(case: Case, present: Sequence[User] | None = None) -> Meeting:
    """A meeting in session with these people, or everybody, in the room."""
    with unit_of_work():
        meeting = services.plan_meeting(
            case.competition, kind="room", scheduled_at=clock.now() + timedelta(days=5), place="Зала 1",
            by=case.secretary,
        )  # fmt: skip
        here = [*case.voting, case.secretary] if present is None else present
        services.mark_attendance(meeting, {person.id: "room" for person in here}, by=case.secretary)
    with unit_of_work():
        services.open_meeting(meeting, by=case.chair)
    return meeting


def add_item(case: Case, meeting: Meeting, kind: str = "ranking", award: Award | None = None) -> AgendaItem:
    """An item of the agenda."""
    with unit_of_work():
        return services.add_item(
            meeting, kind=kind, title="Розподіл коштів", draft="Затвердити список.", by=case.secretary, award=award
        )


def vote(case: Case, item: AgendaItem, choices: Mapping[int, str] | str = "for", *, close: bool = True) -> None:
    """Open the vote, let everybody who may vote, close it."""
    from grants_app.awards.queries.voting import voters

    with unit_of_work():
        services.open_vote(item, by=case.chair)
    people = {person.id: person for person in case.voting}
    for user_id in [seat.user_id for seat in voters(item)]:
        with unit_of_work():
            choice = choices if isinstance(choices, str) else choices[user_id]
            services.cast_vote(item, choice, by=people[user_id])
    if close:
        with unit_of_work():
            services.close_vote(item, by=case.chair)


def finish_meeting(case: Case, meeting: Meeting) -> None:
    """Close the meeting and sign its minutes by both."""
    with unit_of_work():
        services.close_meeting(meeting, by=case.chair)
    with unit_of_work():
        services.sign_minutes(meeting, by=case.chair)
    with unit_of_work():
        services.sign_minutes(meeting, by=case.secretary)


def decide(case: Case) -> Meeting:
    """Everything from the handing over to the signed decision, by one vote on the list."""
    open_decision(case)
    return adopt(case)


def adopt(case: Case) -> Meeting:
    """Meeting, vote on the list, minutes, signature, for a competition with the commission."""
    meeting = open_meeting(case)
    vote(case, add_item(case, meeting))
    finish_meeting(case, meeting)
    with unit_of_work():
        services.sign_decision(case.competition, by=case.chair)
    return meeting


def publish(case: Case) -> None:
    """Publish the decision."""
    with unit_of_work():
        services.publish(case.competition, typed_code=case.competition.code, by=case.organizer)


def _rename(person: User, name: str) -> None:
    with unit_of_work():
        person.full_name = name


def _competition(code: str, rules: Mapping[str, Any], case: Case, experts: int) -> Competition:
    parsed = Rules.from_json(rules)
    lines = {
        lot.code: create_line(
            code=f"{code}-{lot.code}", title=f"Лот {lot.code}", year=2027, source="city", limit_kop=lot.fund_kop,
            by=SYSTEM,
        )
        for lot in parsed.lots
    }  # fmt: skip
    text = parsed.to_json()
    # Rules may not change once they are stored frozen: everything of them enters with the first flush.
    competition = Competition(
        code=code,
        title="Соціально-культурні проєкти",
        year=2027,
        state=CompetitionState.SCORING,
        created_at=clock.now(),
        announced_at=clock.now(),
        experts_per_application=experts,
        engine={key: text[key] for key in text.keys() - {"criteria", "lots"}},
        rules_text=canonical_json(text),
        rules_hash=parsed.digest,
        results_by=clock.today() + timedelta(days=30),
    )
    for position, criterion in enumerate(parsed.criteria):
        competition.criteria.append(
            Criterion(
                position=position, code=criterion.code, title=criterion.title, minimum=str(criterion.min),
                maximum=str(criterion.max), weight=str(criterion.weight),
            )
        )  # fmt: skip
    for position, lot in enumerate(parsed.lots):
        competition.lots.append(
            Lot(
                position=position, code=lot.code, title=f"Лот {lot.code}", fund_kop=lot.fund_kop,
                minimum_kop=lot.minimum_kop, maximum_kop=lot.maximum_kop, budget_line=lines[lot.code],
            )
        )  # fmt: skip
    offices = ["chair", "deputy", *("member" for _ in case.members), "secretary"]
    for person, office in zip([*case.voting, case.secretary], offices, strict=True):
        competition.seats.append(CommissionSeat(user_id=person.id, office=office))
    db.session.add(competition)
    db.session.flush()
    return competition


def _application(case: Case, bid: Bid, number: int) -> str:
    competition = case.competition
    code = f"{competition.code}-{new_code(5)}"
    organisation_id = next(iter(case.heads[bid.name].organisation_ids))
    application = Application(
        key=f"key-{code}",
        code=code,
        register_number=number,
        competition=competition,
        lot=next(lot for lot in competition.lots if lot.code == bid.lot),
        organisation_id=organisation_id,
        state=ApplicationState.ADMITTED,
        title=f"Проєкт {bid.name}",
        requested_kop=bid.requested_kop,
        smallest_kop=bid.smallest_kop,
        total_cost_kop=bid.total_cost_kop or bid.requested_kop * 2,
        own_share_bp=5000,
        created_at=clock.now(),
        submitted_at=clock.now() + timedelta(seconds=number),
        review_count=len(bid.marks),
    )
    db.session.add(application)
    for expert, given in bid.marks.items():
        _review(application, competition, expert, given)
    db.session.flush()
    return code


def _review(application: Application, competition: Competition, expert: str, given: str | Sequence[str]) -> None:
    assignment = Assignment(
        competition_id=competition.id,
        application=application,
        expert_code=expert,
        state=AssignmentState.DONE,
        assigned_at=clock.now(),
        declared_at=clock.now(),
    )
    review = Review(
        assignment=assignment,
        recommendation="fund",
        comment_applicant=f"Коментар до «{application.title}»",
        comment_secretary="лише секретарю",
        saved_at=clock.now(),
        submitted_at=clock.now(),
    )
    marks = [given] * len(competition.criteria) if isinstance(given, str) else list(given)
    for criterion, points in zip(competition.criteria, marks, strict=True):
        review.scores.append(Score(criterion=criterion, points=points, mark_state="scored", justification="бо так"))
    db.session.add(review)


def bundle_of(case: Case) -> dict[str, Any]:
    """The public bundle as it was frozen."""
    from grants_app.awards.models import Publication

    publication = db.session.scalars(sa.select(Publication).filter_by(competition_id=case.competition.id)).one()
    found: dict[str, Any] = json.loads(publication.bundle_text)
    return found
