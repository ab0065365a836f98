"""Pages of the journal, the outbox and the job list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import ceil

from flask import Flask, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.database import unit_of_work
from grants_app.journal import letters, queries, services, worker
from grants_app.journal.digest import gather_digests
from grants_app.journal.jobs import every_minute
from grants_app.journal.queries.entries import PAGE_SIZE
from grants_app.journal.routes import batches, returned, wordings
from grants_app.journal.routes.blueprint import blueprint
from grants_app.journal.schemas import JournalSchema
from grants_app.permissions import Permission, Role
from grants_app.web.access import requires, signed_in
from grants_app.web.export import Block, Document, respond, watch_files
from grants_app.web.panels import NavEntry, register_due, register_nav
from grants_app.web.requests import page_number

__all__ = ["batches", "blueprint", "init_app", "returned", "wordings"]
# Words of what has no state table.
WORDS = {
    "user": "Person",
    "organisation": "Organisation",
    "invitation": "Invitation",
    "journal": "Journal",
    "letter": "Letter",
    "competition": "Competition",
    "application": "Application",
    "assignment": "Assignment",
    "meeting": "Meeting",
    "meeting_item": "Agenda item",
    "award": "Award",
    "voucher": "Voucher",
    "voucher_programme": "Voucher programme",
    "claim": "Claim",
    "consultant": "Consultant",
    "complaint": "Complaint",
    "journal.export": "Exported the journal",
    "file": "File with names of people",
    "file.take": "Taken as a file",
    "letter.try_again": "Let a letter be tried again",
    "letter.send_again": "Sent a letter again",
    "letter.bounce": "A sent letter came back",
    "letter_batch": "Letters of a bulk step",
    "letter_batch.hold": "Letters wait for release",
    "letter_batch.set_aside": "Letters left to another secretary",
    "letter_template": "Words of a letter",
    "letter_template.save": "Own words of a letter put in force",
    "letter_template.return_to_shipped": "Shipped words put in force again",
    "letter_template.test": "Test letter sent",
    "digest": "Letter of the day",
    "budget_line": "Budget line",
    "day_off": "Day off",
    "expert": "Expert",
    "plan_indicator": "Indicator of the plan",
    "application.check_requirement": "Requirement checked",
    "application.start": "Draft begun",
    "assignment.assign": "Expert assigned",
    "assignment.doubt": "Doubt about a conflict stated",
    "award.change_amount": "Another sum proposed",
    "budget_line.create": "Line of the budget opened",
    "competition.create": "Draft of a competition made",
    "competition.import": "Imported from files",
    "competition.apply_assignment": "Experts assigned as proposed",
    "competition.prolong_scoring": "End of scoring moved",
    "competition.remind_experts": "Experts reminded",
    "competition.announce_draw": "Drawing of lots announced",
    "competition.draw": "Lots drawn",
    "competition.settings": "Settings changed",
    "consultant.apply": "Accreditation asked for",
    "expert.begin_profile": "Expert entered into the pool",
    "expert.save_profile": "Expert’s profile changed",
    "meeting.plan": "Meeting planned",
    "meeting.attendance": "Attendance noted",
    "meeting.sign_as_secretary": "Minutes signed by the secretary",
    "meeting_item.add": "Put on the agenda as a question",
    "meeting_item.vote": "Vote cast",
    "meeting_item.take_off": "Taken off the agenda",
    "meeting_item.recuse": "Stepped back from the item",
    "meeting_item.challenge": "Member challenged",
    "meeting_item.decide_challenge": "Challenge decided",
    "plan_indicator.enter_fact": "Result of the plan entered",
    "voucher.request": "Voucher asked for",
    "voucher.propose_scope": "Scope of work proposed",
    "voucher.file_act": "Act of services drawn up",
    "voucher_programme.create": "Voucher programme opened",
    "voucher_programme.offer_service": "Service added to the programme",
}
EXPORT_LIMIT = 20_000


def init_app(app: Flask) -> None:
    """Pages, words and the worker's queue."""
    app.register_blueprint(blueprint)
    letters.set_public_url(app.config["SETTINGS"].public_url)
    queries.describe(WORDS)
    worker.init_app(app)
    watch_files(note_file_taken)
    register_nav(
        NavEntry("Journal", "journal.entries", 80, frozenset({Role.AUDITOR, Role.ADMIN})),
        NavEntry("Letters", "journal.outbox", 60, frozenset({Role.SECRETARY, Role.ORGANIZER})),
    )
    register_due("letters to release", batches.due)
    register_due("letters returned", returned.due)


@every_minute("journal.digests")
def write_digests() -> None:
    """The letter of the day, for those who want one."""
    gather_digests(letters.link_to("/accounts/profile"))


@blueprint.get("")
@requires(Permission.JOURNAL_READ)
def entries() -> str:
    """The journal, newest first, with the check of its chain on top."""
    wanted, page = _filter(), page_number()
    rows, total = queries.journal_rows(wanted, current_user, page=page)
    things, steps = queries.journal_choices(current_user)
    check = queries.verify_chain(last=queries.CHECKED_ON_PAGE)
    return render_template(
        "journal/entries.html",
        rows=[_translated(row) for row in rows],
        total=total,
        page=page,
        pages=max(ceil(total / PAGE_SIZE), 1),
        wanted=wanted,
        things=[(thing, _(queries.thing_label(thing))) for thing in things],
        steps=_step_options(steps),
        check=check,
        query=_query(wanted),
    )


@blueprint.get("/export.<any(json,csv,xlsx,pdf):suffix>")
@requires(Permission.JOURNAL_READ)
def export(suffix: str) -> Response:
    """The lines of the page as a file. That somebody took them is itself written into the journal."""
    wanted = _filter()
    rows, total = queries.journal_rows(wanted, current_user, page=1, size=EXPORT_LIMIT)
    with unit_of_work():
        services.record(
            thing="journal",
            code=suffix,
            step="export",
            by=current_user,
            facts={"rows": total, "filter": {name: value for name, value in _query(wanted).items() if value}},
        )
    title = _("Journal")
    return respond(
        [_translated(row) for row in rows],
        JournalSchema,
        suffix,
        file_name="journal",
        document=Document(title, [Block("text", _words_of(wanted)), Block("rows", title)], landscape=True),
    )


@blueprint.get("/outbox")
@requires(Permission.OUTBOX_READ)
def outbox() -> str:
    """Letters: to whom, about what, in which state and why."""
    state, code, page = request.args.get("state", ""), request.args.get("code", "").strip(), page_number()
    state = state if state in queries.LETTER_STATES else ""
    rows, total = queries.letter_rows(current_user, state, code, page=page)
    counts = queries.letter_counts(current_user)
    counters = [
        {
            "label": _(label),
            "count": counts[key],
            "url": url_for("journal.outbox", state=None if key == state else key),
            "is_current": key == state,
        }
        for key, (label, _colour) in queries.LETTER_STATES.items()
    ]
    return render_template(
        "journal/outbox.html",
        rows=rows,
        total=total,
        page=page,
        pages=max(ceil(total / PAGE_SIZE), 1),
        counters_shown=counters,
        state=state,
        code=code,
        can_edit=current_user.can(Permission.LETTER_EDIT),
    )


@blueprint.get("/outbox/<int:number>")
@requires(Permission.OUTBOX_READ)
def letter(number: int) -> str:
    """A letter as its receiver reads it."""
    found = queries.letter(number, current_user)
    may_release = current_user.can(Permission.OUTBOX_RELEASE)
    refusal = services.why_not_again(found) if may_release else "Your role does not allow this step"
    return render_template(
        "journal/letter_preview.html", row=queries.letter_row(found), refusal=refusal, footer=footer()
    )


@blueprint.post("/outbox/<int:number>/try-again")
@requires(Permission.OUTBOX_RELEASE)
def letter_again(number: int) -> Response:
    """Try a letter that was not sent once more."""
    with unit_of_work() as unit:
        services.try_again(queries.letter(number, current_user), by=current_user)
        unit.answer = url_for("journal.letter", number=number)
    flash(_("The letter will be tried again within a minute"), "ok")
    return redirect(unit.answer)


@blueprint.get("/jobs")
@signed_in
def jobs() -> str:
    """The newest jobs: one's own, or all for those who read the journal."""
    return render_template("journal/jobs.html", rows=queries.job_rows(current_user))


@blueprint.get("/jobs/<string:code>")
@signed_in
def job(code: str) -> str:
    """How far a job has come; the block asks again every two seconds until it is over."""
    row = queries.job_row(code, current_user)
    template = "journal/_job.html" if request.headers.get("HX-Request") else "journal/job.html"
    return render_template(template, job=row)


def note_file_taken(file_name: str, suffix: str, count: int, scope: str | None) -> None:
    """Who took which table of people, of what kind and how long."""
    with unit_of_work():
        services.record(
            thing="file",
            code=f"{file_name}.{suffix}",
            scope=scope,
            step="take",
            by=current_user,
            facts={"rows": count},
        )


def footer() -> str:
    """What stands under every letter."""
    settings = current_app.config["SETTINGS"]
    return f"{settings.product_name}, {settings.city_name}"


def _filter() -> queries.JournalFilter:
    # Unknown or unreadable conditions are ignored, never an error.
    day = None
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        day = None
    words = {name: request.args.get(name, "").strip()[:80] for name in ("thing", "code", "person", "step")}
    return queries.JournalFilter(**words, day=day)


def _query(wanted: queries.JournalFilter) -> dict[str, str]:
    return {
        "thing": wanted.thing,
        "code": wanted.code,
        "person": wanted.person,
        "step": wanted.step,
        "day": wanted.day.isoformat() if wanted.day else "",
    }


def _words_of(wanted: queries.JournalFilter) -> str:
    chosen = [f"{name}: {value}" for name, value in _query(wanted).items() if value]
    return "; ".join(chosen) or _("All entries")


def _translated(row: queries.JournalRow) -> queries.JournalRow:
    return replace(
        row,
        who=_(row.who) if row.who == "The system" else row.who,
        thing=_(row.thing),
        step=_(row.step),
        before=_(row.before) if row.before else "",
        after=_(row.after) if row.after else "",
    )


def _step_options(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    options: dict[str, str] = {}
    for thing, step in pairs:
        options.setdefault(step, _(queries.step_label(thing, step)))
    return sorted(options.items(), key=lambda option: option[1])
