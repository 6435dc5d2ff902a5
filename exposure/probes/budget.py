"""How much an industrial device has to bear: connections, bytes, rest."""

from dataclasses import dataclass

from exposure.probes.base import Caps


class BudgetSpent(Exception):
    """The device has been asked enough for this run, so nothing was sent."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one device sees of one run, beside the sweep's own connects.

    `connections` are tried connections, answered or not; `total_bytes` counts both
    directions on the wire; `rest` seconds pass after each hang-up, and `spacing`
    seconds between two dials.
    """

    connections: int
    total_bytes: int
    rest: float
    spacing: float


# Two connections a second at most. Eight services, two connections each for those that
# need them, the look at the end, and the second check of what was found: 24. A megabyte
# is one large web page; a controller's own protocols take some hundred bytes each.
OT_BUDGET = Budget(connections=24, total_bytes=1024 * 1024, rest=0.25, spacing=0.5)
# What the last look at a device's health may take; nothing else may use it up.
KEPT_FOR_HEALTH = 2


@dataclass(frozen=True, slots=True)
class Spent:
    """What a device has borne in this run already."""

    connections: int = 0
    total_bytes: int = 0


class Purse:
    """What is left of a device's budget; without a budget it only counts."""

    def __init__(self, spent: Spent) -> None:
        self._connections = spent.connections
        self._bytes = spent.total_bytes
        self._budget: Budget | None = None
        self._kept = KEPT_FOR_HEALTH

    def limit(self, budget: Budget) -> None:
        """Hold to this budget from here on; what was spent before counts."""
        self._budget = budget

    def open_reserve(self) -> None:
        """Let the last look use what was kept for it."""
        self._kept = 0

    def why_not(self, caps: Caps) -> str:
        """Return why no further conversation may begin; "" when one may.

        All that it could hear must still fit, so the bound holds whatever answers.
        """
        if self._budget is None:
            return ""
        if self._connections + self._kept >= self._budget.connections:
            return f"its budget of {self._budget.connections} connections is used up"
        if self._bytes + caps.probe_bytes > self._budget.total_bytes:
            size = self._budget.total_bytes // 1024
            return f"its budget of {size} KiB is used up"
        return ""

    def take_connection(self) -> None:
        """Count one connection. Raises BudgetSpent instead when none is left."""
        if self._budget and self._connections + self._kept >= self._budget.connections:
            raise BudgetSpent(f"All {self._budget.connections} connections are used.")
        self._connections += 1

    def add_bytes(self, count: int) -> None:
        """Count bytes of either direction."""
        self._bytes += count
