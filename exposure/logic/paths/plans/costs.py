"""What a change costs when nobody has said so: one table, of assumptions only."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from exposure.logic.paths.policy import ScoringPolicy
from exposure.logic.paths.snapshot import VendorAccessRow

VERSION = "costs-1"


class ChangeKind(StrEnum):
    """What kind of work a change is."""

    PATCH = "patch"
    REMOVE = "remove"
    MFA = "mfa"
    CLOSE = "close"
    SEGMENT = "segment"
    CONTROL = "control"
    VENDOR = "vendor"


WORDS = {
    ChangeKind.PATCH: "Fix",
    ChangeKind.REMOVE: "Turn off",
    ChangeKind.MFA: "Second factor on",
    ChangeKind.CLOSE: "Close",
    ChangeKind.SEGMENT: "Split",
    ChangeKind.CONTROL: "Guard",
    ChangeKind.VENDOR: "Open only on request:",
}
"""How a change of a kind begins when people read it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """`hours` of engineering; `downtime` hours of each line that the subject runs."""

    hours: float
    downtime: float


# Fixing a weakness, by what the asset is: a controller is stopped, loaded and tested.
PATCH = {
    "plc": Cost(hours=8, downtime=4),
    "sis": Cost(hours=40, downtime=16),
    "hmi": Cost(hours=6, downtime=2),
    "scada": Cost(hours=12, downtime=2),
    "ews": Cost(hours=4, downtime=0),
    "historian": Cost(hours=4, downtime=0),
    "gateway": Cost(hours=3, downtime=0),
    "router": Cost(hours=3, downtime=0.5),
    "jump": Cost(hours=2, downtime=0),
    "server": Cost(hours=3, downtime=0),
    "other": Cost(hours=4, downtime=1),
}

# Turning a service off. Not offered where the process itself uses it.
REMOVE = {
    "hmi": Cost(hours=2, downtime=0.5),
    "scada": Cost(hours=4, downtime=1),
    "ews": Cost(hours=1, downtime=0),
    "historian": Cost(hours=2, downtime=0),
    "gateway": Cost(hours=2, downtime=0),
    "router": Cost(hours=1, downtime=0),
    "jump": Cost(hours=1, downtime=0),
    "server": Cost(hours=2, downtime=0),
    "other": Cost(hours=2, downtime=0.5),
}

# What is the same on every kind of asset.
MFA = Cost(hours=16, downtime=0)
CLOSE = Cost(hours=2, downtime=0)
SEGMENT = Cost(hours=40, downtime=2)
GUARD = Cost(hours=8, downtime=0)
VENDOR = Cost(hours=6, downtime=0)


def cost_table() -> str:
    """Return the table as docs/method.md prints it: by device, then the rest.

    What a change leaves is of the scoring policy; printed is that of the first one.
    """
    devices = (
        (device, *_hours(fix), *_hours(REMOVE.get(device)))
        for device, fix in PATCH.items()
    )
    policy = ScoringPolicy()
    on_request = policy.left_on_request(VendorAccessRow("", ""))
    others = (
        ("second factor for a sign-in or a vendor", MFA, policy.mfa_factor),
        ("open a vendor's access only on request", VENDOR, on_request),
        ("close a conduit", CLOSE, 0.0),
        ("guard a conduit with a control", GUARD, policy.control_factor),
        ("guard a weakness with a control", GUARD, policy.finding_control_factor),
        ("split a zone", SEGMENT, 0.0),
    )
    rest = ((what, *_hours(cost), f"{100 * keep:.0f} %") for what, cost, keep in others)
    return "\n".join(
        (
            _table(
                (
                    "device",
                    "fix, h",
                    "line stops, h",
                    "service off, h",
                    "line stops, h",
                ),
                devices,
            ),
            _table(("change", "work, h", "line stops, h", "leaves"), rest),
        )
    )


def _hours(cost: Cost | None) -> tuple[str, str]:
    return (f"{cost.hours:g}", f"{cost.downtime:g}") if cost else ("not offered", "")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
