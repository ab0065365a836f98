"""The radar at work: a job when the formal check begins, after every correction or withdrawal, and on demand; marks are
judged by a person, with a reason."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application, Flag
from grants_app.applications.queries.content import is_closed_to_desks, is_sealed, late_seal
from grants_app.applications.queries.radar import KIND, compared_competitions, payments_by_organisation, subjects_of
from grants_app.applications.rules.radar import Finding, Radar, payments_of
from grants_app.applications.services.loading import lock_application
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.errors import NotAllowed, NotFound
from grants_app.core.identifiers import new_code
from grants_app.database import db, lock, unit_of_work
from grants_app.journal.jobs import JobError, JobRun, enqueue, job_kind
from grants_app.journal.models import Job
from grants_app.journal.services import SYSTEM, Actor, advance
from grants_app.lifecycle import CompetitionState, FlagState
from grants_app.permissions import Permission

AT_ONCE = 25  # applications whose marks are written in one unit


def ask_for_radar(competition: Competition, *, by: Actor) -> Job:
    """Ask the worker to look through a competition. Raises NotAllowed while its applications are sealed."""
    if not by.can(Permission.FORMAL_CHECK):
        raise NotAllowed("Only the secretary of the commission may do this")
    if is_sealed(competition):
        raise NotAllowed("Applications are sealed until the intake ends")
    if late_seal(competition) is not None:
        raise NotAllowed("A late entry still runs: wait for its term or take it back")
    return enqueue(KIND, {"competition": competition.code}, by=by)


def look_again(competition: Competition) -> None:
    """Ask for a look after something of a checked application changed; one that has not begun yet will see it too."""
    if competition.state is not CompetitionState.FORMAL_CHECK:
        return
    arguments = {"competition": competition.code}
    waiting = sa.select(Job.id).filter_by(
        kind=KIND, status="queued", arguments=json.dumps(arguments, ensure_ascii=False)
    )
    # Locked: whoever takes it up waits for what is being written here.
    if db.session.scalar(lock(waiting.order_by(Job.id).limit(1))) is None:
        enqueue(KIND, arguments, by=SYSTEM)


def decide_flag(flag: Flag, *, is_confirmed: bool, reason: str, by: User) -> None:
    """Confirm a mark or dismiss it, with a reason; it may be decided otherwise later. Raises InvalidInput (reason)."""
    found = db.session.scalar(lock(sa.select(Flag).filter_by(id=flag.id)).execution_options(populate_existing=True))
    if found is None:
        raise NotFound()
    if by.role_in(found.application.organisation_id) is not None:
        raise NotAllowed("You belong to the organisation that applies: another person checks this application")
    advance(found, "confirm" if is_confirmed else "dismiss", by=by, reason=reason)
    found.note, found.decided_at, found.decided_by_id = reason.strip(), clock.now(), by.id


@job_kind(KIND)
def look_around(run: JobRun) -> dict[str, object]:
    """Compare every application of the competition with each other one and with those of the years before."""
    competition = db.session.scalar(sa.select(Competition).filter_by(code=run.arguments["competition"]))
    if competition is None or is_closed_to_desks(competition):
        raise JobError("Applications are sealed until the intake ends")
    begun = clock.now()
    compared = compared_competitions(competition)
    run.progress(0, len(compared) + 1)
    subjects = subjects_of(competition)
    radar = Radar(subjects)
    found: dict[str, list[Finding]] = defaultdict(list)
    for number, other in enumerate(compared, 1):
        for beside in subjects if other.id == competition.id else subjects_of(other):
            for code, findings in radar.beside(beside).items():
                found[code] += findings
        run.progress(number, len(compared) + 1)
    payments = payments_by_organisation({subject.edrpou for subject in subjects})
    for subject in subjects:
        found[subject.code] += payments_of(subject, payments)
    codes = [subject.code for subject in subjects]
    for start in range(0, len(codes), AT_ONCE):
        with unit_of_work():
            for code in codes[start : start + AT_ONCE]:
                keep_findings(code, found[code])
    run.progress(len(compared) + 1, len(compared) + 1)
    marks = sum(len(one) for one in found.values())
    return {"applications": len(codes), "marks": marks, "begun": begun.isoformat()}


def keep_findings(code: str, findings: Iterable[Finding]) -> None:
    """Write what was found about an application: each finding once; open ones that are gone go, judged ones say so."""
    application = db.session.scalar(sa.select(Application).filter_by(code=code))
    if application is None:
        return
    application = lock_application(application)
    known = {
        one.fingerprint: one for one in db.session.scalars(sa.select(Flag).filter_by(application_id=application.id))
    }
    wanted = {finding.fingerprint: finding for finding in findings}
    for fingerprint, flag in known.items():
        if fingerprint in wanted:
            flag.gone_at = None
        elif flag.state is FlagState.OPEN:
            db.session.delete(flag)
        else:
            flag.gone_at = flag.gone_at or clock.now()
    for fingerprint, finding in wanted.items():
        if fingerprint not in known:
            db.session.add(_flag(application, fingerprint, finding))
    db.session.flush()


def _flag(application: Application, fingerprint: str, finding: Finding) -> Flag:
    return Flag(
        code=f"F-{new_code(7)}",
        application_id=application.id,
        kind=finding.kind,
        other_thing=finding.other_thing,
        other_code=finding.other_code,
        fingerprint=fingerprint,
        likeness_bp=finding.likeness_bp,
        evidence=[asdict(sight) for sight in finding.evidence],
        found_at=clock.now(),
    )
