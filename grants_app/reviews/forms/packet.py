"""Forms of the reviewer's packet: the filled file, the confirmation with the versions that were seen."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired

from grants_app.web.fields import Form

VERSION = "version_"


class PacketForm(Form):
    """A filled score sheet."""

    file = FileField(_l("Filled score sheet"), [FileRequired(_l("Choose the file"))])


def seen_versions(sent: Mapping[str, str], prefix: str = VERSION) -> dict[str, int]:
    """Versions of the sheets as they were shown, by application's code; a broken one matches nothing."""
    return {
        name.removeprefix(prefix): int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1
        for name, text in sent.items()
        if name.startswith(prefix)
    }
