"""What the demo year must add up to, reckoned again from the plain tables."""

from __future__ import annotations

from collections import defaultdict

import sqlalchemy as sa

from grants_app.accounts.models import Membership, Organisation, User
from grants_app.accounts.queries.ledger import ledger_rows, year_totals
from grants_app.database import db
from grants_app.journal.models import JournalEntry, LetterBatch, Notice
from grants_app.journal.queries import undelivered_rows
from grants_app.journal.telling import STEPS, Silent
from grants_app.lifecycle import LetterBatchState
from grants_app.permissions import Role

# Money of one thing: promised, less what went back; what was paid stays in it.
ENTRIES = """
SELECT o.edrpou, SUM(CASE e.kind WHEN 'reserve' THEN e.amount_kop WHEN 'spend' THEN 0 ELSE -e.amount_kop END),
       SUM(CASE e.kind WHEN 'spend' THEN e.amount_kop ELSE 0 END)
FROM budget_entry e
LEFT JOIN application a ON e.thing = 'award' AND a.code = e.thing_code
LEFT JOIN voucher_programme p ON e.thing = 'voucher' AND e.thing_code LIKE p.code || '/%'
LEFT JOIN voucher v ON v.programme_id = p.id AND e.thing_code = p.code || '/' || v.number
JOIN organisation o ON o.id = COALESCE(a.organisation_id, v.organisation_id)
GROUP BY o.edrpou
"""
# Steps that the story takes before anybody could be told: the programme has no organisations yet.
NOBODY_YET = {("voucher_programme", "activate")}


def ledgers_agree_with_the_entries_of_the_budget() -> None:
    """What each ledger says was given and paid is what the lines of the budget hold and have paid for it."""
    booked = {row[0]: (int(row[1]), int(row[2])) for row in db.session.execute(sa.text(ENTRIES))}
    shown = {}
    for organisation, head in _organisations_with_heads():
        lines = ledger_rows(head, organisation)
        totals = year_totals(lines)
        given = sum(line.given_kop or 0 for line in lines)
        assert given == sum(total.given_kop for total in totals)
        if given:
            shown[organisation.edrpou] = (given, sum(total.paid_kop for total in totals))
    assert shown == booked
    # Something was given to many, and something was paid and partly went back.
    assert (len(shown) > 10, sum(paid for _given, paid in shown.values())) == (True, 1_440_000)


def steps_of_the_year_wrote_their_letters() -> None:
    """Every step that the table of letters names wrote one of its letters, at the moment of the step."""
    written = defaultdict(set)
    for row in db.session.execute(sa.select(Notice.created_at, Notice.template)):
        written[row.created_at].add(row.template)
    taken, silent = set(), set()
    for entry in db.session.scalars(sa.select(JournalEntry).where(JournalEntry.to_state.is_not(None))):
        told = STEPS.get(entry.thing, {}).get(entry.step)
        if told is None or isinstance(told, Silent):
            continue
        taken.add((entry.thing, entry.step))
        if not written[entry.at] & set(told):
            silent.add((entry.thing, entry.step))
    assert silent == NOBODY_YET
    assert len(taken) >= 20


def letters_have_their_stories() -> None:
    """Some lists wait to be seen, one letter came back to the secretary, one public answer was corrected."""
    held = sa.select(sa.func.count()).select_from(LetterBatch).filter_by(state=LetterBatchState.HELD)
    assert db.session.scalar(held) == 3
    secretary = db.session.scalars(sa.select(User).filter_by(email="secretary@demo.example")).one()
    assert [(row.template, row.failure_words) for row in undelivered_rows(secretary)] == [
        ("application_admitted", "There is no such mailbox: check the address")
    ]
    corrected = sa.select(sa.func.count()).select_from(Notice).filter_by(template="call_question_corrected")
    assert (db.session.scalar(corrected) or 0) > 0


def _organisations_with_heads() -> list[tuple[Organisation, User]]:
    query = (
        sa.select(Organisation, User)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .join(User, User.id == Membership.user_id)
        .where(Membership.role == Role.NGO_HEAD, Membership.ended_at.is_(None))
        .order_by(Organisation.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]
