"""What may be attached: type by content and by name, ZIP containers looked into before anything opens them."""

from __future__ import annotations

import io
import re
import zipfile

import filetype

from grants_app.core import words
from grants_app.core.errors import InvalidInput

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "p7s": "application/pkcs7-signature",
    "asice": "application/vnd.etsi.asic-e+zip",
}
SIMPLE = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
MAX_MEMBERS = 2_000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")  # OID of PKCS#7 signed data
NAME_LIMIT = 150

NOT_SUITABLE = "The file “%(name)s” does not suit. Attach PDF, JPG, PNG, XLSX, DOCX, p7s or asice up to %(most)s MB"


def clean_name(name: str) -> str:
    """The last part of a path in one line, without signs that mean something to a file system."""
    last = re.split(r"[/\\]", words.one_line(name))[-1]
    last = re.sub(r'[<>:"|?*]', "_", last).strip(" .")
    stem, dot, extension = last.rpartition(".")
    if not dot:
        return last[:NAME_LIMIT]
    return f"{stem[: NAME_LIMIT - len(extension) - 1]}.{extension}"


def inspect(name: str, body: bytes, *, limit_mb: int) -> tuple[str, str]:
    """The name as it is kept and the media type. Raises InvalidInput (field "file") for what is not allowed."""
    kept = clean_name(name)
    refusal = InvalidInput(NOT_SUITABLE, field="file", facts={"name": kept or "?", "most": limit_mb})
    if not body or len(body) > limit_mb * 1024 * 1024:
        raise refusal
    extension = kept.rpartition(".")[2].lower().replace("jpeg", "jpg")
    kind = kind_of(body)
    if kind is None or kind != extension or not kept.rpartition(".")[0]:
        raise refusal
    return kept, MEDIA_TYPES[kind]


def kind_of(body: bytes) -> str | None:
    """The kind of a file by its bytes alone; None for what is not allowed."""
    if body[:4] == b"PK\x03\x04":
        return _kind_of_container(body)
    if body[:1] == b"\x30" and SIGNED_DATA in body[:40]:
        return "p7s"
    guessed = filetype.guess(body)
    return SIMPLE.get(guessed.mime) if guessed is not None else None


def _kind_of_container(body: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            if not _is_harmless(members, len(body)):
                return None
            names = {member.filename for member in members}
            if "mimetype" in names:
                declared = archive.getinfo("mimetype")
                is_signed = (
                    declared.file_size < 200
                    and archive.read(declared).decode("ascii", "replace").strip() == (MEDIA_TYPES["asice"])
                )
                return "asice" if is_signed else None
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    if "xl/workbook.xml" in names:
        return "xlsx"
    return "docx" if "word/document.xml" in names else None


def _is_harmless(members: list[zipfile.ZipInfo], size: int) -> bool:
    """Counted and summed before anything is unpacked; encrypted members, macros and climbing names are refused."""
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(size, 1):
        return False
    for member in members:
        name = member.filename.replace("\\", "/")
        if member.flag_bits & 0x1 or name.startswith("/") or ".." in name.split("/"):
            return False
        if name.lower().endswith(("vbaproject.bin", ".exe", ".dll", ".js", ".vbs", ".bat", ".cmd", ".ps1")):
            return False
    return True
