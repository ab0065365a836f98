"""Programmes, the catalogue and the accreditation of consultants."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.budget.models import BudgetLine
from grants_app.core import clock, identifiers
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db
from grants_app.journal.services import Actor, advance, record
from grants_app.lifecycle import ProgrammeState
from grants_app.permissions import Permission
from grants_app.vouchers.models import CatalogueService, Consultant, ProgrammeService, VoucherProgramme
from grants_app.vouchers.services.letters import tell_consultant, tell_holders

SEED = Path(__file__).resolve().parents[1] / "seed" / "catalogue.json"


def seed_catalogue() -> int:
    """Add the services of the shipped catalogue that are not there yet; the number added."""
    known = set(db.session.scalars(sa.select(CatalogueService.code)))
    added = 0
    for row in json.loads(SEED.read_text(encoding="utf-8"))["services"]:
        if row["code"] not in known:
            fields = {name: row[name] for name in ("code", "title_uk", "title_en", "kind", "minimum_consultants")}
            db.session.add(CatalogueService(**fields))
            added += 1
    db.session.flush()
    return added


def create_programme(
    *,
    code: str,
    title: str,
    year: int,
    donor: str,
    line: BudgetLine,
    face_kop: int,
    compensated_bp: int,
    ends_on: date,
    by: Actor,
    validity_days: int = 183,
    booking_days: int = 30,
    live_per_organisation: int = 1,
    yearly_per_organisation: int = 2,
    payee: str = "to_consultant",
) -> VoucherProgramme:
    """Open a programme in draft. Its money is grant money: a line of the city budget is refused (plan item 1.1.6).

    Raises InvalidInput with the field.
    """
    if not by.can(Permission.VOUCHER_PROGRAMME_EDIT):
        raise NotAllowed("Your role does not allow this step")
    if line.source != "grant":
        raise InvalidInput("Vouchers are paid from grant money: choose a line that is not the city’s", field="line")
    if face_kop <= 0 or face_kop > line.limit_kop:
        raise InvalidInput("The face value must be more than zero and fit the fund", field="face")
    if db.session.scalar(sa.select(VoucherProgramme.id).filter_by(code=code)):
        raise InvalidInput("This code is taken, choose another", field="code")
    programme = VoucherProgramme(
        code=code,
        title=title,
        year=year,
        donor=donor,
        budget_line_id=line.id,
        face_kop=face_kop,
        compensated_bp=compensated_bp,
        validity_days=validity_days,
        booking_days=booking_days,
        ends_on=ends_on,
        live_per_organisation=live_per_organisation,
        yearly_per_organisation=yearly_per_organisation,
        payee=payee,
        created_by_id=by.actor_id,
        created_at=clock.now(),
    )
    db.session.add(programme)
    db.session.flush()
    record(thing="voucher_programme", code=code, scope=code, step="create", by=by, facts={"face_kop": face_kop})
    return programme


def offer_service(
    programme: VoucherProgramme, service: CatalogueService, *, max_hours_milli: int, max_rate_kop: int, by: Actor
) -> None:
    """Put a catalogue service into the programme with its ceilings, or change them."""
    if not by.can(Permission.VOUCHER_PROGRAMME_EDIT):
        raise NotAllowed("Your role does not allow this step")
    if max_hours_milli <= 0:
        raise InvalidInput("The ceiling of hours must be more than zero", field="hours")
    if max_rate_kop <= 0:
        raise InvalidInput("The ceiling of the rate must be more than zero", field="rate")
    query = sa.select(ProgrammeService).filter_by(programme_id=programme.id, service_id=service.id)
    offer = db.session.scalar(query)
    if offer is None:
        offer = ProgrammeService(programme_id=programme.id, service_id=service.id)
        db.session.add(offer)
    offer.max_hours_milli, offer.max_rate_kop = max_hours_milli, max_rate_kop
    db.session.flush()
    record(
        thing="voucher_programme",
        code=programme.code,
        scope=programme.code,
        step="offer_service",
        by=by,
        facts={"service": service.code, "max_hours_milli": max_hours_milli, "max_rate_kop": max_rate_kop},
    )


def activate_programme(programme: VoucherProgramme, *, by: Actor) -> None:
    """Open the programme for requests; it needs at least one service."""
    if not db.session.scalar(sa.select(ProgrammeService.id).filter_by(programme_id=programme.id).limit(1)):
        raise InvalidInput("Add at least one service with its ceilings first", field="services")
    is_resumed = programme.state == ProgrammeState.SUSPENDED
    advance(programme, "activate", by=by)
    if is_resumed:
        tell_holders(programme, "programme_resumed")


def suspend_programme(programme: VoucherProgramme, *, by: Actor, reason: str) -> None:
    """Stop taking and issuing for a time; issued vouchers stay valid."""
    advance(programme, "suspend", by=by, reason=reason)
    tell_holders(programme, "programme_suspended", reason=reason)


def close_programme(programme: VoucherProgramme, *, by: Actor) -> None:
    """End the programme."""
    advance(programme, "close", by=by)
    tell_holders(programme, "programme_closed")


def apply_as_consultant(user: User, *, name: str, tax_code: str, about: str, services: Sequence[str]) -> Consultant:
    """A person asks for accreditation. Raises InvalidInput for a wrong code or unknown services."""
    if db.session.scalar(sa.select(Consultant.id).filter_by(user_id=user.id)):
        raise InvalidInput("You have already asked for accreditation", field="name")
    if len(tax_code) not in {8, 10} or not (tax_code.isascii() and tax_code.isdigit()):
        raise InvalidInput("Enter the code: 8 digits of EDRPOU or 10 digits of the tax number", field="tax_code")
    if len(tax_code) == 8 and not identifiers.is_edrpou(tax_code):
        raise InvalidInput("Check the EDRPOU code: it has eight digits and the last one must agree", field="tax_code")
    known = set(db.session.scalars(sa.select(CatalogueService.code)))
    if not services or not set(services) <= known:
        raise InvalidInput("Choose at least one service of the catalogue", field="services")
    consultant = Consultant(
        code=f"C-{identifiers.new_code(5)}",
        user_id=user.id,
        name=name,
        tax_code=tax_code,
        about=about,
        services=sorted(services),
        created_at=clock.now(),
    )
    db.session.add(consultant)
    db.session.flush()
    record(thing="consultant", code=consultant.code, step="apply", by=user, facts={"services": sorted(services)})
    return consultant


def accredit(consultant: Consultant, *, by: Actor) -> None:
    """Put the consultant on the list."""
    advance(consultant, "accredit", by=by)
    tell_consultant(consultant, "consultant_accredited")


def suspend_consultant(consultant: Consultant, *, by: Actor, reason: str) -> None:
    """Take the consultant off the list for a time."""
    advance(consultant, "suspend", by=by, reason=reason)
    tell_consultant(consultant, "consultant_suspended", reason=reason)
