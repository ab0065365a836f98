"""Sending an application before the deadline to the second, recalling it, withdrawing it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from grants_app.accounts.models import Membership, User
from grants_app.applications import policy, queries
from grants_app.applications.models import Application, LateEntry, Submission
from grants_app.applications.queries import late_entry
from grants_app.applications.queries import signing as signing_queries
from grants_app.applications.rules import LETTERS
from grants_app.applications.services import signing
from grants_app.applications.services.loading import lock_application, lock_competition, refuse_if
from grants_app.applications.services.radar import look_again
from grants_app.competitions.models import Competition
from grants_app.core import clock, figures
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, ManyErrors
from grants_app.core.figures import Figure
from grants_app.core.identifiers import new_code
from grants_app.database import db
from grants_app.journal.services import advance, digest_of, notify_user, record
from grants_app.lifecycle import ApplicationState
from grants_app.permissions import Role

CHANGED_MEANWHILE = "The application was changed since you opened this page. Read it once more and send it then"
CODE_BODY = 3  # with the check character four signs: 2026-INN-7KQ4


def refuse_unread(application: Application, read: str | None, but: Collection[str] = ()) -> None:
    """Nobody signs what they have not seen: a colleague has changed the content that the head was reading.

    `read` is the digest of that content; none where no page told it. `but`: questions that the page itself holds open,
    see `refuse_unread_answers`. Asked before anything of the sending is written, under the locks of the sending.
    Raises EditConflict.
    """
    lock_competition(application.competition_id)
    application = lock_application(application)
    is_open = application.state in {ApplicationState.DRAFT, ApplicationState.RETURNED}
    if read and is_open and read != signing_queries.signing_digest(application, but):
        raise EditConflict(CHANGED_MEANWHILE)


def refuse_unread_answers(application: Application, versions: Mapping[str, int]) -> None:
    """The same of answers that stand open in the page: `versions` are those that it shows, own writing included."""
    stored = queries.versions_of(application)
    if any(stored.get(code, 0) != version for code, version in versions.items()):
        raise EditConflict(CHANGED_MEANWHILE)


def submit_application(
    application: Application, by: User, now: datetime | None = None, *, choice: signing.Choice | None = None
) -> Submission:
    """Send the application; returns the frozen content with its digest.

    Writes the code, the instant, the version of the form, the submission and the letter of receipt. What decides is the
    instant at which the request had arrived as a whole, so that a queue makes nobody late; the intake is closed only
    when none of that time can be waiting (`policy.SETTLING`). After the deadline a late entry of the organisation is
    used up. Raises NotAllowed (not the head, not a draft, intake over), ManyErrors or InvalidInput (field = question)
    for what is missing. Domain 3.2, draft → submitted.
    """
    competition = lock_competition(application.competition_id)
    application = lock_application(application)
    at = now or clock.arrival()
    refuse_if(policy.why_not_submit(by, application, at))
    _refuse_incomplete(application)
    if application.organisation_id is not None:
        sent = queries.sent_count(competition, application.organisation_id, but=application.id)
        if sent >= competition.applications_per_organisation:
            raise InvalidInput("Your organisation has already sent as many applications as one may send")
    application.code = application.code or _free_code(competition)
    application.submitted_at, application.submitted_by_id = at, by.id
    application.form_version = competition.form_version
    late = None if queries.is_intake_open(competition, at) else _use_late_entry(application, competition, at)
    submission = freeze_content(application, kind="first", at=at, by=by)
    application.content_digest = submission.digest
    signing.sign_submission(application, submission, choice, by)
    facts: dict[str, object] = {"digest": submission.digest, "requested_kop": application.requested_kop}
    advance(application, "submit", by=by, facts=facts if late is None else {**facts, "late_entry": late.code})
    tied = [row.id for row in queries.tied_seats(application=application)]
    if tied:
        # Sealed with the bid itself; when the intake is over the organizer is asked to replace these people.
        record(
            thing="application",
            code=application.journal_code,
            scope=competition.code,
            step="seat_tie",
            by=by,
            facts={"people": tied},
        )
    send_letters(
        application,
        "application_received" if late is None else "late_application_received",
        {
            "time": Figure(figures.second, at),
            "digest": submission.digest,
            "until": _last_minute(competition),
        },
        also=by,
    )
    return submission


def _use_late_entry(application: Application, competition: Competition, at: datetime) -> LateEntry | None:
    """The late entry is used up; behind a closed register the application takes the next number."""
    entry = late_entry.late_entry_of(competition, application.organisation_id, at)
    if entry is None:
        return None
    entry.used_at, entry.application_id = at, application.id
    if competition.intake_closed_at is not None:
        query = sa.select(sa.func.max(Application.register_number)).filter_by(competition_id=competition.id)
        application.register_number = int(db.session.scalar(query) or 0) + 1
    return entry


def recall(application: Application, by: User) -> None:
    """Take a submitted application back to draft before the deadline; its code stays, the content opens."""
    lock_competition(application.competition_id)
    application = lock_application(application)
    refuse_if(policy.why_not_recall(by, application))
    advance(application, "recall", by=by)
    application.submitted_at = application.submitted_by_id = application.content_digest = None
    application.form_version = None  # a draft follows the newest form again
    send_letters(application, "application_recalled", {"until": _last_minute(application.competition)}, also=by)


def withdraw(application: Application, reason: str, by: User) -> None:
    """Take the application out of the competition for good, with a reason. Raises InvalidInput (field reason)."""
    lock_competition(application.competition_id)
    application = lock_application(application)
    refuse_if(policy.why_not_withdraw(by, application))
    advance(application, "withdraw", by=by, reason=reason)
    application.decision_reason = reason.strip()
    look_again(application.competition)
    send_letters(application, "application_withdrawn", {"reason": application.decision_reason}, also=by)


def freeze_content(application: Application, *, kind: str, at: datetime, by: User) -> Submission:
    """Keep the whole content as canonical JSON with its SHA-256."""
    content = queries.frozen_content(application)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    submission = Submission(
        application_id=application.id, kind=kind, content=text, digest=digest_of(content), at=at, by_id=by.id
    )
    db.session.add(submission)
    db.session.flush()
    return submission


def send_letters(
    application: Application, template: str, facts: dict[str, object], *, also: User | None = None
) -> None:
    """A letter to each head of the organisation (and to the person who acted), each in the reader's language."""
    facts = {"code": application.code or "", "title": application.title, **facts}
    for user in _readers(application, also):
        notify_user(
            user,
            LETTERS,
            template,
            facts=facts,
            thing="application",
            code=application.journal_code,
            scope=application.competition.code,
        )


def _last_minute(competition: Competition) -> Figure | str:
    """«31.03.2027 23:59» for an intake that ends with the first instant of 1 April."""
    until = competition.intake_until
    return Figure(figures.stamp, until - timedelta(minutes=1)) if until else ""


def _readers(application: Application, also: User | None) -> list[User]:
    query = (
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == application.organisation_id,
            Membership.ended_at.is_(None),
            Membership.role == Role.NGO_HEAD,
        )
        .order_by(User.id)
    )
    people = list(db.session.scalars(query))
    if also is not None and also not in people:
        people.append(also)
    return people


def _refuse_incomplete(application: Application) -> None:
    errors: list[DomainError] = [
        InvalidInput(missing.message, field=missing.item, facts=dict(missing.facts))
        for missing in queries.missing_of(application)
    ]
    if errors:
        raise errors[0] if len(errors) == 1 else ManyErrors(errors)


def _free_code(competition: Competition) -> str:
    """A random code that no application of the competition has; the competition is locked, so it stays free."""
    taken = set(db.session.scalars(sa.select(Application.code).where(Application.code.startswith(competition.code))))
    while True:
        code = f"{competition.code}-{new_code(CODE_BODY)}"
        if code not in taken:
            return code
