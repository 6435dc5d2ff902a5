"""Ends a worker that has gone deaf, so that its supervisor starts a fresh one.

When the broker dies while messages are being acknowledged, Celery's consumer may stay
alive without a connection and without noticing. The sign is unmistakable: messages
wait in the queues while this worker does nothing at all. The job table loses nothing.
"""

import logging
import os
import threading
from typing import Any

from celery.worker import state
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
LOOK_SECONDS = 2.0
LOOKS = 4  # in a row: a short burst is no deafness


class Watchdog(threading.Thread):
    """Looks every two seconds whether work waits while nobody works."""

    def __init__(self, consumer: Any) -> None:
        """Watch the worker of this consumer."""
        super().__init__(daemon=True, name="watchdog")
        self._app = consumer.app
        self._queues = [queue.name for queue in consumer.task_consumer.queues]
        self._idle_looks = 0

    def run(self) -> None:
        """Look until the process ends; end it when it is deaf."""
        pause = threading.Event()
        while not pause.wait(LOOK_SECONDS):
            self._idle_looks = self._idle_looks + 1 if self.is_deaf() else 0
            if self._idle_looks >= LOOKS:
                log.critical("Messages wait and nobody works: this worker is deaf.")
                os._exit(1)  # nothing is running here, and a warm stop would hang

    def is_deaf(self) -> bool:
        """Whether messages wait in our queues while no task is held or running."""
        if state.reserved_requests or state.active_requests:
            return False
        try:
            with self._app.connection_for_read() as connection:
                channel = connection.default_channel
                return any(channel._size(name) for name in self._queues)
        except (OSError, OperationalError):
            return False  # no broker: the consumer itself is trying to come back


def watch(sender: Any) -> None:
    """Start the watchdog of a worker that has just become ready."""
    Watchdog(sender).start()
