"""Which ports are taken or listening, found out without connecting to anything."""

import errno
import socket
import struct
from pathlib import Path

_LISTEN = "0A"
_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
_REASONS = {
    errno.EADDRINUSE: "is taken by another program",
    errno.EADDRNOTAVAIL: "is not on an address of this machine",
    errno.EACCES: "may not be opened by this user",
}


def why_not_free(address: str, port: int, *, transport: str) -> str:
    """Say in a sentence why nothing can listen there; "" if it can."""
    with socket.socket(socket.AF_INET, _KINDS[transport]) as trial:
        if transport == "tcp":
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address, port))
        except OSError as error:
            reason = _REASONS.get(error.errno or 0, f"cannot be opened: {error}")
            return f"{transport.upper()} port {port} of {address} {reason}."
    return ""


def is_listening(address: str, port: int, *, transport: str) -> bool:
    """Tell whether a socket of this network namespace listens there.

    For "udp", which has no listening state: whether a socket is bound there. The
    answer comes from the kernel's table (proc(5)), so no connection disturbs a device
    that takes one at a time.
    """
    number = struct.unpack("=I", socket.inet_aton(address))[0]
    wanted = {f"{number:08X}:{port:04X}", f"00000000:{port:04X}"}
    rows = Path(f"/proc/net/{transport}").read_text().splitlines()[1:]
    for row in rows:
        _, local, _, state, *_ = row.split()
        if local in wanted and (transport == "udp" or state == _LISTEN):
            return True
    return False
