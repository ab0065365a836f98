"""Colours of both looks: contrast by the WCAG formula, and the dark look the same however it is chosen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[2] / "grants_app/static/theme.css").read_text(encoding="utf-8")
TEXT, EDGE = 4.5, 3.0
PAIRS = [
    ("--govuk-text-colour", "--app-card", TEXT),
    ("--govuk-text-colour", "--app-canvas", TEXT),
    ("--govuk-text-colour", "--app-sunk", TEXT),
    ("--govuk-text-colour", "--app-error-bg", TEXT),
    ("--govuk-text-colour", "--app-ok-bg", TEXT),
    ("--govuk-text-colour", "--app-button2", TEXT),
    ("--govuk-text-colour", "--app-button2-hover", TEXT),
    ("--govuk-text-colour", "--app-add", TEXT),
    ("--govuk-text-colour", "--app-del", TEXT),
    ("--govuk-secondary-text-colour", "--app-card", TEXT),
    ("--govuk-secondary-text-colour", "--app-canvas", TEXT),
    ("--govuk-secondary-text-colour", "--app-sunk", TEXT),
    ("--govuk-link-colour", "--app-card", TEXT),
    ("--govuk-link-colour", "--app-canvas", TEXT),
    ("--govuk-link-colour", "--app-error-bg", TEXT),
    ("--govuk-link-visited-colour", "--app-card", TEXT),
    ("--govuk-link-visited-colour", "--app-canvas", TEXT),
    ("--govuk-error-colour", "--app-card", TEXT),
    ("--govuk-error-colour", "--app-canvas", TEXT),
    ("--govuk-error-colour", "--app-error-bg", TEXT),
    ("--govuk-success-colour", "--app-card", TEXT),
    ("--govuk-success-colour", "--app-canvas", TEXT),
    ("--govuk-focus-text-colour", "--govuk-focus-colour", TEXT),
    ("--app-warn-text", "--app-warn-bg", TEXT),
    ("--app-head-text", "--app-head", TEXT),
    ("--app-head-quiet", "--app-head", TEXT),
    ("--app-head-text", "--app-button", TEXT),
    ("--app-head-text", "--app-button-hover", TEXT),
    ("--app-head-text", "--app-cut", TEXT),
    ("--govuk-input-border-colour", "--app-card", EDGE),
    ("--govuk-input-border-colour", "--app-canvas", EDGE),
    ("--app-input-empty", "--app-card", EDGE),
    *[
        (f"--app-tag-{hue}", f"--app-tag-{hue}-bg", TEXT)
        for hue in ("grey", "blue", "yellow", "green", "red", "purple")
    ],
    *[(f"--app-chart-{number}", "--app-card", EDGE) for number in range(1, 6)],
]


def tokens(start: str) -> dict[str, str]:
    """Custom properties of the block that begins with `start`."""
    block = CSS[CSS.index(start) + len(start) :]
    return dict(re.findall(r"(--[\w-]+):\s*(#[0-9a-f]{6})", block[: block.index("}")]))


LIGHT = tokens(":root {")
CHOSEN_DARK = tokens(':root[data-theme="dark"] {')
SYSTEM_DARK = tokens(':root:not([data-theme="light"]) {')


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_formula_knows_its_ends() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_colours_stand_out_from_their_ground(front: str, ground: str, least: float, look: str) -> None:
    colours = LIGHT if look == "light" else LIGHT | CHOSEN_DARK
    assert contrast(colours[front], colours[ground]) >= least


def test_dark_look_is_the_same_chosen_or_from_the_system() -> None:
    assert len(CHOSEN_DARK) > 40
    assert CHOSEN_DARK == SYSTEM_DARK
