"""An export and a backup of some hundred thousand rows, and what they keep in memory.

Run with `pytest -m bench -s tests/bench/test_export_bench.py`; prints, asserts no time.
"""

import io
import time
import tracemalloc
from collections.abc import Callable, Iterable

import pytest

from tenants.models import User, Workspace
from tenants.portable.backup import written
from tenants.portable.checked import check
from tenants.portable.container import lines_of, seal
from tenants.portable.workspace import Parts, Progress, write_workspace
from tenants.scope import workspace_scope
from tests import factories
from tests.data_rights.conftest import as_owner

pytestmark = [
    pytest.mark.bench,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
ROWS, MB = 200_000, 1024**2
MOST = 16 * MB
RECORDS = """
INSERT INTO exposure_probebatch (id, workspace_id, run_id, at, vantage_id, address, ports,
  after_ms, transport, probe, probe_version, connections, bytes_out, bytes_in, result)
SELECT gen_random_uuid(), %s, %s, now(), %s, '127.77.1.14', ARRAY[1 + n %% 65000], '{0}', 'tcp',
  's7', 1, 1, 22, 27, 'answered' FROM generate_series(1, %s) n
"""


@pytest.fixture
def busy(northmill: Workspace, ida: User) -> Workspace:
    """Northmill after a large run."""
    with workspace_scope(northmill.pk):
        site = factories.make_site()
        run = factories.make_run(factories.make_authorisation(site, signed_by=ida))
        vantage = factories.make_vantage()
    as_owner(RECORDS, northmill.pk, run.pk, vantage.pk, ROWS)
    return northmill


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Return seconds, and the most megabytes that Python held besides."""
    tracemalloc.start()
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MOST, f"{peak / MB:.1f} MB"
    return seconds, peak / MB


def swallowed(pieces: Iterable[bytes]) -> int:
    return sum(len(piece) for piece in pieces)


def test_an_export_keeps_memory_flat(busy: Workspace) -> None:
    place, progress = Workspace.objects.select_related("provider").get(), Progress()
    parts = Parts((), lambda _: iter(()))

    seconds, peak = measured(lambda: swallowed(write_workspace(place, parts, progress)))

    assert progress.done == progress.total > ROWS
    print(  # noqa: T201 - what a bench is for
        f"\nexport of {progress.done} rows: {seconds:.1f} s, {peak:.1f} MB"
    )


def test_a_backup_and_its_check_keep_memory_flat(busy: Workspace) -> None:
    place = Workspace.objects.select_related("provider").get()
    kept = io.BytesIO()

    def write() -> None:
        for piece in seal(written(place), "seven quiet valves turn left"):
            kept.write(piece)

    began = time.perf_counter()
    write()
    wrote = time.perf_counter() - began
    kept.seek(0)
    seconds, peak = measured(
        lambda: check(lines_of(kept, "seven quiet valves turn left"))
    )

    print(  # noqa: T201 - what a bench is for
        f"\nbackup of {ROWS} rows: {wrote:.1f} s, {kept.tell() / MB:.1f} MB; "
        f"check: {seconds:.1f} s, {peak:.1f} MB"
    )
