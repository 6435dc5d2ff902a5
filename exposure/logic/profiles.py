"""How carefully a run looks: named and versioned, so that every run says which it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from exposure.logic.ports import DEFAULT_PORTS, OT_PORTS

# Remote access and sign-in pages: what an outsider tries first.
EDGE_PORTS: Final = (22, 23, 80, 443, 3389, 4433, 5900, 8080, 8443, 9443, 10443)


@dataclass(frozen=True, slots=True)
class Profile:
    """The ceilings and the reach of one way to look.

    `packets_per_second` counts connections opened by the sweep, over all hosts;
    `per_host` the same for one host; `half_open` sockets that wait for an answer at
    once. `ports` are tried on every address, beside those that the owner named.
    `hosts_at_once` are identified side by side, each over one connection. Without
    `tls_detail` a port that answers over TLS is asked for its page only and not for its
    certificate by a connection of its own. Without `sweeps` only ports are touched that
    are known already. `udp` says whether datagrams may be sent at all.

    A change of any number is a new `version`: a run keeps name and version.
    """

    name: str
    label: str
    version: int
    packets_per_second: int
    per_host: float
    half_open: int
    ports: tuple[int, ...]
    udp: bool
    hosts_at_once: int
    tls_detail: bool
    sweeps: bool = True

    def rate_within(self, allowed: int) -> int:
        """Return the connections a second under an authorisation's own limit.

        >>> NORMAL.rate_within(50), GENTLE.rate_within(500)
        (50, 50)
        """
        return min(self.packets_per_second, allowed)

    def words(self) -> str:
        """Return what it does, in one line for people.

        >>> GENTLE.words()
        '38 ports, at most 50 connections a second, 5 to one host'
        """
        ports = f"{len(self.ports)} ports" if self.sweeps else "known ports only"
        return (
            f"{ports}, at most {self.packets_per_second} connections a second, "
            f"{self.per_host:g} to one host"
        )


NORMAL: Final = Profile(
    name="normal",
    label="Normal",
    version=1,
    packets_per_second=1000,
    per_host=40.0,
    half_open=500,
    ports=DEFAULT_PORTS,
    udp=True,
    hosts_at_once=16,
    tls_detail=True,
)
GENTLE: Final = Profile(
    name="gentle",
    label="Gentle",
    version=1,
    packets_per_second=50,
    per_host=5.0,
    half_open=50,
    ports=tuple(sorted({*EDGE_PORTS, *OT_PORTS})),
    udp=False,
    hosts_at_once=4,
    tls_detail=False,
)
IDENTIFY_ONLY: Final = Profile(
    name="identify",
    label="Identify only",
    version=1,
    packets_per_second=20,
    per_host=2.0,
    half_open=20,
    ports=(),
    udp=False,
    hosts_at_once=2,
    tls_detail=True,
    sweeps=False,
)
PROFILES: Final[Mapping[str, Profile]] = {
    each.name: each for each in (NORMAL, GENTLE, IDENTIFY_ONLY)
}


def profile_named(name: str) -> Profile:
    """Return a profile; one that is not known any more is as careful as can be.

    >>> profile_named("of old").name
    'identify'
    """
    return PROFILES.get(name, IDENTIFY_ONLY)
