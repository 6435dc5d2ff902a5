"""A ceiling on how often something may happen."""

from __future__ import annotations

from typing import TypeAlias

Endpoint: TypeAlias = tuple[str, int]  # a literal address and a port


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

    def hold(self, until: float) -> None:
        """Let nothing happen before this time."""
        self._theoretical = max(self._theoretical, until + self._slack)

    def follow(self, before: Bucket) -> None:
        """Go on where a bucket with another rate was, so that no burst is won."""
        self._theoretical = before.ready_at() + self._slack
