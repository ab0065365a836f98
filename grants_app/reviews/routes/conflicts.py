"""The register of conflicts of interest: reading, looking for ties, reporting, deciding; the annex to the minutes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import card_for, hidden_ids, is_author, is_veiled, may_read_in
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError, InvalidInput, NotFound
from grants_app.database import unit_of_work
from grants_app.extensions import limiter
from grants_app.journal.queries import describe
from grants_app.lifecycle import CompetitionState, ConflictState
from grants_app.permissions import Permission
from grants_app.reviews import documents, services
from grants_app.reviews.documents.conflicts import annex_document
from grants_app.reviews.forms.conflicts import DecisionForm, RaiseForm
from grants_app.reviews.models import Conflict
from grants_app.reviews.policy.conflicts import STAGES, why_not_decide, why_not_find, why_not_raise
from grants_app.reviews.queries import conflict_lines, open_competitions
from grants_app.reviews.queries.concerned import MYSELF, has_office, people_to_name, person_named, vacated
from grants_app.reviews.queries.conflict_lines import ConflictChoice
from grants_app.reviews.queries.conflicts import conflict_facts
from grants_app.reviews.queries.deciders import deciders
from grants_app.reviews.routes.blueprint import Answer, blueprint, competition_of, lang, said, viewer
from grants_app.reviews.rules.conflicts import LEVELS, SOURCES, kind_label
from grants_app.reviews.schemas.conflicts import ConflictSchema
from grants_app.reviews.services.proposal import Addition
from grants_app.reviews.services.replacement import replacement_for
from grants_app.web import panels
from grants_app.web.access import requires, signed_in
from grants_app.web.errors import put_on_form
from grants_app.web.export import download, draw, note_file, respond
from grants_app.web.panels import DueItem, Panel

REPORTS_FROM_ONE_ADDRESS = "10 per minute; 60 per hour"  # codes of experts are not to be guessed here
_MOST_REPLACEMENTS = 10
_MOST_SINGLE = 3  # more lines than these stand as one on the work list


def init_panels() -> None:
    """The links on the pages of a competition and of an application, lines of the work list, words of the journal."""
    panels.register("application", "conflicts", _application_panel)
    panels.register("competition", "conflicts", _competition_panel)
    panels.register_due("conflicts", _due)
    describe(
        {
            "conflict": "Conflict of interest",
            "conflict.declare": "Conflict of interest noted as declared",
            "conflict.raise": "Conflict of interest reported",
            "conflict.raise_again": "Conflict of interest reported again",
            "conflict.find": "Tie found in our data",
        }
    )


@blueprint.get("/<string:code>/conflicts")
@requires(Permission.CONFLICT_REGISTER_READ)
def conflicts(code: str) -> str:
    """Every line with its state, to be chosen from and sorted; what waits for the reader stands first."""
    competition, person, choice = competition_of(code), viewer(), _choice()
    rows = conflict_lines.conflict_rows(competition, person, choice)
    hidden = hidden_ids(person, competition)
    return render_template(
        "reviews/conflicts.html",
        competition=competition,
        rows=rows,
        choice=choice,
        states=[(one.value, gettext(one.label)) for one in ConflictState],
        sources=[(code, gettext(label)) for code, label in SOURCES.items()],
        sort_urls={name: _address(code, choice, sort=name) for name in conflict_lines.SORTS},
        exports=[(suffix.upper(), _address(code, choice, suffix=suffix)) for suffix in ("pdf", "xlsx", "csv", "json")],
        is_out_somewhere=bool(hidden),
        replacements=_replacements(competition, hidden) if person.can(Permission.REVIEW_ASSIGN) else [],
        why_not_find=said(why_not_find(person, competition)),
        is_chosen=bool(choice.state or choice.source or choice.text),
        blocks=panels.blocks("conflict", person, competition),
    )


@blueprint.get("/<string:code>/conflicts.<any(json,csv,xlsx,pdf):suffix>")
@requires(Permission.CONFLICT_REGISTER_READ)
def conflicts_export(code: str, suffix: str) -> Response:
    """The rows of the screen as a file."""
    competition = competition_of(code)
    rows = conflict_lines.conflict_rows(competition, viewer(), _choice())
    frame = documents.table_frame(gettext("Register of conflicts of interest"), competition, lang=lang())
    return respond(rows, ConflictSchema, suffix, file_name=f"conflicts-{code}", document=frame, scope=code)


@blueprint.get("/<string:code>/conflicts/annex.pdf")
@requires(Permission.CONFLICT_REGISTER_READ)
def conflicts_annex(code: str) -> Response:
    """The annex to the minutes; whoever is out of some application does not draw it: it names every line."""
    competition = competition_of(code)
    if hidden_ids(viewer(), competition):
        raise NotFound()
    rows = conflict_lines.annex_rows(competition)
    answer = download(draw(annex_document(competition, rows, lang=lang())), "pdf", f"conflicts-annex-{code}")
    note_file(f"conflicts-annex-{code}", "pdf", len(rows), code)
    return answer


@blueprint.post("/<string:code>/conflicts/find")
@requires(Permission.REVIEW_ASSIGN, Permission.CONFLICT_DECIDE)
def find_conflicts(code: str) -> Answer:
    """Look for ties in our own data and write them down."""
    competition = competition_of(code)
    with unit_of_work() as unit:
        count = services.find_conflicts(competition, viewer())
        unit.answer = url_for("reviews.conflicts", code=code)
    if count:
        flash(ngettext("%(num)d new tie is in the register", "%(num)d new ties are in the register", count), "ok")
    else:
        flash(gettext("Nothing new was found"), "ok")
    return redirect(unit.answer)


@blueprint.get("/<string:code>/conflicts/raise")
@signed_in
def report_conflict(code: str) -> str:
    """Report that somebody has a conflict with an application; its text need not be open to the reader."""
    return _raise_page(_card(code), RaiseForm(formdata=None))


@blueprint.post("/<string:code>/conflicts/raise")
@limiter.limit(REPORTS_FROM_ONE_ADDRESS)
@signed_in
def send_conflict(code: str) -> Answer:
    """Write the report into the register; about oneself it stands at once."""
    application, form = _card(code), RaiseForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                person = _named(application, form)
                services.raise_conflict(
                    application,
                    person,
                    kind=form.reason.data or "",
                    details=form.details.data or "",
                    by=viewer(),
                )
                unit.answer = url_for("applications.show", code=code)
            flash(gettext("Thank you for telling us. The chair decides and you will get a letter"), "ok")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _raise_page(_card(code), form), 422


@blueprint.get("/<string:code>/conflicts/<string:line>")
@requires(Permission.CONFLICT_REGISTER_READ, Permission.MEETING_VOTE)
def conflict(code: str, line: str) -> str:
    """A line with its facts, and the decision for who decides."""
    competition = competition_of(code)
    return _conflict_page(competition, _line(competition, line), DecisionForm(formdata=None))


@blueprint.post("/<string:code>/conflicts/<string:line>")
@requires(Permission.CONFLICT_DECIDE, Permission.MEETING_VOTE)
def decide_conflict(code: str, line: str) -> Answer:
    """Confirm or dismiss, with the reason."""
    competition = competition_of(code)
    found, form = _line(competition, line), DecisionForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                is_confirmed = form.verdict.data == "confirm"
                services.decide_conflict(found, is_confirmed=is_confirmed, reason=form.reason.data or "", by=viewer())
                has_register = viewer().can(Permission.CONFLICT_REGISTER_READ)
                unit.answer = url_for("reviews.conflicts", code=code) if has_register else "/home"
            flash(gettext("The decision is in the register. Letters are in the outbox"), "ok")
            return redirect(unit.answer)
        except InvalidInput as error:
            put_on_form(form, error)
    competition = competition_of(code)
    return _conflict_page(competition, _line(competition, line), form), 422


def _choice() -> ConflictChoice:
    return ConflictChoice(
        state=request.args.get("state", ""),
        source=request.args.get("source", ""),
        text=request.args.get("text", ""),
        sort=request.args.get("sort", "-time"),
    )


def _address(code: str, choice: ConflictChoice, *, sort: str = "", suffix: str = "") -> str:
    """The same choice in another order (the other way round when it is that order already), or as a file."""
    if sort:
        sort = f"-{sort}" if choice.sort == sort else sort
    values = {"state": choice.state, "source": choice.source, "text": choice.text, "sort": sort or choice.sort}
    if suffix:
        address = url_for("reviews.conflicts_export", code=code, suffix=suffix)
    else:
        address = url_for("reviews.conflicts", code=code)
    query = urlencode({name: value for name, value in values.items() if value and (name, value) != ("sort", "-time")})
    return f"{address}?{query}" if query else address


def _card(code: str) -> Application:
    """The application whose public card anybody sees, unless it is considered without this person."""
    application = card_for(code)
    if not _may_report(viewer(), application):
        raise NotFound()
    return application


def _may_report(person: User, application: Application) -> bool:
    """Applicants challenge those who judge them, though they are themselves out of the judging of their application."""
    return is_author(person, application) or application.id not in hidden_ids(person, application.competition)


def _named(application: Application, form: RaiseForm) -> User:
    key, code = form.person.data or "", form.expert_code.data or ""
    if key and code:
        raise InvalidInput("Name one person: choose from the list, or enter a code", field="expert_code")
    if key == MYSELF and not has_office(viewer(), application.competition):
        raise InvalidInput("Choose the person", field="person")
    person = person_named(viewer(), application.competition, key=key, expert_code=code)
    if person is None and code:
        raise InvalidInput("No expert of this competition has this code", field="expert_code")
    if person is None:
        raise InvalidInput("Choose the person", field="person")
    return person


def _line(competition: Competition, code: str) -> Conflict:
    """A line for readers of the register and for who decides on it. Raises NotFound for everybody else."""
    found = conflict_lines.conflict_for(viewer(), competition, code)
    if viewer().can(Permission.CONFLICT_REGISTER_READ) or viewer().id in {one.id for one in deciders(found)}:
        return found
    raise NotFound()


def _raise_page(application: Application, form: RaiseForm) -> str:
    competition, person = application.competition, viewer()
    choices = [("", gettext("not in this list"))]
    if has_office(person, competition):
        choices.append((MYSELF, gettext("myself")))
    choices += [(one.key, f"{one.name}, {gettext(one.office)}") for one in people_to_name(person, competition)]
    form.person.choices = choices
    return render_template(
        "reviews/conflict_raise.html",
        application=application,
        competition=competition,
        title="" if is_veiled(person, competition) else application.title,
        form=form,
        why_not=said(why_not_raise(person, application)),
    )


def _conflict_page(competition: Competition, line: Conflict, form: DecisionForm) -> str:
    person = viewer()
    reads_words = person.can(Permission.REVIEW_ASSIGN) or why_not_decide(person, line) is None
    reads_words = reads_words or person.can(Permission.CONFLICT_DECIDE)
    decided_by = "" if line.decided_by is None else line.decided_by.full_name
    return render_template(
        "reviews/conflict.html",
        competition=competition,
        line=line,
        person=conflict_lines.shown_person(line, person),
        source=SOURCES[line.source],
        kind=kind_label(line.kind),
        level=LEVELS[line.level],
        details=line.details if reads_words else "",
        ties=conflict_facts(line.person, line.application) if reads_words else [],
        decided_by="" if line.decided_by_id == line.person_id else decided_by,
        form=form,
        why_not=said(why_not_decide(person, line)),
        has_register=person.can(Permission.CONFLICT_REGISTER_READ),
        blocks=panels.blocks("conflict", person, competition),
    )


def _replacements(competition: Competition, hidden: frozenset[int]) -> list[tuple[Application, str]]:
    """Places left because of a conflict, each with the expert whom the engine proposes (or nobody)."""
    found = []
    for application in vacated(competition, hidden)[:_MOST_REPLACEMENTS]:
        proposed = replacement_for(application)
        found.append((application, proposed.expert_name if isinstance(proposed, Addition) else ""))
    return found


def _due(user: User) -> Iterable[DueItem]:
    if user.can(Permission.REVIEW_ASSIGN):
        for competition in open_competitions():
            yield from _due_of_secretary(competition, user)
    if user.can(Permission.CONFLICT_DECIDE) or user.can(Permission.MEETING_VOTE):
        yield from _due_of_decider(user)


def _due_of_secretary(competition: Competition, user: User) -> Iterable[DueItem]:
    for application in vacated(competition, hidden_ids(user, competition)):
        yield DueItem(
            competition.scoring_until,
            gettext("Assign a replacement: %(code)s", code=application.code),
            url_for("reviews.seats", code=application.code),
            gettext("An expert left because of a conflict of interest; the page proposes another"),
            gettext("Assign"),
        )


def _due_of_decider(user: User) -> Iterable[DueItem]:
    by_competition: dict[str, list[Conflict]] = {}
    for line in conflict_lines.waiting_lines(user):
        by_competition.setdefault(line.competition.code, []).append(line)
    for code, lines in by_competition.items():
        mine = [line for line in lines[:_MOST_SINGLE] if why_not_decide(user, line) is None]
        until = lines[0].competition.scoring_until if lines[0].competition.state == CompetitionState.SCORING else None
        if mine and len(lines) > _MOST_SINGLE:
            what = gettext("Decide on conflicts of interest: %(code)s", code=code)
            why = gettext("Lines of the register that wait: %(count)s", count=len(lines))
            url = url_for("reviews.conflicts", code=code, state="open")
            yield DueItem(until, what, url, why, gettext("Decide"))
            continue
        for line in mine:
            what = gettext("Decide on a conflict of interest: %(code)s", code=line.application.code)
            url = url_for("reviews.conflict", code=code, line=line.code)
            yield DueItem(until, what, url, gettext(kind_label(line.kind)), gettext("Decide"))


def _competition_panel(viewer: Any, thing: Any) -> Panel | None:
    """The way to the register, for who reads it and once applications are unsealed."""
    if viewer is None or not isinstance(thing, Competition) or not viewer.can(Permission.CONFLICT_REGISTER_READ):
        return None
    before = (CompetitionState.DRAFT, CompetitionState.ANNOUNCED, CompetitionState.OPEN, CompetitionState.CLOSED)
    if thing.state in before or not may_read_in(viewer, thing):
        return None
    return Panel("reviews/panel_conflicts.html", {"code": thing.code}, 45)


def _application_panel(viewer: Any, thing: Any) -> Panel | None:
    """«Повідомити про конфлікт інтересів» for anybody signed in, while it may change anything."""
    if viewer is None or not isinstance(thing, Application) or thing.code is None:
        return None
    if thing.competition.state not in STAGES or not _may_report(viewer, thing):
        return None
    return Panel("reviews/panel_conflict.html", {"code": thing.code}, 90)
