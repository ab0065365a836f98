"""Pages of applying, and what they add to the pages of others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, url_for
from flask_babel import gettext

from grants_app.accounts.queries.ledger import ledger_sources
from grants_app.applications import policy, queries
from grants_app.applications.queries.content import is_over, running_codes
from grants_app.applications.queries.ledger import ledger_lines
from grants_app.applications.queries.writers import writers_of
from grants_app.applications.routes import (
    budget_import,
    cabinet,
    checking,
    desk,
    late_entry,
    mending,
    money,
    papers,
    preview,
    receipts,
    sections,
    sending,
    signing,
)
from grants_app.applications.routes.blueprint import blueprint
from grants_app.applications.services import telling
from grants_app.applications.services.former import forget_former
from grants_app.applications.services.held_terms import init_held_terms
from grants_app.applications.services.holders import holders_of
from grants_app.applications.services.intake import tick
from grants_app.applications.services.reminders import forget_moved, forget_sent, remind_owners
from grants_app.applications.services.terms import init_terms
from grants_app.competitions.models import Competition
from grants_app.competitions.services.amendments import tell_holders_by
from grants_app.competitions.services.asking import tell_writers_by
from grants_app.competitions.services.settings import barred_from_seat
from grants_app.core import clock
from grants_app.journal.jobs import every_minute
from grants_app.journal.queries import describe, seal_by, withhold_by
from grants_app.journal.services import tell_of
from grants_app.lifecycle import ApplicationState
from grants_app.permissions import Permission, Role
from grants_app.web import panels
from grants_app.web.panels import DueItem, NavEntry, Panel

__all__ = [
    "blueprint",
    "budget_import",
    "cabinet",
    "checking",
    "desk",
    "init_app",
    "late_entry",
    "mending",
    "money",
    "papers",
    "preview",
    "receipts",
    "sections",
    "sending",
    "signing",
]

NGO = frozenset({Role.NGO_HEAD.value, Role.NGO_MEMBER.value, Role.NGO_ACCOUNTANT.value})
DESK = frozenset({Role.SECRETARY.value, Role.ORGANIZER.value, Role.AUDITOR.value})


def init_app(app: Flask) -> None:
    """Register the pages, the block on a competition's page, the work list and the words of the bar."""
    app.register_blueprint(blueprint)
    app.register_blueprint(receipts.check_blueprint)
    describe({"application.sign": "Signed by the head"})
    describe({"application.seat_tie": "A person of the commission belongs to the applicant"})
    describe({"application.delete": "Draft deleted", "job.applications.radar": "Double-funding radar"})
    describe(
        {"late_entry": "Late entry", "late_entry.give": "Late entry given", "late_entry.end": "Late entry taken back"}
    )
    describe({"application.late_code": "Late-entry code entered", "application.late_file": "A file that came later"})
    seal_by(running_codes)
    withhold_by(queries.hidden_codes)
    tell_of("competition", "prolong", telling.tell_prolonged)
    tell_of("competition", "cancel", telling.tell_cancelled)
    tell_of("competition", "prolong", forget_moved)
    tell_of("competition", "cancel", forget_moved)
    tell_of("application", "submit", forget_sent)
    for step in ("leave", "release_office"):
        tell_of("organisation", step, forget_former)
    tell_writers_by(writers_of)
    init_terms()
    init_held_terms()
    tell_holders_by(holders_of)
    if policy.why_not_seat not in barred_from_seat:
        barred_from_seat.append(policy.why_not_seat)
    panels.register("competition", "applications", _competition_panel)
    panels.register("application", "signature", _signature_panel)
    panels.register_due("applications", _due)
    if ledger_lines not in ledger_sources:
        ledger_sources.append(ledger_lines)
    panels.register_nav(
        NavEntry("Applications", "applications.index", 20, NGO),
        NavEntry("Applications register", "applications.desk", 30, DESK),
    )


@every_minute("applications.reminders")
def remind_of_drafts() -> None:
    """Write to the owners of unsent drafts before the deadline."""
    remind_owners()


@every_minute("applications.intake")
def close_due_intakes() -> None:
    """Close each intake whose term ended two minutes ago: nothing that arrived in time waits in a queue any more."""
    tick(clock.now() - policy.SETTLING)


def _signature_panel(viewer: Any, application: Any) -> Panel | None:
    """How it was signed, for its authors and for whoever checks."""
    if not (queries.is_author(viewer, application) or queries.may_read_signatures(viewer)):
        return None
    signature = queries.signature_of(application)
    if signature is None or application.submitted_at is None:
        return None
    return Panel("applications/_signature_panel.html", {"application": application, "signature": signature}, order=15)


def _competition_panel(viewer: Any, competition: Competition) -> Panel | None:
    """«Подати заявку» while the intake runs, «Хто подав заявки» after it."""
    if competition.announced_at is None:
        return None
    is_open = queries.is_intake_open(competition, clock.now())
    if not is_open and not is_over(competition):
        return None
    can_start = viewer is None or not viewer.roles or bool(viewer.can(Permission.APPLICATION_EDIT))
    can_check = queries.may_read_in(viewer, competition)
    can_give = viewer is not None and policy.why_not_give_late_entry(viewer, competition) is None
    data = {
        "is_open": is_open,
        "start_url": url_for("applications.start", competition_code=competition.code) if is_open and can_start else "",
        "list_url": "" if is_open else url_for("applications.public_list", competition_code=competition.code),
        "register_url": url_for("applications.register", competition_code=competition.code) if can_check else "",
        "until": competition.intake_until,
        "is_sealed": competition.seals_applications,
        "late_url": url_for("applications.late_entries", competition_code=competition.code) if can_give else "",
    }
    return Panel("applications/_competition_panel.html", data, order=10)


def _due(user: Any) -> Iterable[DueItem]:
    """What waits for the person: drafts before the deadline, corrections, checks of the secretary."""
    if user.can(Permission.APPLICATION_EDIT):
        yield from _due_of_author(user)
    if user.can(Permission.FORMAL_CHECK):
        yield from _due_of_secretary(user)
    if user.can(Permission.COMPETITION_EDIT):
        yield from _due_of_organizer()


def _due_of_organizer() -> Iterable[DueItem]:
    for row in queries.tied_seats():
        yield DueItem(
            None,
            gettext("Replace %(person)s in the commission: %(code)s", person=row.full_name, code=row.code),
            url_for("competitions.settings", code=row.code, theme="people"),
            gettext("An organisation of this person competes here"),
            gettext("Replace"),
        )


def _due_of_author(user: Any) -> Iterable[DueItem]:
    for row in queries.own_rows(user):
        title = row.title or gettext("Application without a title")
        if row.state == ApplicationState.DRAFT and row.intake_until and clock.now() < row.intake_until:
            yield DueItem(
                row.intake_until,
                title,
                url_for("applications.show", code=row.address),
                gettext("The draft must be submitted before the intake ends"),
                gettext("Continue"),
            )
        if row.state == ApplicationState.RETURNED and row.due_at:
            yield DueItem(
                row.due_at,
                title,
                url_for("applications.corrections", code=row.address),
                gettext("The secretary returned the application for correction"),
                gettext("Correct"),
            )


def _due_of_secretary(viewer: Any) -> Iterable[DueItem]:
    for row in queries.desk_rows(viewer):
        url = url_for("applications.register", competition_code=row.code)
        if row.can_start:
            why = gettext("The intake has ended: begin the formal check")
            yield DueItem(row.intake_until, row.title, url, why, gettext("Begin"))
