"""The city's own words of a letter: every version kept, the newest in force, the shipped ones always one step away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from grants_app.core import clock, words
from grants_app.core.errors import DomainError, EditConflict, InvalidInput, ManyErrors, NotAllowed, NotFound
from grants_app.database import db
from grants_app.journal.letters import OWN_WORDS, fill_letter, shown_facts
from grants_app.journal.models import LetterTemplate, Notice
from grants_app.journal.registry import LANGUAGES, LetterKind, letter_kind
from grants_app.journal.services import SECRET_FACTS, Actor, notify, record
from grants_app.journal.wording import LONGEST_BODY, LONGEST_SUBJECT, Fault, faults_of, places_of
from grants_app.permissions import Permission

NEWER = "Somebody has changed these words meanwhile: compare them with yours and save again"


@dataclass(frozen=True)
class Typed:
    """What somebody typed for one language, over which version."""

    subject: str
    body: str
    number: int


def save_words(name: str, typed: Mapping[str, Typed], *, by: Actor) -> list[str]:
    """Put the city's words in force in each language where they differ from those in force; gives the languages.

    Raises NotFound for an unknown letter, NotAllowed, ManyErrors with a fault for each field ("subject_uk", …),
    EditConflict when somebody saved meanwhile. Nothing typed is evaluated: see `wording`.
    """
    kind = _editable(name, by)
    faults = [fault for lang in LANGUAGES for fault in word_faults(kind, lang, typed[lang])]
    if faults:
        raise ManyErrors(faults)
    saved = []
    for lang in LANGUAGES:
        new = typed[lang]
        before = newest(name, lang)
        in_force = kind.shipped(lang) if before is None or before.is_shipped else (before.subject, before.body)
        if (new.subject, new.body) == in_force:
            continue
        if (before.number if before is not None else 0) != new.number:
            raise EditConflict(NEWER)
        is_shipped = (new.subject, new.body) == kind.shipped(lang)
        _add(kind, lang, new, is_shipped=is_shipped, by=by)
        saved.append(lang)
    return saved


def return_to_shipped(name: str, lang: str, *, by: Actor) -> None:
    """Put the shipped words in force again; the city's versions stay in the list. Raises NotFound, NotAllowed."""
    kind = _editable(name, by)
    if lang not in LANGUAGES:
        raise NotFound
    before = newest(name, lang)
    if before is None or before.is_shipped:
        return
    subject, body = kind.shipped(lang)
    _add(kind, lang, Typed(subject, body, before.number), is_shipped=True, by=by)


def word_faults(kind: LetterKind, lang: str, typed: Typed) -> list[DomainError]:
    """What keeps typed words from being put in force, by field."""
    faults: list[DomainError] = []
    limits = {"subject": (typed.subject, LONGEST_SUBJECT), "body": (typed.body, LONGEST_BODY)}
    for part, (text, longest) in limits.items():
        field = f"{part}_{lang}"
        if not text.strip():
            faults.append(InvalidInput("Write the words of the letter", field=field))
        if words.count(text) > longest:
            faults.append(InvalidInput("At most %(longest)s characters", field=field, facts={"longest": longest}))
        for message, facts in [*faults_of(text, kind.places), *_grown_together(text, kind)]:
            faults.append(InvalidInput(message, field=field, facts=facts))
    if "\n" in typed.subject or "\r" in typed.subject:
        faults.append(InvalidInput("A subject is one line", field=f"subject_{lang}"))
    used = places_of(typed.subject, typed.body)
    for place in kind.about.needs:
        if place not in used:
            facts = {"place": f"{{{place}}}"}
            faults.append(InvalidInput("This letter may not go without %(place)s", field=f"body_{lang}", facts=facts))
    return faults


def _grown_together(text: str, kind: LetterKind) -> list[Fault]:
    """Places of secrets beside other signs: a code in a word is not known as one, and the outbox would show it."""
    places = [f"{{{name}}}" for name in sorted(SECRET_FACTS & set(kind.places))]
    return [
        ("Leave a space before and after %(place)s", {"place": one})
        for one in places
        if re.search(rf"[\w{{}}-]{re.escape(one)}|{re.escape(one)}[\w{{}}-]", text)
    ]


def left_away(kind: LetterKind, lang: str, subject: str, body: str) -> list[str]:
    """Places of the shipped words that these do without: not wrong, but worth a look."""
    return sorted(places_of(*kind.shipped(lang)) - places_of(subject, body))


def try_words(kind: LetterKind, lang: str, words_: tuple[str, str], last: Notice | None) -> tuple[str, str]:
    """Words as a receiver would read them, with the facts of the last such letter, else with examples."""
    shown = shown_facts(kind.examples(lang), lang)
    if last is not None and last.facts:
        shown.update({key: value for key, value in last.facts.items() if key in shown})
    return fill_letter(words_, shown)


def send_test(kind: LetterKind, lang: str, words_: tuple[str, str], *, to: str, by: Actor) -> Notice:
    """A letter with examples to the person who edits it, marked as a test in the subject. Raises NotAllowed."""
    if not by.can(Permission.LETTER_EDIT):
        raise NotAllowed("Your role does not allow this step")
    subject, body = try_words(kind, lang, words_, None)
    mark = {"uk": "[Перевірка]", "en": "[Test]"}[lang]
    record(thing="letter_template", code=f"{kind.name}/{lang}", step="test", by=by)
    return notify(
        email=to, template="test", subject=f"{mark} {subject}", body=body, thing="letter_template", code=kind.name,
        lang=lang, recipient_id=by.actor_id,
    )  # fmt: skip


def newest(name: str, lang: str) -> LetterTemplate | None:
    """The last version of a letter in a language, shipped words included."""
    query = sa.select(LetterTemplate).filter_by(name=name, lang=lang).order_by(LetterTemplate.number.desc()).limit(1)
    found: LetterTemplate | None = db.session.scalar(query)
    return found


def _editable(name: str, by: Actor) -> LetterKind:
    if not by.can(Permission.LETTER_EDIT):
        raise NotAllowed("Your role does not allow this step")
    kind = letter_kind(name)
    if kind is None:
        raise NotFound
    return kind


def _add(kind: LetterKind, lang: str, typed: Typed, *, is_shipped: bool, by: Actor) -> None:
    row = LetterTemplate(
        name=kind.name, lang=lang, number=typed.number + 1, subject=typed.subject, body=typed.body,
        is_shipped=is_shipped, at=clock.now(), by_id=by.actor_id,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:  # two saved over the same version at once
        raise EditConflict(NEWER) from error
    db.session.info.pop(OWN_WORDS, None)
    record(
        thing="letter_template",
        code=f"{kind.name}/{lang}",
        step="return_to_shipped" if is_shipped else "save",
        by=by,
        facts={"number": row.number},
    )
