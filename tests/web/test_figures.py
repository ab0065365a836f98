"""Numbers, money, days and times in both languages; what is typed is read alike; files keep their one form."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from babel.dates import format_date
from flask import Flask
from flask_babel import force_locale, ngettext

from grants_app.applications.rules.answers import refuse_too_long
from grants_app.core import figures
from grants_app.core.errors import InvalidInput
from grants_app.core.figures import Figure
from grants_app.core.money import AmbiguousError, parse_bp, parse_kop, parse_milli
from grants_app.journal.letters import shown_facts
from grants_app.web.columns import Columns, Day, Moment, Money, Points, Share, Text, sheet
from grants_app.web.errors import sentence
from grants_app.web.export import Block, Document, act, respond, to_draw
from grants_app.web.fields import Form, KopField, MaxCharacters, QuantityField, ShareField, TextField, WholeField

MIDNIGHT = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)  # the end of 22 November in Kyiv
EVENING = datetime(2026, 11, 22, 15, 5, 9, tzinfo=UTC)  # 17:05 in Kyiv


def spaced(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("month", range(1, 13))
def test_day_in_words_names_the_month_as_the_tables_of_languages_do(month: int) -> None:
    value = date(2027, month, 9)
    assert (figures.day_long(value, "uk"), figures.day_long(value, "en")) == (
        f"{format_date(value, 'd MMMM y', locale='uk')} року",
        format_date(value, "d MMMM y", locale="en"),
    )


@pytest.mark.parametrize(
    ("write", "value", "uk", "en"),
    [
        (figures.money, 123_450, "1 234,50 грн", "UAH 1,234.50"),
        (figures.money, 123_400, "1 234 грн", "UAH 1,234"),
        (figures.money, -5, "−0,05 грн", "UAH −0.05"),
        (figures.money_exact, 123_400, "1 234,00 грн", "UAH 1,234.00"),
        (figures.hryvnias, 100_000_000, "1 000 000", "1,000,000"),
        (figures.money, None, "–", "–"),
        (figures.number, "82.50", "82,50", "82.50"),
        (figures.share, 2_653, "26,5 %", "26.5%"),
        (figures.share_exact, 2_500, "25 %", "25%"),
        (figures.quantity, 1_500, "1,5", "1.5"),
        (figures.day, date(2026, 11, 22), "22.11.2026", "22 November 2026"),
        (figures.day_long, EVENING, "22 листопада 2026 року", "22 November 2026"),
        (figures.instant, EVENING, "22.11.2026, 17:05", "22 November 2026, 17:05"),
        (figures.stamp, EVENING, "22.11.2026 17:05", "22 November 2026, 17:05"),
        (figures.second, EVENING, "22.11.2026 17:05:09", "22 November 2026, 17:05:09"),
        (
            figures.last_minute,
            datetime(2026, 11, 22, 22, 0, tzinfo=UTC),
            "23:59 22.11.2026",
            "23:59 on 22 November 2026",
        ),
    ],
)
def test_figure_in_both_languages(write: Callable[..., str], value: object, uk: str, en: str) -> None:
    assert (spaced(write(value, "uk")), spaced(write(value, "en"))) == (uk, en)


@pytest.mark.parametrize("lang", ["uk", "en"])
@pytest.mark.parametrize("kop", [0, 5, 100, 12_345, 123_450, 123_456_700, 10**14 + 1])
def test_sum_in_a_field_is_read_back(kop: int, lang: str) -> None:
    assert parse_kop(figures.typed_sum(kop, lang)) == kop


@pytest.mark.parametrize("lang", ["uk", "en"])
@pytest.mark.parametrize("milli", [0, 1, 125, 1_000, 1_234, 1_500, 12_345, 1_234_567, 10_000_000])
def test_quantity_in_a_field_is_read_back(milli: int, lang: str) -> None:
    assert parse_milli(figures.typed_quantity(milli, lang)) == milli


@pytest.mark.parametrize("lang", ["uk", "en"])
@pytest.mark.parametrize("bp", [0, 5, 750, 2_500, 9_999, 10_000])
def test_share_in_a_field_is_read_back(bp: int, lang: str) -> None:
    assert parse_bp(figures.typed_share(bp, lang)) == bp


@pytest.mark.parametrize("text", ["1,234", "12,500", "1.500", "1,234,567", "1.000.000"])
def test_number_of_two_readings_is_refused(text: str) -> None:
    for parse in (parse_kop, parse_milli):
        with pytest.raises(AmbiguousError):
            parse(text)


class _Typed(Form):
    amount = KopField("Amount")
    share = ShareField("Share")
    quantity = QuantityField("Quantity")


@pytest.mark.parametrize("lang", ["uk", "en"])
@pytest.mark.parametrize("point", [",", "."])
@pytest.mark.sqlite_only
def test_field_reads_either_mark_in_either_language(app: Flask, lang: str, point: str) -> None:
    typed = {"amount": f"1 234{point}50", "share": f"7{point}5", "quantity": f"0{point}125"}
    with app.test_request_context("/", method="POST", data=typed), force_locale(lang):
        form = _Typed(meta={"csrf": False})
        assert (form.amount.data, form.share.data, form.quantity.data) == (123_450, 750, 125)


@pytest.mark.sqlite_only
def test_field_says_what_can_be_read_in_two_ways(app: Flask) -> None:
    said = {}
    for lang in ("uk", "en"):
        with (
            app.test_request_context("/", method="POST", data={"amount": "12,500", "quantity": "1.500"}),
            force_locale(lang),
        ):
            form = _Typed(meta={"csrf": False})
            form.validate()
            said[lang] = [str(error) for error in (*form.amount.errors, *form.quantity.errors)]
    assert said["en"] == [
        f"“{text}” can be read in two ways, as thousands or as decimals. Put a space between thousands: 1 234"
        for text in ("12,500", "1.500")
    ]
    assert said["uk"][0].startswith("«12,500» можна прочитати двома способами")


@dataclass(frozen=True)
class _Row:
    title: str
    score: str
    asked_kop: int
    own_bp: int
    on: date
    at: datetime


class _Table(Columns):
    title = Text(label="Title")
    score = Points(label="Score")
    asked_kop = Money(label="Asked")
    own_bp = Share(label="Own")
    on = Day(label="On")
    at = Moment(label="At")


ROW = _Row("Сад", "82.50", 123_450, 2_600, date(2026, 11, 22), EVENING)


@pytest.mark.sqlite_only
def test_table_speaks_the_language_and_files_do_not(app: Flask) -> None:
    kept = ["Сад", "82,50", "1 234,50", "26,00 %", "22.11.2026", "22.11.2026 17:05:09"]
    shown = {
        "uk": kept,
        "en": ["Сад", "82.50", "1,234.50", "26.00%", "22 November 2026", "22 November 2026, 17:05:09"],
    }
    for lang, cells in shown.items():
        with app.test_request_context("/"), force_locale(lang):
            page = sheet([ROW], _Table)
            assert [spaced(cell) for cell in page.cells[0]] == cells
            seconds = (17 * 60 + 5) * 60 + 9
            assert page.values[0] == ["Сад", 82.5, 1234.5, 0.26, 46348, pytest.approx(46348 + seconds / 86_400)]
            answer = respond([ROW], _Table, "csv", file_name="t", document=Document("t", [Block("rows")]))
            rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True)), delimiter=";"))
            assert [spaced(cell) for cell in rows[1]] == kept


@pytest.mark.sqlite_only
def test_letter_and_refusal_write_a_figure_where_it_is_read(app: Flask) -> None:
    facts = {"until": Figure(figures.stamp, EVENING), "face": Figure(figures.money, 123_450)}
    assert [spaced(text) for text in shown_facts(facts, "uk").values()] == ["22.11.2026 17:05", "1 234,50 грн"]
    assert [spaced(text) for text in shown_facts(facts, "en").values()] == ["22 November 2026, 17:05", "UAH 1,234.50"]
    refusal = InvalidInput("Registered on %(day)s, needed no later than %(last)s", facts={
        "day": Figure(figures.day, date(2026, 11, 22)), "last": Figure(figures.day, date(2026, 5, 2)),
    })  # fmt: skip
    with app.test_request_context("/"), force_locale("en"):
        assert sentence(refusal) == "Registered on 22 November 2026, needed no later than 2 May 2026"


@pytest.mark.sqlite_only
def test_act_speaks_ukrainian_and_a_translation_is_not_signed(app: Flask) -> None:
    def paper() -> Document:
        return Document(figures.money(100, "uk"), [Block("signatures", pairs=[("Голова", "")])])

    with app.test_request_context("/"), force_locale("en"):
        official, read = to_draw(act(paper)()), to_draw(paper())
    assert (official["lang"], official["page_words"], official["blocks"][0]["kind"]) == (
        "uk",
        "сторінка %d із %d",
        "signatures",
    )
    assert (read["lang"], read["page_words"], [block["text"] for block in read["blocks"]]) == (
        "en",
        "page %d of %d",
        ["A translation for reading: what is signed is the paper in Ukrainian."],
    )


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("lang", "said"), [("uk", "Можна ввести до 4 000 знаків"), ("en", "You can enter up to 4,000 characters")]
)
def test_plural_sentence_writes_its_number_like_every_figure(app: Flask, lang: str, said: str) -> None:
    one, many = "You can enter up to %(num)d character", "You can enter up to %(num)d characters"
    macro = "{% macro told() %}{{ ngettext('" + one + "', '" + many + "', 4000) }}{% endmacro %}{{ told() }}"
    with app.test_request_context("/"), force_locale(lang):
        assert spaced(ngettext(one, many, 4_000)) == said
        assert spaced(app.jinja_env.from_string(macro).render()) == said


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("lang", "over", "most", "length"), [("uk", "1 200", "4 000", "5 200"), ("en", "1,200", "4,000", "5,200")]
)
def test_refusal_of_a_long_text_writes_its_counts(app: Flask, lang: str, over: str, most: str, length: str) -> None:
    with app.test_request_context("/"), force_locale(lang), pytest.raises(InvalidInput) as caught:
        refuse_too_long("а" * 5_200, 4_000, "characters", "goal")
    with app.test_request_context("/"), force_locale(lang):
        said = spaced(sentence(caught.value))
    assert [said.count(each) for each in (over, most, length)] == [1, 1, 1]


@pytest.mark.sqlite_only
def test_long_text_of_a_form_counts_characters_and_no_money(app: Flask) -> None:
    class Typed(Form):
        about = TextField("About", [MaxCharacters(4_000)])

    with app.test_request_context("/", method="POST", data={"about": "а" * 5_200}), force_locale("en"):
        form = Typed(meta={"csrf": False})
        assert not form.validate()
        assert form.about.errors == ["Shorten by 1,200 characters: 4,000 are allowed, now 5,200"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("typed", "read"), [("4000", 4_000), ("4 000", 4_000), ("4\u00a0000", 4_000), ("40 00", None), ("4.000", None)]
)
def test_whole_number_is_read_as_it_is_written(app: Flask, typed: str, read: int | None) -> None:
    class Typed(Form):
        limit = WholeField("Limit")

    with app.test_request_context("/", method="POST", data={"limit": typed}):
        assert Typed(meta={"csrf": False}).limit.data == read
