"""How carefully a run looks at each address: limits, ports, probes and the level rule."""

from django.db.models import QuerySet

from exposure.logic.ports import hints_of, ports_of_interest
from exposure.logic.profiles import Profile
from exposure.logic.vantage_rules import Mode, mode_of, narrower
from exposure.models import (
    Authorisation,
    Endpoint,
    RunTarget,
    Service,
    Vantage,
)
from exposure.probes.registry import probes_for
from exposure.probes.runner import OpenPort

LISTENER = ("banner",)
TLS_ONLY = frozenset({"tls", "tls-versions"})


class Levels:
    """What may be done to the addresses of one run, by where they lie in the plant."""

    def __init__(self, authorisation: Authorisation, profile: Profile) -> None:
        """Read the levels of all addresses that are described."""
        self._more_allowed = authorisation.all_from_inside
        self._widest = Mode.FULL if profile.sweeps else Mode.IDENTIFY_ONLY
        rows = Endpoint.objects.all()
        self._levels: dict[str, float] = {}
        levels = rows.filter(asset__zone__isnull=False).values_list(
            "address", "asset__zone__level"
        )
        for address, level in levels:
            # Two assets behind one address: the deeper one counts.
            self._levels[address] = min(self._levels.get(address, level), level)

    def mode_for(self, address: str, vantage: Vantage) -> Mode:
        """Return how far one address may be looked at from a vantage."""
        level = vantage.zone.level if vantage.zone else None
        rule = mode_of(
            level, self._levels.get(address), more_allowed=self._more_allowed
        )
        return narrower(rule, self._widest)


def known_ports(address: str) -> dict[str, str]:
    """Return the ports that are known to be there, with their protocol or ""."""
    described = Endpoint.objects.filter(address=address, port__isnull=False)
    ports = {str(port): "" for port in described.values_list("port", flat=True)}
    seen = Service.objects.filter(address=address, transport="tcp")
    return ports | {str(row.port): row.protocol for row in seen}


def ports_to_try(target: RunTarget, profile: Profile) -> list[int]:
    """Return which TCP ports are tried on one address.

    Those that the owner named are in; the others as far as the profile goes. Where
    nothing may be swept, only what is known already is touched.
    """
    hinted = set(hints_of(target.port_hints, "tcp"))
    if target.mode != Mode.FULL:
        return sorted(hinted)
    candidates = ports_of_interest([*hinted])
    return [port for port in candidates if port in hinted or port in profile.ports]


def asked_over_udp(targets: QuerySet[RunTarget]) -> QuerySet[RunTarget]:
    """Return those targets that may be asked on ports that nobody knows to be open."""
    return targets.filter(mode=Mode.FULL)


def open_ports(
    target: RunTarget, profile: Profile, consents: frozenset[str]
) -> list[OpenPort]:
    """Return the open ports of an address with the probes that may speak to them."""
    return [
        OpenPort(
            port,
            target.port_hints.get(str(port), ""),
            probes=probe_names(target, profile, port, consents),
        )
        for port in target.open_ports
    ]


def probe_names(
    target: RunTarget, profile: Profile, port: int, consents: frozenset[str]
) -> tuple[str, ...]:
    """Return the names of the probes for one open port, in the order they are run."""
    if target.mode == Mode.LISTEN_ONLY:
        return LISTENER
    hint = target.port_hints.get(str(port), "")
    names = tuple(probe.name for probe in probes_for(port, hint, consents=consents))
    if profile.tls_detail or len(names) == 1:
        return names
    return tuple(name for name in names if name not in TLS_ONLY)
