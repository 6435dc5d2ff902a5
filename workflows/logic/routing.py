"""Who must agree on a finding: an ordered table, the first match decides."""

from collections.abc import Callable
from dataclasses import dataclass

BOTH = ("it", "ot")
FIELD_KINDS = frozenset({"plc", "hmi"})
OPERATIONS_KINDS = frozenset({"scada", "ews", "historian"})
REMOTE_KINDS = frozenset({"gateway", "jump"})
FIELD_PROTOCOLS = frozenset(
    {"modbus", "s7", "enip", "bacnet", "dnp3", "iec104", "fox", "opcua", "profinet", "melsec"}
    | {"mms", "ads", "fins", "foxs", "pcworx", "proconos", "crimson", "gesrtp", "atg"}
    | {"codesys", "hartip"}
    | {"enip-udp", "fins-udp", "hartip-udp", "knx", "moxa"}
)  # fmt: skip
OPERATIONS_LEVEL, DMZ_LEVEL = 3.0, 3.5


@dataclass(frozen=True, slots=True)
class Facts:
    """What routing looks at.

    `level` is the Purdue level of the asset's zone, None while nobody has placed it.
    `kind` and `protocol` are codes of the asset and its service. `leads_to_ot` says
    whether a path goes on to a production line; None while none was computed.
    """

    level: float | None
    is_safety: bool
    kind: str
    protocol: str
    leads_to_ot: bool | None


@dataclass(frozen=True, slots=True)
class Route:
    """Who leads, who must answer, and why: `rule` is a code, `reason` a sentence."""

    rule: str
    lead: str
    slots: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class _Rule:
    route: Route
    matches: Callable[[Facts], bool]


def _is_safety(facts: Facts) -> bool:
    return facts.is_safety or facts.kind == "sis"


def _is_field(facts: Facts) -> bool:
    low = facts.level is not None and facts.level < OPERATIONS_LEVEL
    return low or facts.kind in FIELD_KINDS or facts.protocol in FIELD_PROTOCOLS


def _is_operations(facts: Facts) -> bool:
    return facts.level == OPERATIONS_LEVEL or facts.kind in OPERATIONS_KINDS


def _is_remote(facts: Facts) -> bool:
    return facts.level == DMZ_LEVEL or facts.kind in REMOTE_KINDS


def _is_office(facts: Facts) -> bool:
    return facts.level is not None and facts.level > DMZ_LEVEL


TABLE: tuple[_Rule, ...] = (
    _Rule(
        Route(
            "safety",
            "ot",
            (*BOTH, "safety"),
            "It is part of a safety system, so functional safety answers too.",
        ),
        _is_safety,
    ),
    _Rule(
        Route(
            "field",
            "ot",
            BOTH,
            "It controls the process or speaks a control protocol, so OT leads and both sides answer.",
        ),
        _is_field,
    ),
    _Rule(
        Route(
            "operations",
            "ot",
            BOTH,
            "It runs or supervises production (level 3), so OT leads and both sides answer.",
        ),
        _is_operations,
    ),
    _Rule(
        Route(
            "remote_access",
            "it",
            BOTH,
            "It stands between office and plant, so IT leads and both sides answer.",
        ),
        _is_remote,
    ),
    _Rule(
        Route(
            "office_to_plant",
            "it",
            BOTH,
            "It stands in the office network and a path leads on to production, so both sides answer.",
        ),
        lambda facts: _is_office(facts) and facts.leads_to_ot is True,
    ),
    _Rule(
        Route(
            "office",
            "it",
            ("it",),
            "It stands in the office network and no path leads on to production, so IT answers alone.",
        ),
        lambda facts: _is_office(facts) and facts.leads_to_ot is False,
    ),
)
OTHERWISE = Route(
    "unplaced",
    "it",
    BOTH,
    "Nobody has said where it stands, so both sides answer until somebody does.",
)


def route(facts: Facts) -> Route:
    """Return the route of the first rule that matches; otherwise both sides answer.

    >>> route(Facts(None, False, "other", "http", None)).slots
    ('it', 'ot')
    """
    for rule in TABLE:
        if rule.matches(facts):
            return rule.route
    return OTHERWISE
