"""The auditor's verifier over a hundred thousand entries, and what it keeps in memory.

Run with `pytest -m bench -s tests/bench/test_ledger_bench.py`; prints, asserts no time.
"""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tenants.logic.ledger import checkpoint_text, verifier
from tenants.logic.proofs import Tree, chain
from tests.tenants.ledger.made import SIGNER, START, entry, told

ENTRIES, EVERY = 100_000, 1000
LONG = "x" * 220  # makes an entry 600 bytes long

pytestmark = pytest.mark.bench


def write_export(folder: Path, entries: int) -> None:
    """Write an export with a checkpoint after every thousand entries."""
    tree, head = Tree(), b""
    with (
        (folder / "entries.jsonl").open("wb") as lines,
        (folder / "details.jsonl").open("w", encoding="utf-8") as details,
        (folder / "checkpoints.jsonl").open("w", encoding="utf-8") as notes,
    ):
        for seq in range(1, entries + 1):
            line = entry(seq, body={"object": LONG})
            lines.write(line + b"\n")
            details.write(json.dumps(told(seq)) + "\n")
            tree.add(line)
            head = chain(head, line)
            if seq % EVERY == 0:
                text = checkpoint_text(SIGNER.name, tree=tree, head=head, at_us=START)
                notes.write(json.dumps({"note": SIGNER.sign(text)}) + "\n")
    (folder / "signatures.jsonl").write_bytes(b"")
    (folder / "key.txt").write_text(SIGNER.key.text(), encoding="utf-8")


# The kernel's own mark of the program alone: ru_maxrss would be that of pytest.
MEASURED = """
import pathlib, runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    print(pathlib.Path("/proc/self/status").read_text())
"""


@pytest.mark.parametrize("entries", [ENTRIES // 10, ENTRIES])
def test_verifying(entries: int, tmp_path: Path) -> None:
    write_export(tmp_path, entries)
    program = tmp_path / "verify_ledger.py"
    program.write_text(verifier(), encoding="utf-8")

    started = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-I", "-S", "-c", MEASURED, str(program), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started

    assert done.returncode == 0, done.stdout + done.stderr
    kept = re.search(r"VmHWM:\s+(\d+) kB", done.stdout)
    assert kept
    print(  # noqa: T201 - what a bench is for
        f"\nverified {entries} entries in {seconds:.1f} s: "
        f"{entries / seconds:.0f} entries/s, {int(kept[1]) // 1024} MiB"
    )
