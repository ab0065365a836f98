"""Profiles of experts: workplace, fields, whether they can be asked now."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound
from grants_app.core.identifiers import is_edrpou
from grants_app.database import db, lock
from grants_app.journal.services import record
from grants_app.permissions import Permission, Role
from grants_app.reviews.models import ExpertProfile


def begin_profile(email: str, by: User) -> ExpertProfile:
    """An empty profile for an expert who has none; the existing one where there is one."""
    person = _expert(email, by)
    profile = db.session.scalar(lock(sa.select(ExpertProfile).filter_by(user_id=person.id)))
    if profile is None:
        profile = ExpertProfile(user_id=person.id, fields_known=[])
        db.session.add(profile)
        db.session.flush()
        record(thing="expert", code=profile.code, step="begin_profile", by=by)
    return profile


def save_profile(
    email: str, *, workplace: str, workplace_edrpou: str, fields_known: list[str], is_available: bool, by: User
) -> ExpertProfile:
    """Write what the assignment needs to know about an expert; the profile is made when there is none.

    Raises NotFound when nobody with the role of an expert has this address, InvalidInput for a wrong ЄДРПОУ code.
    """
    if workplace_edrpou and not is_edrpou(workplace_edrpou):
        raise InvalidInput("Check the ЄДРПОУ code: the check digit does not agree", field="workplace_edrpou")
    profile = begin_profile(email, by)
    profile.workplace = workplace
    profile.workplace_edrpou = workplace_edrpou
    profile.fields_known = list(fields_known)
    profile.is_available = is_available
    record(thing="expert", code=profile.code, step="save_profile", by=by)
    return profile


def _expert(email: str, by: User) -> User:
    if not by.can(Permission.REVIEW_ASSIGN):
        raise NotAllowed("Only the secretary keeps the pool of experts")
    person = db.session.scalar(sa.select(User).filter_by(email=email))
    if person is None or Role.EXPERT not in person.roles:
        raise NotFound()
    return person
