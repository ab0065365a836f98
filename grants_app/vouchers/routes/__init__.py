"""Pages of the voucher stage: public, the case of one voucher, the operator's desk, consultants."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, url_for
from flask_babel import gettext

from grants_app.accounts.models import User
from grants_app.accounts.queries.ledger import ledger_sources
from grants_app.applications.queries.radar import payment_sources
from grants_app.core import clock
from grants_app.database import unit_of_work
from grants_app.journal.jobs import every_minute
from grants_app.lifecycle import ClaimState, VoucherState
from grants_app.permissions import Permission, Role
from grants_app.vouchers import queries
from grants_app.vouchers.queries.ledger import ledger_lines
from grants_app.vouchers.queries.radar import SOURCE
from grants_app.vouchers.routes import case, consultants, desk, public
from grants_app.vouchers.routes.blueprint import blueprint, lang
from grants_app.vouchers.services.request import expire_vouchers
from grants_app.web import panels
from grants_app.web.panels import DueItem, NavEntry

_TO_USE = frozenset({VoucherState.ISSUED, VoucherState.BOOKED})


def init_app(app: Flask) -> None:
    """Register the pages, the words of the bar and the work-list lines."""
    app.register_blueprint(blueprint)
    app.register_blueprint(public.check_blueprint)
    payment_sources[SOURCE.thing] = SOURCE
    desk_roles = frozenset({Role.VOUCHER_OPERATOR.value, Role.AUDITOR.value, Role.FINANCE.value})
    panels.register_nav(
        NavEntry("Vouchers", "vouchers.index", 30),
        NavEntry("Vouchers", "vouchers.index", 50, frozenset({Role.NGO_HEAD.value, Role.NGO_MEMBER.value})),
        NavEntry("Voucher requests", "vouchers.requests", 20, frozenset({Role.VOUCHER_OPERATOR.value})),
        NavEntry("Claims", "vouchers.claims", 40, frozenset({Role.VOUCHER_OPERATOR.value, Role.FINANCE.value})),
        NavEntry("Voucher register", "vouchers.register", 50, desk_roles),
        NavEntry("Voucher programmes", "vouchers.programmes", 60, frozenset({Role.VOUCHER_OPERATOR.value})),
        NavEntry("Consultants", "vouchers.accreditation", 70, frozenset({Role.VOUCHER_OPERATOR.value})),
        NavEntry("My services", "vouchers.work", 20, frozenset({Role.CONSULTANT.value})),
        NavEntry("My profile", "vouchers.profile", 70, frozenset({Role.CONSULTANT.value})),
    )
    panels.register_due("vouchers", _due)
    if ledger_lines not in ledger_sources:
        ledger_sources.append(ledger_lines)


@every_minute("vouchers.expiry")
def expire() -> None:
    """Record what expired and give its money back to the fund."""
    if not queries.is_any_overdue(clock.now()):
        return
    with unit_of_work():
        expire_vouchers(clock.now())


def _due(user: User) -> Iterable[DueItem]:
    is_party = bool(user.organisation_ids) or user.can(Permission.VOUCHER_WORK)
    if not (is_party or user.can(Permission.VOUCHER_REGISTER_READ)):
        return
    rows = queries.register_rows(user, lang())
    for row in rows:
        url = url_for("vouchers.case", key=row.key)
        if row.state is VoucherState.REQUESTED and user.can(Permission.VOUCHER_ISSUE):
            due = clock.end_of_day(row.answer_due)
            yield DueItem(due, row.organisation, url, gettext("Voucher request: decide"), gettext("Decide"))
        elif row.claim_state is ClaimState.SUBMITTED and user.can(Permission.VOUCHER_CHECK):
            yield DueItem(None, row.organisation, url, gettext("Claim: check papers and amount"), gettext("Check"))
        elif row.claim_state is ClaimState.APPROVED and user.can(Permission.VOUCHER_PAY):
            yield DueItem(None, row.organisation, url, gettext("Claim approved: record the payment"), gettext("Pay"))
        elif row.state in _TO_USE and row.valid_until is not None and is_party:
            until = clock.end_of_day(row.valid_until)
            yield DueItem(until, row.service, url, gettext("Use the voucher in time"), gettext("Open"))


__all__ = ["case", "consultants", "desk", "init_app", "public"]
