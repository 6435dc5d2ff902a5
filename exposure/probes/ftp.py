"""FTP: read the greeting and the list of features, then say goodbye. No user name.

Source: RFC 959 and RFC 2389 (FEAT). Servers that want a name first refuse FEAT, and
that is all they hear.
"""

import re
from collections.abc import Sequence

from exposure.probes.base import (
    IT_CAPS,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.line import Line
from exposure.probes.text import visible

FEATURES = b"FEAT\r\n"
SYSTEM = b"SYST\r\n"
GOODBYE = b"QUIT\r\n"
LONGEST_LINE = 1024
MOST_LINES = 60
NOT_UNDERSTOOD = (b"500", b"502")

_REPLY = re.compile(rb"(\d{3})([ -])([^\r\n]{0,%d})" % LONGEST_LINE)


async def run(target: Target, *, dialer: Dialer) -> None:
    """Read the greeting, ask for features and system, leave."""
    async with dialer.connect(target) as line:
        if not (await _reply(line)).startswith(b"220"):
            return
        for message in (FEATURES, SYSTEM, GOODBYE):
            await line.send(message)
            await _reply(line)


async def _reply(line: Line) -> bytes:
    """Read one reply; one of several lines ends with its code and a blank."""
    first = await line.line(LONGEST_LINE)
    last = first
    for _ in range(MOST_LINES):
        if first[3:4] != b"-" or last[:4] == first[:3] + b" ":
            break
        last = await line.line(LONGEST_LINE)
    return first


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return greeting, features and system, and whether TLS is on offer."""
    said = {turn.sent: turn.received for turn in turns(exchanges)}
    greeting = said.get(b"", b"")
    match = _REPLY.match(greeting)
    if match is None or match[1] not in (b"220", b"120", b"421", b"530"):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    banner = b" ".join(m[3].strip() for m in _REPLY.finditer(greeting))
    if _is_mail(banner):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {"banner": visible(banner)})
    facts: dict[str, Fact] = {"banner": visible(banner)}
    features = said.get(FEATURES, b"")
    if features:
        listed = features.startswith(b"211")
        names = [row.strip() for row in features.splitlines()[1:-1]] if listed else []
        facts["features"] = [visible(name, limit=80) for name in names[:MOST_LINES]]
        facts["features_listed"] = listed
        # Without a list of features there is no TLS; "sign in first" tells nothing.
        if listed or features[:3] in NOT_UNDERSTOOD:
            facts["tls_offered"] = any(
                name.upper().startswith(b"AUTH") and b"TLS" in name.upper()
                for name in names
            )
    system = _REPLY.match(said.get(SYSTEM, b""))
    if system is not None and system[1] == b"215":
        facts["system"] = visible(system[3], limit=80)
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


def _is_mail(banner: bytes) -> bool:
    return b"SMTP" in banner.upper()


PROBE = Probe(
    name="ftp",
    version=1,
    ports=(21, 2121),
    is_ot=False,
    messages=(FEATURES, SYSTEM, GOODBYE),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
