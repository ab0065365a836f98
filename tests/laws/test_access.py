"""Who may call what, read off the URL map and then tried: every view, every role."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, Rule

from grants_app.permissions import Role, permissions_of
from grants_app.web.access import UndeclaredView, access_of, check_declared
from tests.support.queries import watch_commits
from tests.support.visitors import new_person, visit_as

pytestmark = pytest.mark.sqlite_only
SAFE = {"GET", "HEAD", "OPTIONS"}
WRITING = ("POST", "PUT", "PATCH", "DELETE")
SAMPLES: dict[str, Any] = {
    "IntegerConverter": 1,
    "FloatConverter": 1.0,
    "UUIDConverter": "00000000-0000-4000-8000-000000000000",
    "PathConverter": "theme.css",
}
KEBAB = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*|\.well-known)(?:\.[a-z0-9]+)*")
# Reading personal data leaves its own mark, and nothing else is written by looking.
MARKS_OF_READING = re.compile(r"(?:INSERT INTO|UPDATE) journal_(?:entry|head)\b")
# Views that change nothing in the database's sense but stand under POST in every role, e.g. signing out.
EVERYBODY = "signed_in"


def rules(app: Flask) -> list[Rule]:
    """The addresses of the product, in a fixed order."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def address(app: Flask, rule: Rule) -> str:
    """An address that fits the rule; the thing it names need not exist."""
    values = {name: sample(converter) for name, converter in rule._converters.items()}
    built = rule.build({**values, **(rule.defaults or {})})
    assert built is not None, rule.rule
    return built[1]


def sample(converter: BaseConverter) -> Any:
    """A value that the converter takes."""
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return SAMPLES.get(type(converter).__name__, "none")


def test_views_all_declare_access(app: Flask) -> None:
    assert [rule.endpoint for rule in rules(app) if access_of(app, rule.endpoint) is None] == []


def test_view_without_declaration_stops_the_start(app: Flask) -> None:
    other = Flask("other")
    other.add_url_rule("/forgotten", "forgotten", lambda: "open")
    with pytest.raises(UndeclaredView):
        check_declared(other)


def test_addresses_typed_and_in_kebab_case(app: Flask) -> None:
    untyped = [rule.rule for rule in rules(app) if re.search(r"<[a-z_]+>", rule.rule)]
    fixed = {
        part: rule.rule for rule in rules(app) for part in re.sub(r"<[^>]+>", "x", rule.rule).strip("/").split("/")
    }
    assert untyped == []
    assert {part: rule for part, rule in fixed.items() if part and not KEBAB.fullmatch(part)} == {}


def test_guest_never_gets_what_is_not_public(app: Flask) -> None:
    guest = visit_as(app, None)
    opened = []
    for rule in rules(app):
        access = access_of(app, rule.endpoint)
        if access is None or access.kind == "public":
            continue
        for method in (rule.methods or set()) & {"GET", *WRITING}:
            answer = guest.open(address(app, rule), method=method)
            turned_away = answer.status_code == 401 or (
                answer.status_code == 302 and answer.location.startswith("/sign-in")
            )
            if not turned_away:
                opened.append(f"{method} {rule.rule}: {answer.status_code}")
    assert opened == []


@pytest.mark.parametrize("role", Role)
def test_role_without_the_permission_is_refused(app: Flask, role: Role) -> None:
    held = permissions_of(frozenset({role}))
    visitor = visit_as(app, new_person(role))
    opened = []
    for rule in rules(app):
        access = access_of(app, rule.endpoint)
        if access is None or access.kind != "permission" or held & set(access.permissions):
            continue
        for method in (rule.methods or set()) & {"GET", *WRITING}:
            answer = visitor.open(address(app, rule), method=method)
            if answer.status_code != 403:
                opened.append(f"{method} {rule.rule}: {answer.status_code}")
    assert opened == []


@pytest.mark.parametrize("role", [None, *Role])
def test_page_without_arguments_opens_and_writes_nothing(app: Flask, role: Role | None) -> None:
    """Every page that a role's bar may lead to answers on an empty installation, and looking changes nothing."""
    person = new_person(role) if role else None
    held = permissions_of(frozenset({role})) if role else frozenset()
    visitor = visit_as(app, person)
    wrong = []
    for rule in rules(app):
        access = access_of(app, rule.endpoint)
        if access is None or rule.arguments or "GET" not in (rule.methods or set()):
            continue
        open_to = access.kind == "public" or (person and (access.kind == EVERYBODY or held & set(access.permissions)))
        if not open_to:
            continue
        with watch_commits() as stored:
            answer = visitor.get(rule.rule)
        if answer.status_code not in {200, 302, 303, 304, 404, 409}:
            wrong.append(f"{rule.rule}: {answer.status_code}")
        wrong += [f"{rule.rule} wrote: {text}" for text in stored if not MARKS_OF_READING.match(text)]
    assert wrong == []


def test_unknown_address_is_404_and_wrong_method_405(app: Flask) -> None:
    guest = visit_as(app, None)
    assert guest.get("/no-such-page").status_code == 404
    assert guest.post("/no-such-page").status_code == 404


def test_writing_views_ask_for_the_token(app: Flask) -> None:
    """Tests post without CSRF tokens; people must not be able to."""
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        person = new_person(Role.ADMIN)
        visitor = visit_as(app, person)
        held = permissions_of(frozenset({Role.ADMIN}))
        passed = []
        for rule in rules(app):
            access = access_of(app, rule.endpoint)
            if access is None or "POST" not in (rule.methods or set()):
                continue
            if access.kind == "permission" and not held & set(access.permissions):
                continue
            answer = visitor.post(address(app, rule))
            if answer.status_code != 400:
                passed.append(f"{rule.rule}: {answer.status_code}")
        assert passed == []
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_answers_carry_the_security_headers(app: Flask) -> None:
    headers = visit_as(app, None).get("/no-such-page").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["style-src"] == "'self'"
    assert re.fullmatch(r"'self' 'nonce-[\w-]{16,}'", policy["script-src"])
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
