"""Steps of the fourth stage: from the marks to the published decision and what follows it."""

from grants_app.awards.services.admission import put_admission_on_agenda
from grants_app.awards.services.amounts import change_amount, depart_from_ranking
from grants_app.awards.services.answers import accept_award, decline_award, release_to_reserve
from grants_app.awards.services.complaints import decide_complaint, file_complaint, register_complaint
from grants_app.awards.services.decision import sign_decision
from grants_app.awards.services.meeting import (
    add_item,
    cast_vote,
    challenge_member,
    close_vote,
    decide_challenge,
    declare_recusal,
    mark_attendance,
    note_for_minutes,
    open_meeting,
    open_vote,
    plan_meeting,
    take_off,
)
from grants_app.awards.services.minutes import close_meeting, sign_minutes
from grants_app.awards.services.publication import publish
from grants_app.awards.services.ranking import announce_draw, hold_draw, open_decision

__all__ = [
    "accept_award",
    "add_item",
    "announce_draw",
    "cast_vote",
    "challenge_member",
    "change_amount",
    "close_meeting",
    "close_vote",
    "decide_challenge",
    "decide_complaint",
    "declare_recusal",
    "decline_award",
    "depart_from_ranking",
    "file_complaint",
    "hold_draw",
    "mark_attendance",
    "note_for_minutes",
    "open_decision",
    "open_meeting",
    "open_vote",
    "plan_meeting",
    "publish",
    "put_admission_on_agenda",
    "register_complaint",
    "release_to_reserve",
    "sign_decision",
    "sign_minutes",
    "take_off",
]
