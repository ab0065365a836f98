"""Letters in the reader's language: a text with named places, filled with facts that are shown as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
import structlog
from babel.support import NullTranslations, Translations

from grants_app.core import figures
from grants_app.core.figures import Figure
from grants_app.core.identifiers import ALPHABET, clean_code, has_valid_check
from grants_app.core.state_machine import State
from grants_app.database import db, is_writing
from grants_app.journal.models import LetterTemplate
from grants_app.journal.registry import letter_kind
from grants_app.journal.wording import fill, in_braces
from grants_app.permissions import ROLE_LABELS, Role

Letters = Mapping[str, Mapping[str, tuple[str, str]]]
TRANSLATIONS = Path(__file__).resolve().parents[1] / "translations"
# What a link of these pages ends with opens an account: it is shown to nobody but the receiver.
SECRETS = re.compile(r"(/(?:accounts/(?:confirm|new-password|invitations)|reviews/invitations)/)[\w-]+")
OPENED = re.compile(SECRETS.pattern.removesuffix(r"[\w-]+") + "…")
# A personal code of a late entry: four groups of four signs with a right check sign. Codes of vouchers are longer.
CODES = re.compile(rf"(?<![\w-])(?:[{ALPHABET}]{{4}}-){{3}}[{ALPHABET}]{{4}}(?![\w-])")
HIDDEN_CODE = "····-····-····-····"
# Under this name a unit keeps the city's words that it has read.
OWN_WORDS = "own_words_of_letters"
log = structlog.get_logger()
_public_url = ""


def set_public_url(url: str) -> None:
    """Where people reach the installation; set once when the application is built."""
    global _public_url
    _public_url = url.rstrip("/")


def link_to(path: str) -> str:
    """Absolute address of a page, for letters and documents."""
    return f"{_public_url}{path}"


def public_host() -> str:
    """The name of the installation's host, for Message-ID."""
    return _public_url.partition("://")[2].partition("/")[0].partition(":")[0] or "localhost"


def compose(letters: Letters, name: str, lang: str, facts: Mapping[str, object]) -> tuple[str, str]:
    """Subject and body of a letter, in the city's own words where it has some, else as shipped.

    A fact that a shipped text names and nobody gives raises KeyError: a bug of ours. Own words that name it give way
    to the shipped ones, so that no letter is lost by what somebody typed.
    """
    texts = letters[name]
    shipped = texts.get(lang) or texts["uk"]
    shown = shown_facts(facts, lang)
    own = own_words(name, lang)
    if own is not None:
        try:
            return fill_letter(own, shown)
        except KeyError as error:
            log.warning("own words of a letter do not fit", letter=name, lang=lang, place=str(error))
    return fill_letter((in_braces(shipped[0]), in_braces(shipped[1])), shown)


def fill_letter(words: tuple[str, str], shown: Mapping[str, str]) -> tuple[str, str]:
    """Subject in one line, and body. A place without a fact raises KeyError."""
    return " ".join(fill(words[0], shown).split()), fill(words[1], shown)


def shown_facts(facts: Mapping[str, object], lang: str) -> dict[str, str]:
    """Facts as people write them: instants and days on a Kyiv clock, names ending in `_kop` as money, states by words.

    A fact may have words for each language: {"uk": …, "en": …}.
    """
    return {key: _shown(key, value, lang) for key, value in facts.items()}


def own_words(name: str, lang: str) -> tuple[str, str] | None:
    """The city's words in force, None where the shipped ones are. Inside a unit all are read once."""
    if letter_kind(name) is None:
        return None
    kept: dict[tuple[str, str], tuple[str, str]] | None = db.session.info.get(OWN_WORDS)
    if kept is None:
        kept = _words_in_force()
        if is_writing():
            db.session.info[OWN_WORDS] = kept
    return kept.get((name, lang))


def _words_in_force() -> dict[tuple[str, str], tuple[str, str]]:
    newest = (
        sa.select(LetterTemplate.name, LetterTemplate.lang, sa.func.max(LetterTemplate.number).label("number"))
        .group_by(LetterTemplate.name, LetterTemplate.lang)
        .subquery()
    )
    query = sa.select(LetterTemplate).join(
        newest,
        sa.and_(
            LetterTemplate.name == newest.c.name,
            LetterTemplate.lang == newest.c.lang,
            LetterTemplate.number == newest.c.number,
        ),
    )
    rows = db.session.scalars(query)
    return {(row.name, row.lang): (row.subject, row.body) for row in rows if not row.is_shipped}


def without_secrets(text: str) -> str:
    """The letter as others may read it: ends of links that open an account and personal codes are left out."""
    return CODES.sub(_hidden_code, SECRETS.sub(r"\1…", text))


def _hidden_code(found: re.Match[str]) -> str:
    return HIDDEN_CODE if has_valid_check(clean_code(found[0])) else found[0]


def opens_account(text: str) -> bool:
    """Whether a letter carries a link that opens an account, or did before it was shortened."""
    return SECRETS.search(text) is not None or OPENED.search(text) is not None


def is_cut(text: str) -> bool:
    """Whether a link or code of the letter is left out already: as it is, it opens nothing."""
    return OPENED.search(text) is not None or HIDDEN_CODE in text


def spoken(text: str, lang: str) -> str:
    """A msgid of the catalogue in a language, outside any request."""
    return str(_catalogue(lang).gettext(text)) if text else ""


@lru_cache(maxsize=8)
def _catalogue(lang: str) -> NullTranslations:
    return Translations.load(TRANSLATIONS, [lang])


def _shown(name: str, value: object, lang: str) -> str:
    if isinstance(value, dict):
        return _shown(name, value.get(lang, value["uk"]), lang)
    if isinstance(value, Figure):
        return value.said(lang)
    if isinstance(value, datetime):
        return f"{figures.day_long(value, lang)}, {figures.hour(value, lang)}"
    if isinstance(value, date):
        return figures.day_long(value, lang)
    if isinstance(value, State):
        return spoken(value.label, lang)
    if isinstance(value, Role):
        return spoken(ROLE_LABELS[value], lang)
    if name.endswith("_kop") and isinstance(value, int):
        return figures.money(value, lang)
    return str(value)
