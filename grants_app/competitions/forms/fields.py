"""Fields of the settings that no other form needs: exact decimals and small tables typed as lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from wtforms.fields.choices import SelectChoice

from grants_app.core import figures, words
from grants_app.core.money import parse_bp
from grants_app.web import formatting
from grants_app.web.fields import LineField, TextField

_NUMBER = re.compile(r"-?\d{1,6}(\.\d{1,4})?", re.ASCII)
_BAND = re.compile(r"(\d+(?:[.,]\d+)?)(?:\s*[-–—]\s*(\d+(?:[.,]\d+)?))?\s*:\s*(.+)", re.ASCII)
_SHARE_BAND = re.compile(r"(\d+(?:[.,]\d+)?)\s*:\s*(.+)", re.ASCII)


def choice(value: str, label: Any) -> SelectChoice:
    """One option of a list."""
    return SelectChoice(value, label)


def from_to(least: int, most: int) -> LazyString:
    """«Уведіть число від 1 до 20 000»: said, and its figures written, in the language of whoever reads it."""
    figures_then = {"least": LazyString(formatting.count, least), "most": LazyString(formatting.count, most)}
    return lazy_gettext("Enter a number from %(least)s to %(most)s", **figures_then)


class NumberTextField(LineField):
    """An exact number kept as decimal text (str or None); «0,5» and «0.5» are the same."""

    data: Any
    typed: str | None = None

    def _value(self) -> str:
        return self.typed if self.typed is not None else figures.digits(str(self.data or ""), formatting.language())

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Turn the comma, keep what was typed when it is no number."""
        if not valuelist:
            return
        self.typed = valuelist[0]
        text = words.one_line(valuelist[0]).replace(",", ".").replace(" ", "")
        self.data = text or None
        if text and not _NUMBER.fullmatch(text):
            self.data = None
            raise ValueError(gettext("Enter a number, for example 10 or 0.5"))


class BandsField(TextField):
    """Guidance by bands, one a line: «9-10: fully meets it»; held as [{"from", "to", "text"}]."""

    data: Any
    typed: str | None = None

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "\n".join(self._line(band) for band in self.data or ())

    def _line(self, band: dict[str, str]) -> str:
        ends = band["from"] if band["from"] == band["to"] else f"{band['from']}–{band['to']}"
        return f"{ends}: {band['text']}"

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Parse line by line."""
        if not valuelist:
            return
        self.typed = words.unify(valuelist[0]).strip()
        bands: list[dict[str, Any]] = []
        self.data = bands
        for line in filter(None, (each.strip() for each in self.typed.splitlines())):
            match = _BAND.fullmatch(line)
            if match is None:
                raise ValueError(gettext("Write each band on its own line, for example 9-10: fully meets it"))
            low, high = match[1].replace(",", "."), (match[2] or match[1]).replace(",", ".")
            bands.append({"from": low, "to": high, "text": match[3].strip()})


class ShareBandsField(TextField):
    """Shares of the request by score, one a line: «80: 100»; held as [{"from", "share_bp"}] of rules.json."""

    data: Any
    typed: str | None = None

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "\n".join(f"{band['from']}: {band['share_bp'] // 100}" for band in self.data or ())

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Parse line by line."""
        if not valuelist:
            return
        self.typed = words.unify(valuelist[0]).strip()
        bands: list[dict[str, Any]] = []
        self.data = bands
        for line in filter(None, (each.strip() for each in self.typed.splitlines())):
            match = _SHARE_BAND.fullmatch(line)
            try:
                share = parse_bp(match[2]) if match else None
            except ValueError:
                share = None
            if match is None or share is None:
                raise ValueError(
                    gettext("Write each band on its own line: score, colon, per cent, for example 80: 100")
                )
            bands.append({"from": match[1].replace(",", "."), "share_bp": share})
