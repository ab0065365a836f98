"""The engine's steps in words: what pages, summary sheets and the print say, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from grants_app.web import formatting
from scoring.explain import SUMS, TEXTS

# Words of the rules that stand among the operands and results of steps.
WORDS = {
    "mean": _l("mean"),
    "sum": _l("sum"),
    "median": _l("median"),
    "trimmed": _l("mean without the extremes"),
    "half_up": _l("a half goes up"),
    "half_even": _l("a half goes to the even digit"),
    "reached": _l("reached"),
    "not reached": _l("not reached"),
    "higher": _l("higher"),
    "lower": _l("lower"),
    "below pass mark": _l("below the pass mark"),
    "below the pass mark": _l("below the pass mark"),
    "insufficient": _l("too few reviews"),
    "stop": _l("from the top, stop at the first that does not fit"),
    "skip": _l("from the top, smaller ones that fit go on"),
    "marginal": _l("from the top, the last one receives the remainder"),
    "bands": _l("share by the band of the score"),
}
COLUMNS = {
    "requested_kop": _l("smaller request"),
    "smallest_kop": _l("smaller sum that suffices"),
    "submitted_at": _l("earlier submission"),
    "own_share_bp": _l("own share"),
    "total_cost_kop": _l("cost of the project"),
    "register_number": _l("register number"),
}
# The same columns as what is compared: which way is better the step says itself.
_COMPARED = {
    "requested_kop": _l("requested sum"),
    "smallest_kop": _l("smallest sum that suffices"),
    "submitted_at": _l("moment of submission"),
}
# Sentences of the engine in which a share is told in basis points: people read per cent.
_TEXTS = {
    **TEXTS,
    "band_share": _l("%(application)s is in the band from %(start)s: %(share_bp)s of %(requested_kop)s, %(result)s."),
    "remainder_too_small": _l(
        "The remainder of %(left_kop)s is too small for %(application)s: it would take %(least_kop)s, the greatest of "
        "%(share_kop)s (%(marginal_bp)s of %(requested_kop)s), its smallest useful sum %(smallest_kop)s and the lot's "
        "minimum %(minimum_kop)s."
    ),
}
_WORDS_OF_RULES = frozenset(("combine", "mode", "rule", "direction", "reason"))
_NAMES_APPLICATIONS = frozenset(("application", "applications", "other"))
_LEFT_AS_THEY_ARE = frozenset(("expert", "seed"))


@dataclass(frozen=True)
class Names:
    """How a competition calls what the engine knows by codes: criteria and lots by title, applications by code."""

    criteria: Mapping[str, str] = field(default_factory=dict)
    lots: Mapping[str, str] = field(default_factory=dict)
    applications: Mapping[str, str] = field(default_factory=dict)


class _Operands(dict[str, str]):
    """Operands by name. A list that an earlier engine made has fewer of them: what it did not note is an ellipsis."""

    def __missing__(self, name: str) -> str:
        return "…"


@dataclass(frozen=True)
class StepLine:
    """A step as the component prints it; the sentence of the engine holds operands and result already."""

    label: str
    operands: str = ""
    result: str = ""
    clause: str = ""


def step_lines(steps: Iterable[Mapping[str, Any]], names: Names) -> list[StepLine]:
    """Steps of a ranking line or of a walk, in words and digits."""
    return [StepLine(step_sentence(step, names)) for step in steps]


def step_sentence(step: Mapping[str, Any], names: Names) -> str:
    """One step as a sentence with its digits: figures of the language, sums with their currency, titles for codes."""
    key, result = str(step["key"]), str(step["result"])
    tie = str(step["result"]) if key in ("separated_by", "tie_not_separated") else ""
    shown = {name: _operand(name, str(value), names, tie) for name, value in step["operands"].items()}
    if tie:
        name = tie.partition(":")[2]
        said = str(_COMPARED[name]) if name in _COMPARED else tie_rule(tie, names.criteria)
    elif key in SUMS:
        said = _sum(result)
    elif key == "draw":
        said = _in_codes(result, names)
    else:
        said = str(WORDS[result]) if result in WORDS else formatting.expression(result)
    told = str(_(str(_TEXTS[key]))) % _Operands({**shown, "result": said})
    return told[0].upper() + told[1:]


def tie_rule(rule: str, titles: Mapping[str, str]) -> str:
    """A link of the tie chain in words."""
    kind, _sep, name = rule.partition(":")
    if kind == "criterion":
        return _("mark for “%(criterion)s”", criterion=titles.get(name, name))
    if kind == "worst_expert":
        return _("lowest total of an expert")
    return str(COLUMNS[name]) if name in COLUMNS else name


def _operand(name: str, value: str, names: Names, tie: str) -> str:
    if name.endswith("_kop") or (tie == f"column:{name}" and value.isdigit()):
        return _sum(value)
    if name in ("mine", "theirs") and tie.endswith("_kop"):
        return _sum(value)
    if name in ("share_bp", "marginal_bp") and value.isdigit():
        return formatting.per_cent(f"{int(value) / 100:g}")
    if name in _WORDS_OF_RULES:
        return str(WORDS[value]) if value in WORDS else value
    if name in _NAMES_APPLICATIONS:
        return _in_codes(value, names)
    if name in ("criterion", "criteria"):
        return "; ".join(names.criteria.get(code, code) for code in value.split(", "))
    if name == "lot":
        return _("“%(name)s”", name=names.lots.get(value, value)) if value else ""
    return value if name in _LEFT_AS_THEY_ARE else formatting.expression(value)


def _in_codes(value: str, names: Names) -> str:
    """Codes of the engine as the product writes them, wherever they stand in a list."""
    return ", ".join(
        " ".join(names.applications.get(word, word) for word in part.split(" ")) for part in value.split(", ")
    )


def _sum(value: str) -> str:
    if not value.lstrip("-").isdigit():
        return "–"
    return formatting.money(int(value))
