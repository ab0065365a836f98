"""Keeping sheets in a browser for work without a network: what leaves the server is noted, one line for each."""

from __future__ import annotations

from collections.abc import Sequence

from grants_app.accounts.models import User
from grants_app.core.errors import NotAllowed
from grants_app.journal.services import record
from grants_app.reviews import policy
from grants_app.reviews.models import Assignment


def note_kept(assignments: Sequence[Assignment], by: User) -> None:
    """Note that texts of these applications are copied into the expert's browser.

    Raises NotAllowed when one of them is not open to write in.
    """
    for assignment in assignments:
        refusal = policy.why_not_score(by, assignment)
        if refusal is not None:
            raise NotAllowed(refusal)
        record(
            thing="assignment",
            code=assignment.journal_code,
            scope=assignment.journal_scope,
            step="keep_offline",
            by=by,
        )
