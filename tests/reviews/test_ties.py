"""Ties that our own data shows: each kind is found, and what only resembles it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from grants_app.accounts.models import GoverningPerson, Membership, Organisation, User
from grants_app.applications.models import Answer, Application
from grants_app.core import clock as product_clock
from grants_app.core.identifiers import is_edrpou
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import ApplicationState, ConflictState
from grants_app.permissions import Role
from grants_app.reviews import policy, queries
from grants_app.reviews.models import Conflict, ExpertProfile
from grants_app.reviews.rules.ties import (
    TIES,
    address_key,
    ibans,
    is_abbreviated,
    is_same_name,
    name_tokens,
    organisation_key,
    surnames,
)
from tests.support.panel import Panel, new_panel
from tests.support.queries import count_queries
from tests.support.time import FrozenClock

IBAN = "UA213223130000026007233566001"
Change = Callable[[Panel, Application, User], None]


def answer(bid: Application, question: str, value: object) -> None:
    """Put an answer, or another value of it."""
    found = next((one for one in bid.answers if one.question == question), None)
    if found is None:
        bid.answers.append(Answer(question=question, value=value, updated_at=product_clock.now()))
    else:
        found.value = value


def profile(expert: User, **facts: object) -> None:
    """The expert's profile."""
    db.session.add(ExpertProfile(user_id=expert.id, **facts))


def own(bid: Application) -> Organisation:
    """The applicant."""
    assert bid.organisation is not None
    return bid.organisation


def _join(bid: Application, expert: User, *, has_left: bool = False) -> None:
    ended = product_clock.now() if has_left else None
    db.session.add(
        Membership(
            user_id=expert.id,
            organisation_id=own(bid).id,
            role=Role.NGO_MEMBER,
            since=product_clock.now(),
            ended_at=ended,
        )
    )


def _head(bid: Application, expert: User, name: str, head: str) -> None:
    expert.full_name = name
    own(bid).head_name = head


def _person(bid: Application, expert: User, name: str, question: str, named: str) -> None:
    expert.full_name = name
    answer(bid, question, named if question == "contact_name" else [{"name": named}])


def _address(bid: Application, expert: User, theirs: str, applicant: str, *, name: str = "", named: str = "") -> None:
    profile(expert, address=theirs)
    own(bid).legal_address = applicant
    if name:
        _person(bid, expert, name, "governing_people", named)


def _boards(expert: User, *organisations: tuple[str, str]) -> None:
    profile(expert, organisations=[{"name": name, "edrpou": code, "role": ""} for name, code in organisations])


def _partner(bid: Application, expert: User, code: str) -> None:
    profile(expert, workplace_edrpou="32855961")
    answer(bid, "partners", [{"name": f"ОСББ «Вигадане», {code}"}])


def _partner_code(bid: Application, expert: User, code: str) -> None:
    profile(expert, workplace_edrpou="32855961")
    answer(bid, "partners", [{"name": "ОСББ «Вигадане»", "edrpou": code}])


def _in_partner(panel: Panel, bid: Application, expert: User, *, code: str = "", has_left: bool = False) -> None:
    """A member of an organisation that stands among the partners; their profile says nothing of it."""
    _join(panel.applications[1], expert, has_left=has_left)
    answer(bid, "partners", [{"name": "Сусіди", "edrpou": code or own(panel.applications[1]).edrpou}])


def _iban(bid: Application, expert: User, theirs: str, text: str) -> None:
    profile(expert, iban=theirs)
    answer(bid, "capacity", text)


def _governing(bid: Application, expert: User, name: str, named: str) -> None:
    expert.full_name = name
    own(bid).governing = [GoverningPerson(full_name=named, office="засновниця")]


def _account(bid: Application, expert: User, theirs: str, ours: str) -> None:
    profile(expert, iban=theirs)
    own(bid).iban = ours


def _contact(bid: Application, expert: User, **facts: str) -> None:
    for name, value in facts.items():
        if name in ("email", "phone"):
            setattr(expert, name, value)
        else:
            answer(bid, name, value)


CASES: dict[str, tuple[Change, list[str]]] = {
    "member": (lambda _p, bid, one: _join(bid, one), ["member"]),
    "was member": (lambda _p, bid, one: _join(bid, one, has_left=True), ["was_member"]),
    "employer": (lambda _p, bid, one: profile(one, workplace_edrpou=own(bid).edrpou), ["employer"]),
    "employer, another code": (lambda _p, _b, one: profile(one, workplace_edrpou="32855961"), []),
    "board": (lambda _p, bid, one: _boards(one, ("Інша", "32855961"), ("Ця", own(bid).edrpou)), ["board"]),
    "board, no code": (lambda _p, _b, one: _boards(one, ("Зовсім інша організація", "")), []),
    "name of the organisation": (
        lambda _p, bid, one: profile(one, workplace='ГО "ДЗВІНКИЙ  ДВІР 1"'),
        ["organisation_name"],
    ),
    "name of another organisation": (lambda _p, _b, one: profile(one, workplace="ГО «Дзвінкий двір 11»"), []),
    "head": (lambda _p, bid, one: _head(bid, one, "Вигадько Ганна", "ганна  вигадько"), ["head_name"]),
    "governing people of the profile": (
        lambda _p, bid, one: _governing(bid, one, "Вигадько Ганна Іванівна", "ВИГАДЬКО Ганна Іванівна"),
        ["governing_profile"],
    ),
    "governing people, another person": (
        lambda _p, bid, one: _governing(bid, one, "Вигадько Ганна Іванівна", "Вигадько Інна Іванівна"),
        [],
    ),
    "account of the profile": (lambda _p, bid, one: _account(bid, one, IBAN, IBAN), ["organisation_iban"]),
    "account of the profile, another": (
        lambda _p, bid, one: _account(bid, one, IBAN, "UA903052992990004149123456789"),
        [],
    ),
    "head, another person": (lambda _p, bid, one: _head(bid, one, "Вигадько Ганна", "Вигадько Інна"), []),
    "head, initials": (
        lambda _p, bid, one: _head(bid, one, "Вигадько Ганна Іванівна", "Вигадько Г. І."),
        ["initials"],
    ),
    "head, other initials": (
        lambda _p, bid, one: _head(bid, one, "Вигадько Ганна Іванівна", "Вигадько Г. П."),
        [],
    ),
    "team, apostrophe": (
        lambda _p, bid, one: _person(bid, one, "Лук'янчук Ада", "team", "Лук’янчук Ада"),
        ["team_name"],
    ),
    "team, surname alone": (lambda _p, bid, one: _person(bid, one, "Вигадько Ада", "team", "Вигадько"), []),
    "founder": (
        lambda _p, bid, one: _person(bid, one, "Вигадько Ада", "governing_people", "Вигадько Ада"),
        ["governing_name"],
    ),
    "contact person": (
        lambda _p, bid, one: _person(bid, one, "Вигадько Ада", "contact_name", "ВИГАДЬКО Ада"),
        ["contact_name"],
    ),
    "address": (
        lambda _p, bid, one: _address(
            bid, one, "м. Вінниця, вулиця Вигадана, буд. 5, кв. 7", "Вінниця, вул. Вигадана 5 кв.7"
        ),
        ["address"],
    ),
    "address, another flat": (
        lambda _p, bid, one: _address(bid, one, "Вінниця, вул. Вигадана, 5, кв. 8", "Вінниця, вул. Вигадана, 5, кв. 7"),
        [],
    ),
    "address without a house": (
        lambda _p, bid, one: _address(bid, one, "Вінниця, вул. Вигадана", "Вінниця, вул. Вигадана"),
        [],
    ),
    "surname at the address": (
        lambda _p, bid, one: _address(
            bid,
            one,
            "Вінниця, вул. Вигадана, 5",
            "Вінниця, вул. Вигадана, 5",
            name="Вигадівська Ада Ігорівна",
            named="Вигадівський Лев Ігорович",
        ),
        ["surname_address"],
    ),
    "surname elsewhere": (
        lambda _p, bid, one: _address(
            bid,
            one,
            "Вінниця, вул. Вигадана, 6",
            "Вінниця, вул. Вигадана, 5",
            name="Вигадівська Ада Ігорівна",
            named="Вигадівський Лев Ігорович",
        ),
        [],
    ),
    "partner by code": (lambda _p, bid, one: _partner(bid, one, "32855961"), ["partner"]),
    "partner by the code of its own": (lambda _p, bid, one: _partner_code(bid, one, "32855961"), ["partner"]),
    "partner by another code": (lambda _p, bid, one: _partner(bid, one, "32855962"), []),
    "partner by name": (
        lambda _p, _b, one: profile(one, workplace="осбб  «ВИГАДАНЕ»"),
        ["partner_name"],
    ),
    "phone": (lambda _p, bid, one: _contact(bid, one, phone="050 111 00 00"), ["phone"]),
    "phone, one digit off": (lambda _p, bid, one: _contact(bid, one, phone="050 111 00 09"), []),
    "phone of the contact": (
        lambda _p, bid, one: _contact(bid, one, phone="(067) 123-45-67", contact_phone="+380671234567"),
        ["contact_phone"],
    ),
    "e-mail": (lambda _p, bid, one: _contact(bid, one, email="NGO1@example.org"), ["email"]),
    "e-mail of the contact": (
        lambda _p, bid, one: _contact(bid, one, email="office@example.org", contact_email="Office@Example.org"),
        ["contact_email"],
    ),
    "e-mail of the same house": (
        lambda _p, bid, one: _contact(bid, one, email="ada@example.org", contact_email="office@example.org"),
        [],
    ),
    "account": (
        lambda _p, bid, one: _iban(bid, one, IBAN, "Рахунок UA21 3223 1300 0002 6007 2335 66001 у банку"),
        ["iban"],
    ),
    "another account": (
        lambda _p, bid, one: _iban(bid, one, IBAN, "Рахунок UA21 3223 1300 0002 6007 2335 66002 у банку"),
        [],
    ),
    "author": (lambda _p, bid, one: setattr(bid, "submitted_by_id", one.id), ["author"]),
    "member of a partner": (lambda p, bid, one: _in_partner(p, bid, one), ["partner"]),
    "once a member of a partner": (lambda p, bid, one: _in_partner(p, bid, one, has_left=True), []),
    "member of no partner": (lambda p, bid, one: _in_partner(p, bid, one, code="32855961"), []),
    "nothing": (lambda _p, _b, _one: None, []),
}


@pytest.mark.parametrize("case", CASES)
def test_tie_found_and_near_miss_left(app: Flask, clock: FrozenClock, case: str) -> None:
    change, expected = CASES[case]
    panel = new_panel(clock, applications=2, experts=1)
    bid, expert = panel.applications[0], panel.experts[0]
    with unit_of_work():
        expert.full_name = "Незнайко Варвара"
        change(panel, bid, expert)
    found = queries.ties_of([expert], [bid])
    assert [tie.kind for tie in found.get((expert.id, bid.id), [])] == expected


def test_tie_of_level_block_forbids_and_review_asks(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=1, experts=2)
    bid = panel.applications[0]
    with unit_of_work():
        panel.experts[0].phone = "0501110000"
        profile(panel.experts[1], address="Вінниця, вул. Вигадана, 5")
        own(bid).legal_address = "Вінниця, вул. Вигадана, 5"
    obstacles = [policy.why_not_expert(expert, bid) for expert in panel.experts]
    assert [one and one.facts for one in obstacles] == [{"tie": "has the same phone as the applicant"}, None]


def test_own_organisation_in_the_profile_closes_the_whole_call(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=2)
    with unit_of_work():
        _boards(panel.experts[0], ("Організація", own(panel.applications[1]).edrpou))
        _boards(panel.experts[1], ("Організація", "32855961"))
    assert queries.competing_people(panel.competition, panel.experts) == {
        panel.experts[0].id: "An organisation of this person competes here"
    }
    obstacle = policy.why_not_expert(panel.experts[0], panel.applications[0])
    assert str(obstacle) == "An organisation of this person competes here"


def test_tie_that_the_chair_dismissed_is_none(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=2, experts=1)
    bid, expert = panel.applications[0], panel.experts[0]
    with unit_of_work():
        expert.phone = "0501110000"
        expert.full_name = "Вигадана Тренерка"
        db.session.add(
            Conflict(
                competition_id=bid.competition_id,
                application_id=bid.id,
                person_id=expert.id,
                level="block",
                source="found",
                kind="phone",
                state=ConflictState.DISMISSED,
                raised_at=product_clock.now(),
                decided_at=product_clock.now(),
            )
        )
    assert [tie.kind for tie in queries.conflict_facts(expert, bid)] == ["team_name"]


def test_ties_of_forty_experts_and_a_hundred_applications_ask_as_often_as_of_few(
    app: Flask, clock: FrozenClock
) -> None:
    panel = new_panel(clock, applications=2, experts=3)
    counts = []
    for people, bids in ((3, 2), (40, 100)):
        with unit_of_work():
            _more(panel, people, bids)
        with unit_of_work():
            experts = db.session.query(User).order_by(User.id.desc()).limit(people).all()
            applications = db.session.query(Application).order_by(Application.id).limit(bids).all()
        _touch(experts, applications)
        with count_queries() as statements:
            queries.ties_of(experts, applications)
        counts.append((len(experts), len(applications), len(statements)))
    assert counts == [(3, 2, 9), (40, 100, 9)]


def _touch(experts: list[User], applications: list[Application]) -> None:
    """What the caller holds is loaded already."""
    assert all(one.id for one in experts)
    assert all(one.id for one in applications)


def _more(panel: Panel, people: int, bids: int) -> None:
    codes = (f"{number:08d}" for number in range(43_000_000, 44_000_000) if is_edrpou(f"{number:08d}"))
    for number in range(people):
        db.session.add(
            User(
                email=f"more{people}-{number}@example.org",
                full_name=f"Ще Одна {number}",
                fs_uniquifier=f"more-{people}-{number}",
                created_at=product_clock.now(),
            )
        )
    for number in range(db.session.query(Application).count(), bids):
        body = Organisation(
            edrpou=next(codes), name=f"Організація {number}", short_name=f"О{number}", registered_on=date(2020, 1, 1),
            legal_address=f"Вінниця, вул. Вигадана, {number + 1}", created_at=product_clock.now(),
        )  # fmt: skip
        db.session.add(body)
        db.session.flush()
        bid = Application(
            key=f"more-{number}", code=f"2027-SKP-M{number:03d}", competition_id=panel.competition.id,
            organisation=body, state=ApplicationState.ADMITTED, title=f"Проєкт {number}",
            created_at=product_clock.now(), submitted_at=product_clock.now(),
        )  # fmt: skip
        bid.answers = [Answer(question="team", value=[{"name": f"Людина {number}"}], updated_at=product_clock.now())]
        db.session.add(bid)


@pytest.mark.parametrize(
    ("left", "right", "is_same", "is_short"),
    [
        ("Коваль Олена", "олена КОВАЛЬ", True, True),
        ("Коваль", "Коваль", False, False),
        ("Коваль О.", "Коваль Олена Петрівна", False, True),
        ("Коваль О.П.", "Коваль Олена Петрівна", False, True),
        ("О. П. Коваль", "Коваль Олена Петрівна", False, True),
        ("Коваль Олена", "Коваль Олена Петрівна", False, True),
        ("Коваль І.", "Коваль Олена Петрівна", False, False),
        ("Ковальчук О. П.", "Коваль Олена Петрівна", False, False),
        ("Коваль Ольга", "Коваль Олена", False, False),
        ("Лук'янова Ада", "Лук’янова Ада", True, True),
    ],
)
def test_names_agree(left: str, right: str, is_same: bool, is_short: bool) -> None:
    pair = name_tokens(left), name_tokens(right)
    assert (is_same_name(*pair), is_abbreviated(*pair)) == (is_same, is_short)
    assert (is_same_name(*pair[::-1]), is_abbreviated(*pair[::-1])) == (is_same, is_short)


@pytest.mark.parametrize(
    ("left", "right", "agrees"),
    [
        ("Вигадівська Ада Львівна", "Вигадівський Ігор Львович", True),
        ("Вигадова Ада Львівна", "Вигадов Ігор Львович", True),
        ("Сова Ада Львівна", "Сов Ігор Львович", False),
        ("Калина Ада Львівна", "Калин Ігор Львович", False),
    ],
)
def test_surnames_of_both_genders(left: str, right: str, agrees: bool) -> None:
    assert bool(surnames(left) & surnames(right)) is agrees


def test_keys_leave_out_how_people_write() -> None:
    assert address_key("Вінницька обл., м. Вінниця, просп. Вигаданий, 12-Б") == address_key(
        "Вінниця, пр-т Вигаданий 12б"
    )
    assert address_key("Вінниця, вул. Вигадана") == ""
    assert organisation_key("Громадська організація «Сад»") == ""
    assert organisation_key("Громадська організація «Садовий гурт»") == organisation_key('ГО "садовий гурт"')
    assert ibans(f"на {IBAN[:4]} {IBAN[4:]}, UA12") == {IBAN}
    assert {tie.level for tie in TIES.values()} == {"block", "review"}
