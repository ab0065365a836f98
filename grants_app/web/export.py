"""What you see is what you export: the rows of the page as JSON, CSV, XLSX or PDF.

PDF and XLSX are drawn in a child process, so that a web worker never loads those libraries.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Response
from flask_babel import gettext

from grants_app.web.columns import Columns, Sheet, safe_cell, sheet, written

SUFFIXES = ("json", "csv", "xlsx", "pdf")
MEDIA = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
ROOT = Path(__file__).resolve().parents[2]


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
    """A document to draw: heads, blocks, and the words of the page foot («page %d of %d»)."""

    title: str
    blocks: list[Block]
    caption: str = ""
    number: str = ""
    landscape: bool = False
    foot: str = ""
    page_words: str = ""
    lang: str = "uk"
    watermark: str = ""  # across every page: whose copy it is
    is_constant: bool = False  # the same contents give the same bytes, whenever it is drawn


def table_block(content: Sheet, *, caption: str = "") -> Block:
    """A table block from a sheet."""
    return Block("table", text=caption, table=asdict(content))


def draw(document: Document) -> bytes:
    """The PDF of a document, drawn in a child process. Raises RuntimeError with its last words if it fails."""
    words = document.page_words or gettext("page %d of %d")
    return _child("pdf", {**asdict(document), "page_words": words})


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
) -> Response:
    """The rows in the form that `suffix` names. `document` frames the PDF: a block of kind "rows" stands for the table.

    JSON: {"title", "rows": […]}, CSV: UTF-8 with BOM and semicolons (Excel in Ukrainian opens it), first line headings.
    """
    if suffix == "json":
        body = json.dumps({"title": document.title, "rows": schema().dump(list(rows), many=True)}, ensure_ascii=False)
        return download(body.encode(), suffix, file_name)
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
