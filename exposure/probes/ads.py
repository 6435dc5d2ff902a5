"""Beckhoff ADS: read name and version of the device over AMS/TCP (command 1).

Source: Beckhoff Information System, TwinCAT ADS, "AMS/TCP packet" and "ADS Read Device
Info". A controller answers only stations that have a route to it: silence is normal.
"""

import struct
from collections.abc import Sequence

from exposure.probes.base import (
    ECHO,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
    echoes,
    heard,
)
from exposure.probes.dialer import Dialer
from exposure.probes.text import label

READ_DEVICE_INFO = 1
# AMS/TCP header; net id 127.0.0.1.1.1 port 10000 (system service) from port 32905;
# command 1, a request, no data, no error, number 1.
READ_INFO = bytes.fromhex(
    "0000200000007f000001010110277f0000010101898001000400000000000000000001000000"
)
NUMBER = 1

TCP_HEADER, HEADER = 6, 38
IS_ANSWER = 0x0001


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask for the device info and read the answer."""
    async with dialer.connect(target) as line:
        await line.send(READ_INFO)
        await line.frame(TCP_HEADER, size=_frame_size)


def _frame_size(header: bytes) -> int:
    return TCP_HEADER + int.from_bytes(header[2:6], "little")


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return name and version, or the error with which the router refused."""
    if echoes(exchanges):
        return ECHO
    answer = heard(exchanges)
    if len(answer) < HEADER or answer[:2] != b"\0\0":
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    command, flags, _, error, number = struct.unpack("<HHIII", answer[22:38])
    if command != READ_DEVICE_INFO or not flags & IS_ANSWER:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"vendor": "Beckhoff", "net_id": _net_id(answer[14:20])}
    if number != NUMBER:
        facts["anomaly"] = "It answered a question that was not asked."
        return Parsed(Outcome.ANOMALY, "L1", facts)
    error = error or int.from_bytes(answer[38:42], "little")
    facts["ads_error"] = error
    if error or len(answer) < 47:
        return Parsed(Outcome.IDENTIFIED, "L1", facts)
    major, minor, build = struct.unpack("<BBH", answer[42:46])
    facts |= {
        "product": label(answer[46:62]),
        "version": f"{major}.{minor}.{build}",
        "read_answered": True,
    }
    return Parsed(Outcome.IDENTIFIED, "L2", facts)


def _net_id(data: bytes) -> str:
    return ".".join(str(part) for part in data)


PROBE = Probe(
    name="ads",
    version=1,
    ports=(48898,),
    is_ot=True,
    messages=(READ_INFO,),
    run=run,
    parse=parse,
)
