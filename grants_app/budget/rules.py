"""Words of the money: sources and kinds of entries as English msgids."""

from __future__ import annotations

SOURCES: dict[str, str] = {"city": "City budget", "grant": "Grant money"}
KINDS: dict[str, str] = {
    "limit": "Limit set or changed",
    "reserve": "Reserved",
    "release": "Reservation released",
    "spend": "Paid",
    "refund": "Returned",
}
