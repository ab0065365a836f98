"""The steps of a place and a sum in words, for pages and papers; those of the score stand with the reviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from grants_app.awards.queries.explanation import Story
from grants_app.awards.rules.words import STEP_WORDS
from grants_app.core.money import number_text
from grants_app.reviews.documents.explanation import StepLine, step_lines
from grants_app.reviews.rules.explanation import Told

TEXTS = {
    "place": _l("The place: one more than the applications that stand higher"),
    "separated": _l("Equal score; what decided is the %(rule)s"),
    "tied": _l("Equal in everything the rules compare with %(codes)s"),
    "fund": _l("Fund of the lot; the rule is: %(rule)s"),
    "given_before": _l("Received by those who stand higher: the fund less what was left"),
    "funded": _l("The request fits into what was left"),
    "band": _l("Share of the request in the band from %(start)s"),
    "not_fitting": _l("The request does not fit into what was left"),
    "least_remainder": _l(
        "The smallest remainder that may be paid: the greatest of a share of the request, "
        "the smallest sum that suffices and the minimum of the lot"
    ),
    "remainder_paid": _l("The remainder is paid"),
    "remainder_too_small": _l("The remainder is too small to be paid"),
    "over_cap": _l("The applicant would go over the cap for one applicant"),
    "tie_at_cut": _l("Equal places do not fit together into what was left: %(codes)s"),
    "pooled": _l("Paid from what all lots have left"),
    "pool_not_fitting": _l("Does not fit into what all lots have left"),
    "not_eligible": _l("Takes no part in the distribution: it is below the pass mark or has no score"),
    "below_bands": _l("Lies below the lowest band"),
    "asks_nothing": _l("Asks for nothing"),
    "stopped_at": _l("The distribution stopped before this place: at %(application)s, place %(place)s"),
    "stopped": _l("The distribution stopped before this place"),
}
_COLUMNS = {
    "requested_kop": _l("smaller request"),
    "smallest_kop": _l("smaller sum that suffices"),
    "submitted_at": _l("earlier submission"),
    "own_share_bp": _l("own share"),
    "total_cost_kop": _l("cost of the project"),
    "register_number": _l("register number"),
}
OUTCOMES = {
    "funded": _l("By the rule: the full sum"),
    "partial": _l("By the rule: a part of the sum"),
    "pooled": _l("By the rule: from the leftover"),
    "reserve": _l("By the rule: the reserve list"),
    "not_fitting": _l("By the rule: the reserve list"),
    "tie_at_cut": _l("By the rule: undecided, the commission votes or draws lots"),
    "below_pass_mark": _l("By the rule: no money, below the pass mark"),
    "insufficient": _l("By the rule: no money, too few reviews"),
}


def tie_rule(rule: str, titles: Mapping[str, str]) -> str:
    """A link of the tie chain in words."""
    kind, _sep, name = rule.partition(":")
    if kind == "criterion":
        return _("mark for “%(criterion)s”", criterion=titles.get(name, name))
    if kind == "worst_expert":
        return _("lowest total of an expert")
    return str(_COLUMNS[name]) if name in _COLUMNS else name


def place_lines(story: Story) -> list[StepLine]:
    """The steps of the place."""
    return [_line(step, story.titles) for step in story.place]


def money_lines(story: Story) -> list[StepLine]:
    """The steps of the sum: the rule, then what the commission decided otherwise."""
    lines = [_line(step, story.titles) for step in story.money]
    award = story.award
    if story.hides_money:
        return [StepLine(_("The sums of this lot are considered without you"), "", "")]
    lines.append(StepLine(str(OUTCOMES[story.line.outcome]), "", _sum(award.rule_kop)))
    if award.departure is not None:
        lines.append(
            StepLine(
                _("The commission departs from the rule: %(reason)s", reason=award.reason or ""),
                "",
                _sum(award.proposed_kop),
            )
        )
    return lines


def story_papers(story: Story) -> list[tuple[str, list[str]]]:
    """The whole story for a document: headings with numbered lines."""
    parts: Sequence[tuple[str, list[StepLine]]] = (
        (_("Means by criterion"), step_lines(story.score.criteria)),
        (_("Score"), step_lines(story.score.score)),
        (_("Place"), place_lines(story)),
        (_("Sum"), money_lines(story)),
    )
    return [(title, [line.text for line in lines]) for title, lines in parts if lines]


def _line(step: Told, titles: Mapping[str, str]) -> StepLine:
    values = {name: _word(name, value, titles) for name, value in step.values.items()}
    sentence = str(TEXTS[step.key])
    told = sentence % values if values else sentence
    if step.key == "place" and step.values["lot"]:
        told = _("%(step)s in the lot “%(lot)s”", step=told, lot=step.values["lot"])
    unit = f" {_('UAH')}" if step.key not in ("place", "separated", "tied") and step.result else ""
    if step.key in ("funded", "pooled", "remainder_paid", "tie_at_cut"):
        parts = "; ".join(part for part in (step.formula, f"{step.result}{unit}") if part)
        return StepLine(told, parts, "")
    return StepLine(told, step.formula, f"{step.result}{unit}")


def _word(name: str, value: str, titles: Mapping[str, str]) -> str:
    if name == "rule":
        return _(STEP_WORDS[value]) if value in STEP_WORDS else tie_rule(value, titles)
    return value


def _sum(kop: int) -> str:
    return f"{number_text(kop)} {_('UAH')}"
