"""What a certificate says about itself; nothing in it is trusted."""

import warnings

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from exposure.probes.base import Fact, Scalar
from exposure.probes.text import visible

MOST_NAMES = 50
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
KEY_KINDS: tuple[tuple[type, str], ...] = (
    (rsa.RSAPublicKey, "RSA"),
    (ec.EllipticCurvePublicKey, "EC"),
    (dsa.DSAPublicKey, "DSA"),
    (ed25519.Ed25519PublicKey, "Ed25519"),
    (ed448.Ed448PublicKey, "Ed448"),
)


def describe(der: bytes) -> dict[str, Fact]:
    """Return names, issuer, validity, key and signature, or why they cannot be read."""
    try:
        # A strange certificate makes the library warn; that is for its author, not us.
        with warnings.catch_warnings(action="ignore"):
            return _described(x509.load_der_x509_certificate(der))
    except UNREADABLE as error:
        return {"certificate_error": visible(str(error).encode())}


def _described(certificate: x509.Certificate) -> dict[str, Fact]:
    key = certificate.public_key()
    return {
        "subject": visible(certificate.subject.rfc4514_string().encode()),
        "issuer": visible(certificate.issuer.rfc4514_string().encode()),
        "names": _names(certificate),
        "not_before": certificate.not_valid_before_utc.isoformat(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
        "key_kind": next((n for kind, n in KEY_KINDS if isinstance(key, kind)), ""),
        "key_bits": key.key_size if isinstance(key, SIZED_KEYS) else None,
        "signature_hash": _hash_name(certificate),
        "self_signed": certificate.subject == certificate.issuer,
    }


def _names(certificate: x509.Certificate) -> list[Scalar]:
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
