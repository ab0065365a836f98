"""Rules of accounts: passwords, attempts, terms of mailed links, kinds of organisations, the letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from grants_app.permissions import Role

PASSWORD_SHORTEST = 12
PASSWORD_LONGEST = 128
ATTEMPTS_ALLOWED = 8
LOCKED_FOR = timedelta(minutes=15)
CONFIRM_WITHIN = timedelta(days=3)
RESET_WITHIN = timedelta(hours=2)
INVITED_FOR = timedelta(days=14)
# A stranger may ask for letters to somebody's mailbox; more than these an hour, of one kind, do not go there.
LETTERS_IN_AN_HOUR = 5
# An organisation invites so many people in a day: the city's server is no machine for mailings.
INVITED_IN_A_DAY = 40

# English msgids; the law's names stand in the Ukrainian catalogue.
ORGANISATION_KINDS: dict[str, str] = {
    "ngo": "Non-governmental organisation",
    "union": "Union of associations",
    "charity": "Charitable organisation",
    "creative": "Creative union",
    "condominium": "Association of co-owners of an apartment building",
    "self_organisation": "Neighbourhood self-organisation body",
    "other": "Other non-profit organisation",
}
# Signs of non-profitability in the tax register (order of the Cabinet of Ministers 440 of 2016).
NONPROFIT_CODES: dict[str, str] = {
    "0032": "0032: public associations",
    "0033": "0033: creative unions",
    "0034": "0034: religious organisations",
    "0036": "0036: charitable organisations",
    "0038": "0038: associations of co-owners",
    "0039": "0039: unions of associations of co-owners",
    "0048": "0048: neighbourhood self-organisation bodies",
    "0049": "0049: other legal entities",
}
INVITED_ROLES = (Role.NGO_MEMBER, Role.NGO_ACCOUNTANT)
GRANTED_ROLES = tuple(role for role in Role if role not in {Role.NGO_HEAD, Role.NGO_MEMBER, Role.NGO_ACCOUNTANT})
# Two duties of one person that would let the same hand give and check (domain section 2).
SEPARATE_DUTIES: tuple[tuple[Role, frozenset[Role]], ...] = (
    (Role.ADMIN, frozenset({Role.EXPERT, Role.COMMISSION_MEMBER, Role.CHAIR, Role.SECRETARY, Role.FINANCE})),
    (Role.AUDITOR, frozenset(set(GRANTED_ROLES) - {Role.AUDITOR})),
    (Role.EXPERT, frozenset({Role.COMMISSION_MEMBER, Role.CHAIR, Role.SECRETARY, Role.ORGANIZER})),
    (Role.FINANCE, frozenset({Role.VOUCHER_OPERATOR, Role.CONSULTANT})),
    (Role.CONSULTANT, frozenset({Role.VOUCHER_OPERATOR, Role.SECRETARY, Role.ORGANIZER})),
)


@dataclass(frozen=True)
class NewPerson:
    """A person who opens an account; the password is hashed before (services.hashed)."""

    email: str
    full_name: str
    password: str
    phone: str = ""
    lang: str = "uk"


@dataclass(frozen=True)
class OrganisationFacts:
    """What an organisation tells about itself."""

    edrpou: str
    name: str
    short_name: str
    registered_on: date
    head_name: str
    kind: str = "ngo"
    nonprofit_code: str = "0032"
    legal_address: str = ""
    actual_address: str = ""
    katottg: str = ""
    head_position: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    website: str = ""
    nonprofit_decision: str = ""
    about: str = ""
    fields: tuple[str, ...] = ()
    district: str = ""


_COMMON = frozenset(
    """
    password passw0rd parol пароль qwerty qwertyuiop йцукен йцукенгшщз asdfgh asdfghjkl zxcvbn zxcvbnm iloveyou welcome
    letmein monkey dragon football baseball superman batman master shadow sunshine princess admin administrator root
    login user guest test secret changeme default computer internet google facebook microsoft windows samsung hello
    kohannya кохання люблю ukraine ukraina україна kyiv київ kiev київстар dynamo динамо slava слава zsu зсу mama мама
    tato тато sonechko сонечко kotyk котик zaichyk зайчик grant grants гранти грант громада hromada city місто rada рада
    ваучер voucher consultant expert expertise secretary exam summer winter spring autumn літо зима весна осінь
    january february march april june july august september october november december січень лютий березень квітень
    травень червень липень серпень вересень жовтень листопад грудень monday friday
    """.split()
)
_ROWS = (
    "qwertyuiop asdfghjkl zxcvbnm йцукенгшщзхї фівапролджє ячсмитьбю 01234567890 abcdefghijklmnopqrstuvwxyz "
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"
).split()


def password_fault(password: str, *, own_words: Iterable[str] = ()) -> tuple[str, dict[str, object]] | None:
    """Why the password cannot be taken (msgid and facts), or None.

    Length counts; no signs are prescribed. Refused is what is guessed first: known words with digits around them, rows
    of the keyboard, one sign repeated, the person's own name or address.
    """
    length = len(password)
    if length < PASSWORD_SHORTEST:
        return "Use at least %(minimum_length)s characters, now %(length)s", {
            "minimum_length": PASSWORD_SHORTEST,
            "length": length,
        }
    if length > PASSWORD_LONGEST:
        return "Use at most %(maximum_length)s characters", {"maximum_length": PASSWORD_LONGEST}
    if _is_guessable(password, own_words):
        return "This password is among the first that are guessed. Take several unconnected words", {}
    return None


def _is_guessable(password: str, own_words: Iterable[str]) -> bool:
    folded = unicodedata.normalize("NFC", password).casefold()
    letters = re.sub(r"[\W\d_]+", "", folded)
    if len(set(folded)) < 5 or len(letters) < 3:
        return True
    own = {word for text in own_words for word in re.findall(r"\w{4,}", text.casefold())}
    rest = letters
    for word in sorted(_COMMON | own, key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(rest) < 3:
        return True
    return any(letters in row * 3 or letters in row[::-1] * 3 for row in _ROWS)


def conflicting_role(role: Role, held: Iterable[Role]) -> Role | None:
    """The role that the person already holds and that may not meet `role` in one hand."""
    for other in held:
        for duty, apart in SEPARATE_DUTIES:
            if (role == duty and other in apart) or (other == duty and role in apart):
                return other
    return None


LETTERS: dict[str, dict[str, tuple[str, str]]] = {
    "confirm_address": {
        "uk": (
            "Підтвердьте адресу до %(until)s",
            (
                "Відкрийте посилання до %(until)s і підтвердьте, що це ваша адреса:\n%(link)s\n\n"
                "Після цього відкриється кабінет: %(organisation)s.\n"
                "Якщо ви не реєструвалися, нічого не робіть: без підтвердження кабінет не відкриється."
            ),
        ),
        "en": (
            "Confirm your address by %(until)s",
            (
                "Open the link by %(until)s and confirm that this address is yours:\n%(link)s\n\n"
                "After that the account opens: %(organisation)s.\n"
                "If you did not register, do nothing: without the confirmation nothing opens."
            ),
        ),
    },
    "address_taken": {
        "uk": (
            "Ви вже маєте обліковий запис",
            (
                "Була спроба зареєструватися з цією адресою, можливо, ваша. Обліковий запис із нею вже є: увійдіть "
                "або створіть новий пароль:\n%(link)s\n\nНову організацію можна додати після входу."
            ),
        ),
        "en": (
            "You already have an account",
            (
                "Somebody, perhaps you, tried to register with this address. There is an account with it: sign in or "
                "set a new password:\n%(link)s\n\nAfter signing in you can add another organisation to it."
            ),
        ),
    },
    "new_password": {
        "uk": (
            "Створіть новий пароль до %(until)s",
            (
                "Щоб створити новий пароль, відкрийте посилання до %(until)s. Воно спрацює один раз:\n%(link)s\n\n"
                "Якщо ви цього не просили, нічого не робіть: діятиме попередній пароль."
            ),
        ),
        "en": (
            "Set a new password by %(until)s",
            (
                "To set a new password, open the link by %(until)s. It works once:\n%(link)s\n\n"
                "If you did not ask for it, do nothing: the old password stays."
            ),
        ),
    },
    "password_changed": {
        "uk": (
            "Пароль змінено",
            (
                "Пароль до вашого облікового запису змінено %(moment)s, інші сеанси завершено.\n"
                "Якщо це були не ви, одразу створіть новий пароль і повідомте тих, хто веде систему:\n%(link)s"
            ),
        ),
        "en": (
            "Your password was changed",
            (
                "The password of your account was changed on %(moment)s and other sessions were ended.\n"
                "If it was not you, set a new password at once and tell those who run the system:\n%(link)s"
            ),
        ),
    },
    "invited_to_organisation": {
        "uk": (
            "Прийміть запрошення до %(until)s: %(organisation)s",
            (
                "Керівник організації запрошує вас працювати над заявками разом: %(organisation)s "
                "(роль: %(role)s).\nПрийміть запрошення до %(until)s, посилання спрацює один раз:\n%(link)s\n\n"
                "Якщо ви не знаєте цієї організації, нічого не робіть."
            ),
        ),
        "en": (
            "Join by %(until)s: %(organisation)s",
            (
                "The head invites you to work on the applications of: %(organisation)s (role: %(role)s).\n"
                "Accept by %(until)s, the link works once:\n%(link)s\n\n"
                "If you do not know this organisation, do nothing."
            ),
        ),
    },
    "invited_to_role": {
        "uk": (
            "Прийміть роль до %(until)s: %(role)s",
            (
                "Вас запрошують працювати в системі грантів і ваучерів громади. Ваша роль: %(role)s.\n"
                "Прийміть запрошення до %(until)s, посилання спрацює один раз:\n%(link)s"
            ),
        ),
        "en": (
            "Accept your role by %(until)s: %(role)s",
            (
                "You are invited to work in the city’s system of grants and vouchers. Your role: %(role)s.\n"
                "Accept by %(until)s, the link works once:\n%(link)s"
            ),
        ),
    },
    "account_closed": {
        "uk": (
            "Ваш обліковий запис закрито",
            (
                "Ваш обліковий запис закрито %(moment)s, усі сеанси завершено.\n\nПідстава: %(reason)s\n\n"
                "Те, що ви зробили, лишається в записах. Якщо це помилка, напишіть тим, хто веде систему."
            ),
        ),
        "en": (
            "Your account has been closed",
            (
                "Your account was closed on %(moment)s and every session was ended.\n\nReason: %(reason)s\n\n"
                "What you have done stays on record. If this is a mistake, write to those who run the system."
            ),
        ),
    },
    "account_opened": {
        "uk": (
            "Ваш обліковий запис знову відкрито",
            "Ваш обліковий запис знову відкрито %(moment)s. Увійдіть із попереднім паролем або створіть новий:\n"
            "%(link)s",
        ),
        "en": (
            "Your account is open again",
            "Your account was opened again on %(moment)s. Sign in with your old password or set a new one:\n%(link)s",
        ),
    },
}
