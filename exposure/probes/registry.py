"""Which probes may speak to which port."""

from collections.abc import Mapping

from exposure.probes import (
    bacnet,
    banner,
    enip,
    fins_udp,
    hartip_udp,
    http,
    iec104,
    ike,
    ipmi,
    knx,
    melsec,
    modbus,
    moxa,
    mqtt,
    opcua,
    openvpn,
    rdp,
    s7,
    sip,
    snmp,
    ssh,
    tls,
    vnc,
)
from exposure.probes.base import Probe, Transport

PROBES: tuple[Probe, ...] = (
    modbus.PROBE,
    s7.PROBE,
    enip.PROBE,
    opcua.PROBE,
    iec104.PROBE,
    melsec.PROBE,
    mqtt.PROBE,
    vnc.PROBE,
    rdp.PROBE,
    ssh.PROBE,
    tls.PROBE,
    http.PROBE,
    http.PROBE_TLS,
    banner.PROBE,
    # Over UDP.
    bacnet.PROBE,
    enip.PROBE_UDP,
    fins_udp.PROBE,
    hartip_udp.PROBE,
    knx.PROBE,
    moxa.PROBE,
    snmp.PROBE,
    snmp.PROBE_PUBLIC,
    ipmi.PROBE,
    ike.PROBE,
    openvpn.PROBE,
    sip.PROBE,
)
BY_NAME: Mapping[str, Probe] = {probe.name: probe for probe in PROBES}

# Industrial ports that no probe here speaks to over TCP. They are listened to, never
# spoken to: BACnet, DNP3, Fox, FINS, CODESYS, GE-SRTP, HART-IP, ProConOS, Crimson,
# PCWorx, ADS, tank gauges, PROFINET, EtherCAT, KNX and the second MELSEC port.
SILENT_OT_PORTS = frozenset(
    {789, 1200, 1201, 1911, 1962, 2455, 3671, 4911, 5006, 5094, 9600, 10001}
    | {11740, 18245, 18246, 20000, 20547, 34962, 34963, 34964, 34980, 47808, 48898}
)
OT_PORTS = SILENT_OT_PORTS | {
    port for probe in PROBES if probe.is_ot for port in probe.ports
}
_HINTS = {
    "https": ("tls", "https"),
    "tls": ("tls", "https"),
    "snmp": ("snmp", "snmp-public"),
}
_EVERY_CONSENT = frozenset(probe.consent for probe in PROBES)


def probes_for(
    port: int,
    hint: str = "",
    transport: Transport = "tcp",
    consents: frozenset[str] = frozenset(),
) -> tuple[Probe, ...]:
    """Return the probes for an open port, in the order to run them.

    `hint` is a protocol name from an inventory, for services on unusual ports. It never
    sends anything to an industrial port but that port's own protocol. A port that
    nobody knows is only listened to. A probe that needs a consent is left out where
    `consents` does not hold it.
    """
    carried = tuple(
        probe
        for probe in PROBES
        if probe.transport == transport
        and (not probe.consent or probe.consent in consents)
    )
    own = tuple(probe for probe in carried if port in probe.ports)
    hinted = _HINTS.get(hint, (hint,))
    if transport == "udp":  # nothing is heard from who was not asked
        return own or tuple(probe for probe in carried if probe.name in hinted)
    if port in OT_PORTS:
        return own or (banner.PROBE,)
    named = tuple(probe for name in hinted for probe in carried if probe.name == name)
    return named or own or (banner.PROBE,)


def is_ot_port(port: int, hint: str = "", transport: Transport = "tcp") -> bool:
    """Say whether a host with this port open is treated as an industrial device."""
    return port in OT_PORTS or any(
        probe.is_ot for probe in probes_for(port, hint, transport, _EVERY_CONSENT)
    )
