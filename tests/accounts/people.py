"""People and organisations for tests of accounts, made through the services."""

from __future__ import annotations

import re
import secrets
from datetime import date

import sqlalchemy as sa
from flask.testing import FlaskClient

from grants_app.accounts import services
from grants_app.accounts.models import Organisation, User
from grants_app.accounts.rules import NewPerson, OrganisationFacts
from grants_app.database import db, unit_of_work
from grants_app.journal.jobs import do_job, queued_jobs
from grants_app.journal.models import JournalEntry, Notice
from grants_app.permissions import Role

PASSWORD = "корова їсть суху траву"
EDRPOU = "12345678"
OTHER_EDRPOU = "20602681"


def facts(edrpou: str = EDRPOU, **changes: object) -> OrganisationFacts:
    """A plainly fictional organisation."""
    values: dict[str, object] = {
        "edrpou": edrpou,
        "name": "Громадська організація «Вигадана»",
        "short_name": "ГО «Вигадана»",
        "registered_on": date(2019, 4, 2),
        "head_name": "Вигадана Олена Тестівна",
        "legal_address": "м. Тестове, вул. Перша, 1",
    } | changes
    return OrganisationFacts(**values)  # type: ignore[arg-type]


def person(email: str, *roles: Role, name: str = "Тестова Людина", password: str = PASSWORD) -> User:
    """An account with granted roles."""
    hashed = services.hashed(password)
    with unit_of_work():
        return services.create_user(email, name, password=hashed, roles=roles)


def head(email: str = "head@example.org", edrpou: str = EDRPOU) -> tuple[User, Organisation]:
    """A confirmed head with an organisation."""
    newcomer = NewPerson(email, "Голова Вигаданої", services.hashed(PASSWORD))
    with unit_of_work():
        organisation = services.register_organisation(newcomer, facts(edrpou), confirmed=True)
    return organisation.memberships[0].user, organisation


def enter(client: FlaskClient, user: User) -> None:
    """Begin the person's session without the sign-in page."""
    identity = user.fs_uniquifier
    with client.session_transaction() as session:
        session.clear()
        session["_user_id"] = identity
        session["_fresh"] = True


def key() -> dict[str, str]:
    """A fresh idempotency key, as a rendered form carries."""
    return {"form_key": secrets.token_urlsafe(8)}


def link_in_last_letter(email: str) -> str:
    """The path of the link in the newest letter to an address."""
    notice = db.session.scalars(sa.select(Notice).filter_by(email=email).order_by(Notice.id.desc())).first()
    assert notice is not None
    found = re.search(r"https?://[^/\s]+(/\S+)", notice.body)
    assert found is not None
    return found.group(1)


def letters_to(email: str) -> list[str]:
    """Names of the letters to an address, oldest first."""
    return list(db.session.scalars(sa.select(Notice.template).filter_by(email=email).order_by(Notice.id)))


def do_jobs() -> None:
    """Do what waits for a worker; letters stay in the outbox, with their links."""
    for code in queued_jobs():
        do_job(code)


def steps_of(thing: str, code: str) -> list[str]:
    """What the journal says of a thing."""
    query = sa.select(JournalEntry.step).filter_by(thing=thing, thing_code=code).order_by(JournalEntry.seq)
    return list(db.session.scalars(query))
