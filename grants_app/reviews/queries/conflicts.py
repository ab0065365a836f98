"""Ties between experts and applicants that our own data shows: each names its source, so that it can be checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from grants_app.accounts.models import Membership, Organisation, User
from grants_app.applications.models import Answer, Application
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import CommissionSeat, Competition
from grants_app.database import db
from grants_app.lifecycle import ApplicationState, AssignmentState, ConflictState
from grants_app.reviews.models import Assignment, Conflict, ExpertProfile
from grants_app.reviews.rules import same_phone, same_text

# Applications that compete or competed for the money of this call.
_NOT_COMPETING = (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)
_PEOPLE_ANSWERS = ("team", "governing_people", "contact_name", "contact_phone", "contact_email")
_VOTING = ("chair", "deputy", "member")


@dataclass(frozen=True)
class Tie:
    """One tie: what it is and where it was found, both English msgids."""

    what: str
    source: str


def barred_ids(person: User, competition_id: int | None = None) -> frozenset[int]:
    """Applications that are considered without this person, whatever their role: of one competition, or of all.

    The only place that says so: lines of the register that keep out, and assignments that ended by a declaration.
    """
    return frozenset(db.session.scalars(sa.union(*barring(person, competition_id))))


def barring(person: User, competition_id: int | None = None) -> tuple[sa.Select[int], sa.Select[int]]:
    """The same as statements, for whoever asks for more in one go."""
    register = sa.select(Conflict.application_id).where(Conflict.person_id == person.id, keeps_out())
    declared = sa.select(Assignment.application_id).where(
        Assignment.expert_id == person.id, Assignment.state == AssignmentState.DECLINED_COI
    )
    if competition_id is not None:
        register = register.where(Conflict.competition_id == competition_id)
        declared = declared.where(Assignment.competition_id == competition_id)
    return register, declared


def keeps_out() -> sa.ColumnElement[bool]:
    """Which lines of the register keep their person out: confirmed ones, and those of level block while undecided."""
    return sa.or_(
        Conflict.state == ConflictState.CONFIRMED,
        sa.and_(Conflict.state == ConflictState.OPEN, Conflict.level == "block"),
    )


def is_kept_out(
    person: sa.SQLColumnExpression[Any], application: sa.SQLColumnExpression[Any]
) -> sa.ColumnElement[bool]:
    """For statements over assignments or seats: whether the register keeps that person out of that application."""
    return sa.exists().where(Conflict.person_id == person, Conflict.application_id == application, keeps_out())


def withheld_codes(viewer: User) -> frozenset[str]:
    """Lines of the register about what is considered without this person: the journal does not tell them either."""
    hidden = hidden_ids(viewer)
    return frozenset(
        db.session.scalars(sa.select(Conflict.code).where(Conflict.application_id.in_(hidden))) if hidden else ()
    )


def barred_people(competition_id: int) -> list[sa.Row[int, str]]:
    """Pairs of a person and the code of an application considered without them, of one competition."""
    register = (
        sa.select(Conflict.person_id.label("user_id"), Application.code)
        .join(Application, Application.id == Conflict.application_id)
        .where(Conflict.competition_id == competition_id, Application.code.is_not(None), keeps_out())
    )
    declared = (
        sa.select(Assignment.expert_id.label("user_id"), Application.code)
        .join(Application, Application.id == Assignment.application_id)
        .where(
            Assignment.competition_id == competition_id,
            Assignment.expert_id.is_not(None),
            Application.code.is_not(None),
            Assignment.state == AssignmentState.DECLINED_COI,
        )
    )
    return list(db.session.execute(register.union(declared).order_by("user_id", "code")))


def ties_of(experts: Sequence[User], applications: Sequence[Application]) -> dict[tuple[int, int], list[Tie]]:
    """Ties of experts with applications, by (expert's id, application's id); pairs without ties are left out."""
    profiles = _profiles(experts)
    answers = _answers(applications)
    organisations = _organisations(applications)
    found: dict[tuple[int, int], list[Tie]] = {}
    for application in applications:
        organisation = organisations.get(application.organisation_id or 0)
        for expert in experts:
            ties = [
                *_organisation_ties(expert, profiles.get(expert.id), organisation),
                *_people_ties(expert, answers.get(application.id, {})),
                *_authorship(expert, application),
            ]
            if ties:
                found[expert.id, application.id] = list(dict.fromkeys(ties))
    return found


def conflict_facts(expert: User, application: Application) -> list[Tie]:
    """Ties of one expert with one application."""
    return ties_of([expert], [application]).get((expert.id, application.id), [])


def competing_people(competition: Competition, experts: Sequence[User]) -> dict[int, str]:
    """Experts who may score nothing in this competition, with the reason (English msgid)."""
    codes, members = _competitors(competition)
    profiles = _profiles(experts)
    seated = set(
        db.session.scalars(
            sa.select(CommissionSeat.user_id).filter(
                CommissionSeat.competition_id == competition.id, CommissionSeat.office.in_(_VOTING)
            )
        )
    )
    found: dict[int, str] = {}
    for expert in experts:
        profile = profiles.get(expert.id)
        if expert.id in members:
            found[expert.id] = "An organisation of this person competes here"
        elif profile is not None and profile.workplace_edrpou and profile.workplace_edrpou in codes:
            found[expert.id] = "The workplace of this person competes here"
        elif expert.id in seated and competition.scoring_by == "experts":
            found[expert.id] = "This person votes in the commission of this competition"
    return found


def _competitors(competition: Competition) -> tuple[set[str], set[int]]:
    query = (
        sa.select(Organisation.id, Organisation.edrpou)
        .join(Application, Application.organisation_id == Organisation.id)
        .filter(Application.competition_id == competition.id, Application.state.not_in(_NOT_COMPETING))
        .distinct()
    )
    rows = db.session.execute(query).all()
    members = db.session.scalars(
        sa.select(Membership.user_id).filter(
            Membership.organisation_id.in_([row.id for row in rows]), Membership.ended_at.is_(None)
        )
    )
    return {row.edrpou for row in rows}, set(members)


def _profiles(experts: Iterable[User]) -> dict[int, ExpertProfile]:
    ids = [expert.id for expert in experts]
    rows = db.session.scalars(sa.select(ExpertProfile).filter(ExpertProfile.user_id.in_(ids)))
    return {profile.user_id: profile for profile in rows}


def _answers(applications: Sequence[Application]) -> dict[int, dict[str, object]]:
    query = sa.select(Answer.application_id, Answer.question, Answer.value).filter(
        Answer.application_id.in_([application.id for application in applications]),
        Answer.question.in_(_PEOPLE_ANSWERS),
    )
    found: dict[int, dict[str, object]] = defaultdict(dict)
    for row in db.session.execute(query):
        found[row.application_id][row.question] = row.value
    return found


def _organisations(applications: Sequence[Application]) -> dict[int, Organisation]:
    ids = {application.organisation_id for application in applications}
    query = (
        sa.select(Organisation)
        .options(selectinload(Organisation.memberships).options(joinedload(Membership.user)))
        .filter(Organisation.id.in_([one for one in ids if one is not None]))
    )
    return {organisation.id: organisation for organisation in db.session.scalars(query)}


def _organisation_ties(expert: User, profile: ExpertProfile | None, organisation: Organisation | None) -> list[Tie]:
    if organisation is None:
        return []
    source = "profile of the organisation"
    ties = []
    member = next((one for one in organisation.memberships if one.user_id == expert.id), None)
    if member is not None:
        word = "is a member of the applicant" if member.ended_at is None else "was a member of the applicant"
        ties.append(Tie(word, "members of the organisation"))
    if profile is not None and profile.workplace_edrpou and profile.workplace_edrpou == organisation.edrpou:
        ties.append(Tie("works for the applicant", "workplace in the expert’s profile"))
    if same_text(expert.full_name, organisation.head_name):
        ties.append(Tie("has the same name as the head of the applicant", source))
    if same_text(expert.email, organisation.contact_email):
        ties.append(Tie("has the same e-mail as the applicant", source))
    phones = [organisation.contact_phone, *(one.user.phone or "" for one in organisation.memberships)]
    if member is None and any(same_phone(expert.phone or "", phone) for phone in phones):
        ties.append(Tie("has the same phone as the applicant", source))
    return ties


def _people_ties(expert: User, answers: dict[str, object]) -> list[Tie]:
    ties = []
    if any(same_text(expert.full_name, name) for name in _names(answers.get("team"))):
        ties.append(Tie("has the same name as a person of the project team", "team in the application"))
    if any(same_text(expert.full_name, name) for name in _names(answers.get("governing_people"))):
        ties.append(Tie("has the same name as a founder or manager", "governing bodies in the application"))
    if same_text(expert.full_name, str(answers.get("contact_name") or "")):
        ties.append(Tie("has the same name as the contact person", "contacts in the application"))
    if same_text(expert.email, str(answers.get("contact_email") or "")):
        ties.append(Tie("has the same e-mail as the contact person", "contacts in the application"))
    if same_phone(expert.phone or "", str(answers.get("contact_phone") or "")):
        ties.append(Tie("has the same phone as the contact person", "contacts in the application"))
    return ties


def _names(rows: object) -> list[str]:
    if not isinstance(rows, list):
        return []
    return [str(row.get("name") or "") for row in rows if isinstance(row, dict)]


def _authorship(expert: User, application: Application) -> list[Tie]:
    if expert.id in (application.created_by_id, application.submitted_by_id):
        return [Tie("wrote or sent this application", "record of the application")]
    return []
