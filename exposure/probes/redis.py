"""Redis and Valkey: ask for the server section of INFO, which only reads.

Source: the RESP protocol and the INFO command of redis.io and valkey.io. A server with
a password answers NOAUTH, and that ends the conversation; no key is touched.
"""

from collections.abc import Sequence

from exposure.probes.base import (
    IT_CAPS,
    Exchange,
    Fact,
    Level,
    Outcome,
    Parsed,
    Probe,
    Target,
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.line import Garbled
from exposure.probes.text import visible

INFO = b"*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n"
LONGEST_LINE = 1024
KEPT = {
    b"redis_version": "version",
    b"valkey_version": "valkey_version",
    b"redis_mode": "mode",
    b"server_mode": "mode",
    b"os": "system",
}
# How a server says no before it was told who is there.
PASSWORD_WANTED = (b"-NOAUTH", b"-ERR operation not permitted", b"-WRONGPASS")
PROTECTED = b"-DENIED"
NO_RIGHT = b"-NOPERM"


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask once and read the answer."""
    async with dialer.connect(target) as line:
        await line.send(INFO)
        head = await line.line(LONGEST_LINE)
        if head.startswith((b"$", b"=")):
            if not head[1:].strip().isdigit():
                raise Garbled("The length of the answer is no number.")
            await line.exactly(min(int(head[1:]) + 2, dialer.caps.answer_bytes))


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the version where the server gave it, or that it wants a password."""
    answer = {turn.sent: turn.received for turn in turns(exchanges)}.get(INFO, b"")
    if answer.startswith((*PASSWORD_WANTED, PROTECTED, NO_RIGHT)):
        facts: dict[str, Fact] = {
            "product": "Redis or Valkey",
            "answers_without_password": False,
            "refusal": visible(answer.splitlines()[0], limit=120),
        }
        return Parsed(Outcome.IDENTIFIED, "L1", facts)
    head, _, body = answer.partition(b"\r\n")
    rows = dict(_pairs(body))
    if head[:1] not in (b"$", b"=") or not any(key in rows for key in KEPT):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts = {KEPT[k]: visible(v, limit=80) for k, v in rows.items() if k in KEPT}
    if "valkey_version" in facts:
        facts["product"], facts["version"] = "Valkey", facts.pop("valkey_version")
    else:
        facts["product"] = "Redis"
    facts["answers_without_password"] = True
    level: Level = "L2"
    return Parsed(Outcome.IDENTIFIED, level, facts)


def _pairs(body: bytes) -> list[tuple[bytes, bytes]]:
    rows = (row.partition(b":") for row in body.split(b"\r\n")[:200])
    return [(key, value) for key, colon, value in rows if colon]


PROBE = Probe(
    name="redis",
    version=1,
    ports=(6379,),
    is_ot=False,
    messages=(INFO,),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
