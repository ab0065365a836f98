"""The frame of every PDF: DejaVu Sans, head, blocks in order, «page x of y», signature block.

All texts are escaped: reportlab's paragraphs obey markup, and people's texts must not.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, TableStyle

FONTS = Path(__file__).resolve().parents[2] / "static" / "vendor"
INK, QUIET, LINE, HEAD = (colors.HexColor(value) for value in ("#17212b", "#4b5761", "#b9c1c0", "#eef2f2"))
# One long table is split anew for every page (quadratic); tables of this many rows keep it linear.
ROWS_A_TABLE = 100
MARGIN = 16 * mm
FRAME_PADDING = 6  # points, reportlab's own inside every frame
WIDEST_WORD = 0.3  # of the table: a longer word may break

_STYLES: dict[str, ParagraphStyle] = {}


def draw_pdf(payload: dict[str, Any]) -> bytes:
    """The PDF of a document (see `export.Document`)."""
    _prepare()
    size = landscape(A4) if payload["landscape"] else A4
    buffer = io.BytesIO()
    template = SimpleDocTemplate(
        buffer,
        pagesize=size,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=18 * mm,
        title=payload["title"],
        author="",
        lang=payload["lang"],
        invariant=1 if payload.get("is_constant") else None,
    )
    width = size[0] - 2 * MARGIN - 2 * FRAME_PADDING
    story: list[Flowable] = []
    if payload["caption"]:
        story.append(_text(payload["caption"], "quiet"))
    story.append(_text(payload["title"], "title"))
    if payload["number"]:
        story.append(_text(payload["number"], "quiet"))
    story.append(Spacer(1, 3 * mm))
    for block in payload["blocks"]:
        story.extend(_flow(block, width))
    while isinstance(story[-1], Spacer):  # room after the last block would open an empty page
        story.pop()

    def canvas(*args: Any, **kwargs: Any) -> NumberedCanvas:
        marks = {"foot": payload["foot"], "words": payload["page_words"], "watermark": payload.get("watermark", "")}
        return NumberedCanvas(*args, **marks, **kwargs)

    template.build(story, canvasmaker=canvas)
    return buffer.getvalue()


class NumberedCanvas(Canvas):
    """A canvas that knows the number of pages when it draws the feet."""

    def __init__(self, *args: Any, foot: str, words: str, watermark: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._foot, self._words, self._watermark = foot, words, watermark
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802  reportlab's name
        """Keep the page till the count is known."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Draw each foot, then save."""
        total = len(self._pages)
        for number, state in enumerate(self._pages, start=1):
            self.__dict__.update(state)
            self.setFont("DejaVu", 7.5)
            self.setFillColor(QUIET)
            self.drawString(MARGIN, 10 * mm, self._foot[:140])
            self.drawRightString(self._pagesize[0] - MARGIN, 10 * mm, self._words % (number, total))
            if self._watermark:
                self._draw_watermark()
            super().showPage()
        super().save()

    def _draw_watermark(self) -> None:
        """Whose copy it is, across the page and faint enough to read through."""
        width, height = self._pagesize
        self.saveState()
        self.setFont("DejaVu-Bold", 26)
        self.setFillColor(INK, alpha=0.07)
        self.translate(width / 2, height / 2)
        self.rotate(50)
        for step in (-1, 0, 1):
            self.drawCentredString(0, step * height / 3.2, self._watermark[:60])
        self.restoreState()


def _prepare() -> None:
    if _STYLES:
        return
    pdfmetrics.registerFont(TTFont("DejaVu", str(FONTS / "DejaVuSans.ttf")))
    pdfmetrics.registerFont(TTFont("DejaVu-Bold", str(FONTS / "DejaVuSans-Bold.ttf")))
    base = ParagraphStyle("text", fontName="DejaVu", fontSize=9.5, leading=13.5, textColor=INK, spaceAfter=4)
    _STYLES["text"] = base
    _STYLES["quiet"] = ParagraphStyle("quiet", parent=base, fontSize=8.5, textColor=QUIET, spaceAfter=2)
    _STYLES["title"] = ParagraphStyle(
        "title", parent=base, fontName="DejaVu-Bold", fontSize=15, leading=19, spaceAfter=3
    )
    _STYLES["heading"] = ParagraphStyle(
        "heading", parent=base, fontName="DejaVu-Bold", fontSize=11, leading=15, spaceBefore=7, keepWithNext=True
    )
    _STYLES["cell"] = ParagraphStyle("cell", parent=base, fontSize=7.8, leading=10, spaceAfter=0)
    _STYLES["number"] = ParagraphStyle("number", parent=_STYLES["cell"], alignment=TA_RIGHT)
    _STYLES["head"] = ParagraphStyle("head", parent=_STYLES["cell"], fontName="DejaVu-Bold", fontSize=7.4)
    _STYLES["head_number"] = ParagraphStyle("head_number", parent=_STYLES["head"], alignment=TA_RIGHT)


def _text(text: str, style: str) -> Paragraph:
    return Paragraph(escape(text).replace("\n", "<br/>"), _STYLES[style])


def _flow(block: dict[str, Any], width: float) -> list[Flowable]:
    kind = block["kind"]
    if kind not in _BLOCKS:
        raise ValueError(f"unknown block kind {kind!r}")
    return _BLOCKS[kind](block, width)


def _paragraph(block: dict[str, Any], _width: float) -> list[Flowable]:
    return [_text(block["text"], block["kind"])]


def _list(block: dict[str, Any], _width: float) -> list[Flowable]:
    return [_text(f"{number}. {item}", "text") for number, item in enumerate(block["items"], start=1)]


def _facts(block: dict[str, Any], width: float) -> list[Flowable]:
    rows = [[_text(name, "quiet"), _text(value, "text")] for name, value in block["pairs"]]
    table = LongTable(rows, colWidths=[width * 0.32, width * 0.68], hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 1.5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    return [table, Spacer(1, 3 * mm)]


def _widths(content: dict[str, Any], width: float) -> list[float]:
    """Column widths in which no word breaks, where the page allows it; the rest goes by the columns' weights."""
    padding = 7.0
    least = []
    for column, heading in enumerate(content["headings"]):
        words = [(word, "DejaVu-Bold", 7.4) for word in heading.split()]
        words += [
            (word, "DejaVu", 7.8) for row in content["cells"] for word in row[column].replace("\n", " ").split(" ")
        ]
        longest = max((pdfmetrics.stringWidth(*word) for word in words), default=0.0)
        least.append(min(longest + padding, WIDEST_WORD * width))
    rest = width - sum(least)
    whole = sum(content["widths"])
    if rest < 0:
        return [width * part / whole for part in content["widths"]]
    return [each + rest * part / whole for each, part in zip(least, content["widths"], strict=True)]


def _table(block: dict[str, Any], width: float) -> list[Flowable]:
    content = block["table"]
    numeric = content["numeric"]
    head = [
        _text(text, "head_number" if right else "head")
        for text, right in zip(content["headings"], numeric, strict=True)
    ]
    widths = _widths(content, width)
    style = TableStyle(
        [
            ("BACKGROUND", (0, 0), (-1, 0), HEAD),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ]
    )
    flow: list[Flowable] = [_text(block["text"], "heading")] if block["text"] else []
    cells = content["cells"]
    for start in range(0, max(len(cells), 1), ROWS_A_TABLE):
        part = [
            [_text(text, "number" if right else "cell") for text, right in zip(row, numeric, strict=True)]
            for row in cells[start : start + ROWS_A_TABLE]
        ]
        # A row taller than a page goes on over the next one instead of stopping the whole paper.
        table = LongTable([head, *part], colWidths=widths, repeatRows=1, splitInRow=1)
        table.setStyle(style)
        flow.append(table)
    flow.append(Spacer(1, 4 * mm))
    return flow


def _signatures(block: dict[str, Any], width: float) -> list[Flowable]:
    rows = [[_text(office, "text"), "", _text(name, "text")] for office, name in block["pairs"]]
    table = LongTable(rows, colWidths=[width * 0.4, width * 0.25, width * 0.35], rowHeights=14 * mm)
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "BOTTOM"), ("LINEBELOW", (1, 0), (1, -1), 0.6, INK)]))
    return [Spacer(1, 8 * mm), table]


def _qr(block: dict[str, Any], _width: float) -> list[Flowable]:
    import segno
    from reportlab.platypus import Image

    picture = io.BytesIO()
    segno.make(block["text"], error="m").save(picture, kind="png", scale=8, border=2)
    picture.seek(0)
    return [Image(picture, width=38 * mm, height=38 * mm, hAlign="LEFT")]


_BLOCKS: dict[str, Callable[[dict[str, Any], float], list[Flowable]]] = {
    "heading": _paragraph,
    "text": _paragraph,
    "quiet": _paragraph,
    "list": _list,
    "facts": _facts,
    "table": _table,
    "signatures": _signatures,
    "qr": _qr,
    "page": lambda _block, _width: [PageBreak()],
    "space": lambda _block, _width: [Spacer(1, 5 * mm)],
}
