"""The letters about applications: what stands in their places, when they are written, to whom."""

from __future__ import annotations

from datetime import UTC, date, datetime

from grants_app.applications.rules.letters import COMPLAINT, LETTERS
from grants_app.core import clock, figures
from grants_app.core.figures import Figure
from grants_app.journal.registry import About, Place, register_letters

HEADS = "Heads of the applicant"
SENDER = "Heads of the applicant and whoever acted"
OWNERS = "Heads and members of the organisation that writes the application"
TITLE = {"uk": "Двір для всіх", "en": "A yard for all"}

_PLACES = {
    "code": Place("Code of the application", "2027-SKP-7KQ4"),
    "title": Place("Title of the project or of the competition", TITLE),
    "time": Place(
        "When it arrived, to the second", Figure(figures.second, datetime(2027, 3, 2, 16, 5, 7, tzinfo=clock.KYIV))
    ),
    "digest": Place("Fingerprint of the content", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    "until": Place(
        "Until when it must be done", Figure(figures.stamp, datetime(2027, 3, 31, 23, 59, tzinfo=clock.KYIV))
    ),
    "due": Place("The last day of the term", Figure(figures.day, date(2027, 3, 18))),
    "letter": Place(
        "The defects as the secretary described them", {"uk": "1. Немає статуту.", "en": "1. The statute is missing."}
    ),
    "complaint": Place("How to complain and within which term", COMPLAINT),
    "results": Place("When results are expected", {"uk": ", орієнтовно до 30.04.2027", "en": ", about 30 April 2027"}),
    "reason": Place("The reason as it was written", {"uk": "немає власного внеску", "en": "no own share"}),
    "clause": Place("The clause that is broken", {"uk": "п. 12 Порядку", "en": "clause 12 of the Rules"}),
    "minutes": Place("Number of the minutes", 2),
    "day": Place("Day of the minutes", Figure(figures.day, date(2027, 4, 12))),
    "organisation": Place("Organisation", {"uk": "ГО «Вигадана»", "en": "NGO “Invented”"}),
    "secret": Place("The code of the late entry", "XXXX-XXXX"),
    "competition": Place("Title of the competition", {"uk": "Сусідські простори", "en": "Spaces of neighbours"}),
    "deadline": Place("The end of the intake", datetime(2027, 3, 31, 20, 59, tzinfo=UTC)),
    "left": Place("How much time is left", {"uk": "7 днів", "en": "7 days"}),
    "sections": Place("How many sections are not finished", 3),
    "total": Place("How many sections there are", 9),
    "link": Place("Address of the page", "https://grants.example.org/applications"),
}
_ABOUT = {
    "application_received": About("An application is submitted", SENDER, ("code", "time", "digest", "until")),
    "application_returned": About("An application is returned for correction", HEADS, ("due", "letter", "complaint")),
    "application_corrected": About("Corrections were sent", SENDER, ("code", "time"), is_urgent=False),
    "application_admitted": About("An application is admitted", HEADS, ("code",), is_urgent=False),
    "application_rejected": About("An application is not admitted", HEADS, ("reason", "clause", "complaint")),
    "application_admitted_by_minutes": About(
        "The commission admits an application", HEADS, ("code", "minutes"), is_urgent=False
    ),
    "application_rejected_by_minutes": About(
        "The commission does not admit an application", HEADS, ("reason", "clause", "minutes", "complaint")
    ),
    "application_recalled": About("A submitted application is recalled for editing", SENDER, ("until",)),
    "application_withdrawn": About("An application is withdrawn", SENDER, ("reason",)),
    "late_entry_given": About(
        "The organizer lets one organisation apply after the deadline", HEADS, ("until", "secret", "reason")
    ),
    "late_entry_ended": About("The organizer takes a late entry back", HEADS, ("reason",)),
    "late_application_received": About("An application is submitted by a late entry", SENDER, ("code", "time")),
    "competition_prolonged": About(
        "The intake is prolonged", "Everybody who has a draft or an application, and the organizer", ("until", "reason")
    ),
    "competition_cancelled": About(
        "A competition is cancelled", "Everybody who has a draft or an application, and the organizer", ("reason",)
    ),
    "draft_reminder": About(
        "Seven and two days before the intake ends", OWNERS, ("deadline", "sections"), is_urgent=False
    ),
    "draft_reminder_3h": About("Three hours before the intake ends", OWNERS, ("deadline", "sections")),
}
register_letters("applications", LETTERS, _ABOUT, _PLACES)
