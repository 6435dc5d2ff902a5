"""What a day of the probe ledger costs, beside the same with a row for each thing sent.

Run with `SIGHTLINE_BENCH_FULL=1 ./sightline test -m bench -s tests/bench/test_probe_ledger_bench.py`.
Prints bytes a record, a year at a million a day, and times; asserts that both hold the same.
"""

import datetime as dt
import os
import time
from typing import Any

import pytest
from django.db import connections

from exposure.models import Run, Vantage
from exposure.services import probe_ledger
from exposure.services.probe_ledger import Kind, Sent
from tenants.models import User, Workspace
from tenants.scope import workspace_scope
from tests import factories
from tests.bench.measured import load, timed
from tests.data_rights.conftest import as_owner

pytestmark = [
    pytest.mark.bench,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
FULL = "SIGHTLINE_BENCH_FULL" in os.environ
RECORDS = 1_000_000 if FULL else 50_000
PORTS = range(1, 51)
NOON = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)
OPEN = {80, 443}
# The table as it was before, with the same index.
ROWS = """
CREATE TABLE one_row_each AS SELECT gen_random_uuid() AS id, at, address, port, transport, probe,
  probe_version, connections, bytes_out, bytes_in, result, run_id, vantage_id, workspace_id
FROM exposure_proberecord;
ALTER TABLE one_row_each ADD PRIMARY KEY (id);
CREATE INDEX ON one_row_each (workspace_id, run_id, at);
"""
SAME = """
SELECT count(*), count(DISTINCT (address, port)), sum(connections), min(at), max(at) FROM
"""
PARTS = """
SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits
WHERE inhparent = 'exposure_probebatch'::regclass
"""


def sweep_of(address: str, run: Run, vantage: Vantage, at: dt.datetime) -> None:
    sent = [
        Sent(
            at + dt.timedelta(milliseconds=25 * step),
            port,
            Kind(*("tcp", "connect", 1, "open" if port in OPEN else "closed"), 1, 0, 0),
        )
        for step, port in enumerate(PORTS)
    ]
    probe_ledger.write(sent, run=run, vantage_id=vantage.pk, address=address)


def test_batches_hold_the_same_as_a_row_for_each_record(
    northmill: Workspace, ida: User
) -> None:
    with workspace_scope(northmill.pk):
        permission = factories.make_authorisation(factories.make_site(), signed_by=ida)
        run, vantage = factories.make_run(permission), factories.make_vantage()
    began = time.perf_counter()
    for step in range(RECORDS // len(PORTS)):
        address = f"127.77.{step // 250 % 250}.{step % 250 + 1}"
        with workspace_scope(northmill.pk):
            sweep_of(address, run, vantage, NOON + dt.timedelta(seconds=step))
    seconds = time.perf_counter() - began

    with workspace_scope(northmill.pk):
        totals = timed(lambda: probe_ledger.totals(run, until=NOON))
        asked = probe_ledger.Asked(since=NOON)
        page = timed(lambda: list(probe_ledger.batches(asked)[:50]))
        table = timed(lambda: _drain(asked))
    as_owner(ROWS)
    packed = as_owner(PARTS)[0][0]
    rows = as_owner("SELECT pg_total_relation_size('one_row_each')")[0][0]

    same = [
        as_owner(SAME + name)[0] for name in ("exposure_proberecord", "one_row_each")
    ]
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP TABLE one_row_each")
    assert same[0] == same[1]
    assert same[0][0] == RECORDS
    each, before = int(packed) / RECORDS, int(rows) / RECORDS
    print(  # noqa: T201 - what a bench is for
        f"\n{RECORDS} records: {each:.1f} bytes each, as rows {before:.1f} (x {before / each:.1f}); "
        f"a year of a million a day {each * 365e6 / 2**30:.1f} GiB, as rows "
        f"{before * 365e6 / 2**30:.0f} GiB; written {RECORDS / seconds:.0f}/s; totals {totals:.0f} ms, "
        f"page {page:.0f} ms, all as a table {table:.0f} ms, {load()}"
    )


def _drain(asked: Any) -> None:
    for _ in probe_ledger.records(asked).values_list("at", "port").iterator(2000):
        pass
