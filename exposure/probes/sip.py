"""SIP: which telephone system answers, and what it calls itself.

Source: RFC 3261 section 11 (OPTIONS), RFC 3581 (answer to where this came from).
"""

from collections.abc import Sequence

from exposure.probes.base import Exchange, Fact, Parsed, Probe, Target
from exposure.probes.datagrams import read_answers
from exposure.probes.dialer import Dialer
from exposure.probes.text import visible

_ANSWER = b"SIP/2.0 "
_FINAL = 200
_MOST_LINES = 64


def options(target: Target) -> bytes:
    """Return the request; the name in it is the target's own."""
    where = target.host_header
    lines = (
        f"OPTIONS sip:{where} SIP/2.0",
        "Via: SIP/2.0/UDP exposure-check.invalid;branch=z9hG4bK-exposure-check;rport",
        "Max-Forwards: 70",
        f"To: <sip:{where}>",
        "From: <sip:exposure-check@exposure-check.invalid>;tag=exposure-check",
        "Call-ID: exposure-check@exposure-check.invalid",
        "CSeq: 1 OPTIONS",
        "Contact: <sip:exposure-check@exposure-check.invalid>",
        "Accept: application/sdp",
        "User-Agent: exposure-check",
        "Content-Length: 0",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


async def run(target: Target, *, dialer: Dialer) -> None:
    """Ask for the capabilities. No registration, no call."""
    async with dialer.datagrams(target) as line:
        await line.ask(options(target), answers=_is_final)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the status, what the server calls itself and what it allows."""
    return read_answers(exchanges, _facts)


def _status(datagram: bytes) -> int:
    code = datagram[len(_ANSWER) : len(_ANSWER) + 3]
    is_answer = datagram.startswith(_ANSWER) and len(code) == 3
    return int(code) if is_answer and code.isdigit() else 0


def _is_final(datagram: bytes) -> bool:
    return _status(datagram) >= _FINAL


def _facts(datagram: bytes) -> dict[str, Fact]:
    if not _is_final(datagram):
        return {}
    facts: dict[str, Fact] = {"status": _status(datagram)}
    for line in datagram.split(b"\r\n")[1:_MOST_LINES]:
        name, _, value = line.partition(b":")
        match name.strip().lower():
            case b"server" | b"user-agent":
                facts["product"] = visible(value.strip())
            case b"allow":
                facts["methods"] = visible(value.strip())
            case b"www-authenticate" | b"proxy-authenticate":
                facts["asks_for_password"] = True
    return facts


PROBE = Probe(
    name="sip",
    version=1,
    ports=(5060,),
    is_ot=False,
    messages=(options(Target("192.0.2.1", 5060)),),
    run=run,
    parse=parse,
    transport="udp",
)
