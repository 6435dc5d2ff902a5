"""How a plant engineer repeats the probes of further industrial protocols by hand."""

from collections.abc import Mapping

from exposure.probes import (
    ads,
    atg,
    codesys,
    crimson,
    dnp3,
    fins_tcp,
    fox,
    gesrtp,
    hartip,
    mms,
    pcworx,
    proconos,
)
from exposure.probes.steps import PLACEHOLDER, Step, plain

STEPS: Mapping[str, list[Step]] = {
    "dnp3": plain(
        *(
            message
            for address, ask in dnp3.ASK_STATUS.items()
            for message in (ask, dnp3.read_attributes(address))
        )
    ),
    "mms": plain(mms.CONNECT, mms.ASSOCIATE, mms.IDENTIFY),
    "ads": plain(ads.READ_INFO),
    "fins": [
        Step(fins_tcp.TAKE_NODE.hex(), fins_tcp.SERVER_AT, fins_tcp.SERVER_END),
        *plain(fins_tcp.read_controller(PLACEHOLDER)),
    ],
    "fox": plain(fox.HELLO),
    "pcworx": [
        Step(pcworx.OPEN.hex(), pcworx.SESSION_AT, pcworx.SESSION_END),
        *plain(pcworx.register(PLACEHOLDER), pcworx.read_info(PLACEHOLDER)),
    ],
    "proconos": plain(proconos.READ_INFO),
    "crimson": plain(crimson.READ_VENDOR, crimson.READ_MODEL),
    "gesrtp": plain(gesrtp.OPEN),
    "atg": plain(atg.READ_TANKS),
    "codesys": plain(codesys.LOGIN_LITTLE),
    "hartip": plain(hartip.OPEN, hartip.READ_IDENTITY, hartip.CLOSE),
}
_HELLO = fox.HELLO.decode().replace("\n", "\\n").replace("{", "{{").replace("}", "}}")
COMMANDS: Mapping[str, str] = {
    "foxs": f"printf '{_HELLO}'"
    " | openssl s_client -quiet -connect {authority} -servername {name}",
}
_FOX = "fox a 0 -1 fox hello, then name, version and system of the station as text."
EXPECTED: Mapping[str, str] = {
    "dnp3": "Each address is asked twice; most stay silent. 05 64 05 0b is a link status; "
    "81 at the 13th byte of the answer after it is the answer to a read.",
    "mms": "Three answers. 0e at the 8th byte of the second means that a partner without "
    "a password was taken; the third shows maker, model and revision in plain text.",
    "ads": "Four zeros at the 39th byte (no error), the version, and a name in plain text.",
    "fins": "The second answer shows model and version in plain text after 05 01 00 00.",
    "fox": _FOX,
    "foxs": _FOX,
    "pcworx": "Three answers that start with 81. The third shows type and firmware in "
    "plain text.",
    "proconos": "cc, then runtime, controller and project in plain text.",
    "crimson": "Two answers: maker and model in plain text after six bytes.",
    "gesrtp": "56 bytes: 01, and nearly all zeros after it.",
    "atg": "The list of tanks as text. 9999FF means that the command was refused.",
    "codesys": "bb bb, and the operating system in plain text from the 65th byte on. No "
    "answer may mean the other byte order: bb bb 00 00 00 01 01.",
    "hartip": "The fourth byte of the first answer is 00: a session was given. The second "
    "has 06 or 86 at the 9th byte. The session is closed at the end.",
}
