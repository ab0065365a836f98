"""The advisory figures beside the list: what they say, who reads them, and that they change nothing."""

from __future__ import annotations

import ast
import json
from fractions import Fraction
from pathlib import Path

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.awards import services
from grants_app.awards.models import Award, Ranking, RankingLine
from grants_app.awards.queries.stability import stability
from grants_app.awards.services.publication import build_bundle
from grants_app.competitions.models import Competition
from grants_app.database import db, unit_of_work
from grants_app.journal.models import Job
from grants_app.journal.worker import work_off
from grants_app.permissions import Role
from grants_app.reviews.models import AdviceReport
from grants_app.reviews.queries import advice as queries
from grants_app.reviews.services.advice import queue_advice
from scoring.digest import canonical_json
from tests.journeys.catalyst import write_files
from tests.support.decisions import (
    Bid,
    Case,
    add_item,
    adopt,
    open_decision,
    open_meeting,
    publish,
    rules_of,
    scored_competition,
)
from tests.support.queries import count_queries
from tests.support.source import ROOT, python_files, tree
from tests.support.time import FrozenClock
from tests.support.visitors import new_person, visit_as

PAGE = "/awards/2027-TST/stability"
SUFFIXES = ("json", "csv", "xlsx", "pdf")


@pytest.fixture
def panel(app: Flask, clock: FrozenClock) -> Case:
    """Twelve applications of four experts, one of whom is strict; money for about half of them."""
    smaller = {"by": "column", "column": "requested_kop", "direction": "lower"}
    worth = (9, 9, 8, 8, 7, 7, 7, 6, 6, 5, 5, 4)
    bids = [
        Bid(
            f"заявка {number:02d}",
            2_000_000 + number,
            {
                "E1": str(value),
                "E2": str(min(10, value + number % 2)),
                "E3": str(value - number % 3 // 2),
                "E4": str(max(0, value - 3)),
            },
        )
        for number, value in enumerate(worth)
    ]
    return scored_competition(bids, rules_of({"lot": 12_000_000}, pass_mark="30", tie_breaks=[smaller]), experts=4)


def computed(app: Flask, case: Case) -> None:
    open_decision(case)
    done(app)


def done(app: Flask) -> None:
    """Everything that waits is done; what this test reads next is what was stored."""
    assert work_off(app) > 0
    db.session.rollback()


def texts(page: str) -> str:
    found = BeautifulSoup(page, "html.parser").main
    assert found is not None
    return " ".join(found.get_text(" ").split())


def official(case: Case) -> dict[str, str]:
    """Every official number of the competition, byte for byte: lines, awards, inputs, trace, bundle with its hash."""
    db.session.expire_all()
    rankings = db.session.scalars(sa.select(Ranking).filter_by(competition_id=case.competition.id)).all()
    columns = [column for column in RankingLine.__table__.columns if column.name != "id"]
    lines = db.session.execute(sa.select(*columns).order_by(RankingLine.position)).all()
    awards = db.session.execute(sa.select(*Award.__table__.columns).order_by(Award.position)).all()
    ranking = rankings[0]
    bundle = build_bundle(case.competition, ranking)
    return {
        "rankings": str([(one.rules_hash, one.input_hash, one.version, one.trace) for one in rankings]),
        "inputs": ranking.inputs_text,
        "balances": canonical_json(ranking.balances),
        "lines": repr(lines),
        "awards": repr(awards),
        "bundle": canonical_json(bundle),
        "result_hash": str(bundle["result_hash"]),
    }


def test_advice_changes_no_byte_of_the_official_list(app: Flask, panel: Case) -> None:
    open_decision(panel)
    before = official(panel)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AdviceReport)) == 0
    done(app)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AdviceReport)) == 1
    assert official(panel) == before
    listed = visit_as(app, panel.chair).get("/awards/2027-TST/ranking.json").get_json()
    with unit_of_work():
        db.session.delete(db.session.scalars(sa.select(AdviceReport)).one())
    assert visit_as(app, panel.chair).get("/awards/2027-TST/ranking.json").get_json() == listed
    assert official(panel) == before


def test_no_service_of_the_decision_reads_advice() -> None:
    """What decides may ask for the figures (once, at the handover) and has no way to receive one."""
    asked = []
    for path in python_files("grants_app/awards"):
        if path.parent.name != "services" and "services" not in path.parts:
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module and "advice" in node.module:
                asked += [(path.name, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and "stability" in node.module:
                asked.append((path.name, node.module))
            elif isinstance(node, ast.Name | ast.Attribute):
                assert "AdviceReport" not in ast.dump(node), path
    assert asked == [("ranking.py", "queue_advice")]
    returned = [
        ast.unparse(node.returns or ast.Constant(None))
        for node in ast.walk(tree(ROOT / "grants_app/reviews/services/advice.py"))
        if isinstance(node, ast.FunctionDef) and node.name in ("queue_advice", "ask_for_advice")
    ]
    assert sorted(returned) == ["None", "bool"]


def test_handover_asks_for_the_figures_once(app: Flask, panel: Case) -> None:
    open_decision(panel)
    jobs = db.session.scalars(sa.select(Job).filter_by(kind=queries.KIND)).all()
    assert [json.loads(job.arguments) for job in jobs] == [{"competition": "2027-TST", "stage": "decision"}]
    with unit_of_work():
        assert queue_advice(panel.competition, by=panel.secretary) is False
    done(app)
    report = db.session.scalars(sa.select(AdviceReport)).one()
    assert report.stage == "decision"
    with unit_of_work():
        assert queue_advice(panel.competition, by=panel.secretary) is True


def test_page_says_zone_changes_and_prior(app: Flask, panel: Case) -> None:
    computed(app, panel)
    told = stability(panel.competition, frozenset())
    assert told.fits_ranking
    assert told.report is not None
    assert not told.report.is_stale
    zone = {row.code for row in told.rows if row.chance is not None and 0.25 < row.chance < 0.75}
    assert {row.code for row in told.zone} == zone
    assert zone
    assert set(db.session.scalars(sa.select(AdviceReport.zone)).one()) == zone
    ends = [(*(row.ranks90 or ()), *(row.ranks50 or ())) for row in told.rows]
    assert [low <= low50 <= high50 <= high for low, high, low50, high50 in ends] == [True] * len(told.rows)
    text = texts(visit_as(app, panel.members[0]).get(PAGE).get_data(as_text=True))
    assert "не змінює" in text
    assert "Апріорний розподіл: оцінений із самих балів (REML). Випробувань: 4000, початкове значення 1." in text
    assert "Межа фінансування" in text
    assert "Що мало б змінитися" in text
    assert "Наскільки може змінитися вага" in text
    english = visit_as(app, panel.members[0]).get(f"{PAGE}?lang=en").get_data(as_text=True)
    assert "Prior: estimated from the marks themselves (REML)" in english


def test_page_names_awards_that_a_correction_of_severity_would_turn_round(app: Flask, panel: Case) -> None:
    computed(app, panel)
    rows = stability(panel.competition, frozenset()).rows
    funded, refused = (next(row for row in rows if row.is_funded is chosen) for chosen in (True, False))
    with unit_of_work():
        report = db.session.scalars(sa.select(AdviceReport)).one()
        content = json.loads(report.content)
        for row in content["calibration"]["applications"]:
            row["p_funded"] = {funded.engine_code: 0.25, refused.engine_code: 0.75}.get(row["application"], 0.5)
        report.content = json.dumps(content)
    told = stability(panel.competition, frozenset())
    assert {row.code for row in told.contrary} == {funded.code, refused.code}
    page = BeautifulSoup(visit_as(app, panel.members[0]).get(f"{PAGE}?lang=en").get_data(as_text=True), "html.parser")
    said = " ".join(page.select("section[aria-labelledby=zone] p")[1].get_text(" ").split())
    beginning = "2 awards would most likely be otherwise if the severity of the experts were corrected:"
    assert said == f"{beginning} {funded.code} (with money) , {refused.code} (without money)"


def test_what_would_have_to_change_is_what_the_engine_says(app: Flask, panel: Case) -> None:
    computed(app, panel)
    told = stability(panel.competition, frozenset())
    by_engine = {row.engine_code: row.code for row in told.rows}
    part = told.report.part("robustness") if told.report else None
    assert part is not None
    expected = {by_engine[row["application"]]: len(row["changes"]) for row in part["what_would_have_to_change"]}
    assert {row.code: len(row.changes) for row in told.turning} == expected
    assert {row.code for row in told.rows if row.is_funded} == {by_engine[code] for code in part["awarded"]}


def test_small_competition_is_refused_in_words(app: Flask, clock: FrozenClock) -> None:
    case = scored_competition([Bid("єдина", 1_000_000, {"E1": "8", "E2": "7"})], rules_of({"lot": 5_000_000}))
    computed(app, case)
    text = texts(visit_as(app, case.secretary).get(PAGE).get_data(as_text=True))
    assert "Наскільки місця певні, сказати не можна." in text
    assert "Для калібрування потрібні дві заявки, двоє експертів і заявка, яку оцінили двоє" in text
    advice = texts(visit_as(app, case.secretary).get("/reviews/2027-TST/advice").get_data(as_text=True))
    assert "Для калібрування потрібні дві заявки" in advice


def test_two_experts_without_shared_applications_are_not_identifiable(app: Flask, clock: FrozenClock) -> None:
    bids = [
        Bid("перша", 1_000_000, {"E1": "8", "E2": "7"}),
        Bid("друга", 1_000_000, {"E3": "6", "E4": "7"}),
        Bid("третя", 1_000_000, {"E5": "6", "E6": "9"}),
    ]
    case = scored_competition(bids, rules_of({"lot": 5_000_000}))
    computed(app, case)
    text = texts(visit_as(app, case.secretary).get("/reviews/2027-TST/advice").get_data(as_text=True))
    assert text.count("Сказати не можна: у цих експертів менше двох спільних заявок з іншими") == 6


def test_only_the_secretary_and_the_commission_read_the_page(app: Flask, panel: Case) -> None:
    computed(app, panel)
    stranger = new_person(panel.members[0].grants[0].role)
    readers = {
        "chair": (panel.chair, 200),
        "member": (panel.members[0], 200),
        "secretary": (panel.secretary, 200),
        "organizer": (panel.organizer, 403),
        "applicant": (panel.heads["заявка 00"], 403),
        "member of another commission": (stranger, 404),
    }
    for path in (PAGE, *(f"{PAGE}.{suffix}" for suffix in ("json", "csv"))):
        found = {name: visit_as(app, person).get(path).status_code for name, (person, _) in readers.items()}
        assert found == {name: status for name, (_, status) in readers.items()}, path
    assert visit_as(app, None).get(PAGE).status_code in (302, 401)


def test_conflicted_member_finds_nothing_of_the_application(app: Flask, panel: Case) -> None:
    computed(app, panel)
    hidden = panel.codes["заявка 05"]
    pages = [PAGE, f"{PAGE}?show=zone", *(f"{PAGE}.{suffix}" for suffix in ("json", "csv"))]
    member = panel.members[0]
    assert all(hidden in visit_as(app, member).get(page).get_data(as_text=True) for page in (PAGE, f"{PAGE}.csv"))
    item = add_item(panel, open_meeting(panel), kind="award", award=panel.award("заявка 05"))
    with unit_of_work():
        services.declare_recusal(item, reason="", by=member)
    seen = {page: hidden in visit_as(app, member).get(page).get_data(as_text=True) for page in pages}
    assert seen == dict.fromkeys(pages, False)


def test_figures_of_the_whole_are_closed_to_whoever_is_kept_out_of_a_part(app: Flask, panel: Case) -> None:
    computed(app, panel)
    member, pages = panel.members[0], (PAGE, "/reviews/2027-TST/advice")

    def told() -> list[str]:
        return [texts(visit_as(app, member).get(page).get_data(as_text=True)) for page in pages]

    assert ["Експерти розходяться" in text for text in told()] == [True, True]
    item = add_item(panel, open_meeting(panel), kind="award", award=panel.award("заявка 05"))
    with unit_of_work():
        services.declare_recusal(item, reason="", by=member)
    assert ["Експерти розходяться" in text for text in told()] == [False, False]
    assert "Ураховано було б і заявки, які розглядають без вас" in told()[1]


def test_files_hold_the_rows_of_the_page(app: Flask, panel: Case) -> None:
    computed(app, panel)
    client = visit_as(app, panel.chair)
    rows = client.get(f"{PAGE}.json").get_json()["rows"]
    told = stability(panel.competition, frozenset())
    assert [row["code"] for row in rows] == [row.code for row in told.rows]
    assert {suffix: client.get(f"{PAGE}.{suffix}").status_code for suffix in SUFFIXES} == dict.fromkeys(SUFFIXES, 200)


def test_figures_stay_readable_after_the_publication(app: Flask, panel: Case) -> None:
    computed(app, panel)
    adopt(panel)
    publish(panel)
    assert visit_as(app, panel.chair).get(PAGE).status_code == 200
    assert visit_as(app, None).get(PAGE).status_code in (302, 401)


def test_zone_is_said_on_the_ranked_list(app: Flask, panel: Case) -> None:
    open_decision(panel)
    client = visit_as(app, panel.chair)
    assert "межа фінансування" not in client.get("/awards/2027-TST/ranking").get_data(as_text=True)
    done(app)
    zone = stability(panel.competition, frozenset()).zone
    page = BeautifulSoup(client.get("/awards/2027-TST/ranking").get_data(as_text=True), "html.parser")
    marked = {
        row.select_one("th .app-nowrap").get_text()  # type: ignore[union-attr]
        for row in page.select("table.app-rank tbody tr")
        if "межа фінансування" in row.get_text()
    }
    assert marked == {row.code for row in zone}


def test_engine_that_does_not_come_back_is_said(
    app: Flask, panel: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from grants_app.reviews.rules import advice as limits

    monkeypatch.setitem(limits.SECONDS, "agree", 0.001)
    open_decision(panel)
    before = official(panel)
    done(app)
    job = db.session.scalars(sa.select(Job).filter_by(kind=queries.KIND)).one()
    assert (job.status, job.failure) == (
        "failed",
        "The computation “agree” took longer than 0.001 seconds and was stopped",
    )
    text = texts(visit_as(app, panel.chair).get(PAGE).get_data(as_text=True))
    assert "Останнє обчислення не вдалося" in text
    assert official(panel) == before


def test_optimum_is_told_against_the_full_grants_of_the_rule(app: Flask, panel: Case) -> None:
    computed(app, panel)
    best = stability(panel.competition, frozenset()).optimum
    assert best is not None
    full = [row for row in stability(panel.competition, frozenset()).rows if row.is_full]
    assert best.rule_value == sum(Fraction(row.score or "0") for row in full)
    assert Fraction(best.value) >= best.rule_value
    assert not set(best.drops) & set(best.takes)


@pytest.mark.sqlite_only
def test_real_grant_round_through_the_file_door(app: Flask, shared_data: Path, tmp_path: Path) -> None:
    """936 applications and 406 experts: the report is made of the very inputs of the list, and its page opens."""
    write_files(shared_data / "catalyst-fund7", tmp_path / "files", rule="marginal")
    command = ["competition", "import", str(tmp_path / "files"), "--code", "FUND7", "--year", "2022"]
    assert app.test_cli_runner().invoke(args=command).exit_code == 0
    secretary = new_person(Role.SECRETARY)
    competition = db.session.scalars(sa.select(Competition).filter_by(code="FUND7")).one()
    with unit_of_work():
        services.open_decision(competition, by=secretary)
    done(app)
    told = stability(competition, frozenset())
    assert told.report is not None
    assert told.fits_ranking
    assert not told.report.is_stale
    robust, calibration = told.report.part("robustness"), told.report.part("calibration")
    assert robust is not None
    assert calibration is not None
    assert {row.engine_code for row in told.rows if row.is_funded} == set(robust["awarded"])
    assert calibration["reml_criterion"] == pytest.approx(13_329.72, abs=0.01)
    assert len(told.rows) == 936
    client = visit_as(app, secretary)
    client.get("/awards/FUND7/stability")
    with count_queries() as statements:
        page = client.get("/awards/FUND7/stability?page=2").get_data(as_text=True)
    assert page.count("app-strip") == 250
    assert len(statements) <= 16, str(statements)
    assert client.get("/reviews/FUND7/advice").status_code == 200
