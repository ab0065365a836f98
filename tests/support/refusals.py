"""A step that must be refused, with the words and the field of the refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from grants_app.core.errors import DomainError
from grants_app.database import unit_of_work


@contextmanager
def refused(kind: type[DomainError], message: str, field: str | None = None) -> Iterator[None]:
    """Take the step inside in a unit of its own; it must raise exactly this kind, message and field."""
    with pytest.raises(kind) as caught, unit_of_work():
        yield
    assert (type(caught.value), caught.value.message, caught.value.field) == (kind, message, field)
