"""A competition for tests, made and announced through the services; the rules of Vinnytsia's call of 2021."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from grants_app.accounts.models import User
from grants_app.budget.models import BudgetLine
from grants_app.budget.services import create_line
from grants_app.competitions import services
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.database import unit_of_work
from grants_app.permissions import Role
from tests.support.visitors import new_person

FUND_KOP = 100_000_000
CODE = "2027-SKP"


@dataclass(frozen=True)
class Call:
    """The competition with the people and the money around it."""

    competition: Competition
    organizer: User
    line: BudgetLine
    chair: User
    secretary: User
    members: tuple[User, ...]


def new_call(*, code: str = CODE, limit_kop: int = 2 * FUND_KOP, preset: str = "misto_zmistiv") -> Call:
    """A complete draft of 2027 that lacks nothing to be announced: two lots, calendar 1 March till 31 March."""
    organizer = new_person(Role.ORGANIZER)
    chair, secretary = new_person(Role.CHAIR), new_person(Role.SECRETARY)
    members = tuple(new_person(Role.COMMISSION_MEMBER) for _ in range(4))
    with unit_of_work():
        line = create_line(
            code=f"CITY-{code}",
            title="Підтримка громадських ініціатив",
            year=2027,
            source="city",
            limit_kop=limit_kop,
            by=organizer,
            kpkvk="0218410",
        )
        competition = services.create_competition(
            code=code, title="Соціально-культурні проєкти", year=2027, preset=preset, by=organizer
        )
        _fill(competition, line, organizer)
        services.set_seats(
            competition,
            [(chair, "chair"), (secretary, "secretary"), *((member, "member") for member in members)],
            by=organizer,
        )
    return Call(competition, organizer, line, chair, secretary, members)


def announced_call(*, code: str = CODE, limit_kop: int = 2 * FUND_KOP, preset: str = "misto_zmistiv") -> Call:
    """The same, announced; stand the clock on or before 1 March 2027."""
    call = new_call(code=code, limit_kop=limit_kop, preset=preset)
    with unit_of_work():
        services.announce(call.competition, by=call.organizer)
    return call


def _fill(competition: Competition, line: BudgetLine, organizer: User) -> None:
    services.update_basics(
        competition,
        title=competition.title,
        summary="Кошти міста на проєкти громадських організацій.",
        legal_basis="Рішення міської ради про програму підтримки",
        who_may_apply="Громадські організації, зареєстровані щонайменше 6 місяців тому.",
        what_is_paid="Витрати за кошторисом; борги й штрафи не оплачуються.",
        contact="konkurs@example.org",
        by=organizer,
    )
    small_kop = FUND_KOP * 4 // 10
    services.update_lots(
        competition,
        [
            services.LotSetting("Малі гранти", small_kop, 2_500_000, 5_000_000, "small", line.code),
            services.LotSetting("Великі гранти", FUND_KOP - small_kop, 5_000_000, 10_000_000, "large", line.code),
        ],
        by=organizer,
    )
    services.update_priorities(
        competition,
        [services.PrioritySetting("Культура", "culture"), services.PrioritySetting("Зелене місто", "green")],
        by=organizer,
    )
    services.update_calendar(
        competition,
        services.CalendarSetting(
            intake_from=clock.start_of_day(date(2027, 3, 1)),
            intake_until=clock.end_of_day(date(2027, 3, 31)),
            scoring_until=clock.end_of_day(date(2027, 4, 20)),
            results_by=date(2027, 5, 5),
            project_from=date(2027, 5, 20),
            project_until=date(2027, 12, 15),
        ),
        by=organizer,
    )
