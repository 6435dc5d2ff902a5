"""Telnet: refuse every option, read the greeting, type nothing.

Source: RFC 854 and RFC 855. An option that a server offers or asks for is refused, so
that it goes on to its greeting; no letter is ever sent.
"""

import re
from collections.abc import Sequence

from exposure.probes.base import (
    IT_CAPS,
    Direction,
    Exchange,
    Fact,
    Level,
    Outcome,
    Parsed,
    Probe,
    Target,
)
from exposure.probes.dialer import Dialer
from exposure.probes.text import visible

IAC, DONT, DO, WONT, WILL, SUBNEGOTIATION, END = 255, 254, 253, 252, 251, 250, 240
# What we say to an offer and to a demand.
REFUSALS = {WILL: DONT, DO: WONT}
# RFC 2946 and the START_TLS option: the session would be encrypted.
ENCRYPTION = frozenset({38, 46})
# The options that are registered with IANA as of RFC 8000; others stay unanswered.
OPTIONS = range(50)
MOST_ROUNDS = 4
MOST_OPTIONS = 40
LONGEST_PROMPT = 200

_SIGN_IN = re.compile(
    rb"(?:login|log in|user ?name|user|password|passwort|kennwort|benutzer\w*|account|"
    rb"identifiant|passcode)[^\n]{0,40}[:?>]\s*$",
    re.IGNORECASE,
)
_PROMPT = re.compile(rb"[\w)\]~/:.-]\s?[#$>%]\s*$")
_MENU = re.compile(
    rb"(?:\n|^)\s*[\[(<]?[0-9a-z][\])>.:]\s?\S[^\n]*\n.*"
    rb"(?:selection|choice|command|option|enter)[^\n]{0,40}[:?>]\s*$",
    re.IGNORECASE | re.DOTALL,
)


def refusal(verb: int, option: int) -> bytes:
    """Return the three bytes that refuse one option."""
    return bytes([IAC, REFUSALS[verb], option])


async def run(target: Target, *, dialer: Dialer) -> None:
    """Listen; refuse what is on offer; listen again until the service waits."""
    async with dialer.connect(target) as line:
        refused: set[bytes] = set()
        for _ in range(MOST_ROUNDS):
            heard = await line.until_quiet()
            fresh = [each for each in _refusals(heard) if each not in refused]
            if not fresh:
                return
            for each in fresh:
                await line.send(each)
            refused.update(fresh)


def _refusals(heard: bytes) -> list[bytes]:
    asked = [
        (verb, option)
        for verb, option in _split(heard)[0]
        if verb in REFUSALS and option in OPTIONS
    ]
    return [refusal(*pair) for pair in dict.fromkeys(asked)][:MOST_OPTIONS]


def _split(heard: bytes) -> tuple[list[tuple[int, int]], bytes]:
    """Tell negotiation and text apart."""
    found: list[tuple[int, int]] = []
    text = bytearray()
    at = 0
    while at < len(heard):
        if heard[at] != IAC:
            text.append(heard[at])
            at += 1
            continue
        verb = heard[at + 1] if at + 1 < len(heard) else END
        if WILL <= verb <= DONT:
            if at + 2 < len(heard):
                found.append((verb, heard[at + 2]))
            at += 3
        elif verb == SUBNEGOTIATION:
            end = heard.find(bytes([IAC, END]), at)
            at = len(heard) if end < 0 else end + 2
        else:
            at += 2
    return found, bytes(text)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the greeting, and whether a name is asked for before anything else."""
    heard = b"".join(e.data for e in exchanges if e.direction is Direction.RECEIVED)
    commands, text = _split(heard)
    text = text.replace(b"\0", b"").strip()
    state = _state(text)
    known = [(verb, option) for verb, option in commands if option in OPTIONS]
    if not known and not state:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {"banner": visible(text)})
    facts: dict[str, Fact] = {
        "banner": visible(b" ".join(text.split())),
        "negotiated": bool(known),
        "encryption_offered": any(
            verb in REFUSALS and option in ENCRYPTION for verb, option in known
        ),
        "asks_for_sign_in": state == "sign-in",
        "prompt_without_sign_in": state == "prompt",
    }
    level: Level = "L2" if state == "prompt" else "L1"
    return Parsed(Outcome.IDENTIFIED, level, facts)


def _state(text: bytes) -> str:
    """Say what the service waits for: "sign-in", "prompt", or "" when unknown."""
    tail = text[-4 * LONGEST_PROMPT :]
    if _SIGN_IN.search(tail[-LONGEST_PROMPT:]):
        return "sign-in"
    last = tail.rsplit(b"\n", 1)[-1]
    if (last and len(last) < 80 and _PROMPT.search(last)) or _MENU.search(tail):
        return "prompt"
    return ""


PROBE = Probe(
    name="telnet",
    version=1,
    ports=(23, 2323),
    is_ot=False,
    messages=tuple(refusal(v, o) for v in REFUSALS for o in OPTIONS),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
