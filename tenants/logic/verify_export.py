"""The command of the auditor's verifier: reads the words, says what was found.

    python3 verify_ledger.py EXPORT [--key KEY] [--checkpoint FILE ...]

EXPORT is the folder or zip file that was exported. KEY is the ledger's public key as you
learned it earlier, not from this export. FILE holds a checkpoint that you kept, such as a
mail. Exit codes: 0 the ledger holds, 1 it does not, 2 it cannot be read.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path

from tenants.logic.check_export import MAX_KEPT, Export, Kept, check
from tenants.logic.proofs import Key, Unreadable, Walk, read_key


def main(words: list[str]) -> int:
    """Check an export and say what was found."""
    parser = argparse.ArgumentParser(description="Verifies an exported ledger.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--key", help="the public key as you learned it earlier")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[])
    options = parser.parse_args(words)
    try:
        export = Export(options.export)
        found = read_key(export.text("key.txt"))
        key = read_key(options.key) if options.key else found
        notes = {str(path): _note_in(path, key) for path in options.checkpoint}
        walk, kept = check(export, key, notes)
    except (Unreadable, OSError) as error:
        return _say(f"Cannot be read: {error}.", 2)
    if found != key:
        walk.problems.insert(0, f"the export carries another key: {found.text()}")
    for problem in walk.problems:
        _say(f"PROBLEM  {problem}.")
    _sum_up(walk, kept)
    if not options.key:
        _say(
            "The key came with the export. Compare it with the one you know: "
            f"{key.text()}"
        )
    if walk.problems:
        return _say("The ledger does NOT hold.", 1)
    if kept.covered < walk.tree.size:
        return _say(
            f"The ledger holds up to entry {kept.covered}. Entries {kept.covered + 1} to "
            f"{walk.tree.size} came after the last checkpoint: nothing proves them yet."
        )
    return _say("The ledger holds.")


def _note_in(path: Path, key: Key) -> str:
    """Return the checkpoint in a file, which may be a whole mail."""
    with path.open("rb") as stream:
        text = stream.read(MAX_KEPT).decode("utf-8", "replace")
    text = text.replace("\r\n", "\n")
    start = 0 if text.startswith(f"{key.name}\n") else text.find(f"\n{key.name}\n") + 1
    return text[start:]


def _sum_up(walk: Walk, kept: Kept) -> None:
    """Say how much there was, and from when to when."""
    first, last = (
        datetime.datetime.fromtimestamp(at // 1_000_000, datetime.timezone.utc)  # noqa: UP017 - older Python
        for at in walk.at
    )
    _say(
        f"{walk.tree.size} entries from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC, "
        f"{kept.count} checkpoints, {len(walk.erased)} details erased."
    )


def _say(text: str, code: int = 0) -> int:
    """Print one line, whatever a forger wrote into it, and return the code."""
    shown = "".join(each if each.isprintable() else "?" for each in text)
    stream = sys.stderr if code == 2 else sys.stdout
    stream.write(shown.encode("ascii", "backslashreplace").decode() + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
