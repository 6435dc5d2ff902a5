"""A host to visit, what is asked there in which order, and what is said about it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from exposure.probes import banner
from exposure.probes.base import Probe, ProbeResult, Target, Transport
from exposure.probes.budget import Spent
from exposure.probes.dialer import Ceiling, Clock, Pause
from exposure.probes.registry import is_ot_port, probes_for


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

    @property
    def is_industrial(self) -> bool:
        """Whether a host with this port open is treated as an industrial device."""
        return is_ot_port(self.port, self.hint, self.transport)


@dataclass(frozen=True, slots=True)
class Host:
    """One host to identify: a literal address, its open ports, and its name if any.

    `kind` is what the inventory calls it, `was_controller` whether it was treated as one
    before, `tried` how many ports the sweep asked, and `spent` what it has borne in this
    run already. `consents` are the written consents of its owner; a probe that needs
    another one is left out.
    """

    address: str
    ports: Sequence[OpenPort]
    server_name: str = ""
    kind: str = ""
    was_controller: bool = False
    tried: int = 0
    spent: Spent = field(default_factory=Spent)
    consents: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pace:
    """Time as the runner sees it, in seconds; tests give their own.

    `ceiling` holds the datagrams of all hosts together to a rate.
    """

    clock: Clock = time.monotonic
    pause: Pause = asyncio.sleep
    probe_seconds: float = 15.0
    ceiling: Ceiling | None = None


REAL_TIME = Pace()


class NoteKind(StrEnum):
    """What is worth saying about a host beside its answers."""

    CONTROLLER = "controller"
    """It is treated as a controller from here on."""
    LEFT_ALONE = "left_alone"
    """It is not asked further in this run."""
    DECEPTION = "deception"
    """It looks like a decoy; it is not asked further."""
    CHANGED = "changed"
    """It does not answer as it did before it was asked."""
    DONE = "done"
    """The visit has come to its end; nobody stopped it."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to write down about a host; `text` finishes the line in the log.

    `result` is the answer that a CHANGED note is about.
    """

    address: str
    kind: NoteKind
    text: str = ""
    result: ProbeResult | None = None


Seen: TypeAlias = ProbeResult | Note


def plan(host: Host) -> list[tuple[Target, Probe]]:
    """Return what is asked where, in order."""
    steps = [
        (Target(host.address, port.port, host.server_name, port.transport), probe)
        for port in host.ports
        for probe in _allowed(port, host.consents)
    ]
    industrial = {(p.port, p.transport) for p in host.ports if p.is_industrial}

    def rank(step: tuple[Target, Probe]) -> int:
        target, probe = step
        if (target.port, target.transport) in industrial:
            return 0
        if probe.spares_machines:
            return 3
        return 2 if probe.messages else 1

    return sorted(steps, key=rank)


def _allowed(port: OpenPort, consents: frozenset[str]) -> Sequence[Probe]:
    fitting = probes_for(port.port, port.hint, port.transport, consents)
    if not port.probes:
        return fitting
    if banner.PROBE.name in port.probes and port.transport == "tcp":
        fitting = tuple(dict.fromkeys((*fitting, banner.PROBE)))
    return [probe for probe in fitting if probe.name in port.probes]
