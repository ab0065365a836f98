"""Letters of the stage: subject starts with the outcome or the task, then what to do, by when, why, how to complain."""

from __future__ import annotations

from grants_app.applications.rules.deadline_letters import DEADLINE_LETTERS
from grants_app.applications.rules.late_entry import LATE_LETTERS

COMPLAINT = {
    "uk": (
        "Якщо ви не згодні, скаргу можна подати протягом 30 календарних днів з дня отримання цього листа. "
        "Відповідь надамо протягом 30 календарних днів."
    ),
    "en": (
        "If you disagree, you may file a complaint within 30 calendar days of receiving this letter. "
        "It will be answered within 30 calendar days."
    ),
}

LETTERS: dict[str, dict[str, tuple[str, str]]] = {
    "application_received": {
        "uk": (
            "Заявку %(code)s подано",
            (
                "Заявку «%(title)s» подано %(time)s.\nКод заявки: %(code)s.\nКонтрольна сума вмісту "
                "(SHA-256): %(digest)s.\n\nДо кінця прийому (%(until)s) її можна відкликати й виправити. "
                "Реєстраційний номер усі заявки отримають, коли прийом закінчиться. Потім секретар "
                "перевірить документи.\n\nПідтвердження у PDF є в кабінеті."
            ),
        ),
        "en": (
            "Application %(code)s is submitted",
            (
                "The application “%(title)s” was submitted at %(time)s.\nCode: %(code)s.\nContent digest "
                "(SHA-256): %(digest)s.\n\nUntil the intake ends (%(until)s) it can be recalled and "
                "corrected. Register numbers are given to all applications when the intake closes. Then the "
                "secretary checks the documents.\n\nThe receipt in PDF is in your account."
            ),
        ),
    },
    "application_returned": {
        "uk": (
            "Виправте недоліки до %(due)s: %(code)s",
            (
                "Виправте названі недоліки заявки «%(title)s» (%(code)s) до 23:59 "
                "%(due)s.\n\n%(letter)s\n\nВідкрито лише назване. Інші відповіді змінювати не можна. "
                "Виправлення надсилає керівник організації в кабінеті. Якщо недоліки не виправити "
                "вчасно, заявку не допустять до розгляду.\n\n%(complaint)s"
            ),
        ),
        "en": (
            "Correct the defects by %(due)s: %(code)s",
            (
                "Correct the named defects of the application “%(title)s” (%(code)s) by 23:59 of "
                "%(due)s.\n\n%(letter)s\n\nOnly what is named is open. Other answers cannot be changed. "
                "The head of the organisation sends the corrections in the account. An application that "
                "is not corrected in time is not admitted.\n\n%(complaint)s"
            ),
        ),
    },
    "application_admitted_by_minutes": {
        "uk": (
            "Заявку %(code)s допущено до розгляду",
            (
                "Комісія допустила до розгляду заявку «%(title)s» (%(code)s): протокол № %(minutes)s від "
                "%(day)s. Далі її оцінюють експерти. Про результат напишемо після "
                "оприлюднення%(results)s."
            ),
        ),
        "en": (
            "Application %(code)s is admitted",
            (
                "The commission admitted the application “%(title)s” (%(code)s): minutes No %(minutes)s of "
                "%(day)s. Experts score it next. We will write about the result after the "
                "publication%(results)s."
            ),
        ),
    },
    "application_rejected_by_minutes": {
        "uk": (
            "Заявку %(code)s не допущено до розгляду",
            (
                "Комісія не допустила до розгляду заявку «%(title)s» (%(code)s): протокол № %(minutes)s "
                "від %(day)s.\n\nПричина: %(reason)s\nПідстава: %(clause)s\n\n%(complaint)s"
            ),
        ),
        "en": (
            "Application %(code)s is not admitted",
            (
                "The commission did not admit the application “%(title)s” (%(code)s): minutes No "
                "%(minutes)s of %(day)s.\n\nReason: %(reason)s\nClause: %(clause)s\n\n%(complaint)s"
            ),
        ),
    },
    "application_corrected": {
        "uk": (
            "Виправлення отримано: %(code)s",
            (
                "Виправлення до заявки «%(title)s» (%(code)s) отримано %(time)s. Дата подання не "
                "змінилася. Секретар перевірить виправлене й напише вам."
            ),
        ),
        "en": (
            "Corrections received: %(code)s",
            (
                "The corrections of the application “%(title)s” (%(code)s) came at %(time)s. The date of "
                "submission stays. The secretary will check them and write to you."
            ),
        ),
    },
    "application_admitted": {
        "uk": (
            "Заявку %(code)s допущено до розгляду",
            (
                "Заявку «%(title)s» (%(code)s) допущено до розгляду. Далі її оцінюють експерти, рішення "
                "ухвалює комісія. Про результат напишемо після оприлюднення%(results)s."
            ),
        ),
        "en": (
            "Application %(code)s is admitted",
            (
                "The application “%(title)s” (%(code)s) is admitted. Experts score it, the commission "
                "decides. We will write about the result after the publication%(results)s."
            ),
        ),
    },
    "application_rejected": {
        "uk": (
            "Заявку %(code)s не допущено до розгляду",
            (
                "Заявку «%(title)s» (%(code)s) не допущено до розгляду.\n\nПричина: "
                "%(reason)s\nПідстава: %(clause)s\n\n%(complaint)s"
            ),
        ),
        "en": (
            "Application %(code)s is not admitted",
            (
                "The application “%(title)s” (%(code)s) is not admitted.\n\nReason: %(reason)s\nClause: "
                "%(clause)s\n\n%(complaint)s"
            ),
        ),
    },
    **LATE_LETTERS,
    **DEADLINE_LETTERS,
}
RESULTS_BY = {"uk": ", орієнтовно до %(day)s", "en": ", about %(day)s"}
