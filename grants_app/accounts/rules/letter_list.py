"""The letters of people and organisations: what stands in their places, when they are written, to whom."""

from __future__ import annotations

from datetime import UTC, datetime

from grants_app.accounts.rules import LETTERS as PEOPLE
from grants_app.accounts.rules.joining import LETTERS as JOINING
from grants_app.journal.registry import About, Place, register_letters
from grants_app.permissions import Role

OWNER = "The owner of the account"
ORGANISATION = {"uk": "ГО «Вигадана»", "en": "NGO “Invented”"}

_PLACES = {
    "until": Place("Until when it must be done", datetime(2027, 3, 26, 21, 59, tzinfo=UTC)),
    "moment": Place("When it happened", datetime(2027, 3, 2, 14, 5, tzinfo=UTC)),
    "link": Place("Address of the page", "https://grants.example.org/accounts/confirm/…"),
    "organisation": Place("Organisation", ORGANISATION),
    "role": Place("Role", Role.NGO_MEMBER),
    "person": Place("Name of the person", {"uk": "Вигадана Особа", "en": "A made-up person"}),
    "email": Place("Address of mail", "name@example.org"),
    "reason": Place(
        "The reason as it was written",
        {"uk": "Протокол зборів від 02.02.2027 № 3", "en": "Minutes of the meeting of 2 February 2027, No. 3"},
    ),
    "edrpou": Place("EDRPOU code", "00000000"),
}
_ABOUT = {
    "confirm_address": About("Somebody registers", "Whoever registered", ("link", "until")),
    "address_taken": About("Somebody registers with an address that has an account", OWNER, ("link",)),
    "new_password": About("Somebody asks for a new password", OWNER, ("link", "until")),
    "password_changed": About("A password was changed", OWNER, ("moment",)),
    "account_closed": About("The administrator closes an account", OWNER, ("reason",)),
    "account_opened": About("The administrator opens a closed account again", OWNER, ("link",)),
    "invited_to_organisation": About("The head invites a person", "The invited person", ("link", "until")),
    "invited_to_role": About("The administrator invites a person to a role", "The invited person", ("link", "until")),
}
_ABOUT_JOINING = {
    "join_asked": About("A person asks to be let into an organisation", "The head of the organisation", ("link",)),
    "join_accepted": About("The head lets a person in", "The person who asked"),
    "join_declined": About("The head declines a request", "The person who asked"),
    "office_offered": About("The office of the head is handed over", "The future head", ("link", "until")),
    "head_changed": About("Another person has become the head", "The former head"),
    "office_released": About("The city frees the office of the head", "Everybody of the organisation", ("reason",)),
    "membership_ended": About("The head ends a membership", "The former member"),
}
register_letters("accounts", PEOPLE, _ABOUT, _PLACES)
register_letters("accounts", JOINING, _ABOUT_JOINING, _PLACES)
