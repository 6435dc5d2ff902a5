"""Keys and certificates of the plant's servers, made once and kept."""

import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ORGANISATION = "Northmill Dairy Ltd"


@dataclass(frozen=True)
class Wanted:
    """What a certificate shall say.

    `issuer` is the common name of the signer, "" for one signed by itself. `names`
    holds DNS names, addresses and URIs. The two days are counted from today.
    """

    common_name: str
    names: tuple[str, ...]
    issuer: str = ""
    from_day: int = -20
    until_day: int = 70


@dataclass(frozen=True)
class KeyPair:
    """The files of a certificate and its key, both PEM."""

    certificate: Path
    key: Path


def key_pair(folder: Path, name: str, wanted: Wanted) -> KeyPair:
    """Return the pair of that name; make it if it is missing or has run out unwanted."""
    pair = KeyPair(folder / f"{name}.pem", folder / f"{name}-key.pem")
    if not pair.certificate.exists() or _ran_out(pair.certificate, wanted):
        _make(pair, wanted)
    return pair


def server_context(pair: KeyPair, *, oldest: ssl.TLSVersion) -> ssl.SSLContext:
    """Return a TLS server context that still talks the `oldest` version."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if oldest < ssl.TLSVersion.TLSv1_2:
        # OpenSSL keeps old versions only below its usual security level.
        context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = oldest
    context.load_cert_chain(pair.certificate, pair.key)
    return context


def _ran_out(path: Path, wanted: Wanted) -> bool:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return wanted.until_day > 0 and certificate.not_valid_after_utc < datetime.now(UTC)


def _make(pair: KeyPair, wanted: Wanted) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    signer = key
    if wanted.issuer:
        signer = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(wanted.common_name))
        .issuer_name(_name(wanted.issuer or wanted.common_name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + timedelta(days=wanted.from_day))
        .not_valid_after(today + timedelta(days=wanted.until_day))
        .add_extension(_alternatives(wanted.names), critical=False)
    )
    for extension, critical in _uses():
        builder = builder.add_extension(extension, critical=critical)
    certificate = builder.sign(signer, hashes.SHA256())
    pem = serialization.Encoding.PEM
    pair.key.touch(mode=0o600)
    pair.key.write_bytes(
        key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    pair.certificate.write_bytes(certificate.public_bytes(pem))


def _uses() -> Iterable[tuple[x509.ExtensionType, bool]]:
    """Return what the certificate may be used for; OPC UA clients check all of it."""
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=True,
        data_encipherment=True,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    yield usage, True
    yield x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _alternatives(names: tuple[str, ...]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([_general_name(name) for name in names])


def _general_name(name: str) -> x509.GeneralName:
    if name.startswith("urn:"):
        return x509.UniformResourceIdentifier(name)
    if name.replace(".", "").isdigit():
        return x509.IPAddress(ip_address(name))
    return x509.DNSName(name)
