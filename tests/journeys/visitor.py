"""A person in front of the product: what they open, type, press and see."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.support.browser import follow, settled, sideways_scroll

Arrive = Callable[[], BrowserContext]
ENGLISH = re.compile("[A-Z][a-z][ -~]*$")
SPACES = re.compile(r"\s+")
CATALOGUE = Path(__file__).resolve().parents[2] / "grants_app" / "translations"


@cache
def _catalogue() -> NullTranslations:
    return Translations.load(str(CATALOGUE), ["uk"])


def uk(text: str) -> str:
    """The Ukrainian words of the product for an English message; figures, codes and Ukrainian texts as they are."""
    found = str(_catalogue().gettext(text))
    assert found != text or not ENGLISH.match(text), f"the product has no message «{text}»"
    return found


class Visitor:
    """One person with a browser of their own, reading Ukrainian."""

    def __init__(self, arrive: Arrive) -> None:
        self.page: Page = arrive().new_page()

    def sign_in(self, email: str, password: str) -> None:
        """Through the sign-in page, once."""
        self.open("/sign-in", "Sign in")
        self.fill(email=email, password=password)
        self.press("Sign in")
        self.heading("Waiting for me")

    def open(self, path: str, heading: str = "") -> None:
        """Go to an address of the product; `heading` is in the page's heading."""
        answer = self.page.goto(path)
        status = answer.status if answer is not None else 0
        assert status == 200, f"{path}: {status}"
        if heading:
            self.heading(heading)
        self._fits()

    def heading(self, text: str) -> None:
        """The one first-level heading says this."""
        try:
            expect(self.page.locator("h1")).to_contain_text(uk(text))
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.page.url}:\n{self.page.locator('main').inner_text()}") from None

    def sees(self, *texts: str) -> None:
        """Each text stands on the page; figures may have unbreakable spaces."""
        words = SPACES.sub(" ", self.page.locator("body").inner_text())
        missing = [text for text in map(uk, texts) if text not in words]
        assert missing == [], f"{self.page.url} does not say {missing}:\n{words}"

    def does_not_see(self, *texts: str) -> None:
        """None of the texts stands on the page."""
        words = SPACES.sub(" ", self.page.locator("body").inner_text())
        assert [text for text in map(uk, texts) if text in words] == []

    def fill(self, **values: str) -> None:
        """Type, choose or tick by the names of the fields."""
        for name, value in values.items():
            self.put(name, value)

    def put(self, name: str, value: str) -> None:
        """Type, choose or tick one field."""
        field = self.page.locator(f'main [name="{name}"]')
        kind = field.first.evaluate("node => node.type || node.localName")
        if kind == "radio":
            self.page.locator(f'main [name="{name}"][value="{value}"]').check(force=True)
        elif kind == "checkbox":
            field.first.set_checked(value == "yes", force=True)
        elif kind == "select-one":
            field.first.select_option(value)
        else:
            field.first.fill(value)

    def press(self, name: str, within: str = "main") -> None:
        """Press a button by its words and wait for the page that comes."""
        self._leave(self.page.locator(within).get_by_role("button", name=uk(name), exact=True).first)

    def follow(self, name: str, within: str = "main") -> None:
        """Follow a link by its words."""
        self._leave(self.page.locator(within).get_by_role("link", name=uk(name), exact=True).first)

    def download(self, path: str, beginning: bytes) -> bytes:
        """A file of the product as this person gets it."""
        answer = self.page.request.get(path)
        assert answer.status == 200, f"{path}: {answer.status}"
        body = answer.body()
        assert body.startswith(beginning), f"{path}: {body[:40]!r}"
        return body

    def click(self, name: str) -> None:
        """Press a button that changes the page in place."""
        self.page.locator("main").get_by_role("button", name=uk(name), exact=True).first.click()

    def press_with(self, words: str) -> None:
        """Press the button on which these words of somebody's stand, and wait for the page that comes."""
        self._leave(self.page.locator("main button", has_text=words).first)

    def unfold(self, name: str) -> None:
        """Open what is folded under these words."""
        self.page.locator("main summary", has_text=uk(name)).first.click()

    def _leave(self, control: Locator) -> None:
        follow(self.page, control)
        self._fits()

    def _fits(self) -> None:
        """The page is whole, its scripts work, and it is not wider than its window."""
        settled(self.page)
        assert sideways_scroll(self.page) == 0, f"{self.page.url} is wider than its window"
