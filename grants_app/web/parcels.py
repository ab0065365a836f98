"""Parcels and tables through a child process: a ZIP of drawings out, filled-in tables in.

The web process loads neither the drawing library nor anything that opens a spreadsheet.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from flask import Response

from grants_app.core.errors import InvalidInput
from grants_app.core.tables import Cell, Table, TableRow
from grants_app.web.export import ROOT, Document, to_draw

CHUNK = 256 * 1024
LARGEST_TABLES = 6 * 1024 * 1024

REFUSALS = {
    "kind": InvalidInput("The file is neither XLSX nor CSV. Send the score sheet of your packet", field="file"),
    "broken": InvalidInput("The file cannot be read: it is damaged or is not a table", field="file"),
    "large": InvalidInput("The file is too large for a score sheet", field="file"),
    "locked": InvalidInput("The file is closed with a password. Save it without one", field="file"),
    "links": InvalidInput(
        "The file holds macros, links to other files or embedded things. Save only the tables", field="file"
    ),
}


@dataclass(frozen=True)
class Workbook:
    """A workbook to fill in (see `drawing.workbook`)."""

    sheets: list[dict[str, Any]] = field(default_factory=list)


def pack(
    documents: Sequence[tuple[str, Document]],
    workbooks: Sequence[tuple[str, Workbook]],
    texts: Sequence[tuple[str, str]],
    files: Iterable[tuple[str, bytes]],
) -> IO[bytes]:
    """The ZIP in a temporary file: drawings from one child process, then `files` as they are, one in memory at a time.

    Raises RuntimeError with the child's last words if it fails.
    """
    payload = {
        "documents": [[name, to_draw(one)] for name, one in documents],
        "workbooks": [[name, asdict(one)] for name, one in workbooks],
        "texts": [list(pair) for pair in texts],
    }
    parcel = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    try:
        _child("parcel", json.dumps(payload, ensure_ascii=False).encode(), parcel)
        with zipfile.ZipFile(parcel, "a", zipfile.ZIP_STORED) as archive:
            for name, body in files:
                archive.writestr(name, body)
    except BaseException:
        parcel.close()
        raise
    return parcel


def send(parcel: IO[bytes], file_name: str) -> Response:
    """The parcel in chunks, as an attachment; closed when it has gone."""
    size = parcel.seek(0, 2)
    parcel.seek(0)

    def chunks() -> Iterator[bytes]:
        while chunk := parcel.read(CHUNK):
            yield chunk

    response = Response(chunks(), content_type="application/zip")
    response.content_length = size
    response.call_on_close(parcel.close)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def read_tables(body: bytes) -> list[Table]:
    """The sheets of a file that somebody sent. Raises InvalidInput (field "file") for one that may not be read."""
    if not body or len(body) > LARGEST_TABLES:
        raise REFUSALS["large" if body else "broken"]
    with tempfile.TemporaryFile() as out:
        try:
            _child("tables", body, out, timeout=40)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            raise REFUSALS["large"] from error
        out.seek(0)
        answer = json.load(out)
    if "error" in answer:
        raise REFUSALS[answer["error"]]
    return [
        Table(sheet["name"], [TableRow(row["number"], _cells(row["cells"])) for row in sheet["rows"]])
        for sheet in answer["sheets"]
    ]


def _cells(found: dict[str, list[str]]) -> dict[str, Cell]:
    return {column: Cell(kind, text) for column, (kind, text) in found.items()}


def _child(kind: str, given: bytes, out: IO[bytes], *, timeout: int = 300) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grants_app.web.drawing", kind],
        input=given,
        stdout=out,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        timeout=timeout,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"drawing {kind} failed: {done.stderr.decode(errors='replace')[-2000:]}")
