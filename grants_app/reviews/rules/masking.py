"""What of an applicant is hidden while a phase is blind, and the proposals for masking it in texts.

Proposals err on the side of hiding: the secretary sees every change and puts back what need not be hidden.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from grants_app.applications.rules import Question
from grants_app.lifecycle import CompetitionState

EXPERT, COMMISSION, PUBLIC = "expert", "commission", "public"
SCORING, DELIBERATION = "scoring", "deliberation"
PHASES = (SCORING, DELIBERATION)
TITLE, BUDGET, FILE = "title", "budget", "file:"
BUDGET_CELLS = ("item", "unit", "justification")

_S = CompetitionState
_TILL_SCORING = (_S.DRAFT, _S.ANNOUNCED, _S.OPEN, _S.CLOSED, _S.FORMAL_CHECK, _S.SCORING)
_RUNNING = {SCORING: frozenset(_TILL_SCORING), DELIBERATION: frozenset((*_TILL_SCORING, _S.DELIBERATION))}

# The mask is part of the text, and applications are written in Ukrainian; a screen reader says the words.
MASKS = {
    "organisation": "[█ назву приховано]",
    "person": "[█ особу приховано]",
    "partner": "[█ партнера приховано]",
    "contact": "[█ контакт приховано]",
    "code": "[█ код приховано]",
    "address": "[█ адресу приховано]",
    "waiting": "[█ копію ще не затверджено]",
}
# Cells that name somebody by their purpose: masked whole.
_WHOLE_CELLS = {
    ("team", "name"): "person",
    ("partners", "name"): "partner",
    ("partners", "edrpou"): "code",
    ("activities", "responsible"): "person",
}
_TEXT_KINDS = ("text", "long")


def is_hidden(phases: Collection[str], state: CompetitionState, viewer_kind: str, *, members_score: bool) -> bool:
    """Whether the applicant is hidden now from experts, from the commission, or from everybody (public pages).

    Experts of a blind scoring see nothing till the last blind phase ends; the commission while its own phase is blind
    or ahead, and during a blind scoring when its members score themselves; the public while any blind phase is ahead.
    """
    running = {phase for phase in phases if state in _RUNNING.get(phase, frozenset())}
    if viewer_kind == EXPERT:
        return SCORING in phases and bool(running)
    if viewer_kind == COMMISSION:
        return DELIBERATION in running or (members_score and SCORING in running)
    return bool(running)


@dataclass(frozen=True)
class Identity:
    """What our data knows of who applies: everything that a text may give away."""

    organisations: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Masker:
    """The identity of one applicant, ready to be looked for in texts."""

    patterns: tuple[tuple[re.Pattern[str], str], ...] = field(default=())

    def text(self, text: str) -> str:
        """The text with every find replaced by its mask."""
        for pattern, mask in self.patterns:
            text = pattern.sub(partial(_masked, MASKS[mask]), text)
        return _joined(text)

    def value(self, question: str, cells: Sequence[str], value: Any) -> Any:
        """The answer in its own shape, texts masked; numbers, days and choices stay. `cells`: those that hold texts."""
        if isinstance(value, str):
            return self.text(value)
        if not isinstance(value, list):
            return value
        return [{**row, **{cell: self._cell(question, cell, row.get(cell)) for cell in cells}} for row in value]

    def _cell(self, question: str, cell: str, value: Any) -> Any:
        if not value:
            return value
        whole = _WHOLE_CELLS.get((question, cell))
        return MASKS[whole] if whole else self.text(str(value))


def text_cells(question: Question) -> tuple[tuple[str, str], ...]:
    """Cells of a repeating group that hold texts: code and label."""
    return tuple((cell.code, cell.label) for cell in question.cells if cell.kind in _TEXT_KINDS)


def needs_copy(question: Question) -> bool:
    """Whether an answer can give the applicant away: texts can, numbers, days and choices cannot."""
    return question.audience != "staff" and question.kind in (*_TEXT_KINDS, "rows")


def waiting_value(cells: Sequence[str], value: Any) -> Any:
    """What stands in place of an answer whose copy is not approved: never the answer."""
    if isinstance(value, str):
        return MASKS["waiting"]
    if not isinstance(value, list):
        return value
    return [{**row, **dict.fromkeys(cells, MASKS["waiting"])} for row in value]


# -- finding ---------------------------------------------------------------------------------------------------

_EMAIL = re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+")
_URL = re.compile(
    r"(?:https?://|www\.)[^\s«»<>\"')]+"
    r"|\b[\w\-]+(?:\.[\w\-]+)*\.(?:ua|укр|org|com|net|info|eu|me|gov|edu|io|site|online)\b(?:/[^\s«»<>\"')]*)?",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@])@[A-Za-z_][\w.]{3,}")
_PHONE = re.compile(r"(?<![\d\w])(?:\+?38[\s(\-]*)?\(?0\d{2}[\s)\-]*\d{3}[\s\-]*\d{2}[\s\-]*\d{2}(?!\d)")
_IBAN = re.compile(r"\bUA[\s ]?(?:\d[\s ]?){27}(?!\d)", re.IGNORECASE)
_NAMED_CODE = re.compile(r"(?P<keep>ЄДРПОУ[\s:№\-–]*(?:\(?код\)?)?[\s:№]*)\d{8}(?!\d)", re.IGNORECASE)
_QUOTED = re.compile(r"[«\"“„]([^«»\"“”„]+)[»\"”]")
_WORD = re.compile(r"[A-Za-zА-Яа-яЄєІіЇїҐґ’'ʼ]+")
_UPPER = "A-ZА-ЯЄІЇҐ"
_LETTER = "A-Za-zА-Яа-яЄєІіЇїҐґ’'ʼ"
_ENDING = r"[а-яєіїґ’'ʼ]{0,4}"
_SHORT_ENDINGS = r"(?:ий|ого|ому|им|ім|ої|ій|ою|ові|еві|ем|єм|ом|їв|ів|ин|ин[аіу]|[аяуюоеєиіїйь])?"
_LEAST_STEM = 4
_LATIN = dict(zip("абвгґдеєжзиіїйклмнопрстуфхцчшщюя", (
    "a b v h g d e ie zh z y i i i k l m n o p r s t u f kh ts ch sh shch iu ia".split()), strict=True,
)) | {"ь": "", "’": "", "'": "", "ʼ": ""}  # fmt: skip
# Words of names of organisations that name nobody.
_PLAIN_WORDS = frozenset(
    (
        "громадська громадської організація організації спілка об’єднання асоціація благодійна благодійний "
        "благодійного фонд фонду центр центру молодіжна молодіжний молодіжного міська міський міської обласна "
        "обласний районна український українська україна україни всеукраїнська товариство клуб школа розвитку "
        "розвиток ініціатива ініціатив ініціативи підтримки підтримка громади громад громада місто міста "
        "область обласний осередок відокремлений підрозділ агенція агентство інститут платформа мережа рада "
        "молоді молодь дітей жінок ветеранів освіти культури спорту імені the and for ngo foundation centre "
        "center union public organisation organization ukraine ukrainian"
    ).split()
)
_FORMS = r"(?:ГО|БФ|БО|ВГО|МГО|НУО|ОСББ|ГС|ТОВ|ФОП|КУ|КП|NGO)"
_STREET = re.compile(
    rf"(?:вул|вулиц[яіюеєи]+|просп|проспект\w*|пров|провул\w+|бульв|бульвар\w*|площ\w+|пл|наб|набережн\w+|шосе|узвіз)"
    rf"\.?\s*((?:[{_UPPER}0-9][\w’'ʼ\-]*\s*)+)",
    re.IGNORECASE,
)


def may_name(identity: Identity, text: str) -> bool:
    """Whether a text may name this applicant at all: told cheaply, before the patterns are made. Never misses a find.

    >>> may_name(Identity(people=("Олена Вигадана",)), "Слово має п. Вигаданій"), may_name(Identity(("Сад",)), "Місто")
    (True, False)
    """
    plain = " ".join(text.split()).casefold()
    words = {word[:_HEAD] for word in _WORD.findall(plain)}
    names = (*identity.organisations, *identity.people, *identity.partners, *identity.addresses)
    heads = {head for name in names for head in _heads(name)}
    known = (" ".join(one.split()).casefold() for one in (*identity.codes, *identity.contacts))
    return any(word.startswith(head) for word in words for head in heads) or any(one in plain for one in known)


_HEAD = 3  # signs at the start of a word that its cases leave alone


def _heads(name: str) -> Iterable[str]:
    """How the words of a name may begin in a text, in both alphabets; the «і» of a closed syllable changes."""
    words = _WORD.findall(name)
    for word in [word for word in words if word.casefold() not in _PLAIN_WORDS] or words:
        for form in (_stem(word), _latin(word)):
            head = form.casefold()[:_HEAD]
            changing = head.find("і", 1)
            yield head if changing < 0 else head[:changing]


@lru_cache(maxsize=512)
def masker_of(identity: Identity) -> Masker:
    """Patterns in the order in which they are tried: the longest and surest finds first."""
    found: list[tuple[re.Pattern[str], str]] = [
        (_IBAN, "code"), (_EMAIL, "contact"), (_URL, "contact"), (_HANDLE, "contact"), (_PHONE, "contact"),
        (_NAMED_CODE, "code"),
    ]  # fmt: skip
    found += [(re.compile(rf"(?<!\d){re.escape(code)}(?!\d)"), "code") for code in identity.codes if code]
    found += [(_loose(one), "contact") for one in identity.contacts if len(one) > 4]
    found += [(one, "address") for address in identity.addresses for one in _address_patterns(address)]
    whole, single = _people_patterns(identity.people)
    found += [(one, "person") for one in whole]
    found += _names(identity.organisations, "organisation")
    found += _names(identity.partners, "partner")
    found += [(one, "person") for one in single]
    return Masker(tuple(found))


def _names(names: Iterable[str], mask: str) -> list[tuple[re.Pattern[str], str]]:
    """Whole names first, then what stands in quotes, then their distinctive words on their own."""
    wholes = sorted({name.strip() for name in names if len(name.strip()) > 2}, key=len, reverse=True)
    inner = sorted({part.strip() for name in wholes for part in _QUOTED.findall(name)}, key=len, reverse=True)
    patterns = [_phrase(name) for name in (*wholes, *inner) if _WORD.search(name)]
    for word in dict.fromkeys(word for part in (inner or wholes) for word in _WORD.findall(part)):
        if word.casefold() in _PLAIN_WORDS:
            continue
        if word.isupper() and len(word) >= 2:
            patterns.append(re.compile(rf"(?<![{_LETTER}]){re.escape(word)}(?![{_LETTER}])"))
        elif len(_stem(word)) >= _LEAST_STEM:
            patterns.append(_inflected(word))
    return [(pattern, mask) for pattern in patterns]


def _people_patterns(people: Iterable[str]) -> tuple[list[re.Pattern[str]], list[re.Pattern[str]]]:
    """Full names in any case, and apart from them each of their words that is long enough to be told."""
    full, single = [], []
    for person in dict.fromkeys(people):
        words = [word for word in re.split(r"[\s\-.]+", person.strip()) if word]
        if len(words) > 1:
            full.append(_phrase(person))
        single += [_inflected(word) for word in words if len(word) > 2]
    return full, list(dict.fromkeys(single))


def _address_patterns(address: str) -> list[re.Pattern[str]]:
    """The street of the applicant with its house, wherever it is written; the name of the town hides nothing."""
    patterns = [_loose(address)] if len(address) > 8 else []
    for street in _STREET.findall(address):
        words = [word for word in _WORD.findall(street) if len(word) >= _LEAST_STEM]
        patterns += [_street(word) for word in words]
    return patterns


def _street(word: str) -> re.Pattern[str]:
    kinds = r"(?:вул\w*|просп\w*|пров\w*|бульв\w*|площ\w*|пл|наб\w*)\.?\s+(?:[^\s,.;]+\s+)?"
    house = r"(?:,?\s*(?:буд(?:инок|\.)?\s*)?№?\s*\d+[\-/\dА-Яа-яA-Za-z]{0,4})?"
    return re.compile(rf"(?:{kinds})?(?<![{_LETTER}]){_body(word)}(?![{_LETTER}]){house}")


def _loose(text: str) -> re.Pattern[str]:
    """The text with any white space between its words."""
    return re.compile(r"\s+".join(re.escape(part) for part in text.split()), re.IGNORECASE)


def _phrase(name: str) -> re.Pattern[str]:
    """All words of a name in their order, each in any case, with what may stand between them and around."""
    words = _WORD.findall(name)
    between = r"[\s«»\"“”„().,\-–]{1,4}"
    body = between.join(_body(word, any_case=True) for word in words) + _after(name)
    return re.compile(
        rf"(?:{_FORMS}\s*)?[«\"“„]?(?<![{_LETTER}])(?:{body})(?![{_LETTER}\d])[»\"”]?",
        re.IGNORECASE,
    )


def _after(name: str) -> str:
    """The number at the end of a name, where it has one."""
    number = re.search(r"[\s№]+(\d{1,4})[»\"”]?$", name)
    return rf"(?:[\s№]*{number[1]}(?!\d))?" if number else ""


def _inflected(word: str) -> re.Pattern[str]:
    """One word written with a capital, in any case, all in capitals, or in Latin letters."""
    latin = _latin(word)
    whole = "|".join(re.escape(form) for form in (word.upper(), latin, latin.upper()) if form)
    return re.compile(rf"(?<![{_LETTER}])(?:{_body(word)}|{whole})(?![{_LETTER}])")


def _latin(word: str) -> str:
    """The word by the official table of Ukrainian letters, as a web page or a passport writes it."""
    first = {"є": "Ye", "ї": "Yi", "й": "Y", "ю": "Yu", "я": "Ya"}
    lower = word.lower()
    head = first.get(lower[:1]) or _LATIN.get(lower[:1], lower[:1]).capitalize()
    return head + "".join(_LATIN.get(sign, sign) for sign in lower[1:].replace("зг", "zgh"))


def _body(word: str, *, any_case: bool = False) -> str:
    stem = _stem(word)
    if len(stem) < _LEAST_STEM:
        return re.escape(stem) + _SHORT_ENDINGS
    start = stem if any_case else stem[:1].upper() + stem[1:]
    # «двір» and «дворі», «Федір» and «Федора»: the vowel of a closed syllable changes.
    changing = re.fullmatch(r"(.+)і([бвгґджзклмнпрстфхцчшщ]{1,2})", start)
    if changing and stem == word:
        return re.escape(changing[1]) + "[іоеє]" + changing[2] + _ENDING
    return re.escape(start) + _ENDING


def _stem(word: str) -> str:
    """The part of a word that its cases share: «Шевченк», «Кравц» and «Крав» for «Кравець» alike."""
    text = re.sub(r"(?:ський|ська|цький|цька)$", lambda found: found[0][:2], word)
    if text != word:
        return text
    text = re.sub(r"(?:ець|ок|ько)$", lambda found: "ьк" if found[0] == "ько" else "", word)
    if text != word and len(text) >= _LEAST_STEM:
        return text
    return re.sub(r"(?:ий|ій|ая|яя|ої|[аяоеєиіїуюйь])$", "", word)


def _masked(mask: str, found: re.Match[str]) -> str:
    """The mask in place of a find; what a pattern needs only to be sure (a group «keep») stays before it."""
    return (found.groupdict().get("keep") or "") + mask


def _joined(text: str) -> str:
    """Neighbouring masks of one kind say it once."""
    for mask in MASKS.values():
        text = re.sub(rf"{re.escape(mask)}(?:[\s,]*{re.escape(mask)})+", mask, text)
    return text


def identity_names(rows: Mapping[str, Any], question: str) -> tuple[str, ...]:
    """Names in a repeating group of the application (team, partners, governing bodies)."""
    value = rows.get(question)
    if not isinstance(value, list):
        return ()
    return tuple(str(row["name"]) for row in value if isinstance(row, dict) and row.get("name"))
