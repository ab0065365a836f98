"""What the double-funding radar looks for, on plain facts: the same cost, nearly the same text, a repeated project, one
service paid twice, connected applicants. Every finding carries the two places side by side; a person judges it.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from grants_app.applications.rules.likeness import TextIndex, item_key, words_of

# Kinds of findings: code -> msgid.
KINDS: dict[str, str] = {
    "cost": "The same costs",
    "text": "Nearly the same text",
    "repeat": "The same project in another application",
    "payment": "The same service is paid from another source",
    "linked": "Connected applicants in one competition",
}
# What connects two applicants: code -> msgid.
LINKS: dict[str, str] = {
    "organisation": "One organisation",
    "account": "One person works in both organisations",
    "person": "The same full name in both organisations",
    "phone": "The same phone",
    "iban": "The same bank account",
}
TITLE, LINE, SERVICE = "Project title", "Line of the budget", "Service"
# Strangers buy paper at the same price by chance: one equal line says something only of connected applicants.
EQUAL_LINES_OF_STRANGERS = 2


@dataclass(frozen=True)
class Cost:
    """A line of a project budget that the city is asked to pay."""

    item: str
    price_kop: int
    total_kop: int


@dataclass(frozen=True)
class Subject:
    """An application as the radar sees it; texts by label, links as pairs of a kind of LINKS and a value."""

    code: str
    competition: str
    edrpou: str
    title: str
    costs: tuple[Cost, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    links: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Payment:
    """Something that another source pays for an organisation: a voucher, a contract of an earlier year."""

    thing: str
    code: str
    edrpou: str
    service: str
    amount_kop: int


@dataclass(frozen=True)
class Sight:
    """Two places side by side; `place` is a msgid or a label of the form."""

    place: str
    own: str
    other: str
    own_kop: int | None = None
    other_kop: int | None = None


@dataclass(frozen=True)
class Finding:
    """What was found about one application beside another thing."""

    kind: str
    other_thing: str
    other_code: str
    likeness_bp: int
    evidence: tuple[Sight, ...]

    @property
    def fingerprint(self) -> str:
        """The same finding looks the same at every look; changed evidence is another finding."""
        seen = [[one.place, one.own, one.other, one.own_kop, one.other_kop] for one in self.evidence]
        text = json.dumps([self.kind, self.other_thing, self.other_code, seen], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Radar:
    """The applications of one competition, ready to be compared with any others, one by one."""

    subjects: Sequence[Subject]
    _texts: TextIndex[tuple[int, str]] = field(init=False)
    _costs: dict[tuple[str, ...], list[tuple[int, Cost]]] = field(init=False)
    _links: dict[tuple[str, str], list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self._texts, self._costs, self._links = TextIndex(), defaultdict(list), defaultdict(list)
        for number, subject in enumerate(self.subjects):
            for label, text in subject.texts:
                self._texts.add((number, label), text)
            for cost in subject.costs:
                self._costs[item_key(cost.item)].append((number, cost))
            for link in subject.links:
                self._links[link].append(number)

    def beside(self, other: Subject) -> dict[str, list[Finding]]:
        """What our applications show beside this one, by their codes."""
        links: dict[int, list[tuple[str, str]]] = defaultdict(list)
        for link in sorted(other.links):
            for number in self._links.get(link, ()):
                links[number].append(link)
        texts, costs = self._alike(other), self._equal_costs(other)
        found: dict[str, list[Finding]] = {}
        for number in sorted({*links, *texts, *costs}):
            subject = self.subjects[number]
            if subject.code != other.code:
                made = _judged(subject, other, links.get(number, []), texts.get(number, []), costs.get(number, []))
                if made:
                    found[subject.code] = made
        return found

    def _alike(self, other: Subject) -> dict[int, list[tuple[Sight, int]]]:
        found: dict[int, list[tuple[Sight, int]]] = defaultdict(list)
        for label, text in other.texts:
            for (number, place), alike in self._texts.like(text):
                own = dict(self.subjects[number].texts)[place]
                if place == label or own == text:
                    found[number].append((Sight(place, own, text), alike))
        return found

    def _equal_costs(self, other: Subject) -> dict[int, list[Sight]]:
        found: dict[int, list[Sight]] = defaultdict(list)
        for cost in other.costs:
            key = item_key(cost.item)
            for number, own in self._costs.get(key, ()) if key else ():
                if own.price_kop == cost.price_kop or own.total_kop == cost.total_kop:
                    found[number].append(Sight(LINE, own.item, cost.item, own.total_kop, cost.total_kop))
        return found


def payments_of(subject: Subject, payments: Mapping[str, Iterable[Payment]]) -> list[Finding]:
    """Lines of the budget for a service that another source pays for the same organisation already."""
    found = []
    for payment in payments.get(subject.edrpou, ()):
        service = set(item_key(payment.service))
        seen = tuple(
            Sight(SERVICE, cost.item, payment.service, cost.total_kop, payment.amount_kop)
            for cost in subject.costs
            if service and len(service & set(item_key(cost.item))) * 2 >= len(service)
        )
        if seen:
            found.append(Finding("payment", payment.thing, payment.code, 10_000, seen))
    return found


def _judged(
    subject: Subject,
    other: Subject,
    links: list[tuple[str, str]],
    texts: list[tuple[Sight, int]],
    costs: list[Sight],
) -> list[Finding]:
    found = []
    same_title = words_of(subject.title) == words_of(other.title) and bool(words_of(subject.title))
    titles = (Sight(TITLE, subject.title, other.title),) if same_title else ()
    sights = tuple(sight for sight, _alike in texts)
    alike = max((alike for _sight, alike in texts), default=0)
    if links and (texts or titles):
        found.append(Finding("repeat", "application", other.code, 10_000 if titles else alike, (*titles, *sights)))
    elif texts:
        found.append(Finding("text", "application", other.code, alike, sights))
    if costs and (links or len(costs) >= EQUAL_LINES_OF_STRANGERS):
        found.append(Finding("cost", "application", other.code, 10_000, tuple(costs)))
    if links and subject.competition == other.competition:
        seen = tuple(Sight(LINKS[kind], value, value) for kind, value in links)
        found.append(Finding("linked", "application", other.code, 10_000, seen))
    return found
