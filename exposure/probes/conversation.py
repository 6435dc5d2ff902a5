"""One probe under its deadline: it can be stopped, and every failure is a result."""

import asyncio
import time

from exposure.probes.base import Outcome, Parsed, Probe, ProbeResult, Target
from exposure.probes.dialer import SENDING, Dialer, StopCallback, StopRequested
from exposure.probes.outcomes import conclude, finished, in_words

STOP_POLL_SECONDS = 0.1


async def run_probe(
    probe: Probe,
    target: Target,
    *,
    dialer: Dialer,
    should_stop: StopCallback,
    seconds: float,
) -> ProbeResult:
    """Run one probe under its deadline. Raises StopRequested when stopped."""
    SENDING.set(probe.name)
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
