"""Panels and controllers that show a web page."""

from exposure.logic.fingerprints.rows import Fingerprint, Kind

IOT = "nuclei-templates, http/iot: "
PANELS = "nuclei-templates, http/exposed-panels: "
ICONS = "sansatart/scrapts, shodan-favicon-hashes.csv"

ROWS: tuple[Fingerprint, ...] = (
    Fingerprint(
        id="simatic-hmi",
        vendor="Siemens",
        product="SIMATIC HMI (Miniweb)",
        kind=Kind.HMI,
        shows=(
            "title:miniweb start page",
            "title:simatic hmi",
            "server:simatic hmi",
            "body:welcome on hmi_panel",
        ),
        source=IOT + "siemens-simatic-panel",
        version=(
            r"body:Image version[^V]{0,80}V([0-9][0-9._]{1,15})",
            r"body:Device version V([0-9][0-9.]{1,15})",
        ),
    ),
    Fingerprint(
        id="s7-web",
        vendor="Siemens",
        product="SIMATIC S7 web server",
        kind=Kind.PLC_WEB,
        shows=(
            "path:/portal/portal.mwsl",
            "body:/portal/portal.mwsl",
            "path:/portal0000.htm",
            "cookie:siemens_ad_session",
            "title:simatic s7",
        ),
        source="Siemens manual: S7-1200 and S7-1500 web server",
    ),
    Fingerprint(
        id="logo",
        vendor="Siemens",
        product="LOGO! 8",
        kind=Kind.PLC_WEB,
        shows=("path:/logo_login.shtm", "body:/logo_login.shtm", "title:logo! login"),
        source=IOT + "siemens-logo8-panel",
    ),
    Fingerprint(
        id="easyweb",
        vendor="Weintek",
        product="HMI (EasyWeb)",
        kind=Kind.HMI,
        shows=(
            "title:weintek easyweb",
            "title:easyweb & body:weintek",
            "title:weintek",
        ),
        source="Weintek manual: cMT series, EasyWeb 2.0",
        version=(r"title:EasyWeb ([0-9][0-9.]{0,8})",),
    ),
    Fingerprint(
        id="crimson",
        vendor="Red Lion",
        product="HMI or gateway (Crimson)",
        kind=Kind.HMI,
        shows=(
            "title:red lion & body:crimson",
            "server:crimson",
            "body:red lion controls",
        ),
        source="Red Lion manual: Crimson 3 web server",
        confidence="low",
    ),
    Fingerprint(
        id="unitronics",
        vendor="Unitronics",
        product="UniStream or Vision",
        kind=Kind.HMI,
        shows=("title:unitronics", "title:unistream", "body:unitronics & body:plc"),
        source="Unitronics manual: UniStream web server",
        confidence="low",
    ),
    Fingerprint(
        id="schneider-plc",
        vendor="Schneider Electric",
        product="Modicon web server",
        kind=Kind.PLC_WEB,
        shows=(
            "server:schneider-web",
            "title:factorycast",
            "title:schneider electric telecontrol",
            "body:schneider electric & body:factorycast",
        ),
        source="rapid7/recog, xml/http_servers.xml; Schneider manual: FactoryCast",
        version=(r"server:Schneider-WEB/V?([0-9][0-9.]{0,10})",),
    ),
    Fingerprint(
        id="rockwell-web",
        vendor="Rockwell Automation",
        product="controller or module web page",
        kind=Kind.PLC_WEB,
        shows=(
            "title:rockwell automation",
            "path:/rokform/",
            "body:/rokform/",
        ),
        source="Rockwell manual: 1756-EN2T, web page",
    ),
    Fingerprint(
        id="wago-wbm",
        vendor="WAGO",
        product="Web-based Management",
        kind=Kind.PLC_WEB,
        shows=(
            "title:wago ethernet web-based management",
            "path:/wbm/",
            "title:web-based management & body:wago",
            "body:/wbm/ & body:wago",
        ),
        source=IOT + "wago-webbased-panel",
    ),
    Fingerprint(
        id="beckhoff-device-manager",
        vendor="Beckhoff",
        product="Device Manager",
        kind=Kind.PLC_WEB,
        shows=(
            "title:beckhoff",
            "path:/config/ & body:beckhoff",
            "body:beckhoff device manager",
            "title:ipc diagnostics",
        ),
        source="Beckhoff manual: IPC diagnostics, Device Manager",
        confidence="low",
    ),
    Fingerprint(
        id="phoenix-plcnext",
        vendor="Phoenix Contact",
        product="PLCnext",
        kind=Kind.PLC_WEB,
        shows=("title:plcnext", "path:/wbm/login & body:phoenix contact"),
        source="Phoenix Contact manual: PLCnext, web-based management",
        confidence="low",
    ),
    Fingerprint(
        id="codesys-webvisu",
        vendor="CODESYS",
        product="WebVisu",
        kind=Kind.HMI,
        shows=("title:codesys webvisu", "path:/webvisu.htm", "body:webvisu.htm"),
        source="CODESYS manual: Visualization, web client",
    ),
    Fingerprint(
        id="automationdirect",
        vendor="AutomationDirect",
        product="C-more or Productivity",
        kind=Kind.HMI,
        shows=("title:c-more", "body:automationdirect & title:panel"),
        source=IOT + "automation-direct",
        confidence="low",
    ),
)
