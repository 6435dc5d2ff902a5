"""Verifying a ledger of 100 000 entries, beside reading and hashing its bytes alone.

Run with `pytest -m bench -s tests/bench/test_ledger_verify_bench.py`; prints, asserts no
time. The peer is what any verifier must at least do.
"""

import hashlib
import time
from pathlib import Path

import pytest

from tenants.logic.check_export import Export, check
from tests.tenants.ledger.made import SIGNER, Made, entry, note_over, told

ENTRIES = 100_000


@pytest.mark.bench
def test_it_is_measured_beside_hashing_alone(tmp_path: Path) -> None:
    made = Made()
    made.lines = [entry(seq) for seq in range(1, ENTRIES + 1)]
    made.details = [told(seq) for seq in range(1, ENTRIES + 1)]
    made.notes = [note_over(made.lines)]
    path = made.write(tmp_path / "ledger.zip", signed=False)

    started = time.perf_counter()
    walk, _ = check(Export(path), SIGNER.key, {})
    ours = time.perf_counter() - started
    started = time.perf_counter()
    for line in Export(path).lines("entries.jsonl"):
        hashlib.sha256(line).digest()
    alone = time.perf_counter() - started

    print(  # noqa: T201 - what a bench is for
        f"\n{ENTRIES} entries verified in {ours:.2f} s ({ENTRIES / ours:.0f}/s), "
        f"{ours / alone:.1f} times as long as reading and hashing them"
    )
    assert walk.problems == []
