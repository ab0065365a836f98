"""What the radar is given: applications of unsealed competitions as plain facts, and payments other stages tell of."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import GoverningPerson, Membership, Organisation, User
from grants_app.applications import rules
from grants_app.applications.models import Answer, Application, BudgetRow
from grants_app.applications.queries.content import asked_answers, form_for, is_closed_to_desks
from grants_app.applications.rules.likeness import words_of
from grants_app.applications.rules.radar import Cost, Payment, Subject
from grants_app.competitions.models import Competition
from grants_app.database import db
from grants_app.journal.models import Job
from grants_app.lifecycle import ApplicationState

KIND = "applications.radar"  # of its jobs
YEARS_BACK = 3  # how many years of earlier competitions are looked at
_OUT = (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)


@dataclass(frozen=True)
class PaymentSource:
    """Where a later stage tells what it pays for organisations; it also says who may read one of its things."""

    thing: str
    label: str  # msgid
    of: Callable[[Collection[str]], Iterable[Payment]]  # by codes of organisations
    may_read: Callable[[User, str], bool]


payment_sources: dict[str, PaymentSource] = {}


def last_look(competition: Competition) -> Job | None:
    """The last job of the radar for a competition."""
    query = sa.select(Job).filter_by(
        kind=KIND, arguments=json.dumps({"competition": competition.code}, ensure_ascii=False)
    )
    return db.session.scalar(query.order_by(Job.id.desc()).limit(1))


def looked_at(competition: Competition) -> datetime | None:
    """When the last look began, if it is finished and none is under way: what was written later it did not see."""
    job = last_look(competition)
    begun = json.loads(job.result or "{}").get("begun") if job is not None and job.status == "done" else None
    return datetime.fromisoformat(begun) if begun else None


def compared_competitions(competition: Competition) -> list[Competition]:
    """The competition itself, then others of its year and of the years before, those that are no longer sealed."""
    query = (
        sa.select(Competition)
        .where(
            Competition.id != competition.id,
            Competition.year.between(competition.year - YEARS_BACK, competition.year),
            Competition.announced_at.is_not(None),
        )
        .order_by(Competition.year.desc(), Competition.id)
    )
    return [competition, *(one for one in db.session.scalars(query) if not is_closed_to_desks(one))]


def subjects_of(competition: Competition) -> list[Subject]:
    """Applications of a competition as the radar compares them; drafts and withdrawn ones are left away."""
    applications = list(
        db.session.scalars(
            sa.select(Application)
            .where(Application.competition_id == competition.id, Application.state.not_in(_OUT))
            .options(joinedload(Application.organisation), joinedload(Application.competition))
            .order_by(Application.code)
        )
    )
    ids = [one.id for one in applications]
    costs, answers = _costs(ids), _answers(ids)
    links = _links({one.organisation_id for one in applications if one.organisation_id is not None})
    forms: dict[int | None, rules.Form] = {}
    found = []
    for one in applications:
        if one.form_version not in forms:
            forms[one.form_version] = form_for(one)
        # What stands behind a hidden question is compared with nothing: its text would be the evidence.
        form, given = forms[one.form_version], asked_answers(forms[one.form_version], answers[one.id])
        texts = ((label, _text(given.get(code))) for code, label in _compared_questions(form).items())
        found.append(
            Subject(
                code=one.code or one.key,
                competition=competition.code,
                edrpou=one.organisation.edrpou if one.organisation else "",
                title=one.title,
                costs=tuple(costs[one.id]),
                texts=tuple((label, text) for label, text in texts if text),
                links=frozenset(links.get(one.organisation_id or 0, set()) | _own_links(given)),
            )
        )
    return found


def payments_by_organisation(edrpou_codes: Collection[str]) -> dict[str, list[Payment]]:
    """What other stages pay for these organisations."""
    found: dict[str, list[Payment]] = defaultdict(list)
    for source in payment_sources.values():
        for payment in source.of(edrpou_codes):
            found[payment.edrpou].append(payment)
    return found


def _compared_questions(form: rules.Form) -> dict[str, str]:
    """Questions about the project itself: what an organisation says of itself may repeat from year to year."""
    return {
        question.code: question.label
        for section in form.sections
        if section.group == "project"
        for question in section.questions
        if question.kind in {"long", "rows"}
    }


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return ""
    rows = (cell for row in value if isinstance(row, dict) for cell in row.values())
    return "\n".join(cell for cell in rows if isinstance(cell, str) and cell)


def _costs(ids: list[int]) -> dict[int, list[Cost]]:
    query = (
        sa.select(BudgetRow)
        .where(BudgetRow.application_id.in_(ids), BudgetRow.city_kop > 0, BudgetRow.is_gone.is_(False))
        .order_by(BudgetRow.application_id, BudgetRow.position)
    )
    found: dict[int, list[Cost]] = defaultdict(list)
    for row in db.session.scalars(query):
        found[row.application_id].append(Cost(row.item, row.price_kop, row.total_kop))
    return found


def _answers(ids: list[int]) -> dict[int, dict[str, Any]]:
    query = sa.select(Answer.application_id, Answer.question, Answer.value).where(Answer.application_id.in_(ids))
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in db.session.execute(query):
        found[row.application_id][row.question] = row.value
    return found


def _links(organisation_ids: set[int]) -> dict[int, set[tuple[str, str]]]:
    """What connects each organisation with others: itself, accounts, people, phone, bank account."""
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for body in db.session.scalars(sa.select(Organisation).where(Organisation.id.in_(organisation_ids))):
        found[body.id].add(("organisation", body.edrpou))
        found[body.id].update(_contact("phone", body.contact_phone))
        found[body.id].update(_contact("iban", body.iban or ""))
        found[body.id].update(_person(body.head_name))
    accounts = (
        sa.select(Membership.organisation_id, User.email)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organisation_id.in_(organisation_ids), Membership.ended_at.is_(None))
    )
    for organisation_id, email in db.session.execute(accounts):
        found[organisation_id].add(("account", email))
    people = sa.select(GoverningPerson.organisation_id, GoverningPerson.full_name).where(
        GoverningPerson.organisation_id.in_(organisation_ids)
    )
    for organisation_id, name in db.session.execute(people):
        found[organisation_id].update(_person(name))
    return found


def _own_links(answers: dict[str, Any]) -> set[tuple[str, str]]:
    """What the application itself says of phone and governing bodies."""
    rows = answers.get("governing_people")
    names = [str(row.get("name") or "") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    phone = _contact("phone", str(answers.get("contact_phone") or ""))
    return {*phone, *(link for name in names for link in _person(name))}


def _contact(kind: str, value: str) -> Iterator[tuple[str, str]]:
    if value.strip():
        yield kind, "".join(value.split())


def _person(name: str) -> Iterator[tuple[str, str]]:
    """A full name of at least two words, whatever their order: initials alone connect nobody."""
    words = [word for word in words_of(name) if len(word) > 1]
    if len(words) > 1:
        yield "person", " ".join(sorted(words)).title()
