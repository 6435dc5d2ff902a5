"""Firewalls and edge routers by their management pages."""

from exposure.logic.fingerprints.rows import Fingerprint, Kind

NUCLEI = "nuclei-templates, http/exposed-panels: "
ICONS = "sansatart/scrapts, shodan-favicon-hashes.csv"

ROWS: tuple[Fingerprint, ...] = (
    Fingerprint(
        id="fortigate-admin",
        vendor="Fortinet",
        product="FortiGate",
        kind=Kind.FIREWALL,
        shows=("issuer:o=fortinet & path:/login", "subject:o=fortinet,"),
        source="rapid7/recog, xml/x509_subjects.xml",
        confidence="low",
    ),
    Fingerprint(
        id="sonicwall-firewall",
        vendor="SonicWall",
        product="firewall (SonicOS)",
        kind=Kind.FIREWALL,
        shows=(
            "server:sonicwall & title:authentication",
            "title:sonicwall",
            "server:sonicwall",
            "icon:631108382",
            "icon:363324987",
        ),
        source=ICONS,
    ),
    Fingerprint(
        id="checkpoint-gaia",
        vendor="Check Point",
        product="Gaia portal",
        kind=Kind.FIREWALL,
        shows=("title:gaia & server:cpws", "icon:-1822098181"),
        source=ICONS,
    ),
    Fingerprint(
        id="f5-big-ip",
        vendor="F5",
        product="BIG-IP configuration utility",
        kind=Kind.FIREWALL,
        shows=(
            "path:/tmui/login.jsp",
            "title:big-ip&reg;",
            "icon:-335242539",
            "icon:878647854",
        ),
        source=ICONS,
    ),
    Fingerprint(
        id="juniper-srx",
        vendor="Juniper",
        product="Junos web device manager",
        kind=Kind.FIREWALL,
        shows=("title:juniper web device manager", "icon:2141724739"),
        source=ICONS,
    ),
    Fingerprint(
        id="mikrotik-routeros",
        vendor="MikroTik",
        product="RouterOS",
        kind=Kind.FIREWALL,
        shows=(
            "title:routeros router configuration page",
            "title:routeros & body:webfig",
        ),
        source="nuclei-templates, http/iot: routeros-login",
        version=(r"body:RouterOS v([0-9][0-9a-z.]{1,15})",),
    ),
    Fingerprint(
        id="pfsense",
        vendor="Netgate",
        product="pfSense",
        kind=Kind.FIREWALL,
        shows=(
            "title:pfsense",
            "body:pfsense & title:login",
            "icon:1405460984",
            "icon:1015545776",
        ),
        source=ICONS,
    ),
    Fingerprint(
        id="opnsense",
        vendor="Deciso",
        product="OPNsense",
        kind=Kind.FIREWALL,
        shows=("server:opnsense", "title:opnsense", "icon:-1148190371"),
        source=ICONS,
    ),
    Fingerprint(
        id="lancom",
        vendor="LANCOM Systems",
        product="router",
        kind=Kind.FIREWALL,
        shows=("server:lancom", "title:lancom", "icon:-325082670"),
        source=ICONS,
    ),
    Fingerprint(
        id="draytek-vigor",
        vendor="DrayTek",
        product="Vigor router",
        kind=Kind.FIREWALL,
        shows=("title:vigor & body:draytek", "subject:o=draytek", "icon:104189364"),
        source=ICONS,
    ),
)
