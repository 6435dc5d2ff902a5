"""The ports a run looks at: what plants and their edges really expose."""

from collections.abc import Iterable, Mapping
from typing import Final

# Remote access, web, mail, file and database services at the edge.
IT_PORTS: Final = (
    21, 22, 23, 25, 80, 81, 389, 443, 445, 554, 587, 1433, 1521, 1723, 2323, 3000,
    3306, 3389, 4433, 4443, 5432, 5900, 5901, 6379, 8000, 8043, 8080, 8081, 8086, 8088, 8443,
    8883, 9200, 9443, 10443, 27017,
)  # fmt: skip
# Industrial protocols by their registered or usual ports.
OT_PORTS: Final = (
    102, 502, 789, 1200, 1201, 1883, 1911, 1962, 2222, 2404, 2455, 4840, 4911, 5006,
    5007, 5094, 9600, 10001, 11740, 18245, 20000, 20547, 34962, 34964, 44818, 47808, 48898,
)  # fmt: skip
DEFAULT_PORTS: Final = tuple(sorted({*IT_PORTS, *OT_PORTS}))

# What is asked over UDP: SNMP, IKE, IPMI, OpenVPN, KNX, Moxa, SIP, HART-IP, FINS,
# EtherNet/IP, BACnet. A port without a probe of its own is never asked.
UDP_PORTS: Final = (161, 500, 623, 1194, 3671, 4800, 5060, 5094, 9600, 44818, 47808)


def ports_of_interest(hinted: list[int]) -> tuple[int, ...]:
    """Return the ports to try on one address, with those that the owner named.

    >>> 10102 in ports_of_interest([10102])
    True
    """
    return tuple(sorted({*DEFAULT_PORTS, *hinted}))


def udp_ports_of_interest(hinted: Iterable[int]) -> tuple[int, ...]:
    """Return the UDP ports to ask on one address, with those that the owner named.

    >>> 10161 in udp_ports_of_interest([10161])
    True
    """
    return tuple(sorted({*UDP_PORTS, *hinted}))


def hints_of(port_hints: Mapping[str, str], transport: str) -> dict[int, str]:
    """Return {port: protocol} of one transport. "102" is TCP, "47808/udp" is UDP.

    >>> hints_of({"10102": "s7", "10161/udp": "snmp"}, "udp")
    {10161: 'snmp'}
    """
    found = {}
    for text, protocol in port_hints.items():
        port, _, carried_by = text.partition("/")
        if (carried_by or "tcp") == transport and port.isdecimal():
            found[int(port)] = protocol
    return found


def port_name(port: int, transport: str) -> str:
    """Return a port as people write it; TCP goes without saying.

    >>> port_name(102, "tcp"), port_name(47808, "udp")
    ('102', '47808/udp')
    """
    return f"{port}/udp" if transport == "udp" else f"{port}"
