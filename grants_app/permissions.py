"""Who may do such things at all: roles, permissions and the one table that joins them.

Whether a person may do it to *this* thing is asked of the stage's `policy`.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is in the procedure (domain section 2)."""

    NGO_HEAD = "ngo_head"
    NGO_MEMBER = "ngo_member"
    NGO_ACCOUNTANT = "ngo_accountant"
    SECRETARY = "secretary"
    ORGANIZER = "organizer"
    EXPERT = "expert"
    COMMISSION_MEMBER = "commission_member"
    CHAIR = "chair"
    FINANCE = "finance"
    VOUCHER_OPERATOR = "voucher_operator"
    CONSULTANT = "consultant"
    AUDITOR = "auditor"
    ADMIN = "admin"


ROLE_LABELS: dict[Role, str] = {
    Role.NGO_HEAD: "Head of organisation",
    Role.NGO_MEMBER: "Organisation member",
    Role.NGO_ACCOUNTANT: "Organisation accountant",
    Role.SECRETARY: "Commission secretary",
    Role.ORGANIZER: "Competition organizer",
    Role.EXPERT: "Expert",
    Role.COMMISSION_MEMBER: "Commission member",
    Role.CHAIR: "Commission chair",
    Role.FINANCE: "Finance officer",
    Role.VOUCHER_OPERATOR: "Voucher operator",
    Role.CONSULTANT: "Consultant",
    Role.AUDITOR: "Auditor",
    Role.ADMIN: "Administrator",
}

# Roles that belong to a membership in an organisation, never granted by an administrator.
ORGANISATION_ROLES = frozenset({Role.NGO_HEAD, Role.NGO_MEMBER, Role.NGO_ACCOUNTANT})


class Permission(StrEnum):
    """ "area:action"; a view or a step names exactly one."""

    ORGANISATION_EDIT = "organisation:edit"
    ORGANISATION_INVITE = "organisation:invite"
    USER_MANAGE = "user:manage"
    JOURNAL_READ = "journal:read"
    OUTBOX_READ = "outbox:read"
    OUTBOX_RELEASE = "outbox:release"
    LETTER_EDIT = "letter:edit"
    ORGANISATION_REGISTER_READ = "organisation:register_read"
    ORGANISATION_REGISTER_EDIT = "organisation:register_edit"
    GOVERNING_READ = "organisation:governing_read"
    CALL_ANSWER = "competition:answer"
    LATE_ENTRY_GIVE = "application:late_entry"
    BUDGET_EDIT = "budget:edit"
    BUDGET_READ = "budget:read"
    COMPETITION_EDIT = "competition:edit"
    COMPETITION_ANNOUNCE = "competition:announce"
    COMPETITION_RUN = "competition:run"
    COMPETITION_STAFF_READ = "competition:staff_read"
    APPLICATION_EDIT = "application:edit"
    APPLICATION_SUBMIT = "application:submit"
    APPLICATION_REGISTER_READ = "application:register_read"
    FORMAL_CHECK = "application:formal_check"
    REVIEW_ASSIGN = "review:assign"
    REVIEW_SUBMIT = "review:submit"
    REVIEW_PROGRESS_READ = "review:progress_read"
    RANKING_READ = "ranking:read"
    SCORE_AUTHOR_READ = "review:author_read"
    CONFLICT_REGISTER_READ = "conflict:register_read"
    CONFLICT_DECIDE = "conflict:decide"
    ADVICE_READ = "advice:read"
    MEETING_RUN = "meeting:run"
    MEETING_VOTE = "meeting:vote"
    MEETING_CHAIR = "meeting:chair"
    AWARD_EDIT = "award:edit"
    AWARD_PUBLISH = "award:publish"
    AWARD_ANSWER = "award:answer"
    COMPLAINT_FILE = "complaint:file"
    VOUCHER_PROGRAMME_EDIT = "voucher:programme_edit"
    VOUCHER_REQUEST = "voucher:request"
    VOUCHER_ISSUE = "voucher:issue"
    VOUCHER_WORK = "voucher:work"
    VOUCHER_CHECK = "voucher:check"
    VOUCHER_PAY = "voucher:pay"
    VOUCHER_REGISTER_READ = "voucher:register_read"
    REPORT_DESK_READ = "report:desk_read"
    PLAN_FACT_EDIT = "report:plan_fact_edit"


P = Permission
_STAFF_READ = frozenset({P.COMPETITION_STAFF_READ, P.BUDGET_READ, P.REPORT_DESK_READ})

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.NGO_HEAD: frozenset(
        {
            P.ORGANISATION_EDIT,
            P.ORGANISATION_INVITE,
            P.APPLICATION_EDIT,
            P.APPLICATION_SUBMIT,
            P.AWARD_ANSWER,
            P.COMPLAINT_FILE,
            P.VOUCHER_REQUEST,
        }
    ),
    Role.NGO_MEMBER: frozenset({P.ORGANISATION_EDIT, P.APPLICATION_EDIT}),
    Role.NGO_ACCOUNTANT: frozenset({P.APPLICATION_EDIT}),
    Role.SECRETARY: _STAFF_READ
    | {
        P.ORGANISATION_REGISTER_READ,
        P.GOVERNING_READ,
        P.CALL_ANSWER,
        P.APPLICATION_REGISTER_READ,
        P.FORMAL_CHECK,
        P.COMPETITION_RUN,
        P.REVIEW_ASSIGN,
        P.REVIEW_PROGRESS_READ,
        P.RANKING_READ,
        P.SCORE_AUTHOR_READ,
        P.CONFLICT_REGISTER_READ,
        P.ADVICE_READ,
        P.MEETING_RUN,
        P.AWARD_EDIT,
        P.OUTBOX_READ,
        P.OUTBOX_RELEASE,
    },
    Role.ORGANIZER: _STAFF_READ
    | {
        P.ORGANISATION_REGISTER_READ,
        P.ORGANISATION_REGISTER_EDIT,
        P.CALL_ANSWER,
        P.LATE_ENTRY_GIVE,
        P.LETTER_EDIT,
        P.COMPETITION_EDIT,
        P.COMPETITION_ANNOUNCE,
        P.COMPETITION_RUN,
        P.APPLICATION_REGISTER_READ,
        P.RANKING_READ,
        P.AWARD_PUBLISH,
        P.BUDGET_EDIT,
        P.OUTBOX_READ,
        P.PLAN_FACT_EDIT,
    },
    Role.EXPERT: frozenset({P.REVIEW_SUBMIT}),
    Role.COMMISSION_MEMBER: frozenset({P.COMPETITION_STAFF_READ, P.RANKING_READ, P.ADVICE_READ, P.MEETING_VOTE}),
    Role.CHAIR: frozenset(
        {
            P.COMPETITION_STAFF_READ,
            P.RANKING_READ,
            P.MEETING_VOTE,
            P.MEETING_CHAIR,
            P.AWARD_EDIT,
            P.REVIEW_PROGRESS_READ,
            P.CONFLICT_REGISTER_READ,
            P.CONFLICT_DECIDE,
            P.ADVICE_READ,
        }
    ),
    Role.FINANCE: _STAFF_READ | {P.BUDGET_EDIT, P.VOUCHER_PAY, P.VOUCHER_REGISTER_READ},
    Role.VOUCHER_OPERATOR: frozenset(
        {
            P.ORGANISATION_REGISTER_READ,
            P.VOUCHER_PROGRAMME_EDIT,
            P.VOUCHER_ISSUE,
            P.VOUCHER_CHECK,
            P.VOUCHER_REGISTER_READ,
            P.REPORT_DESK_READ,
            P.PLAN_FACT_EDIT,
        }
    ),
    Role.CONSULTANT: frozenset({P.VOUCHER_WORK}),
    Role.AUDITOR: _STAFF_READ
    | {
        P.JOURNAL_READ,
        P.ORGANISATION_REGISTER_READ,
        P.GOVERNING_READ,
        P.APPLICATION_REGISTER_READ,
        P.RANKING_READ,
        P.CONFLICT_REGISTER_READ,
        P.VOUCHER_REGISTER_READ,
        P.OUTBOX_READ,
    },
    # An administrator keeps people and dictionaries and sees neither scores nor awards before publication.
    Role.ADMIN: frozenset(
        {
            P.USER_MANAGE,
            P.JOURNAL_READ,
            P.COMPETITION_STAFF_READ,
            P.ORGANISATION_REGISTER_READ,
            P.ORGANISATION_REGISTER_EDIT,
        }
    ),
}


def permissions_of(roles: frozenset[Role]) -> frozenset[Permission]:
    """Everything that a holder of these roles may do somewhere."""
    granted: frozenset[Permission] = frozenset()
    for role in roles:
        granted |= GRANTS[role]
    return granted
