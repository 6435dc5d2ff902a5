"""Asks resolvers many questions at once: a few UDP sockets, one thread, one token bucket.

Every answer must come from the resolver's own address and port to the socket that asked,
carry the id of the question and repeat it; anything else is dropped. What is truncated is
asked again over TCP.
"""

from __future__ import annotations

import contextlib
import selectors
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import SystemRandom

from exposure.collectors.names.conversation import Conversation
from exposure.collectors.names.lines import Line, Waiting, open_lines
from exposure.collectors.pacing import Bucket, Endpoint
from exposure.logic.names.messages import (
    Answer,
    Garbage,
    Question,
    Status,
    decode,
    encode,
)

IDLE = 0.05  # seconds between two looks at the stop
AT_ONCE = 64  # datagrams read from one socket before the others have their turn
LARGEST = 4096  # bytes of a datagram; we ask for 1232 at most
_random = SystemRandom()


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard a resolver is asked; `timeout` is for each try, in seconds."""

    rate_per_second: float = 500
    in_flight: int = 500
    timeout: float = 2.0
    tries: int = 3
    conversations: int = 16  # over TCP at the same time; 0: what is cut stays cut
    sockets: int = 8  # for each resolver, each on a port that is harder to guess


def ask(
    questions: Iterable[Question],
    *,
    resolvers: Sequence[Endpoint],
    should_stop: Callable[[], bool],
    limits: Limits | None = None,
    recurse: bool = True,
) -> Iterator[Answer]:
    """Yield one answer for each question, in the order in which they come.

    A question that nobody answers gives an Answer that says so. Raises OSError when this
    machine has no way to any of the resolvers, as without IPv6. After a stop nothing is
    sent and the iterator ends: questions that were under way have no answer then. Memory
    is bounded by what is in flight; `questions` is read as fast as it is asked.
    """
    asker = _Asker(resolvers, limits or Limits(), recurse=recurse)
    try:
        yield from asker.run(iter(questions), should_stop)
    finally:
        asker.close()


class _Asker:
    """What is under way: sockets, questions, and what runs out when."""

    def __init__(
        self, resolvers: Sequence[Endpoint], limits: Limits, *, recurse: bool
    ) -> None:
        self._limits, self._recurse = limits, recurse
        each_has = limits.sockets
        self._lines = open_lines(resolvers, each_has)
        self._selector = selectors.DefaultSelector()
        # The resolvers take turns, and a second try goes to the next one.
        self._order = deque(
            line for turn in range(each_has) for line in self._lines[turn::each_has]
        )
        for line in self._lines:
            self._selector.register(line.socket, selectors.EVENT_READ, line)
        self._bucket = Bucket(limits.rate_per_second)
        # All tries last equally long, so the oldest is the first to run out.
        self._running_out: deque[tuple[float, Line, int, Waiting]] = deque()
        self._again: deque[Waiting] = deque()
        self._truncated: deque[tuple[Waiting, Endpoint]] = deque()
        self._talks: set[Conversation] = set()
        self._open = 0
        self._done: list[Answer] = []

    def close(self) -> None:
        """Close every socket."""
        for talk in self._talks:
            talk.close()
        for line in self._lines:
            line.socket.close()
        self._selector.close()

    def run(
        self, questions: Iterator[Question], should_stop: Callable[[], bool]
    ) -> Iterator[Answer]:
        """Send, listen and give up, until all is answered or somebody stops it."""
        exhausted = False
        while not should_stop():
            now = time.monotonic()
            exhausted = self._send(questions, now) or exhausted
            if exhausted and not self._open and not self._done:
                return
            self._listen(self._pause(now, exhausted=exhausted))
            self._expire(time.monotonic())
            done, self._done = self._done, []
            yield from done

    def _send(self, questions: Iterator[Question], now: float) -> bool:
        """Send what may go now; say whether there are no more questions."""
        self._talk(now)
        while self._bucket.ready_at() <= now:
            waiting = self._again.popleft() if self._again else None
            if waiting is None:
                if self._open >= self._limits.in_flight:
                    return False
                question = next(questions, None)
                if question is None:
                    return True
                waiting = Waiting(question)
                self._open += 1
            self._bucket.take(now)
            self._send_one(waiting, now)
        return False

    def _send_one(self, waiting: Waiting, now: float) -> None:
        line = self._order[0]
        self._order.rotate(-1)
        number = _random.getrandbits(16)
        while number in line.waiting:
            number = _random.getrandbits(16)
        waiting.tries += 1
        line.waiting[number] = waiting
        self._running_out.append((now + self._limits.timeout, line, number, waiting))
        message = encode(waiting.question, number, recurse=self._recurse)
        # The first error may be about a datagram of before. What cannot be sent is what
        # was lost: it runs out and is tried again.
        for _ in range(2):
            with contextlib.suppress(OSError):
                line.socket.send(message)
                return

    def _pause(self, now: float, *, exhausted: bool) -> float:
        if self._done:
            return 0.0
        full = self._open >= self._limits.in_flight and not self._again
        if full or (exhausted and not self._again):
            return IDLE
        return min(IDLE, max(0.0, self._bucket.ready_at() - now))

    def _listen(self, pause: float) -> None:
        for key, _ in self._selector.select(pause):
            if isinstance(key.data, Conversation):
                self._go_on(key.data)
            else:
                self._read(key.data)

    def _read(self, line: Line) -> None:
        for _ in range(AT_ONCE):
            try:
                data = line.socket.recv(LARGEST)
            except BlockingIOError:
                return
            except OSError:
                # Nobody listens there: whatever waits on this socket is tried anew.
                self._lose(line)
                return
            if len(data) >= 12:
                self._take(line, data)

    def _take(self, line: Line, data: bytes) -> None:
        number = int.from_bytes(data[:2], "big")
        waiting = line.waiting.get(number)
        if waiting is None:
            return
        try:
            answer = decode(data, waiting.question)
        except Garbage:
            # Perhaps somebody guesses at ids: the true answer may still come.
            waiting.garbage = True
            return
        del line.waiting[number]
        if answer.is_truncated and self._limits.conversations:
            self._truncated.append((waiting, line.endpoint))
        elif answer.status is Status.FAILED and waiting.tries < self._limits.tries:
            self._again.append(waiting)
        else:
            self._finish(answer)

    def _lose(self, line: Line) -> None:
        lost, line.waiting = list(line.waiting.values()), {}
        for waiting in lost:
            self._retry(waiting)

    def _expire(self, now: float) -> None:
        while self._running_out and self._running_out[0][0] <= now:
            _, line, number, waiting = self._running_out.popleft()
            if line.waiting.get(number) is waiting:
                del line.waiting[number]
                self._retry(waiting)
        for talk in [each for each in self._talks if each.ends_at <= now]:
            self._hang_up(talk, None)

    def _retry(self, waiting: Waiting) -> None:
        if waiting.tries < self._limits.tries:
            self._again.append(waiting)
            return
        status = Status.GARBAGE if waiting.garbage else Status.SILENT
        self._finish(Answer(waiting.question, status))

    def _finish(self, answer: Answer) -> None:
        self._open -= 1
        self._done.append(answer)

    def _talk(self, now: float) -> None:
        """Ask again over TCP what did not fit into a datagram."""
        while self._truncated and len(self._talks) < self._limits.conversations:
            if self._bucket.ready_at() > now:
                return
            self._bucket.take(now)
            waiting, endpoint = self._truncated.popleft()
            ends_at = now + 2 * self._limits.timeout
            talk = Conversation(
                waiting.question, endpoint, ends_at=ends_at, recurse=self._recurse
            )
            self._talks.add(talk)
            self._selector.register(talk.socket, selectors.EVENT_WRITE, talk)

    def _go_on(self, talk: Conversation) -> None:
        try:
            message = talk.go_on()
        except (OSError, Garbage):
            self._hang_up(talk, None)
            return
        if message is not None:
            self._hang_up(talk, message)
        elif talk.is_asked:
            self._selector.modify(talk.socket, selectors.EVENT_READ, talk)

    def _hang_up(self, talk: Conversation, message: bytes | None) -> None:
        self._selector.unregister(talk.socket)
        self._talks.discard(talk)
        talk.close()
        try:
            answer = decode(message, talk.question) if message else None
        except Garbage:
            answer = Answer(talk.question, Status.GARBAGE)
        self._finish(answer or Answer(talk.question, Status.SILENT))
