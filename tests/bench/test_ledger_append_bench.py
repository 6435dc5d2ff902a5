"""Appends of eight writers to one ledger, beside the same eight with a ledger each.

Run with `pytest -m bench -s tests/bench/test_ledger_append_bench.py`; prints, asserts no
time. The second figure is what the same work costs where nobody waits for anybody.
"""

import threading
import time
from collections.abc import Sequence

import pytest
from django.db import connections

from tenants.models import LedgerHead, Workspace
from tenants.scope import workspace_scope
from tenants.services import ledger
from tests import factories

WRITERS, EACH = 8, 150

pytestmark = [
    pytest.mark.bench,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]


def appends_per_second(workspaces: Sequence[Workspace]) -> float:
    """Let each writer append to its workspace, one transaction each time."""

    def work(workspace: Workspace) -> None:
        for _ in range(EACH):
            with workspace_scope(workspace.id):
                ledger.append("bench.appended", about="bench", text="One more.")
        connections["default"].close()

    threads = [threading.Thread(target=work, args=[each]) for each in workspaces]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(workspaces) * EACH / (time.perf_counter() - started)


def test_eight_writers_on_one_ledger() -> None:
    provider = factories.make_provider("Northgate")
    apart = [
        factories.make_workspace(provider, f"w{number} Works")
        for number in range(WRITERS)
    ]

    alone = appends_per_second(apart[:1])
    together = appends_per_second(apart[:1] * WRITERS)
    separate = appends_per_second(apart)

    with workspace_scope(apart[0].id):
        size = LedgerHead.objects.get().size
    print(  # noqa: T201 - what a bench is for
        f"\nappends/s: one writer {alone:.0f}, eight on one ledger {together:.0f}, "
        f"eight on eight {separate:.0f}, ratio {together / separate:.2f}"
    )
    assert size == EACH * (1 + WRITERS + 1)
    connections["default"].close()
