"""What a profile may hold: fields of activity, people of governing bodies, what a role in an organisation means."""

from __future__ import annotations

from dataclasses import dataclass

from grants_app.permissions import Role

# Fields of activity for the directory, English msgids; the codes are stored and never change.
FIELDS: dict[str, str] = {
    "culture": "Culture and art",
    "heritage": "Local history and heritage",
    "education": "Education and training",
    "youth": "Young people and children",
    "sport": "Sport and health",
    "veterans": "Veterans and their families",
    "displaced": "Displaced people",
    "inclusion": "People with disabilities, inclusion",
    "social": "Social help and care",
    "elderly": "Older people",
    "equality": "Equality and human rights",
    "ecology": "Environment and animals",
    "neighbourhood": "Neighbourhoods and public space",
    "democracy": "Participation and local democracy",
    "media": "Media and information",
    "economy": "Economy, work, social enterprise",
    "science": "Science and technology",
    "volunteering": "Volunteering and charity",
    "international": "International cooperation",
}
MOST_FIELDS = 6
MOST_GOVERNING = 60
LONGEST_ABOUT = 1_000
# A page of the web and nothing else: «javascript://» is an address too.
WEBSITE = r"https?://[^\s/]+\.[^\s/]+(/\S*)?$"

# What each role does, told beside the list of people.
RIGHTS: dict[Role, str] = {
    Role.NGO_HEAD: (
        "Signs: submits and withdraws applications, answers awards, files complaints, asks for vouchers, chooses "
        "people, agrees to the directory"
    ),
    Role.NGO_MEMBER: "Edits: drafts of applications and the profile. Submits nothing",
    Role.NGO_ACCOUNTANT: "Reports: budgets and costs of applications, the bank account for a contract. Submits nothing",
}


@dataclass(frozen=True)
class Governing:
    """A founder, a member of a governing body or an ultimate beneficiary, as typed."""

    full_name: str
    office: str = ""
