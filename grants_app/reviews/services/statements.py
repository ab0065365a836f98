"""An expert of a blind call names the applicants they have ties with, once, before anything opens."""

from __future__ import annotations

from grants_app.accounts.models import User
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db
from grants_app.journal.services import record
from grants_app.reviews.models import TieStatement
from grants_app.reviews.queries import statements
from grants_app.reviews.queries.masking import EXPERT, hides_applicant
from grants_app.reviews.services.conflicts import declare_line, end_assignment
from grants_app.reviews.services.rows import lock_competition

_DETAILS = "Названо до відкриття заявок, у конкурсі з прихованими заявниками"


def state_ties(competition: Competition, codes: frozenset[str], by: User) -> int:
    """Note the ties and take every application of those organisations from the expert; answers how many ties.

    Ties may be added later, never taken back here: a conflict is withdrawn by nobody but the chair.
    Raises InvalidInput (field "organisations") for an organisation that does not compete.
    """
    competition = lock_competition(competition.id)
    if not hides_applicant(competition, EXPERT):
        raise NotAllowed("This competition does not hide its applicants")
    if not codes <= {one.edrpou for one in statements.applicants_of(competition)}:
        raise InvalidInput("Choose organisations from the list", field="organisations")
    found = statements.statement_of(by, competition)
    if found is None:
        found = TieStatement(competition_id=competition.id, expert_id=by.id, stated_at=clock.now(), tie_count=0)
        db.session.add(found)
    for application in statements.applications_from(competition, codes):
        end_assignment(application, by, by=by, reason=_DETAILS)
        declare_line(application, kind="other", details=_DETAILS, by=by)
    found.stated_at = clock.now()
    found.tie_count = max(found.tie_count, len(codes))
    db.session.flush()
    record(
        thing="tie_statement",
        code=competition.code,
        scope=competition.code,
        step="state",
        by=by,
        facts={"ties": len(codes)},
    )
    return len(codes)
