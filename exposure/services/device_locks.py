"""Two jobs never talk to one device at once, wherever they run."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager

from django.db import connections

from tenants.scope import current_workspace_id

# Held locks lie in a table of the database that all its users share.
MOST_AT_ONCE = 256
WAIT_SECONDS = 0.5
TRY = """
SELECT address FROM unnest(%s::text[]) AS address
WHERE pg_try_advisory_xact_lock(hashtextextended(%s || ' ' || address, 0))
"""


@contextmanager
def held(addresses: Sequence[str]) -> Iterator[frozenset[str]]:
    """Hold devices of the current customer against other jobs; yield those that are ours.

    At most MOST_AT_ONCE are taken; one that another job holds is left out. The locks
    belong to a transaction on a connection of its own that does nothing else, so they
    go through a transaction pooler, keep no row alive and end with the worker.
    """
    line = connections.create_connection("default")
    try:
        with line.cursor() as cursor:
            cursor.execute("BEGIN")
            wanted = list(addresses[:MOST_AT_ONCE])
            cursor.execute(TRY, [wanted, str(current_workspace_id())])
            mine = frozenset(row[0] for row in cursor.fetchall())
        yield mine
    finally:
        line.close()


def in_turn(
    addresses: Sequence[str], *, should_stop: Callable[[], bool]
) -> Generator[frozenset[str], None, None]:
    """Yield parts of the addresses, each held while the caller works on it.

    What another job holds comes later. Ends early when `should_stop` says so.
    """
    left = list(addresses)
    while left and not should_stop():
        with held(left) as mine:
            if mine:
                yield mine
        left = [address for address in left if address not in mine]
        if left and not mine:
            time.sleep(WAIT_SECONDS)
