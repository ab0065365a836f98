"""What this stage adds to earlier pages: results on a competition, the decision on an application, the work list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from grants_app.accounts.models import User
from grants_app.applications.models import Application
from grants_app.awards.queries import answers
from grants_app.awards.queries.access import is_public, is_staff, office_of
from grants_app.competitions.models import Competition
from grants_app.core import clock
from grants_app.lifecycle import CompetitionState, MeetingState
from grants_app.permissions import Permission, Role
from grants_app.web import panels
from grants_app.web.panels import DueItem, NavEntry, Panel

_DECIDING = (CompetitionState.SCORING, CompetitionState.DELIBERATION, CompetitionState.DECIDED)


def init_panels() -> None:
    """Register blocks, work-list lines and words of the bar."""
    panels.register("competition", "awards", _competition_panel)
    panels.register("application", "awards", _application_panel)
    panels.register_due("awards", _due)
    commission = frozenset({Role.COMMISSION_MEMBER.value, Role.CHAIR.value, Role.SECRETARY.value})
    keepers = frozenset({Role.SECRETARY.value, Role.ORGANIZER.value})
    panels.register_nav(
        NavEntry("Meetings", "awards.all_meetings", 40, commission),
        NavEntry("Complaints", "awards.complaints", 80, keepers),
    )


def _competition_panel(viewer: Any, competition: Any) -> Panel | None:
    if not isinstance(competition, Competition):
        return None
    data: dict[str, Any] = {"competition": competition, "is_public": is_public(competition), "is_desk": False}
    if viewer is not None and viewer.can(Permission.RANKING_READ) and competition.state in _DECIDING:
        data["is_desk"] = is_staff(viewer) or office_of(viewer, competition.id) is not None
    if not data["is_public"] and not data["is_desk"]:
        return None
    return Panel("awards/_competition_panel.html", data, 60)


def _application_panel(viewer: Any, application: Any) -> Panel | None:
    if not isinstance(application, Application) or viewer is None or application.code is None:
        return None
    if application.organisation_id not in viewer.organisation_ids or not is_public(application.competition):
        return None
    return Panel("awards/_application_panel.html", {"application": application}, 20)


def _due(user: User) -> Iterable[DueItem]:
    for award in answers.awards_to_answer(user):
        url = url_for("awards.decision", application=award.application.code)
        yield DueItem(award.answer_until, award.application.title, url, _("Accept or decline the award"), _("Answer"))
    for meeting in answers.coming_meetings(user):
        url = url_for("awards.meeting", code=meeting.code)
        why = _("The meeting is open") if meeting.state is MeetingState.OPEN else _("Meeting of the commission")
        what = _("Meeting No. %(number)s: %(title)s", number=meeting.number, title=meeting.competition.title)
        yield DueItem(meeting.scheduled_at, what, url, why, _("Open"))
    for meeting in answers.minutes_to_sign(user):
        url = url_for("awards.minutes", code=meeting.code)
        what = _("Minutes of meeting No. %(number)s", number=meeting.number)
        yield DueItem(None, what, url, _("The minutes wait for your signature"), _("Sign"))
    for complaint in answers.open_complaints(user):
        url = url_for("awards.complaint", code=complaint.code)
        due = clock.end_of_day(complaint.answer_by)
        yield DueItem(due, complaint.code, url, _("A complaint waits"), _("Open"))
