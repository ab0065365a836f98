"""Letters of the formal check as their receivers will read them, before they are written."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from grants_app.accounts.models import Membership, User
from grants_app.applications.models import Application
from grants_app.applications.rules.letters import COMPLAINT, LETTERS, RESULTS_BY
from grants_app.core import figures
from grants_app.core.figures import Figure
from grants_app.database import db
from grants_app.journal.letters import compose
from grants_app.permissions import Role

Letter = tuple[str, str, str]  # language, subject, body


def letter_of_return(application: Application, letter: str, due: date | None) -> Letter:
    """The return for correction as the head of the organisation will read it."""
    return _composed(application, "application_returned", return_facts(letter, due))


def letter_of_admission(application: Application) -> Letter:
    """The admission as the head of the organisation will read it."""
    return _composed(application, "application_admitted", {"results": results_by(application)})


def return_facts(letter: str, due: date | None) -> dict[str, object]:
    """What the letter of return says beside code and title."""
    return {"due": Figure(figures.day, due), "letter": letter.strip(), "complaint": COMPLAINT}


def results_by(application: Application) -> dict[str, str]:
    """By when results are expected, in words of each language."""
    day = application.competition.results_by
    return {lang: words % {"day": figures.day(day, lang)} if day else "" for lang, words in RESULTS_BY.items()}


def _composed(application: Application, name: str, facts: dict[str, object]) -> Letter:
    """The letter in the language that the head has chosen; in Ukrainian while nobody holds the office."""
    query = (
        sa.select(User.lang)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == application.organisation_id,
            Membership.ended_at.is_(None),
            Membership.role == Role.NGO_HEAD,
        )
    )
    lang = db.session.scalar(query) or "uk"
    facts = {"code": application.code or "", "title": application.title, **facts}
    return lang, *compose(LETTERS, name, lang, facts)
