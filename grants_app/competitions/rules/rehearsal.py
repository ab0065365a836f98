"""Rehearsals: how many applications, how long they are kept, which moments and people can be visited."""

from __future__ import annotations

import re

APPLICATIONS, MOST_APPLICATIONS, FEWEST_APPLICATIONS = 12, 60, 4
KEPT_DAYS = 14
TICKET_SECONDS = 60
TICKET_SALT = "rehearsal-ticket"
MOUNT = "/rehearsals"
CODE = re.compile(r"[A-Z0-9-]{3,20}", re.ASCII)

# Moments at which the rehearsed competition can be visited, in order: name -> msgid.
MOMENTS: dict[str, str] = {
    "intake": "Intake of applications",
    "check": "Formal check",
    "scoring": "Experts score",
    "decision": "Before the commission meets",
    "published": "Results are published",
}
# Who can be tried out: login -> msgid; a guest sees what everybody sees.
PEOPLE: dict[str, str] = {
    "secretary": "Commission secretary",
    "organizer": "Competition organizer",
    "ngo": "Head of organisation",
    "expert": "Expert",
    "chair": "Commission chair",
    "member": "Commission member",
    "guest": "A guest",
}
