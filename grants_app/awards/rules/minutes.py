"""The text of the minutes («Протокол»), an act in the state language, built from what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from grants_app.awards.rules.admission import sentence

_OFFICES = {"chair": "голова", "deputy": "заступник голови", "member": "член комісії", "secretary": "секретар"}
_PRESENCES = {"room": "у залі", "online": "онлайн", "absent": "немає на засіданні"}
_CHOICES = {"for": "за", "against": "проти", "abstain": "утримується"}


@dataclass(frozen=True)
class Person:
    """A seat at the meeting."""

    name: str
    office: str
    presence: str


@dataclass(frozen=True)
class Point:
    """An item of the agenda as it was decided; sums are ready texts."""

    number: int
    title: str
    draft: str
    is_adopted: bool
    seats: int
    eligible: int
    present: int
    quorum_needed: int
    needed: int
    for_count: int
    against_count: int
    abstain_count: int
    by_chair: bool
    notes: Sequence[str] = ()
    recusals: Sequence[tuple[str, str, bool]] = ()  # name, reason, by challenge
    refused_challenges: Sequence[tuple[str, str]] = ()
    votes: Sequence[tuple[str, str]] = ()  # name, choice
    sums: Sequence[tuple[str, str]] = ()  # application and sum
    departures: Sequence[tuple[str, str]] = ()  # application and reason
    admissions: Sequence[tuple[str, str, str]] = ()  # application, reason and clause of a refusal


@dataclass(frozen=True)
class Record:
    """Everything that the minutes tell."""

    number: int
    code: str
    competition: str
    city: str
    when: str
    opened: str
    closed: str
    where: str
    parts: int
    of: int
    people: Sequence[Person]
    present: int
    needed: int
    seats: int
    points: Sequence[Point] = field(default_factory=tuple)


def minutes_text(record: Record) -> str:
    """The minutes, paragraph by paragraph."""
    lines = [
        f"ПРОТОКОЛ № {record.number}",
        f"засідання конкурсної комісії конкурсу «{record.competition}»",
        "",
        f"Реєстраційний код: {record.code}",
        f"Дата: {record.when}. Відкрито о {record.opened}, закрито о {record.closed}.",
        f"Місце: {record.where}",
        "",
        "ПРИСУТНІ",
        *(
            f"– {person.name}, {_OFFICES[person.office]}: {_PRESENCES[person.presence]}"
            for person in record.people
            if person.presence != "absent"
        ),
    ]
    absent = [person for person in record.people if person.presence == "absent"]
    lines += ["ВІДСУТНІ", *(f"– {person.name}, {_OFFICES[person.office]}" for person in absent)] if absent else []
    lines += [
        "",
        (
            f"КВОРУМ: членів комісії з правом голосу {record.seats}, присутні {record.present}, потрібно щонайменше "
            f"{record.needed} ({record.parts}/{record.of} від {record.seats}). Засідання правоможне."
        ),
        "",
        "ПОРЯДОК ДЕННИЙ",
        *(f"{point.number}. {point.title}" for point in record.points),
    ]
    for point in record.points:
        lines += ["", *_point(point)]
    return "\n".join(lines) + "\n"


def _point(point: Point) -> list[str]:
    lines = [f"{point.number}. {point.title}"]
    lines += [
        f"КОНФЛІКТ ІНТЕРЕСІВ: {_conflict(name, reason, challenged)}" for name, reason, challenged in point.recusals
    ]
    lines += [f"ВІДВІД НЕ ЗАДОВОЛЕНО: {name}. Підстава: {reason}" for name, reason in point.refused_challenges]
    lines += [f"СЛУХАЛИ: {_line(note)}" for note in point.notes]
    lines.append(f"ПРОЄКТ РІШЕННЯ: {_line(point.draft)}")
    lines += [f"– {name}: {amount}" for name, amount in point.sums]
    lines += [f"– {_line(name)}{_ground(reason, clause)}" for name, reason, clause in point.admissions]
    lines += [f"ВІДХИЛЕННЯ ВІД ПРАВИЛА: {name}. Причина: {reason}" for name, reason in point.departures]
    lines.append(
        f"КВОРУМ З ПИТАННЯ: мають право голосу {point.eligible} із {point.seats}, голосують {point.present}, потрібно "
        f"щонайменше {point.quorum_needed}."
    )
    lines.append("ГОЛОСУВАЛИ поіменно: " + ("; ".join(f"{name} – {_CHOICES[choice]}" for name, choice in point.votes)))
    lines.append(
        f"Разом: за – {point.for_count}, проти – {point.against_count}, утрималися – {point.abstain_count}. "
        f"Більшість присутніх: {point.needed}."
        + (" Голоси розділилися порівну, вирішальним став голос головуючого." if point.by_chair else "")
    )
    lines.append("ВИРІШИЛИ: " + (_line(point.draft) if point.is_adopted else "рішення не ухвалено."))
    return lines


def _conflict(name: str, reason: str, challenged: bool) -> str:
    how = "за відводом" if challenged else "самовідвід"
    return f"{name} не бере участі в розгляді ({how})" + (f". Підстава: {reason}" if reason else ".")


def _ground(reason: str, clause: str) -> str:
    return f". Причина: {sentence(reason)} Підстава: {sentence(clause)}" if clause else ""


def _line(text: str) -> str:
    """One paragraph: blank lines part the items of the minutes, so that texts inside must not hold any."""
    return " ".join(text.split())


_COUNTED = ("КВОРУМ З ПИТАННЯ: ", "ГОЛОСУВАЛИ поіменно: ", "Разом: ")


def with_typed(text: str, veil: Callable[[Sequence[str]], Sequence[str]]) -> str:
    """The minutes with the words that people typed on the agenda put through `veil`; counts and votes stay.

    >>> with_typed("ПРОТОКОЛ\\n\\nПОРЯДОК ДЕННИЙ\\n1. Про «Сад»\\n", lambda lines: [one.upper() for one in lines])
    'ПРОТОКОЛ\\n\\nПОРЯДОК ДЕННИЙ\\n1. ПРО «САД»\\n'
    """
    head, agenda, rest = text.partition("\nПОРЯДОК ДЕННИЙ\n")
    lines = rest.split("\n")
    typed = [index for index, line in enumerate(lines) if line and not line.startswith(_COUNTED)]
    for index, line in zip(typed, veil([lines[index] for index in typed]), strict=True):
        lines[index] = line
    return head + agenda + "\n".join(lines)


def without_points(text: str, numbers: set[int], count: int) -> str:
    """The minutes for a member who takes no part in some items: of these only the number is left.

    >>> without_points("ПРОТОКОЛ\\n1. Одне\\n\\n1. Одне\\nВИРІШИЛИ: так\\n", {1}, 1).splitlines()[-1]
    '1. Це питання розглядають без вас.'
    """
    blocks = text.rstrip("\n").split("\n\n")
    head, points = "\n\n".join(blocks[:-count]), blocks[-count:]
    lines = [_hidden(line, numbers) for line in head.split("\n")]
    kept = [_hidden_point(block, numbers) for block in points]
    return "\n".join(lines) + "\n\n" + "\n\n".join(kept) + "\n"


def _hidden(line: str, numbers: set[int]) -> str:
    number = line.partition(". ")[0]
    return f"{number}. Це питання розглядають без вас." if number.isdigit() and int(number) in numbers else line


def _hidden_point(block: str, numbers: set[int]) -> str:
    first = _hidden(block.partition("\n")[0], numbers)
    return first if first != block.partition("\n")[0] else block
