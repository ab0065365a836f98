"""The blueprint of the stage and what its pages share."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from flask import Blueprint, current_app
from flask_babel import gettext
from flask_login import current_user

from grants_app.accounts.models import User
from grants_app.applications import queries, rules
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError, InvalidInput, NotFound
from grants_app.core.storage import Storage
from grants_app.web import formatting
from grants_app.web.errors import sentence
from grants_app.web.files import storage_of
from grants_app.web.formatting import instant

blueprint = Blueprint("applications", __name__, url_prefix="/applications")


@blueprint.app_template_filter("till")
def till(moment: datetime | None) -> str:
    """The last minute before an exclusive end: «31.03.2027, 23:59» for the first instant of 1 April."""
    return instant(None if moment is None else moment - timedelta(minutes=1))


def person() -> User:
    """The person signed in (the gate let nobody else through)."""
    return cast(User, current_user._get_current_object())  # flask-login types its proxy as Any


def guest_or_person() -> User | None:
    """The person, or None for a guest."""
    return person() if current_user.is_authenticated else None


def storage() -> Storage:
    """Where attached files lie."""
    return storage_of(current_app)


def upload_limit_mb() -> int:
    """The largest file, in megabytes."""
    return int(current_app.config["SETTINGS"].upload_limit_mb)


def own_application(code: str) -> Application:
    """An application of the person's own organisation. Raises NotFound for any other."""
    application = queries.application_for(person(), code)
    if not queries.is_author(person(), application):
        raise NotFound()
    return application


def desk_application(code: str) -> Application:
    """An application that the person reads as staff. Raises NotFound while it is sealed."""
    application = queries.application_for(person(), code)
    if not (queries.may_read_in(person(), application.competition) and queries.is_unsealed(application)):
        raise NotFound()
    return application


def words(message: str, facts: dict[str, object] | None = None) -> str:
    """A msgid of the rules with its facts, in the reader's language; sums are written out."""
    facts = dict(facts or {})
    for name in ("category", "cell"):
        if isinstance(facts.get(name), str):
            facts[name] = gettext(str(facts[name]))
    return sentence(InvalidInput(message, facts=facts))


def error_words(error: DomainError) -> str:
    """A refusal in the reader's language."""
    return words(error.message, error.facts)


def choices_of(competition: Competition) -> dict[str, list[tuple[str, str]]]:
    """Lots and priorities to choose from; a lot names its limits."""
    return {
        "lots": [(lot.code, _lot_words(lot.title, lot.minimum_kop, lot.maximum_kop)) for lot in competition.lots],
        "priorities": [(priority.code, priority.title) for priority in competition.priorities],
    }


def _lot_words(title: str, minimum_kop: int | None, maximum_kop: int | None) -> str:
    if maximum_kop is None:
        return title
    return gettext(
        "%(title)s: from %(least)s to %(most)s",
        title=title,
        least=formatting.hryvnias(minimum_kop or 0),
        most=formatting.money(maximum_kop),
    )


def asked_questions(application: Application, section: rules.Section) -> list[rules.Question]:
    """Questions of a section that this competition asks: without priorities there is nothing to choose."""
    has_priorities = bool(application.competition.priorities)
    return [question for question in section.questions if question.source != "priorities" or has_priorities]
