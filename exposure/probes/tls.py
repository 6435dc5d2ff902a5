"""TLS: one handshake, to read the certificate and the version that was agreed on.

Old versions and weak ciphers are accepted, because the point is to see them.
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
    turns,
)
from exposure.probes.dialer import Dialer
from exposure.probes.line import TlsTerms

# OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT; the ssl module names it from Python 3.12 on.
LEGACY_SERVER_CONNECT = 0x4
INSIDE = ("h2", "http/1.1")


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


async def run(target: Target, *, dialer: Dialer) -> None:
    """Shake hands and leave."""
    async with dialer.connect(target, tls=any_tls(protocols=INSIDE)) as line:
        dialer.record_terms(line)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return what was agreed on, and what the certificate says of itself."""
    heard = b"".join(turn.received for turn in turns(exchanges))
    try:
        terms = TlsTerms.from_bytes(heard)
    except ValueError:
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"tls_version": terms.version, "cipher": terms.cipher}
    if terms.alpn:
        facts["alpn"] = terms.alpn
    described = certificate.describe(terms.certificate)
    return Parsed(Outcome.IDENTIFIED, "L1", facts | described)


PROBE = Probe(
    name="tls",
    version=2,
    ports=(443, 4433, 4443, 8043, 8443, 9443, 10443, 8883),
    is_ot=False,
    messages=(),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
