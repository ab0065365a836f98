"""The steps of a number can be redone by hand: the test does so, from the words' digits alone."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask_babel import force_locale, gettext

from grants_app.awards.documents import explanation as words
from grants_app.awards.queries.explanation import stories_of, story_of
from grants_app.awards.rules.explanation import BEFORE, money_steps
from grants_app.core.errors import NotFound
from grants_app.reviews.documents.explanation import WORDS, Names, step_sentence
from grants_app.reviews.documents.summary import with_steps
from grants_app.reviews.queries import summary_rows
from grants_app.web.export import Block, Document
from grants_app.web.formatting import expression
from scoring import Application, Mark, Rules, allocate, rank
from scoring.explain import TEXTS as ENGINE_TEXTS
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


EQUATIONS = ("expert_total", "totals_combined", "criterion_combined", "criterion_weighted", "criteria_added")
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


def redo(steps: Sequence[Mapping[str, Any]]) -> Fraction | None:
    """Redo every step from its digits as they are printed; give the score that comes out at the end."""
    last: Fraction | None = None
    for step in steps:
        key, operands = step["key"], {name: expression(value) for name, value in step["operands"].items()}
        result = expression(step["result"])
        if key in EQUATIONS:
            assert by_hand(operands["formula"]) == said(result), step
        elif key.endswith("rounded"):
            assert rounded(said(operands["before"]), int(operands["places"]), operands["mode"]) == said(result), step
        elif key == "fixed_points":
            assert said(operands["before"]) + said(operands["points"]) == said(result), step
        if key in ("totals_combined", "criteria_added", "fixed_points", "total_rounded"):
            last = said(result)
    return last


@pytest.mark.parametrize("name", VARIANTS)
def test_score_redone_by_hand_from_its_steps(name: str) -> None:
    rules = variant(VARIANTS[name])
    bid = Application("A", "lot", 100, columns={"fixed_points": "1.25"} if name == "median" else {})
    row = rank(rules, [bid], marks_of("A")).row("A")
    steps = [step.to_json() for step in row.steps]
    assert redo(steps) == row.score_exact
    if rules.order == "total_then_combine":
        given = [said(expression(str(step["result"]))) for step in steps if step["key"] == "expert_total"]
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


def test_real_grant_round_redone_by_hand(shared_data: Path, tmp_path: Path) -> None:
    write_files(shared_data / "catalyst-fund7", tmp_path / "files", rule="marginal")
    rules = read_rules(tmp_path / "files" / "rules.json")
    bids, _ = read_applications(tmp_path / "files" / "applications.csv")
    marks, _ = read_marks(tmp_path / "files" / "scores.csv")
    ranked = rank(rules, bids, marks)
    for bid in bids[::12]:
        row = ranked.row(bid.code)
        assert redo([step.to_json() for step in row.steps]) == row.score_exact
    allocation = allocate(rules, ranked)
    trace = [step.to_json() for step in allocation.trace]
    for award in allocation.awards[::12]:
        steps = money_steps(award.lot, award.application, trace)
        own = [step for step in steps if step["operands"].get("application") == award.application]
        paid = [int(step["result"]) for step in own if step["key"] in ("funded", "remainder_paid", "pooled")]
        assert paid == ([award.amount_kop] if award.amount_kop else [])
        for step in steps:
            if step["key"] == BEFORE:
                fund, left = int(step["operands"]["fund_kop"]), int(step["operands"]["left_kop"])
                assert fund - left == int(step["result"])


def test_every_step_of_the_engine_has_a_ukrainian_sentence(app: Flask) -> None:
    with app.test_request_context("/?lang=uk"):
        untold = [key for key, text in ENGINE_TEXTS.items() if str(gettext(text)) == text]
        words_of_rules = [word for word in WORDS if str(WORDS[word]).isascii()]
    assert untold == []
    assert words_of_rules == []


def story_texts(page: str) -> dict[str, list[str]]:
    soup = BeautifulSoup(page, "html.parser")
    return {
        section.h2.get_text(strip=True): [" ".join(one.get_text().split()) for one in section.select(".app-explain li")]
        for section in soup.select("section.app-card")
        if section.h2 is not None and section.select(".app-explain")
    }  # fmt: skip


def test_shares_are_said_in_per_cent(app: Flask) -> None:
    sums = {"left_kop": "4450000", "least_kop": "5000100", "smallest_kop": "5000100", "minimum_kop": "5000100"}
    small = {"application": "A", **sums, "share_kop": "2800000", "marginal_bp": "5000", "requested_kop": "5600000"}
    band = {"application": "A", "start": "80", "share_bp": "7550", "requested_kop": "1000000"}
    with app.test_request_context("/?lang=en"):
        told = step_sentence({"key": "remainder_too_small", "operands": small, "result": ""}, Names())
        given = step_sentence({"key": "band_share", "operands": band, "result": "755000"}, Names())
    assert "the greatest of UAH 28,000 (50% of UAH 56,000), its smallest" in told.replace("\N{NO-BREAK SPACE}", " ")
    assert given.replace("\N{NO-BREAK SPACE}", " ") == "A is in the band from 80: 75.5% of UAH 10,000, UAH 7,550."


def test_page_says_how_the_remainder_came_about(app: Flask, case: Case) -> None:
    open_decision(case)
    page = visit_as(app, case.members[0]).get(f"/awards/2027-TST/applications/{case.codes['третя']}/explanation")
    told = story_texts(page.get_data(as_text=True))
    assert told["Чому такий бал"] == [
        "Експерт E1, разом: (1 × 8 ÷ 10 + 1 × 8 ÷ 10) × 100 ÷ 2 = 80.",
        "Експерт E2, разом: (1 × 7 ÷ 10 + 1 × 7 ÷ 10) × 100 ÷ 2 = 70.",
        "Ураховано експертів: 2; за правилами потрібно щонайменше 2.",
        "Суми балів експертів за зростанням: 70; 80; поєднано (середнє): (70 + 80) ÷ 2 = 75.",
        "Підсумковий бал 75 округлено (знаків після коми: 2, половину вгору): 75,00.",
        "Підсумковий бал 75,00 порівняно з прохідним балом 60: досягнуто.",
    ]
    assert told["Чому таке місце"] == ["Заявок лота «Лот lot», що стоять вище: 2. Місце: 3."]
    code = case.codes["третя"]
    assert told["Чому така сума"] == [
        "Лот «Лот lot»: фонд 100 000 грн; правило: згори, останній отримує залишок.",
        "Отримали ті, хто вище: фонд мінус те, що лишалося: 100 000 − 20 000 = 80 000 грн",
        f"{code} (місце 3) потребує 40 000 грн; отримує залишок 20 000 грн (щонайменше 12 000 грн).",
        "За правилом: частина суми: 20 000 грн",
    ]
    english = visit_as(app, case.members[0]).get(
        f"/awards/2027-TST/applications/{case.codes['четверта']}/explanation?lang=en"
    )
    assert story_texts(english.get_data(as_text=True))["Why this sum"] == [
        "Lot “Лот lot”: the fund is UAH 100,000; the rule is from the top, the last one receives the remainder.",
        f"{code} (place 3) needs UAH 40,000; it receives the remainder of UAH 20,000 (at least UAH 12,000).",
        "The walk of lot “Лот lot” stops here.",
        "By the rule: the reserve list: UAH 0",
    ]


def test_equal_scores_say_what_decided(app: Flask, clock: FrozenClock) -> None:
    bids = [Bid("дорога", 3_000_000, {"E1": "8", "E2": "8"}), Bid("дешева", 2_000_000, {"E1": "8", "E2": "8"})]
    smaller = [{"by": "column", "column": "requested_kop", "direction": "lower"}]
    case = scored_competition(bids, rules_of({"lot": 10_000_000}, tie_breaks=smaller))
    open_decision(case)
    page = visit_as(app, case.secretary).get(f"/awards/2027-TST/applications/{case.codes['дорога']}/explanation")
    told = story_texts(page.get_data(as_text=True))["Чому таке місце"]
    other = case.codes["дешева"]
    assert told[1] == (
        f"Запитана сума розділяє її із заявкою {other} за однакового бала: 30 000 грн проти 20 000 грн, "
        "кращим є значення «менше»."
    )


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
    assert [story.money for story in others.values()] == [[]] * len(others)
    with app.test_request_context("/?lang=en"):
        told = [line.label for line in words.money_lines(others[case.codes["перша"]])]
    assert told == ["The sums of this lot are considered without you"]


def test_steps_of_a_tie_do_not_count_the_application_kept_from_the_reader(app: Flask, clock: FrozenClock) -> None:
    equal = {"E1": "8", "E2": "8"}
    case = scored_competition(
        [Bid("ліва", 3_000_000, equal), Bid("права", 3_000_000, equal), Bid("нижча", 100_000, {"E1": "6", "E2": "6"})],
        rules_of({"lot": 10_000_000}, tie_breaks=[{"by": "column", "column": "requested_kop", "direction": "lower"}]),
    )
    open_decision(case)
    whole = story_of(case.competition, case.codes["ліва"])
    assert [step["key"] for step in whole.place] == ["place_in_lot", "tied_with"]
    story = story_of(case.competition, case.codes["ліва"], frozenset({case.application("права").id}))
    assert [step["key"] for step in story.place] == ["place_in_lot"]
    below = story_of(case.competition, case.codes["нижча"], frozenset({case.application("права").id}))
    assert [step["key"] for step in below.place] == ["place_in_lot"]


def test_summary_sheets_carry_the_steps(app: Flask, case: Case) -> None:
    open_decision(case)
    with app.test_request_context("/?lang=en"):
        papers = dict(words.story_papers(stories_of(case.competition)[case.codes["третя"]]))
    assert papers["Score"][2:4] == [
        "Experts counted: 2; the rules ask for at least 2.",
        "The totals of the experts, in order 70; 80, combine (mean): (70 + 80) ÷ 2 = 75.",
    ]
    assert papers["Sum"][-1].replace("\u00a0", " ") == "By the rule: a part of the sum: UAH 20,000"
    sheet = visit_as(app, case.members[0]).get("/awards/2027-TST/score-sheets.pdf")
    assert sheet.status_code == 200
    assert sheet.data.startswith(b"%PDF")


def test_summary_sheet_of_the_reviews_carries_the_steps_of_the_score(app: Flask, case: Case) -> None:
    open_decision(case)
    hidden = case.application("друга")
    with app.test_request_context("/?lang=en"):
        rows = summary_rows(case.competition, frozenset({hidden.id}))[1]
        frame = with_steps(Document("t", [Block("rows")]), case.competition, rows)
    lists = {frame.blocks[at - 1].text[:15]: block.items for at, block in enumerate(frame.blocks) if block.items}
    assert {code[:15] for code in case.codes.values()} - set(lists) == {hidden.code}
    told = lists[case.codes["третя"]]
    assert told[3] == "The totals of the experts, in order 70; 80, combine (mean): (70 + 80) ÷ 2 = 75."
    assert told[-1] == "The score 75.00 is compared with the pass mark 60: reached."
    paper = visit_as(app, case.secretary).get("/reviews/2027-TST/summary.pdf")
    assert (paper.status_code, paper.data[:4]) == (200, b"%PDF")


def test_step_of_an_earlier_engine_marks_what_was_not_noted(app: Flask) -> None:
    """Lists made before 0.2.0 hold fewer operands; they are said all the same, and never computed anew."""
    old = {"key": "total_rounded", "operands": {"places": "2", "mode": "half_up"}, "result": "91.17"}
    with app.test_request_context(headers={"Accept-Language": "en"}), force_locale("en"):
        told = step_sentence(old, Names())
    assert told == "The total … is rounded to 2 places (a half goes up): 91.17."
