"""Forms of letters: the words, a reason, an address."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField

from grants_app.core.wholes import whole
from grants_app.journal.own_words import Typed
from grants_app.journal.registry import LANGUAGES
from grants_app.journal.wording import LONGEST_BODY, LONGEST_SUBJECT
from grants_app.web.fields import Form, LineField, MaxCharacters, TextField


class _Subject(StringField):
    """A subject as typed: a forged line break must be seen, not mended."""

    def process_formdata(self, valuelist: Any) -> None:
        """Only the ends are trimmed."""
        self.data = (valuelist[0] if valuelist else "").strip()


class WordsForm(Form):
    """The words of one letter in both languages, over the versions that were open."""

    subject_uk = _Subject(_l("Subject in Ukrainian"), [MaxCharacters(LONGEST_SUBJECT)])
    body_uk = TextField(_l("Text in Ukrainian"), [MaxCharacters(LONGEST_BODY)])
    subject_en = _Subject(_l("Subject in English"), [MaxCharacters(LONGEST_SUBJECT)])
    body_en = TextField(_l("Text in English"), [MaxCharacters(LONGEST_BODY)])
    number_uk = HiddenField()
    number_en = HiddenField()

    def typed(self) -> dict[str, Typed]:
        """What was typed, by language."""
        return {
            lang: Typed(
                self[f"subject_{lang}"].data or "",
                self[f"body_{lang}"].data or "",
                _number(self[f"number_{lang}"].data),
            )
            for lang in LANGUAGES
        }


class ReasonForm(Form):
    """Why letters are withdrawn."""

    reason = LineField(_l("Why nobody shall get these letters"), [MaxCharacters(500)])


class AddressForm(Form):
    """Where a letter that came back goes now."""

    email = LineField(_l("Address"), [MaxCharacters(254)])


def _number(text: str | None) -> int:
    return whole(text) or 0
