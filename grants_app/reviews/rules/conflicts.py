"""Conflicts of interest: reasons an expert may name, and when two names, phones or addresses are the same."""

from __future__ import annotations

import re

from grants_app.core import words

CONFLICT_REASONS: dict[str, str] = {
    "work": "I work or worked with this organisation",
    "family": "A relative or a close person takes part",
    "money": "I have a financial interest in the project",
    "partner": "I helped to prepare the application",
    "rival": "My organisation competes for the same money",
    "other": "Another reason",
}


def same_phone(left: str, right: str) -> bool:
    """Whether two typed numbers end in the same nine digits."""
    digits = [re.sub(r"\D", "", text)[-9:] for text in (left, right)]
    return len(digits[0]) == 9 and digits[0] == digits[1]


def same_text(left: str, right: str) -> bool:
    """Whether two names or addresses are the same but for case, spaces and apostrophes."""
    return bool(words.one_line(left)) and words.search_form(left) == words.search_form(right)
