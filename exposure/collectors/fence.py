"""The scope's rules as a sweep process asks them: before each of very many connections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from exposure.logic.scope import (
    HIGHEST_PORT,
    LOWEST_PORT,
    Permit,
    Refusal,
    ScopeRule,
    decide,
)
from exposure.logic.scope_text import Network

LONG_AGO = datetime.min.replace(tzinfo=UTC)
FOR_EVER = datetime.max.replace(tzinfo=UTC)


class ScopeFence:
    """Decides as `decide` does, in about a microsecond for an address that it knows.

    What `decide` permits at one port of an address holds for all of its ports but those
    that a rule names, and until the next hour at which a rule begins or ends. The rules are
    all that travels to another process.
    """

    def __init__(
        self, rules: Sequence[ScopeRule], allowed_private: Sequence[Network] = ()
    ) -> None:
        """Ask these rules; `allowed_private` is described at `decide`."""
        self._rules, self._allowed = tuple(rules), tuple(allowed_private)
        self._named_ports = frozenset[int]().union(
            *(rule.excluded_ports for rule in self._rules),
            *(rule.excluded_sockets for rule in self._rules),
        )
        self._known: dict[str, Permit] = {}
        self._from = self._until = LONG_AGO

    def permit(self, address: str, port: int) -> Permit | Refusal:
        """Decide about one connection, right before it is made."""
        now = datetime.now(UTC)
        if not self._from <= now < self._until:
            self._begin_anew(now)
        if port in self._named_ports or not LOWEST_PORT <= port <= HIGHEST_PORT:
            return self._decide(address, port, now)
        known = self._known.get(address)
        if known is not None:
            return known
        verdict = self._decide(address, port, now)
        if isinstance(verdict, Permit):
            self._known[address] = verdict
        return verdict

    def _decide(self, address: str, port: int, now: datetime) -> Permit | Refusal:
        return decide(
            address, port, now=now, rules=self._rules, allowed_private=self._allowed
        )

    def _begin_anew(self, now: datetime) -> None:
        edges = [
            edge for rule in self._rules for edge in (rule.valid_from, rule.valid_until)
        ]
        self._known.clear()
        self._from = max((each for each in edges if each <= now), default=LONG_AGO)
        self._until = min((each for each in edges if each > now), default=FOR_EVER)

    def __reduce__(self) -> tuple[object, ...]:
        """Send the rules alone."""
        return ScopeFence, (self._rules, self._allowed)
