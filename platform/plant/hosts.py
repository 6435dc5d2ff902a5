"""What stands in the demo plant: hosts, services, and the weaknesses to fix."""

import os
from dataclasses import dataclass
from pathlib import Path

# The first half of every address; another half lets two plants run on one machine.
NETWORK = os.environ.get("SIGHTLINE_PLANT_NETWORK", "127.77")

CUSTOMER = "Northmill Dairy"
SITE = "Thornby plant"

FIXES = {
    "plc-port": "The boiler house router no longer forwards S7 port 102.",
    "hmi-login": "The line 2 panel HMI-P2 asks for a sign-in.",
    "opcua-anonymous": (
        "SCADA-01 offers signed and encrypted OPC UA only, and asks for a user name."
    ),
}

_CAP_NET_BIND_SERVICE = 1 << 10


@dataclass(frozen=True)
class Service:
    """One protocol on one standard port."""

    protocol: str
    port: int
    transport: str = "tcp"
    closed_by: str = ""
    """The fix under which the port is closed."""
    guarded_by: str = ""
    """The fix under which the service asks who is there."""
    guarded: bool = False
    """Whether it asks who is there even without a fix."""


@dataclass(frozen=True)
class Host:
    """One device of the plant on a loopback address of its own."""

    key: str
    address: str
    role: str
    product: str
    services: tuple[Service, ...]

    @property
    def fixes(self) -> frozenset[str]:
        """Names of the fixes that change this host."""
        names = {name for s in self.services for name in (s.closed_by, s.guarded_by)}
        return frozenset(names - {""})


HOSTS = (
    Host(
        key="VPN-GW-01",
        address=f"{NETWORK}.1.10",
        role="Remote access of the site: browser VPN for staff and suppliers",
        product="Ivanti Connect Secure 22.7R2.3",
        services=(Service("https", 443),),
    ),
    Host(
        key="RTR-UTIL",
        address=f"{NETWORK}.1.14",
        role="Mobile router of the boiler house; forwards a port to the boiler PLC",
        product="Teltonika RUT955; behind port 102 Siemens SIMATIC S7-300 CPU 315-2 PN/DP",
        services=(
            Service("http", 80),
            Service("s7", 102, closed_by="plc-port"),
        ),
    ),
    Host(
        key="HMI-P2",
        address=f"{NETWORK}.1.15",
        role="Operator panel of line 2, pasteuriser 2, published for the machine builder",
        product="Siemens SIMATIC HMI TP1200 Comfort V16",
        services=(
            Service("http", 80, guarded_by="hmi-login"),
            Service("https", 443, guarded_by="hmi-login"),
        ),
    ),
    Host(
        key="JUMP-01",
        address=f"{NETWORK}.1.17",
        role="Jump host between the office and the plant",
        product="OpenSSH 7.4",
        services=(Service("ssh", 22),),
    ),
    Host(
        key="RDS-01",
        address=f"{NETWORK}.1.18",
        role="Remote desktop of the maintenance contractor",
        product="Windows remote desktop with a VNC server",
        services=(Service("rdp", 3389), Service("vnc", 5900)),
    ),
    Host(
        key="WEB-01",
        address=f"{NETWORK}.1.20",
        role="Supplier portal",
        product="nginx 1.18.0",
        services=(Service("http", 80), Service("https", 443)),
    ),
    Host(
        key="SCADA-01",
        address=f"{NETWORK}.2.10",
        role="SCADA server of the dairy",
        product="Inductive Automation Ignition OPC UA Server 8.1.17",
        services=(Service("opcua", 4840, guarded_by="opcua-anonymous"),),
    ),
    Host(
        key="PLC-P21",
        address=f"{NETWORK}.2.11",
        role="Controller of pasteuriser 2, line 2",
        product="Siemens SIMATIC S7-300 CPU 315-2 PN/DP (6ES7 315-2EH14-0AB0)",
        services=(Service("s7", 102),),
    ),
    Host(
        key="PLC-F11",
        address=f"{NETWORK}.2.12",
        role="Controller of filler 1, line 1",
        product="Rockwell Automation ControlLogix 1756-L61/B LOGIX5561",
        services=(Service("enip", 44818),),
    ),
    Host(
        key="PLC-B1M",
        address=f"{NETWORK}.2.13",
        role="Boiler 1 and its energy metering",
        product="Schneider Electric Modicon M340 BMX P34 2020 v2.5",
        services=(Service("modbus", 502),),
    ),
    Host(
        key="HIST-01",
        address=f"{NETWORK}.2.14",
        role="Historian; collects values over MQTT",
        product="aMQTT broker",
        services=(Service("mqtt", 1883),),
    ),
    Host(
        key="OPC-GW-02",
        address=f"{NETWORK}.2.15",
        role="Gateway that hands production counts to the office",
        product="Unified Automation UaGateway 1.5.13",
        services=(Service("opcua", 4840, guarded=True),),
    ),
    Host(
        key="AHU-3",
        address=f"{NETWORK}.2.16",
        role="Air handling unit of the filling hall",
        product="Siemens Desigo PXC4.E16 1.20.35",
        services=(Service("bacnet", 47808, transport="udp"),),
    ),
    Host(
        key="PLC-PAL",
        address=f"{NETWORK}.2.17",
        role="Controller of the palletiser",
        product="Mitsubishi Electric MELSEC iQ-F FX5U-32MT/DS",
        services=(Service("melsec", 5007),),
    ),
    Host(
        key="HMI-F1",
        address=f"{NETWORK}.2.18",
        role="Operator panel of filler 1",
        product="Weintek cMT3092X EasyWeb 2.0",
        services=(Service("http", 80),),
    ),
    Host(
        key="RTU-UTIL",
        address=f"{NETWORK}.2.19",
        role="Remote terminal unit of the transformer station",
        product="IEC 60870-5-104 outstation",
        services=(Service("iec104", 2404),),
    ),
)


def host(key: str) -> Host:
    """Return the host with that key. Unknown: KeyError."""
    return {each.key: each for each in HOSTS}[key]


def actual_port(port: int) -> int:
    """Return the port number that stands in for `port` on this machine.

    A process may bind a port below 1024 if it holds the capability for it or if the
    kernel's first unprivileged port is not above it. Otherwise 10000 is added.
    """
    return port if port >= 1024 or _may_bind(port) else port + 10_000


def _may_bind(port: int) -> bool:
    first = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()
    if port >= int(first):
        return True
    status = Path("/proc/self/status").read_text()
    effective = next(row for row in status.splitlines() if row.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) & _CAP_NET_BIND_SERVICE)
