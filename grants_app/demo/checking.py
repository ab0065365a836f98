"""A call whose formal check runs now: marks of the radar, a late entry, answers to be corrected, and admission that the
commission decides in its minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial

import sqlalchemy as sa

from grants_app.applications.models import Application
from grants_app.applications.services import admission, bulk, drafts, formal_check, save_budget
from grants_app.applications.services import intake as applying
from grants_app.applications.services import late_entry as late
from grants_app.awards.services import admission as agenda
from grants_app.awards.services import meeting
from grants_app.budget import services as budget
from grants_app.competitions.services.intake import IntakeSetting, update_intake
from grants_app.competitions.services.settings import LotSetting
from grants_app.core import clock
from grants_app.database import db
from grants_app.demo import decision, intake, opening, projects
from grants_app.demo.cast import Club
from grants_app.demo.opening import Dates
from grants_app.demo.projects import NEIGHBOURS, Project
from grants_app.demo.stage import Stage

TITLE = "Сусідські справи"
LATE_REASON = "Два дні в усьому районі не було світла: підтверджує довідка району електромереж"
SAME_NEED = (
    "Три двори на схилі не мають жодного місця, де сусіди могли б зібратися під дахом. Узимку люди розходяться одразу, "
    "а спірні питання про стоянки й тишу накопичуються до весни, коли їх уже важко залагодити спокійно."
)
SAME_TOOLS = (("Набір садового інструменту", 640_000), ("Друк мапи дворів", 315_000))
REFUSAL = (
    "Статут не передбачає діяльності в громаді міста, де має відбутися проєкт",
    "п. 3 Положення про конкурс",
)
JOINT = "Обидві організації описали спільну потребу одними словами, про що сказали самі; заходи й витрати в них різні"
TWICE = "Той самий набір і той самий друк за тими самими цінами в обох кошторисах: один рядок із двох зайвий"
LETTER = "Поясніть, чому інструмент і друк стоять і в кошторисі сусідньої організації, або вилучіть ці рядки."


def run(stage: Stage, today: date, members: list[Club], *, copy_of: str) -> None:
    """The whole story of the call up to the present moment."""
    code, dates = f"{today.year}-SUS", _dates(today)
    keys = _applications(stage, code, dates, members, copy_of)
    _late(stage, code, dates, members[16])
    began = dates.intake_last + timedelta(days=2)
    stage.at(began, 14)
    intake.start_check(stage, code)
    _marks(stage, keys)
    _proposals(stage, code, keys)
    _minutes(stage, code, began + timedelta(days=1), today - timedelta(days=1))
    # Sent back a moment ago: the list of letters waits, and the step can still be undone.
    stage.at(today + timedelta(days=1))
    stage.do(partial(_return_both, stage, code, keys[2:4]))
    stage.say(f"{code}: formal check")


def _dates(today: date) -> Dates:
    last = today - timedelta(days=5)
    start = today + timedelta(days=50)
    return Dates(
        announced=last - timedelta(days=37),
        intake_from=last - timedelta(days=34),
        intake_last=last,
        scoring_last=today + timedelta(days=21),
        results_by=today + timedelta(days=35),
        project_from=start,
        project_until=start + timedelta(days=120),
    )


def _applications(stage: Stage, code: str, dates: Dates, members: list[Club], copy_of: str) -> list[str]:
    """Five applications in time: two with one need in the same words, two with the same costs."""
    stage.at(dates.announced - timedelta(days=8), 9)
    line, organizer = f"CITY-{code}", "organizer"
    stage.do(
        lambda: budget.create_line(
            code=line,
            title="Сусідські ініціативи",
            year=dates.announced.year,
            source="city",
            limit_kop=15_000_000,
            kpkvk="0210190",
            by=stage.user("finance"),
        )
    )

    def by_commission() -> None:
        update_intake(stage.competition(code), IntakeSetting(admission_by="commission"), by=stage.user(organizer))

    lots = [LotSetting("Сусідські ініціативи", 15_000_000, 2_500_000, 5_000_000, code="small", source_line=line)]
    own = partial(stage.do, by_commission)
    opening.competition(stage, code, TITLE, dates, lots, copy_of=copy_of, own_questions=own)
    entries = list(zip((members[index] for index in (5, 7, 8, 11, 12)), NEIGHBOURS, strict=False))
    keys = []
    for index, (club, project) in enumerate(entries):
        stage.at(dates.intake_from + timedelta(days=4 + index * 6), 11 + index)
        keys.append(intake.draft(stage, code, club, project, dates))
        if index < 2:
            stage.do(partial(_write_need, stage, keys[-1], club, index))
        elif index < 4:
            stage.do(partial(_write_costs, stage, keys[-1], club, project))
        intake.submit(stage, keys[-1], club)
    return keys


def _write_need(stage: Stage, key: str, club: Club, index: int) -> None:
    text = SAME_NEED if index == 0 else f"{SAME_NEED} Тому пропонуємо теплу альтанку."
    drafts.save_answers(intake.by_key(key), {"rationale": text}, None, by=stage.user(club.login))


def _write_costs(stage: Stage, key: str, club: Club, project: Project) -> None:
    rows = projects.budget(project)
    spare = sum(price for _item, price in SAME_TOOLS)
    rows[0] = replace(rows[0], price_kop=rows[0].price_kop - spare, city_kop=rows[0].city_kop - spare)
    rows += [replace(rows[1], item=item, price_kop=price, city_kop=price) for item, price in SAME_TOOLS]
    save_budget(intake.by_key(key), rows, by=stage.user(club.login), smallest_kop=2_500_000)


def _late(stage: Stage, code: str, dates: Dates, club: Club) -> None:
    """One organisation begins in time, cannot send, and is let in the day after, with a published reason."""
    stage.at(dates.intake_last, 17)
    key = intake.draft(stage, code, club, NEIGHBOURS[5], dates)
    after = dates.intake_last + timedelta(days=1)
    stage.at(after, 0, 3)
    stage.do(lambda: applying.close_intake(stage.competition(code)))
    stage.at(after, 10)
    until = datetime.combine(after + timedelta(days=1), time(12), tzinfo=clock.KYIV)

    def give() -> str:
        return late.give_late_entry(
            stage.competition(code), club.edrpou, LATE_REASON, until, by=stage.user("organizer")
        ).secret

    secret = stage.do(give)
    stage.at(after, 16)
    stage.do(lambda: late.enter_late_code(secret, by=stage.user(club.login)))
    intake.submit(stage, key, club)


def _marks(stage: Stage, keys: Sequence[str]) -> None:
    """The secretary judges two marks: words that were honestly shared, costs that must not be paid twice."""
    for key in keys[:2]:
        intake.judge(stage, "text", JOINT, key=key)
    intake.judge(stage, "cost", TWICE, key=keys[2], is_confirmed=True)


def _proposals(stage: Stage, code: str, keys: Sequence[str]) -> None:
    """What the machine found is taken over for all; two admissions and one refusal are proposed to the commission."""

    def check() -> None:
        secretary = stage.user("secretary")
        everybody = sa.select(Application.code).where(
            Application.competition_id == stage.competition(code).id, Application.code.is_not(None)
        )
        codes = [one for one in db.session.scalars(everybody.order_by(Application.register_number)) if one]
        bulk.take_step(stage.competition(code), bulk.Order("verdicts"), codes, by=secretary)
        for key in keys[:2]:
            for requirement in ("status", "papers"):
                formal_check.check_requirement(intake.by_key(key), requirement, "meets", by=secretary)
        refused = intake.by_key(keys[4])
        formal_check.check_requirement(refused, "status", "defect", note=REFUSAL[0], by=secretary)

    def propose() -> None:
        secretary = stage.user("secretary")
        for key in keys[:2]:
            admission.propose_admission(intake.by_key(key), by=secretary)
        admission.propose_refusal(intake.by_key(keys[4]), *REFUSAL, by=secretary)

    stage.do(check)
    stage.do(propose)


def _minutes(stage: Stage, code: str, planned: date, day: date) -> None:
    """The commission admits two and refuses one; the signature under the minutes carries it out."""
    stage.at(planned, 9)

    def plan() -> str:
        found = meeting.plan_meeting(
            stage.competition(code),
            kind="mixed",
            scheduled_at=datetime.combine(day, time(10), tzinfo=clock.KYIV),
            place="Мала зала, пл. Вигадана, 1",
            link="https://meet.demo.example/admission",
            by=stage.user("secretary"),
        )
        agenda.put_admission_on_agenda(found, by=stage.user("secretary"))
        return found.code

    decision.hold(stage, stage.do(plan), day, hour=10)


def _return_both(stage: Stage, code: str, keys: Sequence[str]) -> None:
    codes = [intake.by_key(key).code or "" for key in keys]
    order = bulk.Order("return", LETTER, ("budget",), 5)
    bulk.take_step(stage.competition(code), order, codes, by=stage.user("secretary"))
