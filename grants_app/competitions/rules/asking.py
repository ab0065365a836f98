"""Questions about a call: lengths, how many, how long an answer takes, the letters."""

from __future__ import annotations

QUESTION_LONGEST, QUESTION_SHORTEST = 1_000, 10
ANSWER_LONGEST = 4_000
# Working days in which a question is answered; one that comes later may stay without an answer before the deadline.
ANSWER_DAYS = 3
# How many questions of one person may wait about one call, and how many may be asked in a day.
MOST_WAITING, MOST_A_DAY = 5, 10

LETTERS: dict[str, dict[str, tuple[str, str]]] = {
    "call_question_answered": {
        "uk": (
            "Відповідь на запитання про конкурс «%(title)s»",
            "Оприлюднено відповідь на запитання про конкурс «%(title)s».\n\nЗапитання: %(question)s\n\n"
            "Відповідь: %(answer)s\n\nУсі запитання й відповіді: %(link)s",
        ),
        "en": (
            "An answer about the competition “%(title)s”",
            "A question about the competition “%(title)s” has been answered in public.\n\nQuestion: %(question)s\n\n"
            "Answer: %(answer)s\n\nAll questions and answers: %(link)s",
        ),
    },
    "call_question_corrected": {
        "uk": (
            "Уточнено відповідь про конкурс «%(title)s»",
            "Відповідь на запитання про конкурс «%(title)s» уточнено. Причина: %(reason)s\n\n"
            "Запитання: %(question)s\n\n"
            "Нова відповідь: %(answer)s\n\nПопередня відповідь лишається на сторінці: %(link)s",
        ),
        "en": (
            "A corrected answer about the competition “%(title)s”",
            "An answer about the competition “%(title)s” has been corrected. Reason: %(reason)s\n\n"
            "Question: %(question)s\n\nNew answer: %(answer)s\n\nThe earlier answer stays on the page: %(link)s",
        ),
    },
    "call_question_declined": {
        "uk": (
            "Ваше запитання про конкурс «%(title)s»",
            "Ваше запитання про конкурс «%(title)s» не оприлюднено. Причина: %(reason)s\n\n"
            "Запитання: %(question)s\n\nВи можете поставити інше запитання до кінця прийому: %(link)s",
        ),
        "en": (
            "Your question about the competition “%(title)s”",
            "Your question about the competition “%(title)s” is not published. Reason: %(reason)s\n\n"
            "Question: %(question)s\n\nYou may ask another one until the intake ends: %(link)s",
        ),
    },
}
