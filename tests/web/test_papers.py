"""Papers as they are drawn: no page of them is empty."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DRAW = """
import sys
from grants_app.web.drawing.pdf import draw_pdf
for spaces in range(5):
    for rows in range(38, 50):
        table = {"headings": ["A"], "numeric": [False], "widths": [1.0], "cells": [[f"row {n}"] for n in range(rows)]}
        paper = {
            "title": "T", "caption": "", "number": "", "foot": "", "page_words": "%d/%d", "landscape": False,
            "lang": "uk", "blocks": [{"kind": "space"}] * spaces + [{"kind": "table", "text": "", "table": table}],
        }
        with open(f"{sys.argv[1]}/{spaces}-{rows}.pdf", "wb") as file:
            file.write(draw_pdf(paper))
"""


def test_table_that_fills_its_page_leaves_no_empty_one(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", DRAW, str(tmp_path)], check=True)
    empty = []
    for paper in sorted(tmp_path.glob("*.pdf")):
        told = subprocess.run(["pdftotext", str(paper), "-"], capture_output=True, check=True, text=True).stdout
        pages = told.split("\f")[:-1]
        empty += [(paper.name, number) for number, page in enumerate(pages, 1) if "row" not in page]
    assert empty == []
