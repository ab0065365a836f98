"""A rehearsal: played to its end in a world of its own, visited by ticket alone, deleted without a trace."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from grants_app.applications.rules.budget import Limits, broken, totals
from grants_app.competitions.models import Competition
from grants_app.competitions.queries.rehearsal import Rehearsal, rehearsal_of
from grants_app.competitions.rules.form import STANDARD, Form, Question, Section, form_text
from grants_app.competitions.services import rehearsal as services
from grants_app.competitions.services.call_file import adopt_call, call_document
from grants_app.core import clock as product_clock
from grants_app.core.errors import DomainError, InvalidInput, NotAllowed, WrongState
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.journal.worker import work_off
from grants_app.permissions import Role
from grants_app.rehearsal.answers import answers_for, budget_for
from grants_app.rehearsal.play import play
from tests.support.calls import CODE, Call, new_call
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

pytestmark = pytest.mark.sqlite_only
TABLES = (Notice, JournalEntry, Competition)


@pytest.fixture
def root(app: Flask) -> Iterator[Path]:
    """Where rehearsals of the tested installation lie; emptied before and after."""
    found = Path(app.config["SETTINGS"].instance) / "rehearsals"
    yield found
    for one in found.glob("*/"):
        for path in sorted(one.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        one.rmdir()


def counts() -> dict[str, int]:
    """Rows of every table but those that a job itself needs."""
    names = [table.name for table in db.metadata.sorted_tables if table.name not in {"job", "idempotency_key"}]
    return {name: db.session.scalar(sa.text(f'SELECT count(*) FROM "{name}"')) or 0 for name in names}


def begun(call: Call, root: Path, count: int = 4) -> str:
    with unit_of_work():
        return services.begin(call.competition, root, applications=count, by=call.organizer).code


def strange_form() -> Form:
    """Every kind of question, tight limits, conditions over numbers, options and nested joins."""
    options = (("a", "Перше"), ("b", "Друге"))
    added = Section(
        "city",
        "project",
        "Питання міста",
        (
            Question("picked", "Оберіть", "choice", options=options),
            Question("some", "Деякі", "many", options=options, show_if={"question": "picked", "is": "a"}),
            Question("count_of", "Скільки", "number"),
            Question("if_many", "Якщо багато", "text", limit=1, show_if={"question": "count_of", "at_least": 5000}),
            Question("price", "Ціна", "money", show_if={"not": {"question": "picked", "is": "a"}}),
            Question("day", "День", "date"),
            Question("three_words", "Три слова", "long", limit=3, limit_unit="words"),
            Question("agree", "Погоджуюся", "declaration"),
        ),
    )
    return replace(STANDARD, sections=(*STANDARD.sections, added))


def with_form(call: Call, form: Form) -> Call:
    with unit_of_work():
        call.competition.form_text = form_text(form)
    return call


def told(found: Rehearsal) -> list[str]:
    return [fault.message for fault in found.faults]


def test_call_leaves_and_comes_back_as_a_document(app: Flask, clock: FrozenClock) -> None:
    call = with_form(new_call(), strange_form())
    document = json.loads(json.dumps(call_document(call.competition)))
    assert document["format"] == "grants-call-v1"
    assert document["offices"] == {"chair": 1, "secretary": 1, "member": 4}
    with unit_of_work():
        copy = adopt_call({**document, "code": "2027-COPY"}, line=call.line, by=call.organizer)
    again = call_document(copy)
    for part in ("title", "year", "settings", "lots", "priorities", "criteria"):
        assert again[part] == document[part], part
    with pytest.raises(InvalidInput), unit_of_work():
        adopt_call({**document, "format": "another"}, line=None, by=call.organizer)


@pytest.mark.parametrize("number", range(6))
def test_made_up_answers_fit_the_strangest_form(number: int) -> None:
    from datetime import date

    from grants_app.applications.rules import clean, missing_answers
    from grants_app.applications.rules.answers import Period
    from grants_app.rehearsal.answers import Bid

    form = strange_form()
    first, last = date(2027, 5, 20), date(2027, 12, 15)
    answers = answers_for(form, Bid(number, "Назва", "Ірина Вигадана", "small", "culture", first, last))
    cleaned = {code: clean(form.questions[code], value) for code, value in answers.items()}
    assert missing_answers(form, cleaned, Period(first, last), priorities=True) == []
    assert set(cleaned) == form.is_shown(cleaned)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(2_500_000, 5_000_000, 2500, 5000),
        Limits(None, None, 0, 0),
        Limits(1_000_001, 1_000_001, 3333, 10_000, {"administration": 1000, "equipment": 2000}),
        Limits(100, 900, 9000, 5000, dict.fromkeys(STANDARD.category_labels, 1000)),
    ],
)
def test_made_up_budget_keeps_every_rule(limits: Limits) -> None:
    for number in range(4):
        lines = budget_for(limits, fund_kop=10_000_000, number=number, count=4)
        sums = totals(lines)
        assert [finding.message for finding in broken(lines, limits, None)] == []
        assert (limits.minimum_kop or 1) <= sums.requested_kop <= (limits.maximum_kop or 10_000_000)


def test_rehearsal_is_played_to_publication_and_touches_nothing_real(
    app: Flask, clock: FrozenClock, root: Path
) -> None:
    call = with_form(new_call(), strange_form())
    before = counts()
    begun(call, root)
    assert work_off(app) == 1
    assert counts() == before
    found = rehearsal_of(root, CODE)
    assert found is not None
    assert found.status == "ready"
    assert [one.name for one in found.moments] == ["intake", "check", "scoring", "decision", "published"]
    assert (found.figures["applications"], found.figures["sent"], found.figures["admitted"]) == (4, 3, 3)
    assert [fault.message for fault in found.faults if fault.is_grave] == [
        "There are %(known)s experts in the register; %(count)s applications need at least %(needed)s"
    ]
    with closing(sqlite3.connect(found.path / "moments" / "published.sqlite3")) as copy:
        assert copy.execute("SELECT state FROM competition").fetchall() == [("published",)]
        assert copy.execute("SELECT count(*) FROM notice WHERE sent_at IS NOT NULL").fetchone() == (0,)
    _visits(app, call, found)
    with unit_of_work():
        services.delete(call.competition, root, by=call.organizer)
    assert not found.path.exists()
    assert inside(entered(app, call, "published", "guest", allow=False)) is None


def _visits(app: Flask, call: Call, found: Rehearsal) -> None:
    """Every moment opens for every person; without a ticket nothing does; the real desk knows nothing of it."""
    where = f"/rehearsals/{CODE}"
    assert app.test_client().get(f"{where}/published/competitions/{CODE}").status_code == 404
    assert visit_as(app, call.organizer).get(f"{where}/published/competitions").status_code == 404
    client = entered(app, call, "published", "secretary")
    home = client.get(f"{where}/published/home")
    assert (home.status_code, "Репетиція: тут нічого справжнього немає" in home.get_data(as_text=True)) == (200, True)
    pages = {
        "secretary": ["/home", f"/applications/register/{CODE}", "/journal/outbox", f"/awards/{CODE}/ranking"],
        "organizer": ["/home", f"/competitions/{CODE}/settings/basics"],
        "ngo": ["/home", "/applications"],
        "expert": ["/home", "/reviews"],
        "chair": ["/home", f"/awards/{CODE}/ranking"],
        "guest": [f"/competitions/{CODE}", f"/awards/{CODE}", f"/competitions/{CODE}.pdf"],
    }
    for person, addresses in pages.items():
        gone = client.post(f"{where}/published/rehearsal-go", data={"person": person, "moment": "published"})
        assert gone.status_code == 302
        answers = {address: client.get(f"{where}/published{address}").status_code for address in addresses}
        assert answers == dict.fromkeys(addresses, 200), person
    for moment in ("intake", "check", "scoring", "decision"):
        client.post(f"{where}/published/rehearsal-go", data={"person": "secretary", "moment": moment})
        assert client.get(f"{where}/{moment}/home").status_code == 200, moment
    state = BeautifulSoup(client.get(f"{where}/intake/competitions/{CODE}").data, "html.parser")
    assert state.select_one(".govuk-tag").get_text(strip=True) == "Прийом заявок"  # type: ignore[union-attr]
    assert _bare_links(client, f"{where}/intake", ("/home", f"/competitions/{CODE}", "/help")) == []
    assert client.get(f"{where}/intake/competitions/{CODE}/rehearsal").status_code == 404
    left = client.post(f"{where}/intake/sign-out")
    assert (left.status_code, left.headers.get("Clear-Site-Data")) == (302, None)
    assert product_clock.now() == FrozenClock("2027-03-01 12:00").now
    assert [db.session.query(table).filter(False).count() for table in TABLES] == [0, 0, 0]
    assert visit_as(app, call.organizer).get(f"/applications/register/{CODE}").status_code in {200, 404}
    assert found.run not in visit_as(app, call.organizer).get("/home").get_data(as_text=True)


def _bare_links(client: FlaskClient, prefix: str, addresses: tuple[str, ...]) -> list[str]:
    """Addresses on pages of a rehearsal that would lead out of it, but for the one way back."""
    found = []
    for address in addresses:
        page = BeautifulSoup(client.get(prefix + address).data, "html.parser")
        for element in page.select("[href], [action]"):
            target = str(element.get("href") or element.get("action"))
            if not target.startswith(("#", "?", f"{prefix}/", "mailto:")) and not target.endswith("/rehearsal"):
                found.append(target)
    return found


def entered(app: Flask, call: Call, moment: str, person: str, *, allow: bool = True) -> FlaskClient:
    client = visit_as(app, call.organizer)
    sent = client.post(f"/competitions/{CODE}/rehearsal/visit", data={"moment": moment, "person": person})
    if not allow:
        assert sent.status_code == 404
        return client
    assert sent.status_code == 302
    come = client.get(sent.location)
    assert come.status_code == 302, come.status_code
    return client


def inside(client: FlaskClient) -> str | None:
    answer = client.get(f"/rehearsals/{CODE}/published/competitions/{CODE}")
    return None if answer.status_code == 404 else answer.get_data(as_text=True)


def made(root: Path, call: Call, **changes: Any) -> Rehearsal:
    """A rehearsal as its folder tells, without playing it."""
    begun(call, root)
    path = root / CODE / "manifest.json"
    manifest = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    path.write_text(json.dumps(manifest), encoding="utf-8")
    found = rehearsal_of(root, CODE)
    assert found is not None
    return found


def test_ticket_opens_one_run_for_a_minute(app: Flask, clock: FrozenClock, root: Path, monkeypatch: Any) -> None:
    call = new_call()
    moments = [{"name": "intake", "at": product_clock.now().isoformat()}]
    found = made(root, call, status="ready", moments=moments)
    (found.path / "moments").mkdir()
    with closing(sqlite3.connect(str(db.engine.url.database))) as source:
        source.execute(f"VACUUM INTO '{found.path / 'moments' / 'intake.sqlite3'}'")
    client = visit_as(app, call.organizer)
    address = client.post(
        f"/competitions/{CODE}/rehearsal/visit", data={"moment": "intake", "person": "guest"}
    ).location
    assert app.test_client().get(re.sub(r"ticket=.", "ticket=X", address)).status_code == 404
    assert app.test_client().get(address).status_code == 302
    made(root, call, status="ready", moments=moments)
    (found.path / "moments").mkdir()
    assert app.test_client().get(address).status_code == 404


def test_only_its_organizer_plays_and_deletes(app: Flask, clock: FrozenClock, root: Path) -> None:
    call = new_call()
    for role in (Role.SECRETARY, Role.AUDITOR, Role.CHAIR, Role.NGO_HEAD):
        person = new_person(role)
        with pytest.raises(NotAllowed), unit_of_work():
            services.begin(call.competition, root, applications=12, by=person)
        with pytest.raises(NotAllowed), unit_of_work():
            services.delete(call.competition, root, by=person)
    address = f"/competitions/{CODE}/rehearsal"
    allowed = [
        visit_as(app, who).get(address).status_code for who in (call.organizer, call.secretary, call.chair, None)
    ]
    assert allowed == [200, 200, 403, 302]


@pytest.mark.parametrize("count", [0, 3, 61, 10**9])
def test_rehearsal_has_bounds(app: Flask, clock: FrozenClock, root: Path, count: int) -> None:
    call = new_call()
    with pytest.raises(InvalidInput) as caught, unit_of_work():
        services.begin(call.competition, root, applications=count, by=call.organizer)
    assert caught.value.field == "applications"
    assert not (root / CODE).exists()
    sent = visit_as(app, call.organizer).post(f"/competitions/{CODE}/rehearsal", data={"applications": str(count)})
    assert sent.status_code == 422


def test_call_has_one_rehearsal_at_a_time(app: Flask, clock: FrozenClock, root: Path) -> None:
    call = new_call()
    begun(call, root)
    with pytest.raises(WrongState):
        begun(call, root)


def test_old_rehearsals_go_by_the_clock(app: Flask, clock: FrozenClock, root: Path) -> None:
    found = made(root, new_call(), status="ready")
    product_clock.freeze(found.expires_at - timedelta(seconds=1))
    assert services.expire(root) == []
    product_clock.freeze(found.expires_at)
    assert services.expire(root) == [CODE]
    assert not found.path.exists()


def test_codes_name_no_folder_outside(app: Flask, root: Path) -> None:
    assert [rehearsal_of(root, code) for code in ("..", "../..", "a/b", "", "А")] == [None] * 5


def played_in_process(call: Call, root: Path) -> Rehearsal:
    """The child's work here, so that a fault in it is seen."""
    begun(call, root)
    services.play  # noqa: B018  the job itself starts a process
    import subprocess
    import sys

    subprocess.run([sys.executable, "-m", "grants_app.rehearsal", str(root / CODE)], check=True, capture_output=True)
    found = rehearsal_of(root, CODE)
    assert found is not None
    return found


def test_faults_of_the_settings_are_told_in_words(app: Flask, clock: FrozenClock, root: Path) -> None:
    call = new_call()
    never = {"all": [{"question": "amount", "at_least": 100}, {"question": "amount", "at_most": 5}]}
    form = replace(
        STANDARD,
        sections=(
            *STANDARD.sections,
            Section(
                "trap",
                "project",
                "Пастка",
                (
                    Question("amount", "Скільки", "number"),
                    Question("never", "Ніколи", "text", show_if=never),
                ),
            ),
        ),
    )
    with_form(call, form)
    with unit_of_work():
        call.competition.category_ceilings = dict.fromkeys(STANDARD.category_labels, 100)
        call.competition.results_by = None
    found = played_in_process(call, root)
    words = BeautifulSoup(visit_as(app, call.organizer).get(f"/competitions/{CODE}/rehearsal").data, "html.parser")
    items = " ".join(item.get_text(" ", strip=True) for item in words.select("#result ~ ul li"))
    assert "No application could be sent: nobody could apply with these settings" in told(found)
    assert [one.name for one in found.moments] == ["intake"]
    assert "Не виконано умову оголошення: Календар послідовний: прийом, оцінювання, результати, проєкти" in items
    for part in ("Ніколи", "Граничні частки", "Жодної заявки не вдалося подати"):
        assert part in items, (part, items)


def test_play_of_a_folder_without_a_call_is_an_error(tmp_path: Path) -> None:
    with pytest.raises((OSError, DomainError)):
        play(tmp_path)
