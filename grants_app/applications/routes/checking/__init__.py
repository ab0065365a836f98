"""The desk of the formal check: the queue, one application, returns, marks of the radar, steps on many at once."""

from __future__ import annotations

from grants_app.applications.queries.flags import withheld_flags
from grants_app.applications.routes.checking import bulk, flags, queue, returning, sheet
from grants_app.journal.queries import describe, withhold_by
from grants_app.web import panels

__all__ = ["bulk", "flags", "queue", "returning", "sheet"]

describe(
    {
        "flag": "Mark of the radar",
        "bulk_step": "Step on many applications",
        "bulk_step.take": "Taken",
        "application.propose_admission": "Admission proposed to the commission",
        "application.propose_refusal": "Refusal of admission proposed to the commission",
        "application.take_proposal_back": "Proposal to the commission taken back",
        "application.take_check": "Taken into the formal check",
        "application.leave_check": "Left to others to check",
        "application.renew_term": "Term of correction counted from the day of the letter",
    }
)
withhold_by(withheld_flags)
panels.register_due("formal_check", queue.due_checks)
