"""A real grant round through the file door: the web application decides as the published reference does."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from grants_app.applications.models import Application
from grants_app.awards.models import Award
from grants_app.awards.services.ranking import open_decision
from grants_app.competitions.models import Competition, Lot
from grants_app.database import db, unit_of_work
from grants_app.permissions import Role
from grants_app.reviews.models import Assignment, Score
from scoring import allocate, rank
from scoring.files import read_applications, read_marks, read_rules
from tests.journeys.catalyst import write_files
from tests.support.visitors import new_person

REFERENCE = {"stop": "stop", "marginal": "marginal_50"}


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Two lots, three applications, two experts, one recusal, an unknown column in each table."""
    folder = tmp_path / "small"
    folder.mkdir()
    rules = json.loads(
        """{"rules_version": 1, "direction": "higher", "criteria": [{"code": "c", "title": "Критерій", "min": "0",
        "max": "10", "step": "0.5", "weight": "1", "pass_mark": null, "counted": true}], "expert_total": "normalised",
        "order": "total_then_combine", "combine": "mean", "trim": 0, "min_experts": 1,
        "rounding": [{"after": "total", "places": 2, "mode": "half_up"}], "pass_mark": "50", "tie_breaks": [],
        "allocation": {"rule": "stop", "marginal_bp": 5000, "pool_leftover": false, "pool_without_lots": [],
        "cap_per_applicant_kop": null, "bands": [], "pool_kop": null}, "lots": [{"code": "a", "fund_kop": 100,
        "minimum_kop": null, "maximum_kop": null, "pass_mark": null, "criteria_weights": null, "spend_min_kop": null,
        "spend_max_kop": null}]}"""
    )
    (folder / "rules.json").write_text(json.dumps(rules, ensure_ascii=False), encoding="utf-8")
    (folder / "applications.csv").write_text(
        "application,lot,requested_kop,district\nB-2,a,60,Центр\nA-1,a,50,Поділ\n", encoding="utf-8"
    )
    (folder / "scores.csv").write_text(
        "application,expert,criterion,points,state,day\n"
        "A-1,E1,c,7.50,scored,1\nB-2,E1,c,,recused,2\nB-2,E2,c,8,scored,\n",
        encoding="utf-8",
    )
    return folder


def stored_awards(code: str) -> dict[str, int]:
    """What the rule gives in the web application, by the code of the files."""
    query = (
        sa.select(Application.imported_code, Award.rule_kop)
        .join(Award, Award.application_id == Application.id)
        .where(Award.competition.has(code=code))
    )
    return {str(name): amount for name, amount in db.session.execute(query)}


def by_envelope(code: str, inside: set[str]) -> dict[str, dict[str, Any]]:
    """Full and partial awards and sums of each lot, in the words of the reference."""
    table: dict[str, dict[str, Any]] = {
        lot: {"n_full": 0, "n_partial": 0, "spent": 0, "sum_ids": 0, "partial": {}} for lot in inside
    }
    query = (
        sa.select(Lot.code, Application.imported_code, Application.requested_kop, Award.rule_kop)
        .join(Award, Award.application_id == Application.id)
        .join(Lot, Application.lot_id == Lot.id)
        .where(Award.competition.has(code=code), Award.rule_kop > 0, Lot.code.in_(inside))
    )
    for lot, name, asked, given in db.session.execute(query):
        row = table[lot]
        row["spent"] += given
        row["sum_ids"] += int(name)
        row["n_full" if given == asked else "n_partial"] += 1
        if given < asked:
            row["partial"][name] = given
    return table


def hand_over(code: str) -> None:
    secretary = new_person(Role.SECRETARY)
    with unit_of_work():
        open_decision(db.session.scalars(sa.select(Competition).filter_by(code=code)).one(), by=secretary)


@pytest.mark.parametrize("rule", ["stop", "marginal"])
def test_whole_grant_round_awarded_as_published(
    runner: FlaskCliRunner, shared_data: Path, tmp_path: Path, rule: str, record_property: Any
) -> None:
    source = shared_data / "catalyst-fund7"
    folder = tmp_path / rule
    write_files(source, folder, rule=rule)
    started = time.monotonic()
    result = runner.invoke(args=["competition", "import", str(folder), "--code", "FUND7", "--year", "2022"])
    record_property("import_seconds", round(time.monotonic() - started, 1))
    assert result.exit_code == 0, result.output
    counts = [db.session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Application, Assignment)]
    assert counts == [936, 5_149]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Score)) == 5_149 * 3
    hand_over("FUND7")

    given = read_rules(folder / "rules.json")
    bids, _ = read_applications(folder / "applications.csv")
    marks, _ = read_marks(folder / "scores.csv")
    alone = allocate(given, rank(given, bids, marks))
    assert stored_awards("FUND7") == {award.application: award.amount_kop for award in alone.awards}

    reference = json.loads((source / "expected.json").read_text(encoding="utf-8"))["award_rules_reference"]
    published = reference[REFERENCE[rule]]["by_envelope"]
    keys = ("n_full", "n_partial", "spent", "sum_ids", "partial")
    assert by_envelope("FUND7", set(published)) == {
        lot: {key: row[key] for key in keys} for lot, row in published.items()
    }


def test_export_is_the_same_on_the_second_round(runner: FlaskCliRunner, small: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for source, code, target in ((small, "ONE", first), (first, "TWO", second)):
        result = runner.invoke(args=["competition", "import", str(source), "--code", code])
        assert result.exit_code == 0, result.output
        assert runner.invoke(args=["competition", "export", code, str(target)]).exit_code == 0
    for name in ("rules.json", "applications.csv", "scores.csv"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert "A-1,a,50,,Поділ" in (first / "applications.csv").read_text(encoding="utf-8")
    assert "A-1,E1,c,7.50,scored,1" in (first / "scores.csv").read_text(encoding="utf-8")
    assert "B-2,E1,c,,recused,2" in (first / "scores.csv").read_text(encoding="utf-8")


def test_preview_stores_nothing(runner: FlaskCliRunner, small: Path) -> None:
    result = runner.invoke(args=["competition", "import", str(small), "--code", "ONE", "--preview"])
    assert result.exit_code == 0
    assert "applications: 2" in result.output
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Competition)) == 0


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("scores.csv", "7.50", "10.5", "scores.csv, line 2"),
        ("scores.csv", "7.50", "7.3", "scores.csv, line 2"),
        ("scores.csv", "A-1,E1,c,7.50,scored,1", "A-1,E1,c,7.50,recused,1", "scores.csv, line 2"),
        ("scores.csv", "B-2,E2,c", "Z-9,E2,c", "scores.csv, line 4"),
        ("applications.csv", "A-1,a,50", "A-1,x,50", "applications.csv, line 3"),
        ("applications.csv", "A-1,a,50", "A-1,a,many", "applications.csv, line 3"),
        ("rules.json", '"combine": "mean"', '"combine": "best"', "rules.json"),
    ],
)
def test_wrong_file_named_by_line_and_nothing_stored(
    runner: FlaskCliRunner, small: Path, name: str, old: str, new: str, told: str
) -> None:
    path = small / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    result = runner.invoke(args=["competition", "import", str(small), "--code", "ONE"])
    assert result.exit_code == 1
    assert told in result.output
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Competition)) == 0


def test_taken_code_refused_whole(runner: FlaskCliRunner, small: Path) -> None:
    for expected in (0, 1):
        assert runner.invoke(args=["competition", "import", str(small), "--code", "ONE"]).exit_code == expected
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Application)) == 2
