"""Letters of the review, put into the outbox inside the running unit."""

from __future__ import annotations

from grants_app.accounts.models import User
from grants_app.competitions.models import Competition
from grants_app.core import figures
from grants_app.core.figures import Figure
from grants_app.journal.services import notify_user
from grants_app.reviews.models import Assignment
from grants_app.reviews.rules import LETTERS


def write_letter(
    template: str, to: User, competition: Competition, assignment: Assignment | None = None, **facts: object
) -> None:
    """Queue a letter in the receiver's language; `until` is written as the last day, the end being exclusive."""
    application = "" if assignment is None else assignment.application.code or ""
    filled = {
        "code": competition.code,
        "title": competition.title,
        "until": until_words(competition),
        "application": application,
        **facts,
    }
    notify_user(
        to,
        LETTERS,
        template,
        facts=filled,
        thing="competition" if assignment is None else "assignment",
        code=competition.code if assignment is None else assignment.journal_code,
        scope=competition.code,
    )


def until_words(competition: Competition) -> Figure | str:
    """«23:59 26.03.2027»: the last minute in which scoring is open."""
    if competition.scoring_until is None:
        return "–"
    return Figure(figures.last_minute, competition.scoring_until)
