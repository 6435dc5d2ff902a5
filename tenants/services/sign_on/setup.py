"""What an administrator types about an identity provider, checked field by field."""

import re
from dataclasses import dataclass, field, replace

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from common.errors import InvalidInput
from common.outgoing import OutgoingClient, OutgoingRefused
from common.plain_text import reads_as_stored
from tenants.models import IdentityKind, SecondFactor

MAX_NAME, MAX_URL, MAX_ID, MAX_SECRET = 80, 500, 255, 1000
MAX_CERTIFICATES, MOST_CERTIFICATES = 20_000, 4
PEM = re.compile(
    r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----"
)
MIN_RSA_BITS = 2048
VISIBLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Setup:
    """What is typed; which fields count depends on the kind."""

    name: str
    issuer: str = ""
    client_id: str = ""
    secret: str = field(default="", repr=False)
    sso_url: str = ""
    certificates: str = ""
    second_factor: str = SecondFactor.NEVER
    vouches_for_mail: bool = False


def clean(kind: str, setup: Setup, *, client: OutgoingClient) -> Setup:
    """Return the fields as they are stored; raises InvalidInput for one that cannot be."""
    name = " ".join(setup.name.split())
    if not 0 < len(name) <= MAX_NAME or not reads_as_stored(name):
        raise InvalidInput("name", f"Give it a name of at most {MAX_NAME} characters.")
    if setup.second_factor not in SecondFactor.values:
        raise InvalidInput("second_factor", "Choose when it counts as two factors.")
    if kind == IdentityKind.OIDC:
        return _openid(replace(setup, name=name), client)
    return _saml(replace(setup, name=name), client)


def fingerprints(certificates: str) -> list[str]:
    """Return the SHA-256 of each certificate, in hexadecimal."""
    return [
        x509.load_pem_x509_certificate(each.encode()).fingerprint(hashes.SHA256()).hex()
        for each in PEM.findall(certificates)
    ]


def _openid(setup: Setup, client: OutgoingClient) -> Setup:
    issuer = setup.issuer.strip()
    _check_address("issuer", issuer, client)
    if "?" in issuer:
        raise InvalidInput("issuer", "An issuer has no part after a question mark.")
    client_id, secret = setup.client_id.strip(), setup.secret.strip()
    if not VISIBLE.fullmatch(client_id) or len(client_id) > MAX_ID:
        raise InvalidInput("client_id", "Type the client id, without spaces.")
    if secret and (not VISIBLE.fullmatch(secret) or len(secret) > MAX_SECRET):
        raise InvalidInput("secret", "Type the client secret, without spaces.")
    return replace(
        setup,
        issuer=issuer,
        client_id=client_id,
        secret=secret,
        sso_url="",
        certificates="",
    )


def _saml(setup: Setup, client: OutgoingClient) -> Setup:
    issuer, sso_url = setup.issuer.strip(), setup.sso_url.strip()
    if not VISIBLE.fullmatch(issuer) or len(issuer) > MAX_URL:
        raise InvalidInput("issuer", "Type the entity id of the provider.")
    _check_address("sso_url", sso_url, client)
    return replace(
        setup,
        issuer=issuer,
        client_id="",
        secret="",
        sso_url=sso_url,
        certificates=_certificates(setup.certificates),
        vouches_for_mail=False,
    )


def _check_address(name: str, url: str, client: OutgoingClient) -> None:
    if len(url) > MAX_URL:
        raise InvalidInput(name, f"An address has at most {MAX_URL} characters.")
    try:
        client.check(url)
    except OutgoingRefused as error:
        raise InvalidInput(name, str(error)) from error


def _certificates(text: str) -> str:
    """Return up to four certificates as PEM; keys that are too weak are refused.

    Whether they have run out is not asked: a provider's certificate carries its key and
    nothing else, and most of them sign themselves.
    """
    if len(text) > MAX_CERTIFICATES:
        raise InvalidInput("certificates", "That is too long for a certificate.")
    found = PEM.findall(text)
    if not 0 < len(found) <= MOST_CERTIFICATES:
        raise InvalidInput(
            "certificates",
            "Paste one to four certificates, each with its BEGIN and END line.",
        )
    try:
        rows = [x509.load_pem_x509_certificate(each.encode()) for each in found]
        for row in rows:
            _check_key(row.public_key())
    except ValueError as error:
        raise InvalidInput("certificates", "A certificate cannot be read.") from error
    return "".join(row.public_bytes(Encoding.PEM).decode() for row in rows)


def _check_key(key: object) -> None:
    strong = isinstance(key, ec.EllipticCurvePublicKey) or (
        isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS
    )
    if not strong:
        raise InvalidInput(
            "certificates", f"The key is too weak: RSA takes {MIN_RSA_BITS} bits."
        )
