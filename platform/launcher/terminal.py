"""What the operator reads: progress lines with the seconds, and faults in one line."""

import contextlib
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path


class Fault(Exception):
    """A reason to stop which the operator can act on; the message is the whole story."""

    exit_code = 1


class NotRunning(Fault):
    """The command needs a running product and there is none."""

    exit_code = 3


class Progress:
    """Says what happens, with the seconds since the start in front of each line."""

    def __init__(self, since: float | None = None, *, copy: Path | None = None) -> None:
        """Count from `since` (seconds since the epoch) or now; also write to `copy`."""
        self.since = time.time() if since is None else since
        self.copy = copy

    @property
    def seconds(self) -> float:
        """Return how long it has been, in seconds."""
        return time.time() - self.since

    def say(self, line: str) -> None:
        """Print one line; a reader who has gone away is no reason to stop working."""
        self.show(f"[{self.seconds:5.1f} s] {line}")

    def show(self, text: str) -> None:
        """Print text as it is."""
        if sys.stdout is not None:
            try:
                print(text, flush=True)
            except OSError:
                sys.stdout = None
        if self.copy:
            stamp = datetime.now(tz=UTC).isoformat(timespec="seconds")
            with contextlib.suppress(OSError), self.copy.open("a") as log:
                log.write(f"{stamp} {text}\n")


def table(rows: Iterable[Sequence[str]], *, indent: str = "  ") -> str:
    """Return rows as left-aligned columns."""
    kept = [list(row) for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*kept, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in kept
    )
    return "\n".join(indent + line.rstrip() for line in lines)


def megabytes(size: int) -> str:
    """Return a number of bytes in MiB, for people."""
    amount = size / 2**20
    return f"{amount:.1f} MiB" if amount < 10 else f"{amount:.0f} MiB"
