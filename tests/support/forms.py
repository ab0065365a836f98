"""Calls whose form asks more than the standard one: every kind of question, conditions, words as a limit."""

from __future__ import annotations

from dataclasses import replace

from grants_app.competitions import services
from grants_app.competitions.rules.form import STANDARD, Cell, Form, Question, Section, form_text
from grants_app.database import unit_of_work
from tests.support.calls import Call, new_call

HELPERS = (("volunteers", "Волонтери"), ("schools", "Школи"), ("media", "Медіа"))

# Asked after the standard questions: boxes, a number, a sum, and what depends on them and on the lot of another page.
EXTRA = Section(
    "extra",
    "project",
    "Додаткові питання",
    (
        Question("helpers", "Хто допомагає", "many", options=HELPERS, required=False),
        Question(
            "school_list",
            "Які саме школи",
            "text",
            limit=60,
            show_if={"question": "helpers", "is": "schools"},
        ),
        Question("volunteers", "Скільки волонтерів", "number", required=False),
        Question(
            "training",
            "Як навчаєте волонтерів",
            "long",
            limit=20,
            limit_unit="words",
            show_if={"all": [{"question": "volunteers", "at_least": 10}, {"not": {"question": "lot", "is": "large"}}]},
        ),
        Question("rent", "Оренда на місяць", "money", required=False),
        Question(
            "rooms",
            "Приміщення",
            "rows",
            cells=(Cell("address", "Адреса"), Cell("area", "Площа, кв. м", "number")),
            min_rows=1,
            max_rows=5,
            show_if={"question": "rent", "at_least": 100_000},
        ),
        Question("consent", "Погоджуємося на фотографування", "declaration", required=False),
        Question(
            "photo_person",
            "Хто відповідає за фото",
            "text",
            required=False,
            show_if={"any": [{"question": "consent", "is": True}, {"question": "school_list", "answered": True}]},
        ),
    ),
)


def extended(*sections: Section) -> Form:
    """The standard form with further sections after those of the project."""
    last = max(place for place, one in enumerate(STANDARD.sections) if one.group == "project") + 1
    return replace(STANDARD, sections=(*STANDARD.sections[:last], *sections, *STANDARD.sections[last:]))


def extended_call(*sections: Section) -> Call:
    """An announced call whose form has these sections too; stand the clock on or before 1 March 2027."""
    call = new_call()
    with unit_of_work():
        call.competition.form_text = form_text(extended(*(sections or (EXTRA,))))
    with unit_of_work():
        services.announce(call.competition, by=call.organizer)
    return call
