"""Refusals of the domain: each carries a sentence for the person and, where known, the field."""

from __future__ import annotations

from collections.abc import Mapping


class DomainError(Exception):
    """A request that the rules refuse.

    `message` is an English msgid with %(name)s placeholders; `facts` fills them. The web layer translates.
    """

    def __init__(self, message: str, *, field: str | None = None, facts: Mapping[str, object] | None = None) -> None:
        self.message = message
        self.field = field
        self.facts = dict(facts or {})
        super().__init__(message % self.facts if self.facts else message)


class NotAllowed(DomainError):
    """The person may not do this to this thing now; the message is the reason shown beside the button."""


class NotFound(DomainError):
    """No such thing, or it is not open to this person: the answer does not tell which."""

    def __init__(self, message: str = "There is no such page, or it is not open to you") -> None:
        super().__init__(message)


class WrongState(DomainError):
    """The step does not start from the state the thing is in."""


class InvalidInput(DomainError):
    """A value breaks a rule; `field` names the form field where it is known."""


class ManyErrors(DomainError):
    """Several refusals at once, in the order a person should mend them."""

    def __init__(self, errors: list[DomainError]) -> None:
        self.errors = errors
        super().__init__(
            errors[0].message if errors else "Nothing to correct", facts=errors[0].facts if errors else None
        )


class EditConflict(DomainError):
    """Somebody else saved a newer version; both texts must be shown."""


class OverBudget(DomainError):
    """The money asked does not fit the line; facts carry `excess_kop` and `available_kop`."""


class AlreadyDone(Exception):
    """The same form was sent twice: the first answer counts. Not an error of the person."""

    def __init__(self, answer: str | None) -> None:
        self.answer = answer
        super().__init__(answer)


class KeyReused(DomainError):
    """The idempotency key came back with another body."""
