"""A test waits for what it looks for: how long that takes is the affair of the machine, and no test guesses it."""

from __future__ import annotations

import re

from tests.support.source import place, python_files

# Pauses, the quiet of the network, patience shorter than that of everything else in a browser, and asking for
# the next dialogue only when the key is pressed that opens it.
GUESS = re.compile(
    r"wait_for_timeout\(|wait_for_function\(|networkidle|\bsleep\(|wait_for_load_state\(\)|expect_file_chooser"
    r"|\bexpect\(.*timeout=(?:\d{1,3}|(?:\d|1[0-4])_?\d{3})\)"
)
GUESSING_FOR_A_REASON = {
    "tests/journeys/test_accessibility.py": "charts may follow a window for two seconds, asked every moment",
    "tests/reviews/test_killed_server.py": "the rhythm of somebody who types",
    "tests/setup/test_start.py": "another process is asked till it answers",
    "tests/support/browser.py": "between two questions of `until`",
    "tests/support/own_process.py": "another process is asked till it answers",
    "tests/support/typists.py": "no answer may be on its way when a session is taken away",
}


def test_nobody_guesses_how_long_something_takes() -> None:
    found = {
        place(path)
        for path in python_files("tests")
        if "tests/load/" not in place(path)
        and path.name != "test_patience.py"
        and GUESS.search(path.read_text(encoding="utf-8"))
    }
    assert found == set(GUESSING_FOR_A_REASON)


def test_guesses_are_recognised() -> None:
    guesses = ("page.wait_for_timeout(5)", "time.sleep(1)", "expect(line).to_be_visible(timeout=8_000)",
               "expect(line).to_have_text(text, timeout=10000)", "page.expect_file_chooser()")  # fmt: skip
    patient = ("expect(line).to_be_visible(timeout=30_000)", "expect(line).to_be_visible()", "follow(page, link)")
    assert [bool(GUESS.search(text)) for text in (*guesses, *patient)] == [True] * 5 + [False] * 3
