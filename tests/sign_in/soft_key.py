"""A passkey in software: makes what a browser would send, and can be made to lie."""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
SITE = "testserver"
Sent = dict[str, Any]


def b64(raw: bytes) -> str:
    """Return base64url without padding, as browsers write it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class SoftKey:
    """One credential of one site."""

    origin: str = f"https://{SITE}"
    flags: int = PRESENT | VERIFIED
    handle: bytes = b""
    ident: bytes = field(default_factory=lambda: os.urandom(32))
    secret: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: Sent) -> Sent:
        """Answer to the options of adding a passkey."""
        asked = options["publicKey"]
        self.handle = base64.urlsafe_b64decode(asked["user"]["id"] + "==")
        public = cbor.encode(ES256.from_cryptography_key(self.secret.public_key()))
        size = len(self.ident).to_bytes(2, "big")
        data = self._data(ATTESTED) + bytes(16) + size + self.ident + public
        told = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._sent(
            clientDataJSON=self._client("webauthn.create", asked["challenge"]),
            attestationObject=cbor.encode(told),
        )

    def get(self, options: Sent) -> Sent:
        """Answer to the options of signing in."""
        data = self._data(0)
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        signed = data + hashlib.sha256(client).digest()
        return self._sent(
            clientDataJSON=client,
            authenticatorData=data,
            signature=self.secret.sign(signed, ec.ECDSA(hashes.SHA256())),
            userHandle=self.handle,
        )

    def _data(self, more: int) -> bytes:
        site = hashlib.sha256(SITE.encode()).digest()
        return site + bytes([self.flags | more]) + bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps(told).encode()

    def _sent(self, **response: bytes) -> Sent:
        return {
            "id": b64(self.ident),
            "rawId": b64(self.ident),
            "type": "public-key",
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": {name: b64(raw) for name, raw in response.items()},
        }
