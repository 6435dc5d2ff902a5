"""A set of addresses that answers in a microsecond whether it holds one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import TypeAlias

from exposure.logic.scope_text import Network

# The version (4 or 6) and the number of an address.
Point: TypeAlias = tuple[int, int]


class Ranges:
    """Networks of both versions as sorted ranges that do not touch.

    Method: merge once, O(n log n); then one binary search for each question.

    >>> import ipaddress
    >>> held = Ranges([ipaddress.ip_network("192.0.2.0/24")])
    >>> (4, int(ipaddress.ip_address("192.0.2.9"))) in held
    True
    """

    __slots__ = ("_ends", "_starts")

    def __init__(self, networks: Iterable[Network]) -> None:
        """Merge the networks."""
        self._starts: dict[int, list[int]] = {4: [], 6: []}
        self._ends: dict[int, list[int]] = {4: [], 6: []}
        spans = sorted((each.version, int(each[0]), int(each[-1])) for each in networks)
        for version, first, last in spans:
            ends = self._ends[version]
            if ends and first <= ends[-1] + 1:
                ends[-1] = max(ends[-1], last)
            else:
                self._starts[version].append(first)
                ends.append(last)

    def __contains__(self, point: Point) -> bool:
        """Say whether a network holds the address."""
        version, number = point
        place = bisect_right(self._starts[version], number) - 1
        return place >= 0 and number <= self._ends[version][place]
