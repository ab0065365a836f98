"""A call in review for tests: admitted applications, experts, and reviews written through the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from grants_app.accounts.models import Membership, Organisation, User
from grants_app.applications.models import Answer, Application
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.database import db, unit_of_work
from grants_app.journal.services import SYSTEM, advance
from grants_app.lifecycle import ApplicationState, CompetitionState
from grants_app.permissions import Role
from grants_app.reviews import services
from grants_app.reviews.models import Assignment
from grants_app.reviews.rules import SheetInput
from tests.support.calls import Call, announced_call
from tests.support.visitors import new_person

EDRPOU = ("40000016", "40000021", "40000037", "40000042", "40000058", "40000063", "40000079", "40000084", "40000091")
REASON = "Показники вимірні, ціни підтверджені пропозиціями."
SCORING_OPENS = "2027-04-05 10:00"


@dataclass
class Panel:
    """Everything a test of reviewing needs; rows are read anew through `db.session` when a test changes them."""

    call: Call
    applications: list[Application]
    experts: list[User]
    heads: list[User] = field(default_factory=list)

    @property
    def competition(self) -> Competition:
        """The competition as stored now."""
        return self.call.competition

    @property
    def secretary(self) -> User:
        """Who assigns and reopens."""
        return self.call.secretary


def new_panel(clock_: object, *, applications: int = 2, experts: int = 3, preset: str = "misto_zmistiv") -> Panel:
    """A call in the formal check: every application admitted, nobody assigned. Moves the given frozen clock."""
    clock_.at("2027-02-20 12:00")  # type: ignore[attr-defined]  # FrozenClock
    call = announced_call(preset=preset)
    clock_.at(SCORING_OPENS)  # type: ignore[attr-defined]  # as above
    people = [new_person(Role.EXPERT) for _ in range(experts)]
    heads = [new_person(Role.NGO_HEAD) for _ in range(applications)]
    with unit_of_work():
        competition = db.session.get_one(Competition, call.competition.id)
        advance(competition, "open", by=SYSTEM)
        advance(competition, "close", by=SYSTEM)
        advance(competition, "start_formal_check", by=db.session.get_one(User, call.secretary.id))
        competition.intake_closed_at = clock.now()
        bids = [_admitted(competition, index, heads[index]) for index in range(applications)]
    return Panel(call, bids, people, heads)


def opened_panel(clock_: object, *, applications: int = 2, experts: int = 3, preset: str = "misto_zmistiv") -> Panel:
    """The same in scoring: the first two experts have every application."""
    panel = new_panel(clock_, applications=applications, experts=experts, preset=preset)
    with unit_of_work():
        for bid in panel.applications:
            for expert in panel.experts[: panel.competition.experts_per_application]:
                services.assign(bid, expert, panel.secretary)
        services.open_review(panel.competition, panel.secretary)
    return panel


def assignment_of(application: Application, expert: User) -> Assignment:
    """The assignment of the pair."""
    query = sa.select(Assignment).filter_by(application_id=application.id, expert_id=expert.id)
    return db.session.scalars(query).one()


def declared(application: Application, expert: User) -> Assignment:
    """The assignment after «no conflict»."""
    assignment = assignment_of(application, expert)
    with unit_of_work():
        services.declare_impartial(assignment, expert)
    return assignment


def full_sheet(application: Application, points: str | dict[str, str] = "7", **changes: object) -> SheetInput:
    """A complete sheet: the same points everywhere, or by criterion."""
    codes = [criterion.code for criterion in application.competition.criteria]
    given = dict.fromkeys(codes, points) if isinstance(points, str) else {code: points[code] for code in codes}
    values: dict[str, object] = {
        "points": given,
        "reasons": dict.fromkeys(codes, REASON),
        "recommendation": "fund",
        **changes,
    }
    return SheetInput(**values)  # type: ignore[arg-type]  # the names are those of SheetInput


def submitted(application: Application, expert: User, points: str | dict[str, str] = "7") -> Assignment:
    """The assignment after a complete review."""
    assignment = assignment_of(application, expert)
    if assignment.declared_at is None:
        assignment = declared(application, expert)
    with unit_of_work():
        services.submit_review(assignment, full_sheet(application, points), version=0, by=expert)
    return assignment


def _admitted(competition: Competition, index: int, head: User) -> Application:
    organisation = Organisation(
        edrpou=EDRPOU[index] if index < len(EDRPOU) else f"{41000000 + index}",
        name=f"Громадська організація «Дзвінкий двір {index + 1}»",
        short_name=f"ГО «Дзвінкий двір {index + 1}»",
        registered_on=date(2020, 1, 15),
        head_name=f"Керівна Особа {index + 1}",
        contact_email=f"ngo{index + 1}@example.org",
        contact_phone=f"+38050111{index:04d}",
        created_at=clock.now(),
    )
    db.session.add(organisation)
    db.session.flush()
    db.session.add(Membership(user_id=head.id, organisation_id=organisation.id, role=Role.NGO_HEAD, since=clock.now()))
    application = Application(
        key=f"draft-{competition.code}-{index}",
        code=f"{competition.code}-{index + 1:04d}",
        register_number=index + 1,
        competition=competition,
        lot=competition.lots[0],
        priority=competition.priorities[index % len(competition.priorities)],
        organisation=organisation,
        state=ApplicationState.ADMITTED,
        title=f"Школа дворових медіаторів {index + 1}",
        requested_kop=4_000_000,
        own_cash_kop=1_500_000,
        total_cost_kop=5_500_000,
        own_share_bp=2727,
        smallest_kop=3_000_000,
        created_by_id=head.id,
        submitted_by_id=head.id,
        created_at=clock.now(),
        submitted_at=clock.now(),
        content_digest="0" * 64,
    )
    application.answers = [
        Answer(question=question, value=value, updated_at=clock.now())
        for question, value in (
            ("rationale", "За рік мешканці подали 1 240 звернень про сусідські суперечки."),
            ("goal", "Двадцять дворів самостійно розв’язують спори за ухваленими правилами."),
            ("team", [{"name": "Вигадана Тренерка", "role": "тренерка", "experience": "вісім років"}]),
            ("partners", [{"name": "ОСББ «Вигадане»", "role": "майданчик", "contribution": "зала"}]),
        )
    ]
    db.session.add(application)
    db.session.flush()
    return application


def totals(application: Application) -> tuple[int, str | None, int | None]:
    """What is stored of the reviews of an application: count, score, and the number that orders lists."""
    db.session.expire_all()
    return application.review_count, application.score_text, application.score_micro


def set_state(thing: object, state: object) -> None:
    """Put a thing where another stage would have brought it."""
    with unit_of_work():
        db.session.execute(sa.update(type(thing)).filter_by(id=thing.id).values(state=state))  # type: ignore[attr-defined]
    db.session.expire_all()


__all__ = [
    "CompetitionState",
    "Panel",
    "assignment_of",
    "declared",
    "full_sheet",
    "new_panel",
    "opened_panel",
    "set_state",
    "submitted",
    "totals",
]
