"""Invitations to a panel without HTTP: who may be invited, answers, terms, links."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import Membership, RoleGrant, User
from grants_app.accounts.rules import NewPerson
from grants_app.accounts.services import AddressTaken
from grants_app.competitions.models import CommissionSeat
from grants_app.core import clock as product_clock
from grants_app.core.errors import InvalidInput, ManyErrors, NotAllowed, WrongState
from grants_app.database import db, unit_of_work
from grants_app.journal.models import JournalEntry, Notice
from grants_app.lifecycle import AssignmentState, InvitationState
from grants_app.permissions import Role
from grants_app.reviews import queries
from grants_app.reviews.models import ExpertProfile, PanelInvitation
from grants_app.reviews.queries import invitations as panel_queries
from grants_app.reviews.rules.invitations import AGREEMENT, agreement_digest
from grants_app.reviews.services import assigning
from grants_app.reviews.services import invitations as services
from tests.support.panel import Panel, assignment_of, declared, new_panel, opened_panel, submitted
from tests.support.refusals import refused
from tests.support.time import FrozenClock
from tests.support.visitors import new_person

LINK = re.compile(r"/reviews/invitations/([\w-]+)")
TERM = "2027-04-12 00:00"  # «by the end of 11 April»


def term() -> datetime:
    return datetime.fromisoformat(TERM).replace(tzinfo=product_clock.KYIV)


def invited(panel: Panel, *people: User) -> list[PanelInvitation]:
    with unit_of_work():
        return services.invite_from_pool(
            panel.competition, [person.email for person in people], respond_by=term(), by=panel.secretary
        )


def invited_by_mail(panel: Panel, email: str = "new@example.org", name: str = "Вигадана Особа") -> PanelInvitation:
    with unit_of_work():
        return services.invite_person(panel.competition, name, email, respond_by=term(), by=panel.secretary)


def agreed(invitation: PanelInvitation, person: User) -> PanelInvitation:
    with unit_of_work():
        services.accept(invitation, agreement_digest(), by=person)
    return invitation


def tokens(email: str) -> list[str]:
    letters = db.session.scalars(
        sa.select(Notice).filter_by(email=email, template="panel_invitation").order_by(Notice.id)
    )
    return [found[1] for letter in letters if (found := LINK.search(letter.body))]


def state_of(invitation: PanelInvitation) -> InvitationState:
    db.session.expire_all()
    return invitation.state


# -- inviting --------------------------------------------------------------------------------------------------


def test_invite_from_pool_writes_a_letter_with_an_own_link_to_each(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=3)
    rows = invited(panel, *panel.experts[:2])
    assert [row.state for row in rows] == [InvitationState.INVITED] * 2
    found = [token for person in panel.experts for token in tokens(person.email)]
    assert [len(token) for token in found] == [43, 43]  # 256 bits
    assert len({*found, *(row.token_digest for row in rows)}) == 4
    assert [panel_queries.invitation_by_digest(services.token_digest(token)) for token in found] == rows


def test_invite_from_pool_refuses_all_when_one_cannot_take_part(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=2)
    with unit_of_work():
        db.session.add(ExpertProfile(user_id=panel.experts[1].id, is_available=False))
    with pytest.raises(ManyErrors) as caught, unit_of_work():
        services.invite_from_pool(
            panel.competition, [one.email for one in panel.experts], respond_by=term(), by=panel.secretary
        )
    assert [(one.field, str(one)) for one in caught.value.errors] == [
        ("people", "Тест Тестовий cannot take part: the reason is given beside the name")
    ]
    assert panel_queries.panel_rows(panel.competition, panel.secretary) == []


def test_invite_from_pool_twice_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    invited(panel, panel.experts[0])
    with pytest.raises(ManyErrors) as caught:
        invited(panel, panel.experts[0])
    assert [one.message for one in caught.value.errors] == ["%(name)s is on the list already"]


def test_invite_stranger_to_the_pool_by_its_form_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    with refused(InvalidInput, "Choose the people to invite", "people"):
        services.invite_from_pool(panel.competition, ["ghost@example.org"], respond_by=term(), by=panel.secretary)


def test_invite_person_of_a_competing_organisation_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    with unit_of_work():
        db.session.add(
            Membership(
                user_id=panel.experts[0].id,
                organisation_id=panel.applications[0].organisation_id,
                role=Role.NGO_MEMBER,
                since=product_clock.now(),
            )
        )
    with refused(InvalidInput, "An organisation of this person competes here", "email"):
        services.invite_person(panel.competition, "Тест", panel.experts[0].email, respond_by=term(), by=panel.secretary)


def test_invite_person_with_another_duty_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock)
    member = new_person(Role.COMMISSION_MEMBER)
    with refused(InvalidInput, "One person may not have both duties: %(role)s and %(other)s", "email"):
        services.invite_person(panel.competition, "Тест", member.email, respond_by=term(), by=panel.secretary)


def test_invite_person_who_votes_in_the_commission_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    with unit_of_work():
        db.session.add(
            CommissionSeat(competition_id=panel.competition.id, user_id=panel.experts[0].id, office="member")
        )
    with refused(InvalidInput, "This person votes in the commission of this competition", "email"):
        services.invite_person(panel.competition, "Тест", panel.experts[0].email, respond_by=term(), by=panel.secretary)


@pytest.mark.parametrize("name", ["", " \u202e ", "1234", "Я" * 161, "Ім’я " * 400])
def test_invite_person_without_a_name_refused(app: Flask, clock: FrozenClock, name: str) -> None:
    panel = new_panel(clock)
    with refused(InvalidInput, "Enter the name and surname", "full_name"):
        services.invite_person(panel.competition, name, "new@example.org", respond_by=term(), by=panel.secretary)


def test_invite_person_keeps_no_direction_signs_of_a_name(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock)
    row = invited_by_mail(panel, name="Олена\u202e  авонреГ\u200f")
    assert row.full_name == "Олена авонреГ"


def test_invite_when_the_term_is_wrong_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    emails = [panel.experts[0].email]
    with refused(InvalidInput, "The last day of answers must not have passed", "respond_by"):
        services.invite_from_pool(panel.competition, emails, respond_by=product_clock.now(), by=panel.secretary)
    late = product_clock.end_of_day(date(2027, 4, 21))
    with refused(InvalidInput, "Answers must come before scoring ends", "respond_by"):
        services.invite_from_pool(panel.competition, emails, respond_by=late, by=panel.secretary)


def test_invite_by_another_than_the_secretary_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=2)
    with refused(NotAllowed, "Only the secretary invites experts"):
        services.invite_from_pool(panel.competition, [panel.experts[0].email], respond_by=term(), by=panel.experts[1])


# -- answers ---------------------------------------------------------------------------------------------------


def test_accept_keeps_the_fingerprint_and_makes_the_person_eligible(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=2)
    (row,) = invited(panel, panel.experts[0])
    assert queries.eligible_experts(panel.competition) == []
    agreed(row, panel.experts[0])
    assert (state_of(row), row.agreement_digest) == (InvitationState.ACCEPTED, agreement_digest())
    assert queries.eligible_experts(panel.competition) == [panel.experts[0]]
    letter = db.session.scalars(sa.select(Notice).filter_by(template="panel_accepted")).one()
    assert (letter.email, agreement_digest() in letter.body) == (panel.experts[0].email, True)


def test_accept_twice_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    (row,) = invited(panel, panel.experts[0])
    agreed(row, panel.experts[0])
    with refused(WrongState, "You have agreed already"):
        services.accept(row, agreement_digest(), by=panel.experts[0])
    assert len(db.session.scalars(sa.select(Notice).filter_by(template="panel_accepted")).all()) == 1


def test_accept_by_somebody_else_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=2)
    (row,) = invited(panel, panel.experts[0])
    with refused(NotAllowed, "The invitation was sent to another address. Sign in with that one"):
        services.accept(row, agreement_digest(), by=panel.experts[1])


def test_accept_of_a_text_that_has_changed_refused(
    app: Flask, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = new_panel(clock, experts=1)
    (row,) = invited(panel, panel.experts[0])
    seen = agreement_digest()
    monkeypatch.setitem(AGREEMENT, "en", [("Another", ["text"])])
    with refused(InvalidInput, "The text of the agreement has changed. Read it once more and accept", "agree"):
        services.accept(row, seen, by=panel.experts[0])


@pytest.mark.parametrize(("second", "is_open"), [(-1, True), (0, False), (1, False)])
def test_answer_at_the_end_of_the_term(app: Flask, clock: FrozenClock, second: int, is_open: bool) -> None:
    panel = new_panel(clock, experts=1)
    (row,) = invited(panel, panel.experts[0])
    clock.at(term())
    clock.forward(seconds=second)
    if is_open:
        agreed(row, panel.experts[0])
        assert state_of(row) is InvitationState.ACCEPTED
        return
    message = "The place has been freed: the term of the answer has passed"
    with refused(WrongState, message):
        services.accept(row, agreement_digest(), by=panel.experts[0])
    with refused(WrongState, message):
        services.decline(row, "", by=None)
    assert [one.state for one in panel_queries.panel_rows(panel.competition, panel.secretary)] == [
        InvitationState.LAPSED
    ]
    with unit_of_work():
        services.lapse_invitations()
    assert state_of(row) is InvitationState.LAPSED


def test_lapse_leaves_what_is_answered_or_still_open(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=2)
    first, second = invited(panel, *panel.experts)
    agreed(first, panel.experts[0])
    with unit_of_work():
        assert services.lapse_invitations() == 0
    clock.at(term())
    with unit_of_work():
        assert services.lapse_invitations() == 1
    assert (state_of(first), state_of(second)) == (InvitationState.ACCEPTED, InvitationState.LAPSED)


def test_accept_after_the_person_joined_an_applicant_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    (row,) = invited(panel, panel.experts[0])
    with unit_of_work():
        db.session.add(
            Membership(
                user_id=panel.experts[0].id,
                organisation_id=panel.applications[0].organisation_id,
                role=Role.NGO_MEMBER,
                since=product_clock.now(),
            )
        )
    with refused(NotAllowed, "An organisation of this person competes here"):
        services.accept(row, agreement_digest(), by=panel.experts[0])


def test_decline_by_the_link_alone_keeps_the_reason_out_of_the_journal(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    (row,) = invited(panel, panel.experts[0])
    with unit_of_work():
        services.decline(row, "Захворіла дитина", by=None)
    assert (state_of(row), row.decline_reason) == (InvitationState.DECLINED, "Захворіла дитина")
    bodies = [entry.body for entry in db.session.scalars(sa.select(JournalEntry))]
    assert [body for body in bodies if "Захворіла" in body] == []
    told = db.session.scalars(sa.select(Notice).filter_by(template="panel_declined")).one()
    assert (told.email, panel.experts[0].full_name in told.body, "Захворіла" in told.body) == (
        panel.secretary.email, True, False,
    )  # fmt: skip
    with refused(WrongState, "You have declined already. Ask the secretary to invite you again"):
        services.accept(row, agreement_digest(), by=panel.experts[0])


# -- links -----------------------------------------------------------------------------------------------------


def test_link_after_inviting_again_works_and_the_earlier_one_does_not(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    (row,) = invited(panel, panel.experts[0])
    with unit_of_work():
        services.invite_again(row, respond_by=term(), by=panel.secretary)
    first, second = tokens(panel.experts[0].email)
    with refused(NotAllowed, "This link has been used or its time is over. Ask for a new one"):
        services.invitation_of(first)
    with unit_of_work():
        assert services.invitation_of(second).id == row.id


def test_link_forged_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    (row,) = invited(panel, panel.experts[0])
    for forged in ("", "x" * 43, row.token_digest, row.code, tokens(panel.experts[0].email)[0].swapcase()):
        with refused(NotAllowed, "This link has been used or its time is over. Ask for a new one"):
            services.invitation_of(forged)


@pytest.mark.parametrize("ending", ["lapse", "decline", "withdraw"])
def test_invite_again_opens_what_had_ended(app: Flask, clock: FrozenClock, ending: str) -> None:
    panel = new_panel(clock, experts=1)
    (row,) = invited(panel, panel.experts[0])
    with unit_of_work():
        if ending == "decline":
            services.decline(row, "ні", by=None)
        elif ending == "withdraw":
            services.withdraw_invitation(row, by=panel.secretary)
        else:
            clock.at(term())
            services.lapse_invitations()
    later = product_clock.end_of_day(date(2027, 4, 15))
    with unit_of_work():
        services.invite_again(row, respond_by=later, by=panel.secretary)
    assert (state_of(row), row.decline_reason, row.answered_at) == (InvitationState.INVITED, "", None)
    agreed(row, panel.experts[0])
    with refused(NotAllowed, "This person has already agreed"):
        services.invite_again(row, respond_by=later, by=panel.secretary)


def test_withdraw_closes_the_link_and_tells_the_person(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    (row,) = invited(panel, panel.experts[0])
    with unit_of_work():
        services.withdraw_invitation(row, by=panel.secretary)
    with refused(WrongState, "The invitation has been withdrawn"):
        services.accept(row, agreement_digest(), by=panel.experts[0])
    assert [one.email for one in db.session.scalars(sa.select(Notice).filter_by(template="panel_withdrawn"))] == [
        panel.experts[0].email
    ]


def test_withdraw_after_acceptance_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    (row,) = invited(panel, panel.experts[0])
    agreed(row, panel.experts[0])
    message = "This person has already agreed: remove them from the panel, or they step back themselves"
    with refused(NotAllowed, message):
        services.withdraw_invitation(row, by=panel.secretary)


# -- a person without an account -------------------------------------------------------------------------------


def test_new_person_gets_an_account_with_the_role_and_who_invited(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock)
    row = invited_by_mail(panel, "New@Example.org ")
    (token,) = tokens("new@example.org")
    with unit_of_work():
        user = services.accept_as_new_person(
            token, NewPerson("forged@example.org", "Вигадана Особа", "hash", "", "en"), agreement_digest()
        )
    assert (user.email, user.roles, user.lang) == ("new@example.org", frozenset({Role.EXPERT}), "en")
    grant = db.session.scalars(sa.select(RoleGrant).filter_by(user_id=user.id)).one()
    assert grant.granted_by_id == panel.secretary.id
    assert (state_of(row), row.user_id) == (InvitationState.ACCEPTED, user.id)
    assert queries.eligible_experts(panel.competition) == [user]


def test_new_person_when_the_address_has_got_an_account_meanwhile(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock)
    row = invited_by_mail(panel)
    (token,) = tokens("new@example.org")
    somebody = new_person(None)
    with unit_of_work():
        somebody.email = "new@example.org"
    with pytest.raises(AddressTaken), unit_of_work():
        services.accept_as_new_person(token, NewPerson("", "Хтось", "hash"), agreement_digest())
    agreed(row, somebody)
    assert (row.user_id, somebody.roles) == (somebody.id, frozenset({Role.EXPERT}))


def test_new_person_by_the_link_of_somebodys_account_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=1)
    invited(panel, panel.experts[0])
    (token,) = tokens(panel.experts[0].email)
    with refused(NotAllowed, "The invitation belongs to an account: sign in first"):
        services.accept_as_new_person(token, NewPerson("", "Хтось", "hash"), agreement_digest())


# -- stepping back, the forecast -------------------------------------------------------------------------------


def _seated(panel: Panel) -> PanelInvitation:
    """An invitation accepted by the first expert of an opened panel."""
    (row,) = invited(panel, panel.experts[0])
    return agreed(row, panel.experts[0])


def test_step_back_ends_open_assignments_and_tells_the_secretary(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2)
    row = _seated(panel)
    declared(panel.applications[0], panel.experts[0])
    with unit_of_work():
        assert services.step_back(row, "Відрядження", by=panel.experts[0]) == 2
    ended = [assignment_of(one, panel.experts[0]).state for one in panel.applications]
    assert ended == [AssignmentState.DECLINED_BUSY] * 2
    assert (state_of(row), row.decline_reason) == (InvitationState.DECLINED, "Відрядження")
    assert [one.body for one in db.session.scalars(sa.select(JournalEntry)) if "Відрядження" in one.body] == []
    letter = db.session.scalars(sa.select(Notice).filter_by(template="panel_left")).one()
    assert (letter.email, "Заявок без цього експерта: 2" in letter.body) == (panel.secretary.email, True)


def test_step_back_after_a_submitted_review_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=2)
    row = _seated(panel)
    submitted(panel.applications[0], panel.experts[0])
    with refused(NotAllowed, "You have submitted a review: ask the secretary to take the other applications back"):
        services.step_back(row, "", by=panel.experts[0])
    assert assignment_of(panel.applications[1], panel.experts[0]).state is AssignmentState.PROPOSED


def test_step_back_by_somebody_else_refused(app: Flask, clock: FrozenClock) -> None:
    panel = opened_panel(clock, applications=1)
    row = _seated(panel)
    with refused(NotAllowed, "This invitation is not yours"):
        services.step_back(row, "", by=panel.experts[1])


def test_assign_somebody_who_has_not_agreed_refused(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, experts=2)
    (row,) = invited(panel, panel.experts[0])
    with refused(NotAllowed, "This person has not agreed to score in this competition", "expert"):
        assigning.assign(panel.applications[0], panel.experts[0], panel.secretary)
    agreed(row, panel.experts[0])
    with unit_of_work():
        assigning.assign(panel.applications[0], panel.experts[0], panel.secretary)
    assert assignment_of(panel.applications[0], panel.experts[0]).state is AssignmentState.PROPOSED


def test_forecast_counts_what_those_who_agreed_can_give(app: Flask, clock: FrozenClock) -> None:
    panel = new_panel(clock, applications=3, experts=3)
    before = panel_queries.forecast(panel.competition)
    assert (before.needed_count, before.agreed_count, before.short_count) == (9, 0, 9)
    with unit_of_work():
        db.session.add(ExpertProfile(user_id=panel.experts[0].id, most_applications=2))
    first, second, _third = invited(panel, *panel.experts)
    agreed(first, panel.experts[0])
    agreed(second, panel.experts[1])
    found = panel_queries.forecast(panel.competition)
    assert (found.agreed_people, found.agreed_count) == (2, 5)  # 2 by the own limit, 3 applications
    assert (found.awaited_people, found.awaited_count, found.short_count) == (1, 3, 4)
