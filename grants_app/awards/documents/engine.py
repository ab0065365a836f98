"""What somebody needs who computes a published list anew: the engine's source and the meaning of its checks."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path

from flask_babel import gettext as _

import scoring

_LONG_AGO = (2020, 1, 1, 0, 0, 0)


@cache
def engine_archive() -> bytes:
    """The package as a ZIP, the same bytes for the same source."""
    folder = Path(scoring.__file__).parent
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*.py")):
            entry = zipfile.ZipInfo(str(path.relative_to(folder.parent)), _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return stream.getvalue()


def check_rows() -> list[tuple[str, str]]:
    """The checks of `verify` as it names them, and what each of them proves."""
    return [
        ("input hash", _("Rules, applications, marks and the decisions of the meeting are those that were digested")),
        ("ranking", _("Every place, score, mean and total comes out of the marks by the rules")),
        ("awards", _("Every sum comes out of the list by the rule of distribution, a draw out of its announced seed")),
        ("result hash", _("The result in the bundle has the digest that is printed: compare it with the one below")),
        ("overrides", _("How many sums the commission set otherwise; each stands with its reason")),
    ]
