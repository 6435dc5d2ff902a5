"""What the system knows about processes: who they are, their families, their memory."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Identity:
    """One process for all time: numbers are used again, the start is not."""

    pid: int
    started: str


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name, or [] when it is gone."""
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return []
    # The name stands in brackets and may itself hold spaces and brackets.
    return text.rpartition(")")[2].split()


def _ps(pid: int, column: str) -> str:
    answer = subprocess.run(
        ["ps", "-o", f"{column}=", "-p", str(pid)], capture_output=True, text=True
    )
    return answer.stdout.strip()


def identity(pid: int) -> Identity | None:
    """Return the identity of a living process; a zombie is not one."""
    if PROC.joinpath("self").exists():
        stat = _stat(pid)
        return Identity(pid, stat[19]) if stat and stat[0] != "Z" else None
    started = _ps(pid, "lstart")
    return Identity(pid, started) if started else None


def is_alive(who: Identity) -> bool:
    """Return whether this very process still lives."""
    return identity(who.pid) == who


def command_line(pid: int) -> str:
    """Return the command line of a process, words separated by spaces, or ''."""
    if PROC.joinpath("self").exists():
        try:
            words = (PROC / str(pid) / "cmdline").read_bytes()
        except OSError:
            return ""
        return words.replace(b"\0", b" ").decode(errors="replace").strip()
    return _ps(pid, "command")


def descendants(pid: int) -> list[int]:
    """Return the process and everything it started, itself first."""
    parents: dict[int, list[int]] = {}
    for entry in PROC.glob("[0-9]*"):
        if stat := _stat(int(entry.name)):
            parents.setdefault(int(stat[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def memory(pids: Iterable[int]) -> int:
    """Return the bytes of memory the processes use, shared pages divided fairly (PSS)."""
    total = 0
    for pid in pids:
        try:
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total * 1024


def end_group(who: Identity, *, patience: float) -> None:
    """Ask a process group to end, and kill what is left after `patience` seconds."""
    if is_alive(who):
        signal_group(who, signal.SIGTERM)
        wait_until_gone([who], patience=patience)
    # Also when the leader has gone: its children may have outlived it.
    signal_group(who, signal.SIGKILL)


def signal_group(who: Identity, number: signal.Signals) -> None:
    """Send a signal to the group that a process leads, if the number is still its own."""
    current = identity(who.pid)
    if current not in (None, who):
        return
    try:
        if current is None and not _group_members(who.pid):
            return
        os.killpg(who.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _group_members(group: int) -> list[int]:
    found = []
    for entry in PROC.glob("[0-9]*"):
        stat = _stat(int(entry.name))
        if stat and int(stat[2]) == group and stat[0] != "Z":
            found.append(int(entry.name))
    return found


def wait_until_gone(those: Iterable[Identity], *, patience: float) -> bool:
    """Wait up to `patience` seconds for all to end; return whether they did."""
    until = time.monotonic() + patience
    left = list(those)
    while left and time.monotonic() < until:
        left = [who for who in left if is_alive(who)]
        if left:
            time.sleep(0.05)
    return not left
