"""Whether a contract needs the bank account of an organisation: a later stage says so."""

from __future__ import annotations

from collections.abc import Callable

# A later stage adds when its contract with the organisation waits for an account.
account_askers: list[Callable[[int], bool]] = []


def is_account_asked(organisation_id: int) -> bool:
    """Whether some contract of the organisation needs its account now."""
    return any(asks(organisation_id) for asks in account_askers)
