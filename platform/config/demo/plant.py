"""The demo plant as its people would describe it; the hosts themselves are real."""

from dataclasses import dataclass

from exposure.logic.priority import Mission, Safety
from exposure.models import AssetKind, Basis, Opened


@dataclass(frozen=True, slots=True)
class ZoneText:
    """A zone and its Purdue level."""

    name: str
    level: float
    is_safety: bool = False


@dataclass(frozen=True, slots=True)
class LineText:
    """A line with what an hour of stop costs, in euro."""

    name: str
    description: str
    hourly_cost: int
    safety: Safety
    mission: Mission


@dataclass(frozen=True, slots=True)
class AssetText:
    """An asset; `address` is the second half of where it answers, `port` if only there."""

    name: str
    zone: str
    kind: AssetKind
    description: str
    address: str = ""
    port: int | None = None
    line: str = ""
    sends_packets: bool = True


@dataclass(frozen=True, slots=True)
class ConduitText:
    """A way between zones ("" is the internet), or to one asset."""

    name: str
    from_zone: str
    to_zone: str
    basis: Basis
    source: str
    ports: tuple[int, ...] = ()
    to_asset: str = ""


@dataclass(frozen=True, slots=True)
class CredentialText:
    """A sign-in by what it is called: on which assets it is kept, what it opens."""

    name: str
    held_on: tuple[str, ...]
    opens: tuple[str, ...]
    basis: Basis
    source: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class VendorText:
    """A vendor's remote access to one asset; `days` until its last day, None for no end."""

    vendor: str
    entry: str
    to_asset: str
    ports: tuple[int, ...]
    opened: Opened
    source: str
    conduit: str = ""
    mfa: bool = False
    days: int | None = None


OFFICE = "Office and internet edge"
DMZ = "Plant DMZ"
OPERATIONS = "Site operations"
SUPERVISORY = "Supervisory network"
CELL_1 = "Line 1 cell"
CELL_2 = "Line 2 cell"
UTILITIES = "Utilities"
SAFETY = "Safety systems"

ZONES = (
    ZoneText(OFFICE, 4),
    ZoneText(DMZ, 3.5),
    ZoneText(OPERATIONS, 3),
    ZoneText(SUPERVISORY, 2),
    ZoneText(CELL_1, 1),
    ZoneText(CELL_2, 1),
    ZoneText(UTILITIES, 1),
    ZoneText(SAFETY, 1, is_safety=True),
)

PASTEURISER, FILLER, BOILER = "Pasteuriser 2", "Filler 1", "Boiler house"
LINES = (
    LineText(PASTEURISER, "38 000 l a day", 4200, Safety.CRITICAL, Mission.MEF_FAILURE),
    LineText(
        FILLER, "24 000 packs an hour", 3100, Safety.MARGINAL, Mission.MEF_FAILURE
    ),
    LineText(
        BOILER, "6 t steam an hour", 6800, Safety.CRITICAL, Mission.MISSION_FAILURE
    ),
)

PLC, HMI = AssetKind.PLC, AssetKind.HMI
ASSETS = (
    AssetText("VPN-GW-01", OFFICE, AssetKind.GATEWAY, "Browser VPN", "1.10"),
    AssetText("WEB-01", OFFICE, AssetKind.SERVER, "Supplier portal", "1.20"),
    AssetText("JUMP-01", DMZ, AssetKind.JUMP, "Jump host", "1.17"),
    AssetText("RDS-01", DMZ, AssetKind.SERVER, "Contractor's remote desktop", "1.18"),
    AssetText("EWS-02", OPERATIONS, AssetKind.EWS, "Engineering station"),
    AssetText("HIST-01", OPERATIONS, AssetKind.HISTORIAN, "Historian", "2.14"),
    AssetText("OPC-GW-02", OPERATIONS, AssetKind.SERVER, "Production counts", "2.15"),
    AssetText("HMI-P2", SUPERVISORY, HMI, "Panel of line 2", "1.15"),
    AssetText("HMI-F1", SUPERVISORY, HMI, "Panel of filler 1", "2.18"),
    AssetText("SCADA-01", SUPERVISORY, AssetKind.SCADA, "SCADA server", "2.10"),
    AssetText(
        "PLC-P21",
        CELL_2,
        PLC,
        "S7-300 of pasteuriser 2",
        "2.11",
        line=PASTEURISER,
        sends_packets=False,
    ),
    AssetText(
        "PLC-F11",
        CELL_1,
        PLC,
        "ControlLogix of filler 1",
        "2.12",
        line=FILLER,
        sends_packets=False,
    ),
    AssetText(
        "PLC-PAL",
        CELL_1,
        PLC,
        "FX5U of the palletiser",
        "2.17",
        sends_packets=False,
    ),
    AssetText("RTR-UTIL", UTILITIES, AssetKind.ROUTER, "Boiler house router", "1.14"),
    AssetText(
        "PLC-B1",
        UTILITIES,
        PLC,
        "S7-300 behind RTR-UTIL",
        "1.14",
        port=102,
        line=BOILER,
        sends_packets=False,
    ),
    AssetText(
        "PLC-B1M",
        UTILITIES,
        PLC,
        "Modicon M340, boiler metering",
        "2.13",
        sends_packets=False,
    ),
    AssetText(
        "RTU-UTIL",
        UTILITIES,
        AssetKind.OTHER,
        "Transformer station",
        "2.19",
        sends_packets=False,
    ),
    AssetText(
        "AHU-3",
        UTILITIES,
        AssetKind.OTHER,
        "Air handling of the filling hall",
        "2.16",
        sends_packets=False,
    ),
    AssetText(
        "SIS-P2",
        SAFETY,
        AssetKind.SIS,
        "Safety system of pasteuriser 2",
        sends_packets=False,
    ),
)

CONDUITS = (
    ConduitText(
        "Boiler forward",
        "",
        "",
        Basis.IMPORTED,
        "Router configuration, uploaded on 12 November",
        ports=(102,),
        to_asset="PLC-B1",
    ),
    ConduitText(
        "Rule 22",
        DMZ,
        "",
        Basis.IMPORTED,
        "Firewall export of 14 November, user any",
        ports=(3389, 445),
        to_asset="EWS-02",
    ),
    ConduitText(
        "Rule 31",
        OPERATIONS,
        SUPERVISORY,
        Basis.IMPORTED,
        "Firewall export of 14 November",
        ports=(4840,),
    ),
    ConduitText(
        "Panels to line 2",
        SUPERVISORY,
        CELL_2,
        Basis.OBSERVED,
        "Capture at the line 2 switch, 10 to 14 November",
        ports=(102,),
    ),
    ConduitText(
        "SCADA to line 1",
        SUPERVISORY,
        CELL_1,
        Basis.IMPORTED,
        "Network drawing of 3 October",
        ports=(44818, 5007),
    ),
    ConduitText(
        "Office to operations",
        OFFICE,
        OPERATIONS,
        Basis.ASSUMED,
        "Nobody has confirmed it yet",
        ports=(1883,),
    ),
)

CREDENTIALS = (
    CredentialText(
        "Maintenance contractor",
        ("RDS-01",),
        ("EWS-02",),
        Basis.IMPORTED,
        "Otto Brandt, list of sign-ins of 12 November",
    ),
    CredentialText(
        "Service sign-in of the panels",
        ("HMI-P2", "EWS-02"),
        ("HMI-P2", "HMI-F1"),
        Basis.ASSUMED,
        "The panels came with one; nobody remembers changing it",
        shared=True,
    ),
)

VENDORS = (
    VendorText(
        "Boiler maker",
        "RTR-UTIL",
        "PLC-B1",
        (102,),
        Opened.ALWAYS,
        "Service contract of the boiler house",
        conduit="Boiler forward",
    ),
    VendorText(
        "Builder of filler 1",
        "VPN-GW-01",
        "HMI-F1",
        (80,),
        Opened.ON_REQUEST,
        "Otto Brandt, list of remote accesses of 12 November",
        mfa=True,
        days=90,
    ),
)
