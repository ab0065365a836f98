"""A conflict closes an application also in letters that were written before it and have not left."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from grants_app.accounts.models import Membership, User
from grants_app.applications.models import Application
from grants_app.core import clock as product_clock
from grants_app.database import db, unit_of_work
from grants_app.journal.delivery import send_waiting
from grants_app.journal.digest import gather_digests
from grants_app.journal.models import Notice
from grants_app.journal.queries.sending import DIGEST
from grants_app.journal.services import SYSTEM, held_batch, notify
from grants_app.permissions import Role
from grants_app.reviews import services
from tests.support.conflicts import WORDS, decided, only_line, raised
from tests.support.panel import Panel, opened_panel
from tests.support.time import FrozenClock

LINK = "https://grants.example.org/accounts/profile"
SECRET = "Секрет заявки"


@pytest.fixture
def panel(app: Flask, clock: FrozenClock) -> Panel:
    """Two applications in scoring; the secretary reads letters once a day. Letters of the opening have gone."""
    found = opened_panel(clock)
    with unit_of_work():
        db.session.get_one(User, found.secretary.id).letters_by = "daily"
        db.session.execute(sa.update(Notice).values(sent_at=product_clock.now()))
    return found


def write(user: User, application: Application, subject: str, template: str = "application_corrected") -> None:
    """An unhurried letter about an application."""
    with unit_of_work():
        notify(
            email=user.email, template=template, subject=subject, body=f"Текст: {subject}", thing="application",
            code=application.journal_code, recipient_id=user.id,
        )  # fmt: skip


def out_of_first(panel: Panel) -> None:
    """The chair confirms that the secretary has a conflict with the first application."""
    raised(panel, panel.secretary, panel.call.chair)
    decided(only_line(), panel.call.chair)


def digests() -> list[tuple[str, bool]]:
    """Texts of letters of the day and whether they went."""
    rows = db.session.execute(sa.select(Notice.body, Notice.sent_at).filter_by(template=DIGEST).order_by(Notice.id))
    return [(row.body, row.sent_at is not None) for row in rows]


def test_letter_of_the_day_leaves_out_what_is_considered_without_its_reader(panel: Panel, clock: FrozenClock) -> None:
    write(panel.secretary, panel.applications[0], SECRET)
    write(panel.secretary, panel.applications[1], "Відкрите")
    out_of_first(panel)
    clock.at("2027-04-06 08:00")
    assert gather_digests(LINK) == 1
    send_waiting()
    [(body, is_sent)] = digests()
    assert (SECRET in body, "Відкрите" in body, is_sent) == (False, True, True)
    confirmed = db.session.scalars(sa.select(Notice).filter_by(template="conflict_confirmed")).one()
    assert (confirmed.recipient_id, confirmed.sent_at is not None) == (panel.secretary.id, True)


def test_letter_of_the_day_that_waits_for_the_mail_server_is_taken_apart(panel: Panel, clock: FrozenClock) -> None:
    write(panel.secretary, panel.applications[0], SECRET)
    write(panel.secretary, panel.applications[1], "Відкрите")
    clock.at("2027-04-06 08:00")
    assert gather_digests(LINK) == 1
    out_of_first(panel)
    send_waiting()
    assert [is_sent for _body, is_sent in digests()] == [False]
    clock.at("2027-04-07 08:00")
    assert gather_digests(LINK) == 1
    send_waiting()
    body, is_sent = digests()[-1]
    assert (SECRET in body, "Відкрите" in body, is_sent) == (False, True, True)


def test_held_letter_to_an_expert_who_declares_a_conflict_never_leaves(panel: Panel) -> None:
    bid, expert = panel.applications[0], panel.experts[0]
    with unit_of_work(), held_batch("Replace experts", panel.competition.code, SYSTEM) as batch:
        notify(
            email=expert.email, template="t", subject=SECRET, body="Текст", thing="assignment",
            code=f"{bid.journal_code}/E1", recipient_id=expert.id,
        )  # fmt: skip
    with unit_of_work():
        services.raise_conflict(bid, expert, kind="family", details=WORDS, by=expert)
    letter = db.session.scalars(sa.select(Notice).filter_by(batch_id=batch.id)).one()
    assert letter.withdrawn_at is not None


def test_people_of_the_applicant_go_on_to_get_its_letters(panel: Panel) -> None:
    """A reader with two offices: out of the application as an official, its head all the same."""
    bid = panel.applications[0]
    with unit_of_work():
        place = Membership(
            user_id=panel.secretary.id, organisation_id=bid.organisation_id, role=Role.NGO_MEMBER,
            since=product_clock.now(),
        )  # fmt: skip
        db.session.add(place)
    db.session.expire_all()
    write(panel.secretary, bid, "Своє")
    out_of_first(panel)
    letter = db.session.scalars(sa.select(Notice).filter_by(subject="Своє")).one()
    assert letter.withdrawn_at is None
