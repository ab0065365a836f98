"""The letters about calls: what stands in their places, when they are written, to whom."""

from __future__ import annotations

from datetime import datetime

from grants_app.competitions.rules.amendments import LETTERS as AMENDMENTS
from grants_app.competitions.rules.asking import LETTERS as ASKING
from grants_app.core import clock, figures
from grants_app.core.figures import Figure
from grants_app.journal.registry import About, Place, register_letters

APPLYING = "Everybody who has a draft or an application"

_PLACES = {
    "title": Place("Title of the competition", {"uk": "Сусідські простори", "en": "Spaces of neighbours"}),
    "reason": Place("The reason as it was written", {"uk": "виправлено описку", "en": "a slip was corrected"}),
    "link": Place("Address of the page", "https://grants.example.org/competitions/2027-SKP"),
    "until": Place(
        "Until when it must be done", Figure(figures.stamp, datetime(2027, 3, 31, 23, 59, tzinfo=clock.KYIV))
    ),
    "question": Place(
        "The question as it is published", {"uk": "Чи можна купити меблі?", "en": "May furniture be bought?"}
    ),
    "answer": Place("The answer", {"uk": "Так, до 30 % суми.", "en": "Yes, up to 30 % of the sum."}),
}
_ABOUT = {
    "call_amended": About("An announced call is amended", APPLYING, ("reason", "link", "until")),
    "call_question_answered": About(
        "A question about a call is answered in public", APPLYING, ("answer",), is_urgent=False
    ),
    "call_question_corrected": About(
        "An answer about a call is corrected", APPLYING, ("answer", "reason"), is_urgent=False
    ),
    "call_question_declined": About("A question about a call is not published", "Whoever asked", ("reason",)),
}
register_letters("competitions", AMENDMENTS, {name: one for name, one in _ABOUT.items() if name in AMENDMENTS}, _PLACES)
register_letters("competitions", ASKING, {name: one for name, one in _ABOUT.items() if name in ASKING}, _PLACES)
