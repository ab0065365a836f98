"""Forms and rows that the gallery shows: invented organisations, numbers that agree with each other."""

from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from markupsafe import Markup
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
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError


def choices(pairs: list[tuple[str, str]]) -> list[SelectChoice]:
    """Options of a question."""
    return [SelectChoice(value, label) for value, label in pairs]


class MoneyField(StringField):
    """Stands for the product's money field: the form macro knows it by its name."""

    def pre_validate(self, form: Form) -> None:
        """Refuse what is no number, as the product's field does."""
        if self.data and not self.data.isdigit():
            raise ValidationError("Уведіть суму цифрами")


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
        choices=choices([("", "Виберіть пріоритет"), ("env", "Довкілля"), ("youth", "Молодь")]),
        validators=[InputRequired("Виберіть пріоритет")],
    )
    lot = RadioField(
        "Лот",
        choices=choices([("big", "Великі гранти"), ("small", "Малі гранти")]),
        validators=[InputRequired("Виберіть лот")],
    )
    districts = SelectMultipleField(
        "Мікрорайони", choices=choices([("n", "Північний"), ("s", "Південний")]), description="Можна кілька"
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
    """A state as lifecycle gives it to the tag."""

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
    } | (parts_context(with_errors=with_errors) if page in ("parts", "sheet", "voucher") else {})


class SheetForm(FlaskForm):
    """Marks of three criteria and a reason."""

    c1 = RadioField(
        "Відповідність",
        choices=choices([(str(mark), str(mark)) for mark in range(11)]),
        validators=[InputRequired("Оцініть критерій 1")],
    )
    r1 = TextAreaField("Обґрунтування", [InputRequired("Обґрунтуйте оцінку критерію 1")])
    c2 = RadioField(
        "Потреба",
        choices=choices([(str(mark / 2), str(mark / 2)) for mark in range(21)]),
        validators=[InputRequired("Оцініть критерій 2")],
    )
    c3 = RadioField(
        "Сталість",
        choices=choices([(str(mark), str(mark)) for mark in range(6)]),
        validators=[InputRequired("Оцініть критерій 3")],
    )


def _sheet(with_errors: bool) -> SheetForm:
    if not with_errors:
        return SheetForm(formdata=None, data={"c1": "9", "r1": "Прямо відповідає."})
    form = SheetForm(formdata=MultiDict({"c1": "9"}), meta={"csrf": False})
    form.validate()
    return form


def _money(*parts: tuple[str, int, int]) -> list[dict[str, Any]]:
    return [{"label": label, "amount_kop": kop, "series": series} for label, kop, series in parts]


def parts_context(*, with_errors: bool) -> dict[str, Any]:
    """What the pages of parts, sheet and voucher show."""
    due = SimpleNamespace(
        when="17 березня",
        when_note="учора",
        what="Надіслати повідомлення: 2027-MOL-3MX9",
        url="/work",
        why="Строк 3 робочі дні.",
        verb="Перевірити лист",
    )
    silent = SimpleNamespace(when="", when_note="", what="Підписати протокол № 2", url="/work", why="", verb="")
    state = SimpleNamespace
    return {
        "opens_at": datetime(2027, 3, 15, tzinfo=UTC),
        "closes_at": datetime(2027, 3, 26, 22, 0, tzinfo=UTC),
        "bands": [
            {"label": "Прострочено", "kind": "late", "rows": [due]},
            {"label": "Сьогодні", "kind": "today", "rows": [due, silent]},
            {"label": "Пізніше", "kind": "", "rows": []},
        ],
        "parts": _money(("6 проєктів, повні суми", 84_250_000, 1), ("1 проєкт, залишок", 1_250_000, 2)),
        "over_parts": _money(("ухвалено", 38_000_000, 1), ("це питання", 3_250_000, 2)),
        "sources": _money(
            ("Місто", 14_800_000, 1),
            ("Ваші кошти", 1_066_000, 2),
            ("Негрошовий внесок", 2_240_000, 3),
            ("Інші джерела", 1_894_000, 4),
        ),
        "path": [
            {"label": "Прийом", "when": "1 лютого – 3 березня", "state": "done"},
            {"label": "Оцінювання", "when": ["15–26 березня", "Три експерти на заявку"], "state": "now"},
            {"label": "Договори", "when": "", "state": "next"},
        ],
        "explanation": [
            {"label": "Бали трьох експертів", "operands": "77,50 + 74,00 + 77,00", "result": "228,50", "clause": ""},
            {"label": "Середній бал", "operands": "228,50 ÷ 3", "result": "76,17", "clause": "п. 5.3"},
        ],
        "vote_rows": [
            state(name="Наталія Бережна", role="голова", presence="у залі", vote=State("За", "green")),
            state(name="Роман Чорнобривець", role="", presence="онлайн", vote=None),
        ],
        "answers": [
            {"label": "Назва", "value": "Школа дворових медіаторів", "url": "/form"},
            {"label": "Опис", "value": "", "url": "/form", "error": "Уведіть короткий опис"},
            {"label": "Код", "value": "2027-SKP-7KQ4"},
        ],
        "rules": [
            {
                "state": "bad",
                "fact": "Адміністративні витрати 10,1 %",
                "detail": "дозволено до 10 %",
                "url": "/form",
                "link": "Виправити рядок 1.2",
            },
            {"state": "ok", "fact": "Сума 148 000 грн", "detail": "у межах"},
            {"state": "hint", "fact": "Місця 6–8 близькі до межі", "detail": ""},
        ],
        "series": [
            {"label": "Надано", "values": [219100, 298400, 352000], "shown": ["219 100", "298 400", "352 000"]},
            {"label": "Використано", "values": [210000, 290000, 352000], "shown": ["210 000", "290 000", "352 000"]},
        ],
        "sheet_form": _sheet(with_errors),
        "halves": [(str(mark / 2), str(mark / 2).replace(".", ",").removesuffix(",0")) for mark in range(21)],
        "bands10": [
            {"low": 0, "high": 4, "label": "0–4", "text": "не відповідає"},
            {"low": 5, "high": 8, "label": "5–8", "text": "дрібні зауваження"},
            {"low": 9, "high": 10, "label": "9–10", "text": "переконливо"},
        ],
        "qr_svg": Markup(
            '<svg class="app-cert__qr" role="img" aria-label="QR-код" viewBox="0 0 4 4"><path d="M0 0h2v2h-2z"/></svg>'
        ),
    }
