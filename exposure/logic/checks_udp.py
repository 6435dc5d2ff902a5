"""The weakness checks of services over UDP."""

from __future__ import annotations

from exposure.logic import predicates_udp
from exposure.logic.grades import Threat
from exposure.logic.weakness import WeaknessCheck

UDP_CHECKS: tuple[WeaknessCheck, ...] = (
    WeaknessCheck(
        id="bacnet-open",
        version=1,
        probe="bacnet",
        title="{asset} takes BACnet requests from anyone.",
        gives="control",
        threat=Threat.PUBLIC_POC,
        technique="T0855",
        not_done="Only who it is was read; no point was read, written or subscribed to.",
        predicate=predicates_udp.bacnet_open,
    ),
    WeaknessCheck(
        id="knx-open",
        version=1,
        probe="knx",
        title="{asset} offers a way onto its KNX bus to anyone.",
        gives="control",
        threat=Threat.PUBLIC_POC,
        technique="T0855",
        not_done="No tunnel was opened and no telegram was sent to the bus.",
        predicate=predicates_udp.knx_open,
    ),
    WeaknessCheck(
        id="snmp-public",
        version=1,
        probe="snmp-public",
        title="{asset} tells anyone about itself over SNMP with the community “public”.",
        gives="nothing",
        threat=Threat.PUBLIC_POC,
        technique="T0888",
        not_done="One description was read; no other community was tried, nothing set.",
        predicate=predicates_udp.snmp_public,
    ),
    WeaknessCheck(
        id="ipmi-no-password",
        version=1,
        probe="ipmi",
        title="{asset} lets anyone into its IPMI management controller.",
        gives="foothold",
        threat=Threat.PUBLIC_POC,
        technique="T0886",
        not_done="No sign-in was tried and no session was opened.",
        predicate=predicates_udp.ipmi_no_password,
    ),
    WeaknessCheck(
        id="ipmi-hashes",
        version=1,
        probe="ipmi",
        title="{asset} offers IPMI 2.0 to anyone, which gives password hashes away.",
        gives="nothing",
        threat=Threat.PUBLIC_POC,
        technique="T0859",
        not_done="No user name was tried and no hash was asked for.",
        predicate=predicates_udp.ipmi_hashes,
    ),
    WeaknessCheck(
        id="sip-exposed",
        version=1,
        probe="sip",
        title="{asset} answers SIP to anyone.",
        gives="nothing",
        threat=Threat.NONE,
        technique="T0888",
        not_done="No registration and no call was tried.",
        predicate=predicates_udp.sip_exposed,
    ),
)
