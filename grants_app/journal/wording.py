"""The words of a letter: named places in braces, `{code}`, put in by one pass that evaluates nothing.

What people type is never a format string: a place is a name that the letter declares, everything else stays as typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

LONGEST_SUBJECT = 200
LONGEST_BODY = 8_000
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_SHIPPED = re.compile(r"%(?:\(([a-z][a-z0-9_]*)\)s|(%))")
_BRACED = re.compile(r"\{([^{}\n]{0,40})\}?|\}")
_OLD_PLACE = re.compile(r"%\(\w+\)[sd]")

Fault = tuple[str, dict[str, object]]


def in_braces(text: str) -> str:
    """A shipped text in the way people see and type it.

    >>> in_braces("Заявку %(code)s допущено, 100 %% вчасно")
    'Заявку {code} допущено, 100 % вчасно'
    """
    return _SHIPPED.sub(lambda found: "%" if found.group(2) else f"{{{found.group(1)}}}", text)


def places_of(*texts: str) -> frozenset[str]:
    """Names of the places that the texts use."""
    return frozenset(name for text in texts for name in _PLACE.findall(text))


def fill(text: str, shown: Mapping[str, str]) -> str:
    """The text with its places filled. A place without a value raises KeyError; a brace inside a value stays a brace.

    >>> fill("{code}: 25 %, {title}", {"code": "2027-X", "title": "{code}"})
    '2027-X: 25 %, {code}'
    """
    return _PLACE.sub(lambda found: shown[found.group(1)], text)


def faults_of(text: str, allowed: Collection[str]) -> list[Fault]:
    """What is wrong with typed words: unknown places, lone braces, places written in another way (msgid, facts)."""
    faults: list[Fault] = []
    for found in _BRACED.finditer(text):
        whole, name = found.group(0), found.group(1)
        if not whole.startswith("{") or not whole.endswith("}"):
            faults.append(("A curly bracket is alone: write a place as {code}", {}))
        elif name not in allowed:
            faults.append(("This letter has no place {%(name)s}: choose one from the list", {"name": name}))
    faults += [
        ("Write %(found)s as a name in curly brackets", {"found": found.group(0)})
        for found in _OLD_PLACE.finditer(text)
    ]
    return list({str(one): one for one in faults}.values())
