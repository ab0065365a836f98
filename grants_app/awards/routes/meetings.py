"""Meetings of the commission: list, agenda with attendance, the item being voted, minutes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Response, redirect, render_template, url_for
from flask_babel import gettext as _

from grants_app.applications.queries import hidden_ids
from grants_app.awards import documents, policy, services
from grants_app.awards.forms import MeetingForm, attendance_form
from grants_app.awards.models import Meeting
from grants_app.awards.queries import meeting as queries
from grants_app.awards.queries.access import current_ranking, desk_competition, is_public
from grants_app.awards.queries.admission import waiting_proposals
from grants_app.awards.queries.voting import quorum_of
from grants_app.awards.routes.blueprint import Answer, blueprint, person, reader, said
from grants_app.awards.routes.wording import quorum_sentences
from grants_app.core.errors import DomainError, NotFound
from grants_app.database import db, unit_of_work
from grants_app.lifecycle import CompetitionState as C
from grants_app.permissions import Permission
from grants_app.reviews.queries.conflict_lines import annex_rows
from grants_app.web.access import public, requires
from grants_app.web.errors import put_on_form
from grants_app.web.export import download, draw

DESK = (Permission.RANKING_READ,)


@blueprint.get("/meetings")
@requires(*DESK)
def all_meetings() -> str:
    """Meetings of every competition this person has a seat in."""
    return render_template(
        "awards/meetings.html",
        rows=queries.meeting_rows(person()),
        competition=None,
        has_ranking=False,
        why_not_plan=None,
    )


@blueprint.get("/<string:competition>/meetings")
@requires(*DESK)
def meetings(competition: str) -> str:
    """Meetings of one competition."""
    found = desk_competition(person(), competition)
    return render_template(
        "awards/meetings.html",
        rows=queries.meeting_rows(person(), found),
        competition=found,
        has_ranking=current_ranking(found) is not None,
        why_not_plan=said(policy.why_not_plan(person(), found)),
    )


@blueprint.get("/<string:competition>/meetings/new")
@requires(Permission.MEETING_RUN, Permission.MEETING_CHAIR)
def new_meeting(competition: str) -> str:
    """The form of a meeting."""
    found = desk_competition(person(), competition)
    return render_template("awards/meeting_new.html", competition=found, form=MeetingForm())


@blueprint.post("/<string:competition>/meetings/new")
@requires(Permission.MEETING_RUN, Permission.MEETING_CHAIR)
def plan_meeting(competition: str) -> Answer:
    """Plan it and invite."""
    found = desk_competition(person(), competition)
    form = MeetingForm()
    moment = form.scheduled_at.instant() if form.validate_on_submit() else None
    if moment is not None:
        try:
            with unit_of_work() as unit:
                meeting = services.plan_meeting(
                    found,
                    kind=form.kind.data,
                    scheduled_at=moment,
                    place=form.place.data or "",
                    link=form.link.data or "",
                    by=person(),
                )
                unit.answer = url_for("awards.meeting", code=meeting.code)
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return render_template("awards/meeting_new.html", competition=found, form=form), 422


@blueprint.get("/meetings/<string:code>")
@requires(*DESK)
def meeting(code: str) -> str:
    """The agenda, who is here, what happens next."""
    found = queries.meeting_by_code(person(), code)
    return _meeting_page(found)


@blueprint.post("/meetings/<string:code>/admission")
@requires(Permission.MEETING_RUN, Permission.MEETING_CHAIR)
def put_admission(code: str) -> Answer:
    """Put the secretary's proposals on admission on the agenda."""
    found = queries.meeting_by_code(person(), code)
    with unit_of_work() as unit:
        services.put_admission_on_agenda(found, by=person())
        unit.answer = url_for("awards.meeting", code=code)
    return redirect(unit.answer)


@blueprint.post("/meetings/<string:code>/attendance")
@requires(Permission.MEETING_RUN, Permission.MEETING_CHAIR)
def attendance(code: str) -> Answer:
    """Note who is here."""
    found = queries.meeting_by_code(person(), code)
    form, people = attendance_form(queries.attendance_rows(found))
    if form.validate_on_submit():
        presences = {user_id: form[name].data for name, user_id in people.items()}
        with unit_of_work() as unit:
            services.mark_attendance(found, presences, by=person())
            unit.answer = url_for("awards.meeting", code=code)
        return redirect(unit.answer)
    return _meeting_page(found, attendance=form), 422


@blueprint.post("/meetings/<string:code>/<any(open,close,sign):step>")
@requires(Permission.MEETING_RUN, Permission.MEETING_CHAIR)
def meeting_step(code: str, step: str) -> Answer:
    """Open, close, sign."""
    found = queries.meeting_by_code(person(), code)
    with unit_of_work() as unit:
        {"open": services.open_meeting, "close": services.close_meeting, "sign": services.sign_minutes}[step](
            found, by=person()
        )
        unit.answer = url_for("awards.meeting", code=code)
    return redirect(unit.answer)


@blueprint.get("/meetings/<string:code>/minutes")
@public
def minutes(code: str) -> str:
    """The minutes; public after publication."""
    found = _readable_meeting(code)
    paper, text = queries.minutes_for(found, None if is_public(found.competition) else reader())
    return render_template(
        "awards/minutes.html",
        meeting=found,
        competition=found.competition,
        minutes=paper,
        paragraphs=text.split("\n\n"),
        why_not_sign=_why_not_sign(found),
    )


@blueprint.get("/meetings/<string:code>/minutes.pdf")
@public
def minutes_pdf(code: str) -> Response:
    """«Протокол» on paper."""
    found = _readable_meeting(code)
    paper, text = queries.minutes_for(found, None if is_public(found.competition) else reader())
    user = reader()
    out = frozenset() if user is None or is_public(found.competition) else hidden_ids(user, found.competition)
    annex = annex_rows(found.competition, out=out, until=found.closed_at)
    return download(draw(documents.minutes_document(found, paper, text, annex)), "pdf", f"{code}-minutes")


def _readable_meeting(code: str) -> Meeting:
    found = db.session.scalar(sa.select(Meeting).filter_by(code=code))
    if found is not None and is_public(found.competition):
        return found
    user = reader()
    if user is None:
        raise NotFound
    return queries.meeting_by_code(user, code)


def _why_not_sign(meeting: Meeting) -> str | None:
    user = reader()
    if user is None or not (user.can(Permission.MEETING_CHAIR) or user.can(Permission.MEETING_RUN)):
        return _("Only the chair and the secretary sign")
    if policy.presides(user, meeting):
        return said(policy.why_not_sign_as_chair(user, meeting))
    return said(policy.why_not_sign_as_secretary(user, meeting))


def _meeting_page(meeting: Meeting, attendance: Any = None) -> str:
    seats = queries.attendance_rows(meeting)
    quorum = quorum_of(meeting)
    form = attendance if attendance is not None else attendance_form(seats)[0]
    return render_template(
        "awards/meeting.html",
        meeting=meeting,
        competition=meeting.competition,
        items=queries.item_rows(meeting, person()),
        seats=seats,
        quorum=quorum,
        quorum_words=quorum_sentences(quorum),
        form=form,
        fields=[name for name in form._fields if name.startswith("seat_")],
        why_not_edit=said(policy.why_not_edit_agenda(person(), meeting)),
        why_not_open=said(policy.why_not_open_meeting(person(), meeting)),
        why_not_close=said(policy.why_not_close_meeting(person(), meeting)),
        why_not_sign=_why_not_sign(meeting),
        proposals=_proposals(meeting),
    )


def _proposals(meeting: Meeting) -> int:
    """How many proposals on admission stand on no agenda, of those that this person may know of."""
    if meeting.competition.admission_by != "commission" or meeting.competition.state is not C.FORMAL_CHECK:
        return 0
    hidden = hidden_ids(person(), meeting.competition)
    return sum(one.id not in hidden for one in waiting_proposals(meeting.competition))
