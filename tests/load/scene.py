"""The data of the load measurements: a competition of any size, brought in by the file door and handed over."""

from __future__ import annotations

import csv
import json
import os
import random
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, islice
from pathlib import Path

import psycopg
import sqlalchemy as sa
from flask import Flask

from config import Settings
from grants_app import create_app
from grants_app.accounts.models import Organisation, User
from grants_app.accounts.services.sign_in import hashed
from grants_app.applications.models import Application
from grants_app.awards import services as awards
from grants_app.cli.competition import FileDoor
from grants_app.competitions.models import CommissionSeat, Competition
from grants_app.core import clock
from grants_app.core.identifiers import is_edrpou
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import AssignmentState
from grants_app.permissions import Role
from grants_app.reviews.models import Assignment
from grants_app.reviews.services.file_door import bring_in, read_folder
from tests.support import cluster
from tests.support.databases import build_schema, release
from tests.support.decisions import Case, adopt, publish, rules_of
from tests.support.visitors import new_person

DECIDED, SCORED = "2026-LST", "2026-REV"
CRITERIA = ["goal", "plan", "reach", "budget", "team"]
EXPERTS, PANEL, SMALL_LOT = 60, 3, 50
PASSWORD = "Ромашка-вітер-7-міст"
YEAR = 2026


@dataclass(frozen=True)
class Stage:
    """The product's database filled for a measurement, and how to serve it."""

    app: Flask
    environ: dict[str, str]
    url: str
    secretary: str  # e-mail of the secretary
    member: str  # of a member of the commission
    expert: str  # of an expert who has sheets to write
    sheets: list[str]  # codes of that expert's applications

    def publish(self) -> None:
        """Let the commission adopt the list by one vote, sign it and publish it."""
        with self.app.app_context():
            query = sa.select(User).join(CommissionSeat, CommissionSeat.user_id == User.id)
            chair, deputy, member, secretary = db.session.scalars(query.order_by(CommissionSeat.id)).all()
            organizer = new_person(Role.ORGANIZER)
            case = Case(_competition(DECIDED), chair, deputy, [member], secretary, organizer)
            adopt(case)
            publish(case)


@contextmanager
def database(engine: str) -> Iterator[tuple[Path, str]]:
    """A folder for the instance and the address of an empty database, both gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="grants-load-"))
    try:
        if engine == "sqlite":
            yield folder, f"sqlite:///{folder / 'grants.sqlite3'}"
            return
        cluster.prepare(on_disk=True)
        try:
            server = cluster.server_url()
            with psycopg.connect(server.replace("+psycopg", "") + "/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE grants_load")
            yield folder, f"{server}/grants_load"
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def filled(engine: str, size: int) -> Iterator[Stage]:
    """The product with one competition before the commission and one in scoring, `size` applications each."""
    with database(engine) as (folder, url):
        environ = {
            "GRANTS_INSTANCE": str(folder),
            "GRANTS_DATABASE_URL": url,
            "GRANTS_SECRET_KEY": secrets.token_hex(24),
        }
        settings = Settings(
            instance=str(folder), database_url=url, secret_key=environ["GRANTS_SECRET_KEY"], city_name="Тестове"
        )
        app = create_app({"SETTINGS": settings})
        build_schema(app)
        with app.app_context():
            people, sheets = _fill(folder, size)
            _analyse()
        release(app)
        yield Stage(app, {**os.environ, **environ}, url, *people, sheets)
        release(app)


def _fill(folder: Path, size: int) -> tuple[tuple[str, str, str], list[str]]:
    _write_files(folder, size)
    luggage = read_folder(folder)
    organisations = _organisations(max(1, size // 4))
    seats = {
        "chair": new_person(Role.CHAIR),
        "deputy": new_person(Role.COMMISSION_MEMBER),
        "member": new_person(Role.COMMISSION_MEMBER),
        "secretary": new_person(Role.SECRETARY),
    }
    people = (seats["secretary"], seats["chair"], new_person(Role.EXPERT))
    kept = hashed(PASSWORD)
    for code in (DECIDED, SCORED):
        with unit_of_work():
            competition = bring_in(luggage, code=code, title="Соціально-культурні проєкти", year=YEAR, by=FileDoor())
            _give_names(competition, organisations)
    with unit_of_work():
        for person in people:
            db.session.get_one(User, person.id).password = kept
        competition = _competition(DECIDED)
        competition.seats.extend(CommissionSeat(user_id=one.id, office=office) for office, one in seats.items())
        awards.open_decision(competition, by=seats["secretary"])
    with unit_of_work():
        sheets = _sheets(_competition(SCORED), people[-1])
    return (people[0].email, people[1].email, people[2].email), sheets


def _competition(code: str) -> Competition:
    return db.session.scalars(sa.select(Competition).filter_by(code=code)).one()


def _write_files(folder: Path, size: int) -> None:
    """Marks drawn once for all: the same competition in every run."""
    draw = random.Random(11)
    fund = size * 10_000_000
    rules = rules_of(
        {"large": fund, "small": SMALL_LOT * 2_000_000},
        CRITERIA,
        tie_breaks=[
            {"by": "criterion", "code": "goal", "direction": "higher"},
            {"by": "column", "column": "requested_kop", "direction": "lower"},
        ],
        allocation={"rule": "skip"},
    )
    (folder / "rules.json").write_text(json.dumps(rules, ensure_ascii=False), encoding="utf-8")
    codes = [f"A{number:05d}" for number in range(1, size + 1)]
    with (folder / "applications.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("application", "lot", "requested_kop"))
        for number, code in enumerate(codes):
            lot = "small" if number < SMALL_LOT else "large"
            writer.writerow((code, lot, draw.randrange(3_000_000, 25_000_000, 5_000)))
    with (folder / "scores.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("application", "expert", "criterion", "points", "state"))
        for code in codes:
            level = draw.randint(4, 8)
            for expert in draw.sample(range(1, EXPERTS + 1), PANEL):
                for criterion in CRITERIA:
                    points = min(10, max(0, level + draw.randint(-2, 2)))
                    writer.writerow((code, f"E{expert:02d}", criterion, points, "scored"))


def _organisations(number: int) -> list[int]:
    codes = (f"{value:08d}" for value in count(41_000_000) if is_edrpou(f"{value:08d}"))
    with unit_of_work():
        rows = [
            Organisation(
                edrpou=code,
                name=f"Громадська організація «Вигадана спілка {index}»",
                short_name=f"ГО «Вигадана спілка {index}»",
                registered_on=date(2015, 3, 2),
                created_at=clock.now(),
            )
            for index, code in enumerate(islice(codes, number), 1)
        ]
        db.session.add_all(rows)
        db.session.flush()
        return [row.id for row in rows]


def _give_names(competition: Competition, organisations: list[int]) -> None:
    bids = db.session.scalars(sa.select(Application).filter_by(competition_id=competition.id))
    for number, bid in enumerate(bids):
        bid.organisation_id = organisations[number % len(organisations)]
        bid.title = f"Школа дворових медіаторів та сусідських ініціатив, випуск {number + 1}"


def _sheets(competition: Competition, expert: User) -> list[str]:
    """A fourth review of each of the first applications waits for this expert, impartiality declared."""
    competition.scoring_until = clock.now() + timedelta(days=10)
    found = list(
        db.session.scalars(
            sa.select(Application).filter_by(competition_id=competition.id).order_by(Application.id).limit(400)
        )
    )
    db.session.add_all(
        Assignment(
            competition_id=competition.id,
            application_id=bid.id,
            expert_id=expert.id,
            expert_code="E99",
            state=AssignmentState.ACCEPTED,
            assigned_at=clock.now(),
            declared_at=clock.now(),
        )
        for bid in found
    )
    return [str(bid.code) for bid in found]


def _analyse() -> None:
    """Let the planner know the sizes, as it would after a night."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
