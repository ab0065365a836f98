"""Limits of days that the procedure keeps for every call (Law 2073-IX, Art. 33; the city's own practice)."""

from __future__ import annotations

WORKING_LIMIT = 10  # terms up to so many days run in working days
DEFECT_NOTICE_DAYS = 3
ACCEPT_DAYS = 10
COMPLAINT_DAYS = 30
CONTRACT_DAYS = 20
REPORT_DAYS = 15
RETURN_DAYS = 5


def is_working(days: int) -> bool:
    """Whether a term of so many days runs in working days.

    >>> is_working(10), is_working(30)
    (True, False)
    """
    return days <= WORKING_LIMIT
