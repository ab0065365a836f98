"""Letters about conflicts of interest. None names what ties the person: that stands in the register alone."""

from __future__ import annotations

LETTERS: dict[str, dict[str, tuple[str, str]]] = {
    "conflict_to_decide": {
        "uk": (
            "Вирішіть питання про конфлікт інтересів: %(code)s",
            "У реєстрі конкурсу «%(title)s» є питання про конфлікт інтересів, яке чекає на ваше рішення:"
            " %(link)s\n\nЯкщо запитав сам експерт, до вашого рішення заявка для нього закрита.",
        ),
        "en": (
            "Decide on a conflict of interest: %(code)s",
            "The register of “%(title)s” holds a question about a conflict of interest that waits for your decision:"
            " %(link)s\n\nWhere the expert asked, the application stays closed to them until you decide.",
        ),
    },
    "conflicts_found": {
        "uk": (
            "Перегляньте знайдені збіги: %(code)s",
            "У даних конкурсу «%(title)s» знайдено збігів між людьми й заявками: %(count)s. Підтвердьте або відхиліть"
            " кожен: %(link)s\n\nЗбіги рівня «усунуто одразу» вже закрили заявку для цих людей.",
        ),
        "en": (
            "Look through the ties found: %(code)s",
            "Ties between people and applications found in the data of “%(title)s”: %(count)s. Confirm or dismiss"
            " each: %(link)s\n\nTies of the level “kept out at once” have closed the application to these people.",
        ),
    },
    "conflict_own": {
        "uk": (
            "Без участі однієї особи: %(application)s",
            "%(name)s заявляє про конфлікт інтересів щодо заявки %(application)s конкурсу «%(title)s» і не бере участі"
            " в її розгляді. Подбайте, щоб хтось інший виконав цю роботу. Запис у реєстрі: %(link)s",
        ),
        "en": (
            "Without one person: %(application)s",
            "%(name)s declares a conflict of interest with application %(application)s of “%(title)s” and takes no part"
            " in considering it. See that somebody else does this work. The line of the register: %(link)s",
        ),
    },
    "conflict_confirmed": {
        "uk": (
            "Заявку %(application)s розглядають без вас",
            "Підтверджено конфлікт інтересів: заявку %(application)s конкурсу «%(title)s» розглядають без вас. Робити"
            " нічого не треба.\n\nПричина рішення: %(reason)s",
        ),
        "en": (
            "Application %(application)s is considered without you",
            "A conflict of interest is confirmed: application %(application)s of “%(title)s” is considered without you."
            " Nothing is left to do.\n\nReason of the decision: %(reason)s",
        ),
    },
    "conflict_cleared": {
        "uk": (
            "Конфлікту інтересів немає: %(application)s",
            "За рішенням голови комісії ви не маєте конфлікту інтересів щодо заявки %(application)s конкурсу"
            " «%(title)s». Якщо заявку призначено вам, підпишіть декларацію: %(link)s\n\nПричина рішення: %(reason)s",
        ),
        "en": (
            "No conflict of interest: %(application)s",
            "The chair has decided that you have no conflict of interest with application %(application)s of"
            " “%(title)s”. If it is assigned to you, sign the declaration: %(link)s\n\nReason of the decision:"
            " %(reason)s",
        ),
    },
    "conflict_answered": {
        "uk": (
            "Відповідь на ваше повідомлення про конфлікт інтересів: %(application)s",
            "Ваше повідомлення щодо заявки %(application)s конкурсу «%(title)s» розглянуто.\n\nРішення: %(verdict)s."
            " Причина: %(reason)s",
        ),
        "en": (
            "Answer to your report of a conflict of interest: %(application)s",
            "Your report about application %(application)s of “%(title)s” has been considered.\n\nDecision:"
            " %(verdict)s. Reason: %(reason)s",
        ),
    },
    "conflict_replace": {
        "uk": (
            "Призначте заміну: %(application)s",
            "Експерт %(expert)s більше не оцінює заявку %(application)s: конфлікт інтересів підтверджено. Призначте"
            " заміну: %(link)s\n\nКонкурс «%(title)s».",
        ),
        "en": (
            "Assign a replacement: %(application)s",
            "Expert %(expert)s does not score application %(application)s any more: a conflict of interest is"
            " confirmed. Assign a replacement: %(link)s\n\nCompetition “%(title)s”.",
        ),
    },
    "conflict_late": {
        "uk": (
            "Конфлікт інтересів після передання оцінок: %(application)s",
            "Від експерта %(expert)s надійшла заява про конфлікт інтересів щодо заявки %(application)s, коли рейтинг"
            " уже складено. Бали лишаються в рейтингу; комісія має зважити на це до голосування: %(link)s"
            "\n\nКонкурс «%(title)s».",
        ),
        "en": (
            "A conflict of interest after the handover: %(application)s",
            "Expert %(expert)s declared a conflict of interest with application %(application)s when the ranking was"
            " made. The marks stay in the ranking; the commission weighs this before it votes: %(link)s\n\nCompetition"
            " “%(title)s”.",
        ),
    },
}
