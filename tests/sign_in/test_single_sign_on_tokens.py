"""ID tokens of an OpenID provider that must not be believed; row 37 of the threats."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from tenants.models import IdentityProvider, User, Workspace
from tests.sign_in.company import come, refused, written
from tests.sign_in.conftest import inside
from tests.sign_in.openid_partner import CLIENT, SECRET, Claims, OpenIdPartner, rsa_key


def part(value: dict[str, Any]) -> str:
    raw = base64.urlsafe_b64encode(json.dumps(value).encode())
    return raw.decode().rstrip("=")


LIES: dict[str, Callable[[Claims], Claims]] = {
    "for another client": lambda c: {**c, "aud": "somebody-else"},
    "for two clients": lambda c: {**c, "aud": [CLIENT, "somebody-else"]},
    "for nobody": lambda c: {k: v for k, v in c.items() if k != "aud"},
    "asked for by another client": lambda c: {**c, "azp": "somebody-else"},
    "of another issuer": lambda c: {**c, "iss": "https://issuer.example"},
    "of a longer issuer": lambda c: {**c, "iss": c["iss"] + "/"},
    "with another nonce": lambda c: {**c, "nonce": "x"},
    "without a nonce": lambda c: {k: v for k, v in c.items() if k != "nonce"},
    "with a nonce that is a number": lambda c: {**c, "nonce": 7},
    "expired": lambda c: {**c, "exp": c["iat"] - 120},
    "for ever": lambda c: {k: v for k, v in c.items() if k != "exp"},
    "issued long ago": lambda c: {**c, "iat": c["iat"] - 3600},
    "issued tomorrow": lambda c: {**c, "iat": c["iat"] + 86400},
    "valid from tomorrow": lambda c: {**c, "nbf": c["iat"] + 86400},
    "about nobody": lambda c: {**c, "sub": ""},
    "about a number": lambda c: {**c, "sub": 7},
    "about a list": lambda c: {**c, "sub": ["otto-1"]},
    "with a hidden character": lambda c: {**c, "sub": "otto-1\x00"},
    "with a space around": lambda c: {**c, "sub": " otto-1"},
    "about an endless name": lambda c: {**c, "sub": "x" * 10_000},
    "asked in the future": lambda c: {**c, "auth_time": c["iat"] + 86400},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_token_is_refused(
    lie: Callable[[Claims], Claims],
    company: IdentityProvider,
    partner: OpenIdPartner,
    northmill: Workspace,
    otto_linked: User,
) -> None:
    partner.tamper = lie
    browser = Client()

    refused(browser, come(browser, partner, company))
    assert written(northmill)[-1] == "sign_on.refused"


def unsigned(claims: Claims) -> str:
    return f"{part({'alg': 'none'})}.{part(claims)}."


def signed_by_another_key(claims: Claims) -> str:
    header = {"alg": "RS256", "kid": "k1"}
    return jwt.encode(header, claims, rsa_key(), algorithms=["RS256"])


def with_the_secret(claims: Claims) -> str:
    key = OctKey.import_key(SECRET.ljust(32, "x"))
    return jwt.encode({"alg": "HS256"}, claims, key, algorithms=["HS256"])


def with_its_own_key_in_the_header(claims: Claims) -> str:
    key = rsa_key("mine")
    header = {"alg": "RS256", "kid": "mine", "jwk": key.as_dict(private=False)}
    return jwt.encode(header, claims, key, algorithms=["RS256"])


@pytest.mark.parametrize(
    "sign",
    [
        unsigned,
        lambda claims: unsigned(claims) + "AAAA",
        lambda claims: f"{part({'alg': 'None'})}.{part(claims)}.AA",
        signed_by_another_key,
        with_the_secret,
        with_its_own_key_in_the_header,
        lambda claims: part(claims),
        lambda _: "",
        lambda _: "a.b.c",
        lambda _: "\ud800.x.y",
        lambda _: "x" * 100_000,
    ],
)
def test_a_token_that_the_provider_did_not_sign_is_refused(
    sign: Callable[[Claims], str],
    company: IdentityProvider,
    partner: OpenIdPartner,
    northmill: Workspace,
    otto_linked: User,
) -> None:
    """Row 37: alg=none, and the public key or the secret used as the other one."""
    partner.sign = sign
    browser = Client()

    refused(browser, come(browser, partner, company))
    assert written(northmill)[-1] == "sign_on.refused"


def test_the_public_key_signs_nothing(
    company: IdentityProvider,
    partner: OpenIdPartner,
    northmill: Workspace,
    otto_linked: User,
) -> None:
    """Row 37: alg confusion, the public key as the secret of HS256."""
    public = partner.key.as_pem(private=False)

    def sign(claims: Claims) -> str:
        head = f"{part({'alg': 'HS256', 'kid': 'k1'})}.{part(claims)}"
        mac = hmac.new(public, head.encode(), hashlib.sha256).digest()
        return f"{head}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"

    partner.sign = sign
    browser = Client()

    refused(browser, come(browser, partner, company))
    assert written(northmill)[-1] == "sign_on.refused"


def test_other_families_of_keys_work(
    company: IdentityProvider, partner: OpenIdPartner, otto_linked: User
) -> None:
    partner.key = ECKey.generate_key("P-256", {"kid": "e1"})
    partner.algorithm = "ES256"
    browser = Client()

    come(browser, partner, company)

    assert inside(browser)
