"""Writing a draft: start, answers with a version each, the budget whose sums are computed, the papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import Organisation, User
from grants_app.applications import policy, queries, rules
from grants_app.applications.models import Answer, Application, Attachment, BudgetRow
from grants_app.applications.rules import Line
from grants_app.applications.rules import budget as budget_rules
from grants_app.applications.services.loading import lock_application, lock_competition, refuse_if
from grants_app.competitions.models import Competition, Lot, Priority
from grants_app.core import clock
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, ManyErrors, NotFound
from grants_app.core.identifiers import random_text
from grants_app.core.storage import Stored
from grants_app.database import db
from grants_app.journal.services import digest_of, record


def start_application(competition: Competition, organisation: Organisation, by: User) -> Application:
    """Begin a draft of the organisation, prefilled from its profile.

    Writes the application under an unguessable key and its first answers. Raises NotAllowed while applications are not
    taken, for an organisation that is too young (domain 1.1: six months) or has as many applications as allowed.
    """
    competition = lock_competition(competition.id)
    refuse_if(policy.why_not_start(by, competition, organisation, clock.now()))
    application = Application(
        key=random_text(24),
        competition=competition,
        organisation_id=organisation.id,
        created_by_id=by.id,
        created_at=clock.now(),
    )
    db.session.add(application)
    db.session.flush()
    _write_answers(application, _from_profile(organisation, by, competition), by)
    record(
        thing="application",
        code=application.key,
        scope=competition.code,
        step="start",
        by=by,
        to_state=application.state,
    )
    return application


def _from_profile(organisation: Organisation, by: User, competition: Competition) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "contact_name": by.full_name,
        "contact_phone": organisation.contact_phone,
        "contact_email": organisation.contact_email or by.email,
    }
    if organisation.head_name:
        head = {"name": organisation.head_name, "office": organisation.head_position or "Керівник"}
        answers["governing_people"] = [head]
    if len(competition.lots) == 1:
        answers["lot"] = competition.lots[0].code
    return answers


def save_answers(
    application: Application, values: Mapping[str, Any], versions: Mapping[str, int] | None, by: User
) -> dict[str, int]:
    """Store the answers of a draft; returns the new version of each.

    `versions` says which version of each answer the person was reading (0: none yet); None writes over whatever stands.
    Raises EditConflict when a newer version was stored meanwhile by another hand: facts hold `question`, `yours`,
    `theirs`, `name`, `time`; nothing is stored then. InvalidInput or ManyErrors for broken bounds, by field.
    """
    application = lock_application(application)
    refuse_if(policy.why_not_edit(by, application))
    return write_checked(application, values, versions, by)


def write_checked(
    application: Application, values: Mapping[str, Any], versions: Mapping[str, int] | None, by: User
) -> dict[str, int]:
    """The same for callers that have locked the application and asked their own policy."""
    cleaned = _cleaned(queries.form_for(application), values)
    stored = {
        answer.question: answer
        for answer in db.session.scalars(
            sa.select(Answer).where(Answer.application_id == application.id, Answer.question.in_(cleaned))
        )
    }
    changed = {
        question: value
        for question, value in cleaned.items()
        if (stored[question].value if question in stored else None) != value
        and not (question not in stored and rules.is_empty(value))
    }
    if versions is not None:
        _refuse_conflict(changed, stored, versions)
    return _write_answers(application, changed, by, stored)


def _cleaned(form: rules.Form, values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    errors: list[DomainError] = []
    for code, value in values.items():
        question = form.questions.get(code)
        if question is None:
            raise InvalidInput("The form has no such question", field=code)
        try:
            cleaned[code] = rules.clean(question, value)
        except InvalidInput as error:
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else ManyErrors(errors)
    return cleaned


def _refuse_conflict(changed: Mapping[str, Any], stored: Mapping[str, Answer], versions: Mapping[str, int]) -> None:
    for code, value in changed.items():
        answer = stored.get(code)
        if answer is None or answer.version == versions.get(code, 0):
            continue
        raise EditConflict(
            "While you were writing, %(name)s changed this answer at %(time)s. Compare and choose",
            field=code,
            facts={
                "question": code,
                "yours": value,
                "theirs": answer.value,
                "version": answer.version,
                "name": answer.updated_by.full_name if answer.updated_by else "–",
                "time": clock.kyiv(answer.updated_at).strftime("%H:%M"),
            },
        )


def _write_answers(
    application: Application, values: Mapping[str, Any], by: User, stored: Mapping[str, Answer] | None = None
) -> dict[str, int]:
    stored = stored or {}
    written = []
    for code, value in values.items():
        answer = stored.get(code)
        if answer is None:
            answer = Answer(application_id=application.id, question=code)
            db.session.add(answer)
        answer.value, answer.updated_at, answer.updated_by_id = value, clock.now(), by.actor_id
        written.append(answer)
    _mirror(application, values)
    db.session.flush()
    db.session.expire(application, ["answers"])
    return {answer.question: answer.version for answer in written}


def _mirror(application: Application, values: Mapping[str, Any]) -> None:
    """Answers that lists sort and filter by stand on the application too."""
    if "title" in values:
        application.title = values["title"] or ""
    if "lot" in values:
        application.lot_id = _chosen(Lot, application.competition_id, values["lot"], "lot")
    if "priority" in values:
        application.priority_id = _chosen(Priority, application.competition_id, values["priority"], "priority")


def _chosen(kind: type[Lot] | type[Priority], competition_id: int, code: str | None, field: str) -> int | None:
    if not code:
        return None
    found = db.session.scalar(sa.select(kind.id).where(kind.competition_id == competition_id, kind.code == code))
    if found is None:
        raise InvalidInput("Choose one of the options", field=field)
    return int(found)


def budget_digest(application: Application) -> str:
    """The digest of the stored budget, by which a second editor is noticed."""
    return digest_of([[asdict(line) for line in queries.lines_of(application)], application.smallest_kop])


def save_budget(
    application: Application,
    rows: Sequence[Line],
    by: User,
    *,
    smallest_kop: int | None = None,
    base: str | None = None,
) -> list[rules.Finding]:
    """Store the budget of a draft with its computed sums; returns the rules that it breaks, which bar submission only.

    `base` is the digest of the budget the person was reading. Raises EditConflict when another one is stored now,
    InvalidInput for lines that are no lines at all.
    """
    application = lock_application(application)
    refuse_if(policy.why_not_edit(by, application))
    return write_budget(application, rows, smallest_kop=smallest_kop, base=base)


def write_budget(
    application: Application, rows: Sequence[Line], *, smallest_kop: int | None = None, base: str | None = None
) -> list[rules.Finding]:
    """The same for callers that have locked the application and asked their own policy."""
    if base is not None and base != budget_digest(application):
        raise EditConflict("While you were writing, another person changed the budget. Compare and choose")
    _refuse_odd_lines(rows, smallest_kop)
    db.session.execute(sa.delete(BudgetRow).filter_by(application_id=application.id))
    for position, line in enumerate(rows, 1):
        db.session.add(
            BudgetRow(application_id=application.id, position=position, total_kop=line.total_kop, **asdict(line))
        )
    sums = budget_rules.totals(rows)
    application.requested_kop, application.total_cost_kop = sums.requested_kop, sums.total_cost_kop
    application.own_cash_kop, application.own_inkind_kop = sums.own_cash_kop, sums.own_inkind_kop
    application.other_kop, application.own_share_bp = sums.other_kop, sums.own_share_bp
    application.smallest_kop = smallest_kop
    db.session.flush()
    db.session.expire(application, ["budget_rows"])
    return budget_rules.broken(rows, queries.limits_of(application), smallest_kop)


def _refuse_odd_lines(rows: Sequence[Line], smallest_kop: int | None) -> None:
    if len(rows) > budget_rules.MAX_ROWS:
        raise InvalidInput(
            "At most %(limit_count)s rows are allowed, now %(now)s",
            field="budget",
            facts={"limit_count": budget_rules.MAX_ROWS, "now": len(rows)},
        )
    for number, line in enumerate(rows, 1):
        amounts = (
            line.qty_milli,
            line.price_kop,
            line.city_kop,
            line.own_cash_kop,
            line.own_inkind_kop,
            line.other_kop,
        )
        if any(type(amount) is not int or not 0 <= amount <= 10**13 for amount in (*amounts, line.total_kop)):
            raise InvalidInput("Row %(row)s: amounts are from zero up", field="budget", facts={"row": number})
    if smallest_kop is not None and smallest_kop < 0:
        raise InvalidInput("Enter an amount in hryvnias", field="smallest_kop")


def add_attachment(
    application: Application, kind: str, file_name: str, media_type: str, stored: Stored, *, by: User
) -> Attachment:
    """Attach a file whose bytes already lie in the storage (bytes first, then the row).

    Raises InvalidInput (field "file") for an unknown kind or one file too many.
    """
    application = lock_application(application)
    correction = queries.correction_of(application)
    if correction is not None and rules.FILES_ITEM in correction.questions:
        refuse_if(policy.why_not_correct(by, application, correction))
    else:
        refuse_if(policy.why_not_edit(by, application))
    if kind not in queries.form_for(application).file_labels:
        raise InvalidInput("Choose the kind of the document", field="kind")
    if len(queries.attachments_of(application)) >= rules.MAX_FILES:
        raise InvalidInput(
            "At most %(limit_count)s files may be attached", field="file", facts={"limit_count": rules.MAX_FILES}
        )
    attachment = Attachment(
        code=random_text(24),
        application_id=application.id,
        kind=kind,
        file_name=file_name,
        media_type=media_type,
        size=stored.size,
        sha256=stored.sha256,
        uploaded_at=clock.now(),
        uploaded_by_id=by.id,
    )
    db.session.add(attachment)
    db.session.flush()
    return attachment


def remove_attachment(application: Application, code: str, *, by: User) -> None:
    """Take a file off the draft; its bytes stay in the storage, where others may share them."""
    application = lock_application(application)
    correction = queries.correction_of(application)
    if correction is not None and rules.FILES_ITEM in correction.questions:
        refuse_if(policy.why_not_correct(by, application, correction))
    else:
        refuse_if(policy.why_not_edit(by, application))
    found = db.session.scalar(sa.select(Attachment).filter_by(application_id=application.id, code=code))
    if found is None:
        raise NotFound()
    db.session.delete(found)
    db.session.flush()
