"""Words of the questions that decide on admission: an act in the state language, like the minutes they go into."""

from __future__ import annotations

# What a question of the agenda decides: code -> msgid.
DECIDES = {"admission": "Admission to scoring", "refusal": "Refusal of admission"}
VERDICT_OF = {"admission": "admit", "refusal": "reject"}

ALL_TITLE = "Допуск заявок до розгляду"
ALL_DRAFT = "Допустити до розгляду заявки, які за висновком секретаря відповідають вимогам оголошення."
ONE_TITLE = "Допуск до розгляду заявки {code}"
ONE_DRAFT = "Допустити до розгляду заявку {code}: за висновком секретаря вона відповідає вимогам оголошення."
REFUSAL_TITLE = "Недопуск до розгляду заявки {code}"
REFUSAL_DRAFT = "Не допускати до розгляду заявку {code}. Причина: {reason} Підстава: {clause}."


def sentence(text: str) -> str:
    """The text with a full stop at its end.

    >>> sentence("Немає рішення")
    'Немає рішення.'
    """
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
