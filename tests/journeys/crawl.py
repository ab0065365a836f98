"""Following the links of the product as a visitor would, each kind of page a few times."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]+)"')
PART = re.compile(r"<([a-z0-9]+)((?:\s[^>]*)?)>")
CLASS = re.compile(r'\bclass="([^"]*)"')
CHOICES = {"lang", "theme"}  # links that only change how the product is shown
MOST_ALIKE = 2
MOST_PAGES = 400


@dataclass(frozen=True)
class Visit:
    """A page that was opened: its address, the link's page, the kind of the address, the answer."""

    url: str
    came_from: str
    kind: str
    status: int
    body: str = field(repr=False)

    @property
    def parts(self) -> frozenset[str]:
        """What the page is made of: its elements with their classes, without a word of its text."""
        found = PART.findall(self.body)
        return frozenset(f"{tag} {''.join(CLASS.findall(rest)[:1])}" for tag, rest in found)


def crawl(app: Flask, client: FlaskClient, start: str, *, has_files: bool = True) -> Iterator[Visit]:
    """Every page reached from `start`, of each kind the first few; files, if asked for, once a kind."""
    waiting = [(start, "")]
    seen: set[str] = {start}
    kinds: Counter[str] = Counter()
    while waiting and kinds.total() < MOST_PAGES:
        url, came_from = waiting.pop(0)
        kind = _kind(app, url)
        is_file = "." in urlsplit(url).path.rsplit("/", 1)[-1]
        if kinds[kind] >= (int(has_files) if is_file else MOST_ALIKE):
            continue
        kinds[kind] += 1
        answer = client.get(url)
        visit = Visit(url, came_from, kind, answer.status_code, _text(answer))
        answer.close()
        yield visit
        targets = [answer.location] if answer.status_code == 302 else _links(visit.body)
        for target in targets:
            inner = _inner(target, url)
            if inner and inner not in seen:
                seen.add(inner)
                waiting.append((inner, url))


def _text(answer: TestResponse) -> str:
    return answer.text if answer.status_code != 302 and answer.mimetype == "text/html" else ""


def _links(body: str) -> list[str]:
    return [unescape(link) for link in LINK.findall(body)]


def _inner(target: str, here: str) -> str:
    """The address inside the product without its fragment; empty for anything else."""
    parts = urlsplit(target)
    if parts.scheme or (parts.netloc and parts.netloc != "localhost") or parts.path.startswith("/static/"):
        return ""
    path = parts.path or urlsplit(here).path
    if not path.startswith("/"):
        path = urlsplit(here).path.rsplit("/", 1)[0] + "/" + path
    query = [f"{name}={value}" for name, value in parse_qsl(parts.query) if name in CHOICES]
    if query:
        return ""
    return f"{path}?{parts.query}" if parts.query else path


def _kind(app: Flask, url: str) -> str:
    """The endpoint with the names of what is asked; an address that leads nowhere is a kind of its own."""
    parts = urlsplit(url)
    try:
        endpoint, values = app.url_map.bind("localhost").match(parts.path)
    except HTTPException:
        return parts.path
    suffix = values.get("suffix", "") if isinstance(values, dict) else ""
    return " ".join([str(endpoint), str(suffix), *sorted({name for name, _ in parse_qsl(parts.query)})])
