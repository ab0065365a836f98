"""Letters of the stage: the outcome first, then the sum, the score with reasons, what to do and how to complain."""

from __future__ import annotations

_COMPLAIN_UK = (
    "Якщо ви не згодні, керівник організації може подати скаргу до %(complain_by)s включно "
    "(30 календарних днів). Відповідь надамо протягом 30 календарних днів."
)
_COMPLAIN_EN = (
    "If you disagree, the head of the organisation may complain until %(complain_by)s inclusive "
    "(30 calendar days). The complaint is answered within 30 calendar days."
)
_WHY_UK = "\n\nБал: %(score)s, місце: %(place)s.\n%(criteria)s\n\nКоментарі експертів:\n%(comments)s\n\n"
_WHY_EN = "\n\nScore: %(score)s, place: %(place)s.\n%(criteria)s\n\nComments of the experts:\n%(comments)s\n\n"
_LINK_UK = "\n\nРішення і всі дії: %(link)s"
_LINK_EN = "\n\nThe decision and all actions: %(link)s"

LETTERS: dict[str, dict[str, tuple[str, str]]] = {
    "meeting_planned": {
        "uk": (
            "Засідання комісії № %(number)s: %(when)s",
            (
                "Запрошуємо на засідання № %(number)s комісії конкурсу «%(title)s».\n\n"
                "Коли: %(when)s.\nДе: %(where)s.\n\nПорядок денний і матеріали: %(link)s"
            ),
        ),
        "en": (
            "Commission meeting No %(number)s: %(when)s",
            (
                "You are invited to meeting No %(number)s of the commission of “%(title)s”.\n\n"
                "When: %(when)s.\nWhere: %(where)s.\n\nAgenda and materials: %(link)s"
            ),
        ),
    },
    "award_full": {
        "uk": (
            "Проєкт отримав %(amount_kop)s: %(code)s",
            "Проєкт «%(title)s» (%(code)s) отримає %(amount_kop)s, повну запитану суму.\n\n"
            "Керівник організації має прийняти кошти до %(answer_by)s включно." + _WHY_UK + _COMPLAIN_UK + _LINK_UK,
        ),
        "en": (
            "The project was awarded %(amount_kop)s: %(code)s",
            "The project “%(title)s” (%(code)s) is awarded %(amount_kop)s, the full sum requested.\n\n"
            "The head of the organisation accepts the money until %(answer_by)s inclusive."
            + _WHY_EN
            + _COMPLAIN_EN
            + _LINK_EN,
        ),
    },
    "award_partial": {
        "uk": (
            "Проєкт отримав %(amount_kop)s із %(requested_kop)s: %(code)s",
            "Проєкт «%(title)s» (%(code)s) отримає %(amount_kop)s із запитаних %(requested_kop)s. "
            "Причина: %(reason)s\n\nМенша сума потребує вашої згоди: керівник організації погоджується або "
            "відмовляється до %(answer_by)s включно. Після згоди кошторис треба оновити."
            + _WHY_UK
            + _COMPLAIN_UK
            + _LINK_UK,
        ),
        "en": (
            "The project was awarded %(amount_kop)s of %(requested_kop)s: %(code)s",
            "The project “%(title)s” (%(code)s) is awarded %(amount_kop)s of the %(requested_kop)s requested. "
            "Reason: %(reason)s\n\nA smaller sum needs your consent: the head of the organisation agrees or declines "
            "until %(answer_by)s inclusive. After consent the project budget is revised."
            + _WHY_EN
            + _COMPLAIN_EN
            + _LINK_EN,
        ),
    },
    "award_reserve": {
        "uk": (
            "Проєкт у резервному списку, місце %(reserve)s: %(code)s",
            "Проєкт «%(title)s» (%(code)s) не отримав коштів: їх вистачило на заявки з вищим місцем. Ваше місце в "
            "резервному списку: %(reserve)s. Якщо кошти звільняться, ми напишемо. Робити нічого не треба."
            + _WHY_UK
            + _COMPLAIN_UK
            + _LINK_UK,
        ),
        "en": (
            "The project is on the reserve list, place %(reserve)s: %(code)s",
            "The project “%(title)s” (%(code)s) was not awarded money: it sufficed for applications with better "
            "places. Your place on the reserve list: %(reserve)s. If money is freed, we shall write. There is nothing "
            "to do." + _WHY_EN + _COMPLAIN_EN + _LINK_EN,
        ),
    },
    "award_refused": {
        "uk": (
            "Проєкт не отримав коштів: %(code)s",
            "Проєкт «%(title)s» (%(code)s) не отримав коштів. Причина: %(reason)s" + _WHY_UK + _COMPLAIN_UK + _LINK_UK,
        ),
        "en": (
            "The project was not awarded: %(code)s",
            "The project “%(title)s” (%(code)s) was not awarded money. Reason: %(reason)s"
            + _WHY_EN
            + _COMPLAIN_EN
            + _LINK_EN,
        ),
    },
    "award_released": {
        "uk": (
            "Кошти з резерву: %(amount_kop)s, %(code)s",
            "Проєкт «%(title)s» (%(code)s) з резервного списку отримає %(amount_kop)s із запитаних "
            "%(requested_kop)s: кошти звільнилися.\n\nКерівник організації приймає кошти або відмовляється від них до "
            "%(answer_by)s включно." + _LINK_UK,
        ),
        "en": (
            "Money from the reserve: %(amount_kop)s, %(code)s",
            "The project “%(title)s” (%(code)s) on the reserve list is awarded %(amount_kop)s of the %(requested_kop)s "
            "requested: money was freed.\n\nThe head of the organisation accepts or declines until %(answer_by)s "
            "inclusive." + _LINK_EN,
        ),
    },
    "award_accepted": {
        "uk": (
            "Кошти прийнято: %(code)s",
            "Організація %(organisation)s прийняла %(amount_kop)s за заявкою %(code)s. Готуйте договір: %(link)s",
        ),
        "en": (
            "The money is accepted: %(code)s",
            "%(organisation)s accepts %(amount_kop)s for application %(code)s. Prepare the contract: %(link)s",
        ),
    },
    "award_declined": {
        "uk": (
            "Від коштів відмовилися: %(code)s",
            "Організація %(organisation)s відмовилася від %(amount_kop)s за заявкою %(code)s. Причина: %(reason)s\n\n"
            "Кошти повернено до лота, їх можна дати резервному списку: %(link)s",
        ),
        "en": (
            "The money is declined: %(code)s",
            "%(organisation)s declines %(amount_kop)s for application %(code)s. Reason: %(reason)s\n\n"
            "The money is back in the lot and may go to the reserve list: %(link)s",
        ),
    },
    "complaint_filed": {
        "uk": (
            "Зареєструйте скаргу: %(application)s",
            "Подано скаргу щодо заявки %(application)s. Зареєструйте її; строк відповіді %(answer_by)s: %(link)s",
        ),
        "en": (
            "Register a complaint: %(application)s",
            "A complaint about application %(application)s is filed. Register it; the answer is due by %(answer_by)s:"
            " %(link)s",
        ),
    },
    "complaint_registered": {
        "uk": (
            "Скаргу № %(number)s зареєстровано: %(code)s",
            (
                "Скаргу № %(number)s щодо заявки %(application)s зареєстровано. Відповідь надамо до %(answer_by)s. "
                "Її готує людина, яка не ухвалювала рішення."
            ),
        ),
        "en": (
            "Complaint No %(number)s is registered: %(code)s",
            (
                "Complaint No %(number)s about application %(application)s is registered; it is answered until "
                "%(answer_by)s inclusive by somebody who did not take the decision."
            ),
        ),
    },
    "complaint_decided": {
        "uk": (
            "%(verdict)s: скарга № %(number)s",
            (
                "%(verdict)s: скарга № %(number)s щодо заявки %(application)s.\n\nОбґрунтування: %(answer)s\n\n"
                "Якщо ви не згодні, рішення можна оскаржити в суді."
            ),
        ),
        "en": (
            "%(verdict)s: complaint No %(number)s",
            (
                "%(verdict)s: complaint No %(number)s about application %(application)s.\n\nReasons: %(answer)s\n\n"
                "If you disagree, you may go to court."
            ),
        ),
    },
}

WORDS: dict[str, dict[str, str]] = {
    "no_comments": {"uk": "коментарів немає", "en": "no comments"},
    "no_score": {"uk": "не визначено", "en": "not determined"},
    "remainder": {
        "uk": "це залишок коштів лота після заявок з вищим місцем.",
        "en": "this is what the lot has left after the applications with better places.",
    },
    "below_pass_mark": {
        "uk": "бал нижчий за прохідний.",
        "en": "the score is below the pass mark.",
    },
    "insufficient": {"uk": "замало оцінок для бала.", "en": "too few reviews for a score."},
    "upheld": {"uk": "Скаргу задоволено", "en": "The complaint is upheld"},
    "rejected": {"uk": "Скаргу відхилено", "en": "The complaint is rejected"},
}
