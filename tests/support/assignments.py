"""Assignments for tests: profiles in one line, and a checker that reads every rule off the database anew."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import sqlalchemy as sa

from grants_app.accounts.models import Membership, Organisation, User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.database import db, unit_of_work
from grants_app.reviews.models import Assignment, Conflict, ExpertProfile

ACTIVE = ("proposed", "accepted", "in_progress", "done")


def describe(expert: User, *fields: str, workplace: str = "", most: int | None = None) -> None:
    """Give the expert a profile."""
    with unit_of_work():
        db.session.add(
            ExpertProfile(user_id=expert.id, fields_known=list(fields), workplace=workplace, most_applications=most)
        )


def set_rules(competition: Competition, **values: object) -> None:
    """Change rules of an announced call: what a person cannot, a test may."""
    with unit_of_work():
        db.session.execute(sa.update(Competition).filter_by(id=competition.id).values(**values))
    db.session.rollback()


def tie(expert: User, application: Application) -> None:
    """Make the pair impossible: both have one phone."""
    with unit_of_work():
        expert.phone = db.session.get_one(Organisation, application.organisation_id).contact_phone


def active_pairs(competition: Competition) -> set[tuple[int, int]]:
    """Pairs of expert and application that stand."""
    rows = db.session.execute(
        sa.select(Assignment.expert_id, Assignment.application_id).filter(
            Assignment.competition_id == competition.id, Assignment.state.in_(ACTIVE)
        )
    )
    return {(row.expert_id, row.application_id) for row in rows}


def broken_rules(competition: Competition) -> list[str]:
    """Every rule of the panel that the stored assignments break; nothing of the product's own rules is used."""
    db.session.rollback()
    pairs = active_pairs(competition)
    experts = {one.id: one for one in db.session.scalars(sa.select(User))}
    profiles = {one.user_id: one for one in db.session.scalars(sa.select(ExpertProfile))}
    bids = {
        one.id: one
        for one in db.session.scalars(sa.select(Application).filter_by(competition_id=competition.id, state="admitted"))
    }
    found = []
    seats: dict[int, list[int]] = defaultdict(list)
    for expert, bid in pairs:
        seats[bid].append(expert)
        if _is_tied(experts[expert], bids[bid]):
            found.append(f"{bids[bid].code}: conflict with {expert}")
    for key, bid in bids.items():
        found += _broken_of_table(competition, bid, seats[key], profiles)
    for expert, load in Counter(expert for expert, _ in pairs).items():
        own = profiles[expert].most_applications if expert in profiles else None
        for limit in (own, competition.most_per_expert):
            if limit is not None and load > limit:
                found.append(f"{expert}: {load} of {limit}")
    return found


def _broken_of_table(
    competition: Competition, bid: Application, experts: list[int], profiles: dict[int, ExpertProfile]
) -> list[str]:
    found = []
    if len(set(experts)) != competition.experts_per_application or len(experts) != len(set(experts)):
        found.append(f"{bid.code}: {len(experts)} experts")
    places = [profiles[one].workplace for one in experts if one in profiles and profiles[one].workplace]
    if len(places) != len(set(places)):
        found.append(f"{bid.code}: one workplace twice")
    known = {field for one in experts if one in profiles for field in profiles[one].fields_known}
    for code in competition.required_fields:
        wanted = bid.priority.code if code == "*" and bid.priority else code
        if wanted not in known:
            found.append(f"{bid.code}: nobody knows {wanted}")
    return found


def _is_tied(expert: User, bid: Application) -> bool:
    organisation = db.session.get_one(Organisation, bid.organisation_id)
    member = db.session.scalar(
        sa.select(Membership.id).filter_by(user_id=expert.id, organisation_id=organisation.id, ended_at=None)
    )
    barred = db.session.scalar(
        sa.select(Conflict.id).filter(
            Conflict.person_id == expert.id, Conflict.application_id == bid.id, Conflict.state == "confirmed"
        )
    )
    phones = [re.sub(r"\D", "", text or "")[-9:] for text in (expert.phone, organisation.contact_phone)]
    return member is not None or barred is not None or (phones[0] == phones[1] != "")
