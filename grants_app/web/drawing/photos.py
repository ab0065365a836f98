"""Photographed pages as one PDF: turned by what the camera noted, made small enough to send, one to a page.

Runs in a child process. Only the pixels are taken over: where and with what a photo was taken stays out.
"""

from __future__ import annotations

import io
import resource
import warnings
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

MEMORY = 1_400 * 1024 * 1024
SECONDS = 80
MOST_PIXELS = 64_000_000
LONGEST_SIDE = 2_200  # about 190 dots an inch on A4: small print stays readable
QUALITY = 82
MARGIN = 8 * mm


class RefusedError(Exception):
    """A photo that cannot be taken: its number, and a word."""


def hold_down() -> None:
    """Put the ceiling on this process."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def join(payload: dict[str, Any]) -> dict[str, Any]:
    """{"pages": n}, or {"error": word, "number": which photo}."""
    canvas = Canvas(payload["target"], pagesize=A4, invariant=1, lang=payload["lang"])
    canvas.setTitle(payload["title"])
    canvas.setAuthor("")
    for number, path in enumerate(payload["photos"], start=1):
        try:
            _add_page(canvas, path)
        except RefusedError as refusal:
            return {"error": str(refusal), "number": number}
        except MemoryError:
            return {"error": "large", "number": number}
    canvas.save()
    return {"pages": len(payload["photos"])}


def _add_page(canvas: Canvas, path: str) -> None:
    picture, width, height = _page_of(path)
    page = landscape(A4) if width > height else A4
    scale = min((page[0] - 2 * MARGIN) / width, (page[1] - 2 * MARGIN) / height)
    canvas.setPageSize(page)
    canvas.drawImage(
        ImageReader(picture),
        (page[0] - width * scale) / 2,
        (page[1] - height * scale) / 2,
        width * scale,
        height * scale,
    )
    canvas.showPage()


def _page_of(path: str) -> tuple[io.BytesIO, int, int]:
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(path, formats=("JPEG", "PNG", "AVIF")) as photo:
            if photo.width * photo.height > MOST_PIXELS:
                raise RefusedError("large")
            photo.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            turned = ImageOps.exif_transpose(photo)
            turned.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            plain = _on_white(turned)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RefusedError("large") from error
    except UnidentifiedImageError as error:
        raise RefusedError("kind") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise RefusedError("broken") from error
    body = io.BytesIO()
    plain.save(body, "JPEG", quality=QUALITY)
    body.seek(0)
    return body, plain.width, plain.height


def _on_white(picture: Image.Image) -> Image.Image:
    """Without transparency: what was see-through is paper."""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(white, layered).convert("RGB")
    return picture.convert("L") if picture.mode in {"1", "L"} else picture.convert("RGB")
