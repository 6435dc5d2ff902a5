"""Which probes may speak to which port."""

from collections.abc import Mapping

from exposure.probes import (
    ads,
    atg,
    bacnet,
    banner,
    codesys,
    crimson,
    dnp3,
    enip,
    fins_tcp,
    fins_udp,
    fox,
    ftp,
    gesrtp,
    hartip,
    hartip_udp,
    http,
    iec104,
    ike,
    ipmi,
    knx,
    ldap,
    melsec,
    mms,
    modbus,
    mongodb,
    moxa,
    mqtt,
    mssql,
    mysql,
    opcua,
    openvpn,
    oracle,
    pcworx,
    postgres,
    proconos,
    rdp,
    redis,
    rtsp,
    s7,
    sip,
    smb,
    smtp,
    snmp,
    ssh,
    telnet,
    tls,
    tls_versions,
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
    mms.PROBE,
    dnp3.PROBE,
    ads.PROBE,
    fins_tcp.PROBE,
    fox.PROBE,
    fox.PROBE_TLS,
    pcworx.PROBE,
    proconos.PROBE,
    crimson.PROBE,
    gesrtp.PROBE,
    atg.PROBE,
    codesys.PROBE,
    hartip.PROBE,
    vnc.PROBE,
    rdp.PROBE,
    ssh.PROBE,
    tls.PROBE,
    http.PROBE,
    http.PROBE_TLS,
    # IT services over TCP. What a page tells of the host comes before old TLS.
    tls_versions.PROBE,
    mqtt.PROBE_TLS,
    telnet.PROBE,
    ftp.PROBE,
    smtp.PROBE,
    smb.PROBE,
    mssql.PROBE,
    mysql.PROBE,
    postgres.PROBE,
    redis.PROBE,
    mongodb.PROBE,
    oracle.PROBE,
    rtsp.PROBE,
    ldap.PROBE,
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

# Every written consent that some probe asks for.
CONSENTS = frozenset(probe.consent for probe in PROBES if probe.consent)

# Industrial ports that no probe here speaks to over TCP. They are listened to, never
# spoken to: BACnet, GE's global data, CODESYS V3, PROFINET, EtherCAT and KNX.
SILENT_OT_PORTS = frozenset({3671, 11740, 18246, 34962, 34963, 34964, 34980, 47808})
OT_PORTS = SILENT_OT_PORTS | {
    port for probe in PROBES if probe.is_ot for port in probe.ports
}
_HINTS = {
    "https": ("tls", "https", "tls-versions"),
    "tls": ("tls", "https", "tls-versions"),
    "mqtts": ("tls", "mqtts"),
    "snmp": ("snmp", "snmp-public"),
}


def probes_for(
    port: int,
    hint: str = "",
    transport: Transport = "tcp",
    consents: frozenset[str] = frozenset(),
) -> tuple[Probe, ...]:
    """Return the probes for an open port, in the order to run them.

    `hint` is a protocol name from an inventory, for services on unusual ports. It never
    sends anything to an industrial port but that port's own protocol. A port that
    nobody knows, or whose probe needs a consent that is not among `consents`, is only
    listened to.
    """
    carried = tuple(
        probe
        for probe in PROBES
        if probe.transport == transport and probe.consent in consents | {""}
    )
    own = tuple(probe for probe in carried if port in probe.ports)
    names = _HINTS.get(hint, (hint,))
    hinted = tuple(probe for name in names for probe in carried if probe.name == name)
    if transport == "udp":  # nothing is heard from who was not asked
        return own or hinted
    if port in OT_PORTS:
        return own or (banner.PROBE,)
    return hinted or own or (banner.PROBE,)


def is_ot_port(port: int, hint: str = "", transport: Transport = "tcp") -> bool:
    """Say whether a host with this port open is treated as an industrial device."""
    return port in OT_PORTS or any(
        probe.is_ot for probe in probes_for(port, hint, transport, CONSENTS)
    )
