"""Settings of submission and check: how the head signs, what is sealed, late uploads, who decides on admission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grants_app.competitions.models import Competition
from grants_app.competitions.rules import ADMISSION_BY, MOST_GRACE_MINUTES, SIGNATURE_MODES
from grants_app.competitions.services.settings import editable, saved
from grants_app.core.errors import InvalidInput
from grants_app.journal.services import Actor


@dataclass(frozen=True)
class IntakeSetting:
    """How applications are taken; the applicant chooses among the ways of signing."""

    signature_modes: Sequence[str] = ("confirm",)
    seals_applications: bool = True
    upload_grace_minutes: int = 0
    admission_by: str = "secretary"


def update_intake(competition: Competition, setting: IntakeSetting, *, by: Actor, version: int | None = None) -> None:
    """Write them, all or nothing. Raises InvalidInput by field, NotAllowed, EditConflict."""
    found = editable(competition, by, version)
    modes = [mode for mode in SIGNATURE_MODES if mode in setting.signature_modes]
    if not modes or not set(setting.signature_modes) <= set(SIGNATURE_MODES):
        raise InvalidInput("Choose at least one way of signing", field="signature_modes")
    if not 0 <= setting.upload_grace_minutes <= MOST_GRACE_MINUTES:
        raise InvalidInput(
            "Enter 0 to %(most)s minutes", field="upload_grace_minutes", facts={"most": MOST_GRACE_MINUTES}
        )
    if setting.admission_by not in ADMISSION_BY:
        raise InvalidInput("Choose who decides on admission", field="admission_by")
    found.signature_modes, found.seals_applications = modes, setting.seals_applications
    found.upload_grace_minutes, found.admission_by = setting.upload_grace_minutes, setting.admission_by
    saved(found, "intake", by)
