"""Files that ended after the sending, where the call gives minutes for it: each is frozen beside what was sent."""

from __future__ import annotations

import json

from grants_app.accounts.models import User
from grants_app.applications import policy
from grants_app.applications.models import Application, Attachment, Submission
from grants_app.core import clock
from grants_app.database import db
from grants_app.journal.services import digest_of, record
from grants_app.lifecycle import ApplicationState

FORMAT = "grants-late-file-v1"


def why_not_late(application: Application, by: User) -> str | None:
    """Why the file of the request being served cannot be added to an application that was sent already."""
    return policy.why_not_add_late_file(by, application, clock.began(), clock.now())


def is_for_sent(application: Application) -> bool:
    """Whether a file now arriving is for an application that was sent: then the rule of late files decides."""
    return application.state == ApplicationState.SUBMITTED


def freeze_late_file(application: Application, attachment: Attachment, by: User) -> Submission:
    """Keep what came late as a sending of its own, with its own digest; what was sent before stays as it is."""
    at = clock.now()
    content = {
        "format": FORMAT,
        "code": application.code,
        "content_digest": application.content_digest,
        "began": clock.began().isoformat(),
        "file": {
            "kind": attachment.kind,
            "name": attachment.file_name,
            "size": attachment.size,
            "sha256": attachment.sha256,
        },
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    late = Submission(
        application_id=application.id, kind="late_file", content=text, digest=digest_of(content), at=at, by_id=by.id
    )
    db.session.add(late)
    record(
        thing="application",
        code=application.journal_code,
        scope=application.competition.code,
        step="late_file",
        by=by,
        facts={"digest": late.digest, "sha256": attachment.sha256},
    )
    db.session.flush()
    return late
