"""The letter about an amended call."""

from __future__ import annotations

LETTERS: dict[str, dict[str, tuple[str, str]]] = {
    "call_amended": {
        "uk": (
            "Зміни в оголошенні конкурсу «%(title)s»",
            "Місто змінило оголошення конкурсу «%(title)s». Причина: %(reason)s\n\n"
            "Що саме змінено, було й стало: %(link)s\n\n"
            "Чернетка вашої заявки перейшла на нову форму: перегляньте її до кінця прийому, %(until)s. "
            "Подана заявка лишається такою, якою її подано; до кінця прийому її можна відкликати й доповнити.",
        ),
        "en": (
            "The announcement of “%(title)s” has changed",
            "The city has amended the announcement of “%(title)s”. Reason: %(reason)s\n\n"
            "What exactly has changed, before and after: %(link)s\n\n"
            "Your draft follows the new form: look through it before the intake ends, %(until)s. "
            "An application already sent stays as it was sent; until the intake ends you may recall and complete it.",
        ),
    },
}
