"""The library of an organisation: kinds of papers, how long before their end we warn, the letter."""

from __future__ import annotations

from datetime import date, timedelta

from grants_app.journal.registry import About, Letters, Place, register_letters

# Codes are those of the papers that forms ask for, so that a paper finds its place by itself; texts are English msgids.
LIBRARY_KINDS: dict[str, str] = {
    "statute": "Statute",
    "registration": "Extract from the state register",
    "nonprofit": "Decision on the non-profit status",
    "bank_letter": "Letter of the bank about the account",
    "no_debt": "Certificate of no tax debt",
    "certificate": "Other certificate or permit",
    "other": "Other document",
}
MOST_DOCUMENTS = 60
WARN_BEFORE = timedelta(days=30)
# Letters go out when so many days or fewer are left, once for each.
LETTERS_BEFORE = (30, 7)

PLACES = {
    "day": Place("The last day on which the document is valid", date(2027, 5, 14)),
    "title": Place("Title of the document", {"uk": "Довідка про відсутність боргу", "en": "Certificate of no debt"}),
    "organisation": Place("Organisation", {"uk": "ГО «Вигадана»", "en": "NGO “Invented”"}),
    "link": Place("Address of the page", "https://grants.example.org/accounts/organisation/00000000/documents"),
}
LETTERS: Letters = {
    f"document_expires_{days}": {
        "uk": (
            "Оновіть документ до %(day)s: %(title)s",
            (
                "Документ організації «%(organisation)s» діє до %(day)s включно: %(title)s.\n"
                "Після цього його не можна буде додати до заявки. На подані заявки це не впливає.\n\n"
                "Завантажте новий:\n%(link)s"
            ),
        ),
        "en": (
            "Renew the document by %(day)s: %(title)s",
            (
                "A document of %(organisation)s is valid until %(day)s inclusive: %(title)s.\n"
                "After that it cannot be attached to an application. Submitted applications keep it.\n\n"
                "Upload the new one:\n%(link)s"
            ),
        ),
    }
    for days in LETTERS_BEFORE
}
_ABOUT = {
    f"document_expires_{days}": About(
        "A document of the organisation’s library soon stops being valid",
        "The head and members of the organisation",
        needs=("day", "title"),
        is_urgent=False,
    )
    for days in LETTERS_BEFORE
}
register_letters("accounts", LETTERS, _ABOUT, PLACES)
