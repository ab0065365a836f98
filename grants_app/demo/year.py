"""The whole demo year: one competition decided and published, one in scoring, one open, vouchers and plan facts."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from grants_app.accounts.services import hashed
from grants_app.applications.services import drafts
from grants_app.budget import services as budget
from grants_app.competitions.services.settings import LotSetting
from grants_app.core import clock
from grants_app.core.storage import Storage
from grants_app.demo import aid, checking, decision, desks, discussing, forms, intake, letters, opening, panel, scoring
from grants_app.demo.cast import PASSWORD, Club, clubs
from grants_app.demo.opening import Dates
from grants_app.demo.projects import PROJECTS, Project
from grants_app.demo.stage import Say, Stage, release_letters, released
from grants_app.reports import services as reports
from grants_app.reports.queries.plan import indicator_by_code

# The rules of a real year: fund 1,000,000 UAH, grants of 25-100 thousand, own share at least 25 %.
FUND_KOP = 100_000_000
SMALL = LotSetting("Малі гранти", 40_000_000, 2_500_000, 5_000_000, code="small")
LARGE = LotSetting("Великі гранти", 60_000_000, 5_000_100, 10_000_000, code="large")
# The smallest file that every reader takes for a PDF: the demo's papers have no content of their own.
PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def build(storage: Storage, say: Say) -> None:
    """Build everything up to the present moment; the clock runs again afterwards, also when a step fails."""
    real_now = clock.now()
    stage = Stage(real_now, storage.put(io.BytesIO(PAPER), limit=10_000), say)
    try:
        _build(stage, real_now)
    finally:
        released()


def _build(stage: Stage, real_now: datetime) -> None:
    today = clock.kyiv(real_now).date()
    # The decided competition lies in the spring of the last year whose spring is well over.
    year = today.year if today >= date(today.year, 7, 1) else today.year - 1
    members = clubs(year)
    password = hashed(PASSWORD)
    opening.people(stage, date(year, 1, 11), password)
    opening.organisations(stage, date(year, 1, 12), members, password)
    desks.papers(stage, date(year, 1, 14), members)
    desks.directory(stage, date(year, 1, 15), members)
    stage.say("people and organisations")
    _decided(stage, year, members)
    _in_scoring(stage, today, members)
    checking.run(stage, today, members, copy_of=f"{year}-SKP")
    _open(stage, year, today, members)
    desks.newcomer(stage, today - timedelta(days=3), members[0], password)
    letters.correct_answer(stage, f"{year + 1}-SKP", today - timedelta(days=1))
    letters.refuse_letter(stage, f"{today.year}-MOL")
    _vouchers(stage, today, members)
    _plan(stage, year)


def _decided(stage: Stage, year: int, members: list[Club]) -> None:
    code = f"{year}-SKP"
    line = opening.city_money(stage, year, FUND_KOP)
    dates = Dates(
        announced=date(year, 1, 26),
        intake_from=date(year, 2, 1),
        intake_last=date(year, 3, 3),
        scoring_last=date(year, 3, 27),
        results_by=date(year, 4, 13),
        project_from=date(year, 5, 1),
        project_until=date(year, 12, 10),
    )
    lots = [_on(SMALL, line), _on(LARGE, line)]
    opening.competition(stage, code, f"Соціально-культурні проєкти {year} року", dates, lots)
    intake.whole_intake(stage, code, _entries(members), dates)
    intake.check(stage, code, date(year, 3, 4), returned="Ремісничі суботи", rejected="Фестиваль повітряних зміїв")
    panel.invite(stage, code, date(year, 3, 6))
    scoring.open_scoring(stage, code, date(year, 3, 11))
    panel.replace_one(stage, code, date(year, 3, 11))
    scoring.score(stage, code, date(year, 3, 12), 14)
    discussing.discuss(stage, code, date(year, 3, 26))
    decision.decide(stage, code, date(year, 3, 30), date(year, 4, 8), date(year, 4, 9))
    decision.accept_all(stage, code, date(year, 4, 15))
    panel.certify(stage, code, date(year, 4, 16))
    release_letters(stage)


def _in_scoring(stage: Stage, today: date, members: list[Club]) -> None:
    code = f"{today.year}-MOL"
    line = opening.city_money(stage, today.year, FUND_KOP) if today.month < 7 else f"CITY-{today.year}"
    if today.month >= 7:
        line = _extra_money(stage, today)
    dates = Dates(
        announced=today - timedelta(days=62),
        intake_from=today - timedelta(days=58),
        intake_last=today - timedelta(days=25),
        scoring_last=today + timedelta(days=9),
        results_by=today + timedelta(days=21),
        project_from=today + timedelta(days=30),
        project_until=date((today + timedelta(days=30)).year, 12, 31),
    )
    lots = [_on(LotSetting("Молодіжні ініціативи", 25_000_000, 2_500_000, 10_000_000, code="small"), line)]
    base = f"{today.year if today >= date(today.year, 7, 1) else today.year - 1}-SKP"
    opening.competition(stage, code, "Молодіжні ініціативи", dates, lots, copy_of=base)
    chosen = [(members[index], PROJECTS[index]) for index in (9, 10, 14, 15, 18, 20, 22 % len(members))]
    intake.whole_intake(stage, code, [(club, project) for club, project in chosen if project.city_uah <= 50_000], dates)
    intake.check(stage, code, today - timedelta(days=23))
    for kind in ("repeat", "cost"):
        intake.judge(stage, kind, "Продовження весняного проєкту: інші місяці й учасники, двічі не платимо", code=code)
    scoring.open_scoring(stage, code, today - timedelta(days=16))
    scoring.score(stage, code, today - timedelta(days=15), 13, is_under_way=True)
    discussing.discuss(stage, code, today - timedelta(days=1), is_under_way=True)
    panel.doubt_one(stage, code, today - timedelta(days=1))


def _extra_money(stage: Stage, today: date) -> str:
    code = f"CITY-{today.year}-Y"
    stage.at(today - timedelta(days=80), 9)
    stage.do(
        lambda: budget.create_line(
            code=code,
            title="Молодіжна програма міста",
            year=today.year,
            source="city",
            limit_kop=25_000_000,
            kpkvk="0213133",
            by=stage.user("finance"),
        )
    )
    return code


def _open(stage: Stage, year: int, today: date, members: list[Club]) -> None:
    code = f"{year + 1}-SKP"
    stage.at(today - timedelta(days=40), 9)
    line = f"CITY-{year + 1}"
    if today.year > year and today.month < 7:
        line = f"CITY-{today.year}"
    else:
        opening.city_money(stage, year + 1, FUND_KOP)
    start = today - timedelta(days=12)
    dates = Dates(
        announced=today - timedelta(days=14),
        intake_from=start,
        intake_last=today + timedelta(days=24),
        scoring_last=today + timedelta(days=52),
        results_by=today + timedelta(days=70),
        project_from=today + timedelta(days=90),
        project_until=date((today + timedelta(days=90)).year, 12, 10),
    )
    opening.competition(
        stage, code, f"Соціально-культурні проєкти {year + 1} року", dates, [_on(SMALL, line), _on(LARGE, line)],
        copy_of=f"{year}-SKP", own_questions=partial(forms.ask, stage, code),
    )  # fmt: skip
    desks.questions(stage, code, start + timedelta(days=1), members)
    for index, club in enumerate(members[1:5]):
        stage.at(start + timedelta(days=2 + index * 2), 15)
        key = intake.draft(stage, code, club, PROJECTS[-1 - index], dates)
        forms.answer(stage, key, club)
        if index < 2:
            intake.submit(stage, key, club)
    stage.at(today - timedelta(days=1), 17)
    _half_done(stage, code, members[0])
    forms.amend(stage, code, today - timedelta(days=1))
    stage.say(f"{code}: open for applications")


def _half_done(stage: Stage, code: str, club: Club) -> None:
    """The draft that the demo's first organisation is writing: two sections done."""

    def start() -> str:
        return drafts.start_application(
            stage.competition(code), stage.organisation(club.edrpou), by=stage.user(club.login)
        ).key

    key = stage.do(start)
    values = {
        "title": "Подвір’я, де чути всіх",
        "summary": "Школа медіаторів іде в нові двори: двадцять вечорів, на яких сусіди вчаться домовлятися.",
        "capacity": "Двоє працівників, восьмеро підготовлених медіаторів, кімната для зустрічей.",
    }
    stage.do(lambda: drafts.save_answers(intake.by_key(key), values, None, by=stage.user("colleague")))


def _vouchers(stage: Stage, today: date, members: list[Club]) -> None:
    code = f"V-{today.year}"
    aid.open_programme(stage, code, today - timedelta(days=70))
    aid.use_vouchers(stage, code, today - timedelta(days=45), [members[index] for index in (1, 2, 4, 0, 6)])


def _plan(stage: Stage, year: int) -> None:
    stage.do(reports.seed_plan)
    facts = (("trainings", 7, "Звіт хабу: сім навчальних заходів"), ("coffee", 4, "Чотири зустрічі, анонси на сайті"))
    for code, value, evidence in facts:
        stage.do(
            partial(
                reports.enter_fact,
                indicator_by_code(code),
                year=year,
                value=value,
                evidence=evidence,
                by=stage.user("organizer"),
            )
        )


def _on(lot: LotSetting, line: str) -> LotSetting:
    return replace(lot, source_line=line)


def _entries(members: list[Club]) -> list[tuple[Club, Project]]:
    """25 applications from 22 organisations: the first three send two each."""
    return [(members[index % len(members)], project) for index, project in enumerate(PROJECTS)]
