"""What experts read beside a scale: a sentence for each band, in both languages, in our own words."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One text in the two languages of the product."""

    uk: str
    en: str


# From the best band to the worst; every scale is cut into these four.
LEVELS: tuple[Words, ...] = (
    Words(
        "Відповідає повністю: твердження конкретні, перевірні й підкріплені в заявці",
        "Meets it fully: the statements are concrete, verifiable and supported in the application",
    ),
    Words(
        "Відповідає загалом: є зауваження, які не заважають виконати проєкт",
        "Meets it on the whole: there are remarks that do not stand in the way of the project",
    ),
    Words(
        "Відповідає частково: істотні прогалини, без їх усунення результат непевний",
        "Meets it in part: serious gaps, and the result is uncertain until they are closed",
    ),
    Words(
        "Не відповідає, або даних для оцінки в заявці немає",
        "Does not meet it, or the application gives nothing to judge by",
    ),
)

# Ends of the four bands by scale: (minimum, maximum, step) -> from the best to the worst.
BANDS: dict[tuple[str, str, str], tuple[tuple[str, str], ...]] = {
    ("0", "10", "1"): (("9", "10"), ("6", "8"), ("3", "5"), ("0", "2")),
    ("0", "5", "1"): (("5", "5"), ("3", "4"), ("1", "2"), ("0", "0")),
    ("0", "5", "0.5"): (("4.5", "5"), ("3", "4"), ("1.5", "2.5"), ("0", "1")),
    ("0", "75", "1"): (("64", "75"), ("45", "63"), ("20", "44"), ("0", "19")),
    ("0", "25", "1"): (("22", "25"), ("15", "21"), ("7", "14"), ("0", "6")),
    ("4", "20", "1"): (("17", "20"), ("12", "16"), ("8", "11"), ("4", "7")),
    ("5", "25", "1"): (("22", "25"), ("15", "21"), ("10", "14"), ("5", "9")),
    ("3", "15", "1"): (("13", "15"), ("9", "12"), ("6", "8"), ("3", "5")),
}


def bands_of(minimum: str, maximum: str, step: str) -> list[dict[str, str]]:
    """The bands of a scale with their Ukrainian sentences; a scale of the city's own has none until it writes them.

    >>> [(band["from"], band["to"]) for band in bands_of("0", "5", "1")]
    [('5', '5'), ('3', '4'), ('1', '2'), ('0', '0')]
    """
    ends = BANDS.get((minimum, maximum, step), ())
    return [{"from": low, "to": high, "text": words.uk} for (low, high), words in zip(ends, LEVELS, strict=False)]
