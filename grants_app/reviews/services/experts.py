"""Profiles of experts: workplace, fields, ties, when and how much they can be asked. The person and the secretary write
the same profile."""

from __future__ import annotations

from dataclasses import fields

import sqlalchemy as sa
from stdnum import iban as _iban

from grants_app.accounts.models import User
from grants_app.core import words
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, ManyErrors, NotAllowed, NotFound
from grants_app.core.identifiers import is_edrpou
from grants_app.database import db, lock
from grants_app.journal.services import record
from grants_app.permissions import Permission, Role
from grants_app.reviews.models import ExpertProfile
from grants_app.reviews.rules.experts import LANGUAGES, MOST_APPLICATIONS, MOST_ORGANISATIONS, TIES, ProfileFacts

WRONG_EDRPOU = "Check the EDRPOU code: the check digit does not agree"


def begin_profile(email: str, by: User) -> ExpertProfile:
    """An empty profile for an expert who has none; the existing one where there is one.

    Raises NotAllowed for anybody but the person and the secretary, NotFound when the address is no expert's.
    """
    person = _expert(email, by)
    profile = db.session.scalar(lock(sa.select(ExpertProfile).filter_by(user_id=person.id)))
    if profile is None:
        profile = ExpertProfile(user_id=person.id, fields_known=[], languages=[], organisations=[])
        db.session.add(profile)
        db.session.flush()
        record(thing="expert", code=profile.code, step="begin_profile", by=by)
    return profile


def save_profile(email: str, facts: ProfileFacts, *, by: User, version: int | None = None) -> ExpertProfile:
    """Write a whole profile; it is made when there is none. `version` is what the writer saw (None: does not matter).

    Raises NotAllowed, NotFound, ManyErrors with everything that cannot be so, EditConflict when the other of the two
    has saved meanwhile.
    """
    faults = profile_faults(facts)
    if faults:
        raise ManyErrors(faults) if len(faults) > 1 else faults[0]
    person = _expert(email, by)
    seen = db.session.scalar(lock(sa.select(ExpertProfile).filter_by(user_id=person.id)))
    if version is not None and version != (0 if seen is None else seen.version):
        raise EditConflict("Somebody else saved the profile while you were writing. Compare and save again")
    profile = begin_profile(email, by)
    changed = []
    for name, value in _stored(facts).items():
        if getattr(profile, name) != value:
            setattr(profile, name, value)
            changed.append(name)
    if changed:
        db.session.flush()
        # Names of what changed, never the values: an address has no place in the chain.
        record(thing="expert", code=profile.code, step="save_profile", by=by, facts={"changed": changed})
    return profile


def profile_faults(facts: ProfileFacts) -> list[DomainError]:
    """What in the profile cannot be so, each at its field."""
    found: list[DomainError] = []
    if facts.workplace_edrpou and not is_edrpou(facts.workplace_edrpou):
        found.append(InvalidInput(WRONG_EDRPOU, field="workplace_edrpou"))
    if facts.away_from and facts.away_until and facts.away_from > facts.away_until:
        found.append(InvalidInput("The last day away must not come before the first", field="away_until"))
    if facts.most_applications is not None and not 1 <= facts.most_applications <= MOST_APPLICATIONS:
        message = "Enter a number from 1 to %(most)s, or leave the field empty"
        found.append(InvalidInput(message, field="most_applications", facts={"most": MOST_APPLICATIONS}))
    if set(facts.languages) - set(LANGUAGES):
        found.append(InvalidInput("Choose languages from the list", field="languages"))
    if facts.iban and not _is_iban(facts.iban):
        message = "Check the IBAN: two letters of the country, then digits; the check digits must agree"
        found.append(InvalidInput(message, field="iban"))
    return [*found, *_organisation_faults(facts.organisations)]


def _organisation_faults(rows: list[dict[str, str]]) -> list[DomainError]:
    if len(rows) > MOST_ORGANISATIONS:
        return [InvalidInput("Name at most %(most)s organisations", field="organisations", facts={"most": 30})]
    found: list[DomainError] = []
    for row in rows:
        if row["edrpou"] and not is_edrpou(row["edrpou"]):
            found.append(InvalidInput(WRONG_EDRPOU, field="organisations"))
        if row["role"] not in TIES:
            found.append(InvalidInput("Choose what ties you with the organisation", field="organisations"))
    return found


def _stored(facts: ProfileFacts) -> dict[str, object]:
    values = {field.name: getattr(facts, field.name) for field in fields(facts)}
    values["iban"] = _iban.compact(facts.iban) if facts.iban else ""
    values["workplace"], values["address"] = words.one_line(facts.workplace), words.one_line(facts.address)
    values["fields_known"], values["languages"] = sorted(facts.fields_known), sorted(facts.languages)
    values["organisations"] = [dict(row) for row in facts.organisations]
    return values


def _is_iban(text: str) -> bool:
    return bool(_iban.is_valid(text, check_country=False)) and len(_iban.compact(text)) <= 34


def _expert(email: str, by: User) -> User:
    if not by.can(Permission.REVIEW_ASSIGN) and by.email != email:
        raise NotAllowed("Only the secretary keeps the pool of experts")
    person = db.session.scalar(sa.select(User).filter_by(email=email))
    if person is None or Role.EXPERT not in person.roles:
        raise NotFound()
    return person
