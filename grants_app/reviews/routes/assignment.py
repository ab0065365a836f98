"""Who scores what: the board of a competition, one application's experts by hand, the door into scoring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError, EditConflict, NotFound
from grants_app.database import db, ukrainian_key, unit_of_work
from grants_app.lifecycle import CompetitionState
from grants_app.permissions import Permission
from grants_app.reviews import policy, queries, services
from grants_app.reviews.documents import assignment as wordings
from grants_app.reviews.forms import AssignForm, ReasonForm
from grants_app.reviews.forms.assignment import ExchangeForm, ProposalForm, ReplaceForm
from grants_app.reviews.models import Assignment
from grants_app.reviews.policy import pairing
from grants_app.reviews.queries import board as boards
from grants_app.reviews.queries.matching import Facts, facts_of
from grants_app.reviews.routes.blueprint import Answer, application_of, blueprint, competition_of, said, viewer
from grants_app.reviews.routes.desk import assignment_of
from grants_app.reviews.services.assigning import exchange as exchange_experts
from grants_app.reviews.services.proposal import Addition, Shortage
from grants_app.reviews.services.replacement import replace_expert, replacement_for
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form, sentence
from grants_app.web.requests import page_number

_BEFORE_SCORING = frozenset(
    (
        CompetitionState.DRAFT,
        CompetitionState.ANNOUNCED,
        CompetitionState.OPEN,
        CompetitionState.CLOSED,
        CompetitionState.FORMAL_CHECK,
    )
)
NEED_LABELS = {
    "": "All",
    "short": "Lacking experts",
    "full": "With all experts",
    "conflict": "With a conflict or a doubt",
    "begun": "Scoring has begun",
}


@dataclass(frozen=True)
class Option:
    """An expert in the choice of one application; sentences are ready to read."""

    email: str
    name: str
    load: int
    limit: int | None
    knows_field: bool
    is_previous: bool
    refusal: str
    cautions: tuple[str, ...]


@blueprint.get("/<string:code>/assignment")
@requires(Permission.REVIEW_ASSIGN)
def board(code: str) -> str:
    """Applications with their experts, chosen and sorted, and the loads of the experts."""
    return board_page(competition_of(code), ProposalForm(formdata=None))


@blueprint.post("/<string:code>/open")
@requires(Permission.COMPETITION_RUN)
def open_review(code: str) -> Answer:
    """Open expert scoring; everything that is not ready is listed."""
    competition = competition_of(code)
    try:
        with unit_of_work() as unit:
            services.open_review(competition, viewer())
            unit.answer = url_for("reviews.progress", code=code)
    except DomainError:
        return board_page(competition_of(code), ProposalForm(formdata=None)), 422
    flash(gettext("Scoring is open. Release the letters to the experts under “Letters”"), "ok")
    return redirect(unit.answer)


@blueprint.get("/<string:code>/experts")
@requires(Permission.REVIEW_ASSIGN)
def seats(code: str) -> str:
    """The experts of one application and who else could score it."""
    return _seats(application_of(code))


@blueprint.post("/<string:code>/experts")
@requires(Permission.REVIEW_ASSIGN)
def assign(code: str) -> Answer:
    """Assign one expert by hand."""
    application = application_of(code)
    form = AssignForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                expert = _expert_of(form.expert.data)
                facts = facts_of(application.competition, only=[application.id])
                cautions = [sentence(one) for one in pairing.cautions_of_pair(facts, expert.id, application.id)]
                services.assign(application, expert, viewer(), reason=form.reason.data or "")
                unit.answer = url_for("reviews.seats", code=code)
            return _done(unit.answer, gettext("The expert is assigned"), cautions)
        except DomainError as error:
            put_on_form(form, error)
    return _seats(application_of(code), form), 422


@blueprint.post("/<string:code>/experts/replace")
@requires(Permission.REVIEW_ASSIGN)
def replace(code: str) -> Answer:
    """«Призначити заміну»: the expert whom the page has shown."""
    application = application_of(code)
    form = ReplaceForm()
    if not form.validate_on_submit():
        return _seats(application), 422
    try:
        with unit_of_work() as unit:
            replace_expert(application, _expert_of(form.replacement.data), viewer())
            unit.answer = url_for("reviews.seats", code=code)
    except EditConflict as error:
        return _seats(application_of(code), told=sentence(error)), 409
    return _done(unit.answer, gettext("The expert is assigned"), [])


@blueprint.post("/<string:code>/experts/<string:expert>/take-back")
@requires(Permission.REVIEW_ASSIGN)
def take_back(code: str, expert: str) -> Answer:
    """Take an unfinished assignment away, with the reason."""
    assignment = assignment_of(code, expert)
    form = ReasonForm()
    if form.validate_on_submit():
        with unit_of_work() as unit:
            services.take_back(assignment, form.reason.data or "", viewer())
            unit.answer = url_for("reviews.seats", code=code)
        return _done(unit.answer, gettext("The assignment is taken back"), [])
    return _seats(application_of(code), reason_form=form, failed=expert), 422


@blueprint.post("/<string:code>/experts/<string:expert>/exchange")
@requires(Permission.REVIEW_ASSIGN)
def exchange(code: str, expert: str) -> Answer:
    """Two experts take each other's applications."""
    assignment = assignment_of(code, expert)
    form = ExchangeForm()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                application_code, _, expert_code = (form.other.data or "").partition("/")
                other = assignment_of(application_code, expert_code)
                exchange_experts(assignment, other, form.reason.data or "", viewer())
                unit.answer = url_for("reviews.seats", code=code)
            return _done(unit.answer, gettext("The experts are exchanged"), [])
        except NotFound:
            form.other.errors = [*form.other.errors, gettext("Choose with whom")]
        except DomainError as error:
            put_on_form(form, error)
    return _seats(application_of(code), exchange_form=form, failed=expert), 422


def _done(url: str, told: str, cautions: Iterable[str]) -> Answer:
    flash(told, "ok")
    for caution in cautions:
        flash(caution, "warn")
    return redirect(url)


def _expert_of(email: str | None) -> User:
    found = db.session.scalar(sa.select(User).filter_by(email=email))
    if found is None:
        raise NotFound()
    return found


def board_page(competition: Competition, form: ProposalForm) -> str:
    """The board with the form of the proposal."""
    person, choice = viewer(), _choice()
    page = boards.board_page(competition, person, choice)
    given = {"q": choice.text, "need": choice.need, "field": choice.field}
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value}  # words of an address

    def sort_url(column: str) -> str:
        down = choice.sort == column and not choice.is_descending
        return url_for("reviews.board", code=competition.code, **chosen, sort=column, down="1" if down else None)

    loads = boards.load_rows(competition, person)
    down = "1" if choice.is_descending else None
    address = url_for("reviews.board", code=competition.code, **chosen, sort=choice.sort, down=down)
    return render_template(
        "reviews/assignment.html",
        competition=competition,
        is_before=competition.state in _BEFORE_SCORING,
        page=page,
        choice=choice,
        sort_urls={column: sort_url(column) for column in boards.SORTS},
        page_url=f"{address}&page={{page}}",
        needs=[(value, gettext(label)) for value, label in NEED_LABELS.items()],
        fields=[("", gettext("All")), *((one.code, one.title) for one in competition.priorities)],
        loads=loads,
        most_load=max((max(row.all_count, row.most or 0) for row in loads), default=0) or 1,
        form=form,
        gaps=[sentence(gap) for gap in policy.gaps_before_review(competition, hidden_ids(person, competition))],
        why_not_assign=said(policy.why_not_assign(person, competition)),
    )


def _choice() -> boards.BoardChoice:
    need, sort = request.args.get("need", ""), request.args.get("sort", "")
    return boards.BoardChoice(
        text=request.args.get("q", "").strip()[:100],
        need=need if need in boards.NEEDS else "",
        field=request.args.get("field", "")[:40],
        sort=sort if sort in boards.SORTS else "missing",
        is_descending=request.args.get("down") == "1",
        page=page_number(),
    )


def _seats(
    application: Application,
    form: AssignForm | None = None,
    *,
    reason_form: ReasonForm | None = None,
    exchange_form: ExchangeForm | None = None,
    failed: str = "",
    told: str = "",
) -> str:
    person, competition = viewer(), application.competition
    facts = facts_of(competition, only=[application.id])
    found = queries.reviews_of(application)
    is_open = policy.why_not_assign(person, competition) is None and bool(facts.seats)
    replacement = replacement_for(application) if is_open and facts.missing(application.id) else None
    return render_template(
        "reviews/seats.html",
        application=application,
        competition=competition,
        assignments=found,
        ended=queries.ENDED,
        reasons={one.expert_code: said(policy.why_not_take_back(person, one)) for one in found},
        leaving=_leaving(facts, found),
        broken=[sentence(error) for _, error in pairing.breaches(facts)],
        missing_count=facts.missing(application.id) if facts.seats else 0,
        replacement=replacement if isinstance(replacement, Addition) else None,
        replacement_email=_email_of(facts, replacement),
        shortage=wordings.shortage_sentences(replacement, facts.titles) if isinstance(replacement, Shortage) else [],
        obstacles=replacement.conflicts if isinstance(replacement, Shortage) else (),
        load=facts.loads.get(replacement.expert_id, 0) if isinstance(replacement, Addition) else 0,
        options=_options(facts, application.id) if facts.seats else [],
        exchanges=_exchanges(application),
        form=form or AssignForm(formdata=None),
        reason_form=reason_form or ReasonForm(formdata=None),
        exchange_form=exchange_form or ExchangeForm(formdata=None),
        failed=failed,
        told=told,
        why_not_assign=said(policy.why_not_assign(person, competition)),
    )


def _leaving(facts: Facts, assignments: Iterable[Assignment]) -> dict[str, list[str]]:
    """What the application would lack without each of its experts."""
    return {
        one.expert_code: [
            sentence(each) for each in pairing.cautions_of_leaving(facts, one.expert_id, one.application_id)
        ]
        for one in assignments
        if one.expert_id is not None and (one.expert_id, one.application_id) in facts.standing
    }


def _email_of(facts: Facts, found: Addition | Shortage | None) -> str:
    return str(facts.people[found.expert_id].email) if isinstance(found, Addition) else ""


def _options(facts: Facts, application: int) -> list[Option]:
    """The people of the pool: who may be chosen first, the least loaded of them first."""
    found = []
    for key in facts.eligible - facts.seats[application]:
        refusal = pairing.why_not_pair(facts, key, application)
        cautions = [] if refusal is not None else pairing.cautions_of_pair(facts, key, application)
        fit = facts.affinity(key, application)
        person = facts.people[key]
        option = Option(
            email=person.email,
            name=person.full_name,
            load=facts.loads.get(key, 0),
            limit=facts.limits.get(key),
            knows_field=fit > 1,
            is_previous=key in facts.previous.get(application, ()),
            refusal="" if refusal is None else sentence(refusal),
            cautions=tuple(sentence(one) for one in cautions),
        )
        order = (refusal is not None, pairing.needs_reason(facts, key, application), option.load, -fit)
        found.append((order, ukrainian_key(option.name), option))
    return [option for _, _, option in sorted(found, key=lambda one: one[:2])]


def _exchanges(application: Application) -> list[tuple[str, str]]:
    """Assignments of other applications that have not begun: whose experts may be taken in exchange."""
    rows = boards.exchangeable(application, viewer())
    return [
        (f"{row.code}/{row.expert_code}", gettext("%(name)s, now %(code)s", name=row.name, code=row.code))
        for row in rows
    ]
