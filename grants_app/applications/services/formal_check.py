"""The formal check: verdicts, one return for correction with named items, admission and refusal with a clause."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from grants_app.accounts.models import User
from grants_app.applications import policy, queries, rules
from grants_app.applications.models import Application, Correction, FormalCheckItem
from grants_app.applications.queries.letters import return_facts
from grants_app.applications.services import signing
from grants_app.applications.services.drafts import write_checked
from grants_app.applications.services.loading import lock_application, lock_competition, refuse_if
from grants_app.applications.services.radar import ask_for_radar, look_again
from grants_app.applications.services.submission import freeze_content, send_letters
from grants_app.competitions.models import Competition
from grants_app.core import clock, figures
from grants_app.core.errors import DomainError, InvalidInput, ManyErrors, NotAllowed, NotFound, WrongState
from grants_app.core.figures import Figure
from grants_app.database import db
from grants_app.journal.services import advance, record
from grants_app.permissions import Permission

CALENDAR_FROM = 11  # terms up to ten days run in working days (Law 2073-IX, Art. 33)


def start_formal_check(competition: Competition, by: User) -> None:
    """Begin the formal check of a closed competition; the radar looks around at once. Raises WrongState, NotAllowed."""
    competition = lock_competition(competition.id)
    if not by.can(Permission.FORMAL_CHECK):
        raise NotAllowed(policy.NOT_SECRETARY)
    advance(competition, "start_formal_check", by=by)
    ask_for_radar(competition, by=by)


def take_check(application: Application, *, by: User, is_taken: bool = True) -> None:
    """Say that one checks the application oneself, or that nobody does; others are not kept out by it."""
    application = lock_application(application)
    refuse_if(policy.why_not_check(by, application))
    wanted = by.id if is_taken else None
    if application.checker_id == wanted:
        return
    application.checker_id = wanted
    record(
        thing="application",
        code=application.journal_code,
        scope=application.competition.code,
        step="take_check" if is_taken else "leave_check",
        by=by,
    )


def check_requirement(
    application: Application,
    requirement: str,
    verdict: str,
    *,
    by: User,
    note: str = "",
    question: str | None = None,
) -> FormalCheckItem:
    """Keep the verdict on one requirement; a defect needs a note, `question` is what it would open for correction."""
    application = lock_application(application)
    refuse_if(policy.why_not_check(by, application))
    form = queries.form_for(application)
    if requirement not in form.requirement_by_code:
        raise NotFound()
    if verdict not in {code for code, _ in rules.VERDICTS}:
        raise InvalidInput("Choose a verdict", field=requirement)
    if verdict == "defect" and not note.strip():
        raise InvalidInput("Describe the defect: the applicant will read it", field=requirement)
    proposal = application.admission_proposal
    if verdict == "defect" and proposal is not None and proposal["verdict"] == "admit":
        raise NotAllowed("Its admission is proposed to the commission: take the proposal back first")
    if question and not form.is_item(question):
        raise InvalidInput("The form has no such question", field=requirement)
    item = queries.verdicts_of(application).get(requirement)
    if item is None:
        item = FormalCheckItem(application_id=application.id, requirement=requirement)
        db.session.add(item)
    item.verdict, item.note, item.question = verdict, note.strip(), question or None
    _note_verdict(application, item, by)
    db.session.flush()
    return item


def take_over(application: Application, requirements: Collection[str], *, by: User) -> None:
    """Keep «meets» for several requirements without a verdict at once, as the machine found them."""
    application = lock_application(application)
    refuse_if(policy.why_not_check(by, application))
    if not queries.form_for(application).requirement_by_code.keys() >= {*requirements}:
        raise NotFound()
    given = queries.verdicts_of(application)
    for requirement in requirements:
        if requirement in given:
            raise WrongState("Somebody gave a verdict meanwhile")
        item = FormalCheckItem(application_id=application.id, requirement=requirement, verdict="meets", note="")
        db.session.add(item)
        _note_verdict(application, item, by)
    db.session.flush()


def _note_verdict(application: Application, item: FormalCheckItem, by: User) -> None:
    item.checked_at, item.checked_by_id = clock.now(), by.id
    record(
        thing="application",
        code=application.journal_code,
        scope=application.competition.code,
        step="check_requirement",
        by=by,
        facts={"requirement": item.requirement, "verdict": item.verdict},
    )


def return_for_correction(
    application: Application, questions: Sequence[str], letter: str, *, by: User, days: int | None = None
) -> Correction:
    """Return the application once; only the named questions (or "budget", "files") open, till the term.

    Writes the correction with the old values and the letter with the clause and the term. Raises NotAllowed,
    InvalidInput (fields "questions", "letter", "days"). Domain 3.2; the default term is the competition's.
    """
    application = lock_application(application)
    refuse_if(policy.why_not_return(by, application))
    named = list(dict.fromkeys(questions))
    form = queries.form_for(application)
    if not named or not all(form.is_item(code) for code in named):
        raise InvalidInput("Name at least one question of the form", field="questions")
    if not letter.strip():
        raise InvalidInput("Describe the defects: the applicant will read it", field="letter")
    term = application.competition.correction_days if days is None else days
    if not 1 <= term <= 30:
        raise InvalidInput("The term is from 1 to 30 days", field="days")
    is_working = term < CALENDAR_FROM
    due_day = clock.add_term(clock.today(), term, working=is_working, days_off=queries.days_off())
    correction = Correction(
        application_id=application.id,
        letter=letter.strip(),
        questions=named,
        old_values=queries.current_values(application, [*named, *sorted(rules.depending_on(form, named) - {*named})]),
        due_at=clock.end_of_day(due_day),
        due_day=due_day,
        sent_at=clock.now(),
        sent_by_id=by.id,
    )
    db.session.add(correction)
    application.admission_proposal = None
    advance(application, "return", by=by, facts={"questions": named, "due_day": due_day.isoformat()})
    send_letters(
        application,
        "application_returned",
        return_facts(correction.letter, due_day),
    )
    db.session.flush()
    return correction


def save_correction(
    application: Application,
    values: Mapping[str, Any],
    versions: Mapping[str, int] | None = None,
    *,
    by: User,
    locked: Correction | None = None,
) -> dict[str, int]:
    """Store corrected answers; returns the new version of each. `locked`: of an application that is locked already.

    Raises NotAllowed when the term is over or a question is named that is not open, EditConflict for an answer that
    another hand changed since its version was read.
    """
    application = application if locked is not None else lock_application(application)
    correction = locked or queries.correction_of(application)
    refuse_if(policy.why_not_correct(by, application, correction))
    if correction is None or not set(values) <= queries.opened_items(application, correction):
        raise NotAllowed("Only the named questions are open for correction")
    refuse_if(policy.why_not_write(by, application, values))
    return write_checked(application, values, versions, by)


def send_correction(application: Application, *, by: User, choice: signing.Choice | None = None) -> None:
    """Send the corrections, signed as the call demands of a sending; the date of submission stays.

    Raises ManyErrors for what is still missing, InvalidInput (fields "mode", "code") without a signature over the
    content as it is now.
    """
    application = lock_application(application)
    correction = queries.correction_of(application)
    refuse_if(policy.why_not_send_correction(by, application, correction))
    if correction is None:
        raise NotFound()
    errors: list[DomainError] = [
        InvalidInput(one.message, field=one.item, facts=dict(one.facts))
        for one in queries.missing_of(application)
        if one.item in queries.opened_items(application, correction)
    ]
    if errors:
        raise ManyErrors(errors)
    now = clock.now()
    correction.answered_at = now
    submission = freeze_content(application, kind="correction", at=now, by=by)
    application.content_digest = submission.digest
    signing.sign_submission(application, submission, choice, by)
    advance(application, "correct", by=by, facts={"digest": submission.digest})
    look_again(application.competition)
    send_letters(application, "application_corrected", {"time": Figure(figures.second, now)}, also=by)
