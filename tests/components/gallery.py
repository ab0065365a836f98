"""A small application that shows every layout and component without a database, for tests and for looking at."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, render_template, request
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined

ROOT = Path(__file__).resolve().parents[2]
NONCE = "gallery-nonce"
CSP = (
    f"default-src 'self'; script-src 'nonce-{NONCE}' 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'"
)
MONTHS = "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня".split()
NO_BREAK = "\u00a0"


@dataclass(frozen=True)
class Item:
    """One link of the bar, the languages or a sub-navigation."""

    label: str
    url: str
    is_current: bool = False
    code: str = ""
    count: int = 0


@dataclass(frozen=True)
class Viewer:
    """The person in the header."""

    display_name: str
    role_label: str


def catalogue() -> dict[str, Any]:
    """Ukrainian sentences of the look, as they go into the one catalogue."""
    return json.loads((ROOT / "grants_app/translations/parts/look.json").read_text(encoding="utf-8"))


def plural_form(number: int) -> int:
    """Which of the three Ukrainian forms a number takes."""
    if number % 10 == 1 and number % 100 != 11:
        return 0
    return 1 if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else 2


def create_gallery() -> Flask:
    """The application with the same context as the product gives to its templates."""
    app = Flask(
        "gallery",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "grants_app/static"),
        static_url_path="/static",
    )
    app.config.update(SECRET_KEY="gallery", TESTING=True, WTF_CSRF_TIME_LIMIT=None, MAX_FORM_PARTS=5000)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_loader.searchpath.append(str(ROOT / "tests/components/pages"))  # type: ignore[union-attr]
    CSRFProtect(app)
    _install_words(app)
    _install_filters(app)
    _install_context(app)
    _install_pages(app)
    return app


def _install_words(app: Flask) -> None:
    words = catalogue()
    missing: set[str] = set()
    app.extensions["missing_words"] = missing

    def gettext(text: str) -> str:
        if g.get("lang", "uk") != "uk":
            return text
        if text not in words:
            missing.add(text)
        return str(words.get(text, text))

    def ngettext(one: str, many: str, number: int) -> str:
        if g.get("lang", "uk") != "uk":
            return one if number == 1 else many
        if one not in words:
            missing.add(one)
            return one
        return str(words[one][plural_form(number)])

    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]


def _install_filters(app: Flask) -> None:
    def grouped(number: int) -> str:
        return f"{number:,}".replace(",", NO_BREAK)

    def money(kop: int) -> str:
        whole, rest = divmod(kop, 100)
        return f"{grouped(whole)}{f',{rest:02d}' if rest else ''}{NO_BREAK}грн"

    filters: dict[str, Any] = {
        "money": money,
        "money_exact": lambda kop: f"{grouped(kop // 100)},{kop % 100:02d}{NO_BREAK}грн",
        "share": lambda bp: f"{bp // 100},{bp % 100 // 10}{NO_BREAK}%",
        "date": lambda day: day.strftime("%d.%m.%Y"),
        "date_long": lambda day: f"{day.day} {MONTHS[day.month - 1]} {day.year} року",
        "instant": lambda at: at.strftime("%d.%m.%Y %H:%M"),
        "t": str,
        "clock_words": lambda at: "6 днів 9 годин",
    }
    app.jinja_env.filters.update(filters)


def _install_context(app: Flask) -> None:
    @app.before_request
    def choose() -> None:
        g.lang = "en" if request.args.get("lang") == "en" else "uk"

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CSP
        return response

    @app.context_processor
    def context() -> dict[str, Any]:
        nav = [Item("Чекає на мене", "/"), Item("Конкурси", "/work", True), Item("Засідання", "/form")]
        return {
            "csp_nonce": lambda: NONCE,
            "asset": lambda path: f"/static/{path}",
            "nav": nav,
            "viewer": Viewer("Олена Гай", "секретар") if "guest" not in request.args else None,
            "person_mark": "gallery" if "guest" not in request.args else "",
            "chosen_look": request.args.get("theme", "system"),
            "lang": g.lang,
            "city_name": "Надбузька міська рада",
            "city_contact": "+380 00 000 00 00, у робочі дні з 9:00 до 17:30",
            "product_name": "Гранти громади",
            "is_demo": True,
            "now": datetime(2027, 3, 18, 8, 40, tzinfo=UTC),
            "languages": [
                Item("Українська", "?lang=uk", g.lang == "uk", "uk"),
                Item("English", "?lang=en", g.lang == "en", "en"),
            ],
            "form_key": lambda: "0f3a",
        }


def pages() -> Iterator[str]:
    """Names of the gallery's pages, each a template of its own."""
    for path in sorted((ROOT / "tests/components/pages/gallery").glob("*.html")):
        yield path.stem


def _install_pages(app: Flask) -> None:
    from .samples import sample_context

    @app.post("/autosave")
    def autosave() -> tuple[dict[str, object], int]:
        if "form_key" in request.form:
            return {"message": "the key of the final press must not be spent"}, 409
        if request.form["r1"] == "clash":
            return {"message": "Ганна Липа змінила цю відповідь о 14:30", "text": "Інший текст"}, 409
        return {"saved_at": "14:32", "version": 4}, 200

    @app.route("/<page>", methods=["GET", "POST"])
    def show(page: str) -> tuple[str, int]:
        values = sample_context(page, with_errors=request.method == "POST" or "errors" in request.args)
        status = 422 if values.get("form") is not None and values["form"].errors else 200
        return render_template(f"gallery/{page}.html", **values), status


__all__ = ["CSP", "Item", "Viewer", "catalogue", "create_gallery", "date", "pages"]
