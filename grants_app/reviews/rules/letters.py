"""Letters of the review."""

from __future__ import annotations

# Letters: subject starts with the task, the first line says who must do what by when.
LETTERS: dict[str, dict[str, tuple[str, str]]] = {
    "review_opened": {
        "uk": (
            "Оцініть заявки до %(until)s: %(code)s",
            (
                "Оцініть призначені вам заявки (%(count)s) до %(until)s.\n\nКонкурс «%(title)s». Спершу підпишіть"
                " декларацію неупередженості щодо кожної заявки, після цього відкриється її текст."
            ),
        ),
        "en": (
            "Score the applications until %(until)s: %(code)s",
            (
                "Score the applications assigned to you (%(count)s) until %(until)s.\n\nCompetition “%(title)s”. First"
                " declare your impartiality for each application, then its text opens."
            ),
        ),
    },
    "review_assigned": {
        "uk": (
            "Оцініть ще одну заявку до %(until)s: %(code)s",
            (
                "Вам призначено заявку %(application)s. Оцініть її до %(until)s.\n\nКонкурс «%(title)s». Спершу"
                " підпишіть декларацію неупередженості, після цього відкриється текст."
            ),
        ),
        "en": (
            "Score one more application until %(until)s: %(code)s",
            (
                "Application %(application)s is assigned to you. Score it until %(until)s.\n\nCompetition “%(title)s”."
                " First declare your impartiality, then the text opens."
            ),
        ),
    },
    "review_taken_back": {
        "uk": (
            "Заявку %(application)s оцінювати не треба",
            "Призначення на заявку %(application)s скасовано. Робити нічого не треба.\n\nКонкурс «%(title)s».",
        ),
        "en": (
            "You need not score application %(application)s",
            (
                "The assignment to application %(application)s was taken back. Nothing is left to do.\n\nCompetition"
                " “%(title)s”."
            ),
        ),
    },
    "review_reopened": {
        "uk": (
            "Доповніть оцінку до %(until)s: %(application)s",
            (
                "Вашу оцінку заявки %(application)s відкрито для змін. Завершіть її знову до %(until)s.\n\nПричина:"
                " %(reason)s"
            ),
        ),
        "en": (
            "Complete your review until %(until)s: %(application)s",
            (
                "Your review of application %(application)s is open for changes. Submit it again until %(until)s.\n\n"
                "Reason: %(reason)s"
            ),
        ),
    },
    "review_abstained": {
        "uk": (
            "Замініть експерта: %(application)s",
            (
                "Експерт %(expert)s утримується від оцінювання заявки %(application)s. Конфлікту інтересів немає."
                " Призначте іншого експерта.\n\nПричина: %(reason)s\n\nКонкурс «%(title)s»."
            ),
        ),
        "en": (
            "Replace an expert: %(application)s",
            (
                "Expert %(expert)s abstains from scoring application %(application)s. There is no conflict of interest."
                " Assign another expert.\n\nReason: %(reason)s\n\nCompetition “%(title)s”."
            ),
        ),
    },
    "review_reminder": {
        "uk": (
            "Нагадуємо: оцініть заявки до %(until)s (%(code)s)",
            "Лишилося оцінити заявок: %(count)s. Строк: %(until)s.\n\nКонкурс «%(title)s».",
        ),
        "en": (
            "Reminder: score the applications until %(until)s: %(code)s",
            "Applications left to score: %(count)s. Term: %(until)s.\n\nCompetition “%(title)s”.",
        ),
    },
    "review_prolonged": {
        "uk": (
            "Строк оцінювання перенесено до %(until)s: %(code)s",
            "Оцінити заявки треба до %(until)s. Лишилося: %(count)s.\n\nКонкурс «%(title)s». Причина: %(reason)s",
        ),
        "en": (
            "The term of scoring is now %(until)s: %(code)s",
            "Score the applications until %(until)s. Left: %(count)s.\n\nCompetition “%(title)s”. Reason: %(reason)s",
        ),
    },
    "conflict_declared": {
        "uk": (
            "Замініть експерта: %(application)s",
            (
                "Експерт %(expert)s відмовляється оцінювати заявку %(application)s через конфлікт інтересів. Призначте"
                " іншого експерта.\n\nКонкурс «%(title)s»."
            ),
        ),
        "en": (
            "Replace an expert: %(application)s",
            (
                "Expert %(expert)s cannot score application %(application)s because of a conflict of interest. Assign"
                " another expert.\n\nCompetition “%(title)s”."
            ),
        ),
    },
    "assignment_declined": {
        "uk": (
            "Замініть експерта: %(application)s",
            "Експерт %(expert)s не може оцінити заявку %(application)s (конфлікту інтересів немає). Призначте"
            " іншого експерта.\n\nКонкурс «%(title)s».",
        ),
        "en": (
            "Replace an expert: %(application)s",
            "Expert %(expert)s cannot score application %(application)s (there is no conflict of interest). Assign"
            " another expert.\n\nCompetition “%(title)s”.",
        ),
    },
    "conflict_doubted": {
        "uk": (
            "Сумнів про конфлікт інтересів розгляне голова: %(application)s",
            (
                "Експерт %(expert)s сумнівається, чи може оцінювати заявку %(application)s. Вирішує голова комісії;"
                " доти експерт заявки не читає. Робити нічого не треба.\n\nКонкурс «%(title)s»."
            ),
        ),
        "en": (
            "The chair decides on a doubt about a conflict of interest: %(application)s",
            (
                "Expert %(expert)s doubts whether to score application %(application)s. The chair decides; until then"
                " the expert does not read it. Nothing is left to do.\n\nCompetition “%(title)s”."
            ),
        ),
    },
}
