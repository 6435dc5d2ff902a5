"""Loads the path engine in the web process, so that no first click waits for it."""

import logging
import threading
from importlib import import_module

log = logging.getLogger(__name__)


def load_in_background() -> threading.Thread:
    """Load the compiled kernels from a thread: the process answers meanwhile.

    They were compiled at set-up; here they are only read. A page that needs them before
    waits for the rest of it, as it would have for all of it.
    """
    thread = threading.Thread(target=_load, name="kernels", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    try:
        import_module("exposure.logic.paths.warm").warm()
    except Exception:  # the first page that needs the engine says what is wrong with it
        log.exception("The path engine could not be loaded.")
