"""Tables of the fourth stage."""

from grants_app.awards.models.award import Award, Complaint, Publication
from grants_app.awards.models.meeting import AgendaItem, AgendaNote, Attendance, Meeting, Minutes, Recusal, Vote
from grants_app.awards.models.ranking import Draw, Ranking, RankingLine

__all__ = [
    "AgendaItem",
    "AgendaNote",
    "Attendance",
    "Award",
    "Complaint",
    "Draw",
    "Meeting",
    "Minutes",
    "Publication",
    "Ranking",
    "RankingLine",
    "Recusal",
    "Vote",
]
