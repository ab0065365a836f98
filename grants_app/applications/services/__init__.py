"""What can be done to applications; only `tick`, called by the clock, opens units of its own."""

from __future__ import annotations

from grants_app.applications.services.admission import (
    MinutesRef,
    admit,
    decide_by_minutes,
    propose_admission,
    propose_refusal,
    reject,
    take_proposal_back,
)
from grants_app.applications.services.budget import autosave_budget, budget_digest, save_budget, save_corrected_budget
from grants_app.applications.services.drafts import save_answers, start_application
from grants_app.applications.services.formal_check import (
    check_requirement,
    return_for_correction,
    save_correction,
    send_correction,
    start_formal_check,
    take_check,
)
from grants_app.applications.services.intake import close_intake, tick
from grants_app.applications.services.leaving import delete_draft
from grants_app.applications.services.loading import lock_draft, lock_returned
from grants_app.applications.services.papers import add_attachment, attach_from_library, remove_attachment
from grants_app.applications.services.prefill import take_answer
from grants_app.applications.services.presence import see
from grants_app.applications.services.submission import recall, submit_application, withdraw

__all__ = [
    "MinutesRef",
    "add_attachment",
    "admit",
    "attach_from_library",
    "autosave_budget",
    "budget_digest",
    "check_requirement",
    "close_intake",
    "decide_by_minutes",
    "delete_draft",
    "lock_draft",
    "lock_returned",
    "propose_admission",
    "propose_refusal",
    "recall",
    "reject",
    "remove_attachment",
    "return_for_correction",
    "save_answers",
    "save_budget",
    "save_corrected_budget",
    "save_correction",
    "see",
    "send_correction",
    "start_application",
    "start_formal_check",
    "submit_application",
    "take_answer",
    "take_check",
    "take_proposal_back",
    "tick",
    "withdraw",
]
