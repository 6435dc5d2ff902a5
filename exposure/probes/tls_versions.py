"""TLS: who still takes old versions and weak ciphers. Each question is one message.

The connection ends after the server's first word, so nothing is agreed on. An
industrial host is not asked at all.
"""

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
from exposure.probes.hello import (
    MODERN,
    SSL_3,
    TLS_1_0,
    TLS_1_1,
    TLS_1_2,
    USUAL,
    VERSIONS,
    WEAK,
    ServerChoice,
    client_hello,
    is_alert,
    record_size,
    server_choice,
)
from exposure.probes.line import HungUp

BELOW = {TLS_1_1: TLS_1_0, TLS_1_0: SSL_3}


def version_hello(version: int, name: str = "") -> bytes:
    """Return the message that offers one version and what is older."""
    return client_hello(version, name=name, suites=USUAL)


def weak_hello(name: str = "") -> bytes:
    """Return the message that offers weak ciphers and nothing else."""
    return client_hello(TLS_1_2, name=name, suites=tuple(WEAK))


def newer_hello(name: str = "") -> bytes:
    """Return the message that any server of today answers in some way."""
    return client_hello(TLS_1_2, name=name, suites=MODERN)


def messages_for(name: str) -> tuple[bytes, bytes]:
    """Return the two messages that every server hears."""
    return version_hello(TLS_1_1, name), weak_hello(name)


async def run(target: Target, *, dialer: Dialer) -> None:
    """Offer what is older than TLS 1.2, then weak ciphers, then what the answers need.

    That is a step further down where something old was taken. Where both offers met a
    hang-up it is TLS 1.2: its answer shows that the hang-ups were refusals.
    """
    name = target.server_name
    old_offer, weak_offer = messages_for(name)
    old = await _heard(old_offer, target, dialer=dialer)
    weak = await _heard(weak_offer, target, dialer=dialer)
    chosen = server_choice(old)
    if chosen is not None and chosen.version in BELOW:
        await _heard(version_hello(BELOW[chosen.version], name), target, dialer=dialer)
    elif not weak:
        await _ask(newer_hello(name), target, dialer=dialer)


async def _heard(message: bytes, target: Target, *, dialer: Dialer) -> bytes:
    """Say hello; nothing when the server hung up. Silence ends the probe."""
    try:
        return await _ask(message, target, dialer=dialer)
    except (HungUp, ConnectionError):
        return b""


async def _ask(message: bytes, target: Target, *, dialer: Dialer) -> bytes:
    async with dialer.connect(target) as line:
        await line.send(message)
        return await line.frame(5, size=record_size)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return which old versions and which weak cipher were taken.

    Silence to the last message tells nothing: the facts then leave it out.
    """
    hellos = turns(exchanges)
    if not any(
        is_alert(each.received) or server_choice(each.received) for each in hellos
    ):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {}
    old: set[int] = set()
    for place, (sent, answer) in enumerate(hellos):
        chosen = server_choice(answer)
        # The probe went on after a hang-up, and would not have after silence.
        refused = is_alert(answer) or (not answer and place + 1 < len(hellos))
        if chosen and not _was_offered(chosen, sent):
            facts["anomaly"] = "The server chose what was not on offer."
        elif _offers_weak(sent) and (chosen or refused):
            facts["weak_cipher"] = WEAK[chosen.suite] if chosen else ""
        elif chosen and chosen.version < TLS_1_2:
            old.add(chosen.version)
        elif refused and _newest(sent) == TLS_1_1:
            facts["old_versions"] = []
    if old:
        facts["old_versions"] = [VERSIONS[version] for version in sorted(old)]
    odd = "anomaly" in facts
    return Parsed(Outcome.ANOMALY if odd else Outcome.IDENTIFIED, "L1", facts)


def _was_offered(chosen: ServerChoice, sent: bytes) -> bool:
    suites = WEAK if _offers_weak(sent) else (*MODERN, *USUAL)
    return SSL_3 <= chosen.version <= _newest(sent) and chosen.suite in suites


def _newest(sent: bytes) -> int:
    """Return the newest version that one of our own messages offers."""
    return int.from_bytes(sent[9:11])


def _offers_weak(sent: bytes) -> bool:
    return sent[44:46] == (2 * len(WEAK)).to_bytes(2)


_EXAMPLE = "plant.example"
PROBE = Probe(
    name="tls-versions",
    version=1,
    ports=(443, 4433, 4443, 8043, 8443, 9443, 10443),
    is_ot=False,
    messages=(
        version_hello(TLS_1_1, _EXAMPLE),
        version_hello(TLS_1_0, _EXAMPLE),
        version_hello(SSL_3),
        weak_hello(_EXAMPLE),
        newer_hello(_EXAMPLE),
    ),
    run=run,
    parse=parse,
    caps=IT_CAPS,
    spares_machines=True,
)
