"""The letters of the decision: what stands in their places, when they are written, to whom."""

from __future__ import annotations

from datetime import UTC, date, datetime

from grants_app.awards.rules.letters import LETTERS
from grants_app.core import figures
from grants_app.core.figures import Figure
from grants_app.journal.registry import About, Place, register_letters

HEADS = "Heads of the applicant"
COMPLAINANT = "Whoever complained"
SECRETARY = "Secretaries of the commission"

_PLACES = {
    "title": Place("Title of the project or of the competition", {"uk": "Двір для всіх", "en": "A yard for all"}),
    "code": Place("Code of the application or of the complaint", "2027-SKP-7KQ4"),
    "amount_kop": Place("The sum awarded", 14_800_000),
    "requested_kop": Place("The sum requested", 18_500_000),
    "reason": Place("The reason as it was written", {"uk": "це залишок коштів лота", "en": "what the lot has left"}),
    "reserve": Place("Place on the reserve list", 2),
    "score": Place("The score", Figure(figures.number, "82.50")),
    "place": Place("The place", 7),
    "criteria": Place("Points by criterion", {"uk": "– Потреба: 8,5", "en": "– Need: 8.5"}),
    "comments": Place("Comments of the experts", {"uk": "– Чіткий план.", "en": "– A clear plan."}),
    "answer_by": Place("The last day of the answer", date(2027, 5, 14)),
    "complain_by": Place("The last day of a complaint", date(2027, 6, 4)),
    "link": Place("Address of the page", "https://grants.example.org/awards/decision/2027-SKP-7KQ4"),
    "number": Place("Number of the meeting or of the complaint", 2),
    "when": Place("When the meeting begins", datetime(2027, 4, 20, 7, 0, tzinfo=UTC)),
    "where": Place("Where it takes place", {"uk": "зала 12", "en": "room 12"}),
    "application": Place("Code of the application", "2027-SKP-7KQ4"),
    "verdict": Place("What was decided", {"uk": "Скаргу задоволено", "en": "The complaint is upheld"}),
    "answer": Place("The answer with its reasons", {"uk": "Бал перелічено.", "en": "The score was counted anew."}),
    "organisation": Place("Organisation", {"uk": "ГО «Вигадана»", "en": "NGO “Invented”"}),
}
_WITH_TERMS = ("answer_by", "complain_by")
_ABOUT = {
    "meeting_planned": About("A meeting is planned or a member joins", "Members of the commission", ("when", "link")),
    "award_full": About("Results are published: the full sum", HEADS, ("amount_kop", *_WITH_TERMS)),
    "award_partial": About("Results are published: a smaller sum", HEADS, ("amount_kop", "reason", *_WITH_TERMS)),
    "award_reserve": About("Results are published: the reserve list", HEADS, ("reserve", "complain_by")),
    "award_refused": About("Results are published: no money", HEADS, ("reason", "complain_by")),
    "award_released": About("Money comes free for the reserve list", HEADS, ("amount_kop", "answer_by")),
    "award_accepted": About("An applicant accepts the money", SECRETARY, is_urgent=False),
    "award_declined": About("An applicant declines the money", SECRETARY, ("reason",)),
    "complaint_filed": About("A complaint is filed", SECRETARY, ("application", "answer_by")),
    "complaint_registered": About("A complaint is registered", COMPLAINANT, ("number", "answer_by")),
    "complaint_decided": About("A complaint is decided", COMPLAINANT, ("verdict", "answer")),
}
register_letters("awards", LETTERS, _ABOUT, _PLACES)
