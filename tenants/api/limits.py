"""How often somebody may ask: counters in the cache, one per minute and name."""

import time

from django.conf import settings
from django.core.cache import cache

WINDOW = 60  # seconds


def spend(kind: str, name: str) -> int:
    """Count one request; return 0, or for how many seconds there is none left.

    `kind` is one of settings.API_PER_MINUTE. Counting is one atomic step of the cache,
    so requests at the same time are all counted.
    """
    now = time.time()
    key = f"api:{kind}:{name}:{int(now // WINDOW)}"
    cache.add(key, 0, timeout=2 * WINDOW)
    try:
        count = cache.incr(key)
    except ValueError:  # the cache made room between the two
        return 0
    return _wait(now) if count > settings.API_PER_MINUTE[kind] else 0


def is_spent(kind: str, name: str) -> int:
    """Return for how many seconds nothing is left, without counting; 0 if something is."""
    now = time.time()
    count = cache.get(f"api:{kind}:{name}:{int(now // WINDOW)}", 0)
    return _wait(now) if count >= settings.API_PER_MINUTE[kind] else 0


def _wait(now: float) -> int:
    return int(WINDOW - now % WINDOW) + 1
