"""Which probes may speak to which port."""

from collections.abc import Mapping

from exposure.probes import (
    banner,
    enip,
    ftp,
    http,
    iec104,
    ldap,
    melsec,
    modbus,
    mongodb,
    mqtt,
    mssql,
    mysql,
    opcua,
    oracle,
    postgres,
    rdp,
    redis,
    rtsp,
    s7,
    smb,
    smtp,
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
)
BY_NAME: Mapping[str, Probe] = {probe.name: probe for probe in PROBES}

# Industrial ports that no probe here speaks to. They are listened to, never spoken to:
# BACnet, DNP3, Fox, FINS, CODESYS, GE-SRTP, HART-IP, ProConOS, Crimson, PCWorx, ADS,
# tank gauges, PROFINET, EtherCAT, KNX and the second MELSEC port.
SILENT_OT_PORTS = frozenset(
    {789, 1200, 1201, 1911, 1962, 2455, 3671, 4911, 5006, 5094, 9600, 10001}
    | {11740, 18245, 18246, 20000, 20547, 34962, 34963, 34964, 34980, 47808, 48898}
)
OT_PORTS = SILENT_OT_PORTS | {
    port for probe in PROBES if probe.is_ot for port in probe.ports
}
_HINTS = {
    "https": ("tls", "https", "tls-versions"),
    "tls": ("tls", "https", "tls-versions"),
    "mqtts": ("tls", "mqtts"),
}


def probes_for(
    port: int, hint: str = "", transport: Transport = "tcp"
) -> tuple[Probe, ...]:
    """Return the probes for an open port, in the order to run them.

    `hint` is a protocol name from an inventory, for services on unusual ports. It never
    sends anything to an industrial port but that port's own protocol. A port that
    nobody knows is only listened to.
    """
    carried = tuple(probe for probe in PROBES if probe.transport == transport)
    own = tuple(probe for probe in carried if port in probe.ports)
    if transport == "udp":  # nothing is heard from who was not asked
        return own or tuple(probe for probe in carried if probe.name == hint)
    if port in OT_PORTS:
        return own or (banner.PROBE,)
    hinted = tuple(
        BY_NAME[name]
        for name in _HINTS.get(hint, (hint,))
        if name in BY_NAME and BY_NAME[name].transport == transport
    )
    return hinted or own or (banner.PROBE,)


def is_ot_port(port: int, hint: str = "", transport: Transport = "tcp") -> bool:
    """Say whether a host with this port open is treated as an industrial device."""
    return port in OT_PORTS or any(
        probe.is_ot for probe in probes_for(port, hint, transport)
    )
