"""Runs probes against hosts: paced, stoppable, and never killed by what answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

from exposure.probes.base import ProbeResult
from exposure.probes.conversation import run_probe
from exposure.probes.dialer import PermitCallback, StopCallback
from exposure.probes.hosts import (
    REAL_TIME,
    Host,
    Note,
    NoteKind,
    OpenPort,
    Pace,
    Seen,
)
from exposure.probes.visit import Terms, visit

__all__ = [
    "Host",
    "Note",
    "NoteKind",
    "OpenPort",
    "Pace",
    "Seen",
    "identify",
    "identify_hosts",
    "run_probe",
    "visit_hosts",
]

HOSTS_AT_ONCE = 16


async def identify(
    host: Host,
    *,
    permit: PermitCallback,
    should_stop: StopCallback,
    pace: Pace = REAL_TIME,
) -> AsyncGenerator[ProbeResult, None]:
    """Yield one result per probe that fits an open port, one connection at a time.

    The rules are those of `visit`, without the look at the device's health.
    `permit` and `should_stop` are called in the event loop and must not block.
    """
    terms = Terms(permit, should_stop, pace)
    async with aclosing(visit(host, terms, ask_health=False)) as seen:
        async for each in seen:
            if isinstance(each, ProbeResult):
                yield each


async def identify_hosts(
    hosts: Iterable[Host],
    *,
    permit: PermitCallback,
    should_stop: StopCallback,
    pace: Pace = REAL_TIME,
    at_once: int = HOSTS_AT_ONCE,
) -> AsyncGenerator[ProbeResult, None]:
    """Yield the answers of many hosts as they come, `at_once` hosts at a time.

    As `identify`, for questions that leave the devices' health to somebody else.
    """
    terms = Terms(permit, should_stop, pace)
    crowd = _Crowd(hosts, terms, asyncio.Event(), ask_health=False)
    async with aclosing(crowd.seen(at_once)) as seen:
        async for each in seen:
            if isinstance(each, ProbeResult):
                yield each


async def visit_hosts(
    hosts: Iterable[Host],
    *,
    permit: PermitCallback,
    should_stop: StopCallback,
    pace: Pace = REAL_TIME,
    at_once: int = HOSTS_AT_ONCE,
) -> AsyncGenerator[Seen, None]:
    """Yield answers and notes of many hosts as they come, `at_once` hosts at a time.

    When a device does not answer as before, every other visit is stopped at once, as
    `should_stop` would.
    """
    alarm = asyncio.Event()

    def stopped() -> bool:
        return alarm.is_set() or should_stop()

    crowd = _Crowd(hosts, Terms(permit, stopped, pace), alarm, ask_health=True)
    async with aclosing(crowd.seen(at_once)) as seen:
        async for each in seen:
            yield each


class _Crowd:
    """Hosts that wait for a visit; each worker takes the next one."""

    def __init__(
        self,
        hosts: Iterable[Host],
        terms: Terms,
        alarm: asyncio.Event,
        *,
        ask_health: bool,
    ) -> None:
        self._results: asyncio.Queue[Seen | None] = asyncio.Queue()
        self._waiting = iter(hosts)
        self._terms = terms
        self._alarm = alarm
        self._ask_health = ask_health

    async def seen(self, at_once: int) -> AsyncGenerator[Seen, None]:
        """Yield what `at_once` workers see."""
        workers = [asyncio.create_task(self._work()) for _ in range(at_once)]
        try:
            busy = at_once
            while busy:
                if (result := await self._results.get()) is None:
                    busy -= 1
                else:
                    yield result
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self) -> None:
        """Visit hosts until none is left or the alarm is raised; None is the end."""
        try:
            for host in self._waiting:
                if self._alarm.is_set():
                    return
                await self._visit(host)
        finally:
            self._results.put_nowait(None)

    async def _visit(self, host: Host) -> None:
        visits = visit(host, self._terms, ask_health=self._ask_health)
        async with aclosing(visits) as seen:
            async for each in seen:
                if isinstance(each, Note) and each.kind is NoteKind.CHANGED:
                    self._alarm.set()
                self._results.put_nowait(each)
