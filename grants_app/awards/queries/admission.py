"""Admission as the commission sees it: what the secretary proposes, on which agenda it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from grants_app.accounts.models import Organisation
from grants_app.applications.models import Application
from grants_app.applications.queries import titles_under_veil
from grants_app.awards.models import AgendaItem, Meeting
from grants_app.awards.queries.voting import item_codes, proposed
from grants_app.competitions.models import Competition
from grants_app.database import db
from grants_app.lifecycle import ItemState, MeetingState

VOTED = "The commission decides on its admission now: wait for the signed minutes"


@dataclass(frozen=True)
class ProposalLine:
    """What is proposed about one application."""

    code: str
    title: str
    organisation: str
    reason: str
    clause: str


def proposal_lines(codes: Sequence[str], *, is_under_veil: bool = False) -> list[ProposalLine]:
    """The proposals behind these codes, in the order of the register; under a veil without their applicants."""
    query = (
        sa.select(Application, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Application.organisation_id)
        .where(Application.code.in_(codes))
        .order_by(Application.register_number, Application.code)
    )
    found = list(db.session.execute(query))
    titles = {application.id: application.title for application, _name in found}
    if is_under_veil:
        titles = dict(titles_under_veil(titles))
    return [
        ProposalLine(
            application.code or "",
            titles[application.id],
            "" if is_under_veil else name or "",
            (application.admission_proposal or {}).get("reason", ""),
            (application.admission_proposal or {}).get("clause", ""),
        )
        for application, name in found
    ]


def open_items(competition: Competition) -> list[AgendaItem]:
    """Questions on admission that wait, are voted on, or were adopted in minutes that nobody has signed yet."""
    query = (
        sa.select(AgendaItem)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(
            Meeting.competition_id == competition.id,
            AgendaItem.decides != "",
            sa.or_(
                AgendaItem.state.in_((ItemState.WAITING, ItemState.VOTING)),
                sa.and_(AgendaItem.state == ItemState.ADOPTED, Meeting.state != MeetingState.SIGNED),
            ),
        )
        .options(joinedload(AgendaItem.meeting))
        .order_by(AgendaItem.id)
    )
    return list(db.session.scalars(query))


def why_held(application: Application) -> str | None:
    """Why the check of an application cannot be changed: its admission is voted on, or voted and not signed."""
    if application.admission_proposal is None:
        return None
    voted = [item for item in open_items(application.competition) if item.state is not ItemState.WAITING]
    return VOTED if any(application.code in item.subject for item in voted) else None


def waiting_proposals(competition: Competition) -> list[Application]:
    """Proposals that stand on no agenda yet."""
    items = open_items(competition)
    placed = {code for item in items for code in item_codes(item)}
    has_list = any(item.decides == "admission" and item.application_id is None for item in items)
    return [
        application
        for application in proposed(competition.id)
        if application.code not in placed
        and not (has_list and (application.admission_proposal or {}).get("verdict") == "admit")
    ]
