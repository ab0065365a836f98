"""Who must hear that a call was amended: heads and members of every organisation that applies to it."""

from __future__ import annotations

from grants_app.applications.services.telling import APPLYING, owners_of
from grants_app.competitions.models import Competition
from grants_app.competitions.services.amendments import Holder


def holders_of(competition: Competition) -> list[Holder]:
    """One line a person; the letter is filed under an application of theirs, so that it is sealed as that one is."""
    return [Holder(person, code) for person, code in owners_of(competition, APPLYING)]
