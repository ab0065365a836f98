"""Complaints against the decision: filed by the head, registered by the secretary, decided by who did not sign it."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.awards import policy
from grants_app.awards.models import Complaint, Publication
from grants_app.awards.rules.letters import LETTERS, WORDS
from grants_app.awards.rules.voting import COMPLAINT_DAYS
from grants_app.awards.services.amounts import locked
from grants_app.competitions.queries import days_off
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.core.identifiers import new_code
from grants_app.database import db, lock
from grants_app.journal.letters import link_to
from grants_app.journal.services import advance, notify_user, record
from grants_app.lifecycle import ComplaintState
from grants_app.reviews.queries.deciders import secretaries_for


def file_complaint(application: Application, text: str, *, by: User) -> Complaint:
    """File a complaint against the decision about an application; the answer is due in 30 calendar days.

    Raises NotAllowed (not the head, not published, term over), InvalidInput (field "text").
    """
    publication = db.session.scalar(sa.select(Publication).filter_by(competition_id=application.competition_id))
    refusal = policy.why_not_complain(by, application, publication)
    if refusal is not None:
        raise NotAllowed(refusal)
    if not text.strip():
        raise InvalidInput("Write what you disagree with and why", field="text")
    complaint = Complaint(
        code=f"C-{new_code(7)}",
        competition=application.competition,
        application=application,
        state=ComplaintState.FILED,
        text=text.strip(),
        filed_at=clock.now(),
        filed_by_id=by.id,
        answer_by=clock.add_term(clock.today(), COMPLAINT_DAYS, working=False, days_off=days_off()),
    )
    db.session.add(complaint)
    db.session.flush()
    record(
        thing="complaint", code=complaint.code, scope=complaint.journal_scope, step="file", by=by,
        facts={"application": application.journal_code},
    )  # fmt: skip
    for secretary in secretaries_for(application):
        notify_user(
            secretary, LETTERS, "complaint_filed", thing="complaint", code=complaint.code,
            scope=complaint.journal_scope, facts={
                "application": application.journal_code,
                "answer_by": complaint.answer_by,
                "link": link_to(f"/awards/complaints/{complaint.code}"),
            },
        )  # fmt: skip
    return complaint


def register_complaint(complaint: Complaint, *, by: User) -> None:
    """Enter a complaint into the register of its competition under the next number."""
    competition = locked(complaint.competition)
    complaint = _locked(complaint)
    refusal = policy.why_not_register_complaint(by, complaint)
    if refusal is not None:
        raise NotAllowed(refusal)
    last = db.session.scalar(sa.select(sa.func.max(Complaint.number)).filter_by(competition_id=competition.id)) or 0
    complaint.number, complaint.registered_at, complaint.registered_by_id = last + 1, clock.now(), by.id
    db.session.flush()
    record(
        thing="complaint", code=complaint.code, scope=competition.code, step="register", by=by,
        facts={"number": complaint.number},
    )  # fmt: skip
    facts = {
        "number": complaint.number,
        "code": complaint.code,
        "application": complaint.application.journal_code,
        "answer_by": complaint.answer_by,
    }
    notify_user(
        complaint.filed_by, LETTERS, "complaint_registered", facts=facts, thing="complaint", code=complaint.code,
        scope=competition.code,
    )  # fmt: skip


def decide_complaint(complaint: Complaint, *, is_upheld: bool, answer: str, by: User) -> None:
    """Uphold or reject with reasons; the answer goes to who complained.

    Raises NotAllowed (the author of the decision, who complained, decided already), InvalidInput without reasons.
    """
    complaint = _locked(complaint)
    refusal = policy.why_not_decide_complaint(by, complaint)
    if refusal is not None:
        raise NotAllowed(refusal)
    if not answer.strip():
        raise InvalidInput("Give the reasons: an act without reasons is cancelled", field="answer")
    complaint.decided_at, complaint.decided_by_id, complaint.answer = clock.now(), by.id, answer.strip()
    advance(complaint, "uphold" if is_upheld else "reject", by=by, reason=answer.strip())
    lang = complaint.filed_by.lang
    facts = {
        "verdict": WORDS["upheld" if is_upheld else "rejected"][lang],
        "number": complaint.number,
        "application": complaint.application.journal_code,
        "answer": complaint.answer,
    }
    notify_user(
        complaint.filed_by, LETTERS, "complaint_decided", facts=facts, thing="complaint", code=complaint.code,
        scope=complaint.journal_scope,
    )  # fmt: skip


def _locked(complaint: Complaint) -> Complaint:
    found: Complaint = db.session.scalars(lock(sa.select(Complaint).filter_by(id=complaint.id))).one()
    return found
