"""Whether this person may change, announce, prolong or cancel this competition now, and what is still missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from grants_app.budget.models import BudgetLine
from grants_app.competitions import queries
from grants_app.competitions.models import Competition
from grants_app.competitions.rules import COMMISSION_MIN, INTAKE_DAYS_MIN
from grants_app.competitions.rules.form import editing
from grants_app.core import clock
from grants_app.core.errors import InvalidInput
from grants_app.journal.services import Actor
from grants_app.lifecycle import COMPETITION
from grants_app.lifecycle import CompetitionState as C
from grants_app.permissions import Permission

FROZEN = "The rules are fixed since the announcement, so that all applicants are judged by the same"
_ROLE = "Only the organizer of competitions may do this"


@dataclass(frozen=True)
class Guard:
    """A condition of announcing: theme of the settings where it is mended, msgid, facts, whether it holds."""

    theme: str
    message: str
    is_met: bool
    facts: dict[str, object] = field(default_factory=dict)


def why_not_edit(user: Actor, competition: Competition) -> str | None:
    """The settings are open to the organizer till the announcement."""
    if not user.can(Permission.COMPETITION_EDIT):
        return _ROLE
    return None if competition.state is C.DRAFT else FROZEN


def why_not_seat(user: Actor, competition: Competition) -> str | None:
    """People of the commission may be replaced until it has decided."""
    if not user.can(Permission.COMPETITION_EDIT):
        return _ROLE
    if competition.state in {C.DECIDED, C.PUBLISHED, C.COMPLETED, C.CANCELLED}:
        return "The commission has finished its work"
    return None


def why_not_announce(user: Actor, competition: Competition) -> str | None:
    """Announcing needs the organizer, a draft and every guard (the length of the intake may have a reason instead)."""
    if not user.can(Permission.COMPETITION_ANNOUNCE):
        return _ROLE
    if competition.state is not C.DRAFT:
        return "The competition has been announced already"
    if any(not guard.is_met for guard in guards(competition) if guard.message != SHORT_INTAKE):
        return "Some conditions are not met yet: see the list"
    return None


def why_not_prolong(user: Actor, competition: Competition, now: datetime) -> str | None:
    """Prolonging is possible before the deadline only: afterwards some would know who did not make it."""
    if not user.can(Permission.COMPETITION_ANNOUNCE):
        return _ROLE
    if competition.state not in {C.ANNOUNCED, C.OPEN}:
        return "The intake can be prolonged only while it is announced or open"
    if competition.intake_until is None or now >= competition.intake_until:
        return "The deadline has passed: the intake can no longer be prolonged"
    return None


def why_not_amend(user: Actor, competition: Competition, now: datetime) -> str | None:
    """An announced call may be amended till the intake ends: afterwards everybody has answered what was asked."""
    if not user.can(Permission.COMPETITION_ANNOUNCE):
        return _ROLE
    if competition.state not in {C.ANNOUNCED, C.OPEN}:
        return "A call can be amended only while it is announced or open"
    if competition.intake_until is None or now >= competition.intake_until:
        return "The deadline has passed: the call can no longer be amended"
    return None


def why_not_edit_form(user: Actor, competition: Competition, now: datetime, *, is_amended: bool) -> str | None:
    """The form is open in a draft, and in an amendment that has been begun."""
    if competition.state is C.DRAFT:
        return why_not_edit(user, competition)
    why = why_not_amend(user, competition, now)
    return why or (None if is_amended else "The form is fixed since the announcement: begin an amendment to change it")


def why_not_cancel(user: Actor, competition: Competition) -> str | None:
    """Cancelling is possible until the decision, while no money is promised to anybody."""
    if not user.can(Permission.COMPETITION_ANNOUNCE):
        return _ROLE
    if competition.state not in COMPETITION.step("cancel").sources:
        return "The competition is decided or over: it can no longer be cancelled"
    lines = [lot.budget_line for lot in competition.lots if lot.budget_line is not None]
    if any(line.reserved_kop or line.spent_kop for line in lines):
        return "Money of this competition is already awarded: it can no longer be cancelled"
    return None


def why_not_ask(user: Actor, competition: Competition, now: datetime) -> str | None:
    """Applicants may ask from the announcement till the intake ends: later an answer could help nobody any more."""
    if not user.can(Permission.APPLICATION_EDIT):
        return "Questions are asked by people of organisations that may apply"
    if competition.announced_at is None or competition.state in {C.DRAFT, C.CANCELLED}:
        return "Questions are taken while the competition is announced or open"
    if competition.intake_until is None or now >= competition.intake_until:
        return "The intake is over: questions are no longer taken"
    return None


def why_not_answer(user: Actor, competition: Competition) -> str | None:
    """Answers are the secretary's and the organizer's, as long as the competition is not called off."""
    if not user.can(Permission.CALL_ANSWER):
        return "Only the secretary or the organizer answers questions"
    return "The competition is cancelled" if competition.state is C.CANCELLED else None


def why_not_rehearse(user: Actor, competition: Competition, *, deleting: bool = False) -> str | None:
    """A call is rehearsed by its organizer, as a draft or announced; an old rehearsal may always be deleted."""
    if not user.can(Permission.COMPETITION_EDIT):
        return _ROLE
    if not deleting and (competition.is_imported or competition.state not in {C.DRAFT, C.ANNOUNCED, C.OPEN}):
        return "A rehearsal is played before applications are checked: this competition is further on"
    return None


LONG_INTAKE = "The intake lasts %(days)s calendar days; at least %(least)s are needed"
SHORT_INTAKE = "Intake lasts at least %(least)s calendar days, now %(days)s: otherwise give the reason"


def guards(competition: Competition) -> list[Guard]:
    """Every condition of announcing, in the order of the settings. An imported competition answers for rules alone."""
    found = [*_money(competition), *_scoring(competition)]
    if competition.is_imported:
        return found
    return [*_texts(competition), *found, *_form(competition), *_calendar(competition), *_people(competition)]


def unmet_guards(competition: Competition, *, short_intake_reason: str | None = None) -> list[InvalidInput]:
    """The refusals of announcing as errors with the theme as field."""
    return [
        InvalidInput(guard.message, field=guard.theme, facts=guard.facts)
        for guard in guards(competition)
        if not guard.is_met and not (guard.message == SHORT_INTAKE and (short_intake_reason or "").strip())
    ]


def _texts(competition: Competition) -> Iterator[Guard]:
    texts = {
        "The summary is written": competition.summary,
        "The legal basis is named": competition.legal_basis,
        "The text says who may apply": competition.who_may_apply,
        "The text says what is paid and what is not": competition.what_is_paid,
        "A contact is given": competition.contact,
    }
    for message, text in texts.items():
        yield Guard("basics", message, bool(text.strip()))


def _money(competition: Competition) -> Iterator[Guard]:
    lots = competition.lots
    yield Guard("lots", "There is a lot and every lot has money", bool(lots) and all(lot.fund_kop > 0 for lot in lots))
    yield Guard(
        "lots",
        "No lot has a smallest grant above its fund",
        all((lot.minimum_kop or 0) <= lot.fund_kop for lot in lots),
    )
    if not competition.is_imported:
        yield Guard(
            "lots", "Every lot names the line of the city’s budget", all(lot.source_line is not None for lot in lots)
        )
    asked: dict[BudgetLine, int] = {}
    for lot in lots:
        if lot.source_line is not None:
            asked[lot.source_line] = asked.get(lot.source_line, 0) + lot.fund_kop
    for line, amount in asked.items():
        yield Guard(
            "lots",
            "The line “%(line)s” has enough free money: %(amount)s are needed, %(available)s are free",
            amount <= line.free_kop,
            {"line": line.title, "amount": amount, "available": line.free_kop},
        )


def _scoring(competition: Competition) -> Iterator[Guard]:
    total = queries.weights_sum(competition)
    if queries.uses_percent(competition) and not competition.is_imported:
        yield Guard("criteria", "Weights add up to 100, now %(sum)s", total == 100, {"sum": _plain(total)})
    problem = rules_problem(competition)
    yield Guard(
        "rules", "The rules hold together%(problem)s", not problem, {"problem": f": {problem}" if problem else ""}
    )


def _form(competition: Competition) -> Iterator[Guard]:
    form = queries.form_of(competition)
    empty = [one.title for one in form.sections if one.page == "questions" and not one.questions]
    yield Guard("form", "Every page of the form asks something", not empty)
    named = {source: editing.named_of(form, source) for source in ("lots", "priorities")}
    if any(named.values()):
        lots, priorities = ({one.code for one in rows} for rows in (competition.lots, competition.priorities))
        is_kept = named["lots"] <= lots and named["priorities"] <= priorities
        yield Guard("form", "Conditions of questions name lots and priorities of this call", is_kept)


def _calendar(competition: Competition) -> Iterator[Guard]:
    start, end = competition.intake_from, competition.intake_until
    if start is None or end is None:
        yield Guard("calendar", "The intake has a beginning and an end", False)
        return
    days = intake_days(start, end)
    yield Guard("calendar", "The intake does not begin before today", start >= clock.start_of_day(clock.today()))
    is_long = days >= INTAKE_DAYS_MIN
    yield Guard("calendar", LONG_INTAKE if is_long else SHORT_INTAKE, is_long, {"least": INTAKE_DAYS_MIN, "days": days})
    yield Guard("calendar", ORDER, is_calendar_in_order(competition))
    yield Guard(
        "calendar",
        "Projects end in the budget year of the competition",
        competition.project_until is not None and competition.project_until.year == competition.year,
    )


ORDER = "The calendar is in order: intake, scoring, results, projects"


def is_calendar_in_order(competition: Competition) -> bool:
    """Whether intake, scoring, results and projects follow each other."""
    end, scored, results = competition.intake_until, competition.scoring_until, competition.results_by
    first, last = competition.project_from, competition.project_until
    if end is None or scored is None or results is None or first is None or last is None:
        return False
    return end < scored and clock.end_of_day(results) >= scored and results <= first < last


def intake_days(start: datetime, end: datetime) -> int:
    """Calendar days of the intake, counted on a Kyiv calendar."""
    return (clock.kyiv(end).date() - clock.kyiv(start).date()).days


def _people(competition: Competition) -> Iterator[Guard]:
    offices = [row.office for row in queries.seat_rows(competition)]
    voting = queries.voters_count(competition)
    yield Guard(
        "people",
        "The commission has at least %(least)s voting members, now %(count)s",
        voting >= COMMISSION_MIN,
        {"least": COMMISSION_MIN, "count": voting},
    )
    yield Guard("people", "The commission has one chair", offices.count("chair") == 1)
    yield Guard("people", "The commission has a secretary", offices.count("secretary") >= 1)


def rules_problem(competition: Competition) -> str:
    """What the engine says against the settings, empty when it takes them."""
    try:
        queries.engine_rules(competition)
    except InvalidInput as error:
        return str(error.facts["problem"])
    return ""


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f") if number.is_finite() else "–"
