"""Words of the register of conflicts: reasons a person may name, how a line came about, how hard it keeps out."""

from __future__ import annotations

from grants_app.reviews.rules.ties import TIES

CONFLICT_REASONS: dict[str, str] = {
    "work": "I work or worked with this organisation",
    "family": "A relative or a close person takes part",
    "money": "I have a financial interest in the project",
    "partner": "I helped to prepare the application",
    "rival": "My organisation competes for the same money",
    "other": "Another reason",
}

# The same reasons as others read them, and as somebody else may name them.
REASONS_OF_OTHERS: dict[str, str] = {
    "work": "Works or worked with this organisation",
    "family": "A relative or a close person takes part",
    "money": "Has a financial interest in the project",
    "partner": "Helped to prepare the application",
    "rival": "An organisation of the person competes for the same money",
    "other": "Another reason",
}
DOUBT = "doubt"

# How a line came into the register; meetings keep their own statements, which are shown beside the others.
SOURCES: dict[str, str] = {
    "declared": "Declared by the person",
    "found": "Found in our data",
    "raised": "Reported by others",
    "meeting": "Stated at a meeting",
}
LEVELS: dict[str, str] = {
    "block": "Kept out at once",
    "review": "Kept out when confirmed",
}
LEAST_DETAILS = 10
LONGEST_DETAILS = 1000
LONGEST_TOGETHER = 5 * LONGEST_DETAILS  # of repeated reports: whoever decides must be able to read them


def kind_label(kind: str) -> str:
    """What ties the person to the application, as an English msgid."""
    if kind == DOUBT:
        return "The person is not sure"
    if kind in TIES:
        return TIES[kind].what
    return REASONS_OF_OTHERS.get(kind, "Another reason")
