"""Several sweep processes that work as one: started, fed, watched, and always ended."""

from __future__ import annotations

import itertools
import select
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from exposure.collectors.child import Child, Heard
from exposure.collectors.targets import Fence, SweepHost, SweepLimits
from exposure.collectors.wire import Begin, NewFence, NewLimits

TURN_SECONDS = 0.02
SIGN_OF_LIFE_SECONDS = 0.2
SILENT_SECONDS = 30.0
RESTARTS = 3


class SweepFailed(RuntimeError):
    """The sweep processes died again and again."""


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Control:
    """Who says what a sweep may do, asked all the time from a thread of its own.

    None of these may wait. While `is_current` is false, because nobody can say whether
    to stop, nothing is opened. `fence` returns the same object as long as nothing has
    changed.
    """

    fence: Callable[[], Fence]
    limits: Callable[[], SweepLimits]
    should_stop: Callable[[], bool]
    is_current: Callable[[], bool] = _always


def sweep(
    hosts: Iterable[SweepHost], *, control: Control, processes: int = 1, seed: int = 0
) -> Iterator[Heard]:
    """Yield what became of the ports of these hosts, as it comes.

    A host belongs to one process, so that its ceilings hold; `hosts` is read as they
    get done. Once `should_stop` is true, every socket is closed and the sweep ends,
    with hosts left over; closing the generator early does the same. A process that
    dies is replaced, and what it had reported is not asked again. Raises SweepFailed
    when that has happened too often. No process is left behind.
    """
    crew = _Crew(hosts, control, processes, seed)
    try:
        crew.start()
        while not crew.is_finished:
            heard = crew.turn()
            if heard.results or heard.ended:
                yield heard
    finally:
        crew.close()
    if crew.failure is not None:
        raise crew.failure


class _Crew:
    """The processes of one sweep, and what each of them works on."""

    def __init__(
        self, hosts: Iterable[SweepHost], control: Control, processes: int, seed: int
    ) -> None:
        self._hosts = iter(hosts)
        self._left: deque[SweepHost] = deque()
        self._control = control
        self._seed = seed
        self._wanted = self._sharing = processes
        self._handles = itertools.count()
        self._limits = control.limits()
        self._fence = control.fence()
        self._children: list[Child] = []
        self._deaths = 0
        self._poll = select.poll()
        self._has_more = True
        self._is_stopped = control.should_stop()
        self._next_sign = 0.0
        self.failure: Exception | None = None
        self._over = threading.Event()
        self._shepherd = threading.Thread(target=self._watch, daemon=True)

    @property
    def is_finished(self) -> bool:
        return not self._children

    def start(self) -> None:
        """Start as many processes as there are hosts for, and give them work."""
        while (
            not self._is_stopped and len(self._left) < self._wanted and self._read_one()
        ):
            pass
        self._sharing = len(self._left)
        for _ in range(self._sharing):
            self._spawn()
        self._feed()
        self._shepherd.start()

    def turn(self) -> Heard:
        """Wait a moment for reports and take them in."""
        self._poll.poll(SIGN_OF_LIFE_SECONDS * 1000)
        heard = Heard()
        for child in list(self._children):
            try:
                child.read(heard)
            except (ValueError, KeyError, IndexError):
                self._lose(child)  # it has gone mad
                continue
            if child.is_over:
                self._part(child)
            elif time.monotonic() - child.heard_at > SILENT_SECONDS:
                self._lose(child)
        self._feed()
        return heard

    def close(self) -> None:
        """End every process, and the thread."""
        self._over.set()
        self._stop_all()
        if self._shepherd.ident is not None:
            self._shepherd.join()
        for child in list(self._children):
            self._forget(child)

    def _spawn(self) -> Child:
        part = self._limits.part(max(1, self._sharing))
        child = Child(Begin(self._seed, self._fence, part))
        self._children.append(child)
        self._poll.register(child.reports, select.POLLIN | select.POLLHUP)
        return child

    def _read_one(self) -> bool:
        """Read one more host; say whether there was one."""
        following = next(self._hosts, None) if self._has_more else None
        if following is None:
            self._has_more = False
            return False
        self._left.append(following)
        return True

    def _feed(self) -> None:
        """Give each process hosts, the idlest first; send home who has nothing to do."""
        working = [each for each in self._children if not each.is_dismissed]
        if self._is_stopped or not working:
            return
        most = max(1, self._limits.hosts_at_once // len(working))
        while self._left or self._read_one():
            child = min(working, key=lambda each: len(each.hosts))
            if len(child.hosts) >= most:
                return
            child.assign(next(self._handles), self._left.popleft())
        for child in working:
            if not child.hosts:
                child.dismiss()

    def _part(self, child: Child) -> None:
        """Take leave of a process that has ended, or replace one that died."""
        if self._is_stopped or (child.is_dismissed and not child.hosts):
            self._forget(child)
        else:
            self._lose(child)

    def _lose(self, child: Child) -> None:
        left = [each.as_left() for each in child.hosts.values()]
        self._forget(child)
        self._deaths += 1
        if self._deaths > RESTARTS:
            raise SweepFailed(f"Sweep processes died {self._deaths} times.")
        self._left.extendleft(left)
        if self._left and not self._is_stopped:
            self._spawn()

    def _forget(self, child: Child) -> None:
        self._poll.unregister(child.reports)
        self._children.remove(child)
        child.close()

    def _watch(self) -> None:
        """Pass on what may change while the sweep runs: in a thread of its own."""
        try:
            while not self._over.wait(TURN_SECONDS):
                self._is_stopped = self._is_stopped or self._control.should_stop()
                if not self._is_stopped:
                    self._pass_on()
                    self._nudge()
                else:
                    self._stop_all()
        except Exception as error:  # noqa: BLE001 - carried over to the caller
            self.failure, self._is_stopped = error, True
            self._stop_all()

    def _stop_all(self) -> None:
        for child in tuple(self._children):
            child.stop()

    def _nudge(self) -> None:
        now = time.monotonic()
        with_sign = now >= self._next_sign and self._control.is_current()
        if with_sign:
            self._next_sign = now + SIGN_OF_LIFE_SECONDS
        for child in tuple(self._children):
            child.nudge(with_sign=with_sign)

    def _pass_on(self) -> None:
        fence, limits = self._control.fence(), self._control.limits()
        working = [each for each in tuple(self._children) if not each.is_dismissed]
        if fence is not self._fence:
            self._fence = fence
            for child in tuple(self._children):
                child.send(NewFence(fence))
        if (limits, len(working)) != (self._limits, self._sharing) and working:
            self._limits, self._sharing = limits, len(working)
            for child in working:
                child.send(NewLimits(limits.part(len(working))))
