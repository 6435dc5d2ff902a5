"""The weakness checks: versioned, read-only tests over what a probe has proved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from exposure.logic import it_checks, predicates
from exposure.logic.checks_ot import OT_CHECKS
from exposure.logic.checks_udp import UDP_CHECKS
from exposure.logic.grades import Threat
from exposure.logic.predicates import Facts, Verdict
from exposure.logic.weakness import WeaknessCheck as WeaknessCheck  # offered from here

# Probes that ask the same questions over another road.
FAMILIES: Mapping[str, str] = {
    "https": "http",
    "mqtts": "mqtt",
    "foxs": "fox",
    "enip-udp": "enip",
    "fins-udp": "fins",
    "hartip-udp": "hartip",
}


CHECKS: tuple[WeaknessCheck, ...] = (
    WeaknessCheck(
        id="s7-open",
        version=1,
        probe="s7",
        title="{asset} lets anyone read and program it over S7 without a password.",
        gives="control",
        threat=Threat.PUBLIC_POC,
        technique="T0843",
        not_done="No block was read, written or downloaded and the CPU was not stopped.",
        predicate=predicates.s7_open,
    ),
    WeaknessCheck(
        id="modbus-open",
        version=1,
        probe="modbus",
        title="{asset} takes Modbus commands from anyone.",
        gives="control",
        threat=Threat.PUBLIC_POC,
        technique="T0855",
        not_done="One register was asked for; nothing was written.",
        predicate=predicates.modbus_open,
    ),
    WeaknessCheck(
        id="enip-open",
        version=1,
        probe="enip",
        title="{asset} takes EtherNet/IP messages from anyone.",
        gives="control",
        threat=Threat.PUBLIC_POC,
        technique="T0855",
        not_done="Only the identity was read; no tag was read or written.",
        predicate=predicates.enip_open,
    ),
    WeaknessCheck(
        id="opcua-anonymous",
        version=1,
        probe="opcua",
        title="{asset} offers OPC UA sessions without sign-in and without encryption.",
        gives="control",
        threat=Threat.PUBLIC_POC,
        technique="T0861",
        not_done="No session was opened; what an anonymous user may change is unknown.",
        predicate=predicates.opcua_anonymous,
    ),
    WeaknessCheck(
        id="mqtt-anonymous",
        version=1,
        probe="mqtt",
        title="{asset} lets anyone connect to its MQTT broker without a password.",
        gives="nothing",
        threat=Threat.PUBLIC_POC,
        technique="T0801",
        not_done="Only the broker's version was subscribed to; nothing was published.",
        predicate=predicates.mqtt_anonymous,
    ),
    WeaknessCheck(
        id="vnc-no-auth",
        version=1,
        probe="vnc",
        title="{asset} shows its screen to anyone over VNC without a password.",
        gives="control",
        threat=Threat.PUBLIC_POC,
        technique="T0823",
        not_done="No session was opened; the screen was not seen.",
        predicate=predicates.vnc_no_auth,
    ),
    WeaknessCheck(
        id="hmi-no-login",
        version=1,
        probe="http",
        title="{asset} shows an operator panel to anyone without sign-in.",
        gives="control",
        threat=Threat.PUBLIC_POC,
        technique="T0823",
        not_done="Only the start page was fetched; no link or button was used.",
        predicate=predicates.hmi_no_login,
    ),
    WeaknessCheck(
        id="tls-expired",
        version=1,
        probe="tls",
        title="{asset} shows a TLS certificate that has run out.",
        gives="nothing",
        threat=Threat.NONE,
        technique="T0830",
        not_done="Nobody stood between the service and its users.",
        predicate=predicates.tls_expired,
    ),
    WeaknessCheck(
        id="rdp-no-nla",
        version=1,
        probe="rdp",
        title="{asset} opens a Windows sign-in screen to anyone over Remote Desktop.",
        gives="foothold",
        threat=Threat.NONE,
        technique="T0886",
        not_done="No sign-in was tried.",
        predicate=predicates.rdp_no_nla,
    ),
    WeaknessCheck(
        id="iec104-open",
        version=1,
        probe="iec104",
        title="{asset} answers IEC 60870-5-104 to anyone.",
        gives="control",
        threat=Threat.PUBLIC_POC,
        technique="T0855",
        not_done="The data transfer was not started, so no command could be judged.",
        predicate=predicates.iec104_open,
    ),
    *OT_CHECKS,
    *UDP_CHECKS,
    *it_checks.CHECKS,
)
BY_ID: Mapping[str, WeaknessCheck] = {check.id: check for check in CHECKS}


def evaluate(
    facts: Facts, probe: str, *, now: datetime
) -> list[tuple[WeaknessCheck, Verdict]]:
    """Return every check of this probe with its verdict on the facts.

    `facts` come from an identified service. A verdict holds (True), does not hold
    (False) or cannot be told from the facts (None). `now` has a time zone.
    """
    family = FAMILIES.get(probe, probe)
    return [
        (check, check.predicate(facts, now))
        for check in CHECKS
        if check.probe == family
    ]
