"""What the pool knows of an expert: languages, ties with organisations, the profile as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

# English msgids by ISO code; the order is the order on the page.
LANGUAGES: dict[str, str] = {
    "uk": "Ukrainian",
    "en": "English",
    "crh": "Crimean Tatar",
    "pl": "Polish",
    "ro": "Romanian",
    "hu": "Hungarian",
    "bg": "Bulgarian",
    "de": "German",
    "fr": "French",
}
# What a person is to an organisation: msgids.
TIES: dict[str, str] = {
    "member": "member or volunteer",
    "board": "member of the board",
    "founder": "founder or co-owner",
    "paid": "paid by it in the last two years",
}
MOST_ORGANISATIONS = 30
MOST_APPLICATIONS = 500


@dataclass(frozen=True)
class ProfileFacts:
    """Everything a profile holds, as the person or the secretary wrote it."""

    workplace: str = ""
    workplace_edrpou: str = ""
    fields_known: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    is_available: bool = True
    away_from: date | None = None
    away_until: date | None = None
    most_applications: int | None = None
    organisations: list[dict[str, str]] = field(default_factory=list)
    address: str = ""
    iban: str = ""


def masked_name(full_name: str) -> str:
    """First letters alone: who holds the paper can compare, who guesses a code learns nobody's name.

    >>> masked_name("Соломія Тестова-Зразкова")
    'С. Т.'
    """
    return " ".join(f"{word[0].upper()}." for word in full_name.split())
