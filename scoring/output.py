"""Writing of results: UTF-8 everywhere, the whole result or nothing, and one sentence where it cannot be written."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from scoring.errors import FileError

_STANDARD = "standard output"


@contextmanager
def quiet_output() -> Iterator[None]:
    """Send descriptor 1 to standard error meanwhile: the solver writes there from C, beside the result."""
    if sys.stdout is None or sys.stderr is None:  # a caller closed one of them
        yield
        return
    sys.stdout.flush()
    if sys.stderr.isatty():
        sys.stderr.write("scoring: searching, this may take a minute\n")
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def document_text(result: Mapping[str, object]) -> str:
    """Write a document with one line for each key, and one for each row of a list.

    >>> print(document_text({"rows": [{"a": 1}, {"a": 2}], "n": 2}), end="")
    {
     "rows": [
      {"a": 1},
      {"a": 2}
     ],
     "n": 2
    }
    """
    parts = []
    for key, value in result.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in value)
            parts.append(f" {json.dumps(key)}: [\n  {rows}\n ]")
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def table_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Write a CSV table with a header line; cells of other columns are left out.

    >>> table_text(("a", "b"), [{"a": 1, "b": None, "c": 3}])
    'a,b\\n1,\\n'
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def put(target: Path | None, text: str) -> None:
    """Write the whole result to a file, or to standard output where there is none.

    Raises
    ------
    FileError
        It cannot be written; a file that stood there before is as it was.
    BrokenPipeError
        The reader of standard output has gone.
    """
    if target is None:
        _put_out(text)
        return
    try:
        if _is_replaceable(target):
            _replace(target.resolve(), text)
        else:
            with target.open("w", encoding="utf-8", newline="") as file:
                file.write(text)
    except OSError as error:
        raise FileError(f"cannot be written: {error.strerror or error}", file=str(target)) from None


def _put_out(text: str) -> None:
    """Write UTF-8 whatever the console speaks, so that a redirected result is what the format promises."""
    if sys.stdout is None:
        raise FileError("cannot be written: it is closed", file=_STANDARD)
    stream = getattr(sys.stdout, "buffer", None)
    try:
        if stream is None:
            sys.stdout.write(text)
        else:
            sys.stdout.flush()
            stream.write(text.encode())
        sys.stdout.flush()
    except OSError as error:
        if stream is not None:
            _forget(stream.fileno())
        if isinstance(error, BrokenPipeError):
            raise
        raise FileError(f"cannot be written: {error.strerror or error}", file=_STANDARD) from None


def _forget(descriptor: int) -> None:
    """Let what is still in the buffer go nowhere: writing it again at the end of the process would fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _is_replaceable(target: Path) -> bool:
    """Tell whether a new file may take the place: nothing or a file stands there, no pipe, device or folder."""
    return not target.exists() or stat.S_ISREG(target.stat().st_mode)


def _replace(target: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".scoring-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except OSError:
        os.unlink(name)
        raise


def _umask() -> int:
    """The process's mask; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
