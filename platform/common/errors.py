"""Broken rules, in words for the user; nothing here knows about HTTP or forms."""


class DomainError(Exception):
    """A broken rule. The message is shown to the user as it is.

    So it says what is wrong and where, and holds no secret and no inner detail.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class NotAllowed(DomainError):
    """A member lacks the role, the side or the site for what they asked."""


class Conflict(DomainError):
    """What the user acted on has changed meanwhile, so the act was not done.

    `current` is the state as it is now, for a page that shows it; None if unknown.
    """

    def __init__(self, message: str, *, current: object | None = None) -> None:
        super().__init__(message)
        self.current = current


class InvalidInput(DomainError):
    """One field holds something that cannot be accepted; `field` is its name."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        # Exceptions are rebuilt from their args when they cross a process.
        self.args = (field, message)
        self.field = field
