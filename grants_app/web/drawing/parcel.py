"""Many drawings in one ZIP, made by one child process: documents, a workbook, plain texts."""

from __future__ import annotations

import zipfile
from typing import Any, BinaryIO

from grants_app.web.drawing.pdf import draw_pdf
from grants_app.web.drawing.workbook import draw_workbook


def draw_parcel(payload: dict[str, Any], out: BinaryIO) -> None:
    """Write the ZIP: {"documents": [[name, document]], "workbooks": [[name, workbook]], "texts": [[name, text]]}."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in payload["texts"]:
            archive.writestr(name, text.encode("utf-8-sig"))
        for name, workbook in payload["workbooks"]:
            archive.writestr(name, draw_workbook(workbook))
        for name, document in payload["documents"]:
            archive.writestr(name, draw_pdf(document))
