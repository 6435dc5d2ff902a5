"""From a recorded conversation, and what ended it, to a result."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import replace

from exposure.probes.base import (
    Direction,
    Exchange,
    Outcome,
    Parsed,
    Probe,
    ProbeResult,
    Target,
)
from exposure.probes.budget import BudgetSpent
from exposure.probes.datagrams import Unanswered
from exposure.probes.dialer import Dialer, ScopeRefused
from exposure.probes.line import AnswerTooLong, Garbled, HungUp
from exposure.probes.text import visible

ENDINGS: tuple[tuple[type[BaseException], Outcome, str], ...] = (
    (ScopeRefused, Outcome.ERROR, "Nothing was sent."),
    (BudgetSpent, Outcome.ERROR, "No further connection was made."),
    (ConnectionRefusedError, Outcome.REFUSED, "The port refused the connection."),
    (ConnectionResetError, Outcome.REFUSED, "The service reset the connection."),
    (BrokenPipeError, Outcome.REFUSED, "The service broke the connection off."),
    (ConnectionAbortedError, Outcome.SILENT, "The TLS handshake never finished."),
    (ssl.SSLError, Outcome.OTHER_PROTOCOL, "The TLS handshake failed."),
    (HungUp, Outcome.SILENT, "The service hung up too early."),
    (Unanswered, Outcome.SILENT, "No answer, which says nothing about the port."),
    (AnswerTooLong, Outcome.ANOMALY, "The answer was cut off."),
    (Garbled, Outcome.OTHER_PROTOCOL, "The answer makes no sense."),
    (OSError, Outcome.ERROR, "The network refused."),
)


STOPPED = "It was stopped before the answer was whole."


async def conclude(
    probe: Probe, target: Target, dialer: Dialer, *, error: BaseException | None
) -> ProbeResult:
    """Return the result of a finished conversation.

    What was heard decides, even when the conversation broke off; only where nothing
    was heard does the error decide. Runs as a task of its own, so that a mistake in a
    parser is caught like any other failure.
    """
    ended, detail = _ending(error, established=dialer.established > 0)
    parsed = Parsed(ended, "", {})
    if _was_heard(dialer.exchanges):
        parsed = probe.parse(dialer.exchanges)
        if isinstance(error, AnswerTooLong) and parsed.outcome is Outcome.IDENTIFIED:
            parsed = parsed._replace(outcome=Outcome.ANOMALY)
    return finished(probe, target, dialer, parsed=parsed, detail=detail)


def finished(
    probe: Probe, target: Target, dialer: Dialer, *, parsed: Parsed, detail: str
) -> ProbeResult:
    """Put a result together; a datagram is written down whole, so it counts itself."""
    if target.transport == "udp":
        bytes_out = _size(dialer.exchanges, Direction.SENT)
        bytes_in = _size(dialer.exchanges, Direction.RECEIVED)
    else:
        bytes_out, bytes_in = dialer.bytes_out, dialer.bytes_in
    return ProbeResult(
        probe=probe.name,
        version=probe.version,
        target=target,
        outcome=parsed.outcome,
        level=parsed.level,
        facts=parsed.facts,
        exchanges=tuple(dialer.exchanges),
        connections=dialer.connections,
        detail=detail,
        bytes_out=bytes_out,
        bytes_in=bytes_in,
    )


def interrupted(probe: Probe, target: Target, dialer: Dialer) -> ProbeResult:
    """Return what was sent and heard until somebody stopped it; it proves nothing."""
    nothing = Parsed(Outcome.ERROR, "", {})
    cut = finished(probe, target, dialer, parsed=nothing, detail=STOPPED)
    return replace(cut, was_stopped=True)


def in_words(error: BaseException) -> str:
    """Return an unexpected error for the detail of a result."""
    return visible(f"The probe failed: {type(error).__name__}: {error}".encode())


def _ending(error: BaseException | None, *, established: bool) -> tuple[Outcome, str]:
    if error is None:
        return Outcome.SILENT, ""
    if isinstance(error, TimeoutError):
        if established:
            return Outcome.SILENT, "The service stopped answering."
        return Outcome.TIMEOUT, "Nothing answered the connection."
    for kind, outcome, words in ENDINGS:
        if isinstance(error, kind):
            reason = visible(str(error).encode()) if str(error) else ""
            return outcome, f"{words} {reason}".strip()
    return Outcome.ERROR, in_words(error)


def _was_heard(exchanges: Sequence[Exchange]) -> bool:
    return any(e.direction is Direction.RECEIVED for e in exchanges)


def _size(exchanges: Sequence[Exchange], direction: Direction) -> int:
    return sum(len(e.data) for e in exchanges if e.direction is direction)
