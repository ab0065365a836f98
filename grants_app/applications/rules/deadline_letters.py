"""Letters around the deadline: the intake moved or called off, reminders of unsent drafts, recall, withdrawal."""

from __future__ import annotations

from grants_app.journal.registry import Letters

_REMINDER = {
    "uk": (
        "Лишилося %(left)s: подайте заявку до %(deadline)s",
        (
            "Заявку «%(title)s» ще не подано. Прийом конкурсу «%(competition)s» закінчиться %(deadline)s за київським"
            " часом, подати її пізніше не можна.\n\nНезавершених розділів: %(sections)s із %(total)s.\n\n"
            "Подає заявку лише керівник організації. Відкрити чернетку: %(link)s"
        ),
    ),
    "en": (
        "%(left)s left: submit the application by %(deadline)s",
        (
            "The application “%(title)s” is not submitted yet. The intake of “%(competition)s” ends on %(deadline)s,"
            " Kyiv time; later it cannot be submitted.\n\nSections not finished: %(sections)s of %(total)s.\n\n"
            "Only the head of the organisation submits it. Open the draft: %(link)s"
        ),
    ),
}

DEADLINE_LETTERS: Letters = {
    "application_recalled": {
        "uk": (
            "Заявку %(code)s відкликано для редагування",
            (
                "Заявка «%(title)s» (%(code)s) знову чернетка. Щоб вона брала участь у конкурсі, подайте її ще раз до"
                " %(until)s. Подає керівник організації."
            ),
        ),
        "en": (
            "Application %(code)s is recalled for editing",
            (
                "The application “%(title)s” (%(code)s) is a draft again. To take part, submit it once more by"
                " %(until)s. The head of the organisation submits it."
            ),
        ),
    },
    "application_withdrawn": {
        "uk": (
            "Заявку %(code)s знято з конкурсу",
            (
                "Заявку «%(title)s» (%(code)s) знято з конкурсу на прохання організації. Причина: %(reason)s\n\n"
                "Повернути її не можна. Робити нічого не треба."
            ),
        ),
        "en": (
            "Application %(code)s is withdrawn",
            (
                "The application “%(title)s” (%(code)s) is withdrawn at the organisation’s wish. Reason: %(reason)s\n\n"
                "This cannot be undone. Nothing is left to do."
            ),
        ),
    },
    "competition_prolonged": {
        "uk": (
            "Прийом заявок продовжено до %(until)s: %(competition)s",
            (
                "Прийом заявок на конкурс «%(competition)s» продовжено до %(until)s. Причина: %(reason)s\n\n"
                "Якщо заявку вже подано, робити нічого не треба; до нового строку її можна відкликати й виправити."
                " Чернетку подає керівник організації.\n\nОголошення: %(link)s"
            ),
        ),
        "en": (
            "The intake is prolonged until %(until)s: %(competition)s",
            (
                "The intake of “%(competition)s” is prolonged until %(until)s. Reason: %(reason)s\n\n"
                "If the application is submitted, nothing is left to do; until the new term it may be recalled and"
                " corrected. A draft is submitted by the head of the organisation.\n\nThe announcement: %(link)s"
            ),
        ),
    },
    "competition_cancelled": {
        "uk": (
            "Конкурс скасовано: %(competition)s",
            (
                "Конкурс «%(competition)s» скасовано. Причина: %(reason)s\n\nЗаявки не розглядатимуть; написане"
                " збережено у вашому кабінеті. Робити нічого не треба.\n\nОголошення: %(link)s\n\n%(complaint)s"
            ),
        ),
        "en": (
            "The competition is cancelled: %(competition)s",
            (
                "The competition “%(competition)s” is cancelled. Reason: %(reason)s\n\nApplications will not be"
                " considered; what was written is kept in your account. Nothing is left to do.\n\n"
                "The announcement: %(link)s\n\n%(complaint)s"
            ),
        ),
    },
    "draft_reminder": _REMINDER,
    "draft_reminder_3h": _REMINDER,
}
