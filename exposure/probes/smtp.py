"""Mail: read the greeting, ask what the server can do, say goodbye. No mail is begun.

Source: RFC 5321 and RFC 3207 (STARTTLS). Nothing is sent after the list of abilities
but QUIT; TLS is not begun.
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

HELLO = b"EHLO exposure-check\r\n"
GOODBYE = b"QUIT\r\n"
LONGEST_LINE = 1024
MOST_LINES = 60

_ROW = re.compile(rb"(?m)^(\d{3})([ -])([^\r\n]{0,%d})" % LONGEST_LINE)


async def run(target: Target, *, dialer: Dialer) -> None:
    """Read the greeting, say hello, read the list, leave."""
    async with dialer.connect(target) as line:
        if not (await _reply(line)).startswith(b"220"):
            return
        for message in (HELLO, GOODBYE):
            await line.send(message)
            await _reply(line)


async def _reply(line: Line) -> bytes:
    """Read rows up to the one whose code is followed by a blank; return that one."""
    row = b""
    for _ in range(MOST_LINES):
        row = await line.line(LONGEST_LINE)
        if row[3:4] != b"-":
            break
    return row


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return greeting and abilities, and whether the server offers TLS."""
    said = {turn.sent: turn.received for turn in turns(exchanges)}
    rows = _ROW.findall(said.get(b"", b""))
    if not rows or rows[0][0] not in (b"220", b"421", b"554"):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    banner = b" ".join(text.strip() for _, _, text in rows)
    abilities = _ROW.findall(said.get(HELLO, b""))
    able = bool(abilities) and abilities[0][0] == b"250"
    if not able and b"SMTP" not in banner.upper():
        return Parsed(Outcome.OTHER_PROTOCOL, "", {"banner": visible(banner)})
    facts: dict[str, Fact] = {"banner": visible(banner)}
    if able:
        names = [text.strip().upper() for _, _, text in abilities[1 : MOST_LINES + 1]]
        facts["abilities"] = [visible(name, limit=80) for name in names]
        facts["starttls_offered"] = b"STARTTLS" in names
        facts["sign_in_offered"] = any(name.startswith(b"AUTH") for name in names)
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


PROBE = Probe(
    name="smtp",
    version=1,
    ports=(25, 587, 2525),
    is_ot=False,
    messages=(HELLO, GOODBYE),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
