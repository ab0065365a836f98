"""The story's beginning: people, organisations, the city's money, the announcement of a competition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import sqlalchemy as sa

from grants_app.accounts.models import Invitation
from grants_app.accounts.rules import NewPerson, OrganisationFacts
from grants_app.accounts.rules.profile import FIELDS
from grants_app.accounts.services import (
    PasswordHash,
    create_first_administrator,
    create_user,
    register_organisation,
    sign_up_invited,
)
from grants_app.accounts.services.people import make_invitation
from grants_app.budget import services as budget
from grants_app.competitions.services import creation, settings, steps
from grants_app.core import clock
from grants_app.database import db
from grants_app.demo.cast import COMMISSION, DOMAIN, EXPERTS, STAFF, Club
from grants_app.demo.stage import Stage
from grants_app.permissions import Role
from grants_app.reviews.rules.experts import ProfileFacts
from grants_app.reviews.services.experts import save_profile

CITY_CONTACT = "Департамент розвитку громади, grants@demo.example"
PRIORITIES = ("Згуртованість сусідів", "Підтримка ветеранів і переселенців", "Дитинство і молодь", "Довкілля міста")

DISTRICTS = ("Старе місто", "Замостя", "Поділля", "Садки")
ABOUT = (
    "Працюємо із сусідами й двориками: навчаємо домовлятися і разом дбати про спільне.",
    "Проводимо заняття для дітей і підлітків, готуємо наставників.",
    "Допомагаємо родинам захисників і переселенцям знайти справу та спілкування.",
    "Доглядаємо парки й річку, вчимо сортувати та берегти.",
)


@dataclass(frozen=True)
class Dates:
    """The calendar of one competition."""

    announced: date
    intake_from: date
    intake_last: date
    scoring_last: date
    results_by: date
    project_from: date
    project_until: date


def people(stage: Stage, day: date, password: PasswordHash) -> None:
    """The first administrator, the staff, the experts with their fields, the commission."""
    stage.at(day, 8)
    first = STAFF[0]
    stage.do(lambda: create_first_administrator(first.email, first.name, password))
    for person in (*STAFF[1:], *EXPERTS, *COMMISSION):
        roles = [person.role] if person.role is not None else []
        stage.do(
            partial(create_user, person.email, person.name, password=password, roles=roles, by=stage.user("admin"))
        )
    for index, expert in enumerate(EXPERTS):
        stage.do(
            partial(
                save_profile,
                expert.email,
                ProfileFacts(
                    workplace=expert.workplace,
                    fields_known=[f"p{1 + index % len(PRIORITIES)}", f"p{1 + (index + 1) % len(PRIORITIES)}"],
                    languages=["uk", "en"] if index % 2 else ["uk"],
                ),
                by=stage.user("secretary"),
            )
        )


def organisations(stage: Stage, day: date, members: list[Club], password: PasswordHash) -> None:
    """Every organisation registers itself; the first one invites a colleague."""
    stage.at(day, 9)
    for index, club in enumerate(members):
        person = NewPerson(club.email, club.head, password, phone=club.phone)
        stage.do(partial(register_organisation, person, facts_of(club, index), confirmed=True))
    _invite_colleague(stage, members[0], password)


def facts_of(club: Club, index: int = 0) -> OrganisationFacts:
    """What a fictional organisation tells about itself; `index` makes them differ."""
    return OrganisationFacts(
        edrpou=club.edrpou,
        name=club.name,
        short_name=club.short_name,
        registered_on=club.registered_on,
        head_name=club.head,
        head_position="голова правління",
        legal_address="м. Надбузьк, вул. Вигадана, 1",
        actual_address="м. Надбузьк, вул. Вигадана, 1",
        katottg="UA05020030010063857",
        contact_email=club.email,
        contact_phone=club.phone,
        about=ABOUT[index % len(ABOUT)],
        fields=(list(FIELDS)[index % len(FIELDS)], list(FIELDS)[(index * 3 + 1) % len(FIELDS)]),
        district=DISTRICTS[index % len(DISTRICTS)],
    )


def _invite_colleague(stage: Stage, club: Club, password: PasswordHash) -> None:
    address = f"colleague@{DOMAIN}"

    def invite() -> str:
        organisation = stage.organisation(club.edrpou)
        _, token = make_invitation(address, Role.NGO_MEMBER, by=stage.user(club.login), organisation_id=organisation.id)
        return token

    token = stage.do(invite)
    stage.do(lambda: sign_up_invited(token, NewPerson(address, "Христина Іволга", password)))
    assert db.session.scalar(sa.select(Invitation.accepted_at).filter_by(email=address)) is not None


def city_money(stage: Stage, year: int, fund_kop: int) -> str:
    """The programme's line in the city's budget; its code."""
    code = f"CITY-{year}"
    stage.do(
        lambda: budget.create_line(
            code=code,
            title=f"Програма підтримки громадських ініціатив, {year} рік",
            year=year,
            source="city",
            limit_kop=fund_kop,
            kpkvk="0210180",
            by=stage.user("finance"),
        )
    )
    return code


def competition(
    stage: Stage,
    code: str,
    title: str,
    dates: Dates,
    lots: list[settings.LotSetting],
    *,
    copy_of: str = "",
    own_questions: Callable[[], None] | None = None,
) -> None:
    """Set a competition up as its organizer would, theme by theme, and announce it."""
    stage.at(dates.announced - timedelta(days=7), 11)
    organizer = "organizer"
    year = dates.project_from.year

    def create() -> None:
        if copy_of:
            creation.copy_competition(
                stage.competition(copy_of), code=code, title=title, year=year, by=stage.user(organizer)
            )
        else:
            creation.create_competition(code=code, title=title, year=year, by=stage.user(organizer))

    stage.do(create)
    stage.do(lambda: settings.update_lots(stage.competition(code), lots, by=stage.user(organizer)))
    stage.do(lambda: _describe(stage, code, title))
    stage.do(lambda: _set_calendar(stage, code, dates))
    if not copy_of:
        stage.do(lambda: _set_people(stage, code))
    if own_questions is not None:
        own_questions()
    stage.at(dates.announced, 9)
    stage.do(lambda: steps.announce(stage.competition(code), by=stage.user(organizer)))
    stage.at(dates.intake_from, 0, 1)
    stage.do(lambda: steps.record_openings(clock.now()))


def _describe(stage: Stage, code: str, title: str) -> None:
    settings.update_basics(
        stage.competition(code),
        title=title,
        summary="Місто оплачує проєкти громадських організацій, які роблять життя сусідів теплішим і цікавішим.",
        legal_basis="Програма підтримки громадських ініціатив, рішення Надбузької міської ради",
        who_may_apply="Громадські організації та спілки, юридичні особи, зареєстровані щонайменше пів року.",
        what_is_paid="Послуги, матеріали, оренда, проїзд. Не оплачуємо борги, штрафи, прибуток, політичну агітацію.",
        contact=CITY_CONTACT,
        by=stage.user("organizer"),
    )


def _set_calendar(stage: Stage, code: str, dates: Dates) -> None:
    calendar = settings.CalendarSetting(
        intake_from=clock.start_of_day(dates.intake_from),
        intake_until=clock.end_of_day(dates.intake_last),
        scoring_until=clock.end_of_day(dates.scoring_last),
        results_by=dates.results_by,
        project_from=dates.project_from,
        project_until=dates.project_until,
    )
    settings.update_calendar(stage.competition(code), calendar, by=stage.user("organizer"))


def _set_people(stage: Stage, code: str) -> None:
    organizer = stage.user("organizer")
    competition = stage.competition(code)
    offices = ["chair", "deputy", *["member"] * (len(COMMISSION) - 2)]
    seats = [(stage.user(person.login), office) for person, office in zip(COMMISSION, offices, strict=True)]
    settings.set_seats(competition, [*seats, (stage.user("secretary"), "secretary")], by=organizer)
    wanted = [settings.PrioritySetting(title, f"p{index}") for index, title in enumerate(PRIORITIES, start=1)]
    settings.update_priorities(competition, wanted, by=organizer)
    settings.update_rules(
        competition,
        engine=competition.engine,
        admission=settings.AdmissionSetting(own_share_min_bp=2500, applications_per_organisation=2),
        by=organizer,
    )
    settings.update_scoring(
        competition, scoring_by="experts", experts_per_application=3, justification_min=20, by=organizer
    )
