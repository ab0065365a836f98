"""What the machine finds about a requirement, with figures and the place in the application; a person decides.

A requirement names its check in `machine`; a name that nobody here knows means that only a person can tell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from grants_app.accounts.models import OrganisationDocument
from grants_app.applications import rules
from grants_app.applications.models import Application, Attachment, Flag, Signature, Submission
from grants_app.applications.queries.access import sent_count
from grants_app.applications.queries.content import (
    answers_of,
    attachments_of,
    form_for,
    limits_of,
    lines_of,
    missing_answers,
)
from grants_app.applications.queries.late_entry import late_reason
from grants_app.applications.queries.radar import looked_at
from grants_app.applications.rules import Missing
from grants_app.applications.rules import budget as budget_rules
from grants_app.core import clock, figures
from grants_app.core.figures import Figure
from grants_app.database import db
from grants_app.lifecycle import FlagState

Facts = tuple[tuple[str, object], ...]
LINES, FILES, RADAR = "s-lines", "s-files", "radar"  # places on the page of the check


@dataclass(frozen=True)
class Hint:
    """What the machine found about a requirement: None means that only a person can tell. `place`: where to look."""

    is_kept: bool | None
    message: str
    facts: Facts = ()
    place: str = ""


ONLY_A_PERSON = Hint(None, "Only a person can tell")
NOT_SEEN = Hint(None, "The radar has not seen the application as it is now")


class Case:
    """One application, read once for all of its checks."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.competition = application.competition
        self.form = form_for(application)
        self.answers: dict[str, Any] = answers_of(application)

    @cached_property
    def files(self) -> list[Attachment]:
        """Attached papers."""
        return attachments_of(self.application)

    @cached_property
    def gaps(self) -> list[Missing]:
        """Answers and papers that are missing."""
        kinds = [file.kind for file in self.files]
        return [
            *missing_answers(self.application, self.answers),
            *rules.missing_files(self.form, kinds, self.answers),
        ]

    @cached_property
    def broken(self) -> set[str]:
        """Rules of the budget that do not hold."""
        return {one.rule for one in budget_rules.broken(lines_of(self.application), limits_of(self.application))}

    @cached_property
    def is_looked_at(self) -> bool:
        """Whether the radar has seen the application as it is now."""
        sent = db.session.scalar(sa.select(sa.func.max(Submission.at)).filter_by(application_id=self.application.id))
        seen = looked_at(self.competition)
        return seen is not None and (sent is None or sent <= seen)

    @cached_property
    def flags(self) -> list[Flag]:
        """Marks of the radar that nobody has dismissed and that a new look found again."""
        query = sa.select(Flag).where(
            Flag.application_id == self.application.id, Flag.state != FlagState.DISMISSED, Flag.gone_at.is_(None)
        )
        return list(db.session.scalars(query))


def hints_of(application: Application) -> dict[str, Hint]:
    """The findings by the name of the check, for the checks that the form of this application asks for."""
    case = Case(application)
    asked = {one.machine for one in case.form.requirements}
    return {name: check(case) for name, check in CHECKS.items() if name in asked}


def earliest_registration(application: Application) -> date:
    """The last day of registration that still satisfies the rule, counted back from the announcement."""
    competition = application.competition
    announced = clock.kyiv(competition.announced_at).date() if competition.announced_at else clock.today()
    return months_before(announced, competition.registered_months_min)


def months_before(day: date, months: int) -> date:
    """The same day `months` earlier, or the last one of a shorter month."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _in_time(case: Case) -> Hint:
    sent, until = case.application.submitted_at, case.competition.intake_until
    shown = Figure(figures.second, sent)
    is_kept = sent is not None and (until is None or sent < until)
    late = None if is_kept else late_reason(case.application)
    if late is not None:
        return Hint(True, "Submitted at %(time)s by a late entry: %(reason)s", (("time", shown), ("reason", late)))
    return Hint(is_kept, "Submitted at %(time)s", (("time", shown),))


def _age(case: Case) -> Hint:
    if case.application.organisation is None:
        return Hint(None, "The organisation is not in the system")
    last = earliest_registration(case.application)
    registered = case.application.organisation.registered_on
    facts: Facts = (("day", Figure(figures.day, registered)), ("last", Figure(figures.day, last)))
    return Hint(registered <= last, "Registered on %(day)s, needed no later than %(last)s", facts)


def _complete(case: Case) -> Hint:
    asked = {one.machine for one in case.form.requirements}
    apart = {rules.FILES_ITEM} if "papers" in asked else set()
    if "declarations" in asked:
        apart |= {one.code for one in case.form.declarations}
    gaps = [gap for gap in case.gaps if gap.item not in apart]
    return _missing(gaps) or Hint(True, "Nothing is missing")


def _missing(gaps: list[Missing]) -> Hint | None:
    if not gaps:
        return None
    first = gaps[0]
    facts: Facts = (("count", len(gaps)), ("cell", first.label))
    place = FILES if first.item == rules.FILES_ITEM else _at(first.item)
    return Hint(False, "Missing: %(count)s, first “%(cell)s”", facts, place)


def _limits(case: Case) -> Hint:
    limits = limits_of(case.application)
    facts: Facts = (
        ("amount", case.application.requested_kop),
        ("minimum", limits.minimum_kop or 0),
        ("maximum", limits.maximum_kop if limits.maximum_kop is not None else "–"),
    )
    is_kept = not case.broken & {"maximum", "minimum"}
    return Hint(is_kept, "Asked %(amount)s, the lot allows from %(minimum)s to %(maximum)s", facts, LINES)


def _own_share(case: Case) -> Hint:
    least = limits_of(case.application).own_share_min_bp
    has = Figure(figures.share_exact, case.application.own_share_bp)
    facts: Facts = (("share", has), ("least", Figure(figures.share_exact, least)))
    return Hint("own_share" not in case.broken, "Own share %(share)s, at least %(least)s is needed", facts, LINES)


def _in_kind(case: Case) -> Hint:
    most = limits_of(case.application).inkind_max_bp
    facts: Facts = (("amount", case.application.own_inkind_kop), ("most", Figure(figures.share_exact, most)))
    return Hint("inkind" not in case.broken, "In kind %(amount)s, at most %(most)s of the own share", facts, LINES)


def _period(case: Case) -> Hint:
    days = [str(case.answers.get(code) or "") for code in ("start_on", "end_on")]
    shown = [Figure(figures.day, date.fromisoformat(day) if day else None) for day in days]
    is_kept = not [gap for gap in case.gaps if gap.item in {"start_on", "end_on"}]
    facts: Facts = (("first", shown[0]), ("last", shown[1]))
    return Hint(is_kept, "The project runs from %(first)s to %(last)s", facts, _at("start_on"))


def _double_funding(case: Case) -> Hint:
    marks = [flag for flag in case.flags if flag.kind in {"cost", "text", "repeat", "payment"}]
    if any(flag.state is FlagState.CONFIRMED for flag in marks):
        return Hint(False, "A mark of the radar is confirmed", place=RADAR)
    if marks:
        return Hint(None, "Marks of the radar wait for a person: %(count)s", (("count", len(marks)),), RADAR)
    if case.answers.get("other_public_funding") == "yes":
        return Hint(None, "The applicant names another budget", place=_at("other_public_funding"))
    if not case.is_looked_at:
        return NOT_SEEN
    return Hint(True, "Answer of the applicant on other budgets", place=_at("other_public_funding"))


def _duplicate(case: Case) -> Hint:
    marks = [flag for flag in case.flags if flag.kind == "linked"]
    if not marks:
        return Hint(True, "No connected applicant was found") if case.is_looked_at else NOT_SEEN
    if any(flag.state is FlagState.CONFIRMED for flag in marks):
        return Hint(False, "A mark of the radar is confirmed", place=RADAR)
    return Hint(None, "Marks of the radar wait for a person: %(count)s", (("count", len(marks)),), RADAR)


def _per_organisation(case: Case) -> Hint:
    allowed = case.competition.applications_per_organisation
    sent = sent_count(case.competition, case.application.organisation_id)
    return Hint(sent <= allowed, "Sent %(sent)s, allowed %(allowed)s", (("sent", sent), ("allowed", allowed)))


def _declarations(case: Case) -> Hint:
    missing = [one.label for one in case.form.declarations if one.required and case.answers.get(one.code) is not True]
    if not missing:
        return Hint(True, "Ticked: %(count)s", (("count", len(case.form.declarations)),))
    return Hint(False, "Not ticked: “%(cell)s”", (("cell", missing[0]),))


def _signature(case: Case) -> Hint:
    query = sa.select(Signature).filter_by(application_id=case.application.id).order_by(Signature.id.desc()).limit(1)
    signature = db.session.scalar(query)
    if signature is None:
        return Hint(None, "No signature is stored")
    if signature.content_digest != case.application.content_digest:
        return Hint(False, "The signature is over another content than was sent", place=FILES)
    if signature.verdict == "invalid":
        return Hint(False, "The signature is not valid", place=FILES)
    shown = Figure(figures.second, signature.at)
    is_certain = signature.verdict == "valid" or signature.mode in {"confirm", "second_factor"}
    return Hint(True if is_certain else None, "Signed at %(time)s over what was sent", (("time", shown),), FILES)


def _papers(case: Case) -> Hint:
    missing = _missing([gap for gap in case.gaps if gap.item == rules.FILES_ITEM])
    if missing is not None:
        return missing
    numbers = [file.document_id for file in case.files if file.document_id is not None]
    if case.application.submitted_at is None:
        return ONLY_A_PERSON
    last = clock.kyiv(case.application.submitted_at).date()
    query = sa.select(OrganisationDocument).where(
        OrganisationDocument.id.in_(numbers), OrganisationDocument.valid_until < last
    )
    old = db.session.scalar(query.order_by(OrganisationDocument.valid_until).limit(1))
    if old is not None and old.valid_until is not None:
        facts: Facts = (("cell", old.title or old.file_name), ("day", Figure(figures.day, old.valid_until)))
        return Hint(False, "“%(cell)s” was valid until %(day)s", facts, FILES)
    if len(numbers) < len(case.files) or not numbers:
        facts = (("count", len(case.files)),)
        return Hint(None, "Attached: %(count)s. Only a person can tell whether they are suitable", facts, FILES)
    return Hint(True, "Papers from the library are valid on the day of submission", place=FILES)


def _at(question: str) -> str:
    return f"q-{question}"


CHECKS: dict[str, Callable[[Case], Hint]] = {
    "in_time": _in_time,
    "age": _age,
    "complete": _complete,
    "limits": _limits,
    "own_share": _own_share,
    "in_kind": _in_kind,
    "period": _period,
    "double_funding": _double_funding,
    "per_organisation": _per_organisation,
    "declarations": _declarations,
    "signature": _signature,
    "papers": _papers,
    "duplicate": _duplicate,
}
