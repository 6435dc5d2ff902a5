"""One peer over UDP: ask, wait a little, ask once more, and keep little of what comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from socket import socket
from typing import NamedTuple

from exposure.probes.base import (
    ECHO,
    Caps,
    Direction,
    Exchange,
    Fact,
    Facts,
    Level,
    Outcome,
    Parsed,
    echoes,
)
from exposure.probes.line import AnswerTooLong

TRIES = 2
ANSWER_SECONDS = 1.0
LONGEST_DATAGRAM = 4096
MOST_STRAYS = 8
MOST_DATAGRAMS = 64

# Returns right before each datagram, once it may go; raises when it may not.
MaySend = Callable[[], Awaitable[None]]


class Unanswered(EOFError):
    """Nobody answered. Over UDP that says nothing about the port."""


class Datagrams:
    """Questions and answers over one connected UDP socket; every byte is recorded.

    The kernel passes on what comes from the peer's own address and port only, and
    turns an ICMP "port unreachable" into ConnectionRefusedError.
    """

    def __init__(
        self,
        plug: socket,
        *,
        caps: Caps,
        may_send: MaySend,
        record: Callable[[Direction, bytes], None],
    ) -> None:
        self._plug = plug
        self._caps = caps
        self._may_send = may_send
        self._record = record
        self._heard = 0
        self._count = 0

    async def ask(
        self,
        message: bytes,
        *,
        answers: Callable[[bytes], bool],
        tries: int = TRIES,
    ) -> bytes:
        """Send one message and return the first datagram that `answers` it.

        Each try waits a second. What does not answer is kept as evidence and passed
        over, eight datagrams at most. Raises Unanswered, AnswerTooLong or OSError.
        """
        for _ in range(tries):
            await self.send(message)
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return await self._first(answers)
            except TimeoutError:
                continue
        raise Unanswered(f"{tries} of {tries} tries were not answered.")

    async def send(self, message: bytes) -> None:
        """Send one datagram without waiting for an answer."""
        await self._may_send()
        # What the kernel refused to send was not sent, so it is not recorded.
        await asyncio.get_running_loop().sock_sendall(self._plug, message)
        self._record(Direction.SENT, message)

    async def _first(self, answers: Callable[[bytes], bool]) -> bytes:
        for _ in range(MOST_STRAYS + 1):
            data = await self._receive()
            if answers(data):
                return data
        raise AnswerTooLong(f"{MOST_STRAYS + 1} datagrams in a row did not answer.")

    async def _receive(self) -> bytes:
        loop = asyncio.get_running_loop()
        data = await loop.sock_recv(self._plug, LONGEST_DATAGRAM + 1)
        kept = data[:LONGEST_DATAGRAM]
        self._count += 1
        self._heard += len(kept)
        if self._count > MOST_DATAGRAMS or self._heard > self._caps.probe_bytes:
            raise AnswerTooLong("The service sent more than a sane answer.")
        self._record(Direction.RECEIVED, kept)
        if len(data) > LONGEST_DATAGRAM:
            raise AnswerTooLong(f"A datagram is longer than {LONGEST_DATAGRAM} bytes.")
        return data


class Asked(NamedTuple):
    """One question, however often it was sent, and the datagrams that followed it."""

    sent: bytes
    received: tuple[bytes, ...]


def asked(exchanges: Iterable[Exchange]) -> list[Asked]:
    """Group a transcript by question; a question sent again stays one question."""
    grouped: list[Asked] = []
    for exchange in exchanges:
        if exchange.direction is Direction.SENT:
            if not grouped or grouped[-1].sent != exchange.data:
                grouped.append(Asked(exchange.data, ()))
        elif grouped:
            sent, received = grouped[-1]
            grouped[-1] = Asked(sent, (*received, exchange.data))
    return grouped


def read_answers(
    exchanges: Sequence[Exchange],
    facts_of: Callable[[bytes], Facts],
    *,
    level_of: Callable[[Facts], Level] = lambda _: "L1",
) -> Parsed:
    """Judge a transcript by what each datagram says; what came first stays.

    A peer that repeats the question is an anomaly. One that says nothing of ours speaks
    another protocol.
    """
    if echoes(exchanges):
        return ECHO
    facts: dict[str, Fact] = {}
    for exchange in exchanges:
        if exchange.direction is Direction.RECEIVED:
            facts = {**facts_of(exchange.data), **facts}
    if not facts:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    return Parsed(Outcome.IDENTIFIED, level_of(facts), facts)
