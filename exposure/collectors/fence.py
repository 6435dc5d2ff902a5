"""The scope's rules as a sweep process asks them: before each of very many connections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from exposure.logic.scope import CompiledScope, Permit, Refusal, ScopeRule
from exposure.logic.scope_text import Network


class ScopeFence:
    """Decides by the clock of its own process, in about a microsecond.

    The rules are all that travels to another process.
    """

    def __init__(
        self, rules: Sequence[ScopeRule], allowed_private: Sequence[Network] = ()
    ) -> None:
        """Ask these rules; `allowed_private` is described at `decide`."""
        self._rules, self._allowed = tuple(rules), tuple(allowed_private)
        self._compiled = CompiledScope(self._rules, allowed_private=self._allowed)

    def permit(self, address: str, port: int) -> Permit | Refusal:
        """Decide about one connection, right before it is made."""
        return self._compiled.decide(address, port, now=datetime.now(UTC))

    def __reduce__(self) -> tuple[object, ...]:
        """Send the rules alone."""
        return ScopeFence, (self._rules, self._allowed)
