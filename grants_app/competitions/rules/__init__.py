"""Pure rules of competitions: presets, vocabulary of the settings, the two languages of preset texts."""

from __future__ import annotations

from functools import cache

from grants_app.competitions.rules.form.lists import CATEGORIES as BUDGET_CATEGORIES
from grants_app.competitions.rules.guidance import LEVELS, Words, bands_of
from grants_app.competitions.rules.presets import PRESETS, CriterionPreset, LotPreset, Preset

__all__ = [
    "ADMISSION_BY",
    "BLIND_PHASES",
    "BUDGET_CATEGORIES",
    "COLUMN_TIES",
    "COMMISSION_MIN",
    "DIVERGENCE_RULES",
    "INTAKE_DAYS_MIN",
    "MOST_GRACE_MINUTES",
    "OFFICES",
    "OWN_FIELD",
    "PRESETS",
    "SIGNATURE_MODES",
    "THEMES",
    "VOTING_OFFICES",
    "CriterionPreset",
    "LotPreset",
    "Preset",
    "Words",
    "bands_of",
    "wording",
]

# Intake lasts at least this many calendar days unless a published reason says why not (domain 3.1).
INTAKE_DAYS_MIN = 30
# A local commission has at least five voting members (Procedure No. 1049 as of August 2021).
COMMISSION_MIN = 5

OFFICES: dict[str, str] = {
    "chair": "Chair of the commission",
    "deputy": "Deputy chair",
    "member": "Member of the commission",
    "secretary": "Secretary of the commission",
}
VOTING_OFFICES = frozenset({"chair", "deputy", "member"})

# Themes of the settings in the order of the pages: code -> msgid of the title.
THEMES: dict[str, str] = {
    "basics": "About the competition",
    "lots": "Lots and money",
    "priorities": "Priorities",
    "criteria": "Criteria",
    "form": "Application form",
    "intake": "Submission and check",
    "calendar": "Calendar",
    "rules": "Rules of ranking and awarding",
    "panel": "Experts and scoring",
    "people": "People",
}

# How the head of an organisation may sign: code -> msgid.
SIGNATURE_MODES: dict[str, str] = {
    "confirm": "The head confirms on the page",
    "second_factor": "The head confirms with a one-time code from a phone",
    "scan": "A printed form is signed by hand and its scan attached",
    "qes": "A file signed with a qualified electronic signature is attached",
}

# Who decides whether an application is admitted: code -> msgid.
ADMISSION_BY: dict[str, str] = {
    "secretary": "The secretary, after the check",
    "commission": "The commission, in its minutes, on the secretary’s proposal",
}

# An upload that began in time may end at most so much later, where the call allows it at all.
MOST_GRACE_MINUTES = 60

# A required field of the panel that is not one priority: whatever the application itself has chosen.
OWN_FIELD = "*"

# What a divergence above the limit calls for: code -> msgid.
DIVERGENCE_RULES: dict[str, str] = {
    "none": "Nothing: it is only shown to the commission",
    "discuss": "The experts of the application discuss it",
    "extra_expert": "One more expert scores the application",
    "consensus": "A lead expert draws up a consensus sheet after a discussion",
}

# Phases in which the name of the applicant may be hidden: code -> msgid.
BLIND_PHASES: dict[str, str] = {
    "scoring": "While experts score",
    "deliberation": "While the commission deliberates",
}

# Columns of an application that a tie may be broken by: column -> (direction, msgid).
COLUMN_TIES: dict[str, tuple[str, str]] = {
    "own_share_bp": ("higher", "Larger share of own money"),
    "requested_kop": ("lower", "Smaller sum asked"),
    "submitted_at": ("lower", "Earlier submission"),
    "total_cost_kop": ("higher", "Larger whole cost"),
}


def wording(text: str, lang: str) -> str:
    """A text of a preset in the reader's language; what the city wrote itself stays as it was written.

    >>> wording("Вплив", "en")
    'Impact'
    >>> wording("Наш критерій", "en")
    'Наш критерій'
    """
    return _english().get(text, text) if lang == "en" else text


def stored_wording(text: str) -> str:
    """A preset's English text as it is kept, so that whoever edits in English leaves both languages whole.

    >>> stored_wording("Impact"), stored_wording("Our criterion")
    ('Вплив', 'Our criterion')
    """
    return _kept().get(text, text)


@cache
def _kept() -> dict[str, str]:
    return {english: ukrainian for ukrainian, english in _english().items()}


@cache
def _english() -> dict[str, str]:
    pairs = list(LEVELS)
    for preset in PRESETS.values():
        pairs += [preset.title, preset.note, *(lot.title for lot in preset.lots)]
        pairs += [words for criterion in preset.criteria for words in (criterion.title, criterion.question)]
    return {words.uk: words.en for words in pairs}
