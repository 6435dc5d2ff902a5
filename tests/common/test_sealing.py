"""Sealing of small secrets."""

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.sealing import SealBroken, open_sealed, seal

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
HERE = "workspace:1/channel:7/secret"
SECRET = b"whsec_c2lnaHRsaW5lLXNpZ2h0bGluZS1zaWdodGxpbmU="


@given(
    secret=st.binary(max_size=200),
    context=st.text(st.characters(codec="utf-8"), min_size=1),
)
def test_it_opens_what_it_sealed(secret, context):
    sealed = seal(secret, key=KEY, context=context)

    assert open_sealed(sealed, key=KEY, context=context) == secret


def test_it_shows_nothing_of_the_secret_and_never_the_same_twice():
    first = seal(SECRET, key=KEY, context=HERE)
    second = seal(SECRET, key=KEY, context=HERE)

    assert SECRET not in first
    assert first != second
    assert first[:5] == second[:5]  # version and key id


@pytest.mark.parametrize(
    ("key", "context", "words"),
    [
        (KEY, "workspace:2/channel:7/secret", "another place"),
        (KEY, "workspace:1/channel:7/secret ", "another place"),
        (OTHER_KEY, HERE, "another master key"),
        (b"short", HERE, "32 bytes"),
        (KEY, "", "named place"),
    ],
)
def test_it_refuses_another_key_or_place(key, context, words):
    sealed = seal(SECRET, key=KEY, context=HERE)

    with pytest.raises(SealBroken, match=words) as refused:
        open_sealed(sealed, key=key, context=context)

    shown = "".join(traceback.format_exception(refused.value))
    assert SECRET.decode() not in shown


def test_it_refuses_every_changed_byte():
    sealed = seal(b"secret", key=KEY, context=HERE)

    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            open_sealed(bytes(changed), key=KEY, context=HERE)


@pytest.mark.parametrize("length", [0, 1, 5, 16, 32])
def test_it_refuses_a_blob_cut_short(length):
    sealed = seal(SECRET, key=KEY, context=HERE)

    with pytest.raises(SealBroken, match="form"):
        open_sealed(sealed[:length], key=KEY, context=HERE)


def test_it_seals_small_secrets_only():
    with pytest.raises(SealBroken, match="not sealed"):
        seal(b"x" * 65537, key=KEY, context=HERE)
