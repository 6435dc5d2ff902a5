"""What the product makes of a ledger: checkpoints with their signatures, the verifier."""

import base64
import inspect
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from tenants.logic import check_export, ed25519, proofs, verify_export
from tenants.logic.proofs import Key

FUTURE = "from __future__ import annotations\n"
OWN_IMPORT = re.compile(r"^from tenants\.logic\.\w+ import (\([^)]*\)|.*)\n", re.M)


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key of 32 bytes and the name its checkpoints carry."""

    name: str
    secret: bytes

    @property
    def key(self) -> Key:
        """Return the public half."""
        private = Ed25519PrivateKey.from_private_bytes(self.secret)
        return Key(self.name, private.public_key().public_bytes_raw())

    def sign(self, body: str) -> str:
        """Return a text, whose last line must end, as a C2SP signed note."""
        private = Ed25519PrivateKey.from_private_bytes(self.secret)
        raw = self.key.id + private.sign(body.encode())
        return f"{body}\n\u2014 {self.name} {base64.b64encode(raw).decode()}\n"


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return what `ed25519_holds` returns, a hundred times as fast."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def origin_of(host: str, workspace: str) -> str:
    """Return the name of a workspace's ledger, which is unique in the world."""
    return f"sightline/{host}/{workspace}"


def checkpoint_text(name: str, *, tree: proofs.Tree, head: bytes, at_us: int) -> str:
    """Return what a checkpoint says, after C2SP tlog-checkpoint, with two lines of ours."""
    root = base64.b64encode(tree.root()).decode()
    return f"{name}\n{tree.size}\n{root}\nhead {head.hex()}\nat {at_us}\n"


def verifier() -> str:
    """Return the program that auditors run: one file, standard library only."""
    modules = (ed25519, proofs, check_export, verify_export)
    parts = [_body(inspect.getsource(each)) for each in modules]
    usage = inspect.getdoc(verify_export)
    return "\n\n".join([f'#!/usr/bin/env python3\n"""{usage}\n"""\n{FUTURE}', *parts])


def _body(source: str) -> str:
    """Return a module without its docstring and what it takes from the other parts."""
    text = source.split('"""\n\n', 1)[1].replace(FUTURE, "", 1)
    return OWN_IMPORT.sub("", text).strip("\n") + "\n"
