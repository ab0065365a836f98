"""Admission and refusal: by the secretary alone, or proposed to the commission and decided in its minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from grants_app.accounts.models import User
from grants_app.applications import policy
from grants_app.applications.models import Application
from grants_app.applications.queries.letters import results_by
from grants_app.applications.rules.letters import COMPLAINT
from grants_app.applications.services.loading import lock_application, refuse_if
from grants_app.applications.services.submission import send_letters
from grants_app.core import clock, figures
from grants_app.core.errors import InvalidInput
from grants_app.core.figures import Figure
from grants_app.journal.services import Actor, advance, record
from grants_app.lifecycle import ApplicationState


@dataclass(frozen=True)
class MinutesRef:
    """The signed minutes that a decision stands in: the number, the register code, the day."""

    number: int
    code: str
    day: date


def admit(application: Application, *, by: User) -> None:
    """Admit the application to scoring. Raises NotAllowed while a requirement has no verdict or a defect stands."""
    application = lock_application(application)
    refuse_if(policy.why_not_admit(by, application))
    advance(application, "admit", by=by)
    send_letters(application, "application_admitted", {"results": results_by(application)})


def reject(application: Application, reason: str, clause: str, *, by: User) -> None:
    """Refuse admission with the reason and the clause; the letter carries both and the terms of complaint."""
    application = lock_application(application)
    refuse_if(policy.why_not_reject(by, application))
    text = _reason_text(reason, clause)
    advance(application, "reject", by=by, reason=text)
    application.decision_reason = text
    send_letters(
        application,
        "application_rejected",
        {"reason": reason.strip(), "clause": clause.strip(), "complaint": COMPLAINT},
    )


def propose_admission(application: Application, *, by: User) -> None:
    """Propose to the commission that it admits the application. Raises NotAllowed while the check is not finished."""
    application = lock_application(application)
    refuse_if(policy.why_not_propose_admission(by, application))
    _propose(application, "admit", by=by)


def propose_refusal(application: Application, reason: str, clause: str, *, by: User) -> None:
    """Propose that the commission refuses admission, with the reason and the clause that the minutes will name."""
    application = lock_application(application)
    refuse_if(policy.why_not_propose_refusal(by, application))
    _reason_text(reason, clause)
    _propose(application, "reject", reason.strip(), clause.strip(), by=by)


def take_proposal_back(application: Application, *, by: User) -> None:
    """Take a proposal back, as long as the commission has not begun to vote on it."""
    application = lock_application(application)
    refuse_if(policy.why_not_take_back(by, application))
    application.admission_proposal = None
    _note(application, "take_proposal_back", by)


def decide_by_minutes(application: Application, minutes: MinutesRef, *, by: Actor) -> bool:
    """Carry out what the commission decided on the proposal; called with the chair's signature, letters follow.

    Answers False where nothing can be decided any more: the application was withdrawn meanwhile.
    """
    application = lock_application(application)
    proposal = application.admission_proposal
    open_states = {ApplicationState.SUBMITTED, ApplicationState.CORRECTED, ApplicationState.RETURNED}
    if proposal is None or application.state not in open_states:
        return False
    facts: dict[str, object] = {"minutes": str(minutes.number), "day": Figure(figures.day, minutes.day)}
    noted = {"minutes": minutes.code}
    if proposal["verdict"] == "admit":
        advance(application, "admit_by_minutes", by=by, facts=noted)
        facts["results"] = results_by(application)
        send_letters(application, "application_admitted_by_minutes", facts)
        return True
    text = _reason_text(proposal["reason"], proposal["clause"])
    advance(application, "reject_by_minutes", by=by, reason=text, facts={**noted, "clause": proposal["clause"]})
    application.decision_reason = text
    facts |= {"reason": proposal["reason"], "clause": proposal["clause"], "complaint": COMPLAINT}
    send_letters(application, "application_rejected_by_minutes", facts)
    return True


def _propose(application: Application, verdict: str, reason: str = "", clause: str = "", *, by: User) -> None:
    application.admission_proposal = {
        "verdict": verdict,
        "reason": reason,
        "clause": clause,
        "by": by.id,
        "at": clock.now().isoformat(),
    }
    _note(application, "propose_admission" if verdict == "admit" else "propose_refusal", by, clause)


def _note(application: Application, step: str, by: User, clause: str = "") -> None:
    record(
        thing="application",
        code=application.journal_code,
        scope=application.competition.code,
        step=step,
        by=by,
        facts={"clause": clause} if clause else None,
    )


def _reason_text(reason: str, clause: str) -> str:
    if not reason.strip():
        raise InvalidInput("Give the reason: it will be recorded and published", field="reason")
    if not clause.strip():
        raise InvalidInput("Name the clause that is broken", field="clause")
    return f"{reason.strip()} ({clause.strip()})"
