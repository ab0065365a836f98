"""ZIP containers (office documents, signature containers): looked through within bounds before anybody opens them.

What a container declares is not believed: every member is unpacked once, by pieces, against one common budget.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass

MIMETYPES = {
    "asice": "application/vnd.etsi.asic-e+zip",
    "odt": "application/vnd.oasis.opendocument.text",
}
MAX_MEMBERS = 2_000
MAX_UNPACKED = 120 * 1024 * 1024
MAX_RATIO = 200
MAX_DEPTH = 2  # a signed container may hold a document, a document a table of its chart; nothing deeper
MAX_NESTED = 24 * 1024 * 1024
PIECE = 256 * 1024
ZIP_START = b"PK\x03\x04"
# Of other packings the library unpacks whatever one piece gives at once: a kilobyte of bzip2 is a gigabyte.
PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00")
PROGRAMS = (".exe", ".dll", ".js", ".vbs", ".bat", ".cmd", ".ps1", ".scr", ".com", ".jar", ".lnk", ".hta", ".class")
MACROS = ("vbaproject.bin", "vbadata.xml")
ODF_SCRIPTS = ("scripts/", "basic/")


class FaultError(Exception):
    """What is wrong with a container, in one word: damaged, bomb, program, locked."""


# How the libraries say that a container is torn; a member that wants a password is a RuntimeError beside these.
DAMAGE = (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, KeyError, OSError, zlib.error)


@dataclass
class _Budget:
    members: int = MAX_MEMBERS
    bytes: int = MAX_UNPACKED


def kind_of_archive(body: bytes) -> tuple[str | None, str | None]:
    """The kind of a container (xlsx, docx, odt, asice) and what is wrong with it; (None, None) for any other ZIP."""
    try:
        return _look_through(body, _Budget(), depth=0), None
    except FaultError as fault:
        return None, str(fault)
    except DAMAGE:
        return None, "damaged"
    except RuntimeError:  # how the library says that a member wants a password
        return None, "locked"


def _look_through(body: bytes, budget: _Budget, *, depth: int) -> str | None:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        members = archive.infolist()
        _refuse_by_list(members, len(body), budget)
        if not {member.compress_type for member in members} <= PACKINGS:
            raise FaultError("damaged")
        names = {member.filename for member in members}
        kind = _kind_by(archive, names)
        for member in members:
            _unpack(archive, member, budget, depth=depth)
    return kind


def _refuse_by_list(members: list[zipfile.ZipInfo], size: int, budget: _Budget) -> None:
    """Counted and summed before anything is unpacked; encrypted members, macros, climbing names, overlaps refused."""
    budget.members -= len(members)
    unpacked = sum(member.file_size for member in members)
    if budget.members < 0 or unpacked > budget.bytes or unpacked > MAX_RATIO * max(size, 1):
        raise FaultError("bomb")
    # Several entries over the same packed bytes: how small files unpack to terabytes.
    if len({member.header_offset for member in members}) < len(members):
        raise FaultError("bomb")
    if sum(member.compress_size for member in members) > size:
        raise FaultError("bomb")
    for member in members:
        name = member.filename.replace("\\", "/").lower()
        if member.flag_bits & 0x1:
            raise FaultError("locked")
        if name.startswith("/") or ".." in name.split("/"):
            raise FaultError("damaged")
        if name.endswith((*MACROS, *PROGRAMS)) or name.startswith(ODF_SCRIPTS):
            raise FaultError("program")


def _kind_by(archive: zipfile.ZipFile, names: set[str]) -> str | None:
    if "mimetype" in names:
        declared = archive.getinfo("mimetype")
        text = archive.read(declared).decode("ascii", "replace").strip() if declared.file_size < 200 else ""
        return next((kind for kind, mimetype in MIMETYPES.items() if mimetype == text), None)
    if "[Content_Types].xml" not in names:
        return None
    if "xl/workbook.xml" in names:
        return "xlsx"
    return "docx" if "word/document.xml" in names else None


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget, *, depth: int) -> None:
    """Read a member to its end by pieces: sizes and checksums must be true, archives inside are looked into too."""
    nested: list[bytes] = []
    with archive.open(member) as stream:
        start = stream.read(PIECE)
        is_nested = start.startswith(ZIP_START)
        if start.startswith(ARCHIVES):
            raise FaultError("bomb")
        piece = start
        size = 0
        while piece:
            size += len(piece)
            budget.bytes -= len(piece)
            if budget.bytes < 0 or (is_nested and size > MAX_NESTED):
                raise FaultError("bomb")
            if is_nested:
                nested.append(piece)
            piece = stream.read(PIECE)
    if not is_nested:
        return
    if depth + 1 > MAX_DEPTH or _look_through(b"".join(nested), budget, depth=depth + 1) is None:
        raise FaultError("bomb")
