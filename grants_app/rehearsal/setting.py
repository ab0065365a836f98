"""The stage is set: people, money, the call taken from its document and announced; what hinders it is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import count, islice
from typing import Any

from grants_app.accounts.rules import NewPerson
from grants_app.accounts.services import create_user, hashed, register_organisation
from grants_app.budget.models import BudgetLine
from grants_app.competitions import policy
from grants_app.competitions.services import settings, steps
from grants_app.competitions.services.call_file import adopt_call
from grants_app.core import clock
from grants_app.core.errors import DomainError
from grants_app.core.identifiers import is_edrpou, random_text
from grants_app.database import db
from grants_app.demo import opening
from grants_app.demo.cast import COMMISSION, EXPERTS, Club, Person, clubs
from grants_app.demo.stage import Stage
from grants_app.permissions import Role
from grants_app.rehearsal.record import Record
from grants_app.reviews.rules.experts import ProfileFacts
from grants_app.reviews.services.experts import save_profile

INTAKE_DAYS, SCORING_DAYS = 31, 21
SPARE_FUND_KOP = 100_000_000
_TEXTS = ("summary", "legal_basis", "who_may_apply", "what_is_paid", "contact")
# Conditions that the rehearsal mends for itself to be able to go on; each is told as a fault.
_MENDED = frozenset({"basics", "calendar", "people"})


@dataclass(frozen=True)
class Plan:
    """What is played: the call's document, how many applications, its calendar."""

    document: dict[str, Any]
    count: int
    announced: date
    intake_from: date
    intake_last: date
    scoring_last: date
    results_by: date
    project_from: date
    project_until: date

    @property
    def code(self) -> str:
        """The code of the call, the same as the real one's."""
        return str(self.document["code"])

    @property
    def experts(self) -> int:
        """How many experts the play needs at least: a seat each, no load over the limit, one in reserve."""
        values = self.document["settings"]
        per_application, most = int(values["experts_per_application"]), values.get("most_per_expert")
        by_load = -(-self.count * per_application // int(most)) if most else 0
        return max(per_application, by_load) + 1


def plan_of(document: dict[str, Any], count: int, record: Record) -> Plan:
    """The call's own calendar; one that cannot be played is replaced, and told."""
    values = document["settings"]
    instants = [_day(values.get(name)) for name in ("intake_from", "intake_until", "scoring_until")]
    ends = [one and one - timedelta(days=1) for one in instants[1:]]
    days = [_date(values.get(name)) for name in ("results_by", "project_from", "project_until")]
    given = [instants[0], *ends, *days]
    known = [one for one in given if one is not None]
    if len(known) < len(given) or not _in_order(known):
        record.fault("The calendar cannot be played as it is set: the rehearsal uses one of its own")
        known = _own_calendar(int(document["year"]))
    first = known[0]
    announced = _day(document.get("announced_at")) or first - timedelta(days=2)
    return Plan(document, count, min(announced, first), *known)


def set_stage(stage: Stage, plan: Plan, record: Record) -> list[Club]:
    """People, organisations and money are there before the call is announced; the organisations that will apply."""
    password = hashed(random_text(40))  # nobody knows it: people of a rehearsal are entered, not signed in
    before = plan.announced - timedelta(days=10)
    opening.people(stage, before, password)
    _more_experts(stage, plan, password)
    line = opening.city_money(stage, plan.project_until.year, sum(_fund(lot) for lot in plan.document["lots"]))
    members = _members(plan)
    stage.at(before, 9)
    for club in members:
        stage.do(partial(_register, club, password))
    stage.at(plan.announced - timedelta(days=1), 10)
    stage.do(lambda: _adopt(stage, plan, line, record))
    return members


def announce(stage: Stage, plan: Plan, record: Record) -> bool:
    """Announce and open the call; False (and faults) when its settings do not let it be announced at all."""
    stage.at(plan.announced, 9)
    reason = "Репетиція"
    try:
        stage.do(
            lambda: steps.announce(stage.competition(plan.code), by=stage.user("organizer"), short_intake_reason=reason)
        )
    except DomainError as error:
        record.refusals(error)
        return False
    stage.at(plan.intake_from, 0, 1)
    stage.do(lambda: steps.record_openings(clock.now()))
    return True


def _adopt(stage: Stage, plan: Plan, line: str, record: Record) -> None:
    organizer = stage.user("organizer")
    document = {
        **plan.document,
        "settings": _playable(plan, record),
        "lots": [_lot(one) for one in plan.document["lots"]],
    }
    found = db.session.query(BudgetLine).filter_by(code=line).one()
    competition = adopt_call(document, line=found, by=organizer)
    offices = ["chair", "deputy", *["member"] * (len(COMMISSION) - 2)]
    seats = [(stage.user(person.login), office) for person, office in zip(COMMISSION, offices, strict=True)]
    settings.set_seats(competition, [*seats, (stage.user("secretary"), "secretary")], by=organizer)
    for error in policy.unmet_guards(competition, short_intake_reason="-"):
        if error.field in _MENDED:
            record.condition(error.message, error.facts)


def _playable(plan: Plan, record: Record) -> dict[str, Any]:
    """The settings with the played calendar; texts that are missing are filled in."""
    values = dict(plan.document["settings"])
    for name in _TEXTS:
        values[name] = values.get(name) or "–"
    values |= {
        "intake_from": clock.start_of_day(plan.intake_from).isoformat(),
        "intake_until": clock.end_of_day(plan.intake_last).isoformat(),
        "scoring_until": clock.end_of_day(plan.scoring_last).isoformat(),
        "results_by": plan.results_by.isoformat(),
        "project_from": plan.project_from.isoformat(),
        "project_until": plan.project_until.isoformat(),
    }
    if values.get("signature_modes") not in (None, ["confirm"]):
        record.fault("Signing is played as the head’s confirmation, whatever the call asks", is_grave=False)
        values["signature_modes"] = ["confirm"]
    if values.get("admission_by") == "commission":
        record.fault("Admission is played as the secretary’s decision, without minutes", is_grave=False)
        values["admission_by"] = "secretary"
    return values


def _lot(values: dict[str, Any]) -> dict[str, Any]:
    fund = _fund(values)
    least = values.get("minimum_kop")
    return {**values, "fund_kop": fund, "minimum_kop": None if least and least > fund else least}


def _fund(lot: dict[str, Any]) -> int:
    return int(lot["fund_kop"] or SPARE_FUND_KOP)


def _more_experts(stage: Stage, plan: Plan, password: Any) -> None:
    """As many experts as the rules need, knowing the fields that the call demands."""
    fields = [one["code"] for one in plan.document["priorities"]]
    for index in range(len(EXPERTS), plan.experts):
        person = Person(f"expert{index + 1}", f"Експерт Вигаданий {index + 1}", Role.EXPERT)
        stage.do(
            partial(
                create_user, person.email, person.name, password=password, roles=[Role.EXPERT], by=stage.user("admin")
            )
        )
    for index in range(max(len(EXPERTS), plan.experts)):
        login = "expert" if index == 0 else f"expert{index + 1}"
        known = [fields[(index + shift) % len(fields)] for shift in range(2)] if fields else []
        facts = ProfileFacts(
            workplace=f"Вигадана установа {index + 1}", fields_known=sorted(set(known)), languages=["uk"]
        )
        email = stage.user(login).email
        stage.do(partial(save_profile, email, facts, by=stage.user("secretary")))


def _members(plan: Plan) -> list[Club]:
    """One made-up organisation an application, old enough for any rule that an organisation of ten years keeps."""
    oldest = plan.document["settings"].get("registered_months_min", 0) // 12 + 2
    base = clubs(plan.announced.year)
    members = []
    for number in range(plan.count):
        club = base[number % len(base)]
        if number >= len(base):
            club = replace(club, short_name=f"{club.short_name} {number // len(base) + 1}", login=f"ngo{number + 1}")
        members.append(
            replace(club, registered_on=date(plan.announced.year - oldest - number % 3, 1 + number % 12, 14))
        )
    return _with_codes(members)


def _with_codes(members: list[Club]) -> list[Club]:
    codes = islice((f"{number}" for number in count(99_900_100) if is_edrpou(f"{number}")), len(members))
    return [replace(club, edrpou=code) for club, code in zip(members, codes, strict=True)]


def _register(club: Club, password: Any) -> None:
    person = NewPerson(club.email, club.head, password, phone="+380000000000")
    register_organisation(person, opening.facts_of(club), confirmed=True)


def _in_order(days: list[date]) -> bool:
    first, last, scored, results, begins, ends = days
    return first <= last < scored <= results <= begins < ends


def _own_calendar(year: int) -> list[date]:
    first = date(year, 2, 1)
    last = first + timedelta(days=INTAKE_DAYS)
    scored = last + timedelta(days=SCORING_DAYS)
    return [first, last, scored, scored + timedelta(days=17), scored + timedelta(days=35), date(year, 12, 10)]


def _day(text: str | None) -> date | None:
    return None if not text else clock.kyiv(datetime.fromisoformat(text)).date()


def _date(text: str | None) -> date | None:
    return None if not text else date.fromisoformat(text)


def at_time(day: date, hour: int) -> datetime:
    """An hour of a Kyiv day."""
    return datetime.combine(day, time(hour), tzinfo=clock.KYIV)
