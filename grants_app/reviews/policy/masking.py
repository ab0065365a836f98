"""Why copies may not be masked now, and what of a blind call is not ready; None means they may. English msgids."""

from __future__ import annotations

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError
from grants_app.lifecycle import ApplicationState, CompetitionState
from grants_app.permissions import Permission
from grants_app.reviews.queries import masking

WORKING = (CompetitionState.FORMAL_CHECK, CompetitionState.SCORING, CompetitionState.DELIBERATION)


def why_not_mask(user: User, application: Application) -> str | None:
    """Editing and approving copies: the secretary, in a call that hides its applicants, while that lasts."""
    if not user.can(Permission.REVIEW_ASSIGN):
        return "Only the secretary masks applications"
    competition = application.competition
    if not competition.blind_phases:
        return "This competition does not hide its applicants"
    if competition.state not in WORKING or application.state != ApplicationState.ADMITTED:
        return "Copies are made of admitted applications, until the decision"
    return None


def gaps_of_copies(competition: Competition, out: frozenset[int] = frozenset()) -> list[DomainError]:
    """What a blind call lacks before scoring opens: applications whose copies are not all approved."""
    codes = masking.codes_without_copies(competition, out)
    if not codes:
        return []
    facts = {"codes": ", ".join(codes[:10])}
    return [DomainError("Approve the masked copies of these applications: %(codes)s", facts=facts)]
