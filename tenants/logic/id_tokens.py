"""Reads an ID token of OpenID Connect, and believes only what its provider signed for us.

The order is that of OpenID Connect Core 3.1.3.7. The signature is checked although the
token comes over TLS: a reader that skips it takes `alg: none`.
"""

import datetime as dt
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from tenants.logic.arrivals import (
    SKEW,
    Arrival,
    NotBelieved,
    check_subject,
    plain_mail,
)

# Public keys only: with a shared secret, whoever knows it could sign for the provider.
FAMILIES = {
    "RSA": frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    "EC": frozenset({"ES256", "ES384", "ES512"}),
    "OKP": frozenset({"EdDSA", "Ed25519"}),
}
OLDEST = dt.timedelta(minutes=10)
MAX_TOKEN = 32 * 1024
MAX_NAME = 120


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token must have been made for."""

    issuer: str
    client_id: str
    nonce: str


def read_id_token(
    token: str,
    *,
    keys: Sequence[Mapping[str, Any]],
    expected: Expected,
    now: dt.datetime,
) -> Arrival:
    """Return who signed in; raises NotBelieved. `keys` are the provider's JWKs."""
    claims = _signed_claims(token, keys, expected)
    _check_audience(claims, expected)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode(errors="replace"), expected.nonce.encode()
    ):
        raise NotBelieved("The token answers another question (nonce).")
    issued = _moment(claims["iat"])
    if issued is None or not now - OLDEST <= issued <= now + SKEW:
        raise NotBelieved("The token was not issued just now.")
    at = _moment(claims.get("auth_time"))
    if at is not None and at > now + SKEW:
        raise NotBelieved("The provider asked for the password in the future.")
    verified = claims.get("email_verified")
    return Arrival(
        subject=check_subject(claims["sub"]),
        email=plain_mail(claims.get("email")),
        email_is_verified=verified if isinstance(verified, bool) else None,
        name=_name(claims.get("name")),
        at=at,
        contexts=_contexts(claims),
        message_id="",
    )


def _signed_claims(
    token: str, keys: Sequence[Mapping[str, Any]], expected: Expected
) -> dict[str, Any]:
    if len(token) > MAX_TOKEN:
        raise NotBelieved("The token is too long.")
    try:
        header = jwt.get_unverified_header(token)
        for key in _candidates(keys, header):
            try:
                return dict(
                    jwt.decode(
                        token,
                        key,
                        algorithms=[header["alg"]],
                        issuer=expected.issuer,
                        audience=expected.client_id,
                        leeway=SKEW,
                        options={"require": ["exp", "iat", "iss", "aud", "sub"]},
                    )
                )
            except jwt.InvalidSignatureError:
                continue
    except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
        raise NotBelieved(
            f"The token is not valid ({type(error).__name__})."
        ) from error
    raise NotBelieved("No key of the provider has signed the token.")


def _candidates(
    keys: Sequence[Mapping[str, Any]], header: Mapping[str, Any]
) -> Iterator[jwt.PyJWK]:
    """Yield the keys that may have signed: of the family, the id and the use."""
    algorithm, name = header.get("alg"), header.get("kid")
    for key in keys:
        family = FAMILIES.get(str(key.get("kty")), frozenset())
        if (
            algorithm in family
            and key.get("alg", algorithm) == algorithm
            and key.get("use", "sig") == "sig"
            and (name is None or key.get("kid", name) == name)
        ):
            yield jwt.PyJWK(dict(key), algorithm=str(algorithm))


def _check_audience(claims: Mapping[str, Any], expected: Expected) -> None:
    """Nobody else may be meant: a token for two clients is one that the other can replay."""
    audience = claims["aud"]
    if audience not in (expected.client_id, [expected.client_id]):
        raise NotBelieved("The token is for somebody else as well (aud).")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise NotBelieved("The token was asked for by somebody else (azp).")


def _contexts(claims: Mapping[str, Any]) -> frozenset[str]:
    methods, context = claims.get("amr"), claims.get("acr")
    said = [*(methods if isinstance(methods, list) else []), context]
    return frozenset(each for each in said if isinstance(each, str))


def _moment(value: object) -> dt.datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return dt.datetime.fromtimestamp(value, dt.UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _name(value: object) -> str:
    return " ".join(value.split())[:MAX_NAME] if isinstance(value, str) else ""
