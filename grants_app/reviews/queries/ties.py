"""Ties between people and applicants that our own data shows: each names its source, so that it can be checked.

Applications are laid out by what identifies them (codes, names, phones …) and every person is looked up there, so that
the work grows with people plus applications, and the number of queries not at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from grants_app.accounts.models import Membership, Organisation, User
from grants_app.applications.models import Answer, Application
from grants_app.competitions.models import CommissionSeat, Competition
from grants_app.core.words import search_form
from grants_app.database import db
from grants_app.lifecycle import ApplicationState, ConflictState
from grants_app.reviews.models import Conflict, ExpertProfile
from grants_app.reviews.rules.ties import (
    BLOCK,
    NAME_KINDS,
    TIES,
    Tie,
    address_key,
    edrpou_codes,
    ibans,
    is_abbreviated,
    is_same_name,
    name_tokens,
    organisation_key,
    phone_key,
    surnames,
)

# Applications that compete or competed for the money of this call.
_NOT_COMPETING = (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)
_PEOPLE_ANSWERS = ("team", "governing_people", "partners", "contact_name", "contact_phone", "contact_email")
_VOTING = ("chair", "deputy", "member")
Found = dict[int, set[str]]


@dataclass
class _Layout:
    """Applications by what identifies them: (what, its value) -> application -> kinds of tie that a match means."""

    keys: dict[tuple[str, str], dict[int, set[str]]] = field(default_factory=lambda: defaultdict(dict))
    # Words of names -> who is named: application, kind of a full match, the whole name.
    names: dict[str, list[tuple[int, str, tuple[str, ...]]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, what: str, value: str, application_id: int, kind: str) -> None:
        """Note that whoever has this value has that tie."""
        if value:
            self.keys[what, value].setdefault(application_id, set()).add(kind)

    def name(self, name: str, application_id: int, kind: str) -> None:
        """Note a person named in an application."""
        tokens = name_tokens(name)
        for token in set(tokens):
            if len(token) > 1:
                self.names[token].append((application_id, kind, tokens))


def ties_of(people: Sequence[User], applications: Sequence[Application]) -> dict[tuple[int, int], list[Tie]]:
    """Ties of people with applications, by (person's id, application's id); pairs without ties are left out.

    What the register has found to be no conflict is not a tie any more.
    """
    if not people or not applications:
        return {}
    profiles, joined = _profiles(people), _joined(people)
    layout = _layout(applications)
    dismissed = _dismissed(people, applications)
    order = sorted(TIES, key=lambda kind: TIES[kind].level != BLOCK)  # stable: the hard ones first
    found: dict[tuple[int, int], list[Tie]] = {}
    for person in people:
        for application_id, kinds in _matches(layout, person, profiles.get(person.id), joined).items():
            left = kinds - dismissed.get((person.id, application_id), set())
            if left:
                found[person.id, application_id] = [TIES[kind] for kind in sorted(left, key=order.index)]
    return found


def conflict_facts(expert: User, application: Application) -> list[Tie]:
    """Ties of one person with one application."""
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
        if expert.id in members or codes & _own_codes(profile):
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


def _own_codes(profile: ExpertProfile | None) -> set[str]:
    """ЄДРПОУ codes of the boards and organisations that the person has named."""
    if profile is None:
        return set()
    return {one.get("edrpou", "") for one in profile.organisations} - {""}


def _joined(people: Sequence[User]) -> dict[int, set[str]]:
    """ЄДРПОУ codes of the organisations in which the people are members here, whatever their profile says."""
    query = (
        sa.select(Membership.user_id, Organisation.edrpou)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .filter(Membership.user_id.in_([person.id for person in people]), Membership.ended_at.is_(None))
    )
    found: dict[int, set[str]] = defaultdict(set)
    for row in db.session.execute(query):
        found[row.user_id].add(row.edrpou)
    return found


def _profiles(experts: Iterable[User]) -> dict[int, ExpertProfile]:
    ids = [expert.id for expert in experts]
    rows = db.session.scalars(sa.select(ExpertProfile).filter(ExpertProfile.user_id.in_(ids)))
    return {profile.user_id: profile for profile in rows}


def _dismissed(people: Sequence[User], applications: Sequence[Application]) -> dict[tuple[int, int], set[str]]:
    query = sa.select(Conflict.person_id, Conflict.application_id, Conflict.kind).filter(
        Conflict.competition_id.in_({application.competition_id for application in applications}),
        Conflict.person_id.in_([person.id for person in people]),
        Conflict.source == "found",
        Conflict.state == ConflictState.DISMISSED,
    )
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    for row in db.session.execute(query):
        found[row.person_id, row.application_id].add(row.kind)
    return found


def _layout(applications: Sequence[Application]) -> _Layout:
    layout = _Layout()
    organisations = _organisations(applications)
    answers = _answers(applications)
    for application in applications:
        own = answers.get(application.id, {})
        organisation = organisations.get(application.organisation_id or 0)
        addresses: set[str] = set()
        named = [str(own.get("contact_name") or ""), *_cells(own.get("team")), *_cells(own.get("governing_people"))]
        if organisation is not None:
            addresses = {address_key(organisation.legal_address), address_key(organisation.actual_address)} - {""}
            named += [organisation.head_name, *(one.full_name for one in organisation.governing)]
            _lay_organisation(layout, application.id, organisation)
        _lay_answers(layout, application.id, own)
        for surname in frozenset().union(*map(surnames, named)) if addresses else ():
            for address in addresses:
                layout.add("surname_address", f"{surname} {address}", application.id, "surname_address")
        for address in addresses:
            layout.add("address", address, application.id, "address")
        for author in {application.created_by_id, application.submitted_by_id} - {None}:
            layout.add("person", str(author), application.id, "author")
    for application_id, account in _accounts(applications):
        layout.add("iban", account, application_id, "iban")
    return layout


def _lay_organisation(layout: _Layout, application_id: int, organisation: Organisation) -> None:
    layout.add("employer", organisation.edrpou, application_id, "employer")
    layout.add("board", organisation.edrpou, application_id, "board")
    for name in (organisation.name, organisation.short_name):
        layout.add("organisation", organisation_key(name), application_id, "organisation_name")
    layout.name(organisation.head_name, application_id, NAME_KINDS["head"])
    for governing in organisation.governing:
        layout.name(governing.full_name, application_id, NAME_KINDS["governing"])
    for account in ibans(organisation.iban or ""):
        layout.add("iban", account, application_id, "organisation_iban")
    layout.add("email", search_form(organisation.contact_email), application_id, "email")
    layout.add("phone", phone_key(organisation.contact_phone), application_id, "phone")
    for one in organisation.memberships:
        layout.add("person", str(one.user_id), application_id, "member" if one.ended_at is None else "was_member")
        layout.add("phone", phone_key(one.user.phone or ""), application_id, "phone")


def _lay_answers(layout: _Layout, application_id: int, answers: dict[str, object]) -> None:
    for question in ("team", "governing_people"):
        for name in _cells(answers.get(question)):
            layout.name(name, application_id, NAME_KINDS[question])
    layout.name(str(answers.get("contact_name") or ""), application_id, NAME_KINDS["contact_name"])
    layout.add("email", search_form(str(answers.get("contact_email") or "")), application_id, "contact_email")
    layout.add("phone", phone_key(str(answers.get("contact_phone") or "")), application_id, "contact_phone")
    codes = set(_cells(answers.get("partners"), "edrpou"))
    for partner in _cells(answers.get("partners")):
        layout.add("organisation", organisation_key(_without_codes(partner)), application_id, "partner_name")
        codes |= edrpou_codes(partner)
    for code in codes:
        for what in ("employer", "board", "membership"):
            layout.add(what, code, application_id, "partner")


def _matches(
    layout: _Layout, person: User, profile: ExpertProfile | None, joined: Mapping[int, Collection[str]]
) -> Found:
    """What the person has in common with which application; `joined`: codes of the organisations by member."""
    found: Found = defaultdict(set)
    asked = [
        ("person", str(person.id)),
        ("email", search_form(person.email)),
        ("phone", phone_key(person.phone or "")),
        *(("membership", code) for code in joined.get(person.id, ())),
        *_of_profile(person, profile),
    ]
    for key in asked:
        for application_id, kinds in layout.keys.get(key, {}).items() if key[1] else ():
            found[application_id] |= kinds
    tokens = name_tokens(person.full_name)
    for token in set(tokens):
        for application_id, kind, other in layout.names.get(token, ()):
            if is_same_name(tokens, other):
                found[application_id].add(kind)
            elif is_abbreviated(tokens, other):
                found[application_id].add("initials")
    for kinds in found.values():
        _leave_out_the_obvious(kinds)
    return found


def _of_profile(person: User, profile: ExpertProfile | None) -> list[tuple[str, str]]:
    if profile is None:
        return []
    address = address_key(profile.address)
    names = [profile.workplace, *(one.get("name", "") for one in profile.organisations)]
    return [
        ("employer", profile.workplace_edrpou),
        *(("board", code) for code in _own_codes(profile)),
        *(("organisation", key) for key in {organisation_key(name) for name in names}),
        *(("iban", account) for account in ibans(profile.iban)),
        ("address", address),
        *(("surname_address", f"{surname} {address}" if address else "") for surname in surnames(person.full_name)),
    ]


def _leave_out_the_obvious(kinds: set[str]) -> None:
    """A weaker sign of what a stronger one says already: a member has the phone of a member, of course."""
    if "member" in kinds or "was_member" in kinds:
        kinds.discard("phone")
    if kinds & {"employer", "board"}:
        kinds.discard("organisation_name")
    if "partner" in kinds:
        kinds.discard("partner_name")
    if kinds & set(NAME_KINDS.values()):
        kinds.discard("initials")
    if "surname_address" in kinds:
        kinds.discard("address")


def _answers(applications: Sequence[Application]) -> dict[int, dict[str, object]]:
    query = sa.select(Answer.application_id, Answer.question, Answer.value).filter(
        Answer.application_id.in_([application.id for application in applications]),
        Answer.question.in_(_PEOPLE_ANSWERS),
    )
    found: dict[int, dict[str, object]] = defaultdict(dict)
    for row in db.session.execute(query):
        found[row.application_id][row.question] = row.value
    return found


def _accounts(applications: Sequence[Application]) -> list[tuple[int, str]]:
    """Account numbers that stand anywhere in the answers."""
    text = sa.cast(Answer.value, sa.Text)
    query = sa.select(Answer.application_id, text).filter(
        Answer.application_id.in_([application.id for application in applications]), text.like("%UA%")
    )
    return [(row[0], account) for row in db.session.execute(query) for account in sorted(ibans(str(row[1])))]


def _organisations(applications: Sequence[Application]) -> dict[int, Organisation]:
    ids = {application.organisation_id for application in applications}
    query = (
        sa.select(Organisation)
        .options(
            selectinload(Organisation.memberships).options(joinedload(Membership.user)),
            selectinload(Organisation.governing),
        )
        .filter(Organisation.id.in_([one for one in ids if one is not None]))
    )
    return {organisation.id: organisation for organisation in db.session.scalars(query)}


def _cells(rows: object, cell: str = "name") -> list[str]:
    if not isinstance(rows, list):
        return []
    return [str(row.get(cell) or "") for row in rows if isinstance(row, dict)]


def _without_codes(text: str) -> str:
    for code in edrpou_codes(text):
        text = text.replace(code, " ")
    return text
