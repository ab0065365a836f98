"""The people and organisations of the demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count, islice

from grants_app.core.identifiers import is_edrpou
from grants_app.permissions import Role

PASSWORD = "жолуді-на-мосту-27"
DOMAIN = "demo.example"


@dataclass(frozen=True)
class Person:
    """Somebody with an account: `login` is the part of the address before the sign."""

    login: str
    name: str
    role: Role | None
    workplace: str = ""

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.login}@{DOMAIN}"


STAFF: tuple[Person, ...] = (
    Person("admin", "Орест Калина", Role.ADMIN),
    Person("organizer", "Марта Вільха", Role.ORGANIZER),
    Person("secretary", "Ганна Липа", Role.SECRETARY),
    Person("finance", "Степан Явір", Role.FINANCE),
    Person("operator", "Соломія Верба", Role.VOUCHER_OPERATOR),
    Person("checker", "Тарас Горобина", Role.VOUCHER_OPERATOR),
    Person("auditor", "Лідія Осика", Role.AUDITOR),
    Person("consultant", "Зоряна Клен", Role.CONSULTANT),
)
EXPERTS: tuple[Person, ...] = (
    Person("expert", "Ірина Барвінок", Role.EXPERT, "Надбузький університет"),
    Person("expert2", "Павло Чебрець", Role.EXPERT, "Центр соціальних досліджень «Міра»"),
    Person("expert3", "Олена Волошка", Role.EXPERT, "Обласний краєзнавчий музей"),
    Person("expert4", "Андрій Полин", Role.EXPERT, "Школа відкритого врядування"),
    Person("expert5", "Дарина М’ята", Role.EXPERT, "Молодіжний центр «Причал»"),
    Person("expert6", "Назар Хміль", Role.EXPERT, "Аудиторське бюро «Рахунок»"),
    Person("expert7", "Віра Шавлія", Role.EXPERT, "Видавництво «Тиха вода»"),
    Person("expert8", "Роман Звіробій", Role.EXPERT, "Інженерне бюро «Кут»"),
)
COMMISSION: tuple[Person, ...] = (
    Person("chair", "Наталія Бережна", Role.CHAIR),
    Person("deputy", "Микола Загребельний", Role.COMMISSION_MEMBER),
    Person("member", "Оксана Стрижень", Role.COMMISSION_MEMBER),
    Person("member2", "Юрій Надбузький", Role.COMMISSION_MEMBER),
    Person("member3", "Катерина Плес", Role.COMMISSION_MEMBER),
    Person("member4", "Богдан Притока", Role.COMMISSION_MEMBER),
    Person("member5", "Людмила Затока", Role.COMMISSION_MEMBER),
)


@dataclass(frozen=True)
class Club:
    """A fictional organisation with its head."""

    short_name: str
    head: str
    edrpou: str
    login: str
    registered_on: date

    @property
    def name(self) -> str:
        """Full name."""
        return f"Громадська організація «{self.short_name}»"

    @property
    def email(self) -> str:
        """The head's address."""
        return f"{self.login}@{DOMAIN}"

    @property
    def phone(self) -> str:
        """A number that nobody has: one and the same would connect all applicants."""
        return f"+38000000{self.edrpou[-4:]}"


_CLUBS: tuple[tuple[str, str], ...] = (
    ("Дзвінкий двір", "Ірина Соловей"),
    ("Річкова варта", "Остап Крижень"),
    ("Пісочний годинник", "Галина Зозуля"),
    ("Соняшна стежка", "Ярина Ластівка"),
    ("Майстерня сусідства", "Петро Дрозд"),
    ("Крила лелеки", "Уляна Чайка"),
    ("Тепла майстерня", "Максим Стриж"),
    ("Рівний крок", "Софія Синиця"),
    ("Світла пауза", "Левко Шпак"),
    ("Липова канцелярія", "Надія Горлиця"),
    ("Гучна тиша", "Артем Сич"),
    ("Легкий вітер", "Мирослава Вивільга"),
    ("Чорнильна крапля", "Данило Снігур"),
    ("Відкрита хвіртка", "Тамара Плиска"),
    ("Зелена кишеня", "Ігор Щиглик"),
    ("Перший міст", "Аліна Жайворонок"),
    ("Добра варта", "Сергій Одуд"),
    ("Кобзарська лавка", "Лариса Перепілка"),
    ("Мандрівний глобус", "Вадим Кулик"),
    ("Тиха гавань", "Юлія Чапля"),
    ("Паперовий журавель", "Руслан Бугай"),
    ("Спільний стіл", "Оля Сойка"),
)


def clubs(year: int) -> list[Club]:
    """The 22 organisations, with codes of the unassigned range that pass the check digit."""
    codes = islice((f"{number}" for number in count(99_900_100) if is_edrpou(f"{number}")), len(_CLUBS))
    return [
        Club(
            name, head, code, "ngo" if index == 0 else f"ngo{index + 1}", date(year - 3 - index % 9, 1 + index % 12, 14)
        )
        for index, ((name, head), code) in enumerate(zip(_CLUBS, codes, strict=True))
    ]


SIGN_INS: tuple[tuple[Role, str], ...] = (
    (Role.NGO_HEAD, f"ngo@{DOMAIN}"),
    (Role.NGO_MEMBER, f"colleague@{DOMAIN}"),
    (Role.EXPERT, f"expert@{DOMAIN}"),
    (Role.SECRETARY, f"secretary@{DOMAIN}"),
    (Role.ORGANIZER, f"organizer@{DOMAIN}"),
    (Role.CHAIR, f"chair@{DOMAIN}"),
    (Role.COMMISSION_MEMBER, f"member@{DOMAIN}"),
    (Role.FINANCE, f"finance@{DOMAIN}"),
    (Role.VOUCHER_OPERATOR, f"operator@{DOMAIN}"),
    (Role.CONSULTANT, f"consultant@{DOMAIN}"),
    (Role.AUDITOR, f"auditor@{DOMAIN}"),
    (Role.ADMIN, f"admin@{DOMAIN}"),
)
