"""One sweep process: `python -m exposure.collectors.sweeper`, spoken to over pipes.

It ends when its parent does, because the pipe ends; it opens nothing while it has not
heard from its parent for a second, because what nobody can stop must not run.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import select
import signal
import sys
import time

from exposure.collectors import wire
from exposure.collectors.engine import Engine
from exposure.collectors.plugs import Event
from exposure.collectors.wire import Inbox, Outbox, Up, frame_up

SILENCE_SECONDS = 1.0
ALIVE_SECONDS = 1.0
MOST_UNREAD = 1 << 20
LAST_WORDS_SECONDS = 1.0
# A reason may name its port, and there are many ports.
MOST_WORDS, ENOUGH_SAID = 1000, "for a reason like those of other ports"


class Sweeper:
    """Takes orders from one pipe, knocks, and reports into the other."""

    def __init__(self, orders: int, reports: int) -> None:
        """Talk over these descriptors, which do not block."""
        self._orders_from = orders
        self._inbox, self._outbox = Inbox(orders), Outbox(reports)
        self._engine: Engine | None = None
        self._words: dict[str, int] = {}
        self._is_stopped = self._is_last = False
        self._heard_at, self._spoke_at = float("-inf"), time.monotonic()
        self._epoch = time.time() - time.monotonic()

    def stop(self, *_: object) -> None:
        """Open nothing from now on, and end; safe in a signal handler."""
        self._is_stopped = True
        if self._engine is not None:
            self._engine.is_stopped = True

    def run(self) -> None:
        """Work until the hosts are done, a stop, or the end of the parent."""
        while self._engine is None and not self._is_over():
            select.select([self._orders_from], [], [], 0.05)
            self._listen()
        while not self._is_over():
            self._listen()
            self.turn()
        self._end()

    def turn(self) -> None:
        """Knock, if somebody listens, and report."""
        if self._engine is not None:
            self._engine.is_held = self._must_wait()
            self._engine.step()
            self._report(self._engine)
            self._outbox.flush()

    def _is_over(self) -> bool:
        if self._is_stopped or self._inbox.has_ended:
            return True
        return self._is_last and self._engine is not None and not self._engine.count

    def _must_wait(self) -> bool:
        now = time.monotonic()
        return now - self._heard_at > SILENCE_SECONDS or len(self._outbox) > MOST_UNREAD

    def _listen(self) -> None:
        while self._inbox.fill():
            pass
        for order in self._inbox.orders():
            if order is None:
                self._heard_at = time.monotonic()
            else:
                self._obey(order)

    def _obey(self, order: wire.Order) -> None:
        if isinstance(order, wire.Begin):
            self._engine = Engine(order.limits, fence=order.fence, seed=order.seed)
            self._engine.poll.register(self._orders_from, select.EPOLLIN)
        if self._engine is None:
            return
        if isinstance(order, wire.AddHost):
            self._engine.add(order.handle, order.host)
        elif isinstance(order, wire.NewFence):
            self._engine.fence = order.fence
        elif isinstance(order, wire.NewLimits):
            self._engine.limit(order.limits)
        elif isinstance(order, wire.NoMoreHosts):
            self._is_last = True

    def _report(self, engine: Engine) -> None:
        """Put into the pipe what has happened, and now and then a sign of life."""
        now = time.monotonic()
        if engine.events:
            self._outbox.put(frame_up(Up.EVENTS, self._packed(engine.events)))
            engine.events.clear()
            self._spoke_at = now
        for work in engine.ended:
            note = self._word(work.note)
            self._outbox.put(frame_up(Up.ENDED, wire.ENDED.pack(work.handle, note)))
        engine.ended.clear()
        if now - self._spoke_at > ALIVE_SECONDS:
            self._outbox.put(frame_up(Up.ALIVE))
            self._spoke_at = now

    def _packed(self, events: list[Event]) -> bytes:
        pack, number_of, epoch = wire.EVENT.pack, wire.NUMBER_OF, self._epoch
        packed = bytearray()
        for work, port, state, attempt, reason, at in events:
            code = reason if type(reason) is int else self._code(str(reason))
            packed += pack(
                work.handle, port, number_of[state], attempt, code, at + epoch
            )
        return bytes(packed)

    def _code(self, words: str) -> int:
        return wire.WORDS + self._word(words)

    def _word(self, words: str) -> int:
        """Return the place of these words in the parent's list; send new ones."""
        if words not in self._words and len(self._words) >= MOST_WORDS:
            words = ENOUGH_SAID
        place = self._words.get(words)
        if place is None:
            place = self._words[words] = len(self._words)
            self._outbox.put(frame_up(Up.WORDS, words.encode()))
        return place

    def _end(self) -> None:
        """Close every socket first; then say what is left to say, for a second."""
        if self._engine is not None:
            self._engine.close()
            self._report(self._engine)
        until = time.monotonic() + LAST_WORDS_SECONDS
        while len(self._outbox) and time.monotonic() < until:
            self._outbox.flush()
            time.sleep(0.002)


def main() -> None:
    """Be a sweep process."""
    sweeper = Sweeper(sys.stdin.fileno(), sys.stdout.fileno())
    signal.signal(signal.SIGTERM, sweeper.stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is asked, and asks us
    gc.disable()  # nothing here makes a cycle, and a sweep makes millions of tuples
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for descriptor in (sys.stdin.fileno(), sys.stdout.fileno()):
        os.set_blocking(descriptor, False)
    with contextlib.suppress(BrokenPipeError):  # the parent is gone
        sweeper.run()


if __name__ == "__main__":
    main()
