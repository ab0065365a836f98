"""Every address of the product, filled with what an attacker knows: new routes enter by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, PathConverter, Rule

# What differs between two renderings of one page: tokens, nonces and keys of forms.
_FRESH = re.compile(
    rb'(nonce="[^"]*"|data-csrf="[^"]*"|name="csrf_token"[^>]*|name="form_key"[^>]*|id="[^"]*csrf[^"]*"[^>]*'
    rb"|<p>[^<]*\b[0-9a-f]{16}\b[^<]*</p>"  # the head of the chain moves with everything that happens
    rb'|content="[\w.-]{60,}"|value="[\w-]{20,}(?:\.[\w-]+)*")'
)

# Tables of people: that they were taken stands in the journal, so that walks which compare pages compare them apart.
_TABLES = ("/assignment", "/conflicts", "/panel", "/experts", "/progress", "/missing", "/accounts/organisations")
NOTED = tuple(f"{table}.{suffix}" for table in _TABLES for suffix in ("json", "csv"))


def rules(app: Flask, method: str) -> list[Rule]:
    """The rules that answer to a method, in a fixed order; files of the pages themselves are left out."""
    found = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or set())]
    return sorted((rule for rule in found if rule.endpoint != "static"), key=lambda rule: rule.rule)


def addresses(
    app: Flask, known: Mapping[str, Sequence[str]], *, method: str = "GET", suffixes: Sequence[str] = ("json", "csv")
) -> Iterator[str]:
    """Addresses of every rule with every known value in every place that takes a text."""
    for rule in rules(app, method):
        places = [_values(name, converter, known, suffixes) for name, converter in rule._converters.items()]
        for chosen in product(*places):
            built = rule.build(dict(zip(rule._converters, chosen, strict=True)))
            if built is not None:
                yield built[1]


def steady(body: bytes) -> bytes:
    """A page without what is fresh in every rendering."""
    return _FRESH.sub(b"", body)


def differing(before: Mapping[str, Mapping[str, object]], after: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Addresses whose page differs between two walks, each with the name of who saw it; pages by name and address."""
    return sorted(
        f"{address} ({name})"
        for name, seen in after.items()
        for address, page in seen.items()
        if page != before[name][address]
    )


def _values(name: str, converter: object, known: Mapping[str, Sequence[str]], suffixes: Sequence[str]) -> Sequence[str]:
    if isinstance(converter, AnyConverter):
        # Of files only the kinds that are asked for, as far as the address has them.
        return sorted(converter.items & set(suffixes)) if name == "suffix" else sorted(converter.items)
    if name == "suffix":
        return suffixes
    if isinstance(converter, IntegerConverter):
        return known.get(name, ["1"])
    if isinstance(converter, PathConverter):
        return ["theme.css"]
    return known.get(name, known["*"])
