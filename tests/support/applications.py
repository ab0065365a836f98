"""Applications for tests, written and sent through the services."""

from __future__ import annotations

import io
import re
from html import unescape
from pathlib import Path
from typing import Any

from flask import current_app

from grants_app.accounts.models import Organisation, User
from grants_app.applications import rules, services
from grants_app.applications.models import Application
from grants_app.applications.rules import Line
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.storage import LocalStorage
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from tests.support.visitors import new_person

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def complete_answers(**changes: Any) -> dict[str, Any]:
    """Answers with which nothing is missing in the call of tests.support.calls."""
    answers: dict[str, Any] = {
        "contact_name": "Олена Тестова",
        "contact_phone": "+380000000000",
        "contact_email": "ngo@example.org",
        "capacity": "Є приміщення й команда.",
        "governing_people": [{"name": "Олена Тестова", "office": "голова"}],
        "title": "Школа дворових медіаторів",
        "lot": "small",
        "priority": "culture",
        "summary": "Навчимо підлітків мирити сусідів.",
        "start_on": "2027-06-01",
        "end_on": "2027-11-30",
        "location": "Мікрорайон Вишенька",
        "rationale": "У дворах бракує розмови.",
        "goal": "Менше сварок.",
        "target_groups": [{"group": "Підлітки", "direct": 60, "indirect": 300}],
        "tasks": [{"task": "Провести навчання"}],
        "activities": [
            {
                "what": "Зустріч",
                "start_on": "2027-06-10",
                "end_on": "2027-06-12",
                "place": "Школа",
                "responsible": "Олена",
                "evidence": "Фото",
            }
        ],
        "indicators": [
            {
                "kind": "product",
                "indicator": "Зустрічей",
                "unit": "шт.",
                "baseline": 0,
                "target": 12,
                "verified": "списки",
            }
        ],
        "team": [{"name": "Олена Тестова", "role": "координаторка", "experience": ""}],
        "strategy_link": "Ціль 2",
        "communication": "Сторінка в мережі",
        "sustainability": "Клуб працюватиме далі",
        "risks": [{"risk": "Погода", "mitigation": "Зала"}],
        "other_public_funding": "no",
    }
    return {**answers, **changes}


def declarations() -> dict[str, bool]:
    """Everything the head declares."""
    return {question.code: True for question in rules.STANDARD.declarations}


def complete_budget(city_kop: int = 3_000_000, own_kop: int = 1_000_000) -> list[Line]:
    """Two lines: the city's and the own one; by default the own share is exactly 25 per cent."""
    return [
        Line("services", "Тренерки", 1_000, city_kop, unit="послуга", city_kop=city_kop),
        Line("materials", "Папір", 1_000, own_kop, unit="набір", own_cash_kop=own_kop),
    ]


def attach_decision(application: Application, by: User) -> None:
    """The one paper that the form demands."""
    storage = LocalStorage(Path(current_app.config["STORAGE_PATH"]))
    stored = storage.put(io.BytesIO(PDF), limit=1_000)
    with unit_of_work():
        services.add_attachment(application, "decision", "рішення.pdf", "application/pdf", stored, by=by)


def new_head(organisation: Organisation | None = None) -> User:
    """The head of an organisation, a new one unless given."""
    return new_person(Role.NGO_HEAD, organisation=organisation)


def organisation_of(head: User) -> Organisation:
    """The organisation that a person of one organisation works for."""
    return head.memberships[0].organisation


def draft_application(competition: Competition, head: User, **changes: Any) -> Application:
    """A draft with which nothing is missing; `changes` replace answers. The clock stands inside the intake."""
    with unit_of_work():
        application = services.start_application(competition, organisation_of(head), head)
    with unit_of_work():
        services.save_answers(application, {**complete_answers(**changes), **declarations()}, None, head)
        services.save_budget(application, complete_budget(), head)
    attach_decision(application, head)
    return application


def submitted_application(competition: Competition, head: User | None = None, **changes: Any) -> Application:
    """The same, sent."""
    head = head or new_head()
    application = draft_application(competition, head, **changes)
    with unit_of_work():
        services.submit_application(application, head)
    return application


def close(competition: Competition) -> int:
    """Stand the clock at the end of the intake and close it; returns how many were numbered."""
    until = competition.intake_until
    assert until is not None
    clock.freeze(until)
    with unit_of_work():
        return services.close_intake(competition)


def checked_application(competition: Competition, application: Application, secretary: User) -> None:
    """Every requirement met; the competition stands in the formal check."""
    with unit_of_work():
        for requirement in rules.STANDARD.requirements:
            services.check_requirement(application, requirement.code, "meets", by=secretary)


def admitted_application(application: Application, secretary: User) -> Application:
    """A closed competition's application, checked and admitted."""
    checked_application(application.competition, application, secretary)
    with unit_of_work():
        services.admit(application, by=secretary)
    db.session.rollback()
    return application


def version_of(page: str) -> str:
    """The hidden field `version` of a page of the form: what its reader was reading."""
    found = re.search(r'name="version"[^>]*value="([^"]*)"', page)
    assert found is not None
    return unescape(found[1])
