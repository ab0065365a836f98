"""The steps of a score, a place and a sum in words, for pages and papers."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from grants_app.awards.queries.explanation import Step, Story
from grants_app.awards.rules.explanation import BEFORE
from grants_app.reviews.documents.explanation import Names, StepLine, step_lines
from grants_app.web import formatting

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


def score_lines(story: Story) -> list[StepLine]:
    """From the marks to the score."""
    return step_lines(story.score, _names(story))


def criterion_lines(story: Story) -> list[StepLine]:
    """To the means by criterion, where the score is not made of them."""
    return step_lines(story.criteria, _names(story))


def place_lines(story: Story) -> list[StepLine]:
    """To the place, with what decided between equal scores."""
    return step_lines(story.place, _names(story))


def money_lines(story: Story) -> list[StepLine]:
    """To the sum: the rule, then what the commission decided otherwise."""
    if story.hides_money:
        return [StepLine(_("The sums of this lot are considered without you"))]
    award, names = story.award, _names(story)
    lines = [_before(step) if step["key"] == BEFORE else step_lines([step], names)[0] for step in story.money]
    lines.append(StepLine(str(OUTCOMES[story.line.outcome]), "", _sum(award.rule_kop)))
    if award.departure is not None:
        told = _("The commission departs from the rule: %(reason)s", reason=story.reason)
        lines.append(StepLine(told, "", _sum(award.proposed_kop)))
    return lines


def story_papers(story: Story) -> list[tuple[str, list[str]]]:
    """The whole story for a document: headings with lines."""
    parts: Sequence[tuple[str, list[StepLine]]] = (
        (_("Score"), score_lines(story)),
        (_("Means by criterion"), criterion_lines(story)),
        (_("Place"), place_lines(story)),
        (_("Sum"), money_lines(story)),
    )
    return [
        (title, [f"{line.label}: {line.result}" if line.result else line.label for line in lines])
        for title, lines in parts
        if lines
    ]


def _before(step: Step) -> StepLine:
    operands = step["operands"]
    fund, left = (formatting.hryvnias(int(operands[name])) for name in ("fund_kop", "left_kop"))
    told = _("Received by those who stand higher: the fund less what was left")
    return StepLine(told, f"{fund} − {left}", _sum(int(step["result"])))


def _names(story: Story) -> Names:
    return Names(story.titles, story.lots, story.codes)


def _sum(kop: int) -> str:
    return formatting.money(kop)
