"""The product in a real browser: a live server, Debian's Chromium, and what a page must never do there."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)
from werkzeug.serving import make_server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 360, "height": 740}
AXE_OPTIONS = {"resultTypes": ["violations"]}
PATIENCE_S = 30.0


def chromium() -> str | None:
    """Path of the installed Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def launched() -> Iterator[Browser]:
    """One headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def live(app: Flask) -> Iterator[str]:
    """The application served on a free port of this machine; gives its address without a closing slash.

    It ends when every request has ended: a page that is left sends its text even then, and the next test replaces the
    database.
    """
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = False  # type: ignore[attr-defined]  # closing the server waits for its threads
    taken: list[socket.socket] = []
    take = server.process_request

    def remember(request: Any, address: Any) -> None:
        taken.append(request)
        take(request, address)

    server.process_request = remember  # type: ignore[assignment,method-assign]  # of this one server
    thread = threading.Thread(target=server.serve_forever, name="live-server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        for connection in taken:
            # A browser opens connections beforehand: one that nothing came through would be waited for in vain.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        server.server_close()


class Complaints(list[str]):
    """What the browser complained of: refused styles and scripts, uncaught errors, broken own addresses."""

    def watch(self, context: BrowserContext) -> None:
        """Collect from every page of the context."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.append(f"uncaught: {error.error}"))
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # Answers such as 403 or 422 are shown as pages; the browser reports them as failed loads.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.append(f"console: {message.text}")

    def _response(self, response: Any) -> None:
        if response.status >= 500 or (response.status == 404 and "/static/" in response.url):
            self.append(f"{response.status}: {response.url}")


def axe_violations(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """Accessibility faults that axe finds on the page, each with the places where it stands.

    A click does not wait for the page it leads to: after one, `follow` or expect something of that page first.
    """
    page.wait_for_load_state("load")
    found = Axe().run(page, options={**AXE_OPTIONS, **(options or {})}).response["violations"]
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']} at {[node['target'] for node in fault['nodes']][:5]}"
        for fault in found
    ]


def follow(page: Page, link: Locator) -> None:
    """Click what leads to another page, or to the same one refused, and wait till that page is there."""
    with page.expect_navigation():
        link.click()


def kill(page: Page) -> None:
    """Close a page as a crash does: its last request, which no emulated lack of network holds, is not sent."""
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError()); navigator.sendBeacon = () => false }")
    page.close()


def settled(page: Page) -> None:
    """Wait till every script of the page has started: before that a key or a file may come to nobody."""
    expect(page.locator("html[data-started]")).to_be_attached()


def until(page: Page, ask: Callable[[], object], wanted: object) -> None:
    """Ask the database, or a page for something `expect` cannot ask, till the answer is the wanted one.

    A key or a press has only set out when it returns: how long its request takes is this machine's affair.
    """
    ends = time.monotonic() + PATIENCE_S
    while (found := ask()) != wanted:
        assert time.monotonic() < ends, f"{found!r} and not {wanted!r}"
        page.wait_for_timeout(100)  # the browser's own events go on meanwhile


def sideways_scroll(page: Page) -> int:
    """By how many pixels the page is wider than its window; a page must fit 360 px."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


# Of the dark look only what the light one cannot tell: axe is slow.
_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def faults(page: Page, name: str) -> list[str]:
    """What is wrong with the page, wide and narrow, light and dark. PAGE_SHOTS names a folder for pictures."""
    found = []
    for width, window in (("1280", WIDE), ("360", NARROW)):
        page.set_viewport_size(window)
        for scheme, options in (("light", {}), ("dark", _COLOURS)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a plain string in the loop
            found += [f"{name} {width} {scheme}: {fault}" for fault in axe_violations(page, options)]
            if os.environ.get("PAGE_SHOTS"):
                page.screenshot(path=f"{os.environ['PAGE_SHOTS']}/{name}_{width}_{scheme}.png", full_page=True)
        if sideways_scroll(page):
            found.append(f"{name} {width}: wider than the window")
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    return found
