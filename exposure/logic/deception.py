"""Is this host a decoy? What answers everything proves nothing.

A honeypot, or a firewall that answers for all ports, makes every weakness seem to be
there. What follows from a suspicion is decided elsewhere: the host is left alone, its
evidence counts one grade less, and the reasons are shown.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

# A device speaks one or two industrial protocols, a large gateway three or four.
MOST_INDUSTRIAL_PROTOCOLS = 4
# A busy server speaks a dozen; nothing honest speaks more to a stranger.
MOST_PROTOCOLS = 14
# A gateway answers for another maker's controller; three makers share no address.
MOST_MAKERS = 2
# One odd answer is a poor implementation, two on different ports are a pattern.
ANOMALIES = 2
# The same greeting on many ports comes from one program that fills them all.
SAME_GREETING = 5
# Below this many ports, "every port is open" says nothing.
FEWEST_PORTS = 30
OPEN_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Heard:
    """What one probe heard on one port, as far as it matters here."""

    port: int
    protocol: str
    is_industrial: bool
    identified: bool
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def maker(self) -> str:
        """Return the first word of the maker that the answer names, in small letters."""
        text = str(self.facts.get("vendor") or "")
        return text.split(" ")[0].strip(",.").lower()


def reasons(heard: Sequence[Heard], *, open_ports: int, tried_ports: int) -> list[str]:
    """Return why the host looks like a decoy, in words; [] when it does not.

    `tried_ports` counts the ports that the sweep asked, 0 when that is not known.
    """
    named = [each for each in heard if each.identified]
    industrial = {each.protocol for each in named if each.is_industrial}
    found = [
        _every_port(open_ports, tried_ports),
        _too_many(industrial, MOST_INDUSTRIAL_PROTOCOLS, "industrial protocols"),
        _too_many({each.protocol for each in named}, MOST_PROTOCOLS, "protocols"),
        _makers(named),
        _anomalies(heard),
        _greetings(heard),
    ]
    return [reason for reason in found if reason]


def _every_port(open_ports: int, tried_ports: int) -> str:
    if tried_ports < FEWEST_PORTS or open_ports < OPEN_SHARE * tried_ports:
        return ""
    return f"{open_ports} of the {tried_ports} ports asked are open"


def _too_many(spoken: set[str], most: int, what: str) -> str:
    if len(spoken) <= most:
        return ""
    names = ", ".join(sorted(spoken))
    return f"it speaks {len(spoken)} {what} ({names}), more than a device does"


def _makers(named: Iterable[Heard]) -> str:
    makers = {each.maker for each in named if each.is_industrial and each.maker}
    if len(makers) <= MOST_MAKERS:
        return ""
    return f"it claims to be of {len(makers)} makers ({', '.join(sorted(makers))})"


def _anomalies(heard: Iterable[Heard]) -> str:
    odd = sorted({each.port for each in heard if each.facts.get("anomaly")})
    if len(odd) < ANOMALIES:
        return ""
    ports = ", ".join(map(str, odd))
    return f"its answers on ports {ports} are ones that the protocols forbid"


def _greetings(heard: Iterable[Heard]) -> str:
    # Each port once, however many probes heard the greeting there.
    said = {(each.port, str(each.facts.get("banner") or "")) for each in heard}
    for text, count in Counter(text for _, text in said if text).most_common(1):
        if count >= SAME_GREETING:
            return f'{count} ports greet with the same words "{text[:40]}"'
    return ""
