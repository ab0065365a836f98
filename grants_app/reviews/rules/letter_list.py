"""The letters of the review: what stands in their places, when they are written, to whom."""

from __future__ import annotations

from datetime import datetime

from grants_app.core import clock, figures
from grants_app.core.figures import Figure
from grants_app.journal.registry import About, Place, register_letters
from grants_app.reviews.rules.conflict_letters import LETTERS as CONFLICTS
from grants_app.reviews.rules.discussion import DISCUSSION_LETTERS
from grants_app.reviews.rules.invitations import PANEL_LETTERS
from grants_app.reviews.rules.letters import LETTERS

EXPERT, SECRETARY, DECIDER = "The expert", "Secretaries of the commission", "The chair, or whoever decides instead"
PANEL = "Experts of the application"

_PLACES = {
    "code": Place("Code of the competition", "2027-SKP"),
    "title": Place("Title of the competition", {"uk": "Сусідські простори", "en": "Spaces of neighbours"}),
    "until": Place(
        "Until when it must be done",
        Figure(figures.last_minute, datetime(2027, 3, 27, tzinfo=clock.KYIV)),
    ),
    "count": Place("How many applications, or lines", 4),
    "application": Place("Code of the application", "2027-SKP-7KQ4"),
    "reason": Place("The reason as it was written", {"uk": "уточнити підставу бала", "en": "to explain the points"}),
    "expert": Place("The expert by code", "E-7KQ4"),
    "link": Place("Address of the page", "https://grants.example.org/reviews"),
    "scoring": Place(
        "Until when applications are scored",
        Figure(figures.last_minute, datetime(2027, 5, 1, tzinfo=clock.KYIV)),
    ),
    "digest": Place("Fingerprint of the agreement", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    "name": Place("Name of the person", {"uk": "Вигадана Експертка", "en": "A made-up expert"}),
    "verdict": Place("What was decided", {"uk": "Конфлікту немає", "en": "No conflict"}),
    "author": Place("Who wrote the message", "E-7KQ4"),
}
_SHEETS = {
    "review_opened": About("Scoring opens", "Experts with assigned applications", ("until",)),
    "review_assigned": About("One more application is assigned", EXPERT, ("application", "until")),
    "review_taken_back": About("An assignment is taken back", EXPERT, ("application",)),
    "review_reopened": About("A submitted review is opened again", EXPERT, ("application", "until", "reason")),
    "review_abstained": About("An expert abstains", SECRETARY, ("application",)),
    "review_reminder": About("The secretary reminds the experts", "Experts with open sheets", ("until",)),
    "review_prolonged": About("The end of scoring is moved", "Experts with open sheets", ("until", "reason")),
    "conflict_declared": About("An expert declares a conflict of interest", SECRETARY, ("application",)),
    "assignment_declined": About("An expert declines an assignment", SECRETARY, ("application",)),
    "conflict_doubted": About("An expert doubts their impartiality", SECRETARY, ("application",)),
}
_PANEL = {
    "panel_invitation": About("An expert is invited to the panel", "The invited expert", ("link", "until")),
    "panel_withdrawn": About("An invitation is withdrawn", "The invited expert"),
    "panel_accepted": About("An expert accepts", EXPERT, ("digest",)),
    "panel_declined": About("An expert declines an invitation", SECRETARY, ("name",)),
    "panel_removed": About("An expert is removed from the panel", EXPERT, ("reason",)),
    "panel_left": About("An expert leaves the panel", SECRETARY, ("name",)),
}
_CONFLICTS = {
    "conflict_to_decide": About("A question about a conflict waits", DECIDER, ("link",)),
    "conflicts_found": About("Ties are found in the data", DECIDER, ("link",)),
    "conflict_own": About("Somebody of the staff or the commission steps out", DECIDER, ("application", "name")),
    "conflict_confirmed": About("A conflict is confirmed", "The person concerned", ("application", "reason")),
    "conflict_cleared": About("No conflict is found", "The person concerned", ("application",)),
    "conflict_answered": About("A reported conflict is decided", "Whoever reported it", ("verdict",), is_urgent=False),
    "conflict_replace": About("An expert is out by a conflict", SECRETARY, ("application",)),
    "conflict_late": About("A conflict is known after the handover", "The secretary and the chair", ("application",)),
}
_DISCUSSION = {
    "discussion_opened": About("Reviews diverge", PANEL, ("application", "link")),
    "discussion_extra": About("Reviews diverge and one more expert is needed", SECRETARY, ("application",)),
    "discussion_mention": About("Somebody is named in a discussion", "Whoever is named", ("link",), is_urgent=False),
    "discussion_lead": About("An expert is made lead of a discussion", "The lead", ("application", "link")),
    "discussion_consensus": About("Consensus points are proposed", PANEL, ("application",), is_urgent=False),
}
register_letters("reviews", PANEL_LETTERS, _PANEL, _PLACES)
register_letters("reviews", LETTERS, _SHEETS, _PLACES)
register_letters("reviews", CONFLICTS, _CONFLICTS, _PLACES)
register_letters("reviews", DISCUSSION_LETTERS, _DISCUSSION, _PLACES)
