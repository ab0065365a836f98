"""Discussion of diverging reviews: who reads a message, how people are named in it, the letters."""

from __future__ import annotations

import re

from grants_app.core import words

LONGEST_MESSAGE = 4_000
SECRETARY, CHAIR, MEMBER = "Secretary", "Chair", "Commission member"

# Levels of a message, from the narrowest: English msgids for the boxes that say who will read it.
VISIBILITIES: dict[str, str] = {
    "secretary": "Only the secretary reads it",
    "panel": "Experts of this application, the secretary and the chair read it",
    "commission": "The panel reads it, and the whole commission after the handover",
}
_NAMED = re.compile(r"@(E-[0-9A-Z]+|секретар|secretary|голова|chair)\b", re.IGNORECASE)
_OFFICES = {"секретар": SECRETARY, "secretary": SECRETARY, "голова": CHAIR, "chair": CHAIR}


def mentions_in(text: str) -> list[str]:
    """Labels of the people whom a message names, in order, each once.

    >>> mentions_in("@E-7KQ4, порівняйте з п. 3; @секретар, @e-7kq4")
    ['E-7KQ4', 'Secretary']
    """
    found = [_OFFICES.get(name.lower(), name.upper()) for name in _NAMED.findall(words.unify(text))]
    return list(dict.fromkeys(found))


DISCUSSION_LETTERS: dict[str, dict[str, tuple[str, str]]] = {
    "discussion_opened": {
        "uk": (
            "Обговоріть оцінки заявки %(application)s",
            (
                "Оцінки заявки %(application)s розходяться більше, ніж дозволяє конкурс. Відкрийте"
                " обговорення і поясніть свої бали: %(link)s\n\nБали змінює лише сам експерт і називає причину;"
                " попередня версія зберігається.\n\nКонкурс «%(title)s»."
            ),
        ),
        "en": (
            "Discuss the reviews of application %(application)s",
            (
                "Reviews of application %(application)s diverge by more than the call allows. Open the discussion and"
                " explain your points: %(link)s\n\nOnly the expert changes their points, with a reason; the former"
                " version is kept.\n\nCompetition “%(title)s”."
            ),
        ),
    },
    "discussion_extra": {
        "uk": (
            "Призначте ще одного експерта: %(application)s",
            (
                "Оцінки заявки %(application)s розходяться більше, ніж дозволяє конкурс. За оголошеним правилом її"
                " оцінює ще один експерт: %(link)s\n\nКонкурс «%(title)s»."
            ),
        ),
        "en": (
            "Assign one more expert: %(application)s",
            (
                "Reviews of application %(application)s diverge by more than the call allows. By the announced rule one"
                " more expert scores it: %(link)s\n\nCompetition “%(title)s”."
            ),
        ),
    },
    "discussion_mention": {
        "uk": (
            "Дайте відповідь в обговоренні заявки %(application)s",
            "%(author)s звертається до вас в обговоренні заявки %(application)s: %(link)s\n\nКонкурс «%(title)s».",
        ),
        "en": (
            "Answer in the discussion of application %(application)s",
            (
                "%(author)s addresses you in the discussion of application %(application)s: %(link)s\n\nCompetition"
                " “%(title)s”."
            ),
        ),
    },
    "discussion_lead": {
        "uk": (
            "Напишіть узгоджений лист: %(application)s",
            (
                "Вас призначено ведучим обговорення заявки %(application)s. Запропонуйте узгоджені бали:"
                " %(link)s\n\nЦе пропозиція: кожен експерт вирішує про свої бали сам.\n\nКонкурс «%(title)s»."
            ),
        ),
        "en": (
            "Write the consensus sheet: %(application)s",
            (
                "You lead the discussion of application %(application)s. Propose points for the panel: %(link)s\n\nIt"
                " is a proposal: each expert decides on their own points.\n\nCompetition “%(title)s”."
            ),
        ),
    },
    "discussion_consensus": {
        "uk": (
            "Розгляньте узгоджені бали: %(application)s",
            (
                "Ведучий обговорення пропонує узгоджені бали для заявки %(application)s. Прийміть їх або лишіть свої:"
                " %(link)s\n\nКонкурс «%(title)s»."
            ),
        ),
        "en": (
            "Look at the consensus points: %(application)s",
            (
                "The lead has proposed consensus points for application %(application)s. Take them over or keep yours:"
                " %(link)s\n\nCompetition “%(title)s”."
            ),
        ),
    },
}
