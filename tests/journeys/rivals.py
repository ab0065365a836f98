"""Other organisations of the competition; their applications come through the services."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.applications import services
from grants_app.competitions.models import Competition
from grants_app.database import db, unit_of_work
from tests.journeys.organizer import CODE
from tests.support.applications import complete_budget, draft_application, new_head

STRONG, TIGHT, REJECTED = "Річкова варта", "Соняшна стежка", "Фестиваль без статуту"
LARGE = "Великий театр двору"
TITLES = (STRONG, TIGHT, REJECTED, LARGE)


def apply() -> dict[str, str]:
    """Three small projects and a large one; their codes by title."""
    db.session.rollback()
    competition = db.session.scalars(sa.select(Competition).filter_by(code=CODE)).one()
    codes = {}
    for title in TITLES:
        lot, city_kop, least_kop = (1, 8_000_000, 6_000_000) if title == LARGE else (0, 4_000_000, 2_000_000)
        head = new_head()
        application = draft_application(
            competition,
            head,
            title=title,
            lot=competition.lots[lot].code,
            priority=competition.priorities[0].code,
        )
        with unit_of_work():
            services.save_budget(application, complete_budget(city_kop, city_kop // 2), head, smallest_kop=least_kop)
        with unit_of_work():
            services.submit_application(application, head)
        codes[title] = str(application.code)
    db.session.rollback()
    return codes
