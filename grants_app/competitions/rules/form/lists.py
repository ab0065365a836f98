"""The lists of the standard form: declarations, papers, cost categories, requirements of the check, first questions."""

from __future__ import annotations

from grants_app.competitions.rules.form.kinds import EligibilityQuestion, FileKind, Question, Requirement

# Ticked by the head on the page «check and submit».
DECLARATIONS: tuple[Question, ...] = tuple(
    Question(code, label, "declaration", audience="staff", is_fixed=code in {"declare_truth", "declare_publish"})
    for code, label in (
        ("declare_truth", "The information in the application is true and complete"),
        ("declare_not_liquidated", "The organisation is not in liquidation and is not bankrupt"),
        (
            "declare_status",
            "The organisation is not a political party, a religious organisation, a trade union or a foreign one",
        ),
        ("declare_no_violation", "In the last two years the organisation was not punished for a budget violation"),
        ("declare_publish", "We agree that the application, the budget and the reports are published"),
        ("declare_conflict", "Members of the commission and experts who are tied to us are named in the application"),
    )
)

FILE_KINDS: tuple[FileKind, ...] = (
    FileKind("decision", "Decision of the governing body to take part in the competition", required=True),
    FileKind("statute", "Statute, if it is not in the public register", in_library=True),
    FileKind("nonprofit", "Decision on the non-profit status", in_library=True),
    FileKind("no_debt", "Certificate of no tax debt", in_library=True, must_be_valid=True),
    FileKind("support_letter", "Letter of support"),
    FileKind("quote", "Price quote"),
    FileKind("signed_form", "Signed application (scan or electronic signature)"),
    FileKind("other", "Other document"),
)

# Cost categories of a project budget: code -> msgid (domain section 5). Ceilings are set by these codes.
CATEGORIES: dict[str, str] = {
    "pay": "Pay and social contributions",
    "services": "Services of contractors",
    "rent": "Rent",
    "travel": "Travel and accommodation",
    "food": "Food for participants",
    "materials": "Materials",
    "printing": "Printing",
    "information": "Information services",
    "equipment": "Equipment",
    "administration": "Administration",
    "other": "Other",
}

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        "in_time",
        "Submitted before the intake ended",
        "CMU 1049, item 11",
        "",
        "The application came after the deadline",
        machine="in_time",
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
        machine="age",
    ),
    Requirement(
        "complete",
        "All sections are filled in",
        "CMU 1049, item 11",
        "",
        "A required answer is missing",
        machine="complete",
    ),
    Requirement(
        "papers",
        "Required documents are attached and valid",
        "CMU 1049, item 11",
        "files",
        "A required document is missing or does not suit",
        machine="papers",
    ),
    Requirement(
        "declarations",
        "The head has made every declaration",
        "CMU 1049, item 10",
        "",
        "A declaration of the head is missing",
        machine="declarations",
    ),
    Requirement(
        "signature",
        "The head has signed what was sent",
        "Announcement, ways of signing",
        "files",
        "The signature is missing or stands under another text",
        machine="signature",
    ),
    Requirement(
        "limits",
        "The amount is within the limits of the lot",
        "Announcement, limits of the lot",
        "budget",
        "The amount is outside the limits of the lot",
        machine="limits",
    ),
    Requirement(
        "own_share",
        "The own share is not less than the minimum",
        "Announcement, own share",
        "budget",
        "The own share is less than the minimum",
        machine="own_share",
    ),
    Requirement(
        "in_kind",
        "The contribution in kind is within its limit",
        "Announcement, own share",
        "budget",
        "The contribution in kind is over its limit",
        machine="in_kind",
    ),
    Requirement(
        "period",
        "The project fits into the term of the competition",
        "Announcement, term of projects",
        "start_on",
        "The project does not fit into the term of the competition",
        machine="period",
    ),
    Requirement(
        "double_funding",
        "The same costs are not paid from another budget",
        "CMU 1049, item 10",
        "other_funding_details",
        "It is not clear whether another budget pays for the same costs",
        machine="double_funding",
    ),
    Requirement(
        "per_organisation",
        "No more applications from the organisation than allowed",
        "Announcement, number of applications",
        "",
        "The organisation sent more applications than allowed",
        machine="per_organisation",
    ),
    Requirement(
        "duplicate",
        "The applicant has not applied under another name as well",
        "Announcement, number of applications",
        "",
        "Connected applicants sent more applications than one may",
        machine="duplicate",
    ),
)

# Asked before the form, of anybody: one answer that is not wanted says which clause stands in the way.
ELIGIBILITY: tuple[EligibilityQuestion, ...] = (
    EligibilityQuestion(
        "legal_entity",
        "Is your organisation registered as a legal entity?",
        "CMU 1049, item 3",
        advice="An initiative group may join with an organisation that has legal-entity status",
    ),
    EligibilityQuestion(
        "kind",
        "Is it a public association, its separate unit or a creative union?",
        "CMU 1049, item 3",
        advice="Other legal entities cannot be paid from this programme",
    ),
    EligibilityQuestion(
        "nonprofit",
        "Does it have the non-profit status?",
        "Announcement, who may apply",
        advice="The decision on the status is given by the tax service",
    ),
    EligibilityQuestion(
        "liquidation",
        "Is it in liquidation or bankrupt?",
        "CMU 1049, item 10",
        wanted="no",
        advice="An organisation that is being closed cannot apply",
    ),
    EligibilityQuestion(
        "violation",
        "Was it punished for a budget violation in the last two years?",
        "CMU 1049, item 10",
        wanted="no",
        advice="A punishment other than a warning bars from competitions for two budget periods",
    ),
    EligibilityQuestion(
        "double",
        "Does another budget already pay for the same costs this year?",
        "CMU 1049, item 10",
        wanted="no",
        advice="Apply for other costs, or describe what the other budget does not pay",
    ),
)
