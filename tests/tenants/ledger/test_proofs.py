"""The maths of the ledger, against published answers and a library."""

import base64
import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from common.canonical import canonical_bytes
from tenants.logic.ed25519 import L, P, ed25519_holds
from tenants.logic.ledger import Signer, signature_holds
from tenants.logic.proofs import Tree, Unreadable, canonical, read_key, read_note
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


# The example of the C2SP signed note and of Go's golang.org/x/mod/sumdb/note.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NOTE = b"""If you think cryptography is the answer to your problem,
then you don't know what your problem is.
"""
SIGNED = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="


def test_the_known_signed_note() -> None:
    key, raw = read_key(NEUMANN), base64.b64decode(SIGNED)

    assert raw[:4] == key.id
    assert ed25519_holds(key.public, NOTE, raw[4:])
    assert not ed25519_holds(key.public, NOTE[:-1], raw[4:])
    assert key.text() == NEUMANN


@pytest.mark.parametrize(
    "point",
    [
        (2).to_bytes(32, "little"),  # no x belongs to this y
        P.to_bytes(32, "little"),  # 0, written another way
        (2**255 - 1).to_bytes(32, "little"),
        (1 | 1 << 255).to_bytes(32, "little"),  # x is 0 and said to be odd
        b"",
        b"\0" * 31,
        b"\0" * 33,
    ],
)
def test_what_is_no_point_is_neither_a_key_nor_a_signature(point: bytes) -> None:
    public, message, signature = (bytes.fromhex(each) for each in VECTORS[1])

    assert not ed25519_holds(point, message, signature)
    assert not ed25519_holds(public, message, point + signature[32:])


@pytest.mark.parametrize("neutral", [P + 1, 1 | 1 << 255, (P + 1) | 1 << 255])
def test_a_second_spelling_of_the_neutral_point_signs_nothing(neutral: int) -> None:
    base = (4 * pow(5, P - 2, P) % P).to_bytes(32, "little")
    one = (1).to_bytes(32, "little")

    # As a key, the neutral point would accept this for every message.
    assert ed25519_holds(one, b"", base + one)
    assert not ed25519_holds(neutral.to_bytes(32, "little"), b"", base + one)


@pytest.mark.parametrize("length", [0, 63, 65, 128])
def test_a_signature_has_one_length(length: int) -> None:
    public, message, signature = (bytes.fromhex(each) for each in VECTORS[0])

    assert not ed25519_holds(public, message, (signature * 2)[:length])


def root_of(leaves: list[bytes]) -> bytes:
    """Return the root as RFC 6962, 2.1 defines it: word by word, slow."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    both = root_of(leaves[:split]) + root_of(leaves[split:])
    return hashlib.sha256(b"\1" + both).digest()


def test_the_root_is_right_at_every_size() -> None:
    leaves = [str(number).encode() for number in range(300)]
    tree = Tree()
    for size in range(len(leaves) + 1):
        assert tree.root() == root_of(leaves[:size])
        if size < len(leaves):
            tree.add(leaves[size])


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.integers(1, 12), st.integers(0, 999))
def test_what_we_sign_anybody_can_check(secret: bytes, size: int, at: int) -> None:
    signer = Signer(SIGNER.name, secret)
    note = note_over([entry(seq) for seq in range(1, size + 1)], signer=signer)
    assert read_note(note, signer.key) == read_note(note, signer.key, signature_holds)

    at %= note.index("\n\n")
    changed = note[:at] + chr(ord(note[at]) ^ 1) + note[at + 1 :]

    with pytest.raises(Unreadable):
        read_note(changed, signer.key)


@given(st.dictionaries(st.text("abc_"), st.text() | st.integers(0, 2**53 - 1)))
def test_the_verifier_writes_json_as_the_product_does(value: dict[str, Any]) -> None:
    assert canonical(value) == canonical_bytes(value)
