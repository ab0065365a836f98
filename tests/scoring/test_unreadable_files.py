"""Files that are no tables or documents: refused by line, key or meeting, never by a fault of the program."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from scoring.__main__ import main
from scoring.bundle import make_bundle
from scoring.errors import BundleError, FileError
from scoring.files import read_applications, read_json, read_table
from scoring.marks import Application
from tests.scoring.builders import marks, money, rules, write_table


def _refusal(read: object, path: Path, content: bytes, *more: object) -> str:
    path.write_bytes(content)
    assert callable(read)
    with pytest.raises(ValueError) as refusal:  # the text is compared whole by the callers
        read(path, *more)
    return str(refusal.value).removeprefix(str(path))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("a,b\n1,2\nЇ,2\n".encode("cp1251"), ", line 3: is not UTF-8 text"),
        (b'a,b\n1,2\n"3,4\n5,6\n', ", line 3: a quotation mark is never closed"),
        (b"a,b\n1,2\n3," + b"4" * 200_000, ", line 3: field larger than field limit (131072)"),
        (b"a;b\n1;2\n", ", line 1, column a: the column is missing: cells must be separated by commas"),
    ],
)
def test_table_that_cannot_be_read_is_refused_by_line(tmp_path: Path, content: bytes, told: str) -> None:
    assert _refusal(read_table, tmp_path / "t.csv", content, ("a",)) == told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (rb'{"a": ["\uD800"]}', ": holds half of a letter (a lone surrogate)"),
        (b'{"a": ' + b"1" * 6000 + b"}", ": holds a number that no sum or mark can have"),
        (b'{"a": NaN}', ": holds a number that no sum or mark can have"),
        (b'{"a": 1e999}', ": holds a number that no sum or mark can have"),
        (b'{\n"a": "\xff"}', ", line 2: is not UTF-8 text"),
        (b'{"a": 1, "a": 2}', ", a: the key stands twice"),
    ],
)
def test_document_that_no_utf8_json_can_be_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    assert _refusal(read_json, tmp_path / "d.json", content) == told


def test_foreign_bytes_from_a_pipe_are_refused_without_waiting_for_more(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"a,b\n\xff\xff",), daemon=True)
    writer.start()
    with pytest.raises(FileError, match=r"pipe: is not UTF-8 text$"):
        read_table(pipe, ("a",))


def test_document_with_a_letter_of_two_escapes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_bytes(rb'{"a": "\ud83d\ude42", "b": 1.5}')
    assert read_json(path) == {"a": "🙂", "b": 1.5}


def test_sum_of_too_many_digits_is_not_called_no_number(tmp_path: Path) -> None:
    content = b"application,lot,requested_kop\nA,L,1000000000000000000\n"
    told = _refusal(read_applications, tmp_path / "a.csv", content)
    assert told == ", line 2, column requested_kop: has more than 15 digits"


@pytest.mark.parametrize("code", [[], {"a": 1}, None, 1])
def test_override_of_no_application_is_refused(code: object) -> None:
    meeting = {"overrides": [{"application": code, "reason": "decided so"}]}
    with pytest.raises(BundleError, match=r"^meeting\.overrides\[0\]\.application: unknown application$"):
        make_bundle(rules(), [Application("A")], marks({"A": ["7", "8"]}), meeting=meeting)


def test_fault_of_the_meeting_names_the_file_of_the_meeting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"application": "A", "expert": e, "criterion": "c", "points": "7"} for e in ("E1", "E2")]
    listed = [{"application": "A", "lot": "L", "requested_kop": 60}]
    paths = {
        "scores": write_table(tmp_path / "s.csv", rows),
        "applications": write_table(tmp_path / "a.csv", listed),
        "rules": tmp_path / "r.json",
        "meeting": tmp_path / "m.json",
    }
    paths["rules"].write_text(json.dumps(money("stop", 100).to_json()), encoding="utf-8")
    paths["meeting"].write_text('{"draws": [{"seed": ""}]}', encoding="utf-8")
    options = [part for name, path in paths.items() for part in (f"--{name}", str(path))]
    assert main(["bundle", *options]) == 2
    told = f"scoring: {paths['meeting']}, meeting.draws[0].seed: a draw needs its seed as text\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize("version", [True, 1.0, 2])
def test_bundle_of_another_version_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], version: object
) -> None:
    bundle = make_bundle(rules(), [Application("A")], marks({"A": ["7", "8"]}))
    path = tmp_path / "b.json"
    path.write_text(json.dumps({**bundle, "bundle_version": version}), encoding="utf-8")
    assert main(["verify", str(path)]) == 2
    assert capsys.readouterr().err == f"scoring: {path}, bundle_version: unknown version {version!r}\n"
