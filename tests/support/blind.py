"""A call that hides its applicants, with everything in the texts that could name them."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import Organisation, User
from grants_app.applications.models import Answer, Application, Attachment, BudgetRow
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.database import db, unit_of_work
from grants_app.reviews import services
from grants_app.reviews.queries import masking
from grants_app.reviews.services import masking as copies
from grants_app.reviews.services.statements import state_ties
from tests.support.panel import Panel, new_panel


def blind_panel(clock_: object, *, opened: bool = True, phases: tuple[str, ...] = ("scoring",)) -> Panel:
    """Two applications and three experts; opened: copies approved, the first two experts assigned, scoring open."""
    panel = new_panel(clock_)
    with unit_of_work():
        competition = db.session.get_one(Competition, panel.competition.id)
        # The rules are frozen from the announcement; a test writes past the guard of the settings.
        db.session.execute(sa.update(Competition).filter_by(id=competition.id).values(blind_phases=list(phases)))
        for number, bid in enumerate(panel.applications, start=1):
            _betray(db.session.get_one(Application, bid.id), number)
    db.session.expire_all()
    with unit_of_work():
        for bid in panel.applications:
            for expert in panel.experts[: panel.competition.experts_per_application]:
                services.assign(bid, expert, panel.secretary)
    if opened:
        for bid in panel.applications:
            approve_everything(bid, panel.secretary)
        with unit_of_work():
            services.open_review(panel.competition, panel.secretary)
    return panel


def approve_everything(application: Application, secretary: User) -> None:
    """Approve every copy as proposed."""
    seen = copies.fingerprint_of_all([row for row in masking.copy_rows(application) if not row.is_file])
    with unit_of_work():
        copies.approve_all(application, seen=seen, by=secretary)


def without_ties(panel: Panel, expert: User) -> None:
    """The expert says that there are no ties."""
    with unit_of_work():
        state_ties(panel.competition, frozenset(), expert)


def secrets_of(application: Application) -> list[str]:
    """Everything that names the applicant; none of it may reach an expert."""
    body = db.session.get_one(Organisation, application.organisation_id)
    number = body.edrpou[-3:]
    return [
        "Дзвінк", body.edrpou, body.head_name, body.contact_email, body.contact_phone, body.legal_address,
        "Вигадана Тренерка", "ОСББ «Вигадане»", f"статут-{number}", "Людинович", "Бухгалтер Таємний",
    ]  # fmt: skip


def _betray(application: Application, number: int) -> None:
    """Put the name, people, phone, e-mail, code and address into every kind of place."""
    body = db.session.get_one(Organisation, application.organisation_id)
    body.legal_address = f"м. Вигадане, вул. Січеславська, {number}"
    application.title = f"Школа медіаторів «Дзвінкий двір {number}»"
    answers = {one.question: one for one in application.answers}
    answers["goal"].value = f"Двадцять дворів розв’язують спори разом із «Дзвінкий двір {number}»."
    answers["rationale"].value = (
        "За рік 1 240 звернень. Пишіть " + body.contact_email + f", тел. {body.contact_phone}, ЄДРПОУ {body.edrpou},"
        f" {body.legal_address}. Керує {body.head_name}."
    )
    for question, value in (
        ("summary", f"Громадська організація «Дзвінкий двір {number}» навчає."),
        ("contact_name", "Потайна Людинович"),
        ("capacity", "Облік веде Бухгалтер Таємний, Вигадана Тренерка навчає."),
        ("governing_people", [{"name": "Бухгалтер Таємний", "office": "скарбник"}]),
    ):
        application.answers.append(Answer(question=question, value=value, updated_at=clock.now()))
    application.budget_rows.append(
        BudgetRow(
            position=1, category="services", item="Послуги ГО «Дзвінкий двір»", qty_milli=1_000, price_kop=4_000_000,
            total_kop=4_000_000, city_kop=4_000_000, least_kop=0, justification=f"Рахунок від {body.head_name}",
        )
    )  # fmt: skip
    application.attachments.append(
        Attachment(
            code=f"FILE{number}", kind="statute", file_name=f"статут-{body.edrpou[-3:]}.pdf", uploaded_at=clock.now(),
            media_type="application/pdf", size=10, sha256="0" * 64,
        )
    )  # fmt: skip
