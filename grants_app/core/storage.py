"""Files by their content: the SHA-256 of the bytes is the address, so a file can neither be swapped nor lost silently.

Order of a write: temporary file, fsync, rename, fsync of the folder; only then may a row speak of the digest.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

CHUNK = 1024 * 1024
MOST_AT_ONCE_MB = 100  # files of one application together, and of one request
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class TooLargeError(ValueError):
    """More bytes came than are allowed; nothing was kept."""


class DamagedError(RuntimeError):
    """The stored bytes do not have their digest any more."""


@dataclass(frozen=True)
class Stored:
    """What was stored."""

    sha256: str
    size: int


class Storage(Protocol):
    """Where the bytes of attachments lie: a local folder here, an object store elsewhere."""

    def put(self, stream: BinaryIO, *, limit: int) -> Stored: ...

    def read(self, sha256: str) -> bytes: ...

    def has(self, sha256: str) -> bool: ...


class LocalStorage:
    """Files in a local folder, two levels deep by the first signs of the digest."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, stream: BinaryIO, *, limit: int) -> Stored:
        """Store the bytes durably. The same content twice is one file. Raises TooLargeError past `limit` bytes."""
        folder = self.root / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / secrets.token_hex(16)
        try:
            stored = _write(stream, temporary, limit)
            target = self._path(stored.sha256)
            if not target.exists():
                _make_folder(target.parent, self.root)
                temporary.rename(target)
                _sync_folder(target.parent)
            return stored
        finally:
            temporary.unlink(missing_ok=True)

    def read(self, sha256: str) -> bytes:
        """The bytes of a digest. Raises FileNotFoundError, or DamagedError when they are not what was stored."""
        body = self._path(sha256).read_bytes()
        if hashlib.sha256(body).hexdigest() != sha256:
            raise DamagedError(sha256)
        return body

    def has(self, sha256: str) -> bool:
        """Whether the bytes are there."""
        return self._path(sha256).is_file()

    def _path(self, sha256: str) -> Path:
        if not _DIGEST.fullmatch(sha256):
            raise ValueError("a digest is 64 hexadecimal signs")
        return self.root / sha256[:2] / sha256[2:4] / sha256


def _write(stream: BinaryIO, path: Path, limit: int) -> Stored:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > limit:
                raise TooLargeError(limit)
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return Stored(digest.hexdigest(), size)


def _make_folder(folder: Path, root: Path) -> None:
    """Make the folders of a digest, each durable in its parent."""
    missing = []
    while not folder.exists() and folder != root:
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        _sync_folder(one.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
