"""Applications: written, submitted, numbered, checked; one returned and corrected, one not admitted."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import sqlalchemy as sa

from grants_app.accounts.models import Membership, User
from grants_app.applications.models import Application, Flag
from grants_app.applications.rules import STANDARD
from grants_app.applications.services import admission, drafts, formal_check, intake, papers, save_budget, submission
from grants_app.applications.services.radar import decide_flag
from grants_app.database import db
from grants_app.demo import projects
from grants_app.demo.cast import Club
from grants_app.demo.opening import PRIORITIES, Dates
from grants_app.demo.projects import Project
from grants_app.demo.stage import Stage
from grants_app.journal.jobs import do_job, queued_jobs
from grants_app.lifecycle import ApplicationState, CompetitionState

SMALL_LIMIT_UAH = 50_000


def draft(stage: Stage, code: str, club: Club, project: Project, dates: Dates) -> str:
    """A draft with every answer, its budget and the needed paper; the key of the application."""

    def start() -> str:
        return drafts.start_application(
            stage.competition(code), stage.organisation(club.edrpou), by=stage.user(club.login)
        ).key

    key = stage.do(start)
    lot = "small" if project.city_uah <= SMALL_LIMIT_UAH else "large"
    number = (*projects.PROJECTS, *projects.NEIGHBOURS).index(project)
    priority = f"p{1 + number % len(PRIORITIES)}"
    values = projects.answers(
        project,
        head=club.head,
        phone=club.phone,
        lot=lot,
        priority=priority,
        days=(dates.project_from, dates.project_until),
    )
    stage.do(lambda: drafts.save_answers(by_key(key), values, None, by=stage.user(club.login)))
    stage.do(lambda: write_budget(stage, key, club, project))
    return key


def write_budget(stage: Stage, key: str, club: Club, project: Project) -> None:
    """The budget and the decision of the governing body."""
    user = stage.user(club.login)
    least = 2_500_000 if project.city_uah <= SMALL_LIMIT_UAH else 5_000_100
    smallest = project.city_uah * 100 * 6 // 10
    smallest = max(smallest, least)
    rows = projects.given_up(projects.budget(project), smallest)
    save_budget(by_key(key), rows, by=user, smallest_kop=smallest)
    papers.add_attachment(by_key(key), "decision", "рішення правління.pdf", "application/pdf", stage.paper, by=user)


def submit(stage: Stage, key: str, club: Club) -> None:
    """The head sends the application."""
    stage.do(lambda: submission.submit_application(by_key(key), by=stage.user(club.login)))


def whole_intake(stage: Stage, code: str, entries: list[tuple[Club, Project]], dates: Dates) -> None:
    """All applications over the days of the intake, then the closing with register numbers."""
    length = (dates.intake_last - dates.intake_from).days
    for index, (club, project) in enumerate(entries):
        day = dates.intake_from + timedelta(days=1 + index * (length - 1) // max(len(entries), 1))
        stage.at(day, 9 + index % 9, index * 7 % 60)
        submit(stage, draft(stage, code, club, project, dates), club)
        stage.say(f"{code}: {index + 1} of {len(entries)} applications")
    stage.at(dates.intake_last + timedelta(days=1), 0, 1)
    stage.do(lambda: intake.close_intake(stage.competition(code)))


def check(stage: Stage, code: str, first_day: date, *, returned: str = "", rejected: str = "") -> None:
    """The formal check: `returned` is corrected by its applicant, `rejected` is not admitted (both by title)."""
    stage.at(first_day, 10)
    start_check(stage, code)
    for application in _submitted(stage, code):
        stage.do(
            partial(
                _check_one,
                stage,
                application.key,
                returned=application.title == returned,
                rejected=application.title == rejected,
            )
        )
    if returned:
        stage.at(first_day + timedelta(days=3), 15)
        _correct(stage, code, returned)


def start_check(stage: Stage, code: str) -> None:
    """The check begins; the radar looks around at once."""
    stage.do(lambda: formal_check.start_formal_check(stage.competition(code), by=stage.user("secretary")))
    for job in queued_jobs():
        do_job(job)


def judge(stage: Stage, kind: str, reason: str, *, code: str = "", key: str = "", is_confirmed: bool = False) -> None:
    """The secretary judges marks of the radar of one kind, in a whole competition or in one application."""

    def decide() -> None:
        query = sa.select(Flag).join(Application).where(Flag.kind == kind)
        whose = Application.key == key if key else Application.competition.has(code=code)
        for flag in list(db.session.scalars(query.where(whose).order_by(Flag.id))):
            decide_flag(flag, is_confirmed=is_confirmed, reason=reason, by=stage.user("secretary"))

    stage.do(decide)


def _check_one(stage: Stage, key: str, *, returned: bool, rejected: bool) -> None:
    secretary = stage.user("secretary")
    application = by_key(key)
    for requirement in STANDARD.requirements:
        is_defect = (returned and requirement.code == "complete") or (rejected and requirement.code == "status")
        formal_check.check_requirement(
            application,
            requirement.code,
            "defect" if is_defect else "meets",
            by=secretary,
            note="У рішенні правління не вказано строку його дії" if is_defect else "",
            question="capacity" if is_defect and returned else None,
        )
    if returned:
        letter = "Доповніть відповідь про кадри й приміщення: не вказано, де відбуватимуться заняття."
        formal_check.return_for_correction(application, ["capacity"], letter, by=secretary)
    elif rejected:
        admission.reject(
            application, "Статутні цілі організації не охоплюють заявленої діяльності", "п. 3 Положення", by=secretary
        )
    else:
        admission.admit(application, by=secretary)


def _correct(stage: Stage, code: str, title: str) -> None:
    application = db.session.scalars(
        sa.select(Application).where(Application.title == title, Application.competition.has(code=code))
    ).one()
    assert application.organisation_id is not None
    key, login = application.key, head_login(application.organisation_id)

    def answer() -> None:
        head = stage.user(login)
        text = "Двоє працівників, вісім волонтерів. Заняття відбуваються у власній кімнаті на вул. Вигаданій, 1."
        formal_check.save_correction(by_key(key), {"capacity": text}, None, by=head)

    stage.do(answer)
    stage.do(lambda: formal_check.send_correction(by_key(key), by=stage.user(login)))

    def accept() -> None:
        secretary = stage.user("secretary")
        formal_check.check_requirement(by_key(key), "complete", "meets", by=secretary)
        admission.admit(by_key(key), by=secretary)

    stage.do(accept)


def head_login(organisation_id: int) -> str:
    """The sign-in of an organisation’s head."""
    query = sa.select(User.email).join(Membership).where(Membership.organisation_id == organisation_id)
    return str(db.session.scalars(query.order_by(Membership.id)).first()).split("@")[0]


def _submitted(stage: Stage, code: str) -> list[Application]:
    competition = stage.competition(code)
    assert competition.state is CompetitionState.FORMAL_CHECK
    query = (
        sa.select(Application)
        .filter_by(competition_id=competition.id, state=ApplicationState.SUBMITTED)
        .order_by(Application.register_number)
    )
    return list(db.session.scalars(query))


def by_key(key: str) -> Application:
    """An application by the key of its draft."""
    return db.session.scalars(sa.select(Application).filter_by(key=key)).one()
