"""Requirements of the formal check, each with its clause and with what a defect opens for correction."""

from __future__ import annotations

from grants_app.applications.rules.kinds import Requirement

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        "in_time",
        "Submitted before the intake ended",
        "CMU 1049, item 11",
        "",
        "The application came after the deadline",
    ),
    Requirement(
        "status",
        "The applicant is a civil society organisation with legal-entity status",
        "CMU 1049, item 3",
        "contact_name",
        "The status of the organisation is not confirmed",
    ),
    Requirement(
        "age",
        "Registered long enough before the announcement",
        "CMU 1049, item 10",
        "",
        "The organisation is younger than the rules demand",
    ),
    Requirement(
        "complete",
        "All sections are filled in and all documents are attached",
        "CMU 1049, item 11",
        "files",
        "A required document is missing or does not suit",
    ),
    Requirement(
        "limits",
        "The amount is within the limits of the lot",
        "Announcement, limits of the lot",
        "budget",
        "The amount is outside the limits of the lot",
    ),
    Requirement(
        "own_share",
        "The own share is not less than the minimum",
        "Announcement, own share",
        "budget",
        "The own share is less than the minimum",
    ),
    Requirement(
        "period",
        "The project fits into the term of the competition",
        "Announcement, term of projects",
        "start_on",
        "The project does not fit into the term of the competition",
    ),
    Requirement(
        "double_funding",
        "The same costs are not paid from another budget",
        "CMU 1049, item 10",
        "other_funding_details",
        "It is not clear whether another budget pays for the same costs",
    ),
    Requirement(
        "per_organisation",
        "No more applications from the organisation than allowed",
        "Announcement, number of applications",
        "",
        "The organisation sent more applications than allowed",
    ),
)
REQUIREMENT_BY_CODE: dict[str, Requirement] = {one.code: one for one in REQUIREMENTS}
VERDICTS: tuple[tuple[str, str], ...] = (
    ("meets", "Meets"),
    ("defect", "Defect"),
    ("not_applicable", "Does not apply"),
)
