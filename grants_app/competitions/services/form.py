"""Writing the application form: of a draft, or of an amendment that nobody but the staff sees yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from grants_app.competitions import policy, queries
from grants_app.competitions.models import CallAmendment, Competition
from grants_app.competitions.queries.amendments import known_codes
from grants_app.competitions.rules.form import Form, Question, Section, check_form, editing, form_text, read_form
from grants_app.competitions.services.settings import NEWER, locked, saved
from grants_app.core import clock
from grants_app.core.errors import EditConflict, InvalidInput, NotAllowed
from grants_app.database import db, lock
from grants_app.journal.services import Actor, record
from grants_app.lifecycle import CompetitionState


@dataclass(frozen=True)
class Pad:
    """The form as it may be written now: in the draft itself, or in the amendment of an announced call."""

    competition: Competition
    amendment: CallAmendment | None

    @property
    def form(self) -> Form:
        """The form as it stands."""
        return read_form((self.amendment or self.competition).form_text)


def open_pad(competition: Competition, by: Actor) -> Pad:
    """The form, locked, if `by` may change it now. Raises NotAllowed with the reason."""
    found = locked(competition)
    amendment = None
    if found.state is not CompetitionState.DRAFT:
        amendment = db.session.scalar(lock(sa.select(CallAmendment).filter_by(competition_id=found.id)))
    why = policy.why_not_edit_form(by, found, clock.now(), is_amended=amendment is not None)
    if why is not None:
        raise NotAllowed(why)
    return Pad(found, amendment)


def save_section(competition: Competition, section: Section, *, by: Actor, seen: str | None = None) -> str:
    """A page of the form; without a slug a new one. Answers the slug. Raises InvalidInput, EditConflict."""

    def change(form: Form) -> Form:
        if not section.slug:
            return editing.put_section(form, replace(section, slug=slug))
        known = editing.section_of(form, section.slug)
        _refuse_newer(known, seen)
        return editing.put_section(form, section)

    slug = section.slug or editing.free_code("sections", known_codes(competition))
    _write(competition, change, by)
    return slug


def save_question(
    competition: Competition, question: Question, *, section: str, by: Actor, seen: str | None = None
) -> str:
    """A question on a page of the form; without a code a new one. Answers the code.

    Raises InvalidInput (fields label, options, kind …), EditConflict when another person changed this question since.
    """

    def change(form: Form) -> Form:
        if not question.code:
            return editing.put_question(form, replace(question, code=code), section)
        known = editing.question_of(form, question.code)
        _refuse_newer((known, form.section_of[known.code].slug), seen)
        return editing.put_question(form, question, section)

    code = question.code or editing.free_code("questions", known_codes(competition))
    _write(competition, change, by)
    return code


def save_item(competition: Competition, name: str, item: Any, *, by: Actor, seen: str | None = None) -> str:
    """A part of one of the lists (documents, declarations …); with an empty code a new one. Answers the code."""

    def change(form: Form) -> Form:
        if not editing.code_of(item):
            return editing.put_item(form, name, _coded(item, code))
        known = editing.item_of(form, name, editing.code_of(item))
        _refuse_newer(known, seen)
        return editing.put_item(form, name, item)

    code = editing.code_of(item) or editing.free_code(name, known_codes(competition))
    _write(competition, change, by)
    return code


def remove_section(competition: Competition, slug: str, *, by: Actor) -> None:
    """Take a page with its questions out. Answers given so far stay stored, but nobody is asked or shown them."""
    _write(competition, lambda form: editing.drop_section(form, slug), by)


def remove_question(competition: Competition, code: str, *, by: Actor) -> None:
    """Take a question out. Answers given so far stay stored, but nobody is asked or shown them."""
    _write(competition, lambda form: editing.drop_question(form, code), by)


def remove_item(competition: Competition, name: str, code: str, *, by: Actor) -> None:
    """Take a part out of one of the lists; a cost category takes its ceiling along."""
    pad = _write(competition, lambda form: editing.drop_item(form, name, code), by)
    if name == "categories" and pad.amendment is None:
        ceilings = pad.competition.category_ceilings
        pad.competition.category_ceilings = {known: share for known, share in ceilings.items() if known != code}


def move_section(competition: Competition, slug: str, step: str, *, by: Actor) -> None:
    """One place up or down within its part of the form."""
    _write(competition, lambda form: editing.move_section(form, slug, step), by)


def move_question(competition: Competition, code: str, step: str, *, by: Actor) -> None:
    """One place up or down on its page. Raises InvalidInput where a condition would then look ahead."""
    _write(competition, lambda form: editing.move_question(form, code, step), by)


def move_item(competition: Competition, name: str, code: str, step: str, *, by: Actor) -> None:
    """One place up or down in its list."""
    _write(competition, lambda form: editing.move_item(form, name, code, step), by)


def mark(known: Any) -> str:
    """What the person was reading: travels with the page, and comes back with what they save."""
    if isinstance(known, tuple) and isinstance(known[0], Question):
        return f"{editing.mark_of(known[0])}-{known[1]}"
    return editing.mark_of(known)


def _write(competition: Competition, change: Callable[[Form], Form], by: Actor) -> Pad:
    pad = open_pad(competition, by)
    form = change(pad.form)
    check_form(form)
    if pad.amendment is None:
        pad.competition.form_text = form_text(form)
        saved(pad.competition, "form", by)
    else:
        editing.refuse_other_kinds(queries.form_of(pad.competition), form)
        pad.amendment.form_text = form_text(form)
        written(pad.amendment, "form", by)
    return pad


def written(amendment: CallAmendment, theme: str, by: Actor) -> None:
    """Note that an amendment changed: what it says becomes known only when it is published."""
    db.session.flush()
    code = amendment.competition.code
    record(thing="competition", code=code, scope=code, step="write_amendment", by=by, facts={"theme": theme})


def _refuse_newer(known: Any, seen: str | None) -> None:
    if seen is not None and seen != mark(known):
        raise EditConflict(NEWER)


def _coded(item: Any, code: str) -> Any:
    if isinstance(item, tuple):
        return (code, item[1])
    if not hasattr(item, "code"):
        raise InvalidInput("This is not a part of a form", field="label")
    return replace(item, code=code)
