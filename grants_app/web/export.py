"""What you see is what you export: the rows of the page as JSON, CSV, XLSX or PDF.

PDF and XLSX are drawn in a child process, so that a web worker never loads those libraries.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec
from urllib.parse import quote

from flask import Response
from flask_babel import force_locale, gettext

from grants_app.web.columns import Columns, Sheet, safe_cell, sheet, written
from grants_app.web.formatting import language

SUFFIXES = ("json", "csv", "xlsx", "pdf")
MEDIA = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
ROOT = Path(__file__).resolve().parents[2]
P = ParamSpec("P")
OFFICIAL = "uk"  # the language of official acts
# Told of every file in which private persons stand by name: its name and kind, how many rows, the competition.
Watcher = Callable[[str, str, int, str | None], None]
_watchers: list[Watcher] = []


@dataclass(frozen=True)
class Block:
    """One block of a document, drawn in order.

    kind: "heading" (text) | "text" (text) | "facts" (pairs) | "table" (table) | "list" (items) | "space"
    | "signatures" (pairs of office and name) | "qr" (text) | "page" (new page). Texts are plain: markup is escaped.
    """

    kind: str
    text: str = ""
    pairs: list[tuple[str, str]] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    table: dict[str, Any] | None = None


@dataclass(frozen=True)
class Document:
    """A document to draw: heads, blocks, and the words of the page foot («page %d of %d»).

    It speaks the reader's language, or Ukrainian where it is built as an `act`. What is signed is the Ukrainian paper:
    in another language a note stands where the signatures would.
    """

    title: str
    blocks: list[Block]
    caption: str = ""
    number: str = ""
    landscape: bool = False
    foot: str = ""
    page_words: str = ""
    lang: str = field(default_factory=language)
    watermark: str = ""  # across every page: whose copy it is
    is_constant: bool = False  # the same contents give the same bytes, whenever it is drawn


def table_block(content: Sheet, *, caption: str = "") -> Block:
    """A table block from a sheet."""
    return Block("table", text=caption, table=asdict(content))


def act(build: Callable[P, Document]) -> Callable[P, Document]:
    """An official act: it is built in Ukrainian, whatever language its reader has chosen."""

    @wraps(build)
    def built(*args: P.args, **kwargs: P.kwargs) -> Document:
        with force_locale(OFFICIAL):
            return build(*args, **kwargs)

    return built


def draw(document: Document) -> bytes:
    """The PDF of a document, drawn in a child process. Raises RuntimeError with its last words if it fails."""
    return _child("pdf", to_draw(document))


def to_draw(document: Document) -> dict[str, Any]:
    """The document as the drawing process gets it."""
    with force_locale(document.lang):
        words = document.page_words or gettext("page %d of %d")
        note = Block("text", text=gettext("A translation for reading: what is signed is the paper in Ukrainian."))
    is_official = document.lang == OFFICIAL
    blocks = [one if is_official or one.kind != "signatures" else note for one in document.blocks]
    return {**asdict(document), "blocks": [asdict(one) for one in blocks], "page_words": words}


def _child(kind: str, payload: dict[str, Any]) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "grants_app.web.drawing", kind],
        input=json.dumps(payload, ensure_ascii=False).encode(),
        capture_output=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"drawing {kind} failed: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def respond(
    rows: Sequence[object],
    schema: type[Columns],
    suffix: str,
    *,
    file_name: str,
    document: Document,
    scope: str | None = None,
) -> Response:
    """The rows in the form that `suffix` names. `document` frames the PDF: a block of kind "rows" stands for the table.

    JSON: {"title", "rows": […]}, CSV: UTF-8 with BOM and semicolons (Excel in Ukrainian opens it), first line headings.
    A schema that `names_people` has its file noted under `scope`, the competition.
    """
    answer = _answer(rows, schema, suffix, file_name=file_name, document=document)
    if schema.names_people:
        note_file(file_name, suffix, len(rows), scope)
    return answer


def watch_files(watcher: Watcher) -> None:
    """Let the journal know of files in which private persons stand by name."""
    _watchers[:] = [watcher]


def note_file(file_name: str, suffix: str, count: int, scope: str | None = None) -> None:
    """Say that such a file leaves; for documents that are no table of a schema."""
    for watcher in _watchers:
        watcher(file_name, suffix, count, scope)


def _answer(
    rows: Sequence[object], schema: type[Columns], suffix: str, *, file_name: str, document: Document
) -> Response:
    if suffix == "json":
        body = json.dumps({"title": document.title, "rows": schema().dump(list(rows), many=True)}, ensure_ascii=False)
        return download(body.encode(), suffix, file_name)
    with force_locale(document.lang):
        content = sheet(rows, schema)
    if suffix == "csv":
        return download(_csv(content, written(rows, schema)), suffix, file_name)
    if suffix == "xlsx":
        return download(_child("xlsx", {"title": document.title, **asdict(content)}), suffix, file_name)
    blocks = [table_block(content, caption=block.text) if block.kind == "rows" else block for block in document.blocks]
    framed = Document(**{**{name: getattr(document, name) for name in document.__dataclass_fields__}, "blocks": blocks})
    return download(draw(framed), suffix, file_name)


def download(body: bytes, suffix: str, file_name: str) -> Response:
    """An answer that browsers save under `file_name`.suffix, never show inside the site."""
    response = Response(body, content_type=MEDIA[suffix])
    name = f"{file_name}.{suffix}"
    plain = name.encode("ascii", "ignore").decode() or f"export.{suffix}"
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return response


def _csv(content: Sheet, cells: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe_cell(heading) for heading in content.headings])
    for row in cells:
        writer.writerow(
            [cell if numeric else safe_cell(cell) for cell, numeric in zip(row, content.numeric, strict=True)]
        )
    return "\ufeff".encode() + text.getvalue().encode()
