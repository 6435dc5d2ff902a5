"""An OpenID provider on a loopback port that says what a test tells it to.

It keeps its side of the protocol: a code works once, for the client that asked, with the
secret and the verifier of PKCE. It signs with joserfc, and we check with PyJWT.
"""

import base64
import contextlib
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "sightline", "s3cret/with:signs+"
Claims = dict[str, Any]


def rsa_key(name: str = "k1") -> RSAKey:
    """Return a new signing key."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


@dataclass
class OpenIdPartner:
    """The provider: its key, whom it lets in, and how it lies."""

    url: str = ""
    key: RSAKey | ECKey = field(default_factory=rsa_key)
    algorithm: str = "RS256"
    tamper: Callable[[Claims], Claims] = lambda claims: claims
    sign: Callable[[Claims], str] | None = None
    more: Claims = field(default_factory=dict)  # of its description
    userinfo: Claims | None = None
    codes: dict[str, Claims] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def lets_in(self, asked: str, *, sub: str, **claims: Any) -> str:
        """Let a person in who came with an address; return the query they go back with."""
        question = {k: v[0] for k, v in parse_qs(urlsplit(asked).query).items()}
        assert asked.startswith(f"{self.url}/authorize?")
        assert question["response_type"] == "code"
        assert question["code_challenge_method"] == "S256"
        assert "openid" in question["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = {"question": question, "sub": sub, "claims": claims}
        return urlencode({"code": code, "state": question["state"]})

    def metadata(self) -> Claims:
        """Return its description."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            **self.more,
        }

    def token(self, fields: dict[str, str], authorization: str) -> Claims | None:
        """Redeem a code, once."""
        made = self.codes.pop(fields.get("code", ""), None)
        pair = base64.b64encode(f"{CLIENT}:s3cret%2Fwith%3Asigns%2B".encode()).decode()
        if made is None or authorization != f"Basic {pair}":
            return None
        digest = hashlib.sha256(fields["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        question = made["question"]
        if (
            challenge != question["code_challenge"]
            or fields["redirect_uri"] != question["redirect_uri"]
        ):
            return None
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": question["client_id"],
            "sub": made["sub"],
            "nonce": question["nonce"],
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            **made["claims"],
        }
        signed = (self.sign or self._sign)(self.tamper(claims))
        return {"id_token": signed, "access_token": "at", "token_type": "Bearer"}

    def _sign(self, claims: Claims) -> str:
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])

    def keys(self) -> Claims:
        """Return its public keys."""
        return {"keys": [self.key.as_dict(private=False)]}


@contextlib.contextmanager
def running() -> Iterator[OpenIdPartner]:
    """Run a provider until the block ends."""
    partner = OpenIdPartner()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            partner.calls.append(self.path)
            found = {
                "/.well-known/openid-configuration": partner.metadata,
                "/keys": partner.keys,
                "/userinfo": lambda: partner.userinfo,
            }.get(self.path)
            self._say(found() if found else None)

        def do_POST(self) -> None:
            partner.calls.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = {k: v[0] for k, v in parse_qs(body).items()}
            self._say(partner.token(fields, self.headers.get("Authorization", "")))

        def _say(self, answer: Claims | None) -> None:
            raw = json.dumps(answer).encode()
            self.send_response(200 if answer is not None else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    partner.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield partner
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
