"""Public codes and Ukrainian identifiers.

Codes use an alphabet without look-alike signs (no 0 O 1 I L) and a check character, so that a mistyped code is
found without asking the database.
"""

from __future__ import annotations

import re
import secrets

from stdnum import iban as _iban
from stdnum.ua import edrpou as _edrpou

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_KATOTTG = re.compile(r"UA\d{17}", re.ASCII)
_IBAN = re.compile(r"UA\d{27}", re.ASCII)
_PHONE = re.compile(r"\+380\d{9}", re.ASCII)
_MAP = str.maketrans("ОІІАВЕКМНРСТХЗ", "OIIABEKMHPCTX3")


def random_text(length: int) -> str:
    """Unguessable text of the code alphabet (about 4.95 bits a sign)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def check_character(body: str) -> str:
    """Check sign of a code body: weighted sum modulo 31, the prime size of the alphabet.

    With weights 2, 3, 4 … below 31 every single wrong sign and every swap of two signs is found.
    """
    total = sum((index + 2) * ALPHABET.index(sign) for index, sign in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]


def new_code(body_length: int) -> str:
    """Random body with its check character appended."""
    body = random_text(body_length)
    return body + check_character(body)


def clean_code(text: str) -> str:
    """What a person typed, as the code is stored: upper case, Cyrillic look-alikes turned, separators dropped."""
    return re.sub(r"[\s\-–]", "", text.upper().translate(_MAP))


def has_valid_check(code: str) -> bool:
    """Whether body and check character agree (False for signs outside the alphabet)."""
    return len(code) > 1 and all(sign in ALPHABET for sign in code) and check_character(code[:-1]) == code[-1]


def grouped(code: str, size: int = 4) -> str:
    """«VK7M4QRT» as «VK7M-4QRT»."""
    return "-".join(code[start : start + size] for start in range(0, len(code), size))


def is_edrpou(text: str) -> bool:
    """Eight digits with a right check digit (leading zeros matter, so the code is text)."""
    return bool(re.fullmatch(r"\d{8}", text, re.ASCII)) and bool(_edrpou.is_valid(text))


def has_edrpou_form(text: str) -> bool:
    """Eight digits, whatever the last one says."""
    return re.fullmatch(r"\d{8}", text, re.ASCII) is not None


def is_iban(text: str) -> bool:
    """An account of a Ukrainian bank: UA and 27 digits, remainder 1 modulo 97."""
    return _IBAN.fullmatch(text) is not None and bool(_iban.is_valid(text, check_country=False))


def masked_iban(text: str) -> str:
    """«UA21…6001»: enough to recognise one's own account, too little to use it."""
    return f"{text[:4]}…{text[-4:]}"


def is_katottg(text: str) -> bool:
    """КАТОТТГ form: UA and 17 digits."""
    return _KATOTTG.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """E.164 number of Ukraine."""
    return _PHONE.fullmatch(text) is not None
