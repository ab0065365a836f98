"""Parts of a profile with readers of their own: governing people, the bank account, the entry of the directory."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from grants_app.accounts.models import GoverningPerson, Organisation, User
from grants_app.accounts.policy import why_not_edit_organisation
from grants_app.accounts.policy.organisations import why_not_delist, why_not_keep_account, why_not_list
from grants_app.accounts.queries.account import is_account_asked
from grants_app.accounts.rules.profile import MOST_GOVERNING, Governing
from grants_app.core import clock, words
from grants_app.core.errors import EditConflict, InvalidInput, NotAllowed, WrongState
from grants_app.core.identifiers import is_iban
from grants_app.database import db, lock
from grants_app.journal.services import record


def set_governing(organisation: Organisation, people: Sequence[Governing], *, version: int, by: User) -> None:
    """Founders, members of governing bodies, ultimate beneficiaries: the whole list anew; the journal has no names.

    Raises NotAllowed, EditConflict when somebody saved meanwhile, InvalidInput: too many, or one twice.
    """
    refusal = why_not_edit_organisation(by, organisation)
    if refusal is not None:
        raise NotAllowed(refusal)
    if len(people) > MOST_GOVERNING:
        raise InvalidInput("At most %(limit)s people are kept here", field="people", facts={"limit": MOST_GOVERNING})
    keys = [(words.search_form(one.full_name), words.search_form(one.office)) for one in people]
    if len(set(keys)) < len(keys):
        raise InvalidInput("One person is listed twice with the same office", field="people")
    stored = _locked(organisation)
    if stored.version != version:
        raise EditConflict("Somebody else saved the profile while you were writing. Compare and save again")
    present = [Governing(one.full_name, one.office) for one in stored.governing]
    if present == list(people):
        return
    stored.governing = [GoverningPerson(full_name=one.full_name, office=one.office) for one in people]
    flag_modified(stored, "name")  # rows of another table do not move the version by themselves
    record(thing="organisation", code=stored.edrpou, step="governing", by=by, facts={"count": len(people)})


def set_account(organisation: Organisation, iban: str, *, by: User) -> None:
    """The account to which a contract pays. Raises NotAllowed while no contract asks, InvalidInput (iban)."""
    refusal = why_not_keep_account(by, organisation, is_asked=is_account_asked(organisation.id))
    if refusal is not None:
        raise NotAllowed(refusal)
    if not is_iban(iban):
        raise InvalidInput("Check the account: UA and 27 digits, the control digits must agree", field="iban")
    stored = _locked(organisation)
    if stored.iban != iban:
        stored.iban = iban
        record(thing="organisation", code=stored.edrpou, step="account", by=by)


def agree_to_directory(organisation: Organisation, *, by: User) -> None:
    """The head lets the organisation be shown in the public directory, from now on.

    Raises NotAllowed, InvalidInput where there is too little to show, WrongState when it is shown already.
    """
    refusal = why_not_list(by, organisation)
    if refusal is not None:
        raise NotAllowed(refusal)
    stored = _locked(organisation)
    if stored.is_listed:
        raise WrongState("The organisation is in the directory already")
    if not stored.fields or not stored.about.strip():
        raise InvalidInput("Write about the organisation and choose fields of activity in the profile first")
    stored.is_listed, stored.listed_at = True, clock.now()
    record(thing="organisation", code=stored.edrpou, step="list", by=by)


def leave_directory(organisation: Organisation, *, by: User, reason: str = "") -> None:
    """The organisation is no longer shown. The city gives a reason; the head need not.

    Raises NotAllowed, InvalidInput (reason), WrongState when it is not shown.
    """
    refusal = why_not_delist(by, organisation)
    if refusal is not None:
        raise NotAllowed(refusal)
    if why_not_list(by, organisation) is not None and not reason.strip():
        raise InvalidInput("Give the reason: it is recorded", field="reason")
    stored = _locked(organisation)
    if not stored.is_listed:
        raise WrongState("The organisation is not in the directory")
    stored.is_listed, stored.listed_at = False, None
    record(thing="organisation", code=stored.edrpou, step="delist", by=by, reason=reason.strip() or None)


def _locked(organisation: Organisation) -> Organisation:
    return db.session.scalars(lock(sa.select(Organisation).filter_by(id=organisation.id))).one()
