"""The office of the head: handed over with both sides confirming; freed and filled by the city where that cannot be.

The city frees the office of a head who died, was recalled or vanished, with a reason on record and a letter to
everybody of the organisation, the former head included; then it names the next one.
"""

from __future__ import annotations

import sqlalchemy as sa

from grants_app.accounts.models import Invitation, Membership, Organisation, User
from grants_app.accounts.policy import why_not_hand_over
from grants_app.accounts.policy.organisations import head_of, holds_office, why_not_appoint, why_not_release_office
from grants_app.accounts.queries import people_of
from grants_app.accounts.rules.joining import LETTERS
from grants_app.accounts.services.people import find_user, make_invitation, send_invitation
from grants_app.accounts.services.sign_in import clean_email
from grants_app.core import clock
from grants_app.core.errors import InvalidInput, NotAllowed, NotFound
from grants_app.database import db, lock
from grants_app.journal.letters import link_to
from grants_app.journal.services import notify_user, record
from grants_app.permissions import Permission, Role


def offer_office(membership: Membership, *, by: User) -> Invitation:
    """The head offers the office to a person of the organisation, and stays head until that person confirms.

    An earlier offer ends. Raises NotAllowed.
    """
    refusal = why_not_hand_over(by, membership)
    if refusal is not None:
        raise NotAllowed(refusal)
    organisation = membership.organisation
    invitation = _offer(organisation, membership.user.email, by=by, lang=membership.user.lang)
    facts = {"person": membership.user_id}
    record(thing="organisation", code=organisation.edrpou, step="offer_office", by=by, facts=facts)
    return invitation


def appoint_head(organisation: Organisation, email: str, reason: str, *, by: User) -> Invitation:
    """The city names a head where nobody holds the office; the person confirms by the letter.

    Raises NotAllowed, InvalidInput (reason, email).
    """
    refusal = why_not_appoint(by, organisation)
    if refusal is not None:
        raise NotAllowed(refusal)
    if not reason.strip():
        raise InvalidInput("Give the reason: it is recorded", field="reason")
    email = clean_email(email)
    if email == clean_email(by.email):
        raise InvalidInput("You cannot give a role to yourself: ask another administrator", field="email")
    known = find_user(email)
    invitation = _offer(organisation, email, by=by, lang=known.lang if known is not None else "uk")
    record(thing="organisation", code=organisation.edrpou, step="appoint_head", by=by, reason=reason.strip())
    return invitation


def release_office(organisation: Organisation, reason: str, *, by: User) -> None:
    """The city takes the office from a head who does not hold it any more; open invitations of that head end.

    Everybody of the organisation reads the reason. Raises NotAllowed, InvalidInput (reason).
    """
    rows = db.session.scalars(
        lock(sa.select(Membership).filter_by(organisation_id=organisation.id).order_by(Membership.id))
    ).all()
    refusal = why_not_release_office(by, organisation)
    if refusal is not None:
        raise NotAllowed(refusal)
    reason = reason.strip()
    if not reason:
        raise InvalidInput("Give the reason: it is recorded", field="reason")
    told = people_of(organisation.id)
    former = next(row for row in rows if row.role is Role.NGO_HEAD and row.ended_at is None)
    former.ended_at = clock.now()
    invited = sa.update(Invitation).where(Invitation.organisation_id == organisation.id, *_open())
    db.session.execute(invited.values(expires_at=clock.now()))
    for person in told:
        notify_user(
            person, LETTERS, "office_released", facts={"organisation": organisation.short_name, "reason": reason},
            thing="organisation", code=organisation.edrpou,
        )  # fmt: skip
    facts = {"person": former.user_id}
    record(thing="organisation", code=organisation.edrpou, step="release_office", by=by, reason=reason, facts=facts)


def office_offered_to(user: User, edrpou: str) -> Invitation:
    """The open offer of the office to this person, its row locked. Raises NotFound."""
    query = (
        sa.select(Invitation)
        .join(Organisation, Organisation.id == Invitation.organisation_id)
        .where(Invitation.email == user.email, Organisation.edrpou == edrpou, _OFFERS, *_open())
    )
    found: Invitation | None = db.session.scalar(lock(query))
    if found is None:
        raise NotFound
    return found


def decline_office(invitation: Invitation, *, by: User) -> None:
    """The person does not take the office. Raises NotAllowed for an offer to somebody else."""
    if clean_email(by.email) != invitation.email or invitation.organisation is None:
        raise NotAllowed("The invitation was sent to another address. Sign in with that one")
    invitation.expires_at = clock.now()
    record(thing="organisation", code=invitation.organisation.edrpou, step="decline_office", by=by)


def take_office(invitation: Invitation, organisation: Organisation, *, by: User) -> None:
    """The person confirms: the former head becomes a member, or leaves if the account is closed or was never confirmed.

    Raises NotAllowed when whoever offered the office may not give it any more.
    """
    rows = db.session.scalars(
        lock(sa.select(Membership).filter_by(organisation_id=organisation.id).order_by(Membership.id))
    ).all()
    giver = db.session.get(User, invitation.invited_by_id or 0)
    is_from_head = giver is not None and giver.active and giver.role_in(organisation.id) is Role.NGO_HEAD
    is_from_city = giver is not None and giver.can(Permission.USER_MANAGE) and head_of(organisation) is None
    if not (is_from_head or is_from_city):
        raise NotAllowed("Whoever offered you the office may not give it any more. Ask for a new offer")
    for row in rows:
        if row.role is Role.NGO_HEAD and row.ended_at is None:
            _step_down(row, organisation)
    db.session.flush()  # the old head steps down first: the index allows one head at a time
    seat(organisation, by, Role.NGO_HEAD)
    record(thing="organisation", code=organisation.edrpou, step="hand_over", by=by, facts={"person": by.id})


def seat(organisation: Organisation, user: User, role: Role) -> None:
    """The person takes a place in the organisation; who had left comes back, who is here changes the role."""
    row = db.session.scalar(lock(sa.select(Membership).filter_by(user_id=user.id, organisation_id=organisation.id)))
    if row is None:
        organisation.memberships.append(Membership(user=user, role=role, since=clock.now()))
    else:
        if row.ended_at is not None:
            row.ended_at = None
            row.since = clock.now()
        row.role = role
    organisation.is_imported = False


_OFFERS = sa.and_(Invitation.role == Role.NGO_HEAD, Invitation.organisation_id.is_not(None))


def _open() -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return Invitation.accepted_at.is_(None), Invitation.expires_at > clock.now()


def _offer(organisation: Organisation, email: str, *, by: User, lang: str) -> Invitation:
    """One offer at a time: the earlier ones end."""
    now = clock.now()
    earlier = sa.update(Invitation).where(_OFFERS, Invitation.organisation_id == organisation.id, *_open())
    db.session.execute(earlier.values(expires_at=now))
    invitation, token = make_invitation(email, Role.NGO_HEAD, by=by, organisation_id=organisation.id)
    facts: dict[str, object] = {"organisation": organisation.short_name}
    send_invitation(invitation, "office_offered", facts, token=token, lang=lang, letters=LETTERS)
    return invitation


def _step_down(row: Membership, organisation: Organisation) -> None:
    if not holds_office(row.user):
        row.ended_at = clock.now()
        return
    row.role = Role.NGO_MEMBER
    facts = {"organisation": organisation.short_name, "link": link_to(f"/accounts/organisation/{organisation.edrpou}")}
    notify_user(row.user, LETTERS, "head_changed", facts=facts, thing="organisation", code=organisation.edrpou)
