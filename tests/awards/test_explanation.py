"""The steps of a number can be redone by hand: the test does so, from the words' digits alone."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.awards.documents import explanation as words
from grants_app.awards.queries.explanation import stories_of, story_of
from grants_app.awards.rules.explanation import TELLERS, money_story
from grants_app.core.errors import NotFound
from grants_app.reviews.documents.explanation import TEXTS
from grants_app.reviews.rules.explanation import Told, score_story
from scoring import Application, Mark, Rules, allocate, rank, walk
from scoring.files import read_applications, read_marks, read_rules
from tests.journeys.catalyst import write_files
from tests.support.decisions import Bid, Case, adopt, open_decision, publish, rules_of, scored_competition
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

SIGNS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def by_hand(text: str) -> Fraction:
    """The value of a formula as a person reads it: comma, ×, ÷, −, brackets, fractions; `→ …` says what is taken."""
    plain = text.split("→")[-1].replace("\u00a0", "").replace(" грн", "").replace(" UAH", "")
    if plain.strip().startswith("max("):
        return max(by_hand(part) for part in plain.strip().removeprefix("max(").removesuffix(")").split(";"))
    plain = plain.replace(",", ".").replace("×", "*").replace("÷", "/").replace("−", "-")

    def value(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            return SIGNS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp):
            return -value(node.operand)
        assert isinstance(node, ast.Constant)
        return Fraction(str(node.value))

    return value(ast.parse(re.sub(r"\b(\d+(?:\.\d+)?)", r"\1", plain.strip()), mode="eval").body)


def said(result: str) -> Fraction:
    """The exact number of a result: what stands before the «≈»."""
    return by_hand(result.split("≈")[0])


def rounded(value: Fraction, places: int, mode: str) -> Fraction:
    """Rounding as school teaches it, or to the even digit."""
    scaled = value * 10**places
    below = scaled.numerator // scaled.denominator
    rest = scaled - below
    up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and (mode == "half_up" or below % 2 == 1))
    return Fraction(below + up, 10**places)


EQUATIONS = (
    "expert_total", "totals_mean", "totals_sum", "totals_median", "totals_trimmed", "criterion_mean", "criterion_sum",
    "criterion_median", "criterion_trimmed", "criterion_weighted", "criteria_added", "fixed_points",
)  # fmt: skip
CRITERIA = [
    {"code": code, "title": title, "min": low, "max": high, "step": step, "weight": weight, "pass_mark": limit,
     "counted": True}
    for code, title, low, high, step, weight, limit in (
        ("a", "Перший", "0", "10", "0.5", "25", "3"),
        ("b", "Другий", "1", "5", "1", "60", None),
        ("c", "Третій", "0", "4", "1", "7", None),
    )
]  # fmt: skip
HALF_UP_2 = [{"after": "total", "places": 2, "mode": "half_up"}]
STAGES = [
    {"after": "criterion_combined", "places": 2, "mode": "half_up"},
    {"after": "criterion_weighted", "places": 1, "mode": "half_even"},
    {"after": "total", "places": 1, "mode": "half_up"},
]
VARIANTS: dict[str, dict[str, Any]] = {
    "mean of normalised totals": {},
    "experts rounded first": {"rounding": [{"after": "expert_total", "places": 1, "mode": "half_even"}, *HALF_UP_2]},
    "sum of points": {"expert_total": "points", "combine": "sum"},
    "weighted mean, the extremes dropped": {"expert_total": "weighted_mean", "combine": "trimmed", "trim": 1},
    "median": {"combine": "median"},
    "each criterion first, rounded by stages": {"order": "combine_each_criterion_then_weight", "rounding": STAGES},
    "each criterion first, points, sum": {
        "order": "combine_each_criterion_then_weight", "expert_total": "points", "combine": "sum",
    },
    "lower is better": {"direction": "lower", "pass_mark": "90"},
    "no rounding": {"rounding": []},
}  # fmt: skip
POINTS = {
    "E1": ("7.5", "4", "3"), "E2": ("6", "5", "1"), "E3": ("9", "2", "4"), "E4": ("3.5", "4", "2"),
    "E5": ("8", "3", "0"),
}  # fmt: skip


def variant(changes: Mapping[str, Any]) -> Rules:
    found = rules_of({"lot": 10_000_000}, rounding=HALF_UP_2)
    return Rules.from_json({**found, "criteria": CRITERIA, **changes})


def marks_of(application: str) -> list[Mark]:
    codes = [str(one["code"]) for one in CRITERIA]
    found = [Mark(application, e, c, p) for e, row in POINTS.items() for c, p in zip(codes, row, strict=True)]
    return [*found, *(Mark(application, "E6", code, None, "recused") for code in codes)]


def redo(steps: tuple[Told, ...]) -> Fraction | None:
    """Redo every step from its digits; give the score that comes out at the end."""
    last: Fraction | None = None
    for step in steps:
        if step.key in EQUATIONS:
            last = said(step.result)
            assert by_hand(step.formula) == last, step
        elif step.key.endswith("rounded"):
            last = said(step.result)
            assert rounded(by_hand(step.formula), int(step.values["places"]), step.values["mode"]) == last, step
    return last


@pytest.mark.parametrize("name", VARIANTS)
def test_score_redone_by_hand_from_its_steps(name: str) -> None:
    rules = variant(VARIANTS[name])
    bid = Application("A", "lot", 100, columns={"fixed_points": "1.25"} if name == "median" else {})
    marks = marks_of("A")
    story = score_story(rules, bid, marks)
    assert redo(story.score) == rank(rules, [bid], marks).row("A").score_exact
    redo(story.criteria)
    told = {step.key for step in story.score}
    assert told <= set(TEXTS)
    if rules.order == "total_then_combine":
        left_out = [step.values["expert"] for step in story.score if step.key == "left_out"]
        assert left_out == ["E6"]
        given = [said(step.result) for step in story.score if step.key == "expert_total"]
        # The same by a way of its own: weights and scales straight from the table of criteria.
        assert given == [independent_total(rules, points) for points in POINTS.values()]


def independent_total(rules: Rules, points: tuple[str, ...]) -> Fraction:
    whole = Fraction(sum(int(str(one["weight"])) for one in CRITERIA))
    total = Fraction(0)
    for one, text in zip(CRITERIA, points, strict=True):
        weight, value = Fraction(str(one["weight"])), Fraction(text)
        low, high = Fraction(str(one["min"])), Fraction(str(one["max"]))
        if rules.expert_total == "points":
            total += weight * value
        elif rules.expert_total == "weighted_mean":
            total += weight * value / whole
        else:
            total += weight * (value - low) / (high - low) * 100 / whole
    return total


def test_steps_chain_each_uses_what_the_last_gave() -> None:
    story = score_story(variant({}), Application("A", "lot", 100), marks_of("A"))
    given = [step.result.split(" ≈ ")[0] for step in story.score if step.key == "expert_total"]
    mean = next(step for step in story.score if step.key == "totals_mean")
    assert mean.formula == f"({' + '.join(given)}) ÷ 5"
    final = next(step for step in story.score if step.key == "total_rounded")
    assert final.formula == mean.result.split(" ≈ ")[0]
    compared = next(step for step in story.score if step.key == "pass_mark")
    assert compared.formula.split(" ")[0] == final.result


def test_real_grant_round_redone_by_hand(shared_data: Path, tmp_path: Path) -> None:
    write_files(shared_data / "catalyst-fund7", tmp_path / "files", rule="marginal")
    rules = read_rules(tmp_path / "files" / "rules.json")
    bids, _ = read_applications(tmp_path / "files" / "applications.csv")
    marks, _ = read_marks(tmp_path / "files" / "scores.csv")
    ranked = rank(rules, bids, marks)
    by_application: dict[str, list[Mark]] = {}
    for mark in marks:
        by_application.setdefault(mark.application, []).append(mark)
    for bid in bids[::12]:
        score = redo(score_story(rules, bid, by_application.get(bid.code, [])).score)
        assert score == ranked.row(bid.code).score_exact
    trace = [step.to_json() for step in allocate(rules, ranked).trace]
    awards = {award.application: award for award in allocate(rules, ranked).awards}
    for bid in bids[::12]:
        steps = money_story(rules, bid, trace)
        assert {step.key for step in steps} <= set(words.TEXTS)
        paid = [said(step.result) * 100 for step in steps if step.key in ("funded", "remainder_paid", "pooled")]
        assert paid == ([awards[bid.code].amount_kop] if awards[bid.code].amount_kop else [])


def test_every_step_of_the_walk_has_words() -> None:
    """A step that the engine's walk learns must be told here too; these open and close lots and tell of nobody."""
    of_nobody = {"lot_opened", "lot_stopped", "lot_closed", "pool_opened", "pool_closed", "draw"}
    noted = {
        str(node.args[0].value)
        for node in ast.walk(ast.parse(Path(walk.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "step"
        if isinstance(node.args[0], ast.Constant)
    }
    by_name = {"below_bands", "asks_nothing"}  # the walk picks one of the two
    assert noted | by_name == set(TELLERS) | of_nobody


def story_texts(page: str) -> dict[str, list[str]]:
    soup = BeautifulSoup(page, "html.parser")
    return {
        section.h2.get_text(strip=True): [" ".join(one.get_text().split()) for one in section.select(".app-explain li")]
        for section in soup.select("section.app-card")
        if section.h2 is not None and section.select(".app-explain")
    }  # fmt: skip


def test_page_says_how_the_remainder_came_about(app: Flask, case: Case) -> None:
    open_decision(case)
    page = visit_as(app, case.members[0]).get(f"/awards/2027-TST/applications/{case.codes['третя']}/explanation")
    told = story_texts(page.get_data(as_text=True))
    assert told["Чому такий бал"][-3:] == [
        "Середнє підсумків експертів: (80 + 70) ÷ 2 = 75",
        "Бал: округлено до знаків після коми: 2, половину вгору: 75 → 75,00",
        "Порівняно з прохідним балом: 75 ≥ 60, досягнуто",
    ]
    assert told["Чому таке місце"] == [
        "Місце: на одиницю більше, ніж заявок, що стоять вище у лоті «Лот lot»: 1 + 2 = 3"
    ]
    assert [line.split(": ")[-1] for line in told["Чому така сума"]] == [
        "100 000 грн",
        "100 000 − 20 000 = 80 000 грн",
        "40 000 > 20 000",
        "40 000 × 30 ÷ 100 = 12 000 грн",
        "20 000 ≥ 12 000; 20 000 грн",
        "20 000 грн",
    ]
    english = visit_as(app, case.members[0]).get(
        f"/awards/2027-TST/applications/{case.codes['четверта']}/explanation?lang=en"
    )
    sums = story_texts(english.get_data(as_text=True))["Why this sum"]
    assert sums[1:] == [
        f"The distribution stopped before this place: at {case.codes['третя']}, place 3",
        "By the rule: the reserve list: 0 UAH",
    ]


def test_equal_scores_say_what_decided(app: Flask, clock: FrozenClock) -> None:
    bids = [Bid("дорога", 3_000_000, {"E1": "8", "E2": "8"}), Bid("дешева", 2_000_000, {"E1": "8", "E2": "8"})]
    smaller = [{"by": "column", "column": "requested_kop", "direction": "lower"}]
    case = scored_competition(bids, rules_of({"lot": 10_000_000}, tie_breaks=smaller))
    open_decision(case)
    page = visit_as(app, case.secretary).get(f"/awards/2027-TST/applications/{case.codes['дорога']}/explanation")
    told = story_texts(page.get_data(as_text=True))["Чому таке місце"]
    shown = f"{case.codes['дорога']}: 30 000; {case.codes['дешева']}: 20 000"
    assert told[1] == f"Бал рівний; вирішило таке: менша запитана сума: {shown}"


def test_explanation_opens_to_everybody_only_after_publication(app: Flask, case: Case) -> None:
    open_decision(case)
    address = f"/awards/2027-TST/applications/{case.codes['друга']}/explanation"
    guest = visit_as(app, None)
    assert guest.get(address).status_code == 404
    assert visit_as(app, case.heads["друга"]).get(address).status_code == 404
    assert visit_as(app, case.members[0]).get(address).status_code == 200
    adopt(case)
    publish(case)
    page = guest.get(address)
    assert page.status_code == 200
    assert "Особа" not in page.get_data(as_text=True)
    assert guest.get("/awards/2027-TST/applications/2027-TST-NOBODY/explanation").status_code == 404


def test_member_with_a_conflict_gets_neither_steps_nor_sums_of_the_lot(app: Flask, case: Case) -> None:
    open_decision(case)
    hidden = case.application("друга")
    with pytest.raises(NotFound):
        story_of(case.competition, case.codes["друга"], frozenset({hidden.id}))
    others = stories_of(case.competition, frozenset({hidden.id}))
    assert case.codes["друга"] not in others
    assert {name: story.money for name, story in others.items()} == dict.fromkeys(others, ())
    with app.test_request_context("/?lang=en"):
        told = [line.label for line in words.money_lines(others[case.codes["перша"]])]
    assert told == ["The sums of this lot are considered without you"]


def test_summary_sheets_carry_the_steps(app: Flask, case: Case) -> None:
    open_decision(case)
    with app.test_request_context("/?lang=en"):
        papers = dict(words.story_papers(stories_of(case.competition)[case.codes["третя"]]))
    assert papers["Score"][2:4] == [
        "Experts counted, at least 2 are needed: 2",
        "Mean of the experts’ totals: (80 + 70) ÷ 2 = 75",
    ]
    assert papers["Sum"][-1].replace("\u00a0", " ") == "By the rule: a part of the sum: 20 000 UAH"
    sheet = visit_as(app, case.members[0]).get("/awards/2027-TST/score-sheets.pdf")
    assert sheet.status_code == 200
    assert sheet.data.startswith(b"%PDF")
