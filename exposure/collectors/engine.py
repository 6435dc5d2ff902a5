"""Which TCP ports answer: one epoll, many connections, and nothing is said.

A connection is opened and closed again with FIN; no byte goes over it. A socket that
was refused serves for the next knock, and a port that answers at once costs two calls
of the kernel: that is where the speed comes from.
"""

from __future__ import annotations

import errno
import heapq
import itertools
import select
import time
from collections import deque
from collections.abc import Callable

from exposure.collectors.farewell import Farewells
from exposure.collectors.manners import CHECK, HostWork, Knock
from exposure.collectors.pacing import Bucket
from exposure.collectors.plugs import (
    SCARCE,
    Event,
    Flight,
    Flights,
    Plugs,
    Reason,
    spare_descriptors,
)
from exposure.collectors.targets import Fence, PortState, SweepHost, SweepLimits
from exposure.logic.scope import Refusal

LONGEST_WAIT = 0.05
EVENTS_AT_ONCE = 1024
KNOCKS_AT_ONCE = 256

# Looked up for each knock.
EINPROGRESS, EALREADY = errno.EINPROGRESS, errno.EALREADY
ECONNREFUSED = errno.ECONNREFUSED

# After a hundred waits for room a knock is given up.
SCARCE_WAIT, SCARCE_WAITS = 0.05, 100


class Engine:
    """Knocks at the ports of the hosts it is given and keeps to its ceilings.

    `events` and `ended` fill while `step` is called; the caller takes them out. `fence`
    is asked right before each connection; where it refuses, nothing is sent. While
    `is_held`, and for good once `is_stopped`, no connection is opened.
    """

    def __init__(
        self,
        limits: SweepLimits,
        *,
        fence: Fence,
        seed: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin without a host."""
        self.fence = fence
        self.is_held = self.is_stopped = False
        self.events: list[Event] = []
        self.ended: list[HostWork] = []
        self.limits = limits
        self.poll = select.epoll()
        self._seed = seed
        self._clock = clock
        self._bucket = Bucket(limits.rate_per_second)
        self._room = min(limits.max_half_open, spare_descriptors())
        self._count = 0
        self._ready: deque[HostWork] = deque()
        self._due: list[tuple[float, int, HostWork]] = []
        self._serial = itertools.count()
        self._plugs, self._flights = Plugs(self.poll), Flights()
        self._farewells: Farewells[HostWork] = Farewells(self.poll, clock, self._part)
        self._scarce_until, self._scarce_waits = 0.0, 0

    @property
    def count(self) -> int:
        """Return how many hosts it works on."""
        return self._count

    def add(self, handle: int, host: SweepHost) -> None:
        """Take on one more host."""
        self._count += 1
        work = HostWork(handle, host, self.limits, seed=self._seed)
        work.is_queued = True
        self._ready.append(work)

    def limit(self, limits: SweepLimits) -> None:
        """Keep to other ceilings from now on; a host keeps those that it began with."""
        before, self._bucket = self._bucket, Bucket(limits.rate_per_second)
        self._bucket.follow(before)
        self._room = min(limits.max_half_open, spare_descriptors())
        self.limits = limits

    def step(self) -> list[int]:
        """Open what may be opened, then take in what has happened.

        Returns the other descriptors of `poll` on which something happened.
        """
        self._open_more()
        self._expire()
        others = []
        for descriptor, _ in self.poll.poll(self._patience(), EVENTS_AT_ONCE):
            flight = self._flights.get(descriptor)
            if flight is not None:
                self._look(descriptor, flight)
            elif self._farewells.holds(descriptor):
                self._farewells.read(descriptor)
            else:  # a socket at rest, or the caller's own
                others.append(descriptor)
        self._farewells.expire()
        return others

    def close(self) -> None:
        """Close every socket at once; who had not answered was cut short."""
        self.is_stopped = True
        for plug, work, knock, began in self._flights:
            plug.close()
            self._tell(work, knock, PortState.CUT_SHORT, "stopped", began)
        self._farewells.close()
        self._plugs.close()
        self.poll.close()

    def _open_more(self) -> None:
        for _ in range(KNOCKS_AT_ONCE):
            now = self._clock()
            if self.is_stopped or not self._may_open(now):
                return
            if self._due and self._due[0][0] <= now:
                work = heapq.heappop(self._due)[2]
            elif self._ready:
                work = self._ready.popleft()
            else:
                return
            work.is_queued = False
            self._serve(work, now)

    def _may_open(self, now: float) -> bool:
        return (
            len(self._flights) + len(self._farewells) < self._room
            and self._bucket.ready_at() <= now
            and not self.is_held
            and self._scarce_until <= now
        )

    def _serve(self, work: HostWork, now: float) -> None:
        knock = work.next_knock()
        if knock is None:
            if not work.busy:
                self._queue(work, now)
            return
        if refusal := self._why_not(work.address, knock[0]):
            if knock[1] == CHECK:
                work.give_up_check()
            self._tell(work, knock, PortState.REFUSED_BY_SCOPE, refusal, now)
        else:
            self._connect(work, knock, now)
        self._queue(work, now)

    def _why_not(self, address: str, port: int) -> str:
        """Return why this port must not be touched; "" if it may be, right now."""
        verdict = self.fence.permit(address, port)
        return verdict.reason if isinstance(verdict, Refusal) else ""

    def _queue(self, work: HostWork, now: float) -> None:
        """Let a host wait for its turn, unless it is over or has connections enough."""
        if not work.busy and work.is_over():
            self._end(work)
            return
        if work.is_queued or work.busy >= work.cap:
            return
        work.is_queued = True
        at = work.bucket.ready_at()
        if at <= now:
            self._ready.append(work)
        else:
            heapq.heappush(self._due, (at, next(self._serial), work))

    def _end(self, work: HostWork) -> None:
        if not work.is_finished:
            work.is_finished = True
            self._count -= 1
            self.ended.append(work)

    def _connect(self, work: HostWork, knock: Knock, now: float) -> None:
        target = work.address, knock[0]
        try:
            plug = self._plugs.take(work.family)
        except OSError as error:
            self._failed(work, knock, error.errno or 0, now)
            return
        code = plug.connect_ex(target)
        if code and code != EINPROGRESS:
            plug.close()
            self._failed(work, knock, code, now)
            return
        self._bucket.take(now)
        work.bucket.take(now)
        self._scarce_waits = 0
        work.busy += 1
        # On a short way the answer is there already, and no poll is needed.
        code = plug.connect_ex(target)
        flight = Flight(plug, work, knock, now)
        if code != EALREADY:
            self._settle(flight, code, None, now)
            return
        self._flights.add(flight, due=now + work.timeout)

    def _failed(self, work: HostWork, knock: Knock, code: int, now: float) -> None:
        """Our own machine did not let the knock out: wait for room, or say so."""
        if code in SCARCE and self._scarce_waits < SCARCE_WAITS:
            self._scarce_waits += 1
            self._scarce_until = now + SCARCE_WAIT
            work.put_back(knock)
            return
        if knock[1] == CHECK:
            work.give_up_check()
        self._tell(work, knock, PortState.ERROR, code, now)

    def _look(self, descriptor: int, flight: Flight) -> None:
        """Ask the kernel for the verdict on one connection."""
        code = flight.plug.connect_ex((flight.work.address, flight.knock[0]))
        if code == EALREADY:
            return
        self._flights.remove(descriptor)
        now = self._clock()
        self._settle(flight, code, now - flight.began, now)
        self._queue(flight.work, now)

    def _settle(self, flight: Flight, code: int, rtt: float | None, now: float) -> None:
        plug, work, knock, began = flight
        state = _STATES.get(code, PortState.UNREACHABLE)
        self._tell(work, knock, state, code, began)
        work.settle(knock, state, rtt=rtt, now=now)
        if code == 0:
            self._farewells.begin(plug, work)
            return
        work.busy -= 1
        if code == ECONNREFUSED:
            self._plugs.give_back(plug, work.family)
            return
        plug.close()
        if code == errno.ECONNRESET:
            work.part(was_reset=True, now=now)

    def _part(self, work: HostWork, was_reset: bool) -> None:  # noqa: FBT001 - a callback
        now = self._clock()
        work.busy -= 1
        work.part(was_reset=was_reset, now=now)
        self._queue(work, now)

    def _expire(self) -> None:
        now = self._clock()
        while flight := self._flights.pop_due(now):
            self._give_up(flight, now)

    def _give_up(self, flight: Flight, now: float) -> None:
        """Wait no longer; closing such a socket sends nothing."""
        plug, work, knock, began = flight
        plug.close()
        work.busy -= 1
        self._tell(work, knock, PortState.FILTERED, "no answer", began)
        work.settle(knock, PortState.FILTERED, rtt=None, now=now)
        self._queue(work, now)

    def _patience(self) -> float:
        """Return how long the poll may sleep without missing anything due."""
        now = self._clock()
        until = min(now + LONGEST_WAIT, self._flights.next_due())
        has_room = len(self._flights) + len(self._farewells) < self._room
        if has_room and not self.is_held and not self.is_stopped:
            turn = now if self._ready else self._due[0][0] if self._due else until
            opens = max(turn, self._bucket.ready_at(), self._scarce_until)
            until = min(until, opens)
        return max(0.0, until - now)

    def _tell(
        self, work: HostWork, knock: Knock, state: PortState, reason: Reason, at: float
    ) -> None:
        port, attempt = knock
        self.events.append(Event(work, port, state, attempt, reason, at))


_STATES = {
    0: PortState.OPEN,
    errno.ECONNRESET: PortState.OPEN,  # it was accepted, and reset at once
    errno.ECONNREFUSED: PortState.CLOSED,
    errno.ETIMEDOUT: PortState.FILTERED,
}
