"""Watches over work that talks to the network: stop flags, leases and threads."""

import asyncio
import contextlib
import contextvars
import queue
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any, TypeVar

from django.db import connections

Item = TypeVar("Item")
Source = Callable[[], AsyncGenerator[Item, None]]
# A list of one item, an error, or END.
Message = Any
END = object()
POLL_SECONDS = 0.2
FRESH_SECONDS = 2.0


class Watch:
    """Asks every 0.2 s whether to stop, in a thread of its own.

    `should_stop()` is cheap, so that network code can call it before every packet.
    If asking fails (the database is gone, the lease is lost), the answer is to stop:
    what nobody can stop must not run. `failure` then holds the reason.
    """

    def __init__(self, ask: Callable[[], bool]) -> None:
        """Watch with `ask`, which returns True when the work must stop."""
        self._ask = ask
        self._stop = threading.Event()
        self._over = threading.Event()
        self.failure: Exception | None = None
        self._asked_at = float("-inf")
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=[self._poll])

    def should_stop(self) -> bool:
        """Whether the work must stop now."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Stop at once: whoever works here knows that the work must end."""
        self._stop.set()

    def is_current(self) -> bool:
        """Whether the last answer is fresh; a question may hang in the database."""
        return time.monotonic() - self._asked_at < FRESH_SECONDS

    def _poll(self) -> None:
        try:
            while not self._stop.is_set():
                began = time.monotonic()
                if self._ask():
                    self._stop.set()
                self._asked_at = began
                if self._over.wait(POLL_SECONDS):
                    return
        except Exception as error:  # noqa: BLE001 - any failure to ask means: stop
            self.failure = error
            self._stop.set()
        finally:
            connections.close_all()

    def __enter__(self) -> "Watch":
        """Start watching."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop watching; a failure to watch becomes the caller's failure."""
        self._over.set()
        self._thread.join()
        if self.failure is not None:
            raise self.failure


class _Pump(threading.Thread):
    """Runs an asynchronous iterator in an event loop of its own thread."""

    def __init__(self, items: "Source[Item]", results: "queue.Queue[Message]") -> None:
        super().__init__()
        self._items, self._results = items, results
        self.closing = threading.Event()

    def run(self) -> None:
        """Put every item, then END or the error, into the queue."""
        try:
            asyncio.run(self._pump())
        except BaseException as error:  # noqa: BLE001 - carried over to the caller
            self._results.put(error)
        else:
            self._results.put(END)

    async def _pump(self) -> None:
        async with contextlib.aclosing(self._items()) as source:
            async for item in source:
                self._results.put([item])
                if self.closing.is_set():
                    return


def stream(items: "Source[Item]") -> Iterator[Item]:
    """Yield what an asynchronous iterator gives, which runs in a thread of its own.

    So the network has its event loop and the caller can use the database. Closing the
    iterator early ends the thread; an error over there is raised here.
    """
    results: queue.Queue[Message] = queue.Queue()
    pump = _Pump(items, results)
    pump.start()
    try:
        while (message := results.get()) is not END:
            if isinstance(message, BaseException):
                raise message
            yield from message
    finally:
        pump.closing.set()
        pump.join()
