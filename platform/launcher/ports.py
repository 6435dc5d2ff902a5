"""Says before anything starts that a port is taken, by whom, and what to do."""

import contextlib
import socket
from pathlib import Path

from launcher.processes import PROC, command_line
from launcher.settings import PREFIX, Settings
from launcher.terminal import Fault


def check_ports(settings: Settings) -> None:
    """Raise a Fault for the first port that another program holds."""
    wanted = [("PORT", settings.bind, settings.port)]
    wanted.append(("MAILBOX_PORT", "127.0.0.1", settings.mailbox_port))
    wanted.append(("SMTP_PORT", "127.0.0.1", settings.smtp_port))
    for name, address, port in wanted:
        if reason := _why_not(address, port):
            raise Fault(f"{reason} Choose another port: {PREFIX}{name}={port + 1}")


def _why_not(address: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        # As the servers do: connections that were closed just now are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen(1)
        except PermissionError:
            return f"Port {port} is not open to ordinary users."
        except OSError as error:
            return _taken(address, port, error)
    return None


def _taken(address: str, port: int, error: OSError) -> str:
    if error.strerror and "assign" in error.strerror:
        raise Fault(f"{PREFIX}BIND: this machine has no address {address}.") from error
    holder = _holder(port)
    by = f"by {holder}" if holder else "by another program"
    return f"Port {port} on {address} is taken {by}."


def _holder(port: int) -> str | None:
    """Return 'process 12 (its command)' for who listens on the port, if we may know."""
    inodes = _listening_inodes(port)
    for folder in PROC.glob("[0-9]*/fd"):
        if inodes & _open_files(folder):
            pid = int(folder.parent.name)
            return f"process {pid} ({command_line(pid)[:80]})"
    return None


def _open_files(folder: Path) -> set[str]:
    """Return what a process has open; files come and go while we look."""
    found = set()
    with contextlib.suppress(OSError):
        for link in folder.iterdir():
            with contextlib.suppress(OSError):
                found.add(str(link.readlink()))
    return found


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = Path(PROC, "net", table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            # Columns: local address:port in hex, state (0A listens), ..., inode.
            if words[3] == "0A" and int(words[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{words[9]}]")
    return found
