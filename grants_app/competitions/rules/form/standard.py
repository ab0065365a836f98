"""The standard form: five groups, thirteen sections, every question with its limit (domain section 4).

A new competition begins with it; the organizer changes it without code while the competition is a draft.
"""

from __future__ import annotations

from grants_app.competitions.rules.form.kinds import Cell, Form, Question, Section
from grants_app.competitions.rules.form.lists import CATEGORIES, DECLARATIONS, ELIGIBILITY, FILE_KINDS, REQUIREMENTS

# Groups of the task list, in order; the last one (check and submit) has no sections of its own.
GROUPS: tuple[tuple[str, str], ...] = (
    ("organisation", "Organisation"),
    ("project", "Project"),
    ("money", "Money"),
    ("papers", "Documents"),
)

INDICATOR_KINDS = (("product", "Product"), ("quality", "Quality"), ("efficiency", "Efficiency"), ("cost", "Cost"))
YES_NO = (("no", "No"), ("yes", "Yes"))

SECTIONS: tuple[Section, ...] = (
    Section(
        "organisation",
        "organisation",
        "Organisation and contact person",
        (
            Question("contact_name", "Contact person", "text", limit=160, audience="staff", is_fixed=True),
            Question(
                "contact_phone",
                "Phone",
                "text",
                "In the form +380 and nine digits",
                limit=13,
                audience="staff",
                is_fixed=True,
            ),
            Question("contact_email", "E-mail for letters", "text", limit=254, audience="staff", is_fixed=True),
        ),
        "The rest comes from the profile of your organisation",
    ),
    Section(
        "experience",
        "organisation",
        "Experience and capacity",
        (
            Question(
                "track_record",
                "Projects carried out",
                "rows",
                "Leave empty if this is the first project",
                required=False,
                cells=(
                    Cell("title", "Project", limit=200),
                    Cell("year", "Year", "number"),
                    Cell("donor", "Who paid", limit=200),
                    Cell("amount", "Amount, UAH", "money", required=False),
                    Cell("result", "Result", "long", required=False, limit=500),
                ),
                max_rows=10,
            ),
            Question("capacity", "People, premises and equipment for the project", "long", limit=2000),
        ),
    ),
    Section(
        "governing",
        "organisation",
        "Governing bodies and beneficiaries",
        (
            Question(
                "governing_people",
                "Founders, members of governing bodies, ultimate beneficiaries",
                "rows",
                "Not published: needed to find conflicts of interest",
                cells=(Cell("name", "Full name", limit=160), Cell("office", "Position or tie", limit=160)),
                min_rows=1,
                max_rows=30,
                audience="staff",
                is_fixed=True,
            ),
        ),
    ),
    Section(
        "summary",
        "project",
        "Title, lot, priority, short description",
        (
            Question("title", "Project title", "text", limit=140, audience="public", is_fixed=True),
            Question("lot", "Lot", "choice", source="lots", audience="public", is_fixed=True),
            Question("priority", "Priority", "choice", source="priorities", audience="public", is_fixed=True),
            Question(
                "summary",
                "Short description",
                "long",
                "It will be published",
                limit=1000,
                audience="public",
                is_fixed=True,
            ),
            Question("start_on", "Project starts on", "date", audience="public", is_fixed=True),
            Question("end_on", "Project ends on", "date", audience="public", is_fixed=True),
            Question("location", "Where in the community", "text", "Districts, streets, institutions", limit=300),
        ),
    ),
    Section(
        "rationale",
        "project",
        "Problem and goal",
        (
            Question("rationale", "Problem and its importance for the community", "long", limit=4000),
            Question("goal", "Goal", "long", "One goal, in one or two sentences", limit=500, audience="public"),
            Question(
                "target_groups",
                "Target groups",
                "rows",
                cells=(
                    Cell("group", "Who", limit=200),
                    Cell("direct", "People directly", "number"),
                    Cell("indirect", "People indirectly", "number", required=False),
                ),
                min_rows=1,
                max_rows=10,
            ),
        ),
    ),
    Section(
        "plan",
        "project",
        "Tasks and schedule",
        (
            Question(
                "tasks",
                "Tasks",
                "rows",
                "From one to seven",
                cells=(Cell("task", "Task", "long", limit=500),),
                min_rows=1,
                max_rows=7,
            ),
            Question(
                "activities",
                "Activities",
                "rows",
                cells=(
                    Cell("what", "Activity", limit=300),
                    Cell("start_on", "From", "date"),
                    Cell("end_on", "Till", "date"),
                    Cell("place", "Place", limit=200),
                    Cell("responsible", "Responsible", limit=160),
                    Cell("evidence", "What will prove it", required=False, limit=300),
                ),
                min_rows=1,
                max_rows=30,
            ),
        ),
    ),
    Section(
        "results",
        "project",
        "Results and indicators",
        (
            Question(
                "indicators",
                "Indicators",
                "rows",
                "At least one; the final report is compared with them",
                cells=(
                    Cell("kind", "Kind", "choice", options=INDICATOR_KINDS),
                    Cell("indicator", "Indicator", limit=300),
                    Cell("unit", "Unit", limit=60),
                    Cell("baseline", "Now", "number", required=False),
                    Cell("target", "Target", "number"),
                    Cell("verified", "How it will be verified", limit=300),
                ),
                min_rows=1,
                max_rows=20,
            ),
        ),
    ),
    Section(
        "team",
        "project",
        "Team and partners",
        (
            Question(
                "team",
                "Project team",
                "rows",
                "The people agreed that their data is used in this application",
                cells=(
                    Cell("name", "Name", limit=160),
                    Cell("role", "Role in the project", limit=160),
                    Cell("experience", "Experience", "long", required=False, limit=500),
                ),
                min_rows=1,
                max_rows=20,
                is_fixed=True,
            ),
            Question(
                "partners",
                "Partners",
                "rows",
                required=False,
                cells=(
                    Cell("name", "Partner", limit=200),
                    Cell("edrpou", "EDRPOU code", required=False, limit=8),
                    Cell("role", "Role", limit=200),
                    Cell("contribution", "Contribution", required=False, limit=300),
                ),
                max_rows=15,
                is_fixed=True,
            ),
        ),
    ),
    Section(
        "lasting",
        "project",
        "Strategy, sustainability, risks, visibility",
        (
            Question("strategy_link", "Which goal of the city's strategy the project serves", "long", limit=1000),
            Question("communication", "Communication and visibility", "long", limit=1500),
            Question("sustainability", "What remains after the project", "long", limit=1500),
            Question(
                "risks",
                "Risks",
                "rows",
                cells=(Cell("risk", "Risk", limit=300), Cell("mitigation", "How you lower it", "long", limit=500)),
                min_rows=1,
                max_rows=10,
            ),
            Question("inclusion", "Inclusion and gender equality", "long", required=False, limit=1000),
        ),
    ),
    Section(
        "budget",
        "money",
        "Project budget",
        (
            Question(
                "smallest_dropped",
                "What you give up if only the smallest useful amount is granted",
                "long",
                required=False,
                limit=1000,
                is_fixed=True,
            ),
        ),
        page="budget",
        is_fixed=True,
    ),
    Section(
        "other-funding",
        "money",
        "Other funding of this project",
        (
            Question(
                "other_public_funding",
                "Does another budget pay for this project in the same year?",
                "choice",
                "The same costs may not be paid from two budgets in one year",
                options=YES_NO,
                is_fixed=True,
            ),
            Question(
                "other_funding_details",
                "Who pays, how much and for what",
                "long",
                limit=1000,
                show_if={"question": "other_public_funding", "is": "yes"},
            ),
        ),
    ),
    Section("files", "papers", "Attached documents", page="files", is_fixed=True),
)

STANDARD = Form(
    sections=SECTIONS,
    declarations=DECLARATIONS,
    files=FILE_KINDS,
    categories=tuple(CATEGORIES.items()),
    requirements=REQUIREMENTS,
    eligibility=ELIGIBILITY,
)
