"""The projects that the demo's organisations propose: texts and budgets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from grants_app.applications.rules import Line


@dataclass(frozen=True)
class Project:
    """A project in short; the answers of the form are written from it."""

    title: str
    about: str
    people: int
    city_uah: int
    strength: int  # 1-10: how well the demo's experts will like it


PROJECTS: tuple[Project, ...] = (
    Project("Школа дворових медіаторів", "Сусіди вчаться залагоджувати суперечки у дворах", 120, 98_000, 10),
    Project(
        "Чистий берег: стежимо за річкою разом", "Волонтери міряють якість води й прибирають берег", 300, 100_000, 9
    ),
    Project("Цифрова грамота 60+", "Курси безпечного інтернету для старших людей", 240, 92_500, 9),
    Project("Літній інклюзивний табір", "Десять днів для дітей з інвалідністю та їхніх друзів", 80, 99_000, 8),
    Project("Кухня ветеранських родин", "Простір, де родини ветеранів готують і говорять", 150, 95_000, 8),
    Project("Мандрівна бібліотека мікрорайонів", "Книжки й читання там, де бібліотек немає", 600, 78_000, 8),
    Project("Ремісничі суботи", "Майстри вчать підлітків працювати руками", 90, 80_000, 7),
    Project("Двір без бар’єрів", "Мешканці самі перевіряють доступність дворів", 200, 68_000, 7),
    Project("Театр у притулку", "Вистави й розмови для переселенців", 400, 56_000, 7),
    Project("Мапа старих дерев", "Школярі описують і захищають дерева міста", 180, 45_500, 9),
    Project("Радіо нашого кварталу", "Підлітки роблять передачі про свій квартал", 60, 49_000, 8),
    Project("Фестиваль повітряних зміїв", "День неба на міському пагорбі", 1_000, 38_000, 4),
    Project("Музей шкільних зошитів", "Історія міста в дитячих зошитах ста років", 500, 42_000, 6),
    Project("Хвіртка без замка", "Двори відкривають сади сусідам на один день", 350, 36_500, 7),
    Project("Кишеньковий сад", "Мешканці висаджують сади на занедбаних клаптиках", 140, 47_000, 8),
    Project("Мій перший виступ", "Молодь вчиться говорити перед громадою", 75, 33_000, 6),
    Project("Нічна варта тепла", "Волонтери допомагають людям без дому взимку", 220, 50_000, 9),
    Project("Лавка переказів", "Старші люди записують перекази для внуків", 110, 29_500, 7),
    Project("Глобус у рюкзаку", "Діти переселенців знайомляться з містом у мандрах", 130, 41_000, 7),
    Project("Гавань для розмов", "Групи підтримки для тих, хто доглядає рідних", 96, 44_000, 8),
    Project("Тисяча журавлів пам’яті", "Спільне мистецтво пам’яті для родин загиблих", 300, 27_000, 6),
    Project("Стіл сусідів", "Спільні обіди, де знайомляться під’їзди", 450, 35_000, 5),
    Project("Майстерня коліс", "Діти ремонтують велосипеди для тих, хто їх не має", 85, 48_500, 7),
    Project("Вода для кожного двору", "Карта питних джерел і догляд за ними", 260, 62_000, 6),
    Project("Жива абетка жестів", "Місто вчить жестову мову", 190, 71_000, 8),
)


# Smaller ones, of a call whose check runs now.
NEIGHBOURS: tuple[Project, ...] = (
    Project("Альтанка на схилі", "Сусіди будують теплу альтанку для зборів", 95, 43_000, 7),
    Project("Дах над лавою", "Критий стіл для сусідських вечорів", 105, 39_500, 6),
    Project("Клумба замість стоянки", "Мешканці повертають двору зелень", 70, 46_000, 7),
    Project("Стежка до школи", "Батьки й діти роблять дорогу до школи тінистою", 160, 44_500, 8),
    Project("Ліхтарі для двору", "Сусіди освітлюють темні проходи", 210, 37_000, 6),
    Project("Дошка добрих новин", "Під’їзди діляться тим, що вдалося", 130, 28_500, 7),
)

DECLARED = (
    "declare_truth",
    "declare_not_liquidated",
    "declare_status",
    "declare_no_violation",
    "declare_publish",
    "declare_conflict",
)


def answers(
    project: Project, *, head: str, phone: str, lot: str, priority: str, days: tuple[date, date]
) -> dict[str, Any]:
    """Every answer of the form for a project that runs between two days."""
    texts = {**_who(head, phone), **_what(project, lot, priority), **_when(project, head, days), **_lasting()}
    return texts | dict.fromkeys(DECLARED, True)


def _who(head: str, phone: str) -> dict[str, Any]:
    return {
        "contact_name": head,
        "contact_phone": phone,
        "contact_email": "office@demo.example",
        "track_record": [],
        "capacity": "Двоє штатних працівників, вісім волонтерів, власна кімната для зустрічей і ноутбук.",
        "governing_people": [{"name": head, "office": "голова правління"}],
        "team": [{"name": head, "role": "керівник проєкту", "experience": "п’ять років у громадському секторі"}],
        "partners": [],
    }


def _what(project: Project, lot: str, priority: str) -> dict[str, Any]:
    return {
        "title": project.title,
        "lot": lot,
        "priority": priority,
        "summary": f"{project.about}. Участь візьмуть {project.people} людей.",
        "location": "Усі мікрорайони міста",
        "rationale": f"{project.about}. {_need(project)}",
        "goal": f"Щоб за пів року {project.people} людей скористалися результатом і розповіли про нього іншим.",
        "target_groups": [{"group": "мешканці міста", "direct": project.people, "indirect": project.people * 3}],
        "tasks": [{"task": "Підготувати команду та простір"}, {"task": "Провести заплановані заходи й описати досвід"}],
    }


def _need(project: Project) -> str:
    """Why it is needed: every applicant tells of it in other words, or the radar would mark them all."""
    asked, called = project.people * 2, project.people * 4 // 3
    ways = (
        f"Опитали {asked} мешканців: {called} з них назвали потребу нагальною, а послуги «{project.title}» чи схожої "
        "на неї в місті зараз немає.",
        f"За рік до нас звернулися {asked} разів, {called} людей чекають у списку; найближче таке є за сто кілометрів, "
        f"і «{project.title}» скоротить цю відстань до сусіднього двору.",
        f"Минулого року пробували для {called} людей власним коштом. «{project.title}» виросте з тієї спроби: "
        f"записалися вже {asked}, а наших рук вистачає лише на перших.",
        f"Рада мікрорайону тричі порушувала це питання; {called} підписів зібрали за тиждень, ще {asked} сусідів "
        f"підтримали в мережі. Відповідь на нього і є «{project.title}».",
    )
    return ways[(len(project.title) + project.people) % len(ways)]


def _when(project: Project, head: str, days: tuple[date, date]) -> dict[str, Any]:
    start, end = (day.isoformat() for day in days)
    preparing = {"what": "Підготовка і набір учасників", "start_on": start, "end_on": end, "place": "місто"}
    counted = {"kind": "product", "indicator": "Учасники", "unit": "людей", "baseline": 0, "target": project.people}
    return {
        "start_on": start,
        "end_on": end,
        "activities": [{**preparing, "responsible": head, "evidence": "списки учасників"}],
        "indicators": [{**counted, "verified": "списки учасників"}],
    }


def _lasting() -> dict[str, Any]:
    return {
        "strategy_link": "Проєкт працює на ціль стратегії «Комфортне, культурне й соціально відповідальне місто».",
        "communication": "Щотижневі дописи, оголошення в під’їздах, зустріч із мешканцями наприкінці.",
        "sustainability": "Обладнання лишається в громаді, волонтери продовжать роботу після закінчення проєкту.",
        "risks": [
            {"risk": "Повітряні тривоги", "mitigation": "Заходи плануємо поруч з укриттями, маємо запасні дати."}
        ],
        "inclusion": "Простір доступний для людей на кріслах колісних.",
        "smallest_dropped": "Зменшимо кількість друкованих матеріалів.",
        "other_public_funding": "no",
        "other_funding_details": "",
    }


def budget(project: Project) -> list[Line]:
    """Five lines whose city part is the project's request; the own share is 26-30 % of the cost, part of it in kind."""
    city = project.city_uah * 100
    services, materials, printing = city * 50 // 100, city * 35 // 100, city * 15 // 100
    materials += city - services - materials - printing
    own_cash, own_inkind = city * 22 // 100, city * 16 // 100
    return [
        _line("services", "Тренери й ведучі", services, "city"),
        _line("materials", "Матеріали для занять", materials, "city", unit="набір"),
        _line("printing", "Друк запрошень і посібника", printing, "city", unit="наклад"),
        _line("food", "Кава і вода для учасників", own_cash, "own_cash"),
        _line("rent", "Власне приміщення на час проєкту", own_inkind, "own_inkind", unit="строк"),
    ]


def given_up(lines: list[Line], smallest_kop: int) -> list[Line]:
    """The same lines with what each keeps of the smallest useful amount: the first ones in full, the last give way."""
    kept, left = [], smallest_kop
    for line in lines:
        part = min(line.city_kop, left)
        left -= part
        kept.append(line if part == line.city_kop else replace(line, least_kop=part))
    return kept


def _line(category: str, item: str, total: int, source: str, *, unit: str = "послуга") -> Line:
    return Line(
        category=category,
        item=item,
        qty_milli=1000,
        price_kop=total,
        unit=unit,
        justification="За середньою ціною трьох пропозицій",
        **{f"{source}_kop": total},
    )
