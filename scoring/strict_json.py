"""Reading of JSON objects key by key: everything required, nothing unknown, every refusal names its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from scoring.errors import RulesError
from scoring.rounding import parse_decimal


class Section:
    """One JSON object of the rules, read strictly.

    Parameters
    ----------
    value : object
        What stands in the document.
    path : str
        Where it stands, for example ``criteria[0]``; empty for the document itself.
    keys : sequence of str
        The keys that the format requires; no other key is allowed.

    Raises
    ------
    RulesError
        Not an object, a key is missing or a key is unknown.
    """

    def __init__(self, value: object, path: str, keys: Sequence[str]) -> None:
        self.path = path
        if not isinstance(value, Mapping):
            raise RulesError("must be an object", column=path or "document")
        for key in value:
            if key not in keys:
                raise RulesError("unknown key", column=self.at(str(key)))
        for key in keys:
            if key not in value:
                raise RulesError("required key is missing", column=self.at(key))
        self._value = value

    def at(self, key: str) -> str:
        """Path of a key inside this section."""
        return f"{self.path}.{key}" if self.path else key

    def refuse(self, key: str, message: str) -> RulesError:
        """Make the refusal of one key."""
        return RulesError(message, column=self.at(key))

    def raw(self, key: str) -> object:
        """Return the value as it stands."""
        return self._value[key]

    def text(self, key: str, *, empty: bool = False) -> str:
        """Return a text; an empty one only where the format allows it."""
        value = self._value[key]
        if not isinstance(value, str):
            raise self.refuse(key, "must be text")
        if not value and not empty:
            raise self.refuse(key, "must not be empty")
        return value

    def choice(self, key: str, allowed: Sequence[str]) -> str:
        """Return a text that is one of the allowed words."""
        value = self._value[key]
        if not isinstance(value, str) or value not in allowed:
            raise self.refuse(key, f"must be one of {', '.join(allowed)}, not {str(value)[:40]!r}")
        return value

    def boolean(self, key: str) -> bool:
        """Return true or false."""
        value = self._value[key]
        if not isinstance(value, bool):
            raise self.refuse(key, "must be true or false")
        return value

    def whole(self, key: str, *, least: int = 0, most: int | None = None) -> int:
        """Return a whole number inside its bounds."""
        value = self._value[key]
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refuse(key, "must be a whole number")
        if value < least or (most is not None and value > most):
            bounds = f"at least {least}" if most is None else f"between {least} and {most}"
            raise self.refuse(key, f"must be {bounds}, not {value}")
        return value

    def optional_whole(self, key: str, *, least: int = 0) -> int | None:
        """Return a whole number or nothing."""
        return None if self._value[key] is None else self.whole(key, least=least)

    def decimal(self, key: str) -> Decimal:
        """Return a decimal that is written as text, so that it is exact."""
        value = self._value[key]
        if not isinstance(value, str):
            raise self.refuse(key, "must be a decimal number written as text")
        try:
            return parse_decimal(value)
        except ValueError as error:
            raise self.refuse(key, str(error)) from None

    def optional_decimal(self, key: str) -> Decimal | None:
        """Return a decimal or nothing."""
        return None if self._value[key] is None else self.decimal(key)

    def items(self, key: str) -> Iterator[tuple[str, object]]:
        """Walk a list, each element with its path."""
        value = self._value[key]
        if not isinstance(value, list | tuple):
            raise self.refuse(key, "must be a list")
        for index, element in enumerate(value):
            yield f"{self.at(key)}[{index}]", element

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        found = []
        for path, element in self.items(key):
            if not isinstance(element, str):
                raise RulesError("must be text", column=path)
            found.append(element)
        return tuple(found)
