"""Runs probes against hosts: paced, stoppable, and never killed by what answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from exposure.probes import banner
from exposure.probes.base import (
    Outcome,
    Parsed,
    Probe,
    ProbeResult,
    Target,
    Transport,
)
from exposure.probes.dialer import (
    Clock,
    Dialer,
    Gate,
    Pause,
    PermitCallback,
    StopCallback,
    StopRequested,
)
from exposure.probes.outcomes import conclude, finished, in_words
from exposure.probes.registry import is_ot_port, probes_for

STOP_POLL_SECONDS = 0.1
HOSTS_AT_ONCE = 16
REFUSALS_IN_A_ROW = 2
# An industrial host gets two connections a second at most, and a rest after each.
OT_REST, OT_SPACING = 0.25, 0.5


@dataclass(frozen=True, slots=True)
class OpenPort:
    """One open port; `hint` is a protocol name from elsewhere, or "".

    `probes` names the only ones that may run, of those that fit the port, and the
    listening one, which fits every port. Empty: all that fit.
    """

    port: int
    hint: str = ""
    transport: Transport = "tcp"
    probes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """One host to identify: a literal address, its open ports, and its name if any."""

    address: str
    ports: Sequence[OpenPort]
    server_name: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """Time as the runner sees it, in seconds; tests give their own."""

    clock: Clock = time.monotonic
    pause: Pause = asyncio.sleep
    probe_seconds: float = 15.0


REAL_TIME = Pace()


async def identify(
    host: Host,
    *,
    permit: PermitCallback,
    should_stop: StopCallback,
    pace: Pace = REAL_TIME,
) -> AsyncGenerator[ProbeResult, None]:
    """Yield one result per probe that fits an open port, one connection at a time.

    Once `should_stop` is true, the present connection is closed and no other opened.
    A host that refuses twice in a row is left alone. Every failure becomes a result.
    `permit` and `should_stop` are called in the event loop and must not block.
    """
    gate = _gate(host, pace)
    refusals = 0
    for target, probe in _plan(host):
        dialer = Dialer(
            permit=permit,
            should_stop=should_stop,
            gate=gate,
            caps=probe.caps,
            clock=pace.clock,
        )
        try:
            result = await run_probe(
                probe,
                target,
                dialer=dialer,
                should_stop=should_stop,
                seconds=pace.probe_seconds,
            )
        except StopRequested:
            return
        yield result
        refusals = refusals + 1 if result.outcome is Outcome.REFUSED else 0
        if refusals >= REFUSALS_IN_A_ROW:
            return


async def identify_hosts(
    hosts: Iterable[Host],
    *,
    permit: PermitCallback,
    should_stop: StopCallback,
    pace: Pace = REAL_TIME,
    at_once: int = HOSTS_AT_ONCE,
) -> AsyncGenerator[ProbeResult, None]:
    """Yield the results of many hosts as they come, `at_once` hosts at a time."""
    waiting = iter(hosts)
    results: asyncio.Queue[ProbeResult | None] = asyncio.Queue()

    async def work() -> None:
        try:
            for host in waiting:
                each = identify(host, permit=permit, should_stop=should_stop, pace=pace)
                async with aclosing(each):
                    async for result in each:
                        results.put_nowait(result)
        finally:
            results.put_nowait(None)

    workers = [asyncio.create_task(work()) for _ in range(at_once)]
    try:
        busy = at_once
        while busy:
            if (result := await results.get()) is None:
                busy -= 1
            else:
                yield result
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


def _plan(host: Host) -> list[tuple[Target, Probe]]:
    return [
        (Target(host.address, port.port, host.server_name, port.transport), probe)
        for port in host.ports
        for probe in _allowed(port)
    ]


def _allowed(port: OpenPort) -> Sequence[Probe]:
    fitting = probes_for(port.port, port.hint, port.transport)
    if not port.probes:
        return fitting
    if banner.PROBE.name in port.probes and port.transport == "tcp":
        fitting = tuple(dict.fromkeys((*fitting, banner.PROBE)))
    return [probe for probe in fitting if probe.name in port.probes]


def _gate(host: Host, pace: Pace) -> Gate:
    if any(is_ot_port(port.port, port.hint, port.transport) for port in host.ports):
        return Gate(
            rest=OT_REST, spacing=OT_SPACING, clock=pace.clock, pause=pace.pause
        )
    return Gate(clock=pace.clock, pause=pace.pause)


async def run_probe(
    probe: Probe,
    target: Target,
    *,
    dialer: Dialer,
    should_stop: StopCallback,
    seconds: float,
) -> ProbeResult:
    """Run one probe under its deadline. Raises StopRequested when stopped."""
    talk = asyncio.create_task(probe.run(target, dialer=dialer))
    try:
        error = await _ended(talk, should_stop=should_stop, seconds=seconds)
    finally:
        # The connection is closed on the way out, and the runner waits for that.
        talk.cancel()
        await asyncio.gather(talk, return_exceptions=True)
    if isinstance(error, StopRequested):
        raise error
    judgement = asyncio.create_task(conclude(probe, target, dialer, error=error))
    await asyncio.wait({judgement})
    mistake = judgement.exception()
    if mistake is None:
        return judgement.result()
    nothing = Parsed(Outcome.ERROR, "", {})
    return finished(probe, target, dialer, parsed=nothing, detail=in_words(mistake))


async def _ended(
    talk: asyncio.Task[None], *, should_stop: StopCallback, seconds: float
) -> BaseException | None:
    """Wait for the end of a conversation; return the error that ended it, if any."""
    ends = time.monotonic() + seconds
    while not talk.done():
        if should_stop():
            return StopRequested()
        if time.monotonic() >= ends:
            return TimeoutError()
        await asyncio.wait({talk}, timeout=STOP_POLL_SECONDS)
    return talk.exception()
