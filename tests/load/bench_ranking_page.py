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
        product = _product(stage, effort)
        bare = _bare(stage, effort)
        _say("")
        _compare(product, bare)
        _count(stage)
        _say(f"load average {os.getloadavg()[0]:.1f}, fixed loop {fixed_loop():.3f} s at the end")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="a throw-away PostgreSQL instead of SQLite")
    parser.add_argument("--applications", type=int, default=2000)
    parser.add_argument("--quick", action="store_true", help="fewer requests")
    return parser.parse_args()


def _product(stage: Stage, effort: Effort) -> dict[str, Figures]:
    found: dict[str, Figures] = {}
    with served("grants_app:create_app()", stage.environ, "/") as server:
        member, expert, guest = Visitor(server.port), Visitor(server.port), Visitor(server.port)
        member.sign_in(stage.member, scene.PASSWORD)
        expert.sign_in(stage.expert, scene.PASSWORD)
        secretary = Visitor(server.port)
        secretary.sign_in(stage.secretary, scene.PASSWORD)
        for pages, visitor in ((MEMBER_PAGES, member), (SECRETARY_PAGES, secretary), (PUBLIC_PAGES, guest)):
            found |= _visit(server, visitor, pages, effort)
        sheet = f"/reviews/{stage.sheets[-1]}/sheet"
        found["review sheet"] = _show(server, "review sheet", _asking(expert, sheet), effort)
        _save_reviews(server, expert, stage, effort)
        stage.publish()
        _visit(server, guest, PUBLISHED_PAGES, effort)
        _say(
            f"cold start to the first page {server.cold_start:.2f} s; RSS and unshared MB of the workers after the run:"
        )
        _say("  " + ", ".join(f"{resident:.0f} and {unshared:.0f}" for resident, unshared in server.memory_mb()))
    return found


def _visit(server: Server, visitor: Visitor, pages: dict[str, str], effort: Effort) -> dict[str, Figures]:
    return {name: _show(server, name, _asking(visitor, path), _effort(name, effort)) for name, path in pages.items()}


def _effort(name: str, effort: Effort) -> Effort:
    return replace(effort, alone=5, seconds=0) if any(word in name for word in SLOW) else effort


def _bare(stage: Stage, effort: Effort) -> dict[str, Figures]:
    found = {}
    with served("tests.load.bare:create_app()", stage.environ, "/enter/nobody") as server:
        visitor = Visitor(server.port)
        visitor.get(f"/enter/{stage.member}")
        for rows in (250, 50):
            name = f"ranking, {rows} rows"
            found[name] = _show(server, f"bare: {name}", _asking(visitor, f"/ranking/{DECIDED}/{rows}"), effort)
        _say(f"cold start to the first page {server.cold_start:.2f} s")
    return found


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
            values = {**expert.tokens(f"/reviews/{code}/sheet"), **_sheet()}
            before = server.cpu()
            status, _body, taken = expert.ask("POST", f"/reviews/{code}{suffix}", values)
            spent += server.cpu() - before
            times.append(1000 * taken)
            bad += status not in {200, 302}
        _say(Figures(name, 0, times, [], 0.0, 1000 * spent / len(times), bad).line())


def _sheet() -> dict[str, str]:
    values = {"recommendation": "fund", "comment_applicant": "", "comment_secretary": ""}
    for code in scene.CRITERIA:
        values |= {f"points_{code}": "7", f"reason_{code}": REASON}
    return values


def _compare(product: dict[str, Figures], bare: dict[str, Figures]) -> None:
    for name, plain in bare.items():
        ours = product[name]
        faster, share = PEER_MS[name] / ours.median, ours.cpu_ms / plain.cpu_ms
        _say(
            f"{name}: {faster:.0f} times faster than pretalx (gate {FASTER}: {_held(faster >= FASTER)}); "
            f"{share:.1f} times the bare page's processor (gate {CPU_SHARE}: {_held(share <= CPU_SHARE)}); "
            f"{ours.median / statistics.median(plain.alone_ms):.1f} times its median"
        )


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
