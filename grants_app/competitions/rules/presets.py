"""Sets of criteria and rules that a competition may start from (domain section 6). Data, never procedure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from grants_app.competitions.rules.guidance import Words


@dataclass(frozen=True)
class CriterionPreset:
    """A criterion with its scale; decimals are text."""

    code: str
    title: Words
    question: Words
    weight: str = "1"
    minimum: str = "0"
    maximum: str = "10"
    step: str = "1"
    pass_mark: str | None = None


@dataclass(frozen=True)
class LotPreset:
    """A lot to begin with; its money is set by the city."""

    code: str
    title: Words


@dataclass(frozen=True)
class Preset:
    """Everything of a competition that does not depend on the year."""

    code: str
    title: Words
    note: Words
    criteria: tuple[CriterionPreset, ...]
    engine: dict[str, Any]
    experts_per_application: int = 3
    scoring_by: str = "experts"
    lots: tuple[LotPreset, ...] = field(default=(LotPreset("main", Words("Основний лот", "Main lot")),))


def engine_keys(
    *,
    expert_total: str,
    combine: str,
    pass_mark: str | None,
    min_experts: int,
    tie_criterion: str,
    rule: str = "marginal",
) -> dict[str, Any]:
    """The keys of rules.json beside criteria and lots."""
    return {
        "rules_version": 1,
        "direction": "higher",
        "expert_total": expert_total,
        "order": "total_then_combine",
        "combine": combine,
        "trim": 0,
        "min_experts": min_experts,
        "rounding": [{"after": "total", "places": 2, "mode": "half_up"}],
        "pass_mark": pass_mark,
        "tie_breaks": [
            {"by": "criterion", "code": tie_criterion, "direction": "higher"},
            {"by": "column", "column": "own_share_bp", "direction": "higher"},
            {"by": "column", "column": "submitted_at", "direction": "lower"},
        ],
        "allocation": {
            "rule": rule,
            "marginal_bp": 5000,
            "pool_leftover": False,
            "pool_without_lots": [],
            "cap_per_applicant_kop": None,
            "bands": [],
            "pool_kop": None,
        },
    }


_RELEVANCE = Words("Відповідність меті та пріоритетам конкурсу", "Fit to the aim and priorities of the competition")
_RELEVANCE_ASKED = Words(
    "Чи розв’язує проєкт завдання, названі в оголошенні, і чи це видно з мети й заходів?",
    "Does the project work on the tasks named in the announcement, and do its goal and activities show it?",
)
_RESULTS = Words("Реалістичність і вагомість результатів", "Realistic and significant results")
_RESULTS_ASKED = Words(
    "Чи мають результати вимірні показники, чи досяжні вони у названий строк?",
    "Do the results have measurable indicators, and can they be reached in the time named?",
)
_BUDGET = Words("Ефективність використання коштів", "Value for money")
_BUDGET_ASKED = Words(
    "Чи пов’язана кожна стаття кошторису з результатом, чи обґрунтовано ціни?",
    "Does every line of the budget serve a result, and are the prices justified?",
)
_CAPACITY = Words("Спроможність організації", "Capacity of the organisation")
_CAPACITY_ASKED = Words(
    "Чи є люди, майно й досвід, потрібні саме для цього проєкту?",
    "Are there the people, means and experience that this very project needs?",
)

MISTO_ZMISTIV = Preset(
    code="misto_zmistiv",
    title=Words("«Місто змістів»: сім критеріїв, 100 балів", "“City of Meanings”: seven criteria, 100 points"),
    note=Words(
        "Середнє оцінок експертів у відсотках, прохідний бал 60, за кошторис щонайменше 4 з 10",
        "Mean of the experts in per cent, pass mark 60, at least 4 of 10 for the budget",
    ),
    criteria=(
        CriterionPreset(
            "priority",
            Words("Відповідність пріоритету та стратегії міста", "Fit to the priority and the city’s strategy"),
            Words(
                "Чи працює проєкт на вибраний пріоритет і названу ціль стратегії?",
                "Does the project work for the chosen priority and the goal of the strategy it names?",
            ),
            weight="20",
        ),
        CriterionPreset(
            "need",
            Words("Потреба громади", "Need of the community"),
            Words(
                "Чи доведено проблему даними й голосами тих, кого вона стосується?",
                "Is the problem proved by data and by the voices of those it concerns?",
            ),
            weight="15",
        ),
        CriterionPreset("results", Words("Результати та показники", "Results and indicators"), _RESULTS_ASKED, "20"),
        CriterionPreset(
            "budget", Words("Обґрунтованість кошторису", "Soundness of the budget"), _BUDGET_ASKED, "20", pass_mark="4"
        ),
        CriterionPreset("team", Words("Спроможність команди", "Capacity of the team"), _CAPACITY_ASKED, "10"),
        CriterionPreset(
            "partners",
            Words("Партнерство та співфінансування", "Partnership and co-funding"),
            Words(
                "Що вкладають партнери й сама організація, і чи це підтверджено?",
                "What do the partners and the organisation itself put in, and is it confirmed?",
            ),
            weight="10",
        ),
        CriterionPreset(
            "sustainability",
            Words("Сталість і відкритість", "Sustainability and openness"),
            Words(
                "Що діятиме, коли кошти закінчаться, і як громада дізнається про результат?",
                "What will live on when the money ends, and how will the community learn of the result?",
            ),
            weight="5",
        ),
    ),
    engine=engine_keys(
        expert_total="normalised", combine="mean", pass_mark="60", min_experts=2, tie_criterion="budget"
    ),
    lots=(
        LotPreset("small", Words("Малі гранти", "Small grants")),
        LotPreset("large", Words("Великі гранти", "Large grants")),
    ),
)

CMU1049 = Preset(
    code="cmu1049",
    title=Words("Чотири критерії за зразком Порядку № 1049", "Four criteria on the model of Procedure No. 1049"),
    note=Words(
        "Оцінює комісія: сума балів членів, до 40 від кожного; сім членів дають 280, прохідний бал 140",
        "The commission scores: sum of its members’ points, up to 40 each; seven give 280, pass mark 140",
    ),
    criteria=(
        CriterionPreset("relevance", _RELEVANCE, _RELEVANCE_ASKED),
        CriterionPreset("results", _RESULTS, _RESULTS_ASKED),
        CriterionPreset("budget", _BUDGET, _BUDGET_ASKED),
        CriterionPreset("capacity", _CAPACITY, _CAPACITY_ASKED),
    ),
    engine=engine_keys(
        expert_total="points", combine="sum", pass_mark="140", min_experts=2, tie_criterion="budget", rule="stop"
    ),
    experts_per_application=7,
    scoring_by="commission",
)

SUMY6 = Preset(
    code="sumy6",
    title=Words("Шість рівних критеріїв, 0–5 балів", "Six equal criteria, 0–5 points"),
    note=Words(
        "Оцінює комісія: сума балів членів, до 30 від кожного; останній переможець може отримати залишок",
        "The commission scores: sum of its members’ points, up to 30 each; the last winner may get the remainder",
    ),
    criteria=(
        CriterionPreset("relevance", _RELEVANCE, _RELEVANCE_ASKED, maximum="5"),
        CriterionPreset("results", _RESULTS, _RESULTS_ASKED, maximum="5"),
        CriterionPreset("budget", _BUDGET, _BUDGET_ASKED, maximum="5"),
        CriterionPreset("capacity", _CAPACITY, _CAPACITY_ASKED, maximum="5"),
        CriterionPreset(
            "reach",
            Words("Суспільний ефект і охоплення", "Public effect and reach"),
            Words(
                "Скільки людей і які групи відчують зміну, і якою вона буде?",
                "How many people and which groups will feel the change, and what will it be?",
            ),
            maximum="5",
        ),
        CriterionPreset(
            "contribution",
            Words("Власний внесок", "Own contribution"),
            Words(
                "Яку частку вартості покриває організація, і чи внесок справжній?",
                "What share of the cost does the organisation cover, and is the contribution real?",
            ),
            maximum="5",
        ),
    ),
    engine=engine_keys(expert_total="points", combine="sum", pass_mark=None, min_experts=2, tie_criterion="results"),
    experts_per_application=5,
    scoring_by="commission",
)

UCF2020 = Preset(
    code="ucf2020",
    title=Words("Дві частини: зміст 75, витрати 25", "Two parts: content 75, costs 25"),
    note=Words(
        "Сума балів п’яти експертів, найбільше 500, прохідний бал 201",
        "Sum of five experts’ points, 500 at most, pass mark 201",
    ),
    criteria=(
        CriterionPreset(
            "content",
            Words("Зміст і план реалізації", "Content and plan of work"),
            Words(
                "Чи ясні задум, аудиторія та шлях до результату, чи план можна виконати?",
                "Are the idea, the audience and the way to the result clear, and can the plan be carried out?",
            ),
            maximum="75",
        ),
        CriterionPreset(
            "costs",
            Words("Планування та прозорість витрат", "Planning and openness of costs"),
            _BUDGET_ASKED,
            maximum="25",
        ),
    ),
    engine=engine_keys(expert_total="points", combine="sum", pass_mark="201", min_experts=5, tie_criterion="content"),
    experts_per_application=5,
)

PRAG = Preset(
    code="prag",
    title=Words(
        "П’ять розділів за зразком грантів ЄС, 100 балів", "Five sections on the model of EU grants, 100 points"
    ),
    note=Words(
        "Середнє експертів; спроможність щонайменше 12 із 20, інакше заявка вибуває",
        "Mean of the experts; capacity at least 12 of 20, or the application drops out",
    ),
    criteria=(
        CriterionPreset(
            "capacity",
            Words("Фінансова та операційна спроможність", "Financial and operational capacity"),
            Words(
                "Чотири запитання по 1–5 балів: досвід, фахівці, управління, стійке фінансування",
                "Four questions of 1–5: experience, specialists, management, stable funding",
            ),
            minimum="4",
            maximum="20",
            pass_mark="12",
        ),
        CriterionPreset(
            "relevance",
            Words("Актуальність", "Relevance"),
            Words(
                "П’ять балів за кожне запитання: цілі конкурсу (подвійно), потреби, групи (подвійно)",
                "Five points a question: aims of the call (double), needs, groups (double)",
            ),
            minimum="5",
            maximum="25",
        ),
        CriterionPreset(
            "methodology",
            Words("Методологія", "Methodology"),
            Words(
                "Логіка заходів, ролі партнерів, здійсненність плану, показники",
                "Logic of the activities, roles of partners, feasibility of the plan, indicators",
            ),
            minimum="5",
            maximum="25",
        ),
        CriterionPreset(
            "sustainability",
            Words("Сталість", "Sustainability"),
            Words(
                "Вплив на групи, поширення досвіду, життя результатів після проєкту",
                "Effect on the groups, spreading of the experience, life of the results after the project",
            ),
            minimum="3",
            maximum="15",
        ),
        CriterionPreset("budget", Words("Кошторис", "Budget"), _BUDGET_ASKED, minimum="3", maximum="15"),
    ),
    engine=engine_keys(
        expert_total="points", combine="mean", pass_mark=None, min_experts=2, tie_criterion="relevance", rule="stop"
    ),
    experts_per_application=2,
)

HORIZON3 = Preset(
    code="horizon3",
    title=Words("Якість, вплив, реалізація: 0–5 з половинами", "Quality, impact, implementation: 0–5 with halves"),
    note=Words(
        "Середнє трьох експертів, кожен критерій щонайменше 3, разом щонайменше 10 із 15",
        "Mean of three experts, each criterion at least 3, together at least 10 of 15",
    ),
    criteria=(
        CriterionPreset(
            "quality",
            Words("Якість", "Quality"),
            Words(
                "Чи зрозумілі цілі, чи переконливий підхід?",
                "Are the goals clear and is the approach convincing?",
            ),
            maximum="5",
            step="0.5",
            pass_mark="3",
        ),
        CriterionPreset(
            "impact",
            Words("Вплив", "Impact"),
            Words(
                "Що зміниться для громади, і як це буде видно?",
                "What will change for the community, and how will it show?",
            ),
            maximum="5",
            step="0.5",
            pass_mark="3",
        ),
        CriterionPreset(
            "implementation",
            Words("Реалізація", "Implementation"),
            Words(
                "Чи відповідають план, команда й ресурси задуму?",
                "Do the plan, the team and the means fit the idea?",
            ),
            maximum="5",
            step="0.5",
            pass_mark="3",
        ),
    ),
    engine=engine_keys(
        expert_total="points", combine="mean", pass_mark="10", min_experts=2, tie_criterion="impact", rule="stop"
    ),
)

PRESETS: dict[str, Preset] = {
    preset.code: preset for preset in (MISTO_ZMISTIV, CMU1049, SUMY6, UCF2020, PRAG, HORIZON3)
}
