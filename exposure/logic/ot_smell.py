"""Does this host look like an industrial device? If in doubt, it is treated as one.

Every rule gives a reason in words that finish the sentence "treated as a controller
because ...", so that a plant engineer can check it.
"""

import re
from collections.abc import Mapping, Sequence

# Facts in which a device or its page says what it is. A name that a customer chose for a
# web server ("plant.example") is no word of these lists.
TELLING = (
    "banner",
    "title",
    "server",
    "www_authenticate",
    "subject",
    "issuer",
    "names",
    "vendor",
    "product",
    "product_name",
    "product_uri",
    "application",
    "model",
    "name",
    "description",
    "sys_descr",
)
# Whole words, in small letters. Kinds of devices, then families and makers' own names.
KINDS = frozenset({"plc", "hmi", "scada", "rtu", "dcs", "fieldbus", "profinet"})
FAMILIES = frozenset(
    {"simatic", "sinumerik", "scalance", "sentron", "wincc", "miniweb", "logix"}
    | {"s7", "s7-200", "s7-300", "s7-400", "s7-1200", "s7-1500", "et200"}
    | {"modicon", "magelis", "twido", "vijeo"}
    | {"controllogix", "compactlogix", "micrologix", "panelview", "factorytalk"}
    | {"melsec", "sysmac", "codesys", "twincat", "beckhoff", "wago"}
    | {"axcontrol", "proconos", "centum", "deltav", "experion", "ovation"}
    | {"desigo", "niagara", "jace", "bacnet", "modbus", "ethernet/ip", "dnp3"}
    | {"weintek", "easyweb", "webvisu", "movicon", "zenon", "citect", "ignition"}
    | {"allen-bradley", "rockwell", "schneider", "yokogawa", "moxa", "nport"}
)
WORDS = KINDS | FAMILIES
# The first three bytes of network addresses that makers of controllers own.
MAC_MAKERS: Mapping[str, str] = {
    "00000a": "Omron",
    "0000bc": "Rockwell Automation",
    "000105": "Beckhoff",
    "000e8c": "Siemens",
    "001b1b": "Siemens",
    "001c06": "Siemens",
    "001d9c": "Rockwell Automation",
    "0030de": "WAGO",
    "008063": "Hirschmann",
    "0080f4": "Schneider Electric",
    "0090e8": "Moxa",
    "00a045": "Phoenix Contact",
    "286336": "Siemens",
}
# Kinds of assets in the inventory that are handled with care whatever they answer.
CAREFUL_KINDS = frozenset({"plc", "hmi", "sis", "scada"})
_SPLIT = re.compile(r"[^a-z0-9/-]+")
_PIECES = re.compile(r"[^a-z0-9]+")


def smell_of_port(port: int, *, hint: str = "") -> str:
    """Return the reason that an industrial port gives.

    >>> smell_of_port(502)
    'port 502 is open'
    >>> smell_of_port(10502, hint="modbus")
    'port 10502 is open and expected to speak modbus'
    """
    expected = f" and expected to speak {hint}" if hint else ""
    return f"port {port} is open{expected}"


def smell_of_inventory(kind: str) -> str:
    """Return the reason that the inventory gives; "" when it gives none.

    >>> smell_of_inventory("plc")
    'the inventory calls it a plc'
    """
    return f"the inventory calls it a {kind}" if kind in CAREFUL_KINDS else ""


def smell_of_answer(port: int, protocol: str, *, is_industrial: bool) -> str:
    """Return the reason that an industrial answer on an ordinary port gives."""
    return f"port {port} answers as {protocol}" if is_industrial else ""


def smell_of_facts(facts: Mapping[str, object]) -> str:
    """Return the first word that smells of a plant, with where it stands; "" if none.

    >>> smell_of_facts({"title": "SIMATIC HMI Miniweb"})
    'its title says "simatic"'
    """
    for name in TELLING:
        for text in _texts(facts.get(name)):
            if word := _industrial_word(text):
                return f'its {name.replace("_", " ")} says "{word}"'
    mac = facts.get("mac")
    return smell_of_mac(mac) if isinstance(mac, str) else ""


def smell_of_mac(mac: str) -> str:
    """Return the reason that a network address gives; "" for other makers.

    >>> smell_of_mac("00:1B:1B:12:34:56")
    'its network address belongs to Siemens'
    """
    maker = MAC_MAKERS.get(re.sub(r"[^0-9a-f]", "", mac.lower())[:6], "")
    return f"its network address belongs to {maker}" if maker else ""


def _industrial_word(text: str) -> str:
    lowered = text.lower()
    words = [word for word in _SPLIT.split(lowered) if word]
    pieces = [piece for piece in _PIECES.split(lowered) if piece]
    return next((word for word in (*words, *pieces) if word in WORDS), "")


def _texts(fact: object) -> Sequence[str]:
    if isinstance(fact, str):
        return (fact,)
    if isinstance(fact, list):
        return [each for each in fact if isinstance(each, str)]
    return ()
