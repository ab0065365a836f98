"""Letters of bulk steps in tests: released as the secretary would."""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.database import db, unit_of_work
from grants_app.journal.batches import release_batch
from grants_app.journal.models import LetterBatch
from grants_app.lifecycle import LetterBatchState


def release_all(secretary: User) -> int:
    """Release every list that waits; gives how many there were."""
    with unit_of_work():
        held = list(db.session.scalars(sa.select(LetterBatch).filter_by(state=LetterBatchState.HELD)))
        for batch in held:
            release_batch(batch, by=secretary)
    return len(held)
