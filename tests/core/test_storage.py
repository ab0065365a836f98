"""Files by their digest: durable, never swapped, never half."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest

from grants_app.core.storage import DamagedError, LocalStorage, TooLargeError

BODY = b"letter of support" * 1000


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def test_put_addresses_by_content(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    stored = storage.put(io.BytesIO(BODY), limit=len(BODY))
    assert (stored.sha256, stored.size) == (hashlib.sha256(BODY).hexdigest(), len(BODY))
    assert storage.read(stored.sha256) == BODY
    assert storage.has(stored.sha256)


def test_put_twice_keeps_one_file(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    first, second = (storage.put(io.BytesIO(BODY), limit=len(BODY)) for _ in range(2))
    assert (first, len(_files(tmp_path))) == (second, 1)


def test_put_past_the_limit_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TooLargeError):
        LocalStorage(tmp_path).put(io.BytesIO(BODY), limit=len(BODY) - 1)
    assert _files(tmp_path) == []


def test_put_syncs_file_before_rename_and_folder_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order that survives a power cut, read off the system calls."""
    calls: list[str] = []
    sync, rename = os.fsync, Path.rename

    def seen_sync(handle: int) -> None:
        calls.append("fsync folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "fsync file")
        sync(handle)

    def seen_rename(path: Path, target: Path) -> Path:
        calls.append("rename")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", seen_sync)
    monkeypatch.setattr(Path, "rename", seen_rename)
    LocalStorage(tmp_path).put(io.BytesIO(BODY), limit=len(BODY))
    assert (calls[0], calls[-2:]) == ("fsync file", ["rename", "fsync folder"])


def test_read_of_changed_bytes_refused(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    stored = storage.put(io.BytesIO(BODY), limit=len(BODY))
    _files(tmp_path)[0].write_bytes(b"another letter")
    with pytest.raises(DamagedError):
        storage.read(stored.sha256)


@pytest.mark.parametrize("digest", ["../../etc/passwd", "", "A" * 64, "0" * 63])
def test_read_takes_digests_only(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ValueError):
        LocalStorage(tmp_path).read(digest)
