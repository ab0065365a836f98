"""Forms and rows that the gallery shows: invented organisations, numbers that agree with each other."""

from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError


class MoneyField(StringField):
    """Stands for the product's money field: the form macro knows it by its name."""


class ShareField(StringField):
    """Stands for the product's field of a share in percent."""


class PersonForm(Form):
    """One row of a repeated group."""

    name = StringField("Прізвище та ім’я", [InputRequired("Уведіть прізвище та ім’я")])
    part = StringField("Що робить у проєкті", [Optional()])


class ProjectForm(FlaskForm):
    """Every kind of field once."""

    version = HiddenField(default="3")
    title = StringField(
        "Назва проєкту", [InputRequired("Уведіть назву проєкту")], description="До 150 знаків, без лапок"
    )
    about = TextAreaField(
        "Короткий опис",
        [InputRequired("Уведіть короткий опис"), Length(max=1000, message="Скоротіть опис: дозволено 1 000 знаків")],
    )
    priority = SelectField(
        "Пріоритет",
        choices=[("", "Виберіть пріоритет"), ("env", "Довкілля"), ("youth", "Молодь")],
        validators=[InputRequired("Виберіть пріоритет")],
    )
    lot = RadioField(
        "Лот", choices=[("big", "Великі гранти"), ("small", "Малі гранти")], validators=[InputRequired("Виберіть лот")]
    )
    districts = SelectMultipleField(
        "Мікрорайони", choices=[("n", "Північний"), ("s", "Південний")], description="Можна кілька"
    )
    agrees = BooleanField("Підтверджуємо, що дані правдиві", [InputRequired("Підтвердьте, що дані правдиві")])
    starts_on = DateField("Початок проєкту", [InputRequired("Уведіть дату початку")])
    closes_at = DateTimeLocalField("Кінець прийому", [Optional()])
    letter = FileField("Лист підтримки", description="PDF, JPG або XLSX до 20 МБ")
    requested = MoneyField("Сума від міста", [InputRequired("Уведіть суму від міста")])
    share = ShareField("Власний внесок", [Optional()])
    people_count = IntegerField("Скільки людей братиме участь", [InputRequired("Уведіть число людей")])
    password = PasswordField("Пароль", [InputRequired("Уведіть пароль")])
    team = FieldList(
        FormField(PersonForm),
        "Команда",
        min_entries=2,
        max_entries=5,
        description="Лише ті, хто отримує оплату або відповідає за захід",
    )

    def validate_people_count(self, field: IntegerField) -> None:
        """A number that no project could serve."""
        if field.data is not None and field.data > 100000:
            raise ValidationError("Число людей має бути не більшим за 100 000")


@dataclass(frozen=True)
class State:
    """A state as lifecycle.py gives it to the tag."""

    label: str
    colour: str


@dataclass(frozen=True)
class Row:
    """A line of the ranking."""

    place: int
    title: str
    organisation: str
    url: str
    score: str
    requested_kop: int
    submitted_at: datetime
    state: State


ROWS = [
    Row(
        1,
        "Школа дворових медіаторів",
        "ГО «Дзвінкий двір» · 2027-SKP-7KQ4",
        "/work",
        "91,33",
        14_800_000,
        datetime(2027, 3, 2, 16, 5, tzinfo=UTC),
        State("Повна сума", "green"),
    ),
    Row(
        2,
        "Чистий берег: стежимо за річкою разом",
        "ГО «Річкова варта» · 2027-SKP-3MX9",
        "/work",
        "88,50",
        15_000_000,
        datetime(2027, 3, 1, 9, 0, tzinfo=UTC),
        State("Повна сума", "green"),
    ),
    Row(
        7,
        "Ремісничі суботи",
        "ГО «Тепла майстерня» · 2027-SKP-9HXD",
        "/work",
        "76,17",
        12_000_000,
        datetime(2027, 3, 3, 23, 58, tzinfo=UTC),
        State("Залишок", "yellow"),
    ),
]
COLUMNS = [
    {"key": "title", "label": "Проєкт і організація", "url": "url", "sub": "organisation"},
    {"key": "place", "label": "Місце", "num": True, "sort_url": "?sort=place", "sort": "ascending"},
    {"key": "score", "label": "Бал", "num": True, "sort_url": "?sort=-score"},
    {"key": "requested_kop", "label": "Просять", "kind": "money"},
    {"key": "submitted_at", "label": "Подано", "kind": "instant"},
    {"key": "state", "label": "Стан", "kind": "tag"},
]


def filled_form() -> ProjectForm:
    """The form as a person sees it before any mistake."""
    return ProjectForm(
        formdata=None,
        data={
            "title": "Школа дворових медіаторів",
            "about": "За шість місяців навчимо 108 мешканців.",
            "lot": "big",
            "team": [{"name": "Ірина Соловей", "part": "керує"}, {"name": "Тарас Береза", "part": ""}],
        },
    )


def refused_form() -> ProjectForm:
    """The form after a submission with everything wrong, nested rows included."""
    sent = MultiDict(
        {
            "about": "<b>о</b>" + "а" * 1100,
            "people_count": "багато",
            "requested": "сто",
            "starts_on": "завтра",
            "team-0-name": "",
            "team-0-part": "керує",
            "team-1-name": "Тарас",
        }
    )
    form = ProjectForm(formdata=sent, meta={"csrf": False})
    form.validate()
    return form


def sample_context(page: str, *, with_errors: bool) -> dict[str, Any]:
    """Everything the gallery's pages show."""
    return {
        "form": (refused_form() if with_errors else filled_form()) if page == "form" else None,
        "rows": ROWS,
        "columns": COLUMNS,
        "states": [
            State(word, colour)
            for word, colour in (
                ("Чернетка", "grey"),
                ("Оцінюється", "blue"),
                ("Повернуто", "yellow"),
                ("Допущено", "green"),
                ("Відхилено", "red"),
                ("Розгляд комісією", "purple"),
            )
        ],
        "ns": SimpleNamespace,
    }
