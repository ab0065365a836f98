"""Letters of the formal check as their receivers will read them, before they are written."""

from __future__ import annotations

from datetime import date

from grants_app.applications.models import Application
from grants_app.applications.rules.letters import COMPLAINT, LETTERS, RESULTS_BY
from grants_app.core import figures
from grants_app.core.figures import Figure
from grants_app.journal.letters import compose


def letter_of_return(application: Application, letter: str, due: date | None, lang: str) -> tuple[str, str]:
    """Subject and body of the return for correction."""
    return _composed(application, "application_returned", return_facts(letter, due), lang)


def letter_of_admission(application: Application, lang: str) -> tuple[str, str]:
    """Subject and body of the admission."""
    return _composed(application, "application_admitted", {"results": results_by(application)}, lang)


def return_facts(letter: str, due: date | None) -> dict[str, object]:
    """What the letter of return says beside code and title."""
    return {"due": Figure(figures.day, due), "letter": letter.strip(), "complaint": COMPLAINT}


def results_by(application: Application) -> dict[str, str]:
    """By when results are expected, in words of each language."""
    day = application.competition.results_by
    return {lang: words % {"day": figures.day(day, lang)} if day else "" for lang, words in RESULTS_BY.items()}


def _composed(application: Application, name: str, facts: dict[str, object], lang: str) -> tuple[str, str]:
    return compose(LETTERS, name, lang, {"code": application.code or "", "title": application.title, **facts})
