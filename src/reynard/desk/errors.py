"""What can go wrong at the desk, as values. Doors turn them into status codes; the desk never does."""

from collections.abc import Iterable

# The sentences clients have seen (protocol.md §5, custom-fields.md §4).
REQUIRED = "This field is required."
CUSTOM_FIELD_REQUIRED = "This field is required"  # without a full stop (protocol.md §8.1)
NOT_A_CHOICE = "Select a valid choice. That choice is not one of the available choices."
NEEDED_TO_COMPLETE = "This field should be filled before marking this ticket as completed"
NEEDED_TO_MOVE = "This field should be filled before moving this ticket"
WHOLE_REQUEST = "__all__"


class Problems:
    """Everything that is wrong with one request, gathered before anything is said (protocol.md §8.1)."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = {}

    def add(self, field: str, text: str) -> None:
        texts = self._found.setdefault(field, [])
        if text not in texts:
            texts.append(text)

    def require(self, field: str, present: bool, text: str = REQUIRED) -> None:
        """A field that must be there; not said again about one that was there and could not be read."""
        if not present and field not in self._found:
            self.add(field, text)

    def __bool__(self) -> bool:
        return bool(self._found)

    def __contains__(self, field: str) -> bool:
        return field in self._found

    def items(self) -> Iterable[tuple[str, list[str]]]:
        """`(field, texts)` in the order of discovery."""
        return self._found.items()

    def raise_if_any(self) -> None:
        if self._found:
            raise Invalid(self)


class DeskError(Exception):
    """Base of everything the desk refuses; `str()` is a sentence for people."""


class NotFound(DeskError):
    def __init__(self, text: str = "Cannot find the requested object") -> None:
        super().__init__(text)


class Invalid(DeskError):
    """The request has problems; nothing was changed. Fields carry the desk's names."""

    def __init__(self, problems: Problems) -> None:
        super().__init__("; ".join(f"{field}: {' '.join(texts)}" for field, texts in problems.items()))
        self.problems = problems


class Refused(DeskError):
    """A rule of the ticket forbids the change (completion, collision): one sentence per field."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {text}" for field, text in fields.items()))
        self.fields = fields


class NotAllowed(DeskError):
    """What the caller's credentials are limited to does not reach that far."""


class NothingToUpdate(DeskError):
    """Everything is as the caller wants it; `present` is what the action returns when it changes something."""

    def __init__(self, present: object = None) -> None:
        super().__init__("Nothing to update")
        self.present = present


class Changed(DeskError):
    """Somebody else changed the ticket since the caller read it (`If-Match`)."""

    def __init__(self) -> None:
        super().__init__("The ticket has changed since you read it. Read it again and repeat the change.")


class KeyReused(DeskError):
    """An idempotency key was used before, for another request."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request. Use a new key for a new request.")


class SearchTooSlow(DeskError):
    """Finding the tickets took longer than one request may keep the desk busy."""

    def __init__(self) -> None:
        super().__init__("This search takes too long. Make it narrower, for example by a status or a date.")
