"""What every template may use: language, look, person, bar, filters."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import get_domain, gettext, ngettext
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from grants_app.core import clock
from grants_app.extensions import babel
from grants_app.web import formatting, panels
from grants_app.web.drafts import person_mark
from grants_app.web.headers import csp_nonce
from grants_app.web.keys import form_key

LANGUAGES = {"uk": "Українська", "en": "English"}
THEMES = ("light", "dark", "system")


@dataclass(frozen=True)
class Language:
    """A language of the switch."""

    code: str
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class NavWord:
    """A word of the bar on this page."""

    label: str
    url: str
    is_current: bool


def init_app(app: Flask) -> None:
    """Bind translations, the context and the filters."""
    babel.init_app(app, locale_selector=select_language, timezone_selector=lambda: "Europe/Kyiv")
    babel.domain_instance = formatting.Catalogue()
    app.jinja_env.globals["ngettext"] = ngettext  # macros know no context
    app.context_processor(_context)
    app.after_request(_remember_choice)
    app.jinja_env.filters.update(
        formatting.FILTERS,
        t=_translate,
        with_url=with_url,
        translated=translated,
    )


def select_language() -> str:
    """The language asked for once in the address, then kept in a cookie; else the person's; else Ukrainian."""
    if "language" in g:
        return str(g.language)
    asked = request.args.get("lang") or request.cookies.get("lang")
    if asked not in LANGUAGES:
        asked = current_user.lang if current_user and current_user.is_authenticated else "uk"
    g.language = asked
    return str(asked)


def _remember_choice(response: Any) -> Any:
    for name, allowed in (("lang", tuple(LANGUAGES)), ("theme", THEMES)):
        chosen = request.args.get(name)
        if chosen in allowed:
            secure = current_app.config["SETTINGS"].production
            response.set_cookie(name, chosen, max_age=365 * 86400, samesite="Lax", secure=secure, httponly=True)
    return response


def _context() -> dict[str, Any]:
    settings = current_app.config["SETTINGS"]
    person = current_user if current_user and current_user.is_authenticated else None
    return {
        "csp_nonce": csp_nonce,
        "asset": asset,
        "form_key": form_key,
        "csrf_token": generate_csrf,
        "nav": _nav(person),
        "viewer": person,
        "person_mark": person_mark(person.id) if person is not None else "",
        "session_seconds": int(current_app.permanent_session_lifetime.total_seconds()),
        "theme": _theme(),
        "chosen_look": _theme(),  # the layouts read this: a page may call something of its own `theme`
        "lang": select_language(),
        "languages": _languages(),
        "city_name": settings.city_name,
        "city_contact": settings.city_contact,
        "product_name": settings.product_name,
        "is_demo": settings.demo,
        "now": clock.now(),
        "_": _translator(),
        "ngettext": ngettext,
    }


def _translator() -> Callable[..., str]:
    """`gettext` for one page: the catalogue is looked up once, a page has a hundred texts and more."""
    catalogue = get_domain().get_translations()

    def told(text: str, /, **values: Any) -> str:
        found = str(catalogue.ugettext(text))
        return found % values if values else found

    return told


def _nav(person: Any) -> list[NavWord]:
    roles = frozenset(str(role) for role in person.roles) if person is not None else None
    entries = [(gettext(entry.label), url_for(entry.endpoint)) for entry in panels.nav_entries(roles)]
    here = [url for _, url in entries if request.path == url or (url != "/" and request.path.startswith(url + "/"))]
    # A page below two words of the bar (/reports and /reports/plan) belongs to the nearer one.
    nearest = max(here, key=len, default=None)
    return [NavWord(label, url, url == nearest) for label, url in entries]


def _languages() -> list[Language]:
    current = select_language()
    rest = {name: values for name, values in request.args.to_dict(flat=False).items() if name != "lang"}
    result = []
    for code, label in LANGUAGES.items():
        query = "&".join(f"{name}={_quote(value)}" for name, values in rest.items() for value in values)
        result.append(
            Language(code, label, f"{request.path}?{query + '&' if query else ''}lang={code}", code == current)
        )
    return result


def _quote(value: str) -> str:
    from urllib.parse import quote_plus

    return quote_plus(value)


def _theme() -> str:
    chosen = request.args.get("theme") or request.cookies.get("theme")
    return chosen if chosen in THEMES else "system"


@lru_cache(maxsize=512)
def _digest(path: str, _changed: float) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]


def asset(path: str) -> str:
    """Address of a static file with its digest, so that browsers may keep it for ever."""
    file = Path(current_app.static_folder or "") / path
    return url_for("static", filename=path, v=_digest(str(file), file.stat().st_mtime))


def _translate(text: object) -> str:
    """A msgid that lives in data (state labels, presets) in the reader's language."""
    return gettext(str(text)) if text else ""


class Linked:
    """A row with something added for a list table (its address, a translated word); the rest is the row's own."""

    def __init__(self, row: Any, **added: object) -> None:
        self._row = row
        self.__dict__.update(added)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def with_url(rows: Iterable[Any], endpoint: str, attribute: str, argument: str | None = None) -> list[Linked]:
    """The rows with `url` = the endpoint's address for the row's `attribute` (passed under `argument` or its name)."""
    return [Linked(row, url=url_for(endpoint, **{argument or attribute: getattr(row, attribute)})) for row in rows]


def translated(rows: Iterable[Any], attribute: str) -> list[Linked]:
    """The rows with one attribute, an English msgid, in the reader's language."""
    return [Linked(row, **{attribute: gettext(str(getattr(row, attribute)))}) for row in rows]
