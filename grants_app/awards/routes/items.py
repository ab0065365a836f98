"""One question of a meeting: the vote by name, conflicts of interest, notes for the minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _

from grants_app.accounts.models import User
from grants_app.accounts.queries.ledger import LedgerShort, ledger_short
from grants_app.applications.models import Application
from grants_app.applications.queries import is_veiled, titles_under_veil
from grants_app.applications.queries.budget import smallest_plan
from grants_app.applications.rules.budget import Dropped
from grants_app.awards import policy, services
from grants_app.awards.forms import ChallengeForm, ItemForm, NoteForm, ReasonForm
from grants_app.awards.models import AgendaItem, Award, Meeting, Recusal
from grants_app.awards.queries import meeting as queries
from grants_app.awards.queries.access import desk_award, recused_applications
from grants_app.awards.queries.voting import item_codes
from grants_app.awards.routes.blueprint import Answer, blueprint, person, said
from grants_app.awards.routes.wording import quorum_sentences
from grants_app.competitions.models import Competition
from grants_app.core.errors import DomainError, NotFound
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import ItemState
from grants_app.permissions import Permission
from grants_app.reviews.queries.conflict_lines import late_lines
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form

DESK = (Permission.RANKING_READ,)


@blueprint.get("/meetings/<string:code>/items/new")
@requires(Permission.MEETING_RUN, Permission.MEETING_CHAIR)
def new_item(code: str) -> str:
    """The form of a question, with a draft that the system proposes."""
    found = queries.meeting_by_code(person(), code)
    form = ItemForm(
        kind="ranking",
        title=_("Approval of the ranked list and of the awards"),
        draft=_("Approve the ranked list and the awards as proposed, by the rules of the competition."),
    )
    return _item_form_page(found, form)


@blueprint.post("/meetings/<string:code>/items/new")
@requires(Permission.MEETING_RUN, Permission.MEETING_CHAIR)
def add_item(code: str) -> Answer:
    """Put it on the agenda."""
    found = queries.meeting_by_code(person(), code)
    form = ItemForm()
    if form.validate_on_submit():
        award = None
        try:
            if form.kind.data == "award" and form.application.data:
                award = desk_award(person(), found.competition, form.application.data)
            with unit_of_work() as unit:
                item = services.add_item(
                    found, kind=form.kind.data, title=form.title.data, draft=form.draft.data, award=award, by=person()
                )
                unit.answer = url_for("awards.item", code=code, number=item.number)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _item_form_page(found, form), 422


@blueprint.get("/meetings/<string:code>/items/<int:number>")
@requires(*DESK)
def item(code: str, number: int) -> str:
    """The item: quorum in words, draft, votes by name, minutes."""
    return _item_page(_item(code, number))


@blueprint.get("/meetings/<string:code>/items/<int:number>/live")
@requires(*DESK)
def item_live(code: str, number: int) -> str:
    """The part of the item that others change, asked for again every five seconds."""
    return _item_page(_item(code, number), template="awards/_item_live.html")


@blueprint.post("/meetings/<string:code>/items/<int:number>/vote")
@requires(Permission.MEETING_VOTE)
def vote(code: str, number: int) -> Answer:
    """Vote or change one's vote."""
    found = _item(code, number)
    with unit_of_work() as unit:
        services.cast_vote(found, request.form.get("choice", ""), by=person())
        unit.answer = url_for("awards.item", code=code, number=number)
    return redirect(unit.answer)


@blueprint.post("/meetings/<string:code>/items/<int:number>/<any('open-vote','close-vote','take-off'):step>")
@requires(Permission.MEETING_RUN, Permission.MEETING_CHAIR)
def item_step(code: str, number: int, step: str) -> Answer:
    """Open the vote, close it, take the item off."""
    found = _item(code, number)
    with unit_of_work() as unit:
        steps = {"open-vote": services.open_vote, "close-vote": services.close_vote, "take-off": services.take_off}
        steps[step](found, by=person())
        unit.answer = (
            url_for("awards.meeting", code=code)
            if step == "take-off"
            else url_for("awards.item", code=code, number=number)
        )
    return redirect(unit.answer)


@blueprint.post("/meetings/<string:code>/items/<int:number>/recuse")
@requires(Permission.MEETING_VOTE)
def recuse(code: str, number: int) -> Answer:
    """Step back."""
    found = _item(code, number)
    form = ReasonForm()
    if form.validate_on_submit():
        with unit_of_work() as unit:
            services.declare_recusal(found, reason=form.reason.data or "", by=person())
            unit.answer = url_for("awards.item", code=code, number=number)
        return redirect(unit.answer)
    return _item_page(found, recusal=form), 422


@blueprint.post("/meetings/<string:code>/items/<int:number>/challenge")
@requires(Permission.MEETING_VOTE, Permission.MEETING_RUN)
def challenge(code: str, number: int) -> Answer:
    """Challenge a member."""
    found = _item(code, number)
    form = _challenge_form(found)
    if form.validate_on_submit():
        member = db.session.get(User, int(form.member.data))
        try:
            with unit_of_work() as unit:
                if member is None:
                    raise NotFound
                services.challenge_member(found, member, reason=form.reason.data, by=person())
                unit.answer = url_for("awards.item", code=code, number=number)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _item_page(found, challenge=form), 422


@blueprint.post("/meetings/<string:code>/items/<int:number>/challenges/<any(grant,refuse):verdict>")
@requires(Permission.MEETING_VOTE)
def decide_challenge(code: str, number: int, verdict: str) -> Answer:
    """Grant or refuse the oldest challenge that waits."""
    found = _item(code, number)
    waiting: list[Recusal] = queries.waiting_challenges(found)
    if not waiting:
        raise NotFound
    with unit_of_work() as unit:
        services.decide_challenge(waiting[0], is_upheld=verdict == "grant", by=person())
        unit.answer = url_for("awards.item", code=code, number=number)
    return redirect(unit.answer)


@blueprint.post("/meetings/<string:code>/items/<int:number>/notes")
@requires(Permission.MEETING_RUN, Permission.MEETING_CHAIR)
def add_note(code: str, number: int) -> Answer:
    """Write down what was said."""
    found = _item(code, number)
    form = NoteForm()
    if form.validate_on_submit():
        with unit_of_work() as unit:
            services.note_for_minutes(found, form.text.data, by=person())
            unit.answer = url_for("awards.item", code=code, number=number)
        return redirect(unit.answer)
    return _item_page(found, notes=form), 422


def _item(code: str, number: int) -> AgendaItem:
    return queries.item_of(queries.meeting_by_code(person(), code), number)


def _item_form_page(meeting: Meeting, form: ItemForm) -> str:
    hidden = recused_applications(person(), meeting.competition_id)
    form.application.choices = [
        ("", _("not about one application")),
        *_application_choices(meeting.competition, hidden),
    ]
    return render_template("awards/item_new.html", meeting=meeting, competition=meeting.competition, form=form)


def _application_choices(competition: Competition, hidden: frozenset[int]) -> list[tuple[str, str]]:
    query = (
        sa.select(Application.id, Application.code, Application.title)
        .join(Award, Award.application_id == Application.id)
        .filter(Award.competition_id == competition.id)
        .order_by(Award.position)
    )
    if hidden:
        query = query.filter(Application.id.not_in(hidden))
    found = db.session.execute(query).all()
    titles: Mapping[int, str] = {row.id: row.title for row in found}
    if is_veiled(person(), competition):
        titles = titles_under_veil(titles)
    return [(row.code, f"{row.code} · {titles[row.id]}") for row in found]


def _challenge_form(item: AgendaItem) -> ChallengeForm:
    form = ChallengeForm()
    seats = [seat for seat in queries.attendance_rows(item.meeting) if seat.office != "secretary"]
    form.member.choices = [(str(seat.user_id), seat.name) for seat in seats if seat.user_id != person().id]
    return form


def _item_page(item: AgendaItem, template: str = "awards/item.html", **forms: Any) -> str:
    user = person()
    view = queries.item_view(item, user)
    if view is None:
        return render_template(
            "awards/_item_without.html" if template != "awards/item.html" else "awards/item_without.html",
            meeting=item.meeting,
            number=item.number,
        )
    shown = next((form for form in forms.values()), None)
    return render_template(
        template,
        view=view,
        item=item,
        meeting=item.meeting,
        competition=item.meeting.competition,
        form=shown,
        quorum_words=quorum_sentences(view.quorum, is_item=True),
        seat_words=_seat_words(view),
        seat_rows=[replace(seat, role=_(seat.role), presence=_(seat.presence_word)) for seat in view.seats],
        majority=view.quorum.present // 2 + 1,
        is_voting=item.state is ItemState.VOTING,
        is_closed=item.closed_at is not None,
        recusal_form=forms.get("recusal") or ReasonForm(formdata=None, prefix=""),
        challenge_form=forms.get("challenge") or _challenge_form(item),
        note_form=forms.get("notes") or NoteForm(formdata=None),
        why_not_vote=said(policy.why_not_vote(user, item)),
        why_not_open_vote=said(policy.why_not_open_vote(user, item)),
        why_not_close_vote=said(policy.why_not_close_vote(user, item)),
        why_not_recuse=said(policy.why_not_recuse(user, item)),
        why_not_challenge=said(policy.why_not_challenge(user, item)),
        why_not_edit=said(policy.why_not_edit_agenda(user, item.meeting)),
        presides=policy.presides(user, item.meeting),
        ledger=_ledger(view.application, user) if template == "awards/item.html" else None,
        late=_late(item) if template == "awards/item.html" else [],
        given_up=_given_up(view) if template == "awards/item.html" else [],
    )


def _ledger(application: Application | None, user: User) -> LedgerShort | None:
    """What the applicant got and owes, beside its question; nothing while applicants are hidden from this person."""
    if application is None or is_veiled(user, application.competition):
        return None
    return ledger_short(user, application.organisation)


def _given_up(view: queries.ItemView) -> list[Dropped]:
    """What the applicant does without at the smallest useful amount, beside a question on its sum."""
    return [] if view.application is None or view.line is None else smallest_plan(view.application, person())


def _late(item: AgendaItem) -> list[tuple[str, datetime]]:
    """Applications of the item with an expert who declared a conflict when the ranking was made: code, when."""
    codes = set(item_codes(item))
    found = [] if item.kind == "general" else late_lines(item.meeting.competition)
    return [(one.application.code, one.raised_at) for one in found if one.application.code in codes]


def _seat_words(view: queries.ItemView) -> str:
    kinds = [seat.kind for seat in view.seats]
    words = (
        ("for", _("for")),
        ("against", _("against")),
        ("abstained", _("abstained")),
        ("waiting", _("have not voted")),
        ("conflict", _("do not vote: conflict of interest")),
        ("absent", _("not at the meeting")),
    )
    return ", ".join(f"{word}: {kinds.count(kind)}" for kind, word in words if kind in kinds)
