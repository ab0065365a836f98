"""Likeness of texts and cost lines: against comparing each with each, at the threshold, whatever the writing."""

from __future__ import annotations

import random

import pytest

from grants_app.applications.rules.likeness import (
    LEAST_WORDS,
    LIKE_BP,
    RUN,
    TextIndex,
    changes,
    item_key,
    likeness_bp,
    runs_of,
    shared_pieces,
    words_of,
)
from grants_app.applications.rules.radar import Cost, Finding, Payment, Radar, Subject, payments_of

WORDS = [f"слово{number}" for number in range(40)]


def _text(chance: random.Random, size: int) -> str:
    return " ".join(chance.choice(WORDS[:6]) for _ in range(size))


def _spoiled(chance: random.Random, text: str, share: float) -> str:
    return " ".join(chance.choice(WORDS) if chance.random() < share else word for word in text.split())


@pytest.mark.parametrize("seed", range(6))
def test_index_finds_what_comparing_each_with_each_finds(seed: int) -> None:
    chance = random.Random(seed)
    texts = [_text(chance, chance.randint(5, 120)) for _ in range(12)]
    texts += [_spoiled(chance, text, chance.random() / 6) for text in texts]
    index: TextIndex[int] = TextIndex()
    for number, text in enumerate(texts):
        index.add(number, text)
    for text in texts:
        brute = [
            (number, likeness_bp(runs_of(text), runs_of(other)))
            for number, other in enumerate(texts)
            if runs_of(text) and likeness_bp(runs_of(text), runs_of(other)) >= LIKE_BP
        ]
        assert index.like(text) == brute
    assert sum(len(index.like(text)) > 1 for text in texts) > 0


def test_likeness_at_the_threshold_counts_and_below_does_not() -> None:
    # n words give n-4 runs; k words behind a shared beginning of s words: s-4 shared of s-4+2k.
    shared = " ".join(f"с{n}" for n in range(24))  # 20 shared runs
    left, near = (
        shared + " " + " ".join(f"л{n}" for n in range(10)),
        shared + " " + " ".join(f"п{n}" for n in range(10)),
    )
    far = near + " ще"
    index: TextIndex[str] = TextIndex()
    index.add("near", near)
    index.add("far", far)
    assert likeness_bp(runs_of(left), runs_of(near)) == LIKE_BP
    assert index.like(left) == [("near", LIKE_BP)]


def test_short_texts_are_not_judged() -> None:
    text = " ".join(WORDS[: LEAST_WORDS - 1])
    index: TextIndex[int] = TextIndex()
    index.add(1, text)
    assert (index.like(text), runs_of(text)) == ([], frozenset())
    assert len(runs_of(text + " ще")) == LEAST_WORDS - RUN + 1


@pytest.mark.parametrize(
    ("left", "right"),
    [("М’яч і сім'я", "МʼЯЧ  і\nсім`я."), ("слово\u200b два", "слово два"), ("Й", "И\u0306")],
)
def test_words_do_not_see_how_a_text_was_typed(left: str, right: str) -> None:
    assert words_of(left) == words_of(right)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("Оренда зали", "зала, оренду (4 год)", False),
        ("Оренда зали", "Зала: оренду", True),
        ("Друк буклетів 500", "друку буклетів, 300", True),
        ("Тренерка", "Тренажер", False),
        ("2 000", "3 000", True),
    ],
)
def test_item_key_sees_words_not_their_order_and_endings(left: str, right: str, same: bool) -> None:
    assert (item_key(left) == item_key(right)) is same


def test_shared_pieces_cover_each_text_whole_and_mark_equal_words() -> None:
    own = "Мета проєкту: навчити підлітків мирити сусідів у дворах. Далі своє."
    other = "Інше. Мета проєкту – навчити підлітків мирити сусідів, і все"
    left, right = shared_pieces(own, other)
    assert "".join(piece.text for piece in left) == own
    assert "".join(piece.text for piece in right) == other
    assert [piece.text for piece in left if piece.kind == "same"] == ["Мета проєкту: навчити підлітків мирити сусідів"]
    assert [piece.text for piece in right if piece.kind == "same"] == [
        "Мета проєкту – навчити підлітків мирити сусідів"
    ]


def test_changes_do_not_tear_words_apart() -> None:
    pieces = [(piece.kind, piece.text) for piece in changes("Менше сварок. Далі", "Нова мета. Далі")]
    assert pieces == [("out", "Менше сварок"), ("in", "Нова мета"), ("same", ". Далі")]


def test_changes_keep_both_texts() -> None:
    old, new = "Провести 12 зустрічей у школі.", "Провести 10 зустрічей у дворі, влітку."
    pieces = changes(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "in") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "out") == new


LONG = " ".join(f"речення{n}" for n in range(40))


def _subject(code: str, **changes: object) -> Subject:
    values: dict[str, object] = {"competition": "2027-A", "edrpou": code, "title": f"Проєкт {code}", **changes}
    return Subject(code=code, **values)  # type: ignore[arg-type]  # a test spells the fields it changes


def _found(own: Subject, other: Subject) -> list[tuple[str, str]]:
    return [(one.kind, one.other_code) for one in Radar([own]).beside(other).get(own.code, [])]


def test_strangers_with_one_equal_line_are_left_alone_and_with_two_shown() -> None:
    paper, hall = Cost("Папір", 100, 1_000), Cost("Оренда зали", 5_000, 20_000)
    own, other = _subject("1", costs=(paper, hall)), _subject("2", costs=(Cost("папір", 100, 9_000),))
    assert _found(own, other) == []
    both = _subject("2", costs=(Cost("папір", 100, 9_000), Cost("зала, оренда", 7_000, 20_000)))
    assert _found(own, both) == [("cost", "2")]
    tied = frozenset({("phone", "+380000000000")})
    assert _found(_subject("1", costs=(paper,), links=tied), _subject("2", costs=(paper,), links=tied)) == [
        ("cost", "2"),
        ("linked", "2"),
    ]


def test_same_text_is_a_repeated_project_only_of_connected_applicants() -> None:
    texts, tied = (("Мета", LONG),), frozenset({("organisation", "7")})
    assert _found(_subject("1", texts=texts), _subject("2", texts=texts)) == [("text", "2")]
    earlier = _subject("2", texts=texts, links=tied, competition="2026-A")
    assert _found(_subject("1", texts=texts, links=tied), earlier) == [("repeat", "2")]


def test_application_is_not_compared_with_itself() -> None:
    one = _subject("1", texts=(("Мета", LONG),), links=frozenset({("organisation", "7")}))
    assert Radar([one]).beside(one) == {}


def test_voucher_for_the_same_service_is_shown() -> None:
    own = _subject("1", costs=(Cost("Бухгалтерський консультант", 100, 5_000),))
    paid = Payment("voucher", "V-1", "1", "Бухгалтерська консультація", 4_000)
    assert payments_of(own, {"1": [paid]})[0].evidence[0].other_kop == 4_000
    assert payments_of(own, {"1": [Payment("voucher", "V-2", "1", "Дизайн логотипа", 4_000)]}) == []


def test_fingerprint_follows_the_evidence() -> None:
    texts = (("Мета", LONG),)
    (first,) = Radar([_subject("1", texts=texts)]).beside(_subject("2", texts=texts))["1"]
    (again,) = Radar([_subject("1", texts=texts)]).beside(_subject("2", texts=texts))["1"]
    changed: Finding = Radar([_subject("1", texts=texts)]).beside(_subject("2", texts=(("Мета", LONG + " ще"),)))["1"][
        0
    ]
    assert (first.fingerprint == again.fingerprint, first.fingerprint == changed.fingerprint) == (True, False)
