"""What no browser sends: signs that databases choke on, numbers beyond any column, forms without a field."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

from flask import Flask
from flask.testing import FlaskClient

from grants_app.permissions import GRANTS, Permission, Role
from grants_app.web.access import access_of
from tests.attacks.addresses import addresses, rules
from tests.support.applications import submitted_application
from tests.support.calls import announced_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

TEXTS = ("a\x00b", "\ud7ff\U0010ffff", "_'\"<>%;--", "../../etc/passwd")
NUMBERS = ("0", str(2**31), str(2**63), "9" * 40)
QUERY = (
    *("text", "page", "sort", "state", "lot", "code", "person", "day", "thing", "step", "role", "year", "programme"),
    *("next", "reason"),
)
ROLES = tuple(Role)


def holder_of(permissions: tuple[Permission, ...]) -> Role:
    """A role that opens the view."""
    return next(role for role in ROLES if GRANTS[role] & set(permissions))


def visitors(app: Flask) -> dict[Role | None, FlaskClient]:
    """One visitor of each role, and a guest."""
    return {role: visit_as(app, new_person(role)) for role in ROLES} | {None: visit_as(app, None)}


def openers(app: Flask) -> dict[str, list[Role | None]]:
    """By rule, who gets through the gate."""
    found: dict[str, list[Role | None]] = {}
    for method in ("GET", "POST"):
        for rule in rules(app, method):
            access = access_of(app, rule.endpoint)
            assert access is not None
            if access.kind == "permission":
                found[rule.endpoint] = [holder_of(access.permissions)]
            else:
                found[rule.endpoint] = [None, Role.AUDITOR] if access.kind == "public" else [Role.AUDITOR]
    return found


def test_strange_addresses_are_never_our_fault(app: Flask) -> None:
    people, gates = visitors(app), openers(app)
    wrong = []
    known = {"*": [quote(text, safe="") for text in TEXTS], "number": list(NUMBERS)}
    for method in ("GET", "POST"):
        for rule in rules(app, method):
            for text in [*known["*"], "x"] if rule.arguments else ["x"]:
                for number in NUMBERS:
                    address = _filled(rule.rule, text, number)
                    for role in gates[rule.endpoint]:
                        answer = people[role].open(address, method=method)
                        if answer.status_code >= 500:
                            wrong.append(f"{method} {address} ({role}): {answer.status_code}")
                    if "<int:" not in rule.rule:
                        break
    assert wrong == []


def test_strange_questions_are_never_our_fault(app: Flask, clock: FrozenClock) -> None:
    call = announced_call()
    submitted_application(call.competition)
    people, gates = visitors(app), openers(app)
    code = call.competition.code
    wrong = []
    by_endpoint = app.url_map.bind("localhost")
    for address in addresses(app, {"*": [code]}, suffixes=("json",)):
        endpoint, _values = by_endpoint.match(address)
        for text in ("\x00", "9" * 30, "'%_\\", "١٢"):
            asked = f"{address}?{urlencode(dict.fromkeys(QUERY, text))}"
            for role in gates[endpoint]:
                answer = people[role].get(asked)
                if answer.status_code >= 500:
                    wrong.append(f"{asked} ({role}): {answer.status_code}")
    assert wrong == []


def _filled(rule: str, text: str, number: str) -> str:
    rule = re.sub(r"<int:\w+>", number, rule)
    rule = re.sub(r"<any\(([^)]*)\):\w+>", lambda found: found[1].split(",")[0].strip(" '\""), rule)
    return re.sub(r"<(?:string|path):\w+>", lambda _found: text, rule)
