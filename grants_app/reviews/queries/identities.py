"""What our data knows of who applies: everything that a text may give away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from grants_app.accounts.models import Membership, Organisation
from grants_app.applications.models import Answer, Application
from grants_app.database import db
from grants_app.reviews.rules import masking

_PEOPLE = ("team", "governing_people")
_CONTACTS = ("contact_phone", "contact_email")
_QUESTIONS = (*_PEOPLE, *_CONTACTS, "contact_name", "partners")


def identity_of(application: Application) -> masking.Identity:
    """The identity of one applicant."""
    return identities_of([application])[application.id]


def identities_of(applications: Sequence[Application]) -> dict[int, masking.Identity]:
    """By application's id: profile of the organisation, its people, people named in the application."""
    answers: dict[int, dict[str, Any]] = defaultdict(dict)
    query = sa.select(Answer.application_id, Answer.question, Answer.value).filter(
        Answer.application_id.in_([one.id for one in applications]), Answer.question.in_(_QUESTIONS)
    )
    for row in db.session.execute(query):
        answers[row.application_id][row.question] = row.value
    bodies = _organisations({one.organisation_id for one in applications if one.organisation_id is not None})
    return {one.id: _identity(answers[one.id], bodies.get(one.organisation_id or 0)) for one in applications}


def _identity(answers: dict[str, Any], body: Organisation | None) -> masking.Identity:
    people = [name for question in _PEOPLE for name in masking.identity_names(answers, question)]
    people.append(str(answers.get("contact_name") or ""))
    contacts = [str(answers.get(one) or "") for one in _CONTACTS]
    partners = _filled(masking.identity_names(answers, "partners"))
    if body is None:
        return masking.Identity(people=_filled(people), partners=partners)
    people += [body.head_name, *(one.user.full_name for one in body.memberships)]
    return masking.Identity(
        organisations=_filled((body.name, body.short_name)),
        people=_filled(people),
        partners=partners,
        codes=_filled((body.edrpou,)),
        addresses=_filled((body.legal_address, body.actual_address)),
        contacts=_filled((*contacts, body.contact_email, body.contact_phone, body.website)),
    )


def _organisations(ids: set[int]) -> dict[int, Organisation]:
    query = sa.select(Organisation).options(selectinload(Organisation.memberships).options(joinedload(Membership.user)))
    return {one.id: one for one in db.session.scalars(query.filter(Organisation.id.in_(ids)))}


def _filled(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))
