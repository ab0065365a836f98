"""The last minutes of an intake: 300 applicants write and save at once, 100 of them send before the deadline.

Run it by hand: ``python tests/load/bench_intake.py [--server gunicorn|embedded] [--quick]``. One node with PostgreSQL
(throw-away, waiting for the disk as in production), real HTTP on loopback. Every applicant types on and saves a section
every few seconds; in the last minute a hundred check their answers and send, a third of them in the last five seconds;
some press after the deadline. Afterwards what is stored is compared with what the clients were told: nothing lost,
nobody refused who was in time, the register complete and in order of arrival. Figures are printed, not asserted.

gunicorn stands behind a server in production that says when a request was whole; here the client says it, in the same
header. The embedded server notes it by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import psycopg  # noqa: E402
import sqlalchemy as sa  # noqa: E402
from flask import Flask  # noqa: E402

from config import Settings  # noqa: E402
from grants_app import create_app  # noqa: E402
from grants_app.applications import queries, services  # noqa: E402
from grants_app.applications.models import Application, Submission  # noqa: E402
from grants_app.competitions.models import Competition  # noqa: E402
from grants_app.core import clock  # noqa: E402
from grants_app.database import db, unit_of_work  # noqa: E402
from grants_app.lifecycle import ApplicationState  # noqa: E402
from tests.load import scene  # noqa: E402
from tests.load.meter import Server, Visitor, first_answer, fixed_loop, served, spent  # noqa: E402
from tests.support import cluster  # noqa: E402
from tests.support.applications import draft_application, new_head  # noqa: E402
from tests.support.calls import announced_call  # noqa: E402
from tests.support.databases import build_schema, release  # noqa: E402
from tests.support.visitors import visit_as  # noqa: E402

HEADER = "X-Request-Start"
TEXTS = {"summary": "Навчимо підлітків мирити сусідів. ", "rationale": "У дворах бракує розмови. "}


@dataclass(frozen=True)
class Plan:
    """How many people, and how long each part takes."""

    writers: int = 300
    senders: int = 100
    late: int = 10
    fill_seconds: float = 30.0
    last_seconds: float = 60.0
    pause_seconds: float = 6.0  # between two saves of one person: people read and think


QUICK = Plan(writers=30, senders=10, late=3, fill_seconds=6.0, last_seconds=12.0, pause_seconds=3.0)


@dataclass
class Person:
    """A head at a browser, and what this browser was told."""

    number: int
    key: str
    cookie: str
    visitor: Visitor
    tokens: dict[str, str] = field(default_factory=dict)
    fields: dict[str, list[str]] = field(default_factory=dict)
    kept: str = ""  # the text of the last save that was acknowledged
    tried: str = ""
    pressed_at: float = 0.0
    answered_at: float = 0.0
    status: int = 0


@dataclass
class Record:
    """Seconds of each kind of request, and answers that were not expected."""

    times: dict[str, list[float]] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, name: str, seconds: float) -> None:
        """A request was answered."""
        with self.lock:
            self.times.setdefault(name, []).append(seconds)

    def blame(self, what: str) -> None:
        """An answer nobody expected."""
        with self.lock:
            self.bad.append(what)

    def lines(self) -> Iterator[str]:
        """A row of figures for each kind."""
        for name, taken in self.times.items():
            ms = sorted(1000 * one for one in taken)
            yield (
                f"{name:<22} n={len(ms):<5} p50 {statistics.median(ms):7.0f} ms   p95 "
                f"{ms[min(len(ms) - 1, int(0.95 * len(ms)))]:7.0f} ms   max {ms[-1]:7.0f} ms"
            )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", choices=("gunicorn", "embedded"), default="gunicorn")
    parser.add_argument("--workers", type=int, default=2, help="of gunicorn, four threads each")
    parser.add_argument("--quick", action="store_true", help="a smoke run: 30 applicants, 10 of them send")
    options = parser.parse_args()
    plan = QUICK if options.quick else Plan()
    # As in production: an acknowledged commit is on the disk.
    on = ("fsync", "full_page_writes", "synchronous_commit", "autovacuum")
    cluster.SERVER_SETTINGS.update(dict.fromkeys(on, "on"))
    with scene.database("postgresql") as (folder, url):
        environ = {
            "GRANTS_INSTANCE": str(folder),
            "GRANTS_DATABASE_URL": url,
            "GRANTS_SECRET_KEY": secrets.token_hex(24),
            "GRANTS_ARRIVAL_HEADER": HEADER if options.server == "gunicorn" else "",
            "GRANTS_LOG_LEVEL": "ERROR",
        }
        settings = Settings(instance=str(folder), database_url=url, secret_key=environ["GRANTS_SECRET_KEY"])
        app = create_app({"SETTINGS": settings, "SESSION_PROTECTION": None})
        build_schema(app)
        with app.app_context():
            begun = time.perf_counter()
            people = _prepare(app, plan)
            _say(f"{plan.writers} drafts prepared in {time.perf_counter() - begun:.0f} s")
        with _server(options, {**os.environ, **environ}) as server, app.app_context():
            _run(server, people, plan, options, url)
            release(app)


@contextmanager
def _server(options: argparse.Namespace, environ: dict[str, str]) -> Iterator[Server]:
    if options.server == "gunicorn":
        with served("grants_app:create_app()", environ, "/", threads=4, workers=options.workers) as server:
            yield server
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "flask", "--app", "grants_app", "serve", "--port", str(port)]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
    try:
        yield Server(port, process, first_answer(process, port, "/", started))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _prepare(app: Flask, plan: Plan) -> list[Person]:
    """A call that runs, and complete drafts of as many organisations; everybody is signed in."""
    clock.freeze(datetime(2027, 3, 1, 10, tzinfo=UTC))
    call = announced_call()
    people = []
    for number in range(plan.writers):
        head = new_head()
        draft = draft_application(call.competition, head)
        cookie = visit_as(app, head).get_cookie("grants_session")
        assert cookie is not None
        people.append(Person(number, draft.key, cookie.value, Visitor(0)))
    clock.freeze(None)
    return people


def _run(server: Server, people: list[Person], plan: Plan, options: argparse.Namespace, url: str) -> None:
    deadline = _open_till(plan.fill_seconds + plan.last_seconds)
    record, watcher = Record(), Watcher(url)
    for person in people:
        person.visitor = Visitor(server.port, {"grants_session": person.cookie}, HEADER)
    _say(
        f"{options.server}: {plan.writers} write, {plan.senders} send in the last {plan.last_seconds:.0f} s; "
        f"load average before {os.getloadavg()[0]:.1f}, fixed loop {fixed_loop():.3f} s"
    )
    before, own, started = server.cpu(), time.process_time(), time.perf_counter()
    watcher.start()
    threads = [threading.Thread(target=_live, args=(person, plan, deadline.timestamp(), record)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    watcher.stop()
    for line in record.lines():
        _say(line)
    requests = sum(map(len, record.times.values()))
    cpu, client = server.cpu() - before, time.process_time() - own
    _say(f"answers not expected: {len(record.bad)} {record.bad[:5]}")
    _say(
        f"{requests / elapsed:.1f} requests a second; processors: web {cpu / elapsed:.2f}, PostgreSQL "
        f"{watcher.cpu / elapsed:.2f}, this client {client / elapsed:.2f} of {os.cpu_count()}; "
        f"web {1000 * cpu / max(requests, 1):.1f} ms a request; load average {os.getloadavg()[0]:.1f}"
    )
    _say(f"PostgreSQL: at most {watcher.connections} connections, {watcher.active} at work, {watcher.waiting} waiting "
         f"for a lock ({watcher.waiting_share:.0%} of the looks saw one)")  # fmt: skip
    for line in _compare(people, deadline, plan):
        _say(line)


def _open_till(seconds: float) -> datetime:
    """The calendar of the call is moved to now, past the freezing of announced rules: no person could do it."""
    now = datetime.now(UTC)
    deadline = now + timedelta(seconds=seconds)
    table = sa.inspect(Competition).local_table
    with unit_of_work():
        db.session.execute(sa.update(table).values(intake_from=now - timedelta(days=40), intake_until=deadline))
    return deadline


def _live(person: Person, plan: Plan, deadline: float, record: Record) -> None:
    """One applicant from now till a moment after the deadline."""
    draw = random.Random(person.number)
    is_sender, is_late = person.number < plan.senders, plan.senders <= person.number < plan.senders + plan.late
    press = deadline - (draw.uniform(0.05, 5) if person.number % 3 == 0 else draw.uniform(5, plan.last_seconds))
    if is_late:
        press = deadline + draw.uniform(0.05, 2)
    time.sleep(draw.uniform(0, plan.pause_seconds))
    address = f"/applications/{person.key}"
    _ask(person, record, "page of a section", "GET", f"{address}/sections/summary")
    person.fields = json.loads(person.visitor.get(f"{address}/sections/summary/autosave")[1])["fields"]
    # A sender stops writing a moment before the press; all others write till the deadline.
    until = press - 1.5 if is_sender or is_late else deadline - 0.5
    turn = 0
    while time.time() < until:
        turn += 1
        _save(person, record, f"{address}/sections/summary/autosave", f"{TEXTS['summary']}{person.number} {turn}")
        time.sleep(max(0.0, min(draw.expovariate(1 / plan.pause_seconds), until - time.time())))
    if is_sender or is_late:
        _send(person, record, address, press)


def _save(person: Person, record: Record, path: str, text: str) -> None:
    person.tried = text
    values = {name: texts[0] for name, texts in person.fields.items() if texts} | {"summary": text}
    # The key of the form belongs to the final press; with it a later text would be a replay.
    tokens = {name: token for name, token in person.tokens.items() if name != "form_key"}
    status, body, seconds = person.visitor.ask("POST", path, tokens | values)
    record.add("autosave", seconds)
    if status == 200:
        person.kept, person.tokens["version"] = text, json.loads(body)["version"]
    else:
        record.blame(f"autosave {status}")


def _send(person: Person, record: Record, address: str, press: float) -> None:
    page = _ask(person, record, "check page", "GET", f"{address}/check")
    values = {**person.tokens, **dict.fromkeys(_ticks(page), "y")}
    time.sleep(max(0.0, press - time.time()))
    person.pressed_at = time.time()
    person.status, body, seconds = person.visitor.ask("POST", f"{address}/submit", values)
    person.answered_at = time.time()
    record.add("submission", seconds)
    if person.status not in {302, 403}:
        record.blame(f"submission {person.status}: {re.findall(r'error-summary.*?</ul>', body.decode(), re.S)[:1]}")


def _ask(person: Person, record: Record, name: str, method: str, path: str) -> str:
    status, body, seconds = person.visitor.ask(method, path)
    record.add(name, seconds)
    text = body.decode()
    if status != 200:
        record.blame(f"{name} {status}")
    person.tokens = person.visitor.hidden(text)
    return text


def _ticks(page: str) -> list[str]:
    """Names of the boxes to tick."""
    boxes = re.findall(r'<input[^>]*type="checkbox"[^>]*>', page)
    return [found[1] for box in boxes if (found := re.search(r'name="([^"]+)"', box))]


class Watcher(threading.Thread):
    """Looks at the database twice a second: connections, who waits for whom, what its processes spend."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url = url.replace("+psycopg", "")
        self.connections = self.active = self.waiting = self._looks = self._seen = 0
        self._cpu: dict[int, tuple[float, float]] = {}
        self._ended = threading.Event()

    @property
    def cpu(self) -> float:
        """Seconds of processor that the connections spent while they were watched."""
        return sum(last - first for first, last in self._cpu.values())

    @property
    def waiting_share(self) -> float:
        """How many of the looks saw somebody waiting for a lock."""
        return self._seen / max(self._looks, 1)

    def run(self) -> None:
        """Look until stopped."""
        query = "SELECT pid, state, wait_event_type FROM pg_stat_activity WHERE datname = current_database()"
        with psycopg.connect(self.url, autocommit=True) as connection:
            own = connection.info.backend_pid
            while not self._ended.wait(0.5):
                rows = [row for row in connection.execute(query).fetchall() if row[0] != own]
                self._look(rows)

    def _look(self, rows: list[tuple[int, str, str | None]]) -> None:
        waiting = sum(row[2] == "Lock" for row in rows)
        self.connections = max(self.connections, len(rows))
        self.active = max(self.active, sum(row[1] == "active" for row in rows))
        self.waiting = max(self.waiting, waiting)
        self._looks += 1
        self._seen += waiting > 0
        for pid, _state, _wait in rows:
            try:
                now = spent(pid)
            except OSError:
                continue
            self._cpu[pid] = (self._cpu.get(pid, (now, now))[0], now)

    def stop(self) -> None:
        """End the watch."""
        self._ended.set()
        self.join()


def _compare(people: list[Person], deadline: datetime, plan: Plan) -> Iterator[str]:
    """What is stored against what the clients were told."""
    senders = people[: plan.senders]
    end = deadline.timestamp()
    in_time = [one for one in senders if one.pressed_at and one.pressed_at < end]
    refused = [one for one in in_time if one.status != 302]
    late = people[plan.senders : plan.senders + plan.late]
    yield f"pressed in time {len(in_time)}, refused of them {len(refused)} {[one.status for one in refused][:5]}"
    yield f"pressed late {len(late)}, taken of them {sum(one.status == 302 for one in late)}"
    yield f"answered after the deadline though pressed before it: {sum(one.answered_at > end for one in in_time)}"
    competition = db.session.scalars(sa.select(Competition)).one()
    with unit_of_work():
        count = services.close_intake(competition)
    db.session.rollback()
    rows = db.session.execute(
        sa.select(Application.key, Application.register_number, Application.submitted_at)
        .where(Application.state == ApplicationState.SUBMITTED)
        .order_by(Application.register_number)
    ).all()
    frozen = int(db.session.scalar(sa.select(sa.func.count(Submission.id))) or 0)
    numbers = [row.register_number for row in rows] == list(range(1, len(rows) + 1))
    instants = [row.submitted_at for row in rows] == sorted(row.submitted_at for row in rows)
    yield f"register: {count} applications, {frozen} frozen, without gaps: {numbers}, in order of arrival: {instants}"
    by_key = {one.key: one for one in people}
    order = [by_key[row.key] for row in rows]
    wrong = sum(
        later.answered_at < earlier.pressed_at for place, earlier in enumerate(order) for later in order[place + 1 :]
    )
    yield f"pairs in which somebody was answered before another pressed and yet stands behind: {wrong}"
    lost = [one.number for one in people if one.kept and _stored(one) not in {one.kept, one.tried}]
    told = "NOTHING LOST" if not lost and not refused else "LOST"
    yield f"{told}: texts that differ from what was acknowledged: {lost}"


def _stored(person: Person) -> str:
    application = db.session.scalars(sa.select(Application).filter_by(key=person.key)).one()
    return str(queries.answers_of(application).get("summary") or "")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
