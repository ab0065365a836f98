"""Eight experts write at once: how fast, and whether anything is lost.

Run it by hand: ``python tests/load/bench_concurrent_writers.py [--postgres] [--sheets 25]``. Eight people score the
same applications through the pages, served by two workers of four threads: each saves a draft of every sheet and
submits it.
Afterwards what is stored is compared with what was sent, and the totals with a recount. Figures are printed, not
asserted; a loss would be printed as such.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402

from grants_app.accounts.models import User  # noqa: E402
from grants_app.accounts.services.sign_in import hashed  # noqa: E402
from grants_app.applications.models import Application  # noqa: E402
from grants_app.competitions.models import Competition  # noqa: E402
from grants_app.core import clock  # noqa: E402
from grants_app.database import db, unit_of_work  # noqa: E402
from grants_app.lifecycle import AssignmentState  # noqa: E402
from grants_app.permissions import Role  # noqa: E402
from grants_app.reviews.models import Assignment, Review, Score  # noqa: E402
from grants_app.reviews.queries import totals_of  # noqa: E402
from tests.load import scene  # noqa: E402
from tests.load.bench_ranking_page import full_sheet  # noqa: E402
from tests.load.meter import Visitor, fixed_loop, served  # noqa: E402
from tests.support.visitors import new_person  # noqa: E402

WRITERS = 8
Times = dict[str, list[float]]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--sheets", type=int, default=25, help="applications that each of the eight scores")
    options = parser.parse_args()
    engine = "postgresql" if options.postgres else "sqlite"
    with scene.filled(engine, max(60, options.sheets)) as stage:
        with stage.app.app_context():
            codes, emails = _assign(options.sheets)
            db.session.remove()
        with served("grants_app:create_app()", stage.environ, "/", threads=4) as server:
            visitors = [Visitor(server.port) for _ in emails]
            for visitor, email in zip(visitors, emails, strict=True):
                visitor.sign_in(email, scene.PASSWORD)
            _say(f"{engine}: {WRITERS} writers, {len(codes)} applications each, load average {os.getloadavg()[0]:.1f}")
            before, started = server.cpu(), time.perf_counter()
            times, bad = _write(visitors, codes)
            seconds, spent = time.perf_counter() - started, server.cpu() - before
        for name, taken in times.items():
            values = sorted(1000 * one for one in taken)
            _say(
                f"{name:<10} n={len(values)}, ms: min {values[0]:.0f}, median {statistics.median(values):.0f}, "
                f"p95 {values[int(0.95 * len(values))]:.0f}, max {values[-1]:.0f}"
            )
        written = sum(map(len, times.values()))
        _say(
            f"{written / seconds:.0f} writes a second with the pages read between, {1000 * spent / written:.0f} ms CPU"
        )
        _say(f"answers that were not a success: {bad}; fixed loop {fixed_loop():.3f} s")
        with stage.app.app_context():
            _say(_lost(codes))


def _assign(sheets: int) -> tuple[list[str], list[str]]:
    """Eight experts, each asked to score the same applications."""
    people = [new_person(Role.EXPERT) for _ in range(WRITERS)]
    kept = hashed(scene.PASSWORD)
    with unit_of_work():
        competition = db.session.scalars(sa.select(Competition).filter_by(code=scene.SCORED)).one()
        query = sa.select(Application).filter_by(competition_id=competition.id).order_by(Application.id).limit(sheets)
        bids = db.session.scalars(query).all()
        for number, person in enumerate(people):
            db.session.get_one(User, person.id).password = kept
            db.session.add_all(
                Assignment(
                    competition_id=competition.id,
                    application_id=bid.id,
                    expert_id=person.id,
                    expert_code=f"W{number}",
                    state=AssignmentState.ACCEPTED,
                    assigned_at=clock.now(),
                    declared_at=clock.now(),
                )
                for bid in bids
            )
        return [str(bid.code) for bid in bids], [person.email for person in people]


def _write(visitors: list[Visitor], codes: list[str]) -> tuple[Times, int]:
    times: Times = {"draft": [], "submission": []}
    statuses: list[int] = []

    def score(visitor: Visitor) -> None:
        for code in codes:
            page = f"/reviews/{code}/sheet"
            for name, suffix in (("draft", "/draft"), ("submission", "")):
                values = {**visitor.tokens(page), **full_sheet()}
                status, _body, taken = visitor.ask("POST", f"{page}{suffix}", values)
                times[name].append(taken)
                statuses.append(status)

    threads = [threading.Thread(target=score, args=(visitor,)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, sum(status not in {200, 302} for status in statuses)


def _lost(codes: list[str]) -> str:
    """What is stored against what was sent."""
    done = sa.select(sa.func.count()).select_from(Assignment).filter(Assignment.expert_code.like("W%"))
    reviews = int(db.session.scalar(done.filter(Assignment.state == AssignmentState.DONE)) or 0)
    query = sa.select(sa.func.count()).select_from(Score).join(Review).join(Assignment)
    marks = int(db.session.scalar(query.filter(Assignment.expert_code.like("W%"), Score.points == "7")) or 0)
    wrong = []
    for bid in db.session.scalars(sa.select(Application).filter(Application.code.in_(codes))):
        fresh = totals_of(bid, bid.competition)
        if (bid.review_count, bid.score_text) != (fresh.review_count, fresh.score_text):
            wrong.append(bid.code)
    asked = WRITERS * len(codes)
    is_whole = reviews == asked and marks == asked * len(scene.CRITERIA) and not wrong
    told = "nothing lost" if is_whole else "LOST UPDATES"
    return f"{told}: {reviews} of {asked} reviews, {marks} marks, {len(wrong)} totals that differ from a recount"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
