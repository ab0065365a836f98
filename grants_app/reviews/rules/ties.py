"""Ties between a person and an application: what is the same name, address, phone or account, and how hard it ties.

Block: the pair is impossible. Review: a coincidence is likely enough that a person must look first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from grants_app.core import words

BLOCK, REVIEW = "block", "review"


@dataclass(frozen=True)
class Tie:
    """One tie: what it is and where it was found (English msgids), how hard it ties, and its code in the register."""

    what: str
    source: str
    level: str = BLOCK
    kind: str = "register"


_PROFILE = "profile of the person"
_ORGANISATION = "profile of the organisation"
_MEMBERS = "members of the organisation"
_CONTACTS = "contacts in the application"
_PARTNERS = "partners in the application"
TIES: dict[str, Tie] = {
    tie.kind: tie
    for tie in (
        Tie("is a member of the applicant", _MEMBERS, BLOCK, "member"),
        Tie("was a member of the applicant", _MEMBERS, REVIEW, "was_member"),
        Tie("works for the applicant", "workplace in the expert’s profile", BLOCK, "employer"),
        Tie("belongs to the applicant or its bodies", _PROFILE, BLOCK, "board"),
        Tie("names an organisation called like the applicant", _PROFILE, REVIEW, "organisation_name"),
        Tie("has the same name as the head of the applicant", _ORGANISATION, BLOCK, "head_name"),
        Tie("has the same e-mail as the applicant", _ORGANISATION, BLOCK, "email"),
        Tie("has the same phone as the applicant", _ORGANISATION, BLOCK, "phone"),
        Tie("has the same address as the applicant", _ORGANISATION, REVIEW, "address"),
        Tie("has the same name as a person of the project team", "team in the application", BLOCK, "team_name"),
        Tie(
            "has the same name as a founder or manager",
            "governing bodies in the application",
            BLOCK,
            "governing_name",
        ),
        Tie("has the same name as a founder or manager", _ORGANISATION, BLOCK, "governing_profile"),
        Tie("has the same name as the contact person", _CONTACTS, BLOCK, "contact_name"),
        Tie("has the same e-mail as the contact person", _CONTACTS, BLOCK, "contact_email"),
        Tie("has the same phone as the contact person", _CONTACTS, BLOCK, "contact_phone"),
        Tie("has the surname and initials of a person named there", "people in the application", REVIEW, "initials"),
        Tie(
            "has the surname of a person named there and the address of the applicant",
            "people in the application",
            REVIEW,
            "surname_address",
        ),
        Tie("works for a partner of the project or belongs to it", _PARTNERS, BLOCK, "partner"),
        Tie("names an organisation called like a partner of the project", _PARTNERS, REVIEW, "partner_name"),
        Tie("has the bank account named in the application", "account in the application", BLOCK, "iban"),
        Tie("has the bank account of the applicant", _ORGANISATION, BLOCK, "organisation_iban"),
        Tie("wrote or sent this application", "record of the application", BLOCK, "author"),
    )
}
# The kinds in which a full name agrees, by the answer or the field that names the person.
NAME_KINDS = {
    "team": "team_name",
    "governing_people": "governing_name",
    "contact_name": "contact_name",
    "head": "head_name",
    "governing": "governing_profile",
}

_STREETS = {
    "вулиця": "вул", "вул": "вул", "проспект": "просп", "просп": "просп", "пр": "просп", "провулок": "пров",
    "пров": "пров", "площа": "пл", "пл": "пл", "бульвар": "бульв", "бульв": "бульв", "шосе": "шосе",
    "набережна": "наб", "наб": "наб", "узвіз": "узвіз", "тупик": "тупик",
}  # fmt: skip
_ROOMS = {"квартира": "кв", "кв": "кв", "офіс": "оф", "оф": "оф", "кімната": "кім", "кім": "кім"}
_LEFT_OUT = frozenset({"м", "місто", "с", "село", "смт", "буд", "будинок", "україна"})
_LEGAL_FORMS = (
    ("громадська організація", "го"),
    ("громадська спілка", "гс"),
    ("благодійна організація", "бо"),
    ("благодійний фонд", "бф"),
    ("комунальне підприємство", "кп"),
    ("комунальний заклад", "кз"),
    ("товариство з обмеженою відповідальністю", "тов"),
    ("об'єднання співвласників багатоквартирного будинку", "осбб"),
)
_FORM_WORDS = frozenset({short for _, short in _LEGAL_FORMS})
_FEMALE = (
    ("ська", "ський"), ("цька", "цький"), ("зька", "зький"),
    ("ова", "ов"), ("ева", "ев"), ("єва", "єв"), ("іна", "ін"), ("їна", "їн"),
)  # fmt: skip
_LEAST_STEM = 4


def name_tokens(name: str) -> tuple[str, ...]:
    """Words and initials of a name, folded: «Коваль О.П.» is («коваль», «о», «п»)."""
    return tuple(re.findall(r"[\w'-]+", words.search_form(name)))


def is_same_name(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether two names agree in every word, in whatever order; one word alone says nothing."""
    whole = [token for token in left if len(token) > 1]
    return len(whole) >= 2 and sorted(left) == sorted(right)


def is_abbreviated(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether the shorter name may stand for the longer: a shared word, every other word or initial fits.

    >>> is_abbreviated(name_tokens("Коваль О. П."), name_tokens("Коваль Олена Петрівна"))
    True
    >>> is_abbreviated(name_tokens("Коваль І."), name_tokens("Коваль Олена Петрівна"))
    False
    """
    short, long = sorted((list(left), list(right)), key=lambda one: sum(map(len, one)))
    shared = [token for token in short if len(token) > 1 and token in long]
    if not shared or len(short) < 2 or len(short) > len(long):
        return False
    for token in shared:
        long.remove(token)
    for token in (one for one in short if one not in shared):
        fitting = next((one for one in long if len(token) == 1 and one.startswith(token)), None)
        fitting = fitting or next((one for one in long if len(one) == 1 and token.startswith(one)), None)
        if fitting is None:
            return False
        long.remove(fitting)
    return True


def surnames(name: str) -> frozenset[str]:
    """What may be the surname: the first word of a full name, either word of two; one form for both genders.

    >>> surnames("Вигадівська Олена Петрівна") == surnames("Вигадівський Петро Іванович")
    True
    """
    tokens = [token for token in name_tokens(name) if len(token) > 1]
    return frozenset(_male(token) for token in (tokens[:1] if len(tokens) > 2 else tokens))


def _male(surname: str) -> str:
    for female, male in _FEMALE:
        if surname.endswith(female) and len(surname) - len(female) + len(male) > _LEAST_STEM:
            return surname.removesuffix(female) + male
    return surname


def address_key(address: str) -> str:
    """Town, street, house and flat in one form; empty without a house number: a street alone is nobody's address.

    >>> address_key("м. Вінниця, вулиця Соборна, буд. 10-А, кв. 5")
    'вінниця вул соборна 10а кв 5'
    >>> address_key("21000, Вінниця, вул.Соборна 10а кв.5")
    'вінниця вул соборна 10а кв 5'
    """
    text = re.sub(
        r"[\w'-]+\s+обл(асть|\.)?(?=\W|$)",
        " ",
        words.search_form(address).replace("пр-т", "просп").replace("б-р", "бульв"),
    )
    text = re.sub(r"(\d)\s*-?\s*([а-яіїєґ])(?![\w'])", r"\1\2", re.sub(r"\b\d{5}\b", " ", text))
    tokens = [_STREETS.get(one, _ROOMS.get(one, one)) for one in re.findall(r"[\w'/-]+", text)]
    kept = [one for one in tokens if one not in _LEFT_OUT]
    has_house = any(one[0].isdigit() for one in kept)
    return " ".join(kept) if has_house and len(kept) > 1 else ""


def organisation_key(name: str) -> str:
    """An organisation's name without legal form, quotes and case; empty when nothing telling is left."""
    text = words.search_form(name)
    for long, short in _LEGAL_FORMS:
        text = text.replace(long, short)
    kept = [one for one in re.findall(r"[\w']+", text) if one not in _FORM_WORDS]
    key = " ".join(kept)
    return key if len(key) > _LEAST_STEM else ""


def phone_key(phone: str) -> str:
    """The last nine digits; empty for less."""
    digits = re.sub(r"\D", "", phone)[-9:]
    return digits if len(digits) == 9 else ""


def edrpou_codes(text: str) -> frozenset[str]:
    """Every run of eight digits in a text: partners are named with their code."""
    return frozenset(re.findall(r"(?<!\d)\d{8}(?!\d)", text))


def ibans(text: str) -> frozenset[str]:
    """Every Ukrainian account number in a text, however it is spaced."""
    return frozenset(re.findall(r"UA\d{27}(?!\d)", re.sub(r"\s|\\u00a0", "", text).upper()))
