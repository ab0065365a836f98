"""Being let into an organisation, leaving it, changing its head: terms and letters."""

from __future__ import annotations

from datetime import timedelta

OPEN_REQUESTS_ALLOWED = 3
REQUESTS_IN_A_DAY = 5
AGAIN_AFTER = timedelta(days=7)
# Invitations that ran out are shown this long, so that they can be sent again.
LAPSED_SHOWN_FOR = timedelta(days=30)
LONGEST_MESSAGE = 500

LETTERS: dict[str, dict[str, tuple[str, str]]] = {
    "join_asked": {
        "uk": (
            "Запит на долучення: %(organisation)s",
            (
                "Людина просить долучити її до організації %(organisation)s: %(person)s, %(email)s (роль: %(role)s).\n"
                "Прийміть або відхиліть запит:\n%(link)s\n\n"
                "Поки ви не вирішите, ця людина нічого не бачить."
            ),
        ),
        "en": (
            "Request to join: %(organisation)s",
            (
                "A person asks to be let into %(organisation)s: %(person)s, %(email)s (role: %(role)s).\n"
                "Accept or decline the request:\n%(link)s\n\n"
                "Until you decide, this person sees nothing."
            ),
        ),
    },
    "join_accepted": {
        "uk": (
            "Вас долучено: %(organisation)s",
            "Ваш запит прийнято: %(organisation)s, роль: %(role)s.\nВідкрийте сторінку організації:\n%(link)s",
        ),
        "en": (
            "You have joined: %(organisation)s",
            "Your request is accepted: %(organisation)s, role: %(role)s.\nOpen the page of the organisation:\n%(link)s",
        ),
    },
    "join_declined": {
        "uk": (
            "Запит на долучення відхилено",
            (
                "Запит щодо організації з кодом ЄДРПОУ %(edrpou)s відхилено. Повторити його можна через сім днів. "
                "Якщо це помилка, зверніться до організації напряму."
            ),
        ),
        "en": (
            "Your request to join was declined",
            (
                "The request about the organisation with the EDRPOU code %(edrpou)s was declined. You can ask again "
                "in seven days. If this is a mistake, speak with the organisation itself."
            ),
        ),
    },
    "office_offered": {
        "uk": (
            "Підтвердьте до %(until)s: посада керівника, %(organisation)s",
            (
                "Вам передають посаду керівника в системі: %(organisation)s. Вона перейде до вас, щойно ви "
                "підтвердите, не пізніше %(until)s:\n%(link)s\n\nЯкщо ви не згодні, нічого не робіть."
            ),
        ),
        "en": (
            "Confirm by %(until)s: office of the head, %(organisation)s",
            (
                "The office of the head is handed to you here: %(organisation)s. It becomes yours when you confirm, by "
                "%(until)s:\n%(link)s\n\nIf you do not agree, do nothing."
            ),
        ),
    },
    "head_changed": {
        "uk": (
            "Змінився керівник: %(organisation)s",
            "Посаду керівника в системі прийняла інша людина: %(organisation)s.\nДеталі на сторінці:\n%(link)s",
        ),
        "en": (
            "The head has changed: %(organisation)s",
            "Another person has taken the office of the head here: %(organisation)s.\nMore on the page:\n%(link)s",
        ),
    },
    "membership_ended": {
        "uk": (
            "Ваша участь завершилася: %(organisation)s",
            (
                "Керівник організації завершив вашу участь: %(organisation)s. Її заявки й документи вам більше не "
                "відкриваються; ваш обліковий запис лишається."
            ),
        ),
        "en": (
            "Your membership has ended: %(organisation)s",
            (
                "The head has ended your membership: %(organisation)s. Its applications and documents do not open to "
                "you any more; your account stays."
            ),
        ),
    },
    "office_released": {
        "uk": (
            "Посада керівника вільна: %(organisation)s",
            (
                "Місто звільнило посаду керівника в системі: %(organisation)s.\n\nПідстава: %(reason)s\n\nДоки місто "
                "не запросить нового керівника, ніхто не може подавати й підписувати. Запрошення, які надіслав "
                "попередній керівник, більше не діють. Якщо це помилка, напишіть нам."
            ),
        ),
        "en": (
            "The office of the head is vacant: %(organisation)s",
            (
                "The city has freed the office of the head here: %(organisation)s.\n\nReason: %(reason)s\n\nUntil the "
                "city invites the next head, nobody can submit or sign. Invitations sent by the former head no longer "
                "work. If this is a mistake, write to us."
            ),
        ),
    },
}
