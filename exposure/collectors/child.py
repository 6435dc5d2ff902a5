"""One sweep process, as the process that started it sees it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from exposure.collectors import wire
from exposure.collectors.targets import PORTS, SweepHost, SweepResult, mark_of
from exposure.collectors.wire import Inbox, Order, Outbox, Up, frame_down

# No site packages: it starts in some 50 ms, and there is no code in it but ours.
COMMAND = (sys.executable, "-s", "-S", "-m", "exposure.collectors.sweeper")
HOME = Path(__file__).resolve().parents[2]
END_SECONDS = 3.0


@dataclass(slots=True)
class Assigned:
    """A host that a process works on, and the marks of its ports so far."""

    host: SweepHost
    seen: bytearray

    def as_left(self) -> SweepHost:
        """Return the host as another process has to go on with it."""
        return SweepHost(
            self.host.address, self.host.ports, self.host.ot_ports, bytes(self.seen)
        )


@dataclass(frozen=True, slots=True)
class Ended:
    """A host is done; `note` says in words why it was slowed down or left alone."""

    address: str
    note: str = ""


@dataclass(slots=True)
class Heard:
    """What sweep processes said at once: results first, then the hosts that are done."""

    results: list[SweepResult] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)


class Child:
    """Starts a sweep process, sends it orders and reads what it says.

    Orders may be sent from several threads; everything else is for one.
    """

    def __init__(self, first: Order) -> None:
        """Start it, with its first order."""
        # Who talks to strangers holds no secret: nothing else of our own environment.
        environment = {"PYTHONPATH": str(HOME)}
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=HOME,
            env=environment,
        )
        assert self._process.stdin is not None  # noqa: S101 - as asked for above
        assert self._process.stdout is not None  # noqa: S101 - as asked for above
        self.reports = self._process.stdout.fileno()
        for descriptor in (self._process.stdin.fileno(), self.reports):
            os.set_blocking(descriptor, False)
        self._inbox = Inbox(self.reports)
        self._outbox = Outbox(self._process.stdin.fileno())
        self._lock = threading.Lock()
        self._words: list[str] = []
        self.hosts: dict[int, Assigned] = {}
        self.heard_at = time.monotonic()
        self.is_over = self.is_dismissed = self._is_closed = False
        self.send(first)

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    def send(self, *orders: Order) -> None:
        """Send these, and what still waits; a process that is gone takes nothing."""
        with self._lock, contextlib.suppress(BrokenPipeError):
            if self._is_closed:
                return
            for order in orders:
                self._outbox.put(frame_down(order))
            self._outbox.flush()

    def nudge(self, *, with_sign: bool) -> None:
        """Send what still waits, and a sign that somebody is there who can stop it."""
        with self._lock, contextlib.suppress(BrokenPipeError):
            if self._is_closed:
                return
            if with_sign:
                self._outbox.put(wire.SIGN_OF_LIFE)
            self._outbox.flush()

    def assign(self, handle: int, host: SweepHost) -> None:
        """Give it a host."""
        seen = bytearray(host.seen or PORTS)
        self.hosts[handle] = Assigned(host, seen)
        self.send(wire.AddHost(handle, host))

    def dismiss(self) -> None:
        """Let it end when its hosts are done."""
        self.is_dismissed = True
        self.send(wire.NoMoreHosts())

    def stop(self) -> None:
        """Tell it to open nothing more; a signal passes whatever waits in the pipe."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def read(self, heard: Heard) -> None:
        """Add what it has said; raises ValueError where that makes no sense."""
        while self._inbox.fill():
            self.heard_at = time.monotonic()
            for kind, data in self._inbox.frames():
                self._take_in(kind, data, heard)
        self.is_over = self._inbox.has_ended

    def _take_in(self, kind: Up, data: bytes, heard: Heard) -> None:
        if kind is Up.EVENTS:
            self._take_events(data, heard.results)
        elif kind is Up.WORDS:
            self._words.append(data.decode())
        elif kind is Up.ENDED:
            handle, note = wire.ENDED.unpack(data)
            address = self.hosts.pop(handle).host.address
            heard.ended.append(Ended(address, self._words[note]))

    def _take_events(self, data: bytes, results: list[SweepResult]) -> None:
        for handle, port, number, attempt, code, at in wire.EVENT.iter_unpack(data):
            assigned = self.hosts[handle]
            state = wire.STATES[number]
            if mark := mark_of(state, attempt):
                assigned.seen[port] = mark
            words = self._words[code - wire.WORDS] if code >= wire.WORDS else ""
            error = words or (os.strerror(code) if code else "")
            address = assigned.host.address
            results.append(SweepResult(address, port, state, at, error, attempt))

    def close(self) -> None:
        """End it for certain, and leave no zombie."""
        with self._lock:
            self._is_closed = True
        self.stop()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
