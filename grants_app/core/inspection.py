"""What a file really is: its kind by content and by name, looked into before anything opens it.

Containers are counted and unpacked within bounds (`core.archives`), PDFs are searched for what acts by itself
(`core.pdf_safety`); a name is kept in one line without signs that deceive the eye or a file system.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

import filetype

from grants_app.core import words
from grants_app.core.archives import MIMETYPES, kind_of_archive
from grants_app.core.errors import InvalidInput
from grants_app.core.pdf_safety import fault_of_pdf

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": MIMETYPES["odt"],
    "p7s": "application/pkcs7-signature",
    "asice": MIMETYPES["asice"],
}
KIND_OF_MEDIA = {media: kind for kind, media in MEDIA_TYPES.items()}
SIMPLE = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
PHONE_PHOTOS = frozenset({"image/heic", "image/heif", "image/avif"})
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # OID of PKCS#7 signed data
NAME_LIMIT = 150

NOT_SUITABLE = (
    "The file “%(name)s” does not suit. Attach PDF, JPG, PNG, XLSX, DOCX, ODT, p7s or asice up to %(most)s MB"
)
TOO_LARGE = "The file “%(name)s” is larger than %(most)s MB"
EMPTY = "The file “%(name)s” is empty"
OTHER_INSIDE = "The file “%(name)s” is called otherwise than what it holds. Save it again in its own program"
PHONE_PHOTO = "The photo “%(name)s” is in a format that not everybody can open. Save it as JPG and attach that"
FAULTS = {
    "damaged": "The file “%(name)s” is damaged: it does not open. Save it again and attach that",
    "bomb": "The file “%(name)s” unpacks to far more than it may, or holds archives inside. Save it again without them",
    "program": "The file “%(name)s” holds macros or programs. Save it without them",
    "locked": "The file “%(name)s” is closed with a password. Save it without one",
    "acts": (
        "The document “%(name)s” holds a script or starts something by itself. Print it to PDF once more and attach "
        "that copy"
    ),
    "embedded": (
        "The document “%(name)s” carries other files inside, which nobody would see. Attach them apart, and the "
        "document printed to PDF once more"
    ),
    "hidden": "Parts of the document “%(name)s” cannot be looked into. Print it to PDF once more and attach that copy",
}


class Paper(NamedTuple):
    """A file that may be kept: its clean name, media type and kind."""

    name: str
    media_type: str
    kind: str


def clean_name(name: str) -> str:
    """The last part of a path in one line, without signs that mean something to a file system or turn the reading."""
    last = re.split(r"[/\\]", words.one_line(name))[-1]
    # Everything that draws nothing but changes what the eye reads: direction marks, joiners, tags, private signs.
    last = "".join(sign for sign in last if unicodedata.category(sign) not in {"Cf", "Cc", "Co", "Cs", "Cn"})
    last = re.sub(r'[<>:"|?*]', "_", last).strip(" .")
    stem, dot, extension = last.rpartition(".")
    if not dot:
        return last[:NAME_LIMIT]
    return f"{stem[: NAME_LIMIT - len(extension) - 1]}.{extension}"


def inspect(name: str, body: bytes, *, limit_mb: int) -> Paper:
    """The file as it is kept. Raises InvalidInput (field "file") that says what is wrong with this file, by name."""
    kept = clean_name(name)
    stem, _, extension = kept.rpartition(".")
    extension = extension.lower().replace("jpeg", "jpg")

    def refusal(message: str) -> InvalidInput:
        return InvalidInput(message, field="file", facts={"name": kept or "?", "most": limit_mb})

    if not body:
        raise refusal(EMPTY)
    if len(body) > limit_mb * 1024 * 1024:
        raise refusal(TOO_LARGE)
    kind, fault = look(body)
    if fault is not None:
        raise refusal(FAULTS[fault] if stem and extension in MEDIA_TYPES else NOT_SUITABLE)
    if kind is None or not stem:
        raise refusal(PHONE_PHOTO if _is_phone_photo(body) else NOT_SUITABLE)
    if kind != extension:
        raise refusal(OTHER_INSIDE if extension in MEDIA_TYPES else NOT_SUITABLE)
    return Paper(kept, MEDIA_TYPES[kind], kind)


def kind_of(body: bytes) -> str | None:
    """The kind of a file by its bytes alone; None for what is not allowed."""
    kind, fault = look(body)
    return kind if fault is None else None


def look(body: bytes) -> tuple[str | None, str | None]:
    """The kind of a file by its bytes, and what is wrong with it (a key of FAULTS)."""
    if body[:4] == b"PK\x03\x04":
        return kind_of_archive(body)
    if body[:1] == b"\x30" and SIGNED_DATA in body[:40]:
        return "p7s", None
    guessed = filetype.guess(body)
    kind = SIMPLE.get(guessed.mime) if guessed is not None else None
    return kind, fault_of_pdf(body) if kind == "pdf" else None


def _is_phone_photo(body: bytes) -> bool:
    guessed = filetype.guess(body)
    return guessed is not None and guessed.mime in PHONE_PHOTOS
