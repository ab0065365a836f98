"""Writing a draft: start, answers with a version each. The budget is written in `services.budget`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from grants_app.accounts.models import Organisation, User
from grants_app.applications import policy, queries, rules
from grants_app.applications.models import Answer, Application
from grants_app.applications.services.loading import lock_application, lock_competition, refuse_if
from grants_app.competitions.models import Competition, Lot, Priority
from grants_app.core import clock, figures
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, ManyErrors
from grants_app.core.figures import Figure
from grants_app.core.identifiers import random_text
from grants_app.database import db
from grants_app.journal.services import record


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
    write_checked(application, _from_profile(organisation, by, competition), None, by)
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
    if organisation.governing:
        answers["governing_people"] = [{"name": one.full_name, "office": one.office} for one in organisation.governing]
    elif organisation.head_name:
        head = {"name": organisation.head_name, "office": organisation.head_position or "Керівник"}
        answers["governing_people"] = [head]
    if len(competition.lots) == 1:
        answers["lot"] = competition.lots[0].code
    return answers


def save_answers(
    application: Application,
    values: Mapping[str, Any],
    versions: Mapping[str, int] | None,
    by: User,
    *,
    is_locked: bool = False,
) -> dict[str, int]:
    """Store the answers of a draft; returns the new version of each.

    `versions` says which version of each answer the person was reading (0: none yet); None writes over whatever stands.
    Raises EditConflict when a newer version was stored meanwhile by another hand: facts hold `question`, `yours`,
    `theirs`, `name`, `time`; nothing is stored then. InvalidInput or ManyErrors for broken bounds, by field.
    """
    if not is_locked:
        application = lock_application(application)
    refuse_if(policy.why_not_edit(by, application) or policy.why_not_write(by, application, values))
    return write_checked(application, values, versions, by)


def write_checked(
    application: Application,
    values: Mapping[str, Any],
    versions: Mapping[str, int] | None,
    by: User,
    *,
    form: rules.Form | None = None,
) -> dict[str, int]:
    """The same for callers that have locked the application and asked their own policy.

    `form`: another one that asks these questions alike, for callers that have not read the application's own.

    One question to the database in the usual case: answers are written where they still have the version that was
    read. Only when some have not are the stored ones looked at.
    """
    cleaned = _cleaned(form or queries.form_for(application), values)
    if not cleaned:
        return {}
    written: dict[str, int] = {}
    if versions is not None:
        typed = {code: one for code, one in cleaned.items() if versions.get(code) or not rules.is_empty(one)}
        written = _upsert(application, typed, by, versions) if typed else {}
    left = {code: value for code, value in cleaned.items() if code not in written}
    if left:
        written.update(_write_compared(application, left, by, versions))
    _mirror(application, {code: cleaned[code] for code in written})
    _forget_read(application)
    return written


def _write_compared(
    application: Application, values: Mapping[str, Any], by: User, versions: Mapping[str, int] | None
) -> dict[str, int]:
    """Beside what is stored: what is the same already is left alone, what another hand has changed is a conflict."""
    stored = {
        answer.question: answer
        for answer in db.session.scalars(
            sa.select(Answer).where(Answer.application_id == application.id, Answer.question.in_(values))
        )
    }
    changed = {
        question: value
        for question, value in values.items()
        if (stored[question].value if question in stored else None) != value
        and not (question not in stored and rules.is_empty(value))
    }
    if versions is not None:
        _refuse_conflict(changed, stored, versions)
    now = {code: answer.version for code, answer in stored.items() if code in changed}
    return _upsert(application, changed, by, now) if changed else {}


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
                "time": Figure(figures.hour, answer.updated_at),
            },
        )


def _upsert(
    application: Application, values: Mapping[str, Any], by: User, versions: Mapping[str, int]
) -> dict[str, int]:
    """Write answers that still have the named version (0: none yet), in one statement; tells which were written."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    now = clock.now()
    rows = [
        {
            "application_id": application.id,
            "question": code,
            "value": value,
            "version": versions.get(code, 0) + 1,
            "updated_at": now,
            "updated_by_id": by.actor_id,
        }
        for code, value in values.items()
    ]
    statement = insert(Answer).values(rows)
    new = statement.excluded
    columns = {name: new[name] for name in ("value", "version", "updated_at", "updated_by_id")}
    statement = statement.on_conflict_do_update(
        index_elements=["application_id", "question"], set_=columns, where=Answer.version == new.version - 1
    )
    found = db.session.execute(statement.returning(Answer.question, Answer.version))
    return {row.question: row.version for row in found}


def _forget_read(application: Application) -> None:
    """Answers that were read before are read again: the statement above went past them."""
    for state in db.session.identity_map.all_states():
        if state.class_ is Answer and state.dict.get("application_id") == application.id:
            db.session.expire(state.obj())
    db.session.expire(application, ["answers"])


def _mirror(application: Application, values: Mapping[str, Any]) -> None:
    """Answers that lists sort and filter by stand on the application too, written in one statement.

    Raises InvalidInput for a lot or a priority that the competition does not have.
    """
    columns: dict[str, Any] = {}
    known: list[sa.ColumnElement[bool]] = []
    for name, kind in (("lot", Lot), ("priority", Priority)):
        if name not in values:
            continue
        chosen = sa.select(kind.id).where(kind.competition_id == application.competition_id, kind.code == values[name])
        columns[f"{name}_id"] = chosen.scalar_subquery() if values[name] else None
        if values[name]:
            known.append(chosen.exists())
    if "title" in values:
        columns["title"] = values["title"] or ""
    if not columns:
        return
    statement = (
        sa.update(Application)
        .where(Application.id == application.id, *known)
        .values(**columns, version=Application.version + 1)
        .returning(Application.id)
        .execution_options(synchronize_session=False)
    )
    if db.session.scalar(statement) is None:
        raise InvalidInput("Choose one of the options", field=next(one for one in ("lot", "priority") if one in values))
    db.session.expire(application, ["title", "lot_id", "lot", "priority_id", "priority", "version"])
