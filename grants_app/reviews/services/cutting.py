"""Lines of the project budget kept, trimmed or struck by an expert, and the recommended sum that follows from them."""

from __future__ import annotations

from grants_app.applications.models import BudgetRow
from grants_app.core import words
from grants_app.core.errors import DomainError, InvalidInput
from grants_app.reviews.models import Assignment, LineAdvice
from grants_app.reviews.rules import LONGEST_LINE_REASON, SheetInput, line_field, line_reason_field


def line_faults(row: Assignment, sheet: SheetInput) -> list[DomainError]:
    """What no sheet may hold, finished or not: a line that is not there, more than was asked, a reason too long."""
    if not sheet.lines:
        return []
    faults: list[DomainError] = []
    asked = dict(enumerate(row.application.budget_rows, start=1))
    for number, line in sorted(sheet.lines.items()):
        budget_row = asked.get(number)
        if budget_row is None:
            return [InvalidInput("The sheet names a line that this budget does not have")]
        if line.left_kop is not None and not 0 <= line.left_kop <= budget_row.city_kop:
            facts = {"number": number, "maximum": budget_row.city_kop, "amount": line.left_kop}
            sentence = "Line %(number)s: at most %(maximum)s can be left, now %(amount)s"
            faults.append(InvalidInput(sentence, field=line_field(number), facts=facts))
        if words.count(line.reason) > LONGEST_LINE_REASON:
            facts = {"number": number, "limit_count": LONGEST_LINE_REASON}
            sentence = "Line %(number)s: shorten the reason to %(limit_count)s characters"
            faults.append(InvalidInput(sentence, field=line_reason_field(number), facts=facts))
    return faults


def write_lines(row: Assignment, sheet: SheetInput) -> None:
    """Keep what was said of the named lines; a line left whole without a word needs no record."""
    if not sheet.lines:
        return
    kept = {one.budget_row_id: one for one in row.line_advice}
    asked = dict(enumerate(row.application.budget_rows, start=1))
    for number, line in sheet.lines.items():
        _write_line(row, asked[number], kept.get(asked[number].id), line.left_kop, words.one_line(line.reason))


def cut_kop(row: Assignment) -> int:
    """How much of the city's money the expert takes out of the budget."""
    if not row.line_advice:
        return 0
    left = {one.budget_row_id: one.city_kop for one in row.line_advice}
    return sum(one.city_kop - left[one.id] for one in row.application.budget_rows if one.id in left)


def recommended_kop(sheet: SheetInput, requested_kop: int, cut: int) -> int | None:
    """The sum of the recommendation: all, what the cut lines leave, or what was typed where no line is cut."""
    if sheet.recommendation == "fund":
        return requested_kop
    if sheet.recommendation != "partly":
        return None
    return requested_kop - cut if cut and sheet.recommended_kop is None else sheet.recommended_kop


def sum_gaps(row: Assignment, sheet: SheetInput) -> list[DomainError]:
    """Why a finished review cannot recommend this sum: it must agree with the lines, figure by figure."""
    requested, cut = row.application.requested_kop, cut_kop(row)
    gaps = _reason_gaps(row)
    if sheet.recommendation == "fund" and cut:
        facts = {"excess": cut}
        sentence = "The lines are cut by %(excess)s. Recommend a smaller sum, or leave the lines whole"
        return [*gaps, InvalidInput(sentence, field="recommendation", facts=facts)]
    if sheet.recommendation != "partly":
        return gaps
    if cut >= requested:
        return [*gaps, InvalidInput("Nothing is left of the budget: recommend not to fund", field="recommendation")]
    typed = sheet.recommended_kop
    if cut and typed is not None and typed != requested - cut:
        facts = {"amount": typed, "limit": requested - cut}
        sentence = "You typed %(amount)s, and the lines leave %(limit)s. Clear the sum or change the lines"
        gaps.append(InvalidInput(sentence, field="recommended_kop", facts=facts))
    elif not cut and not typed:
        gaps.append(InvalidInput("Enter the sum that you recommend", field="recommended_kop"))
    elif not cut and typed is not None and typed >= requested:
        sentence = "A smaller sum is less than the request of %(maximum)s"
        gaps.append(InvalidInput(sentence, field="recommended_kop", facts={"maximum": requested}))
    return gaps


def lines_content(row: Assignment) -> dict[str, object]:
    """Advice on lines as it is hashed: by the number of the line."""
    numbers = {one.id: number for number, one in enumerate(row.application.budget_rows, start=1)}
    return {
        str(numbers[one.budget_row_id]): {"left_kop": one.city_kop, "reason": one.reason}
        for one in sorted(row.line_advice, key=lambda one: numbers[one.budget_row_id])
    }


def _write_line(row: Assignment, asked: BudgetRow, kept: LineAdvice | None, left: int | None, reason: str) -> None:
    city_kop = asked.city_kop if left is None else left
    if city_kop == asked.city_kop and not reason:
        if kept is not None:
            row.line_advice.remove(kept)
        return
    if kept is None:
        kept = LineAdvice(budget_row_id=asked.id, city_kop=city_kop)
        row.line_advice.append(kept)
    kept.city_kop = city_kop
    kept.reason = reason


def _reason_gaps(row: Assignment) -> list[DomainError]:
    if not row.line_advice:
        return []
    advice = {one.budget_row_id: one for one in row.line_advice}
    return [
        InvalidInput(
            "Line %(number)s: say why the sum is cut", field=line_reason_field(number), facts={"number": number}
        )
        for number, one in enumerate(row.application.budget_rows, start=1)
        if one.id in advice and advice[one.id].city_kop < one.city_kop and not advice[one.id].reason
    ]
