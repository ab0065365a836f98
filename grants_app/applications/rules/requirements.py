"""Verdicts of the formal check; the requirements themselves stand in the form of the competition."""

from __future__ import annotations

VERDICTS: tuple[tuple[str, str], ...] = (
    ("meets", "Meets"),
    ("defect", "Defect"),
    ("not_applicable", "Does not apply"),
)
