"""TLS: one whole handshake for the certificate, then who still takes what is old.

Old versions and weak ciphers are accepted, because the point is to see them. On a host
with an industrial port there is one handshake and nothing else.
"""

import ssl
from collections.abc import Sequence

from exposure.probes import certificate
from exposure.probes.base import (
    IT_CAPS,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
    Turn,
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.hello import (
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
from exposure.probes.line import HungUp, TlsTerms

# OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT; the ssl module names it from Python 3.12 on.
LEGACY_SERVER_CONNECT = 0x4
INSIDE = ("h2", "http/1.1")
# With the handshake four connections.
MOST_HELLOS = 3
BELOW = {TLS_1_2: TLS_1_1, TLS_1_1: TLS_1_0, TLS_1_0: SSL_3}
# How OpenSSL names what was agreed on.
AGREED = {"TLSv1.3": 0x0304, "TLSv1.2": TLS_1_2, "TLSv1.1": TLS_1_1, "TLSv1": TLS_1_0}
# What OpenSSL says when only a version that it does not speak would do.
TOO_OLD = ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "WRONG_SSL_VERSION")


def any_tls(*, protocols: Sequence[str] = ()) -> ssl.SSLContext:
    """Return a client that takes every version and certificate, and trusts none.

    `protocols` are offered for what is spoken inside (ALPN).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= LEGACY_SERVER_CONNECT
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def weak_hello(name: str = "") -> bytes:
    """Return the message that offers weak ciphers and nothing else."""
    return client_hello(TLS_1_2, name=name, suites=tuple(WEAK))


def version_hello(version: int, name: str = "") -> bytes:
    """Return the message that offers one version and what is older."""
    return client_hello(version, name=name, suites=USUAL)


async def run(target: Target, *, dialer: Dialer) -> None:
    """Shake hands; then offer older versions, and weak ciphers, one at a time."""
    try:
        async with dialer.connect(target, tls=any_tls(protocols=INSIDE)) as line:
            agreed = AGREED.get(dialer.record_terms(line).version, TLS_1_0)
    except ssl.SSLError as error:
        if error.reason not in TOO_OLD or dialer.is_gentle:
            raise
        await _choice(version_hello(SSL_3), target, dialer=dialer)
        return
    if not dialer.is_gentle:
        await _ladder(agreed, target, dialer=dialer)


async def _ladder(agreed: int, target: Target, *, dialer: Dialer) -> None:
    """Go down from what was agreed on, until something is refused; weak ones last."""
    left, name = MOST_HELLOS - 1, target.server_name
    ask = BELOW.get(agreed, TLS_1_1)
    while ask and left:
        left -= 1
        chosen = await _choice(version_hello(ask, name), target, dialer=dialer)
        ask = BELOW.get(chosen.version, 0) if chosen else 0
    if left and agreed > TLS_1_2:
        await _choice(version_hello(TLS_1_2, name), target, dialer=dialer)
    await _choice(weak_hello(name), target, dialer=dialer)


async def _choice(
    message: bytes, target: Target, *, dialer: Dialer
) -> ServerChoice | None:
    """Say hello; None when the server refused. Silence ends the probe."""
    heard = b""
    async with dialer.connect(target) as line:
        await line.send(message)
        try:
            heard = await line.frame(5, size=record_size)
        except (HungUp, ConnectionError):
            return None
    return server_choice(heard)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return the agreement, the certificate, and which old or weak offers were taken."""
    first, *hellos = turns(exchanges) or [Turn(b"", b"")]
    if first.sent:
        return _only_old(first)
    try:
        terms = TlsTerms.from_bytes(first.received)
    except ValueError:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"tls_version": terms.version, "cipher": terms.cipher}
    if terms.alpn:
        facts["alpn"] = terms.alpn
    facts |= certificate.describe(terms.certificate)
    facts |= _offers(hellos, agreed=AGREED.get(terms.version, 0))
    odd = "anomaly" in facts
    return Parsed(Outcome.ANOMALY if odd else Outcome.IDENTIFIED, "L1", facts)


def _only_old(first: Turn) -> Parsed:
    chosen = server_choice(first.received)
    if chosen is None or chosen.version not in VERSIONS:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {
        "tls_version": VERSIONS[chosen.version],
        "old_versions": [VERSIONS[chosen.version]],
        "old_versions_refused": False,
    }
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


def _offers(hellos: Sequence[Turn], *, agreed: int) -> dict[str, Fact]:
    """Judge the answers; silence to the last message tells nothing."""
    facts: dict[str, Fact] = {}
    taken = {agreed} & set(VERSIONS)
    for place, (sent, answer) in enumerate(hellos):
        chosen = server_choice(answer)
        # The probe went on after a hang-up, and would not have after silence.
        refused = is_alert(answer) or (not answer and place + 1 < len(hellos))
        weak = _offers_weak(sent)
        if chosen and not _was_offered(chosen, sent):
            facts["anomaly"] = "The server chose what was not on offer."
        elif weak and (chosen or refused):
            facts["weak_cipher"] = WEAK[chosen.suite] if chosen else ""
        elif chosen:
            taken.add(chosen.version)
        elif refused and _newest(sent) == TLS_1_1:
            facts["old_versions_refused"] = True
    old = sorted(version for version in taken if version < TLS_1_2)
    if old or "old_versions_refused" in facts:
        facts["old_versions"] = [VERSIONS[version] for version in old]
        facts["old_versions_refused"] = not old
    return facts


def _was_offered(chosen: ServerChoice, sent: bytes) -> bool:
    suites = WEAK if _offers_weak(sent) else USUAL
    return SSL_3 <= chosen.version <= _newest(sent) and chosen.suite in suites


def _newest(sent: bytes) -> int:
    """Return the newest version that one of our own messages offers."""
    return int.from_bytes(sent[9:11])


def _offers_weak(sent: bytes) -> bool:
    return sent[44:46] == (2 * len(WEAK)).to_bytes(2)


_EXAMPLE = "plant.example"
PROBE = Probe(
    name="tls",
    version=2,
    ports=(443, 4433, 4443, 8043, 8443, 9443, 10443, 8883),
    is_ot=False,
    messages=(
        version_hello(TLS_1_2, _EXAMPLE),
        version_hello(TLS_1_1, _EXAMPLE),
        version_hello(TLS_1_0, _EXAMPLE),
        version_hello(SSL_3),
        weak_hello(_EXAMPLE),
    ),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
