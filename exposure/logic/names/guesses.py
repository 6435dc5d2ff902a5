"""Names worth a try below a zone: words of industry, and variants of names that are known."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

MOST_GUESSES = 1500  # of one zone
MOST_VARIANTS = 6  # of one known label
NUMBERED = re.compile(r"(?P<before>.*?)(?P<number>\d{1,4})(?P<after>\D*)")

# Our own list: what plants, their suppliers and their networks are seen to be called.
_WORDS = """
vpn vpn1 vpn2 sslvpn ssl-vpn remote remote1 remote2 remoteaccess remote-access access
gateway gw gw1 gw2 edge fw firewall firewall1 firewall2 router dialin ras citrix rdp
rds rdgw rdweb ts terminal terminalserver jump jumphost jumpserver bastion connect
extranet partner partners vendor vendors supplier suppliers service services support
fernwartung wartung maintenance teleservice telecontrol teleworker portal portal-old
old-portal owa webmail mail mail1 mail2 smtp imap pop mx mx1 mx2 autodiscover exchange
lync sip voip pbx phone meet chat ftp sftp ftps files file filetransfer transfer share
nas backup backup1 dns dns1 dns2 ns ns1 ns2 ns3 dc dc1 dc2 ad ldap ldaps radius sso
login auth id idp adfs mfa otp ca pki crl ocsp ntp time proxy cache cdn static assets
img media www www1 www2 web web1 web2 web01 web02 intranet app app1 app2 apps api api1
api2 rest test test1 test2 testing dev dev1 develop development stage staging uat qa
pre preprod prod production demo sandbox lab labs old new legacy beta alpha tmp temp
shop store b2b edi erp sap sapgw crm cmms eam mes mes1 mes2 mom lims wms scm plm pdm
qms tms historian hist pi piweb pivision osipi scada scada1 scada2 hmi hmi1 hmi2 hmi01
panel panels plc plc1 plc2 rtu rtu1 rtu2 dcs ics ot otgw ot-gw otvpn ot-vpn otremote
iot iiot iotgw mqtt broker opc opcua opc-ua opcda modbus bacnet bms bas building hvac
chiller boiler ahu energy ems meter meters metering smartmeter power substation ups pdu
generator genset solar pv wind turbine hydro pump pumps pumping well water wastewater
sewage treatment gas oil tank tanks tankfarm pipeline compressor furnace oven kiln
press line line1 line2 line3 lines cell cell1 cell2 machine machines robot robots cnc
packaging filler filling mixer dryer conveyor warehouse asrs agv crane weighbridge
scale scales label labels printer print camera cameras cam cam1 cctv nvr dvr video gate
access-control door doors alarm fire safety sis plant plant1 plant2 plant3 werk werk1
werk2 factory fab site site1 site2 branch office hq north south east west control
controlroom leitstand engineering eng ews workstation station server server1 server2
srv srv1 srv2 host host1 db db1 db2 sql mysql postgres oracle mssql mongo redis elastic
kibana grafana prometheus influx zabbix nagios prtg icinga monitor monitoring status
log logs syslog siem splunk wsus sccm av update updates patch license licensing git
gitlab svn jenkins ci build docker k8s jira wiki confluence docs help helpdesk ticket
tickets esxi vcenter vsphere vm hyperv ilo idrac ipmi kvm switch switch1 wlc wifi wlan
guest guest-wifi lte 4g m2m sim modem moxa ewon talk2m secomea sitemanager gatemanager
ixon mbconnect mguard sinema scalance tosibox teamviewer anydesk vnc webhmi webvisu
webscada webaccess ignition wonderware intouch citect wincc factorytalk ifix cimplicity
zenon movicon promotic webserver dashboard reports reporting report data datahub cloud
azure aws hub sync collector gateway1 gateway2 telemetry telemetrie sensor sensors
weather gis maps track tracking fleet
"""
WORDS = tuple(_WORDS.split())


def guesses(
    zone: str, known: Collection[str], *, most: int = MOST_GUESSES
) -> Iterator[str]:
    """Yield names below `zone` that are not `known`, the likelier ones first.

    Variants of known names come first (their numbers, one up and one down, and a few
    endings), then the words above; no more than `most` in all.

    >>> list(guesses("plant.example", ["vpn1.plant.example"], most=2))
    ['vpn2.plant.example', 'vpn0.plant.example']
    """
    seen, given = set(known), 0
    for label in (*_variants(zone, known), *WORDS):
        name = f"{label}.{zone}"
        if len(label) > 63 or len(name) > 253 or name in seen:
            continue
        if given == most:
            return
        seen.add(name)
        given += 1
        yield name


def _variants(zone: str, known: Collection[str]) -> Iterator[str]:
    below = f".{zone}"
    for name in sorted(known):
        label = name.removesuffix(below)
        if name.endswith(below) and "." not in label and not label.startswith("_"):
            yield from list(_variants_of(label))[:MOST_VARIANTS]


def _variants_of(label: str) -> Iterator[str]:
    if match := NUMBERED.fullmatch(label):
        before, text, after = match.group("before", "number", "after")
        for number in (int(text) + 1, int(text) - 1, int(text) + 2):
            if number >= 0:
                yield f"{before}{number:0{len(text)}}{after}"
        return
    if "-" in label:
        yield label.replace("-", "")
    for ending in ("2", "-old", "-new", "-test", "-dev"):
        yield f"{label}{ending}"
