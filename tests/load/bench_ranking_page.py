"""Speed of the pages that grow with a competition, beside a bare page over the same rows in the same run.

Run it by hand: ``python tests/load/bench_ranking_page.py [--postgres] [--applications 2000] [--quick]``. It builds a
competition (2,000 applications, 3 reviews, 5 criteria), serves the product by two workers and prints figures. It
asserts nothing, because a timed test fails with the neighbour's load and not with the code.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402

from grants_app.accounts.models import User  # noqa: E402
from grants_app.database import db  # noqa: E402
from tests.load import scene  # noqa: E402
from tests.load.meter import HEAD, Effort, Figures, Server, Visitor, fixed_loop, measure, served  # noqa: E402
from tests.load.scene import DECIDED, SCORED, Stage  # noqa: E402
from tests.support.queries import count_queries  # noqa: E402
from tests.support.visitors import visit_as  # noqa: E402

PEER_MS = {"ranking, 250 rows": 2188.0, "ranking, 50 rows": 772.0}
FASTER, CPU_SHARE = 30, 4
REASON = "Показники вимірні, ціни підтверджені пропозиціями постачальників, строки досяжні."

MEMBER_PAGES = {
    "ranking, 250 rows": f"/awards/{DECIDED}/ranking",
    "ranking, 50 rows": f"/awards/{DECIDED}/ranking?lot=small",
    "ranking, 250 rows, page 4, by score": f"/awards/{DECIDED}/ranking?page=4&sort=-score",
    "ranking as CSV, all rows": f"/awards/{DECIDED}/ranking.csv",
    "ranking as XLSX, all rows": f"/awards/{DECIDED}/ranking.xlsx",
    "decision desk": f"/awards/{DECIDED}/decision",
    "start page of the member": "/home",
}
SECRETARY_PAGES = {
    "work list of the secretary": "/home",
    "progress of scoring": f"/reviews/{SCORED}/progress",
    "register of applications, all rows": f"/applications/register/{SCORED}",
}
PUBLISHED_PAGES = {
    "published results, all rows": f"/awards/{DECIDED}",
    "winners as CSV": f"/awards/{DECIDED}/winners.csv",
}
PUBLIC_PAGES = {
    "public page of the competition": f"/competitions/{DECIDED}",
    "public start page": "/",
}
SLOW = ("XLSX",)


def main() -> None:
    """Print the tables."""
    options = _options()
    engine = "postgresql" if options.postgres else "sqlite"
    effort = Effort(12, 3.0) if options.quick else Effort()
    started = time.perf_counter()
    with scene.filled(engine, options.applications) as stage:
        _say(f"{engine}, {options.applications:,} applications x {scene.PANEL} x {len(scene.CRITERIA)}")
        _say(f"two competitions brought in and one ranked: {time.perf_counter() - started:.1f} s")
        _say(f"load average {os.getloadavg()[0]:.1f}, fixed loop {fixed_loop():.3f} s, {os.cpu_count()} processors\n")
        _say(HEAD)
        _beside_bare(stage, effort)
        _say(HEAD)
        _product(stage, effort)
        _count(stage)
        _say(f"load average {os.getloadavg()[0]:.1f}, fixed loop {fixed_loop():.3f} s at the end")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="a throw-away PostgreSQL instead of SQLite")
    parser.add_argument("--applications", type=int, default=2000)
    parser.add_argument("--quick", action="store_true", help="fewer requests")
    return parser.parse_args()


def _beside_bare(stage: Stage, effort: Effort) -> None:
    """The ranking and the bare page in turns, three times, so that a neighbour's load falls on both."""
    with (
        served("grants_app:create_app()", stage.environ, "/") as server,
        served("tests.load.bare:create_app()", stage.environ, "/enter/nobody") as bare,
    ):
        member, plain = Visitor(server.port), Visitor(bare.port)
        member.sign_in(stage.member, scene.PASSWORD)
        plain.get(f"/enter/{stage.member}")
        for name, rows in (("ranking, 250 rows", 250), ("ranking, 50 rows", 50)):
            pairs = []
            for _round in range(3):
                ours = _show(server, name, _asking(member, MEMBER_PAGES[name]), effort)
                theirs = _show(bare, f"bare: {name}", _asking(plain, f"/ranking/{DECIDED}/{rows}"), effort)
                pairs.append((ours, theirs))
            _compare(name, pairs)
        _say(f"cold start to the first page: product {server.cold_start:.2f} s, bare {bare.cold_start:.2f} s\n")


def _product(stage: Stage, effort: Effort) -> None:
    with served("grants_app:create_app()", stage.environ, "/") as server:
        member, secretary, expert, guest = (Visitor(server.port) for _ in range(4))
        for visitor, email in ((member, stage.member), (secretary, stage.secretary), (expert, stage.expert)):
            visitor.sign_in(email, scene.PASSWORD)
        for pages, visitor in ((MEMBER_PAGES, member), (SECRETARY_PAGES, secretary), (PUBLIC_PAGES, guest)):
            _visit(server, visitor, pages, effort)
        _show(server, "review sheet", _asking(expert, f"/reviews/{stage.sheets[-1]}/sheet"), effort)
        _save_reviews(server, expert, stage, effort)
        stage.publish()
        _visit(server, guest, PUBLISHED_PAGES, effort)
        told = ", ".join(f"{resident:.0f} and {unshared:.0f}" for resident, unshared in server.memory_mb())
        _say(f"cold start {server.cold_start:.2f} s; RSS and unshared MB of each worker after the run: {told}\n")


def _visit(server: Server, visitor: Visitor, pages: dict[str, str], effort: Effort) -> None:
    for name, path in pages.items():
        _show(server, name, _asking(visitor, path), _effort(name, effort))


def _effort(name: str, effort: Effort) -> Effort:
    return replace(effort, alone=5, seconds=0) if any(word in name for word in SLOW) else effort


def _asking(visitor: Visitor, path: str) -> Callable[[], tuple[int, bytes, float]]:
    status, body = visitor.get(path)
    if status != 200:
        raise RuntimeError(f"{path} was answered with {status}: {body[:300]!r}")
    return lambda: Visitor(visitor.port, dict(visitor.cookies)).ask("GET", path)


def _show(server: Server, name: str, ask: Callable[[], tuple[int, bytes, float]], effort: Effort) -> Figures:
    figures = measure(server, name, ask, effort)
    _say(figures.line())
    return figures


def _save_reviews(server: Server, expert: Visitor, stage: Stage, effort: Effort) -> None:
    """Drafts and submissions of whole sheets, one after another; the page with the form is asked outside the clock."""
    for name, suffix in (("review draft saved", "/sheet/draft"), ("review submitted", "/sheet")):
        times, bad, spent = [], 0, 0.0
        for code in stage.sheets[: effort.alone]:
            values = {**expert.tokens(f"/reviews/{code}/sheet"), **full_sheet()}
            before = server.cpu()
            status, _body, taken = expert.ask("POST", f"/reviews/{code}{suffix}", values)
            spent += server.cpu() - before
            times.append(1000 * taken)
            bad += status not in {200, 302}
        _say(Figures(name, 0, times, [], 0.0, 1000 * spent / len(times), bad).line())


def full_sheet() -> dict[str, str]:
    """Everything that a finished review needs."""
    values = {"recommendation": "fund", "comment_applicant": "", "comment_secretary": ""}
    for code in scene.CRITERIA:
        values |= {f"points_{code}": "7", f"reason_{code}": REASON}
    return values


def _compare(name: str, pairs: list[tuple[Figures, Figures]]) -> None:
    faster = [PEER_MS[name] / ours.median for ours, _bare in pairs]
    shares = [ours.cpu_ms / bare.cpu_ms for ours, bare in pairs]
    is_fast, is_lean = _held(_middle(faster) >= FASTER), _held(_middle(shares) <= CPU_SHARE)
    _say(f"{name}: {_range(faster, 0)} times faster than pretalx (gate {FASTER}: {is_fast})")
    _say(f"{name}: {_range(shares, 1)} times the bare page's processor (gate {CPU_SHARE}: {is_lean})\n")


def _middle(values: list[float]) -> float:
    return statistics.median(values)


def _range(values: list[float], places: int) -> str:
    return f"{_middle(values):.{places}f} [{min(values):.{places}f}-{max(values):.{places}f}]"


def _held(is_held: bool) -> str:
    return "held" if is_held else "MISSED"


def _count(stage: Stage) -> None:
    """Statements of each page, counted in this process; outside a context, so that every request has its own."""
    with stage.app.app_context():
        secretary, member, expert = (
            visit_as(stage.app, db.session.scalars(sa.select(User).filter_by(email=email)).one())
            for email in (stage.secretary, stage.member, stage.expert)
        )
    sheet = {"review sheet": f"/reviews/{stage.sheets[-1]}/sheet"}
    guest = PUBLIC_PAGES | PUBLISHED_PAGES
    visits = ((member, MEMBER_PAGES), (secretary, SECRETARY_PAGES), (expert, sheet), (stage.app.test_client(), guest))
    for client, addresses in visits:
        for name, path in addresses.items():
            client.get(path)
            with count_queries() as statements:
                status = client.get(path).status_code
            _say(f"SQL statements, {name}: {len(statements)}" + ("" if status == 200 else f" (answer {status})"))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
