"""Letters in the reader's language: a text with named places, filled with facts that are shown as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from babel.dates import format_date
from babel.support import NullTranslations, Translations

from grants_app.core import clock
from grants_app.core.money import number_text
from grants_app.core.state_machine import State
from grants_app.permissions import ROLE_LABELS, Role

Letters = Mapping[str, Mapping[str, tuple[str, str]]]
TRANSLATIONS = Path(__file__).resolve().parents[1] / "translations"
# What a link of these pages ends with opens an account: it is shown to nobody but the receiver.
SECRETS = re.compile(r"(/(?:accounts/(?:confirm|new-password|invitations)|reviews/invitations)/)[\w-]+")
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
    """Subject and body of a letter. A fact that a text names and nobody gives raises KeyError: a bug of ours.

    Instants and days are written out on a Kyiv clock, names ending in `_kop` as money, states and roles by their words.
    """
    texts = letters[name]
    subject, body = texts.get(lang) or texts["uk"]
    shown = {key: _shown(key, value, lang) for key, value in facts.items()}
    return subject % shown, body % shown


def without_secrets(text: str) -> str:
    """The letter as others may read it: the ends of links that open an account are left out."""
    return SECRETS.sub(r"\1…", text)


def spoken(text: str, lang: str) -> str:
    """A msgid of the catalogue in a language, outside any request."""
    return str(_catalogue(lang).gettext(text)) if text else ""


@lru_cache(maxsize=8)
def _catalogue(lang: str) -> NullTranslations:
    return Translations.load(TRANSLATIONS, [lang])


def _shown(name: str, value: object, lang: str) -> str:
    if isinstance(value, datetime):
        return f"{_day(clock.kyiv(value).date(), lang)}, {clock.kyiv(value):%H:%M}"
    if isinstance(value, date):
        return _day(value, lang)
    if isinstance(value, State):
        return spoken(value.label, lang)
    if isinstance(value, Role):
        return spoken(ROLE_LABELS[value], lang)
    if name.endswith("_kop") and isinstance(value, int):
        return _money(value, lang)
    return str(value)


def _day(day: date, lang: str) -> str:
    text = format_date(day, "d MMMM y", locale=lang)
    return f"{text} року" if lang == "uk" else text


def _money(kop: int, lang: str) -> str:
    text = number_text(kop)
    if lang == "uk":
        return f"{text}\u00a0грн"
    return f"UAH\u00a0{text.replace(',', '.').replace(chr(160), ',')}"
