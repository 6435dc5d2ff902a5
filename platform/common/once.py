"""Remembers for a while that something was said, to save asking the database."""

from django.core.cache import cache
from django.db import transaction


def is_news(key: str, *, seconds: int) -> bool:
    """Whether `key` was not said yet; from the commit on it has been.

    A transaction that is rolled back says nothing. The key carries the workspace, or an
    id that only one workspace has.
    """
    if cache.get(key):
        return False
    transaction.on_commit(lambda: cache.set(key, "yes", seconds))
    return True
