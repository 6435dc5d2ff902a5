"""OpenID Connect with the authorization code flow, PKCE, and a pinned connection.

The sign-in library's own client neither checks a nonce nor, in this flow, the token's
signature, and reaches any address: docs/decisions/0013.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from django.utils import timezone

from common.exchange import OutgoingFailed
from common.outgoing import OutgoingRefused
from tenants.logic.arrivals import Arrival, NotBelieved, plain_mail
from tenants.logic.id_tokens import Expected, read_id_token
from tenants.models import IdentityProvider
from tenants.services.sign_on.providers import client

WELL_KNOWN = "/.well-known/openid-configuration"
OK = 200
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
MOST_KEYS = 50


class ProviderSilent(NotBelieved):
    """The identity provider was not reached or answered nonsense."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the provider; the browser's session keeps it meanwhile."""

    state: str
    nonce: str
    verifier: str
    callback: str
    again: bool


def address_to_ask(row: IdentityProvider, question: Question) -> str:
    """Return where the browser goes to sign in; raises ProviderSilent."""
    where = _metadata(row)["authorization_endpoint"]
    digest = hashlib.sha256(question.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": row.client_id,
        "redirect_uri": question.callback,
        "scope": "openid email profile",
        "state": question.state,
        "nonce": question.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    if question.again:
        query |= {"prompt": "login", "max_age": "0"}
    return f"{where}{'&' if '?' in where else '?'}{urlencode(query)}"


def read_answer(
    row: IdentityProvider, question: Question, answer: Mapping[str, str], *, secret: str
) -> Arrival:
    """Return who signed in, from the query of the callback; raises NotBelieved."""
    metadata = _metadata(row)
    _check_issuer(row, metadata, answer.get("iss"))
    code = answer.get("code", "")
    if not code or "error" in answer:
        raise NotBelieved("The provider refused.")
    tokens = _tokens(row, metadata, _fields(question, code), secret)
    keys = _json(metadata["jwks_uri"]).get("keys")
    if not isinstance(keys, list) or not isinstance(tokens.get("id_token"), str):
        raise ProviderSilent("The provider sent no token or no keys.")
    arrival = read_id_token(
        tokens["id_token"],
        keys=[each for each in keys if isinstance(each, dict)][:MOST_KEYS],
        expected=Expected(row.issuer, row.client_id, question.nonce),
        now=timezone.now(),
    )
    return arrival if arrival.email else _with_mail(arrival, metadata, tokens)


def _check_issuer(
    row: IdentityProvider, metadata: Mapping[str, Any], said: str | None
) -> None:
    """RFC 9207: an answer that names its issuer must name ours."""
    promised = metadata.get("authorization_response_iss_parameter_supported") is True
    if (said is not None and said != row.issuer) or (said is None and promised):
        raise NotBelieved("The answer is of another provider (iss).")


def _metadata(row: IdentityProvider) -> dict[str, Any]:
    found = _json(f"{row.issuer.rstrip('/')}{WELL_KNOWN}")
    if found.get("issuer") != row.issuer:
        raise NotBelieved("The provider's description names another issuer.")
    if not all(isinstance(found.get(each), str) for each in ENDPOINTS):
        raise ProviderSilent("The provider's description lacks an address.")
    try:
        client().check(found["authorization_endpoint"])
    except OutgoingRefused as error:
        raise NotBelieved("The provider sends people to a refused address.") from error
    return found


def _fields(question: Question, code: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": question.callback,
        "code_verifier": question.verifier,
    }


def _tokens(
    row: IdentityProvider,
    metadata: Mapping[str, Any],
    fields: Mapping[str, str],
    secret: str,
) -> dict[str, Any]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    methods = metadata.get("token_endpoint_auth_methods_supported")
    if isinstance(methods, list) and "client_secret_basic" not in methods:
        fields = {**fields, "client_id": row.client_id, "client_secret": secret}
    else:  # RFC 6749 2.3.1: both parts are form-encoded first
        pair = f"{quote(row.client_id, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return _json(
        metadata["token_endpoint"], body=urlencode(fields).encode(), headers=headers
    )


def _with_mail(
    arrival: Arrival, metadata: Mapping[str, Any], tokens: Mapping[str, Any]
) -> Arrival:
    """Ask for the address where the token has none; the subject must be the same."""
    where, token = metadata.get("userinfo_endpoint"), tokens.get("access_token")
    if not isinstance(where, str) or not isinstance(token, str):
        return arrival
    if not token.isascii() or not token.isprintable():
        return arrival
    try:
        said = _json(where, headers={"Authorization": f"Bearer {token}"})
    except ProviderSilent:  # who is linked needs no address
        return arrival
    if said.get("sub") != arrival.subject:
        raise NotBelieved("The provider describes another person.")
    verified = said.get("email_verified")
    return replace(
        arrival,
        email=plain_mail(said.get("email")),
        email_is_verified=verified if isinstance(verified, bool) else None,
    )


def _json(
    url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    sent = {"Accept": "application/json", **(headers or {})}
    try:
        if body is None:
            answer = client().get(url, headers=sent)
        else:
            answer = client().post(url, body=body, headers=sent)
        found = json.loads(answer.body) if answer.status == OK else None
    except (OutgoingRefused, OutgoingFailed) as error:
        raise ProviderSilent(f"The provider was not reached: {error}") from error
    except (ValueError, RecursionError) as error:
        raise ProviderSilent("The provider's answer is no JSON.") from error
    if not isinstance(found, dict):
        raise ProviderSilent(f"The provider answered with {answer.status}.")
    return found
