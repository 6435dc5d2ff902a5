"""TLS: one handshake, to read the certificate and the version that was agreed on.

Old versions and weak ciphers are accepted, because the point is to see them.
"""

import ssl
import warnings
from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from exposure.probes.base import (
    IT_CAPS,
    Exchange,
    Fact,
    Outcome,
    Parsed,
    Probe,
    Target,
)
from exposure.probes.dialer import Dialer
from exposure.probes.line import TlsTerms
from exposure.probes.text import visible

MOST_NAMES = 50
# OpenSSL's SSL_OP_LEGACY_SERVER_CONNECT; the ssl module names it from Python 3.12 on.
LEGACY_SERVER_CONNECT = 0x4
# All that the library raises on certificates made to confuse it.
UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
SIZED_KEYS = (rsa.RSAPublicKey, ec.EllipticCurvePublicKey, dsa.DSAPublicKey)


def any_tls() -> ssl.SSLContext:
    """Return a client that takes every version and certificate, and trusts none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= LEGACY_SERVER_CONNECT
    return context


async def run(target: Target, *, dialer: Dialer) -> None:
    """Shake hands and leave."""
    async with dialer.connect(target, tls=any_tls()) as line:
        dialer.record_terms(line)


def parse(exchanges: Sequence[Exchange]) -> Parsed:
    """Return what the certificate says; nothing in it is trusted."""
    try:
        terms = TlsTerms.from_bytes(exchanges[0].data)
    except (IndexError, ValueError):
        return Parsed(Outcome.OTHER_PROTOCOL, "", {})
    facts: dict[str, Fact] = {"tls_version": terms.version, "cipher": terms.cipher}
    try:
        # A strange certificate makes the library warn; that is for its author, not us.
        with warnings.catch_warnings(action="ignore"):
            facts |= _certificate(x509.load_der_x509_certificate(terms.certificate))
    except UNREADABLE as error:
        facts["certificate_error"] = visible(str(error).encode())
    return Parsed(Outcome.IDENTIFIED, "L1", facts)


def _certificate(certificate: x509.Certificate) -> dict[str, Fact]:
    key = certificate.public_key()
    return {
        "subject": visible(certificate.subject.rfc4514_string().encode()),
        "issuer": visible(certificate.issuer.rfc4514_string().encode()),
        "names": _names(certificate),
        "not_before": certificate.not_valid_before_utc.isoformat(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
        "key_bits": key.key_size if isinstance(key, SIZED_KEYS) else None,
        "signature_hash": _hash_name(certificate),
        "self_signed": certificate.subject == certificate.issuer,
    }


def _names(certificate: x509.Certificate) -> list[str | int | float | bool | None]:
    try:
        names = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        ).value
    except x509.ExtensionNotFound:
        return []
    found = names.get_values_for_type(x509.DNSName)
    found += [str(ip) for ip in names.get_values_for_type(x509.IPAddress)]
    return [visible(name.encode(), limit=120) for name in found[:MOST_NAMES]]


def _hash_name(certificate: x509.Certificate) -> str:
    algorithm = certificate.signature_hash_algorithm
    return algorithm.name if algorithm else "none"


PROBE = Probe(
    name="tls",
    version=1,
    ports=(443, 4433, 4443, 8043, 8443, 9443, 10443, 8883),
    is_ot=False,
    messages=(),
    run=run,
    parse=parse,
    caps=IT_CAPS,
)
