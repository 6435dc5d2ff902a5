"""Ceilings on how often something may happen, overall and for each host."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

Endpoint: TypeAlias = tuple[str, int]


class Bucket:
    """Lets `rate` things happen in any one second, a twentieth of them at once.

    Method: generic cell rate algorithm (ITU-T I.371). With a burst of b things and an
    interval of 1 / (rate - b + 1), no window of one second holds more than `rate`.
    """

    __slots__ = ("_interval", "_slack", "_theoretical")

    def __init__(self, rate: float) -> None:
        burst = max(1, int(rate / 20))
        # A hair longer, so that rounding never squeezes one more in.
        self._interval = 1.000_001 / (rate - burst + 1)
        self._slack = (burst - 1) * self._interval
        self._theoretical = float("-inf")

    def ready_at(self) -> float:
        """Return the earliest time of the next thing."""
        return self._theoretical - self._slack

    def take(self, now: float) -> None:
        """Count one thing at `now`."""
        self._theoretical = max(self._theoretical, now) + self._interval


@dataclass(slots=True)
class _Waiting:
    """The targets of one host that its ceiling holds back."""

    bucket: Bucket
    queue: deque[Endpoint]


class HostQueue:
    """Hands out targets so that no host gets more than its share a second.

    At most `held` targets are read ahead; a target list that goes host by host is
    therefore slower than one that goes port by port.
    """

    def __init__(
        self, targets: Iterable[Endpoint], *, rate_per_host: float, held: int = 4096
    ) -> None:
        self._targets = iter(targets)
        self._rate = rate_per_host
        self._held_most = held
        self._held = 0
        self._hosts: dict[str, _Waiting] = {}
        self._due: list[tuple[float, str]] = []
        self._exhausted = False

    @property
    def is_empty(self) -> bool:
        """Say whether every target was handed out."""
        return self._exhausted and not self._held

    def next(self, now: float) -> Endpoint | None:
        """Return a target that may go now, or None if all have to wait."""
        if self._due and self._due[0][0] <= now:
            return self._release(now)
        while not self._exhausted and self._held < self._held_most:
            target = next(self._targets, None)
            if target is None:
                self._exhausted = True
            elif self._may_go(target, now):
                return target
        return None

    def wait(self, now: float) -> float:
        """Return the seconds until the first held target may go; 0 when unknown."""
        return max(0.0, self._due[0][0] - now) if self._due else 0.0

    def _may_go(self, target: Endpoint, now: float) -> bool:
        host = self._hosts.get(target[0])
        if host is None:
            host = self._hosts[target[0]] = _Waiting(Bucket(self._rate), deque())
        if not host.queue and host.bucket.ready_at() <= now:
            host.bucket.take(now)
            return True
        if not host.queue:
            heapq.heappush(self._due, (host.bucket.ready_at(), target[0]))
        host.queue.append(target)
        self._held += 1
        return False

    def _release(self, now: float) -> Endpoint:
        _, address = heapq.heappop(self._due)
        host = self._hosts[address]
        target = host.queue.popleft()
        host.bucket.take(now)
        self._held -= 1
        if host.queue:
            heapq.heappush(self._due, (host.bucket.ready_at(), address))
        return target


def by_port(addresses: Iterable[str], ports: Iterable[int]) -> Iterator[Endpoint]:
    """Yield every pair, going round all hosts before the next port.

    >>> list(by_port(["192.0.2.1", "192.0.2.2"], [22, 80]))[:3]
    [('192.0.2.1', 22), ('192.0.2.2', 22), ('192.0.2.1', 80)]
    """
    hosts = tuple(addresses)
    return ((address, port) for port in ports for address in hosts)
