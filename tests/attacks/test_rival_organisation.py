"""A rival at every address of another organisation: reads nothing of it, changes nothing of it."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa
from flask import Flask, current_app

from grants_app.accounts import services
from grants_app.accounts.models import (
    GoverningPerson,
    Invitation,
    JoinRequest,
    Membership,
    Organisation,
    OrganisationDocument,
    User,
)
from grants_app.accounts.services.library import DocumentFacts
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from grants_app.web.files import storage_of
from tests.attacks.addresses import rules
from tests.support.applications import PDF, new_head, organisation_of
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

CANARY = "канарка"
IBAN = "UA213223130000026007233566001"
TABLES = (Organisation, Membership, GoverningPerson, JoinRequest, OrganisationDocument, Invitation)
STRANGERS = (Role.NGO_HEAD, Role.NGO_ACCOUNTANT, Role.EXPERT, Role.COMMISSION_MEMBER, Role.CHAIR, None)
# What each office may not read of an organisation, though its page is open to it.
CLOSED_TO = {
    Role.ORGANIZER: ("governing", "documents"),
    Role.ADMIN: ("governing", "documents"),
    Role.SECRETARY: ("documents",),
    Role.AUDITOR: ("documents",),
}


def victim() -> tuple[User, Organisation]:
    """An organisation with something of everything that is nobody else's business."""
    head, asker = new_head(), new_person()
    organisation = organisation_of(head)
    stored = storage_of(current_app).put(io.BytesIO(PDF), limit=1_000)
    with unit_of_work():
        found = db.session.get_one(Organisation, organisation.id)
        found.iban, found.contact_phone = IBAN, "+380000000001"
        found.governing.append(GoverningPerson(full_name=f"Пані {CANARY}", office="засновниця"))
        facts = DocumentFacts("statute", f"Статут {CANARY}", None, "статут.pdf", "application/pdf")
        services.library.add_document(found, facts, stored, by=head)
    with unit_of_work():
        services.ask_to_join(organisation.edrpou, Role.NGO_MEMBER, f"Просить {CANARY}", by=asker)
    with unit_of_work():
        services.invite_colleague(organisation, "kanarka@example.org", Role.NGO_MEMBER, by=head)
    return head, organisation


def _addresses(app: Flask, method: str, organisation: Organisation, head: User) -> list[str]:
    document = db.session.scalars(sa.select(OrganisationDocument.code)).one()
    request = db.session.scalars(sa.select(JoinRequest.code)).one()
    invitation = db.session.scalars(sa.select(Invitation.id)).one()
    found = []
    for rule in rules(app, method):
        if "<string:edrpou>" not in rule.rule:
            continue
        for code in (document, request):
            for number in (head.id, invitation):
                values = {
                    "edrpou": organisation.edrpou,
                    "code": code,
                    "number": number,
                    "answer": "take",
                    "suffix": "csv",
                }
                built = rule.build({name: values[name] for name in rule.arguments})
                found += [built[1]] if built is not None else []
    return sorted(set(found))


def _everything() -> list[str]:
    db.session.rollback()
    db.session.expire_all()
    rows = (db.session.execute(sa.select(table.__table__).order_by(table.id)) for table in TABLES)
    return [str(tuple(row)) for found in rows for row in found]


@pytest.mark.sqlite_only
def test_rival_reads_and_changes_nothing_of_another_organisation(app: Flask, clock: FrozenClock) -> None:
    head, organisation = victim()
    rivals = [new_person(role) if role else None for role in STRANGERS]
    before, found = _everything(), []
    form = {"email": "rival@example.org", "role": "ngo_member", "reason": "Досить", "iban": IBAN, "kind": "statute"}
    for rival in rivals:
        client = visit_as(app, rival)
        for address in _addresses(app, "GET", organisation, head):
            answer = client.get(address)
            found += [f"GET {address}"] if answer.status_code == 200 or CANARY.encode() in answer.data else []
        for address in _addresses(app, "POST", organisation, head):
            data = {**form, "file": (io.BytesIO(PDF), "чуже.pdf")}
            answer = client.post(address, data=data, content_type="multipart/form-data")
            found += [f"POST {address}: {answer.status_code}"] if answer.status_code not in {401, 403, 404} else []
    assert found == []
    assert _everything() == before


@pytest.mark.sqlite_only
def test_offices_read_of_an_organisation_what_is_theirs_and_change_nothing(app: Flask, clock: FrozenClock) -> None:
    head, organisation = victim()
    read, before = {}, _everything()
    for role, closed in CLOSED_TO.items():
        client = visit_as(app, new_person(role))
        for page in closed:
            answer = client.get(f"/accounts/organisation/{organisation.edrpou}/{page}")
            read[role, page] = (answer.status_code in {403, 404}, CANARY.encode() in answer.data)
        pages = [client.get(address) for address in _addresses(app, "GET", organisation, head)]
        read[role, "iban"] = (True, any(IBAN.encode() in page.data for page in pages))
    assert set(read.values()) == {(True, False)}, read
    assert _everything() == before
