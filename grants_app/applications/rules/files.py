"""Papers of an application: how many and how large, and which of them are signatures."""

from __future__ import annotations

from grants_app.core.inspection import MEDIA_TYPES, clean_name, inspect, kind_of
from grants_app.core.storage import MOST_AT_ONCE_MB

__all__ = [
    "CONTAINER",
    "MAX_TOTAL_MB",
    "MEDIA_TYPES",
    "SIGNATURE_KINDS",
    "SIGNED_FORM",
    "clean_name",
    "inspect",
    "kind_of",
]

MAX_TOTAL_MB = MOST_AT_ONCE_MB  # all files of one application together

# Files by which an application is signed. They hold everything the head signed, also what only the secretary reads, so
# they never stand among the papers that experts and the commission get.
SIGNED_FORM = "signed_form"
CONTAINER = "signature_container"
SIGNATURE_KINDS: dict[str, str] = {
    SIGNED_FORM: "Signed application (scan or electronic signature)",
    CONTAINER: "Container with the electronic signature",
}
