"""A filled score sheet comes back: kept for the preview, carried out on confirmation, all or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from grants_app.accounts.models import User
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.errors import EditConflict, NotFound
from grants_app.core.tables import Table
from grants_app.database import db, lock
from grants_app.journal.services import record
from grants_app.lifecycle import AssignmentState
from grants_app.reviews.models import Assignment, PacketUpload
from grants_app.reviews.queries import packet as packets
from grants_app.reviews.rules import packet
from grants_app.reviews.services.scoring import gaps_of, save_review, stored_sheet, submit_stored

MEANWHILE = "A sheet was saved meanwhile. Look at both and confirm again"


def record_export(assignments: Sequence[Assignment], by: User) -> None:
    """Note that personal data left: one line for each application, so that nobody's line tells of another's."""
    for one in assignments:
        record(thing="assignment", code=one.journal_code, scope=one.journal_scope, step="export_packet", by=by)


def keep_upload(
    competition: Competition, tables: Sequence[Table], body: bytes, *, file_name: str, by: User
) -> PacketUpload:
    """Keep what a filled sheet says until the person confirms; an earlier one that was not confirmed goes away.

    The same file again gives the same upload, also after it was carried out. Raises ManyErrors naming every cell that
    does not suit, NotFound when nothing of the competition is open to the person.
    """
    digest = hashlib.sha256(body).hexdigest()
    # One after the other: two windows that send at once would both find no earlier one.
    db.session.scalar(lock(sa.select(User).filter_by(id=by.id)))
    mine = sa.select(PacketUpload).filter_by(competition_id=competition.id, expert_id=by.id)
    same = db.session.scalar(lock(mine.filter_by(digest=digest)))
    if same is not None and same.applied_at is not None:
        return same
    assignments = packets.packet_assignments(by, competition)
    if not assignments:
        raise NotFound()
    entries = packet.read_packet(tables, packets.asked_of(assignments))
    for old in db.session.scalars(mine.filter(PacketUpload.applied_at.is_(None))):
        db.session.delete(old)
    db.session.flush()
    upload = PacketUpload(
        competition=competition,
        expert_id=by.id,
        file_name=file_name[:200],
        digest=digest,
        content={code: entry.to_json() for code, entry in entries.items()},
        uploaded_at=clock.now(),
    )
    db.session.add(upload)
    db.session.flush()
    return upload


def carry_out(upload: PacketUpload, seen: Mapping[str, int], by: User) -> list[str]:
    """Write the drafts that were previewed; answers the codes of the applications that changed.

    `seen` holds the version of each stored sheet as the preview showed it. Raises EditConflict when one was saved
    since, NotAllowed when one may not be written now; nothing is written then. What was carried out is left alone.
    """
    row = _locked(upload, by)
    if row.applied_at is not None:
        return []
    assignments = packets.packet_assignments(by, row.competition)
    previews = {one.code: one for one in packets.preview_rows(row, assignments) if one.will_change}
    if any(seen.get(code) != one.version for code, one in previews.items()):
        raise EditConflict(MEANWHILE)
    for assignment in assignments:
        code = assignment.application.code or ""
        if code in previews:
            said = packets.merged(stored_sheet(assignment), packet.PacketEntry(**row.content[code]))
            sheet = replace(stored_sheet(assignment), **said)
            save_review(assignment, sheet, version=previews[code].version, by=by)
    row.applied_at = clock.now()
    row.changed_codes = sorted(previews)
    row.content = {}
    facts = {"digest": row.digest, "sheets": len(previews)}
    record(thing="packet_upload", code=row.code, scope=row.journal_scope, step="carry_out", by=by, facts=facts)
    return row.changed_codes


def ready_to_finish(upload: PacketUpload, by: User) -> list[Assignment]:
    """Assignments that this upload has changed and whose sheets lack nothing now."""
    return [
        one
        for one in packets.packet_assignments(by, upload.competition)
        if one.application.code in upload.changed_codes and one.state != AssignmentState.DONE and not gaps_of(one)
    ]


def finish(upload: PacketUpload, seen: Mapping[str, int], by: User) -> int:
    """Finish exactly the complete reviews that the person was shown; answers how many. All or none.

    Raises EditConflict when one of them was saved since or is no longer complete.
    """
    row = _locked(upload, by)
    chosen = {one.application.code or "": one for one in ready_to_finish(row, by)}
    if not set(seen) <= set(chosen):
        raise EditConflict(MEANWHILE)
    for code in sorted(seen):
        submit_stored(chosen[code], version=seen[code], by=by)
    return len(seen)


def _locked(upload: PacketUpload, by: User) -> PacketUpload:
    found = db.session.scalar(lock(sa.select(PacketUpload).filter_by(id=upload.id, expert_id=by.id)))
    if found is None:
        raise NotFound()
    return found
