"""Why a person may not do it to this application now: an English msgid, or None. Templates print the same reason."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from grants_app.accounts.models import Organisation, User
from grants_app.applications import queries
from grants_app.applications.models import Application, Correction, LateEntry
from grants_app.applications.queries import late_entry
from grants_app.applications.queries.content import TAKING_STATES
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.lifecycle import ApplicationState, CompetitionState
from grants_app.permissions import Permission, Role

NOT_YOURS = "Only people of the organisation may do this"
ONLY_HEAD = "Only the head of the organisation may do this"
NOT_TEXTS = "The accountant keeps the budget and the documents; the texts are written by the head and the members"
NOT_SECRETARY = "Only the secretary of the commission may do this"
INTAKE_OVER = "The intake has ended. What you wrote is kept and can be read"
COMPETES = "%(person)s: an organisation of this person competes here"
NOT_CHECKING = "The formal check has not started yet or is already over"
COMMISSION_DECIDES = "The commission decides on admission: propose it, the signed minutes carry it out"
# Later stages say why an application cannot be touched now: “the commission votes on its admission”.
held_by: list[Callable[[Application], str | None]] = []
# The clock and the secretary close an intake only when no request that arrived in time can be waiting any more.
SETTLING = timedelta(minutes=2)
EDITORS = frozenset({Role.NGO_HEAD, Role.NGO_MEMBER, Role.NGO_ACCOUNTANT})
# Answers that belong to the money of the project and stand on the page of the budget.
BUDGET_ANSWERS = frozenset({"smallest_dropped"})


def why_not_start(user: User, competition: Competition, organisation: Organisation, now: datetime) -> str | None:
    """The reason why this organisation cannot begin an application."""
    if user.role_in(organisation.id) not in EDITORS or not user.can(Permission.APPLICATION_EDIT):
        return NOT_YOURS
    if user.role_in(organisation.id) == Role.NGO_ACCOUNTANT:
        return NOT_TEXTS
    if not late_entry.takes_from(competition, organisation.id, now):
        return "Applications are not taken now"
    if is_too_young(competition, organisation):
        return "The organisation is registered for less time than the rules demand"
    if queries.running_count(competition, organisation.id) >= competition.applications_per_organisation:
        return "Your organisation already has as many applications as one may have in this competition"
    return None


def is_too_young(competition: Competition, organisation: Organisation) -> bool:
    """Whether the organisation was registered later than the rules demand, counted from the announcement."""
    announced = clock.kyiv(competition.announced_at).date() if competition.announced_at else clock.today()
    return organisation.registered_on > queries.months_before(announced, competition.registered_months_min)


def takes(application: Application, now: datetime | None = None) -> bool:
    """Whether this application is still taken: the intake runs, or the organisation has a late entry of its own.

    Decided by the instant at which the request had arrived: waiting for one's turn makes nobody late.
    """
    return late_entry.takes_from(application.competition, application.organisation_id, now or clock.arrival())


def why_not_edit(user: User, application: Application, now: datetime | None = None) -> str | None:
    """The reason why this person cannot change the draft now."""
    if user.role_in(application.organisation_id) not in EDITORS:
        return NOT_YOURS
    if application.state != ApplicationState.DRAFT:
        return "The application is submitted: recall it to change something"
    if not takes(application, now):
        return INTAKE_OVER
    return None


def why_not_write(user: User, application: Application, questions: Collection[str]) -> str | None:
    """The reason why this person cannot answer these questions, draft or correction: the accountant writes no texts."""
    if user.role_in(application.organisation_id) != Role.NGO_ACCOUNTANT or BUDGET_ANSWERS.issuperset(questions):
        return None
    return NOT_TEXTS


def why_not_delete(user: User, application: Application) -> str | None:
    """The reason why the draft cannot be deleted: the head deletes what was never sent, after the intake as well."""
    if user.role_in(application.organisation_id) != Role.NGO_HEAD:
        return ONLY_HEAD
    if application.state != ApplicationState.DRAFT:
        return "Only a draft can be deleted; a submitted application is withdrawn"
    if application.code is not None:
        return "This application was submitted once: its record stays, so it cannot be deleted"
    return None


def why_not_submit(user: User, application: Application, now: datetime | None = None) -> str | None:
    """The reason why this person cannot submit now; missing answers are told apart, by name."""
    if user.role_in(application.organisation_id) != Role.NGO_HEAD:
        return NOT_YOURS if user.role_in(application.organisation_id) is None else ONLY_HEAD
    if application.state != ApplicationState.DRAFT:
        return "The application is already submitted"
    if not takes(application, now):
        return INTAKE_OVER
    return None


def why_not_recall(user: User, application: Application, now: datetime | None = None) -> str | None:
    """The reason why the application cannot go back to draft."""
    if user.role_in(application.organisation_id) != Role.NGO_HEAD:
        return ONLY_HEAD
    if application.state != ApplicationState.SUBMITTED:
        return "Only a submitted application can be recalled"
    if not queries.is_intake_open(application.competition, now or clock.arrival()):
        return "The intake has ended: the application can no longer be recalled, only withdrawn"
    return None


def why_not_add_late_file(user: User, application: Application, began: datetime, now: datetime) -> str | None:
    """The reason why an upload that outlasted the sending cannot be added; `began`, `now`: its first and last byte.

    Where the call gives minutes for it, what began before the deadline may end within them, of applications sent in
    time.
    """
    if user.role_in(application.organisation_id) not in EDITORS:
        return NOT_YOURS
    competition = application.competition
    until, grace = competition.intake_until, timedelta(minutes=competition.upload_grace_minutes)
    if application.state != ApplicationState.SUBMITTED or until is None or application.submitted_at is None:
        return "Only a submitted application may wait for a file"
    if not grace:
        return (
            "The file arrived in full after the application was sent, "
            "and the rules of this call give no minutes for that"
        )
    if began >= until or application.submitted_at >= until:
        return "The file began to arrive after the deadline"
    if now >= until + grace:
        return "The file arrived in full later than the rules of this call allow"
    return None


def why_not_begin_check(competition: Competition, has_running: bool | None = None) -> str | None:
    """The reason why the register cannot be closed for the formal check yet."""
    until = competition.intake_until
    if until is not None and competition.intake_closed_at is None and until <= clock.now() < until + SETTLING:
        return "Applications that arrived in time may still stand in the queue: begin in two minutes"
    if bool(late_entry.running_entries(competition)) if has_running is None else has_running:
        return "A late entry still runs: wait for its term or take it back"
    return None


def why_not_give_late_entry(user: User, competition: Competition) -> str | None:
    """The reason why nobody can be let in after the deadline: the call runs, and its check has not begun."""
    if not user.can(Permission.LATE_ENTRY_GIVE):
        return "Only the organizer of the competition may do this"
    if competition.is_imported or competition.state not in TAKING_STATES:
        return "Late entries are given from the announcement until the formal check begins"
    return None


def why_not_enter_late(user: User, entry: LateEntry) -> str | None:
    """The reason why this person cannot use the code: another's codes look like wrong ones."""
    if user.role_in(entry.organisation_id) != Role.NGO_HEAD:
        return ONLY_HEAD
    if entry.ended_at is not None:
        return "The organizer has taken this code back"
    if entry.used_at is not None:
        return "An application was already sent by this code"
    if clock.arrival() >= entry.until or entry.competition.state not in TAKING_STATES:
        return "The term of this code has ended"
    return None


def why_not_end_late_entry(user: User, entry: LateEntry) -> str | None:
    """The reason why a late entry cannot be taken back."""
    if not user.can(Permission.LATE_ENTRY_GIVE):
        return "Only the organizer of the competition may do this"
    if entry.used_at is not None:
        return "An application was already sent by this code"
    return "This late entry has already ended" if entry.ended_at is not None or clock.now() >= entry.until else None


def why_not_withdraw(user: User, application: Application) -> str | None:
    """The reason why the application cannot be withdrawn."""
    if user.role_in(application.organisation_id) != Role.NGO_HEAD:
        return ONLY_HEAD
    movable = {
        ApplicationState.SUBMITTED,
        ApplicationState.RETURNED,
        ApplicationState.CORRECTED,
        ApplicationState.ADMITTED,
    }
    decided = {CompetitionState.DECIDED, CompetitionState.PUBLISHED, CompetitionState.COMPLETED}
    if application.state not in movable or application.competition.state in decided:
        return "An application can be withdrawn only after submission and before the decision"
    return None


def why_not_seat(competition: Competition, person: User) -> str | None:
    """The reason why a person may not sit in the commission; while bids are sealed it must not betray one."""
    if not person.organisation_ids or queries.is_sealed(competition):
        return None
    return COMPETES if queries.competes(competition, person) else None


def why_not_check(user: User, application: Application) -> str | None:
    """The reason why this person cannot give verdicts on this application."""
    if not user.can(Permission.FORMAL_CHECK):
        return NOT_SECRETARY
    if user.role_in(application.organisation_id) is not None:
        return "You belong to the organisation that applies: another person checks this application"
    if application.competition.state != CompetitionState.FORMAL_CHECK:
        return NOT_CHECKING
    if application.state not in {
        ApplicationState.SUBMITTED,
        ApplicationState.RETURNED,
        ApplicationState.CORRECTED,
    }:
        return "The formal check of this application is finished"
    return next((reason for held in held_by if (reason := held(application)) is not None), None)


def why_not_return(user: User, application: Application) -> str | None:
    """The reason why the application cannot be returned for correction."""
    reason = why_not_check(user, application)
    if reason:
        return reason
    if queries.correction_of(application) is not None:
        return "The application was already returned once: there is one round of corrections"
    if application.state != ApplicationState.SUBMITTED:
        return "Only an application that waits for the check can be returned"
    return None


def why_not_admit(user: User, application: Application) -> str | None:
    """The reason why the application cannot be admitted: every requirement needs a verdict and none may be a defect."""
    return _why_not_alone(application) or why_not_ready(user, application)


def why_not_ready(user: User, application: Application) -> str | None:
    """The reason why nobody could admit it yet, whoever decides."""
    reason = why_not_check(user, application)
    if reason:
        return reason
    if application.state == ApplicationState.RETURNED:
        return "The applicant is still correcting it"
    verdicts = {code: item.verdict for code, item in queries.verdicts_of(application).items()}
    if any(requirement.code not in verdicts for requirement in queries.form_for(application).requirements):
        return "Give a verdict on every requirement first"
    if "defect" in verdicts.values():
        return "There are defects: return the application for correction or do not admit it"
    return None


def why_not_reject(user: User, application: Application) -> str | None:
    """The reason why the application cannot be refused."""
    return _why_not_alone(application) or why_not_refuse(user, application)


def why_not_propose_admission(user: User, application: Application) -> str | None:
    """The reason why admission cannot be proposed to the commission."""
    return _why_not_together(application) or why_not_ready(user, application)


def why_not_propose_refusal(user: User, application: Application) -> str | None:
    """The reason why refusal cannot be proposed to the commission."""
    return _why_not_together(application) or why_not_refuse(user, application)


def why_not_take_back(user: User, application: Application) -> str | None:
    """The reason why the proposal to the commission cannot be taken back."""
    if application.admission_proposal is None:
        return "Nothing is proposed"
    return why_not_check(user, application)


def _why_not_alone(application: Application) -> str | None:
    return COMMISSION_DECIDES if application.competition.admission_by == "commission" else None


def _why_not_together(application: Application) -> str | None:
    if application.competition.admission_by == "commission":
        return None
    return "In this competition the secretary decides on admission"


def why_not_refuse(user: User, application: Application) -> str | None:
    """The reason why nobody could refuse it yet, whoever decides."""
    reason = why_not_check(user, application)
    if reason:
        return reason
    if application.state == ApplicationState.RETURNED:
        correction = queries.correction_of(application)
        if correction is not None and clock.now() < correction.due_at:
            return "The deadline for corrections has not passed yet"
    return None


def why_not_correct(user: User, application: Application, correction: Correction | None) -> str | None:
    """The reason why this person cannot write corrections now."""
    if user.role_in(application.organisation_id) not in EDITORS:
        return NOT_YOURS
    if application.state != ApplicationState.RETURNED or correction is None:
        return "Nothing is open for correction"
    if clock.now() >= correction.due_at:
        return "The deadline for corrections has passed"
    return None


def why_not_sign(user: User, application: Application) -> str | None:
    """The reason why nothing can be signed outside now: a draft is signed, and an application open for correction."""
    if application.state == ApplicationState.RETURNED:
        return why_not_correct(user, application, queries.correction_of(application))
    return why_not_edit(user, application)


def why_not_send_correction(user: User, application: Application, correction: Correction | None) -> str | None:
    """The reason why this person cannot send the corrections."""
    reason = why_not_correct(user, application, correction)
    if reason:
        return reason
    return None if user.role_in(application.organisation_id) == Role.NGO_HEAD else ONLY_HEAD
