"""Fingerprints: SHA-256 over canonical JSON, so that anybody can check that two inputs are the same."""

from __future__ import annotations

import hashlib
import json
from typing import Final

ENGINE_VERSION: Final = "1.0.0"


def canonical_json(value: object) -> str:
    """Write JSON in the one form that is hashed: sorted keys, no spaces, letters as they are.

    >>> canonical_json({"б": 1, "a": [None, "x"]})
    '{"a":[null,"x"],"б":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_text(text: str) -> str:
    """Hash a text that is canonical JSON already.

    >>> digest_text("[]")[:20]
    'sha256:4f53cda18c2ba'
    """
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def digest(value: object) -> str:
    """Hash plain data (JSON types) by its canonical form.

    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    True
    """
    return digest_text(canonical_json(value))
