"""The maths of the ledger, against published answers and a library."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.logic.ed25519 import L, ed25519_holds
from tenants.logic.ledger import Signer, signature_holds
from tenants.logic.proofs import Tree, Unreadable, read_key, read_note
from tests.tenants.ledger.made import SIGNER, entry, note_over

# The leaves and roots of RFC 6962 implementations (certificate-transparency, testdata).
LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# RFC 8032, 7.1: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def test_the_empty_tree() -> None:
    assert Tree().root() == hashlib.sha256(b"").digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_known_roots(size: int) -> None:
    tree = Tree()
    for leaf in LEAVES[:size]:
        tree.add(bytes.fromhex(leaf))

    assert tree.root().hex() == ROOTS[size - 1]


@given(st.lists(st.binary(max_size=8), max_size=40), st.data())
def test_a_tree_goes_on_where_another_stopped(
    leaves: list[bytes], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(leaves)))
    whole, first = Tree(), Tree()
    for leaf in leaves:
        whole.add(leaf)
    for leaf in leaves[:cut]:
        first.add(leaf)

    rest = Tree(first.size, tuple(first.peaks))
    for leaf in leaves[cut:]:
        rest.add(leaf)

    assert rest.root() == whole.root()


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_known_signatures(public: str, message: str, signature: str) -> None:
    parts = [bytes.fromhex(each) for each in (public, message, signature)]

    assert ed25519_holds(*parts)
    assert not ed25519_holds(parts[0], parts[1] + b"x", parts[2])
    s = (int.from_bytes(parts[2][32:], "little") + L).to_bytes(32, "little")
    assert not ed25519_holds(parts[0], parts[1], parts[2][:32] + s)  # malleable twin


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=64), st.integers(0, 511))
def test_it_agrees_with_the_library(secret: bytes, message: bytes, bit: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(secret)
    public = private.public_key().public_bytes_raw()
    signature = bytearray(private.sign(message))
    assert ed25519_holds(public, message, bytes(signature))

    signature[bit // 8] ^= 1 << bit % 8

    changed = bytes(signature)
    assert not ed25519_holds(public, message, changed)
    assert not signature_holds(public, message, changed)


@pytest.mark.parametrize("text", ["", "x", "a+b+c", "n+00000000+AQ==", "+" * 50])
def test_a_damaged_key_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="key"):
        read_key(text)


def test_a_key_survives_being_copied() -> None:
    assert read_key(f" {SIGNER.key.text()}\n") == SIGNER.key


def test_a_note_says_what_was_signed() -> None:
    lines = [entry(1), entry(2)]

    stated = read_note(note_over(lines).replace("\n", "\r\n"), SIGNER.key)

    assert stated.size == 2
    with pytest.raises(Unreadable, match="not a checkpoint of this ledger"):
        read_note(note_over(lines), Signer("sightline/x/y", b"k" * 32).key)
